"""The security pages name tests and files as evidence: each of them is there, and the counts are those of the table."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOME = ROOT / "docs" / "security"
_TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
_FILE = re.compile(r"`((?:web|workflows|models|notifications|commands|tests|docs)/[\w/.-]+)`")
_ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| [^|]+ \| (holds|n/a|\*\*gap\*\*) \| (.+) \|$", re.MULTILINE)
REQUIREMENTS = {1: 70, 2: 183}
"""How many ASVS 5.0.0 has of each level."""


def _text(name: str) -> str:
    return (HOME / name).read_text(encoding="utf-8")


def _named(pattern: re.Pattern[str]) -> Iterator[tuple[str, ...]]:
    for page in sorted(HOME.glob("*.md")):
        for found in pattern.finditer(page.read_text(encoding="utf-8")):
            yield (page.name, *found.groups())


@cache
def _tests_of(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"^\s*(?:async )?def test_(\w+)", (ROOT / "tests" / name).read_text("utf-8"), re.M))


@pytest.mark.parametrize("named", sorted(set(_named(_TEST))), ids=lambda named: "::".join(named[1:]))
def test_every_test_named_as_evidence_is_there(named: tuple[str, ...]) -> None:
    _page, file, begins = named
    assert any(name.startswith(begins) for name in _tests_of(file)), f"{file} has no test_{begins}…"


def test_every_file_named_as_evidence_is_there() -> None:
    assert [named for named in _named(_FILE) if not (ROOT / named[1]).exists()] == []


def test_each_requirement_stands_once_and_what_holds_names_its_evidence() -> None:
    rows = _ROW.findall(_text("asvs.md"))
    assert max(Counter(number for number, *_more in rows).values()) == 1
    assert Counter(int(level) for _number, level, *_more in rows) == REQUIREMENTS
    bare = [number for number, _level, state, why in rows if state == "holds" and not re.search(r"`|\]\(", why)]
    assert bare == []


def test_the_counts_are_those_of_the_table() -> None:
    text = _text("asvs.md")
    for level in (1, 2):
        states = Counter(state for _number, of, state, _why in _ROW.findall(text) if int(of) == level)
        told = f"| {level} | {REQUIREMENTS[level]} | {states['holds']} | {states['n/a']} | {states['**gap**']} |"
        assert told in text, f"expected: {told}"
