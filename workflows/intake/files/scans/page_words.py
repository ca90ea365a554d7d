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
from workflows.intake.files.pdf_layout.page import PageLayout, PageLine, PlacedCharacter, Rule, make_line
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
        """Return the place of a box of the straightened page on the upright page."""
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


def as_page(page: ReadPage, first: int) -> PageLayout:
    """Return the page as a layout. `first`: the number of its first word in the document."""
    width = A4 if page.height >= page.width else A4 * LANDSCAPE
    height = width * page.height / page.width

    def placed(box: Box) -> Box:
        left, top, right, bottom = box
        return left * width, height - bottom * height, right * width, height - top * height

    lines: list[PageLine] = []
    number = first
    for line in page.lines:
        bottom, top = height - base_line(line) * height, height - line.box[1] * height
        characters: list[PlacedCharacter] = []
        for word in line.words:
            left, _bottom, right, _top = placed(word.box)
            characters += _place_characters(
                word.text, left, right, bottom, top, mark(number) if number < MOST_MARKS else ""
            )
            number += 1
        lines.append(make_line(characters, "", page.number))
    rules = [_thin(Rule(*placed(rule))) for rule in page.ruled]
    return _with_straight_margins(PageLayout(page.number, width, lines, rules, is_picture=True))


def base_line(line: WordLine) -> float:
    """Return the base line as a share of the page, found by the words whose characters have no descender."""
    upright = [word.box[3] for word in line.words if not _TAIL.search(unicodedata.normalize("NFD", word.text))]
    return median(upright) if upright else line.box[3] - _TAIL_TALL * (line.box[3] - line.box[1])


def _place_characters(
    text: str, left: float, right: float, bottom: float, top: float, word_mark: str
) -> list[PlacedCharacter]:
    """Return the characters of a word with equal widths, its mark before them and a space after them."""
    step = (right - left) / max(len(text), 1)
    edges = [left + position * step for position in range(len(text) + 1)]
    characters = [PlacedCharacter(word_mark, left, bottom, left, top)] if word_mark else []
    characters += [
        PlacedCharacter(char, edges[position], bottom, edges[position + 1], top) for position, char in enumerate(text)
    ]
    return [*characters, PlacedCharacter(" ", right, bottom, right, top)]


def _thin(rule: Rule) -> Rule:
    if rule.right - rule.left > rule.top - rule.bottom:
        middle = (rule.bottom + rule.top) / 2
        return Rule(rule.left, middle, rule.right, middle)
    middle = (rule.left + rule.right) / 2
    return Rule(middle, rule.bottom, middle, rule.top)


def _with_straight_margins(page: PageLayout) -> PageLayout:
    """Move the text of a page to the margins of other pages. Tables move with it and are not stretched."""
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
        moved_line = _across(line, moved)
        lines.append(moved_line if _in_table(line, spans) else _snapped(moved_line))
    rules = [Rule(moved(rule.left), rule.bottom, moved(rule.right), rule.top) for rule in page.rules]
    return PageLayout(page.number, page.width, lines, rules, page.is_picture)


def _in_table(line: PageLine, spans: list[tuple[float, float]]) -> bool:
    middle = (line.bottom + line.top) / 2
    return any(bottom <= middle <= top for top, bottom in spans)


def _snapped(line: PageLine) -> PageLine:
    """Stretch a line that almost reaches a margin up to it."""
    left = _LEFT if abs(line.left - _LEFT) < _NEAR_LEFT else line.left
    right = _RIGHT if abs(line.right - _RIGHT) < _NEAR_RIGHT else line.right
    if (left, right) == (line.left, line.right):
        return line
    stretch = (right - left) / max(line.right - line.left, 1.0)
    return _across(line, lambda x: left + (x - line.left) * stretch)


def _across(line: PageLine, moved: Callable[[float], float]) -> PageLine:
    characters = [
        replace(character, left=moved(character.left), right=moved(character.right)) for character in line.characters
    ]
    return make_line(characters, line.font, line.page)
