"""Each promise of docs/guarantees.md names tests that are there, and one of each name."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
LINES = [line for line in PAGE.splitlines() if line.startswith("- ")]
_HELD_BY = re.compile(r": ((?:`[^`]+`(?:, )?)+)$")
TESTS = Counter(
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
)
TARGETS = {f"make {one}" for one in re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)}


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_every_promise_is_held_by_tests_that_exist(line: str) -> None:
    ends = _HELD_BY.search(line)
    assert ends, line
    for one in re.findall(r"`([^`]+)`", ends[1]):
        assert TESTS[one] == 1 or (ROOT / one).is_file() or one in TARGETS, one
