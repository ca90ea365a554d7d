"""`python -m bench`: prints what the product costs, and keeps it; `--strict` makes a crossed limit an error."""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.results import KEPT, Result, Section, commit, merge, read, versions
from bench.sections import FULL, ONLY_FULL, QUICK, SECTIONS, Scale, disk_needed


def main() -> int:
    """Runs the benches; 1 where `--strict` is given and a limit is crossed."""
    parser = argparse.ArgumentParser(prog="bench", description="What the product costs beside bare SQL and its peers.")
    parser.add_argument("--full", action="store_true", help="up to 10,000,000 tasks, as far as the disk allows")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a limit is crossed")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="this section; may be repeated (all)")
    parser.add_argument("--resume", action="store_true", help="leave out what was measured at this very commit already")
    given = parser.parse_args()
    scale = FULL if given.full else QUICK
    if given.full:
        print(f"needs up to {disk_needed(scale):.0f} GB in {tempfile.gettempdir()} (TMPDIR names another folder)")
    done = _done(scale) if given.resume else set()
    wanted = given.only or [name for name in SECTIONS if given.full or name not in ONLY_FULL]
    print(f"{'':<34}{'database':<12}{'size':>12}{'floor':>11}{'ours':>11}{'ratio':>9}{'limit':>9}")
    crossed = [_section(name, scale) for name in wanted if name not in done]
    print(f"\nkept in {_kept(scale)}")
    return int(given.strict and any(crossed))


def _done(scale: Scale) -> set[str]:
    run, here = read(_kept(scale)), commit()
    return {name for name, one in run.sections.items() if one.commit == here} if run is not None else set()


def _kept(scale: Scale) -> Path:
    return KEPT / ("bench-full.json" if scale.full else "bench.json")


def _section(name: str, scale: Scale) -> bool:
    """Measures, prints and keeps one; whether a limit is crossed."""
    started, results = time.perf_counter(), []
    print(f"\n{name}", flush=True)
    for one in SECTIONS[name](scale):
        results.append(one)
        print(line(one), flush=True)
    took = time.perf_counter() - started
    print(f"  {took:.0f} s in all", flush=True)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    merge(_kept(scale), name, Section(tuple(results), at, commit(), scale.full, took, versions()))
    return any(one.is_over for one in results)


def line(one: Result) -> str:
    """A line of the printed table."""
    limit = "–" if one.limit is None else f"{one.direction} {one.limit:g}"
    floor = _figure(one.floor, one.unit) if one.floor else "–"
    ratio = "–" if one.ratio is None else f"{one.ratio:.2f}x"
    over, against = "  over the limit" if one.is_over else "", f"  ({one.against})" if one.against else ""
    return (
        f"  {one.name:<32}{one.database:<12}{one.size:>12,}{floor:>11}{_figure(one.ours, one.unit):>11}{ratio:>9}"
        f"{limit:>9}{over}{against}"
    )


def _figure(turns: Sequence[float], unit: str) -> str:
    return f"{statistics.median(turns):.3f} s" if unit == "s" else f"{statistics.median(turns):.1f} {unit}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
