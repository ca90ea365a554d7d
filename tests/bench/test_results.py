"""What the bench keeps: figures come back as they were, limits have a direction, the page holds what was measured."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench import results
from bench.plot import plots
from bench.results import REFERENCE, Direction, Result, Run, Section, merge, read
from docs.make_performance import PAGE, PLOTS, page

pytestmark = pytest.mark.long

LAUNCH = Result("launch", "launch", 10_000, (2.0, 3.0, 9.0), (1.0, 2.0, 2.0), "SQLite", 2.0, against="executemany")
BESIDE = Result("peers", "beside X", 2_000, (0.5,), (10.0,), "SQLite", 40.0, Direction.AT_LEAST)


def _section(*found: Result, commit: str = "abc") -> Section:
    return Section(found, "2026-11-26T00:00:00+00:00", commit, False, 1.5, {"sqlite": "3.46"})


def test_a_cost_is_ours_over_the_floor_and_may_not_exceed_its_limit() -> None:
    assert LAUNCH.ratio == 1.5
    assert not LAUNCH.is_over
    assert replace(LAUNCH, limit=1.4).is_over


def test_a_speed_is_the_floor_over_ours_and_may_not_fall_below_its_limit() -> None:
    assert BESIDE.ratio == 20.0
    assert BESIDE.is_over
    assert not replace(BESIDE, limit=20.0).is_over


def test_without_a_floor_the_limit_is_for_the_figure_itself() -> None:
    held = Result("memory", "at rest", 1, (480.0, 501.0, 510.0), limit=500.0, unit="MB")
    assert held.ratio is None
    assert held.is_over
    assert not replace(held, limit=None).is_over


def test_a_section_measured_again_takes_its_own_place_only(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "run.json"
    merge(path, "launch", _section(LAUNCH))
    merge(path, "peers", _section(BESIDE))
    merge(path, "launch", _section(replace(LAUNCH, size=5), commit="def"))
    run = read(path)
    assert run is not None
    assert run.of("peers") == (BESIDE,)
    assert run.sections["launch"] == _section(replace(LAUNCH, size=5), commit="def")
    assert run.of("tick") == ()


def test_figures_of_two_machines_are_never_mixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.json"
    merge(path, "launch", _section(LAUNCH))
    monkeypatch.setattr(results, "machine", lambda: {"cpu": "another"})
    assert set(merge(path, "peers", _section(BESIDE)).sections) == {"peers"}


def test_the_table_says_what_has_a_limit_at_its_largest_size_and_whether_it_held() -> None:
    small, free = replace(LAUNCH, size=10), replace(LAUNCH, name="without a limit", limit=None)
    run = Run(results.machine(), {"launch": _section(small, LAUNCH, free), "peers": _section(BESIDE)})
    told = page(run, "before\n<!-- limits -->\nold\n<!-- end -->\nafter")
    lines = told.splitlines()
    assert [line for line in lines if line.startswith("| ") and "---" not in line][1:] == [
        "| launch (executemany) | SQLite | 10,000 | 2.000 s | 3.000 s | 1.50 | ≤ 2 | yes |",
        "| peers: beside X | SQLite | 2,000 | 10.0 s | 0.500 s | 20.00 | ≥ 40 | **no** |",
    ]
    assert "old" not in told
    assert (lines[0], lines[-1]) == ("before", "after")


def test_the_page_says_where_and_when_it_was_measured() -> None:
    run = Run({"cpu": "X", "cores": 2, "memory_gib": 24, "python": "3.11"}, {"launch": _section(LAUNCH)})
    told = page(run, "<!-- machine -->\n<!-- end -->")
    assert "X, 2 cores, 24 GiB, Python 3.11; 2026-11-26, at the commits: launch abc." in told


def test_the_page_and_its_plots_are_those_of_the_reference_run() -> None:
    """Else: `make bench-page`."""
    run = read(REFERENCE)
    assert run is not None
    text = PAGE.read_text(encoding="utf-8")
    assert page(run, text) == text
    assert plots(run, 10_000) == {one.name: one.read_text(encoding="utf-8") for one in PLOTS.glob("*.svg")}
