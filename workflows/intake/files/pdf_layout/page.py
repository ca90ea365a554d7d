"""The lines and the ruled lines of a page of a PDF, from pdfium's letters and paths."""

import ctypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw

from workflows.intake.files.marks import FIRST_MARK, without_marks

_THIN = 2.5
"""Points: a path no thicker than this is a ruled line."""
_LONG = 6.0
_MOST_PATHS = 20_000
_WIDE_GAP = 2.5
"""Heights of the letters: a wider gap within a line parts two columns."""
_LABEL = re.compile(r"\s*(?:[-–—+•*].*|\S{1,5}|.*:)\s*")
"""An item with a dash, a number, a label: the tab after it parts nothing."""
_LARGE = 0.5
"""Of the page: a picture that covers so much is the page."""


@dataclass(frozen=True, slots=True)
class PlacedLetter:
    """One letter, and its box in points from the lower left corner of the page as it is read."""

    char: str
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class PageLine:
    """Letters on one base line; `font` tells bold from plain, `page` counts from 0."""

    letters: tuple[PlacedLetter, ...]
    font: str
    page: int
    text: str
    left: float
    right: float
    bottom: float
    top: float

    @property
    def marked(self) -> str:
        """Return the text with the marks of words that were read from a picture."""
        return " ".join("".join(letter.char for letter in self.letters).split())


@dataclass(frozen=True, slots=True)
class Rule:
    """A ruled line, as a box without thickness."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class PageLayout:
    number: int
    width: float
    lines: list[PageLine]
    rules: list[Rule]
    is_picture: bool


Box = tuple[float, float, float, float]


def read_page(page: pypdfium2.PdfPage, number: int) -> PageLayout:
    """The lines stand in the order in which they were written."""
    width, height = page.get_size()
    turn = _turned(page.get_rotation(), *page.get_mediabox()[2:])
    text_page = page.get_textpage()
    lines = list(_lines(text_page, number, turn))
    rules, is_picture = _drawn(page, turn, width * height)
    text_page.close()
    return PageLayout(number, width, lines, rules, is_picture)


def _turned(rotation: int, width: float, height: float) -> Callable[[Box], Box]:
    """From the page as it is stored to the page as it is read."""
    turns: dict[int, Callable[[Box], Box]] = {
        0: lambda box: box,
        90: lambda box: (box[1], width - box[2], box[3], width - box[0]),
        180: lambda box: (width - box[2], height - box[3], width - box[0], height - box[1]),
        270: lambda box: (height - box[3], box[0], height - box[1], box[2]),
    }
    return turns[rotation]


def _lines(text_page: pypdfium2.PdfTextPage, number: int, turn: Callable[[Box], Box]) -> Iterator[PageLine]:
    letters: list[PlacedLetter] = []
    font = ""
    rect = raw.FS_RECTF()
    for index in range(text_page.count_chars()):
        code = raw.FPDFText_GetUnicode(text_page, index)
        char = (
            "-" if code == 2 else chr(code) if 0 < code < ord(FIRST_MARK) else ""
        )  # 2 is pdfium's hyphen at a line's end
        if char in "\r\n":
            yield from _line(letters, font, number)
            letters = []
            continue
        if not raw.FPDFText_GetLooseCharBox(text_page, index, ctypes.byref(rect)):
            continue
        letter = PlacedLetter(char, *turn((rect.left, rect.bottom, rect.right, rect.top)))
        if letters and _is_apart(letters, letter):
            yield from _line(letters, font, number)
            letters = []
        if not letters:
            font = _font(text_page, index)
        letters.append(letter)
    yield from _line(letters, font, number)


def _is_apart(before: list[PlacedLetter], letter: PlacedLetter) -> bool:
    """Return whether a letter stands on another line than those before it, or in another column."""
    last = next((one for one in reversed(before) if one.char.strip()), before[-1])
    height = max(last.top - last.bottom, letter.top - letter.bottom, 1.0)
    if letter.char.isspace():  # pdfium puts spaces in gaps, with boxes of its own making
        return False
    gap = letter.left - last.right
    is_column = gap > _WIDE_GAP * height and not _LABEL.fullmatch("".join(one.char for one in before))
    return abs(letter.bottom - last.bottom) > 0.6 * height or is_column or gap < -20 * height


def _line(letters: list[PlacedLetter], font: str, number: int) -> Iterator[PageLine]:
    if any(letter.char.strip() for letter in letters):
        yield make_line(letters, font, number)


def make_line(letters: list[PlacedLetter], font: str, page: int) -> PageLine:
    """At least one of the letters must be visible."""
    shown = [letter for letter in letters if letter.char.strip()]
    return PageLine(
        letters=tuple(letters),
        font=font,
        page=page,
        text=" ".join(without_marks("".join(letter.char for letter in letters)).split()),
        left=min(letter.left for letter in shown),
        right=max(letter.right for letter in shown),
        bottom=min(letter.bottom for letter in shown),
        top=max(letter.top for letter in shown),
    )


def _font(text_page: pypdfium2.PdfTextPage, index: int) -> str:
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    raw.FPDFText_GetFontInfo(text_page, index, name, 128, ctypes.byref(flags))
    return f"{name.value.decode('latin-1')} {raw.FPDFText_GetFontSize(text_page, index):.0f}"


def _drawn(page: pypdfium2.PdfPage, turn: Callable[[Box], Box], area: float) -> tuple[list[Rule], bool]:
    """Ruled lines, the edges of thin boxes among them, and whether a picture covers the page."""
    rules: list[Rule] = []
    is_picture = False
    for thing in page.get_objects(filter=(raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE), max_depth=3):
        left, bottom, right, top = turn(thing.get_bounds())
        if thing.type == raw.FPDF_PAGEOBJ_IMAGE:
            is_picture = is_picture or (right - left) * (top - bottom) > _LARGE * area
            continue
        width, height = right - left, top - bottom
        if min(width, height) <= _THIN < _LONG <= max(width, height):
            rules.append(Rule(left, bottom, right, top))
        elif width > _LONG and height > _LONG:
            rules += [
                Rule(left, bottom, right, bottom),
                Rule(left, top, right, top),
                Rule(left, bottom, left, top),
                Rule(right, bottom, right, top),
            ]
        if len(rules) > _MOST_PATHS:
            return [], is_picture  # a drawing, not a table
    return rules, is_picture
