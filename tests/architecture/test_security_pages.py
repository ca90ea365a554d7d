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
_LINE = re.compile(r"^- ((?:\*{0,2}\d+\.\d+\.\d+\*{0,2}(?:, )?)+) (.+)$")
_STATES = ("Gaps", "Held", "Not applicable")
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


def _requirements() -> Iterator[tuple[str, int, str, str]]:
    """Each number of the page with its level (1 in bold, else 2), the heading it stands under, and what is said."""
    heading = ""
    for line in _text("asvs.md").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif line.startswith("- "):
            found = _LINE.match(line)
            assert found, line
            for number in found[1].split(", "):
                yield number.strip("*"), 1 if number.startswith("**") else 2, heading, found[2]


def test_each_requirement_stands_once_and_what_holds_names_its_evidence() -> None:
    lines = list(_requirements())
    assert max(Counter(number for number, *_more in lines).values()) == 1
    assert Counter(level for _number, level, *_more in lines) == REQUIREMENTS
    assert {heading for _number, _level, heading, _said in lines} == set(_STATES)
    bare = [number for number, _level, heading, said in lines if heading == "Held" and not re.search(r"`|\]\(", said)]
    assert bare == []


def test_the_counts_are_those_of_the_lines() -> None:
    text = _text("asvs.md")
    for level in (1, 2):
        states = Counter(heading for _number, of, heading, _said in _requirements() if of == level)
        told = f"| {level} | {REQUIREMENTS[level]} | {states['Held']} | {states['Not applicable']} | {states['Gaps']} |"
        assert told in text, f"expected: {told}"
