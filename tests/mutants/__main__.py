"""`python -m tests.mutants` after `mutmut run`: the share that was killed, and who lives without an explanation.

Ends with 1 where a mutant lives that survivors.txt does not explain, an explained one does not, or too few were killed.
"""

import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

from tests.mutants.survivors import Change, explained, one_line

LEAST = 0.9
KILLED, NOT_RUN = ("killed", "timeout"), "not checked"


def main() -> int:
    lives: dict[str, list[Change]] = defaultdict(list)
    killed: Counter[str] = Counter()
    for line in _mutmut("results", "--all", "true").splitlines():
        name, _, status = line.strip().partition(": ")
        module = name.split(".")[-2]
        if status in KILLED:
            killed[module] += 1
        elif status != NOT_RUN:
            lives[module].append(_change(module, name))
    known, alive = explained(), {change for changes in lives.values() for change in changes}
    for module in sorted(killed.keys() | lives.keys()):
        made, told = killed[module] + len(lives[module]), len(known & set(lives[module]))
        print(f"{module:<24}{killed[module]:>5} of {made:>5} killed {killed[module] / made:>8.1%}{told:>5} explained")
    unexplained = sorted(alive - known)
    stale = sorted(one for one in known - alive if one.place.partition(".")[0] in killed.keys() | lives.keys())
    for title, changes in (("nobody has explained", unexplained), ("explained, and no longer alive", stale)):
        if changes:
            print(f"\n{title}: {len(changes)}", *changes, sep="\n")
    made = killed.total() + len(alive)
    print(f"\n{killed.total()} of {made} killed; {LEAST:.0%} are to be")
    return 1 if unexplained or stale or killed.total() < LEAST * made else 0


def _change(module: str, name: str) -> Change:
    """Of a mutant that mutmut calls `workflows.rules.tasks.task_life.xǁLifeǁhappened__mutmut_1`."""
    function = name.rpartition(".")[2].rpartition("__mutmut_")[0]
    place = function.removeprefix("xǁ").replace("ǁ", ".") if "ǁ" in function else function.removeprefix("x_")
    diff = [line for line in _mutmut("show", name).splitlines() if not line.startswith(("---", "+++"))]
    was, became = (one_line("\n".join(line[1:] for line in diff if line.startswith(sign))) for sign in "-+")
    return Change(f"{module}.{place}", was, became or "(left out)")


def _mutmut(*arguments: str) -> str:
    beside = Path(sys.executable).with_name("mutmut")
    return subprocess.run([beside, *arguments], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
