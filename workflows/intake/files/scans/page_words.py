"""A page that was read from its picture, as a page of a PDF: letters in points, ruled lines, a mark for each word.

Its margins lay crooked on the glass: they are laid where those of the other pages are, and straight. What typesetting
shows of paragraphs is then to be seen as in any PDF: lines that end short, and first lines set in.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import cos, radians, sin
from statistics import median, quantiles
from typing import Any

from workflows.intake.files.marks import MOST_MARKS, mark
from workflows.intake.files.pdf_layout.page import PageLayout, PageLine, PlacedLetter, Rule, make_line
from workflows.intake.files.pdf_layout.tables import find_tables
from workflows.intake.files.scans.page_picture import A4, LANDSCAPE, Ruled
from workflows.intake.files.scans.scanned_words import Box, ScannedWord, WordLine

_TAIL = re.compile("[gjpqyQ,;()|/\u0323\u0327_-]")
_TAIL_TALL = 0.2
"""Of a line's box: how far the tail of a letter hangs down."""
_LEFT, _RIGHT = 72.0, 523.0
"""Points: the margins that every page gets."""
_LONG = 0.85
"""Of the widest line: so long a line reaches both margins, or is a first line set in."""
_FEW = 6
"""Long lines: with fewer the margins of a page are not known."""
_NEAR_LEFT, _NEAR_RIGHT = 6.0, 12.0
"""Points: so near to a margin a line was meant to reach it."""


@dataclass(frozen=True)
class ReadPage:
    """A page (`number` from 0) as tesseract read it, turned clockwise by `turn` degrees and straightened by `slant`
    degrees counter-clockwise; `width` and `height` of its picture in pixels.
    """

    number: int
    turn: int
    slant: float
    width: int
    height: int
    ruled: Sequence[Ruled]
    lines: Sequence[WordLine]

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "ReadPage":
        lines = [
            WordLine(
                tuple(ScannedWord(one["text"], one["confidence"], as_box(one["box"])) for one in line["words"]),
                as_box(line["box"]),
            )
            for line in given["lines"]
        ]
        return cls(**{**given, "lines": lines, "ruled": [as_box(one) for one in given["ruled"]]})

    def shown(self, box: Box) -> Box:
        """Return where a box of the straightened page stands on the page as it is shown upright."""
        turned = [self._slanted(x, y) for x in box[::2] for y in box[1::2]]
        across, down = [x for x, _y in turned], [y for _x, y in turned]
        left, top, right, bottom = (max(0.0, min(1.0, one)) for one in (min(across), min(down), max(across), max(down)))
        return left, top, right, bottom

    def _slanted(self, x: float, y: float) -> tuple[float, float]:
        angle = radians(self.slant)
        dx, dy = (x - 0.5) * self.width, (y - 0.5) * self.height
        return (
            0.5 + (dx * cos(angle) - dy * sin(angle)) / self.width,
            0.5 + (dx * sin(angle) + dy * cos(angle)) / self.height,
        )


def as_box(given: Sequence[float]) -> Box:
    left, top, right, bottom = given
    return left, top, right, bottom


def as_page(read: ReadPage, first: int) -> PageLayout:
    """`first` is the number of the page's first word in the document."""
    wide = A4 if read.height >= read.width else A4 * LANDSCAPE
    tall = wide * read.height / read.width

    def placed(box: Box) -> Box:
        left, top, right, bottom = box
        return left * wide, tall - bottom * tall, right * wide, tall - top * tall

    lines: list[PageLine] = []
    number = first
    for line in read.lines:
        bottom, top = tall - base_line(line) * tall, tall - line.box[1] * tall
        letters: list[PlacedLetter] = []
        for word in line.words:
            left, _bottom, right, _top = placed(word.box)
            letters += _letters(word.text, left, right, bottom, top, mark(number) if number < MOST_MARKS else "")
            number += 1
        lines.append(make_line(letters, "", read.number))
    rules = [_thin(Rule(*placed(one))) for one in read.ruled]
    return _with_straight_margins(PageLayout(read.number, wide, lines, rules, is_picture=True))


def base_line(line: WordLine) -> float:
    """Return the place of the line on which letters stand, as a share of the page: words without a tail tell it."""
    upright = [word.box[3] for word in line.words if not _TAIL.search(unicodedata.normalize("NFD", word.text))]
    return median(upright) if upright else line.box[3] - _TAIL_TALL * (line.box[3] - line.box[1])


def _letters(text: str, left: float, right: float, bottom: float, top: float, marked: str) -> list[PlacedLetter]:
    """Return the letters of a word, alike in width, with the word's mark before and a space after them."""
    step = (right - left) / max(len(text), 1)
    edges = [left + at * step for at in range(len(text) + 1)]
    letters = [PlacedLetter(marked, left, bottom, left, top)] if marked else []
    letters += [PlacedLetter(char, edges[at], bottom, edges[at + 1], top) for at, char in enumerate(text)]
    return [*letters, PlacedLetter(" ", right, bottom, right, top)]


def _thin(rule: Rule) -> Rule:
    if rule.right - rule.left > rule.top - rule.bottom:
        middle = (rule.bottom + rule.top) / 2
        return Rule(rule.left, middle, rule.right, middle)
    middle = (rule.left + rule.right) / 2
    return Rule(middle, rule.bottom, middle, rule.top)


def _with_straight_margins(page: PageLayout) -> PageLayout:
    """Return a page whose text begins and ends where that of other pages does; tables move with it, unstretched."""
    spans = [(table.down[0] * -1, table.down[-1] * -1) for table in find_tables(page)]
    free = [line for line in page.lines if not _in_table(line, spans)]
    widest = max((line.right - line.left for line in free), default=0.0)
    long = [line for line in free if line.right - line.left > _LONG * widest]
    if widest < page.width / 2 or len(long) < _FEW:
        return page
    left = quantiles([line.left for line in long], n=4)[0]
    right = median(line.right for line in long)
    scale = (_RIGHT - _LEFT) / max(right - left, 1.0)

    def moved(x: float) -> float:
        return _LEFT + (x - left) * scale

    lines = []
    for line in page.lines:
        there = _across(line, moved)
        lines.append(there if _in_table(line, spans) else _snapped(there))
    rules = [Rule(moved(one.left), one.bottom, moved(one.right), one.top) for one in page.rules]
    return PageLayout(page.number, page.width, lines, rules, page.is_picture)


def _in_table(line: PageLine, spans: list[tuple[float, float]]) -> bool:
    middle = (line.bottom + line.top) / 2
    return any(bottom <= middle <= top for top, bottom in spans)


def _snapped(line: PageLine) -> PageLine:
    """Return a line that almost reaches a margin as one that does."""
    left = _LEFT if abs(line.left - _LEFT) < _NEAR_LEFT else line.left
    right = _RIGHT if abs(line.right - _RIGHT) < _NEAR_RIGHT else line.right
    if (left, right) == (line.left, line.right):
        return line
    stretch = (right - left) / max(line.right - line.left, 1.0)
    return _across(line, lambda x: left + (x - line.left) * stretch)


def _across(line: PageLine, moved: Callable[[float], float]) -> PageLine:
    letters = [replace(one, left=moved(one.left), right=moved(one.right)) for one in line.letters]
    return make_line(letters, line.font, line.page)
