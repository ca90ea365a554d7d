"""The mutants that nobody could tell from the original: survivors.txt explains each, by the code that was changed."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "tests" / "mutants" / "survivors.txt"
_EXPLAINED = re.compile(r"^- `(?P<place>[\w.]+)`: `(?P<was>[^`]+)` → `(?P<became>[^`]+)`: (?P<why>.+)$", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Change:
    """One mutant, told so that it is the same one after lines around it have moved."""

    place: str
    """`ladder.decide`: the module and the function, or the class and its method."""
    was: str
    became: str

    def __str__(self) -> str:
        return f"- `{self.place}`: `{self.was}` → `{self.became}`: "


def explained() -> set[Change]:
    """The mutants of survivors.txt."""
    found = _EXPLAINED.finditer(RECORD.read_text(encoding="utf-8"))
    return {Change(one["place"], one["was"], one["became"]) for one in found}


def still_there(change: Change, source: str) -> bool:
    """Whether the function still holds the words that were changed: an explanation of others is stale."""
    _module, *path = change.place.split(".")
    return any(name == path and change.was in one_line(text) for name, text in _functions(source))


def one_line(text: str) -> str:
    return " ".join(line.strip() for line in text.splitlines()).strip()


def _functions(source: str) -> Iterator[tuple[list[str], str]]:
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            yield [node.name], ast.get_source_segment(source, node) or ""
        if isinstance(node, ast.ClassDef):
            for one in node.body:
                if isinstance(one, ast.FunctionDef):
                    yield [node.name, one.name], ast.get_source_segment(source, one) or ""
