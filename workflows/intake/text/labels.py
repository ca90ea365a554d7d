"""Read the labels with which items begin: "II.", "A.", "1)", "2.1.", "đ)", "-", also as scanners misread them."""

import re
from dataclasses import dataclass
from enum import IntEnum

LETTERS = "abcdđefghijklmnopqrstuvwxyz"
_USUAL = "abcdđeghiklmnopqrstuvxy"
"""The order in which documents number with letters: without f, j, w and z."""


class Level(IntEnum):
    """The usual depth of a label."""

    PART = 0
    CAPITAL = 1
    ROMAN = 2
    UNDER_ROMAN = 3  # "A." below "II."
    ARTICLE = 4
    IN_ARTICLE = 5  # "I." below "Điều 1."
    NUMBER = 6
    DECIMAL = 7
    LETTER = 8
    DASH = 9


@dataclass(frozen=True, slots=True)
class Label:
    """A label: its level, its value in a path, and the number of its characters."""

    level: Level
    value: str
    size: int


_ORDINALS = {"nhất": "1", "một": "1", "hai": "2", "ba": "3", "bốn": "4", "tư": "4", "năm": "5", "sáu": "6"}
_PART = re.compile(
    r"(?:phần|chương)\s+(?:thứ\s+)?(nhất|một|hai|ba|bốn|tư|năm|sáu|[IVX]{1,5}|\d{1,2})\b[\s.:–-]{0,4}", re.I
)
_ARTICLE = re.compile(r"(?:Điều|ĐIỀU)\s+(\d{1,2})\s*(?:[.:]\s*|[-–]\s+|$)")
_ROMAN = re.compile(r"(?:(?:Mục|MỤC)\s+)?([IVX]{1,5})\s?(?:[.),:]|[/–-](?!\s?\d))\s*")
_SPOILT_ROMAN = re.compile(r"((?=[IVX]*[l|])[IVXl|]{2,5})\s?\.\s+(?=[A-ZĐ])")
_CAPITAL = re.compile(r"([A-HK-UĐ])\s?(?:[.)/]\s*(?=\w)|-\s+(?=[A-ZĐ]))")
_DECIMAL = re.compile(r"(\d{1,2}(?:\.\d{1,2}){1,3})\s?(?:[.)/:-]\s*|\s(?=[^\W\d_]))(?!\d)")
_NUMBER = re.compile(r"(\d{1,2})\s?(?:[.),:]|/(?![A-ZĐ]{2}))\s*(?![\d%])|(\d{1,2})\s?[-–]\s+(?=[^\W\d_])")
_BELOW_ROMAN = re.compile(r"[IVX]{1,5}\.(\d{1,2}(?:\.\d{1,2}){0,2})\s?[.):]?\s+(?=[^\W\d_])")
"""A number that repeats the Roman one above it: "II.1.", "II.2.1."."""
_BELOW_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,2}\.([a-zđ])\s?[.):]\s*(?=[^\s\d.])")
"""A letter that repeats the number above it: "2.1.a.", "1.b)"."""
_LETTER = re.compile(r"(?!v/v)([a-zđ])\s?[.)/,}\]]\s*(?=[^\s\d.])|([a-zđ])\s?[-–]\s+(?=[^\W\d_])")
_DASH = re.compile(r"[-–—+•*_~●○▪·]+\s*(?=[^\s\d.-])|[-–—+•]+\s+(?=\d)")
_LOST = re.compile(r"_?[.,]\s+(?=[^\W\d_])")


def read_label(text: str) -> Label | None:
    for pattern, level in _FORMS:
        match = pattern.match(text)
        if match:
            value = next(group for group in match.groups() if group)
            if pattern is _BELOW_ROMAN and "." in value:
                level = Level.DECIMAL
            if level is Level.ARTICLE:
                value = f"Điều {value}"
            elif level is Level.PART:
                value = _ORDINALS.get(value.casefold(), value.upper())
            elif level is Level.ROMAN:
                value = value.replace("l", "I").replace("|", "I")
            return Label(level, value, match.end())
    if match := _DASH.match(text):
        return Label(Level.DASH, "-", match.end())
    return None


_FORMS = (
    (_PART, Level.PART),
    (_ARTICLE, Level.ARTICLE),
    (_BELOW_ROMAN, Level.NUMBER),
    (_BELOW_NUMBER, Level.LETTER),
    (_ROMAN, Level.ROMAN),
    (_SPOILT_ROMAN, Level.ROMAN),
    (_CAPITAL, Level.CAPITAL),
    (_DECIMAL, Level.DECIMAL),
    (_NUMBER, Level.NUMBER),
    (_LETTER, Level.LETTER),
)


def lost_number(text: str) -> int:
    """Return the length of what is left of a number that the scanner lost (". Để …"), 0 where none was lost."""
    match = _LOST.match(text)
    return match.end() if match else 0


_ROMANS = [
    tens + ones
    for tens in ("", "X", "XX", "XXX")
    for ones in ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
]


def rank(label: Label) -> int:
    """Return the place of a label among its siblings, from 1; 0 where it has none."""
    if label.level is Level.LETTER:
        return LETTERS.find(label.value) + 1
    if label.level in (Level.CAPITAL, Level.UNDER_ROMAN):
        return LETTERS.find(label.value.lower()) + 1
    if label.level in (Level.ROMAN, Level.IN_ARTICLE):
        return _ROMANS.index(label.value) if label.value in _ROMANS else 0
    last = label.value.removeprefix("Điều ").rsplit(".", 1)[-1]
    return int(last) if last.isdigit() else 0


def follows(label: Label, before: Label) -> bool:
    """Return whether a label is the next after another of its level, letters with or without f, j, w and z."""
    if label.level is not before.level:
        return False
    if rank(label) == rank(before) + 1:
        return True
    if label.level is not Level.LETTER or before.value not in _USUAL:
        return False
    after = _USUAL[_USUAL.index(before.value) + 1 :][:2]
    return label.value in after and (label.value == after[0] or before.value in "cd")


def unrepeated(values: list[str]) -> list[str]:
    """Correct the letters of siblings: the first of two equal ones is the missing one before it: c đ đ → c d đ."""
    fixed = list(values)
    for index in range(1, len(fixed) - 1):
        before, twice = fixed[index - 1], fixed[index] == fixed[index + 1]
        place = LETTERS.find(fixed[index])
        if twice and place > 0 and place - LETTERS.find(before) == 2:
            fixed[index] = LETTERS[place - 1]
    return fixed
