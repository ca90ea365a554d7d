"""`python -m bench`: prints what the product costs; `--strict` makes a crossed limit an error."""

import argparse
import sys
import tempfile
from pathlib import Path

from bench import delivery, launching, story, ticking


def main() -> int:
    """Runs the benches; 1 where `--strict` is given and a limit is crossed."""
    parser = argparse.ArgumentParser(prog="bench", description="What the product costs beside the bare database.")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a limit is crossed")
    parser.add_argument("--only", choices=SECTIONS, help="one of the tables")
    given = parser.parse_args()
    crossed = [section() for name, section in SECTIONS.items() if given.only in (None, name)]
    return int(given.strict and any(crossed))


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


SECTIONS = {
    "launch": launching.print_section,
    "tick": ticking.print_section,
    "delivery": delivery.print_section,
    "story": _story,
}
"""Each prints its table and says whether a limit is crossed."""

if __name__ == "__main__":
    sys.exit(main())
