"""Writes the figures and plots of docs/performance.md from the reference run: `python -m docs.make_performance [RUN]`.

With the path of a run (var/bench/bench-full.json), its sections become the reference first; those that it did not
measure stay, if they are of the same machine. No number of the tables is typed by hand; a test holds the page to them.
"""

import re
import statistics
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.open_tasks import DUE
from bench.plot import plots
from bench.results import REFERENCE, ROOT, Result, Run, keep, read

PAGE = ROOT / "docs" / "performance.md"
PLOTS = ROOT / "docs" / "performance"
_PLACE = re.compile(r"(<!-- (machine|limits) -->\n).*?(<!-- end -->)", re.DOTALL)


def main(given: Sequence[str]) -> None:
    """Takes a run over, where one is named, and writes the page and its plots."""
    if given:
        _take_over(Path(given[0]))
    run = read(REFERENCE)
    if run is None:
        raise SystemExit(f"{REFERENCE.relative_to(ROOT)}: there is no run yet; name one, such as var/bench/bench.json")
    PAGE.write_text(page(run, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    PLOTS.mkdir(exist_ok=True)
    for name, svg in plots(run, DUE).items():
        (PLOTS / name).write_text(svg, encoding="utf-8")


def page(run: Run, text: str) -> str:
    """The page with what stands between its marks made anew."""
    made = {"machine": _machine, "limits": _limits}
    return _PLACE.sub(lambda found: f"{found[1]}\n{made[found[2]](run)}\n\n{found[3]}", text)


def _take_over(path: Path) -> None:
    new = read(path)
    if new is None:
        raise SystemExit(f"{path}: there is no such run")
    old = read(REFERENCE)
    keep(REFERENCE, new if old is None or old.machine != new.machine else Run(new.machine, old.sections | new.sections))


def _limits(run: Run) -> str:
    """A table of what has a limit, each at the largest size that was measured."""
    heads = ("", "database", "size", "floor", "ours", "ratio", "limit", "held")
    lines = [_row(heads), _row(["---", "---", *(["---:"] * 5), "---"])]
    for section, measured in run.sections.items():
        largest: dict[tuple[str, str], Result] = {}
        for one in measured.results:
            kept = largest.get((one.name, one.database))
            if one.limit is not None and (kept is None or one.size >= kept.size):
                largest[one.name, one.database] = one
        lines += [_row(_cells(section, one)) for one in largest.values()]
    return "\n".join(lines)


def _cells(section: str, one: Result) -> Iterable[str]:
    name = one.name if one.name.startswith(section) else f"{section}: {one.name}"
    yield f"{name} ({one.against})" if one.against else name
    yield one.database
    yield f"{one.size:,}"
    yield _median(one.floor, one.unit) if one.floor else "–"
    yield _median(one.ours, one.unit)
    yield "–" if one.ratio is None else f"{one.ratio:,.2f}"
    yield f"{one.direction} {one.limit:g}"
    yield "**no**" if one.is_over else "yes"


def _median(turns: Sequence[float], unit: str) -> str:
    value = statistics.median(turns)
    digits = 1 if unit != "s" else 3 if value < 10 else 1
    return f"{value:,.{digits}f} {unit}".rstrip()


def _machine(run: Run) -> str:
    told = run.machine
    where = f"{told['cpu']}, {told['cores']} cores, {told['memory_gib']} GiB, Python {told['python']}"
    days = sorted({one.measured_at[:10] for one in run.sections.values()})
    commits = ", ".join(f"{name} {one.commit}" for name, one in run.sections.items())
    return f"{where}; {' and '.join(days)}, at the commits: {commits}."


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main(sys.argv[1:])
