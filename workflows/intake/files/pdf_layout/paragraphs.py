"""The printed lines of a PDF put together again as paragraphs, across pages too, by what typesetting shows."""

import re
from collections import Counter, defaultdict
from itertools import dropwhile, pairwise, takewhile
from statistics import median

from workflows.intake.files.pdf_layout.page import PageLine

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
_GAP = 1.3
"""Of the usual step from line to line: more is a gap between blocks."""
_ONE_PLACE = 3.0
"""Points within which two places are the same."""
_DASHES = "-–—+•*"
_HEADING = 3
"""Spaces in a line of capitals that is certainly a heading."""
_LEAST_WIDTH = 0.8
"""Of the page: a line at the left margin might have gone on to there."""
_SPACE = 0.2
"""Of the height of letters: the least a space is wide."""
_OFTEN = 0.4
"""The share of pages on which a running head stands; left and right pages may have one each."""
_EDGE = 2
"""So many lines may a running head or foot have."""


def without_running_heads(pages: list[list[PageLine]]) -> set[int]:
    """Return the ids of page numbers, and of lines that stand again at the edge of pages (the first stays)."""
    from_top = [sorted(lines, key=lambda line: -line.bottom) for lines in pages]
    step = _usual_step([line for lines in from_top for line in lines])
    edges = [("head", line) for lines in from_top for line in _edge(lines, step)]
    edges += [("foot", line) for lines in from_top for line in _edge(lines[::-1], step)]
    numbers = {id(line) for _place, line in edges if _PAGE_NUMBER.fullmatch(line.text)}
    shapes = Counter(_shape(edge, line) for edge, line in edges)
    seen: set[tuple[str, str, int]] = set()
    repeated: set[int] = set()
    for edge, line in edges:
        shape = _shape(edge, line)
        if shapes[shape] >= max(2, _OFTEN * len(pages)) and len(line.text) > 3:
            if shape in seen or edge == "foot":
                repeated.add(id(line))
            seen.add(shape)
    return numbers | repeated


def _edge(lines: list[PageLine], step: float) -> list[PageLine]:
    """Return the lines at one edge of a page, inwards from there, with more than a line's room behind them."""
    for count in range(1, min(_EDGE, len(lines) - 1) + 1):
        if abs(lines[count - 1].bottom - lines[count].bottom) > _GAP * step:
            return lines[:count]
    return lines[:1] if lines and (len(lines) == 1 or _PAGE_NUMBER.fullmatch(lines[0].text)) else []


def _usual_step(lines: list[PageLine]) -> float:
    """From one line to the next, in points."""
    steps = [last.bottom - line.bottom for last, line in pairwise(lines) if last.page == line.page]
    steps = [step for step in steps if 4 < step < 60]
    return median(steps) if steps else 20.0


def _shape(edge: str, line: PageLine) -> tuple[str, str, int]:
    return edge, re.sub(r"\d+", "0", line.text), round(line.bottom / 4)


