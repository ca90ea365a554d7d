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
_ALT = {
    "launch": "Cost of a launch for each task, against its size",
    "tick": "Cost of a tick for each due task, against how many are open",
    "peers": "How many times our seconds the others take",
}
"""What the plots show, by section."""
_PLACE = re.compile(r"(<!-- figures: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)


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
    """The page with the tables between its marks made anew."""
    return _PLACE.sub(lambda found: f"{found[1]}\n{_figures(run, found[2])}\n\n{found[3]}", text)


def _take_over(path: Path) -> None:
    new = read(path)
    if new is None:
        raise SystemExit(f"{path}: there is no such run")
    old = read(REFERENCE)
    keep(REFERENCE, new if old is None or old.machine != new.machine else Run(new.machine, old.sections | new.sections))


def _figures(run: Run, name: str) -> str:
    if name == "machine":
        return _machine(run)
    results = run.of(name)
    if not results:
        return "*Not measured in the reference run.*"
    heads = ("", "database", "size", "floor", "ours", "ratio", "limit", "held")
    lines = [_row(heads), _row(["---", "---", *(["---:"] * 5), "---"]), *(_row(_cells(one)) for one in results)]
    if name in _ALT:
        lines += ["", f"![{_ALT[name]}](performance/{name}.svg)"]
    return "\n".join(lines)


def _cells(one: Result) -> Iterable[str]:
    yield f"{one.name} ({one.against})" if one.against else one.name
    yield one.database
    yield f"{one.size:,}"
    yield _median(one.floor, one.unit) if one.floor else "–"
    yield _median(one.ours, one.unit)
    yield "–" if one.ratio is None else f"{one.ratio:,.2f}"
    yield "–" if one.limit is None else f"{one.direction} {one.limit:g}"
    yield "–" if one.limit is None else "**no**" if one.is_over else "yes"


def _median(turns: Sequence[float], unit: str) -> str:
    value = statistics.median(turns)
    digits = 1 if unit != "s" else 3 if value < 10 else 1
    return f"{value:,.{digits}f} {unit}".rstrip()


def _machine(run: Run) -> str:
    told = run.machine
    lines = [
        f"{told['cpu']}, {told['cores']} cores, {told['memory_gib']} GiB, Linux {told['kernel']},"
        f" Python {told['python']}.",
        "",
        _row(("section", "run", "measured at", "commit", "with")),
        _row(["---"] * 5),
    ]
    for name, one in run.sections.items():
        versions = ", ".join(f"{package} {version}" for package, version in one.versions.items())
        kind = "bench-full" if one.full else "bench"
        lines.append(_row((name, kind, one.measured_at, one.commit, versions)))
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main(sys.argv[1:])
