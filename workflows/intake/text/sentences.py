"""Sentences and clauses of a passage, by their positions in it."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from workflows.intake.text.beginnings import TextPart

REACH = 900
"""Characters that a clause may be long: nobody looks further back, so that no text takes long."""
_FULL_STOP = r"(?<![A-ZĐ])\.(?=\s+[\"“(]?[A-ZÀ-ỸĐ])|(?<=[A-ZĐ]{3})\.(?=\s+[A-ZÀ-ỸĐ])"
_BREAK = re.compile(rf"\n|;|{_FULL_STOP}|\.\s*$|\.\n|/\.")
_LEAD = re.compile(r"[\s\-–—+•*_~●○▪·,.:)]+")


@lru_cache(maxsize=64)
def sentences(text: str) -> tuple[TextPart, ...]:
    """Return the sentences, cut at full stops, semicolons and ends of paragraphs, not inside brackets."""
    return tuple(_cut_sentences(text))


def _cut_sentences(text: str) -> Iterator[TextPart]:
    start, depth, last = 0, 0, 0
    for match in _BREAK.finditer(text):
        depth += text.count("(", last, match.start()) - text.count(")", last, match.start())
        last = match.start()
        if match.group()[0] == "\n":
            depth = 0
        elif depth > 0:
            continue
        if part := _led(text, start, match.start()):
            yield part
        start = match.end()
    if part := _led(text, start, len(text)):
        yield part


_STOP = re.compile(rf"{_FULL_STOP}|\n")


def full_sentences(text: str) -> Iterator[TextPart]:
    """Yield the sentences between full stops."""
    start = 0
    for match in _STOP.finditer(text):
        if part := _led(text, start, match.end()):
            yield part
        start = match.end()
    if part := _led(text, start, len(text)):
        yield part


def between(text: str, cuts: Iterable[re.Match[str]]) -> Iterator[TextPart]:
    start = 0
    for cut in cuts:
        yield TextPart(start, cut.start())
        start = cut.end()
    yield TextPart(start, len(text))


def reach_back(text: str, start: int, at: int, size: int = REACH) -> int:
    """Return where to look from for what stands before `at`: `start`, or a word's beginning within `size`."""
    if at - start <= size:
        return start
    blank = text.find(" ", at - size, at)
    return blank + 1 if blank >= 0 else at


def _led(text: str, start: int, end: int) -> TextPart | None:
    """Return a sentence without the dash or blanks before it."""
    if match := _LEAD.match(text, start, end):
        start = match.end()
    return TextPart(start, end) if start < end else None