class Joiner:
    def __init__(self, lines: list[PageLine], width: float) -> None:
        self._step = _usual_step(lines)
        self._is_spaced = sum(self.is_gap(last, line) for last, line in pairwise(lines)) > len(lines) / 20
        self._pages: dict[int, list[PageLine]] = defaultdict(list)
        for line in lines:
            self._pages[line.page].append(line)
        self._right, self._left = self._margins(lines)
        self._right = max(self._right, _LEAST_WIDTH * width)

    def paragraphs(self, lines: list[PageLine]) -> list[list[PageLine]]:
        found: list[list[PageLine]] = []
        limits = self._limits(lines)
        for line in lines:
            if found and not self._begins(found[-1], line, limits.get(id(found[-1][-1]))):
                found[-1].append(line)
            else:
                found.append([line])
        return found

    def is_gap(self, last: PageLine, line: PageLine) -> bool:
        """Return whether there is more than a line's room between two lines."""
        return last.page == line.page and last.bottom - line.bottom > _GAP * self._step

    @staticmethod
    def _margins(lines: list[PageLine]) -> tuple[float, float]:
        long = sorted(lines, key=lambda line: line.left - line.right)[: max(1, len(lines) // 3)]
        if not long:
            return 0.0, 0.0
        return max(line.right for line in long), Counter(round(line.left) for line in long).most_common(1)[0][0]

    def _limits(self, lines: list[PageLine]) -> dict[int, float]:
        """To where a line that stands in one of several columns might have gone on: as far as any of its column."""
        limits: dict[int, float] = {}
        block: list[PageLine] = []
        for line in [*lines, None]:
            if line is not None and block and self._is_column(block[-1], line):
                block.append(line)
                continue
            if any(map(self._has_neighbour, block)):
                edge = max(one.right for one in block)
                limits.update({id(one): edge for one in block})
            block = [line] if line is not None else []
        return limits

    def _has_neighbour(self, line: PageLine) -> bool:
        return any(
            abs(other.bottom - line.bottom) < self._step and (other.left > line.right or other.right < line.left)
            for other in self._pages[line.page]
        )

    def _is_column(self, last: PageLine, line: PageLine) -> bool:
        if last.page != line.page:
            return True
        if self.is_gap(last, line) and self._has_neighbour(last) != self._has_neighbour(line):
            return False
        return 0 < last.bottom - line.bottom < 2.6 * self._step and last.left < line.right and line.left < last.right

    def _begins(self, paragraph: list[PageLine], line: PageLine, limit: float | None) -> bool:
        first, last = paragraph[0], paragraph[-1]
        if last.page == line.page and self._is_broken_off(last, line):
            return True
        is_short = self._is_short(last, line, limit)
        indented = line.left - last.left > _INDENT and not _is_centred(last, line)
        hanging = len(paragraph) == 1 and _MARK.match(first.text) is not None
        ended = _STOP.search(last.text) is not None
        if _MARK.match(line.text) and (ended or is_short or indented or _are_dashes(first, line)):
            return True
        if is_short or (indented and not hanging):
            return True
        if not ended or not _is_capital(line.text):
            return False
        first_line_indented = first.left - line.left > _INDENT
        goes_on = len(paragraph) > 1 and abs(last.left - line.left) < 2 and self._is_spaced
        return not (first_line_indented or goes_on or (hanging and line.left - first.left > _INDENT))

    def _is_broken_off(self, last: PageLine, line: PageLine) -> bool:
        """Return whether two lines of a page cannot be of one paragraph: by their places, or their letters."""
        if last.bottom <= line.bottom or self.is_gap(last, line):
            return True
        if _DRAWN.fullmatch(last.text) or _DRAWN.fullmatch(line.text):
            return True
        capitals = last.text.isupper(), line.text.isupper()
        if capitals[0] != capitals[1] and line.text.upper() != line.text.lower():
            heading = capitals[0] and last.text.count(" ") >= _HEADING
            return last.font != line.font or _is_centred(last, line) or heading
        return all(capitals) and last.font != line.font

    def _is_short(self, last: PageLine, line: PageLine, limit: float | None) -> bool:
        """Return whether the next word would have had room on the line before."""
        room = _first_word(line) + _SPACE * (line.top - line.bottom)
        if _is_centred(last, line):
            same = [one for one in self._pages[last.page] if abs(_middle(one) - _middle(last)) < _ONE_PLACE]
            return last.right - last.left + room < max(one.right - one.left for one in same) - 1
        return last.right + room < (self._right if limit is None else limit) - 1


def _are_dashes(first: PageLine, line: PageLine) -> bool:
    """Return whether both begin as items with a dash: "- Bộ Công an" does, the rest of "1974 - 1975" does not."""
    return first.text[0] in _DASHES and line.text[0] in _DASHES and line.text[1:].lstrip()[:1].isupper()


def _first_word(line: PageLine) -> float:
    word = takewhile(
        lambda letter: letter.char.strip(), dropwhile(lambda letter: not letter.char.strip(), line.letters)
    )
    return max((letter.right for letter in word), default=line.left) - line.left


def _is_centred(last: PageLine, line: PageLine) -> bool:
    return abs(_middle(last) - _middle(line)) < _ONE_PLACE < abs(last.left - line.left)


def _middle(line: PageLine) -> float:
    return (line.left + line.right) / 2


def _is_capital(text: str) -> bool:
    found = _CAPITAL.match(text)
    return found is not None and found[0][-1].isupper()
