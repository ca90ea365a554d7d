"""Paragraphs from lines: lines that a typewriter or a scanner broke are joined again, across pages too."""

import re
from dataclasses import dataclass
from itertools import pairwise

from workflows.intake.text.labels import Level, lost_number, read_label
from workflows.intake.text.passage import Passage
from workflows.intake.text.shape import is_capitals
from workflows.intake.text.text_lines import Line

_WIDEST = 125
"""Characters: a text whose longer lines stay below this was broken at its margin."""
_PAGE_WIDE = 70
"""Characters of a page's usual line: of so wide lines fewer show that a short letter was broken at its margin."""
_FULL = 0.72
"""Part of the usual width from which a line reaches the margin."""
_FILLED = 0.93
"""Part of the usual width below which a line that ends its sentence ends its paragraph too."""
_ENDS = re.compile(r"[.:;!?/|]\W*$")
_LOWER = re.compile(r"[\"“'‘(]?[a-zà-ỹđ]")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, or a row of a table with its cells; `gap` tells whether a blank line stands before it."""

    passage: Passage
    cells: tuple[Passage, ...]
    gap: bool

    @property
    def text(self) -> str:
        return self.passage.text


def read_paragraphs(lines: list[Line]) -> list[Paragraph]:
    margin = _margin(lines)
    groups: list[list[Line]] = []
    for line in lines:
        if groups and margin and _continues(groups[-1][-1], line, *margin):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_paragraph(group) for group in groups]


def _paragraph(group: list[Line]) -> Paragraph:
    passage = group[0].passage if len(group) == 1 else Passage.joined((line.passage for line in group), " ")
    return Paragraph(passage, group[0].cells, group[0].gap > 0 or group[0].page)


def _margin(lines: list[Line]) -> tuple[int, int] | None:
    """Return the usual width of broken lines, and the blank lines within a paragraph; None for unbroken text."""
    sizes = sorted(len(line.passage.text) for line in lines if not line.cells)
    if not sizes:
        return None
    wide = sizes[int(len(sizes) * 0.9)]
    long = [size for size in sizes if size > wide * _FULL]
    if wide > _WIDEST or len(long) < (3 if wide >= _PAGE_WIDE else 4):
        return None
    for gap, share in ((0, 8), (1, 4)):
        flowing = sum(1 for one, two in pairwise(lines) if two.gap == gap and _flows(one, two))
        if flowing >= (2 if wide >= _PAGE_WIDE else 4) and flowing * share >= len(lines):
            return wide, gap
    return None


def _flows(one: Line, two: Line) -> bool:
    return not _ENDS.search(one.passage.text) and bool(_LOWER.match(two.passage.text))


def _continues(before: Line, line: Line, width: int, gap: int) -> bool:
    """Return whether a line goes on with the sentence of the one before it."""
    if before.cells or line.cells:
        return False
    text, last = line.passage.text, before.passage.text
    if _begins_item(text, last) or lost_number(text):
        return False
    if line.page:
        open_line = _reaches(before, width) and text[0].isalpha() and is_capitals(last) == is_capitals(text)
        return not _ENDS.search(last) and (bool(_LOWER.match(text)) or open_line)
    if line.gap > gap or (_ENDS.search(last) and text[0].isupper() and len(last) < width * _FILLED):
        return False
    return _reaches(before, width) and is_capitals(last) == is_capitals(text)


def _begins_item(text: str, last: str) -> bool:
    """Return whether a line begins with a label, and not with a broken piece of a sentence: "(Khoá / IX) về …"."""
    label = read_label(text)
    if label is None:
        return False
    return label.level is Level.DASH or bool(_ENDS.search(last)) or not text[label.size :][:1].islower()


def _reaches(line: Line, width: int) -> bool:
    return len(line.passage.text) >= width * _FULL
