"""Paragraphs from lines: lines that a typewriter or a scanner broke are joined again, across pages too."""

import re
from dataclasses import dataclass
from itertools import pairwise

from workflows.intake.labels import read_label
from workflows.intake.lines import Line
from workflows.intake.passage import Passage

_WIDEST = 125
"""Characters: a text whose longer lines stay below this was broken at its margin."""
_FULL = 0.72
"""Part of the usual width from which a line reaches the margin."""
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
        """Its words."""
        return self.passage.text


def read_paragraphs(lines: list[Line]) -> list[Paragraph]:
    """The lines as paragraphs."""
    width = _margin(lines)
    groups: list[list[Line]] = []
    for line in lines:
        if groups and _continues(groups[-1][-1], line, width):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_paragraph(group) for group in groups]


def _paragraph(group: list[Line]) -> Paragraph:
    passage = group[0].passage if len(group) == 1 else Passage.joined((line.passage for line in group), " ")
    return Paragraph(passage, group[0].cells, group[0].gap > 0 or group[0].page)


def _margin(lines: list[Line]) -> int:
    """The width at which the text was broken into lines; 0 where each paragraph is one line."""
    sizes = sorted(len(line.passage.text) for line in lines if not line.cells)
    if not sizes:
        return 0
    wide = sizes[int(len(sizes) * 0.9)]
    long = [size for size in sizes if size > wide * _FULL]
    flowing = sum(
        1
        for one, two in pairwise(lines)
        if not two.gap and not _ENDS.search(one.passage.text) and _LOWER.match(two.passage.text)
    )
    return wide if wide <= _WIDEST and len(long) >= 4 and flowing >= 4 and flowing * 8 >= len(lines) else 0


def _continues(before: Line, line: Line, width: int) -> bool:
    """Whether a line goes on with the sentence of the one before it."""
    if before.cells or line.cells or not width:
        return False
    text, last = line.passage.text, before.passage.text
    if line.page:
        return not _ENDS.search(last) and bool(_LOWER.match(text)) and read_label(text) is None
    if line.gap:
        return False
    if read_label(text) is not None:
        return False
    return _reaches(before, width) and _is_capitals(last) == _is_capitals(text)


def _reaches(line: Line, width: int) -> bool:
    return len(line.passage.text) >= width * _FULL


def _is_capitals(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return bool(letters) and sum(char.isupper() for char in letters) > len(letters) * 0.8
