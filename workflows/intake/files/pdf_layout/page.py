"""Read the lines of text and the ruled lines of a PDF's page from pdfium's characters and paths."""

import ctypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw

from workflows.intake.files.marks import FIRST_MARK, without_marks

_MAX_RULE_THICKNESS = 2.5
"""A path that is not thicker, in points, is a ruled line."""
_MIN_RULE_LENGTH = 6.0
_MOST_PATHS = 20_000
_WIDE_GAP = 2.5
"""A wider gap within a line, in heights of its characters, separates two columns."""
_LABEL = re.compile(r"\s*(?:[-–—+•*].*|\S{1,5}|.*:)\s*")
"""An item with a dash, a number or a label: the tab after it separates no columns."""
_PAGE_PICTURE_SHARE = 0.5
"""A picture that covers this share of a page is the page."""


@dataclass(frozen=True, slots=True)
class PlacedCharacter:
    """A character, and its box in points from the lower left corner of the upright page."""

    char: str
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class PageLine:
    """Characters on one base line. `font` tells bold from plain text; `page` counts from 0."""

    characters: tuple[PlacedCharacter, ...]
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
        return " ".join("".join(character.char for character in self.characters).split())


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
    """Read a page. Its lines stand in the order in which they were written."""
    width, height = page.get_size()
    turn = _upright_turn(page.get_rotation(), *page.get_mediabox()[2:])
    text_page = page.get_textpage()
    lines = list(_lines(text_page, number, turn))
    rules, is_picture = _rules_and_picture(page, turn, width * height)
    text_page.close()
    return PageLayout(number, width, lines, rules, is_picture)


def _upright_turn(rotation: int, width: float, height: float) -> Callable[[Box], Box]:
    """Return the function that turns boxes of the stored page to the upright page."""
    turns: dict[int, Callable[[Box], Box]] = {
        0: lambda box: box,
        90: lambda box: (box[1], width - box[2], box[3], width - box[0]),
        180: lambda box: (width - box[2], height - box[3], width - box[0], height - box[1]),
        270: lambda box: (height - box[3], box[0], height - box[1], box[2]),
    }
    return turns[rotation]


def _lines(text_page: pypdfium2.PdfTextPage, number: int, turn: Callable[[Box], Box]) -> Iterator[PageLine]:
    characters: list[PlacedCharacter] = []
    font = ""
    rect = raw.FS_RECTF()
    for index in range(text_page.count_chars()):
        code = raw.FPDFText_GetUnicode(text_page, index)
        char = (
            "-" if code == 2 else chr(code) if 0 < code < ord(FIRST_MARK) else ""
        )  # 2 is pdfium's hyphen at a line's end
        if char in "\r\n":
            yield from _line(characters, font, number)
            characters = []
            continue
        if not raw.FPDFText_GetLooseCharBox(text_page, index, ctypes.byref(rect)):
            continue
        character = PlacedCharacter(char, *turn((rect.left, rect.bottom, rect.right, rect.top)))
        if characters and _is_apart(characters, character):
            yield from _line(characters, font, number)
            characters = []
        if not characters:
            font = _font(text_page, index)
        characters.append(character)
    yield from _line(characters, font, number)


def _is_apart(before: list[PlacedCharacter], character: PlacedCharacter) -> bool:
    """Return whether a character stands on another line than those before it, or in another column."""
    last = next((placed for placed in reversed(before) if placed.char.strip()), before[-1])
    height = max(last.top - last.bottom, character.top - character.bottom, 1.0)
    if character.char.isspace():  # pdfium puts spaces in gaps, with boxes of its own making
        return False
    gap = character.left - last.right
    is_column = gap > _WIDE_GAP * height and not _LABEL.fullmatch("".join(placed.char for placed in before))
    return abs(character.bottom - last.bottom) > 0.6 * height or is_column or gap < -20 * height


def _line(characters: list[PlacedCharacter], font: str, number: int) -> Iterator[PageLine]:
    if any(character.char.strip() for character in characters):
        yield make_line(characters, font, number)


def make_line(characters: list[PlacedCharacter], font: str, page: int) -> PageLine:
    """Make a line of characters, at least one of which must be visible."""
    shown = [character for character in characters if character.char.strip()]
    return PageLine(
        characters=tuple(characters),
        font=font,
        page=page,
        text=" ".join(without_marks("".join(character.char for character in characters)).split()),
        left=min(character.left for character in shown),
        right=max(character.right for character in shown),
        bottom=min(character.bottom for character in shown),
        top=max(character.top for character in shown),
    )


def _font(text_page: pypdfium2.PdfTextPage, index: int) -> str:
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    raw.FPDFText_GetFontInfo(text_page, index, name, 128, ctypes.byref(flags))
    return f"{name.value.decode('latin-1')} {raw.FPDFText_GetFontSize(text_page, index):.0f}"


def _rules_and_picture(page: pypdfium2.PdfPage, turn: Callable[[Box], Box], area: float) -> tuple[list[Rule], bool]:
    """Return the ruled lines, with the edges of boxes, and whether a picture covers the page."""
    rules: list[Rule] = []
    is_picture = False
    for thing in page.get_objects(filter=(raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE), max_depth=3):
        left, bottom, right, top = turn(thing.get_bounds())
        if thing.type == raw.FPDF_PAGEOBJ_IMAGE:
            is_picture = is_picture or (right - left) * (top - bottom) > _PAGE_PICTURE_SHARE * area
            continue
        width, height = right - left, top - bottom
        if min(width, height) <= _MAX_RULE_THICKNESS < _MIN_RULE_LENGTH <= max(width, height):
            rules.append(Rule(left, bottom, right, top))
        elif width > _MIN_RULE_LENGTH and height > _MIN_RULE_LENGTH:
            rules += [
                Rule(left, bottom, right, bottom),
                Rule(left, top, right, top),
                Rule(left, bottom, left, top),
                Rule(right, bottom, right, top),
            ]
        if len(rules) > _MOST_PATHS:
            return [], is_picture  # a drawing, not a table
    return rules, is_picture
