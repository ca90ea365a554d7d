"""tests/mutants/survivors.txt speaks of the code as it is: quick, and without running a single mutant."""

import pytest

from tests.mutants.scopes import ROOT, RULES, SCOPES, Scope, module_name
from tests.mutants.survivors import RECORD, Change, explained, still_there

TEXT = RECORD.read_text(encoding="utf-8")
EXPLAINED = explained(TEXT)
PATHS = {module_name(path): path for scope in SCOPES.values() for path in scope.modules}


@pytest.mark.parametrize("change", EXPLAINED, ids=lambda change: f"{change.place}: {change.became[:40]}")
def test_what_an_explanation_speaks_of_still_stands_in_the_code(change: Change) -> None:
    path = ROOT / PATHS[change.place.partition(".")[0]]
    assert still_there(change, path.read_text(encoding="utf-8"))


def test_every_explanation_is_read_as_one() -> None:
    lines = [line for line in TEXT.splitlines() if line.startswith("- `")]
    assert len(lines) == len(EXPLAINED) > 0


@pytest.mark.parametrize(
    ("figures_of", "scope"),
    [*SCOPES.items(), (f"{RULES.name}-tables", RULES)],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_the_figures_name_every_module_and_leave_nothing_open(figures_of: str, scope: Scope) -> None:
    figures = TEXT.partition(f"<!-- figures: {figures_of} -->")[2].partition("<!-- end -->")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in figures.splitlines() if line.startswith("| ")]
    named = {row[0]: row for row in rows[1:]}
    assert {module_name(path) for path in scope.modules} <= named.keys()
    *_rest, open_ones = named["**together**"]
    assert open_ones == "0"


def test_a_changed_line_makes_its_explanation_stale() -> None:
    source = "def wait(days):\n    return days > 3\n\n\nclass Life:\n    def ends(self):\n        return 1\n"
    assert still_there(Change("rule.wait", "return days > 3", "return days >= 3"), source)
    assert not still_there(Change("rule.wait", "return days > 4", "return days >= 4"), source)
    assert not still_there(Change("rule.other", "return days > 3", "return days >= 3"), source)
    assert still_there(Change("rule.Life.ends", "return 1", "return 2"), source)
