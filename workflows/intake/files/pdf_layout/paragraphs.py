"""Join the printed lines of a PDF into paragraphs again, also across pages, by the signs of typesetting."""

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
_DRAWN_LINE = re.compile(r"[-–—_=*.~\s]{3,}")
"""A rule that is drawn with characters."""
_CAPITAL = re.compile(r"[“\"(]?[^\W\d_]")
_PAGE_NUMBER = re.compile(r"[-–—\s]*(?:trang|page)?[\s:]*\d{1,4}(?:\s*/\s*\d{1,4})?[-–—\s]*", re.IGNORECASE)
_MIN_INDENT = 8.0
_GAP_FACTOR = 1.3
"""More than this multiple of the usual step between lines is a gap between blocks."""
_SAME_PLACE = 3.0
"""Places within this distance, in points, are the same."""
_DASHES = "-–—+•*"
_HEADING = 3
"""A line of capitals with this number of spaces is certainly a heading."""
_LEAST_WIDTH = 0.8
"""The share of the page's width to which lines reach at least."""
_SPACE_SHARE = 0.2
"""The least width of a space, as a share of the characters' height."""
_REPEATED_SHARE = 0.4
"""The share of pages that have a running head. Left and right pages may have different ones."""
_MAX_EDGE_LINES = 2
"""The most lines of a running head or foot."""


def without_running_heads(pages: list[list[PageLine]]) -> set[int]:
    """Return the ids of page numbers, and of lines repeated at the edge of pages, without the first of each."""
    from_top = [sorted(lines, key=lambda line: -line.bottom) for lines in pages]
    step = _usual_step([line for lines in from_top for line in lines])
    edges = [("head", line) for lines in from_top for line in _edge(lines, step)]
    edges += [("foot", line) for lines in from_top for line in _edge(lines[::-1], step)]
    numbers = {id(line) for _place, line in edges if _PAGE_NUMBER.fullmatch(line.text)}
    shapes = Counter(_shape(edge, line) for edge, line in edges)
    known_shapes: set[tuple[str, str, int]] = set()
    repeated: set[int] = set()
    for edge, line in edges:
        shape = _shape(edge, line)
        if shapes[shape] >= max(2, _REPEATED_SHARE * len(pages)) and len(line.text) > 3:
            if shape in known_shapes or edge == "foot":
                repeated.add(id(line))
            known_shapes.add(shape)
    return numbers | repeated


def _edge(lines: list[PageLine], step: float) -> list[PageLine]:
    """Return the lines at the edge of a page that a gap separates from the rest, from the edge inwards."""
    for count in range(1, min(_MAX_EDGE_LINES, len(lines) - 1) + 1):
        if abs(lines[count - 1].bottom - lines[count].bottom) > _GAP_FACTOR * step:
            return lines[:count]
    return lines[:1] if lines and (len(lines) == 1 or _PAGE_NUMBER.fullmatch(lines[0].text)) else []


def _usual_step(lines: list[PageLine]) -> float:
    """Return the usual distance from one line to the next, in points."""
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
        paragraphs: list[list[PageLine]] = []
        limits = self._limits(lines)
        for line in lines:
            if paragraphs and not self._begins(paragraphs[-1], line, limits.get(id(paragraphs[-1][-1]))):
                paragraphs[-1].append(line)
            else:
                paragraphs.append([line])
        return paragraphs

    def is_gap(self, last: PageLine, line: PageLine) -> bool:
        """Return whether there is more than a line's room between two lines."""
        return last.page == line.page and last.bottom - line.bottom > _GAP_FACTOR * self._step

    @staticmethod
    def _margins(lines: list[PageLine]) -> tuple[float, float]:
        long = sorted(lines, key=lambda line: line.left - line.right)[: max(1, len(lines) // 3)]
        if not long:
            return 0.0, 0.0
        return max(line.right for line in long), Counter(round(line.left) for line in long).most_common(1)[0][0]

    def _limits(self, lines: list[PageLine]) -> dict[int, float]:
        """Return the right edge of each line in one of several columns: that of its column's widest line."""
        limits: dict[int, float] = {}
        block: list[PageLine] = []
        for line in [*lines, None]:
            if line is not None and block and self._is_column(block[-1], line):
                block.append(line)
                continue
            if any(map(self._has_neighbour, block)):
                edge = max(member.right for member in block)
                limits.update({id(member): edge for member in block})
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
        indented = line.left - last.left > _MIN_INDENT and not _is_centred(last, line)
        hanging = len(paragraph) == 1 and _MARK.match(first.text) is not None
        ended = _STOP.search(last.text) is not None
        if _MARK.match(line.text) and (ended or is_short or indented or _are_dashes(first, line)):
            return True
        if is_short or (indented and not hanging):
            return True
        if not ended or not _is_capital(line.text):
            return False
        first_line_indented = first.left - line.left > _MIN_INDENT
        continues = len(paragraph) > 1 and abs(last.left - line.left) < 2 and self._is_spaced
        return not (first_line_indented or continues or (hanging and line.left - first.left > _MIN_INDENT))

    def _is_broken_off(self, last: PageLine, line: PageLine) -> bool:
        """Return whether two lines of a page cannot be of one paragraph, by their places or their fonts."""
        if last.bottom <= line.bottom or self.is_gap(last, line):
            return True
        if _DRAWN_LINE.fullmatch(last.text) or _DRAWN_LINE.fullmatch(line.text):
            return True
        capitals = last.text.isupper(), line.text.isupper()
        if capitals[0] != capitals[1] and line.text.upper() != line.text.lower():
            heading = capitals[0] and last.text.count(" ") >= _HEADING
            return last.font != line.font or _is_centred(last, line) or heading
        return all(capitals) and last.font != line.font

    def _is_short(self, last: PageLine, line: PageLine, limit: float | None) -> bool:
        """Return whether the next word would have had room on the line before."""
        room = _first_word(line) + _SPACE_SHARE * (line.top - line.bottom)
        if _is_centred(last, line):
            centred_lines = [
                centred_line
                for centred_line in self._pages[last.page]
                if abs(_middle(centred_line) - _middle(last)) < _SAME_PLACE
            ]
            return (
                last.right - last.left + room
                < max(centred_line.right - centred_line.left for centred_line in centred_lines) - 1
            )
        return last.right + room < (self._right if limit is None else limit) - 1


def _are_dashes(first: PageLine, line: PageLine) -> bool:
    """Return whether both begin as items with a dash: "- Bộ Công an" does, the rest of "1974 - 1975" does not."""
    return first.text[0] in _DASHES and line.text[0] in _DASHES and line.text[1:].lstrip()[:1].isupper()


def _first_word(line: PageLine) -> float:
    word = takewhile(
        lambda character: character.char.strip(),
        dropwhile(lambda character: not character.char.strip(), line.characters),
    )
    return max((character.right for character in word), default=line.left) - line.left


def _is_centred(last: PageLine, line: PageLine) -> bool:
    return abs(_middle(last) - _middle(line)) < _SAME_PLACE < abs(last.left - line.left)


def _middle(line: PageLine) -> float:
    return (line.left + line.right) / 2


def _is_capital(text: str) -> bool:
    found = _CAPITAL.match(text)
    return found is not None and found[0][-1].isupper()
