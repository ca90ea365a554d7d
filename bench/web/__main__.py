"""`python -m bench.web`: prints what the pages cost; `--strict` makes a crossed limit an error."""

import argparse
import sys
import tempfile
from pathlib import Path

from bench.web.dataset import kept_in, on_postgres, on_sqlite
from bench.web.measuring import LIMIT, MOST_BYTES, RATE, Measured, measure
from bench.web.pages import PAGES
from bench.web.register import DIRECTIVES

_DATABASES = {"SQLite": on_sqlite, "PostgreSQL": on_postgres}


def main() -> int:
    """Runs the bench; 1 where `--strict` is given and a limit is crossed."""
    parser = argparse.ArgumentParser(prog="bench.web", description="What the pages cost beside their bare SQL.")
    parser.add_argument("--tasks", type=int, default=1_000_000, help="size of the installation (1,000,000)")
    parser.add_argument("--only", choices=[name.lower() for name in _DATABASES], help="one of the databases")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a limit is crossed")
    parser.add_argument("--page", choices=list(PAGES), action="append", help="this page; may be repeated (all)")
    given = parser.parse_args()
    print(
        f"Pages on {given.tasks:,} tasks of {DIRECTIVES} directives: medians in ms beside their SQL by the bare driver"
    )
    print(
        f"and an empty page of the same stack; p95 at {RATE} requests/s, or at half of what one process can answer;\n"
        f"bytes over the wire (at most {MOST_BYTES:,})"
    )
    crossed = False
    for name, kept in _DATABASES.items():
        if given.only in (None, name.lower()):
            with (
                kept(kept_in(), given.tasks, print) as url,
                tempfile.TemporaryDirectory(prefix="dondoc-bench-") as data,
            ):
                _head(name)
                for one in measure(url, Path(data), given.page or list(PAGES)):
                    if isinstance(one, Measured):
                        _row(one)
                        crossed = crossed or one.is_over
                    else:
                        print(f"{'all of these by turns':<57}{one[0]:>10.1f}{one[1] * 1000:>8.1f}")
    return int(given.strict and crossed)


def _head(database: str) -> None:
    print(
        f"\n{database:<26}{'SQL':>8}{'empty':>8}{'page':>8}{'ratio':>8}{'limit':>7}{'a second':>10}{'p95':>8}", end=""
    )
    print(f"{'queries':>9}{'HTML':>9}{'first visit':>13}")


def _row(one: Measured) -> None:
    fewest, most = one.queries
    times = "".join(f"{seconds * 1000:>8.1f}" for seconds in (one.sql, one.empty, one.took))
    queries = str(most) if fewest == most else f"{fewest}–{most}"
    print(
        f"{one.page:<26}{times}{one.ratio:>7.2f}x{LIMIT:>6.1f}x"
        f"{one.rate:>10.1f}{one.p95 * 1000:>8.1f}{queries:>9}{one.html:>9,}"
        f"{one.first_visit:>13,}{'  over the limit' if one.is_over else ''}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
