"""Lines cleaned for reading, and their paragraphs: what a typewriter or a scanner broke is joined, across pages too."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from workflows.intake.text.labels import Level, lost_number, read_label
from workflows.intake.text.reading import Passage, Span
from workflows.intake.text.shape import is_capitals

_LINE = re.compile(r"[^\n\r\f\v\u2028\u2029\u0085]*(?:\r\n|[\n\r\f\v\u2028\u2029\u0085])?")
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_UNCLEAN = re.compile(rf"[{''.join(_INVISIBLE)}]|\*\*|^\s*#|[^\S ](?!$|\n$)|  ")
"""What a line holds that is to be cleaned; most lines hold nothing of it."""
_PAGE_BREAK = re.compile(r"\W*PAGE BREAK\W*$|\W*(?:Trang|Page)\s+\d{1,4}(?:\s*/\s*\d{1,4})?\W*$", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"[-–—\s]*\d{1,3}[-–—\s]*$")
_LONE_NUMBER = re.compile(r"(?P<dash>[-–—])? ?(?P<number>\d{1,3}) ?[-–—]?$")
_PAGE_HEAD = re.compile(r"CÔNG BÁO\b[^|]{0,60}\bSố \d[^|]{0,40}$")
"""The running head of a gazette: "CÔNG BÁO/Số 238/Ngày 21-04-2026"."""
_WIDE = 50
"""Characters of a line that fills its page: behind it a lone number is no cell of a table without bars."""
_MIDDLE = 20
"""Blanks before a number that stands in the middle of its page."""
_NOISE_BAR = re.compile(r"[^|]*[a-zà-ỹđ,] ?\| ?[a-zà-ỹđ][^|]*$")
"""A bar inside a sentence is a scanner's mistake."""
_RULE = re.compile(r"[-–—_=*.~|:\s]+$")


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line that says something; `cells` where it is a row of a table.

    `gap` counts the blank lines before it; `page` tells that a page begins with it.
    """

    passage: Passage
    cells: tuple[Passage, ...]
    gap: int
    page: bool


def raw_lines(text: str) -> Iterator[Span]:
    """Yield where each line of a text stands, its end included."""
    return (Span(*line.span()) for line in _LINE.finditer(text) if line.group())


def read_lines(text: str) -> list[TextLine]:
    found: list[TextLine] = []
    gap, page, pages = 0, False, 1
    for line in filter(re.Match.group, _LINE.finditer(text)):
        start, raw = line.start(), line.group()
        page = page or raw.endswith("\f")
        clean = _clean(raw, start)
        if _PAGE_BREAK.match(clean.text):
            page = True
        elif not clean.text:
            gap += 1
        elif _PAGE_HEAD.match(clean.text):
            page = True
        elif found and _is_page_number(raw, clean.text, pages + 1, found[-1], gap=gap > 0):
            page, pages = True, pages + 1
        elif page and _PAGE_NUMBER.match(clean.text):
            continue
        elif not _RULE.match(clean.text):
            cells = tuple(_cells(clean))
            found.append(TextLine(clean, cells, gap, page))
            gap, page = 0, False
    return found


def _is_page_number(raw: str, text: str, expected: int, before: TextLine, *, gap: bool) -> bool:
    """Return whether a line holds only the number of the next page, counted on from the page before."""
    number = _LONE_NUMBER.match(text)
    if number is None or int(number.group("number")) != expected:
        return False
    if number.group("dash") or len(raw) - len(raw.lstrip()) >= _MIDDLE:
        return True
    last = before.passage.text
    return not before.cells and len(last) >= _WIDE and (gap or last[-1:] not in ".:;!?")


def _clean(raw: str, start: int) -> Passage:
    """Return a line with single spaces, without invisible characters and the marks of Markdown."""
    if not _UNCLEAN.search(raw):
        text = raw.rstrip("\r\n")
        return Passage(text, tuple(range(start, start + len(text)))).cut(0)
    chars: list[str] = []
    offsets: list[int] = []
    for index, char in enumerate(raw):
        if char in _INVISIBLE or (char == "*" and raw[max(index - 1, 0) : index + 2].count("*") > 1):
            continue
        if char == "#" and not chars:
            continue
        if char.isspace():
            if chars and chars[-1] != " ":
                chars.append(" ")
                offsets.append(start + index)
            continue
        chars.append(char)
        offsets.append(start + index)
    return Passage("".join(chars), tuple(offsets)).cut(0)


def _cells(line: Passage) -> Iterator[Passage]:
    if "|" not in line.text or _NOISE_BAR.match(line.text):
        return
    bars = [index for index, char in enumerate(line.text) if char == "|"]
    if bars[0] != 0:
        bars.insert(0, -1)
    if bars[-1] != len(line.text) - 1:
        bars.append(len(line.text))
    for left, right in pairwise(bars):
        yield line.cut(left + 1, right)


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
class TextParagraph:
    """A paragraph, or a row of a table with its cells; `gap` tells whether a blank line stands before it."""

    passage: Passage
    cells: tuple[Passage, ...]
    gap: bool

    @property
    def text(self) -> str:
        return self.passage.text


def read_paragraphs(lines: list[TextLine]) -> list[TextParagraph]:
    margin = _margin(lines)
    groups: list[list[TextLine]] = []
    for line in lines:
        if groups and margin and _continues(groups[-1][-1], line, *margin):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_paragraph(group) for group in groups]


def _paragraph(group: list[TextLine]) -> TextParagraph:
    passage = group[0].passage if len(group) == 1 else Passage.joined((line.passage for line in group), " ")
    return TextParagraph(passage, group[0].cells, group[0].gap > 0 or group[0].page)


def _margin(lines: list[TextLine]) -> tuple[int, int] | None:
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


def _flows(one: TextLine, two: TextLine) -> bool:
    return not _ENDS.search(one.passage.text) and bool(_LOWER.match(two.passage.text))


def _continues(before: TextLine, line: TextLine, width: int, gap: int) -> bool:
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


def _reaches(line: TextLine, width: int) -> bool:
    return len(line.passage.text) >= width * _FULL
