"""The printed lines of a PDF put together again as paragraphs, across pages too, by what typesetting shows."""

import re
from collections import Counter
from itertools import pairwise
from statistics import median

from workflows.intake.files.pdf_page import Line
from workflows.intake.files.syllables import is_syllable

_MARK = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\s?[.)/:]|\d{1,2}(?:\.\d{1,2}){1,3}(?=\s)|[a-zđA-ZĐ]\s?[.)/]|[IVX]{1,5}\s?[.)/-]|[-–—+•*]"
    r"|(?:Điều|Phần|Chương|Mục|Phụ lục)\s+[\dIVX]+)(?=\s|[^\W\d_])"
)
_STOP = re.compile(r"[.;:!?][”\"’)]*$")
_DRAWN = re.compile(r"[-–—_=*.~\s]{3,}")
"""A line that is drawn with letters."""
_CAPITAL = re.compile(r"[“\"(]?[^\W\d_]")
_PAGE_NUMBER = re.compile(r"[-–—\s]*(?:trang|page)?[\s:]*\d{1,4}(?:\s*/\s*\d{1,4})?[-–—\s]*", re.IGNORECASE)
_INDENT = 8.0
_EDGE = 2
"""Lines at the top and at the foot of a page among which running heads and page numbers are looked for."""


def without_running_heads(pages: list[list[Line]]) -> set[int]:
    """The ids of lines that are page numbers, or stand again and again at the edge of pages (once, the first stays)."""
    edges: list[tuple[str, Line]] = []
    for lines in pages:
        by_height = sorted(lines, key=lambda line: -line.bottom)
        edges += [("head", line) for line in by_height[:_EDGE]]
        edges += [("foot", line) for line in by_height[max(_EDGE, len(by_height) - _EDGE) :]]
    numbers = {id(line) for _edge, line in edges if _PAGE_NUMBER.fullmatch(line.text)}
    shapes = Counter(_shape(edge, line) for edge, line in edges)
    seen: set[tuple[str, str, int]] = set()
    repeated: set[int] = set()
    for edge, line in edges:
        shape = _shape(edge, line)
        if shapes[shape] >= 2 and (shapes[shape] > 2 or len(pages) == 2) and len(line.text) > 3:
            if shape in seen or edge == "foot":
                repeated.add(id(line))
            seen.add(shape)
    return numbers | repeated


def _shape(edge: str, line: Line) -> tuple[str, str, int]:
    return edge, re.sub(r"\d+", "0", line.text), round(line.bottom / 4)


class Joiner:
    """Joins the lines of one document."""

    def __init__(self, lines: list[Line]) -> None:
        steps = [
            last.bottom - line.bottom
            for last, line in pairwise(lines)
            if last.page == line.page and 4 < last.bottom - line.bottom < 60
        ]
        self._step = median(steps) if steps else 20.0
        self._is_spaced = sum(step > 1.3 * self._step for step in steps) > len(steps) / 20
        self._right, self._left = self._margins(lines)

    def paragraphs(self, lines: list[Line]) -> list[list[Line]]:
        """Lines that follow one another, as paragraphs of lines."""
        found: list[list[Line]] = []
        limits = self._limits(lines)
        for line in lines:
            if found and not self._begins(found[-1], line, limits[id(found[-1][-1])]):
                found[-1].append(line)
            else:
                found.append([line])
        return found

    def is_gap(self, last: Line, line: Line) -> bool:
        """Whether there is more than a line's room between two lines."""
        return last.page == line.page and last.bottom - line.bottom > 1.3 * self._step

    @staticmethod
    def _margins(lines: list[Line]) -> tuple[float, float]:
        """Where most of the long lines end, and where they begin."""
        long = sorted(lines, key=lambda line: line.left - line.right)[: max(1, len(lines) // 3)]
        if not long:
            return 0.0, 0.0
        return max(line.right for line in long), Counter(round(line.left) for line in long).most_common(1)[0][0]

    def _limits(self, lines: list[Line]) -> dict[int, float]:
        """How wide each line might have been: as the widest of those it stands among, in its column."""
        limits: dict[int, float] = {}
        block: list[Line] = []
        for line in [*lines, None]:
            if line is not None and block and self._is_column(block[-1], line):
                block.append(line)
                continue
            widest = max((one.right - one.left for one in block), default=0.0)
            for one in block:
                limits[id(one)] = widest
            block = [line] if line is not None else []
        return limits

    def _is_column(self, last: Line, line: Line) -> bool:
        if last.page != line.page:
            return True
        return 0 < last.bottom - line.bottom < 2.6 * self._step and last.left < line.right and line.left < last.right

    def _begins(self, paragraph: list[Line], line: Line, limit: float) -> bool:
        """Whether a line begins a paragraph of its own."""
        first, last = paragraph[0], paragraph[-1]
        if last.page == line.page and self._is_broken_off(last, line):
            return True
        is_short = self._is_short(last, line, limit)
        indented = line.left - last.left > _INDENT and not _is_centred(last, line)
        hanging = len(paragraph) == 1 and _MARK.match(first.text) is not None
        ended = _STOP.search(last.text) is not None
        if _MARK.match(line.text) and (ended or is_short or indented or line.text[0] in "-–—+•*"):
            return True
        if is_short or (indented and not hanging):
            return True
        if not ended or not _is_capital(line.text):
            return False
        first_line_indented = first.left - line.left > _INDENT
        goes_on = len(paragraph) > 1 and abs(last.left - line.left) < 2 and self._is_spaced
        return not (first_line_indented or goes_on or (hanging and line.left - first.left > _INDENT))

    def _is_broken_off(self, last: Line, line: Line) -> bool:
        """Whether two lines of a page cannot be of one paragraph: by their places, or their letters."""
        if last.bottom <= line.bottom or self.is_gap(last, line):
            return True
        if _DRAWN.fullmatch(last.text) or _DRAWN.fullmatch(line.text):
            return True
        capitals = last.text.isupper(), line.text.isupper()
        if capitals[0] != capitals[1]:
            return last.font != line.font or _is_centred(last, line)
        return all(capitals) and last.font != line.font

    def _is_short(self, last: Line, line: Line, limit: float) -> bool:
        """Whether the next word would have had room on the line before."""
        word = line.text.split(" ", 1)[0]
        room = (line.right - line.left) * (len(word) + 1) / max(len(line.text), 1)
        is_body = last.left < self._left + 6 * _INDENT and limit > 0.7 * (self._right - self._left)
        if is_body and not _is_centred(last, line):
            return last.right + room < self._right - 1
        return last.right - last.left + room < limit - 1


def _is_centred(last: Line, line: Line) -> bool:
    middle = (last.left + last.right) / 2
    return abs(middle - (line.left + line.right) / 2) < 3 and abs(last.left - line.left) > 3


def joined(lines: list[Line]) -> str:
    """The text of a paragraph: nothing between a date or a number and its rest, a hyphen of typesetting taken out."""
    text = ""
    for line in lines:
        if not text:
            text = line.text
        elif (re.search(r"\d[/-]$", text) and line.text[0].isalnum()) or re.search(r"[^\W\d_]-$", text):
            head, tail = text[:-1].rsplit(" ", 1)[-1], line.text.split(" ", 1)[0].rstrip(".,;:)")
            whole = is_syllable(head + tail) and not (is_syllable(head) and is_syllable(tail))
            text = (text[:-1] if whole and tail.islower() else text) + line.text
        else:
            text += " " + line.text
    return text


def _is_capital(text: str) -> bool:
    found = _CAPITAL.match(text)
    return found is not None and found[0][-1].isupper()
