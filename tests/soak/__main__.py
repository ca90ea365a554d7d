"""`python -m tests.soak --seeds 30`, or `--seed 7 --steps 3,17!,40-45` to play a failing story again."""

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from models.schema import migrate
from models.session import open_engine
from tests.soak.soak import YEAR, Say, smallest, soak, tell
from tests.soak.stage import OnPostgres, OnSqlite, Stage
from tests.soak.story import choose, write_story


def main() -> int:
    """1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seeds", type=int, default=30, help="how many seeds to play, from --first on")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--days", type=int, default=YEAR, help="simulated days of each")
    parser.add_argument("--seed", type=int, help="play this one only")
    parser.add_argument("--steps", default="", help="of that seed's story, as a failing run has told them")
    parser.add_argument("--shrink", type=int, default=0, metavar="RUNS", help="make that story small in so many runs")
    parser.add_argument("--harsh", action="store_true", help="its harsh story, as the old bugs are found by")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own instead of SQLite")
    given = parser.parse_args()

    def say(text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    with tempfile.TemporaryDirectory(prefix="dondoc-soak-") as folder, ExitStack() as closing:
        stage = open_stage(Path(folder), closing, on_postgresql=given.postgresql)
        if given.seed is not None:
            return _again(stage, given, say)
        summary = soak(stage, range(given.first, given.first + given.seeds), given.days, say)
    say(str(summary))
    return 1 if summary.failed else 0


def open_stage(folder: Path, closing: ExitStack, *, on_postgresql: bool = False) -> Stage:
    """A stage with a migrated database of its own."""
    if on_postgresql:
        from tests.postgres import PostgresServer

        server = PostgresServer(folder / "data")
        closing.callback(server.stop)
        return Stage(OnPostgres(server), folder)
    migrated = folder / "migrated.sqlite"
    engine = open_engine(f"sqlite:///{migrated}")
    migrate(engine)
    engine.dispose()
    return Stage(OnSqlite(folder, migrated), folder)


def _again(stage: Stage, given: argparse.Namespace, say: Say) -> int:
    story = write_story(given.seed, given.days, harsh=given.harsh)
    steps = choose(story, given.steps)
    result = stage.run(given.seed, steps)
    if result.violations and given.shrink:
        steps = smallest(stage, given.seed, steps, result, runs=given.shrink)
        result = stage.run(given.seed, steps)
    say(tell(given.seed, given.days, steps, story, result.violations))
    return 1 if result.violations else 0


if __name__ == "__main__":
    sys.exit(main())
