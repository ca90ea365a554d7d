"""`python -m tests.soak --seeds 30`, or `--seed 7 --steps 3,17!,40-45` to play a failing story again.

`--hours 8 --jobs 2`: fresh seeds until the night is over. `--kept FILE`: what was played is kept there, and a later
sitting goes on after it and adds up both.
"""

import argparse
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.results import commit
from tests.soak import kept
from tests.soak.crowd import side_by_side
from tests.soak.soak import YEAR, Summary, add_up, share, smallest, tell
from tests.soak.stage import open_stage
from tests.soak.story import choose, write_story

SEEDS = 30
A_DAYS_SEEDS = 10_000


def main() -> int:
    """1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument(
        "--seeds", type=int, help=f"how many to play, from --first on ({SEEDS}, or until --hours are over)"
    )
    parser.add_argument("--first", type=int, help="1, or with --hours one that only this day has")
    parser.add_argument("--hours", type=float, help="begin no seed after so long")
    parser.add_argument("--kept", type=Path, metavar="FILE", help="JSON, what each commit reached")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--days", type=int, default=YEAR, help="simulated days of each")
    parser.add_argument("--seed", type=int, help="play this one only")
    parser.add_argument("--steps", default="", help="of that seed's story, as a failing run has told them")
    parser.add_argument("--shrink", type=int, default=0, metavar="RUNS", help="make that story small in so many runs")
    parser.add_argument("--harsh", action="store_true", help="its harsh story, as the old bugs are found by")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own instead of SQLite")
    given = parser.parse_args()
    if given.seed is not None:
        return _again(given)
    is_night = given.hours is not None
    first = given.first or (int(f"{datetime.now(UTC):%y%m%d}") * A_DAYS_SEEDS if is_night else 1)
    number = (A_DAYS_SEEDS if is_night else SEEDS) if given.seeds is None else given.seeds
    summary = Summary()
    for earlier in kept.read(given.kept).values() if given.kept else ():
        summary.merge(earlier)
    seeds = sorted({*range(first, first + number)}.difference(summary.seeds))
    until = time.time() + given.hours * 3600 if is_night else None
    works = [
        partial(share, seeds[place :: given.jobs], given.days, until, on_postgresql=given.postgresql)
        for place in range(given.jobs)
    ]
    played = works[0]() if given.jobs == 1 else side_by_side(works)
    add_up(kept.keep(given.kept, commit(), played) if given.kept else played, _say, summary)
    _say(str(summary))
    if given.kept:
        _say(f"seeds by commit: { {name: len(one.seeds) for name, one in kept.read(given.kept).items()} }")
    return 1 if summary.failed else 0


def _again(given: argparse.Namespace) -> int:
    story = write_story(given.seed, given.days, harsh=given.harsh)
    steps = choose(story, given.steps)
    with ExitStack() as closing:
        stage = open_stage(closing, on_postgresql=given.postgresql)
        result = stage.run(given.seed, steps)
        if result.violations and given.shrink:
            steps = smallest(stage, given.seed, steps, result, runs=given.shrink)
            result = stage.run(given.seed, steps)
    _say(tell(given.seed, given.days, steps, story, result.violations))
    return 1 if result.violations else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
