"""`python -m tests.mutants [MODULE …]`: changes the rules one small thing at a time and asks whether a test notices.

Without modules all of a scope. The figures of survivors.txt are written anew from the newest run over each module.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence

from tests.mutants.outside import run_outside
from tests.mutants.run import keep, run
from tests.mutants.scopes import RULES, SCOPES, Scope, module_name
from tests.mutants.survivors import RECORD, Change, Score, explained, score, table, written


def main(given: Sequence[str]) -> int:
    """1 where a mutant lives that nobody has explained, an explained one does not, or too few were killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="such as ladder; all of the scope for none")
    parser.add_argument("--scope", choices=SCOPES, default=RULES.name)
    parser.add_argument("--tables", action="store_true", help="what stands outside plain functions, in their place")
    parser.add_argument("--page", action="store_true", help="run nothing: the figures anew, after an explanation")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="mutants at a time")
    chosen = parser.parse_args(given)
    os.environ["TZ"] = "Asia/Ho_Chi_Minh"  # the same everywhere, and not the one that is stored
    time.tzset()
    scope = SCOPES[chosen.scope]
    modules = scope.chosen(chosen.modules)
    if chosen.page:
        fresh: Iterator[Score] = iter(())
    else:
        fresh = (_tables if chosen.tables else _functions)(scope, modules, chosen.jobs)
    names = [scope.name, f"{scope.name}-tables"]
    name = names.pop(chosen.tables)
    kept, others = keep(name, scope, fresh), keep(names[0], scope, [])
    text = RECORD.read_text(encoding="utf-8")
    shown = [one for one in kept if chosen.page or one.module in map(module_name, modules)]
    _say(table(shown, explained(text)))
    is_whole = {one.module for one in kept} == set(map(module_name, scope.modules))
    if is_whole:
        RECORD.write_text(written(text, name, kept), encoding="utf-8")
    return _judge(scope, kept if is_whole else shown, others, explained(text), is_whole=is_whole)


def _functions(scope: Scope, modules: Sequence[str], jobs: int) -> Iterator[Score]:
    home = run(scope, modules, jobs)
    for path in modules:
        yield score(path, home)


def _tables(scope: Scope, modules: Sequence[str], jobs: int) -> Iterator[Score]:
    for path in modules:
        found = run_outside(scope, path, jobs)
        _say(f"{path}: {found.killed} of {found.mutants} killed")
        yield found


def _judge(
    scope: Scope, scores: Sequence[Score], others: Sequence[Score], known: dict[Change, str], *, is_whole: bool
) -> int:
    """`others`: of tables beside functions, or the other way round; an explanation may be of either."""
    alive = {change for one in scores for change in one.survivors}
    unexplained = sorted(alive - known.keys())
    alive |= {change for one in others for change in one.survivors}
    run_over = {one.module for one in scores} & {one.module for one in others}
    stale = sorted(change for change in known.keys() - alive if change.place.partition(".")[0] in run_over)
    for title, changes in (("nobody has explained", unexplained), ("explained, and no longer alive", stale)):
        if changes:
            _say(f"\n{title}: {len(changes)}", *map(str, changes))
    killed, made = sum(one.killed for one in scores), sum(one.mutants for one in scores)
    too_few = is_whole and killed < scope.least * made
    if too_few:
        _say(f"\nof {made} mutants {killed} were killed; {scope.least:.0%} were to be")
    return 1 if unexplained or stale or too_few else 0


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()  # before a process is split off that would say it again


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
