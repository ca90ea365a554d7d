"""Each promise of docs/guarantees.md names tests that are there, and one of each name."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| (?!promised|fault|case|what the mail server does)", line)]
TESTS = Counter(
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
)
TARGETS = {f"make {one}" for one in re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)}


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_every_promise_is_held_by_tests_that_exist(row: str) -> None:
    held = re.findall(r"`([^`]+)`", row.split("|")[-2])
    assert held, row
    for one in held:
        assert TESTS[one] == 1 or (ROOT / one).is_file() or one in TARGETS, one
