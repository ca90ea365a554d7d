"""Mark the words that were read from a picture, so that their places in the final text are known."""

import re

FIRST_MARK = "\U000f0000"
"""The private planes of Unicode, which no document uses: the mark of the word number 0."""
MOST_MARKS = 0x1FFFD
_MARK = re.compile("[\U000f0000-\U0010ffff]")
_MARKED = re.compile("([\U000f0000-\U0010ffff])([^\\s\U000f0000-\U0010ffff]*)")
Place = tuple[int, int, int]
"""A word's number, and where it begins and ends in the text."""


def mark(number: int) -> str:
    return chr(ord(FIRST_MARK) + number)


def without_marks(text: str) -> str:
    return _MARK.sub("", text)


def find_marks(text: str) -> tuple[str, list[Place]]:
    """Return a text without its marks, and the place of each word that had one."""
    places: list[Place] = []
    clean: list[str] = []
    at = last = 0
    for found in _MARKED.finditer(text):
        before = text[last : found.start()]
        at += len(before)
        places.append((ord(found[1]) - ord(FIRST_MARK), at, at + len(found[2])))
        clean += [before, found[2]]
        at += len(found[2])
        last = found.end()
    return "".join([*clean, text[last:]]), places
