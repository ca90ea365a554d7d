"""`python -m bench.government`: fills an empty database with a believable government."""

import argparse
import sys
import time
from datetime import date

from sqlalchemy import text

from bench.government.filling import TODAY, YEARS, fill_government
from models.database.secret_keys import keys_of
from models.database.session import open_engine, reading
from models.settings import Settings

_COUNTED = ("unit", "person", "directive", "duty", "task", "history", "notice", "letter", "result", "extension")


def main() -> int:
    """Fills it and says what is there."""
    parser = argparse.ArgumentParser(prog="bench.government", description="A believable government of any size.")
    parser.add_argument("--units", type=int, default=20_000, help="how many units (20,000)")
    parser.add_argument("--tasks", type=int, default=100_000, help="how many tasks (100,000)")
    parser.add_argument("--years", type=int, default=YEARS, help=f"over how many years ({YEARS})")
    parser.add_argument("--today", type=date.fromisoformat, default=TODAY, help=f"the day it is ({TODAY})")
    parser.add_argument("--seed", type=int, default=2004, help="another seed, another government")
    parser.add_argument("--letters-days", type=int, help="keep letters and notices of so many days only (all)")
    parser.add_argument("--database-url", help="an empty database; else the one of the settings")
    given = parser.parse_args()
    settings = Settings()
    engine = open_engine(given.database_url or settings.url, keys_of(settings))
    started = time.perf_counter()
    made = fill_government(
        engine,
        units=given.units,
        tasks=given.tasks,
        seed=given.seed,
        today=given.today,
        years=given.years,
        letters_days=given.letters_days,
    )
    took = time.perf_counter() - started
    engine.dispose()
    print(f"made in {took:.1f} s; it is {made.now:%Y-%m-%d %H:%M} UTC there")
    with reading(engine) as session:
        for table in _COUNTED:
            print(f"{table:<12}{session.execute(text(f'SELECT count(*) FROM {table}')).scalar_one():>12,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
