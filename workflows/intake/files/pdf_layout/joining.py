"""Join the printed lines of a text, and heal broken numbers, dates and words."""

import re

from workflows.intake.files.characters.syllables import is_syllable
from workflows.intake.files.marks import without_marks

_BROKEN_DATE = re.compile(r"\d[/-]$")
_BROKEN_NUMBER = re.compile(r"\d/[A-ZĐ]*$")
_REST_OF_NUMBER = re.compile(r"[A-ZĐ]*-[A-ZĐ]")
_HYPHEN = re.compile(r"[^\W\d_]-$")


def joined(lines: list[str]) -> str:
    """Join lines to one text, without spaces in dates and numbers of documents, and without hyphens of typesetting."""
    text = ""
    for line in filter(None, lines):
        shown = without_marks(line)
        if not text:
            text = line
        elif _HYPHEN.search(text):
            text = (text[:-1] if _is_one_syllable(without_marks(text), shown) else text) + line
        elif (_BROKEN_DATE.search(text) and shown[0].isalnum()) or (
            _BROKEN_NUMBER.search(text) and _REST_OF_NUMBER.match(shown)
        ):
            text += line
        else:
            text += " " + line
    return text


def _is_one_syllable(text: str, line: str) -> bool:
    """Return whether typesetting put the hyphen at a line's end: then there is a syllable only without it."""
    head, tail = text[:-1].rsplit(" ", 1)[-1], line.split(" ", 1)[0].rstrip(".,;:)")
    return tail.islower() and is_syllable(head + tail) and not (is_syllable(head) and is_syllable(tail))
