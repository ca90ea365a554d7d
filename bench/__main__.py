"""`python -m bench`: prints what the product costs; `--strict` makes a crossed limit an error."""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from bench import delivery, story, ticking, two_deliverers
from bench.databases import PostgresServer, SqliteFiles
from bench.launching import LIMIT, Measured, measure
from bench.register import UNITS, fill_register


def main() -> int:
    """Runs the benches; 1 where `--strict` is given and a limit is crossed."""
    parser = argparse.ArgumentParser(prog="bench", description="What the product costs beside the bare database.")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a limit is crossed")
    parser.add_argument("--only", choices=SECTIONS, help="one of the tables")
    given = parser.parse_args()
    crossed = [section() for name, section in SECTIONS.items() if given.only in (None, name)]
    return int(given.strict and any(crossed))


def _launches() -> bool:
    print(f"Launch of one duty to {UNITS:,} units (task + history + notice), medians in seconds\n")
    print(f"{'database':<12}{'executemany':>12}{'launch':>10}{'ratio':>8}{'limit':>8}")
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-", ignore_cleanup_errors=True) as folder:
        files = SqliteFiles(Path(folder), fill_register)
        measured = [_row(measure(files.name, files.fresh))]
        server = PostgresServer(Path(folder), fill_register)
        try:
            measured.append(_row(measure(server.name, server.fresh)))
        finally:
            server.stop()
    return any(one.ratio > LIMIT for one in measured)


def _story() -> bool:
    print("\nThe bundled directive (no limits)\n")
    print(f"{'':<22}{'letters':>8}{'seconds':>10}{'ms/letter':>11}{'letters/s':>11}")
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-") as folder:
        for one in story.measure(Path(folder)):
            each = one.seconds / max(one.letters, 1)
            print(
                f"{one.what:<22}{one.letters:>8}{one.seconds:>10.2f}{each * 1000:>11.1f}{1 / each:>11.0f}", flush=True
            )
    return False


def _row(one: Measured) -> Measured:
    floor, launched = statistics.median(one.floor), statistics.median(one.launch)
    over = "  over the limit" if one.ratio > LIMIT else ""
    print(f"{one.database:<12}{floor:>12.3f}{launched:>10.3f}{one.ratio:>7.2f}x{LIMIT:>7.1f}x{over}", flush=True)
    return one


SECTIONS = {
    "launch": _launches,
    "tick": ticking.print_section,
    "delivery": delivery.print_section,
    "two": two_deliverers.print_section,
    "story": _story,
}
"""Each prints its table and says whether a limit is crossed."""

if __name__ == "__main__":
    sys.exit(main())
