"""tests/mutants/survivors.txt speaks of the code as it is: quick, and without running a single mutant."""

import tomllib

import pytest

from tests.mutants.survivors import RECORD, ROOT, Change, explained, still_there

EXPLAINED = sorted(explained())
PATHS = {
    path.stem: path
    for pattern in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]["only_mutate"]
    for path in ROOT.glob(pattern.replace("*", "**/*.py"))
}


@pytest.mark.parametrize("change", EXPLAINED, ids=lambda change: f"{change.place}: {change.became[:40]}")
def test_what_an_explanation_speaks_of_still_stands_in_the_code(change: Change) -> None:
    path = PATHS[change.place.partition(".")[0]]
    assert still_there(change, path.read_text(encoding="utf-8"))


def test_every_explanation_is_read_as_one() -> None:
    lines = [line for line in RECORD.read_text(encoding="utf-8").splitlines() if line.startswith("- `")]
    assert len(lines) == len(EXPLAINED) > 0


def test_a_changed_line_makes_its_explanation_stale() -> None:
    source = "def wait(days):\n    return days > 3\n\n\nclass Life:\n    def ends(self):\n        return 1\n"
    assert still_there(Change("rule.wait", "return days > 3", "return days >= 3"), source)
    assert not still_there(Change("rule.wait", "return days > 4", "return days >= 4"), source)
    assert not still_there(Change("rule.other", "return days > 3", "return days >= 3"), source)
    assert still_there(Change("rule.Life.ends", "return 1", "return 2"), source)
