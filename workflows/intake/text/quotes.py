"""Another document's words between quotation marks, over one paragraph or many."""

import re

from workflows.intake.text.labels import read_label
from workflows.intake.text.paragraphs import Paragraph

_OPENS = re.compile(r"[:;]?\s*[\"“]\s*(?=\S)")
_CLOSES = re.compile(r"[\"”][\s.;,/]*$")
_LONGEST = 80
"""Paragraphs: a quotation that is not closed by then was a misprint."""


def quoted(paragraphs: list[Paragraph]) -> list[bool]:
    """Return for each paragraph whether it belongs to a quotation that begins with a label of its own (“1. …)."""
    inside = [False] * len(paragraphs)
    index = 0
    while index < len(paragraphs):
        text = paragraphs[index].text
        opening = _OPENS.match(text) or _opens_at_end(text)
        if opening and read_label(text[opening.end() :]) is not None:
            last = _closing(paragraphs, index, text[opening.end() :])
            for one in range(index, last + 1):
                inside[one] = True
            index = last
        index += 1
    return inside


def _opens_at_end(text: str) -> re.Match[str] | None:
    """Return a quotation that begins inside a paragraph and is not closed in it."""
    matches = list(re.finditer(r"[:;] ?[\"“]\s*(?=\S)", text))
    if not matches or _CLOSES.search(text):
        return None
    return matches[-1] if _unbalanced(text[matches[-1].start() :]) else None


def _unbalanced(text: str) -> bool:
    return text.count("“") > text.count("”") or text.count('"') % 2 == 1


def _closing(paragraphs: list[Paragraph], first: int, rest: str) -> int:
    """Return the paragraph in which a quotation ends; the first itself where none ends it."""
    if _CLOSES.search(rest):
        return first
    for index in range(first + 1, min(len(paragraphs), first + _LONGEST)):
        if _CLOSES.search(paragraphs[index].text) and _unbalanced_end(paragraphs[index].text):
            return index
    return first


def _unbalanced_end(text: str) -> bool:
    """Return whether its last quotation mark closes one that was not opened in it."""
    return text.count("”") > text.count("“") or text.count('"') % 2 == 1
