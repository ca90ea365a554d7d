"""Labels of items that tesseract misread: as they follow one another, only one reading is left."""

import re
from collections.abc import Sequence
from dataclasses import replace

from workflows.intake.files.scans.scanned_words import Word

DIGITS = str.maketrans("OoÓÔÒØøöõÕlIíÍ|SB", "0000000000" + "11111" + "58")
"""Letters that look like digits."""
_NUMBER = re.compile(r"([-_~`'.]{0,3})([\dSsOlI]{1,2})([.,])")
_LETTER = re.compile(r"[-_~`'.]{0,2}(\S)\)")
_ROMAN = re.compile(r"([HIVXl1L|]{1,4})([.,])")
_DASH = re.compile(r"[~`_'’.]+-[_~]?|-[_~]+")
_LETTERS = "abcdđeghiklmn"
_LIKE_LETTERS = {"a": "a3ä", "b": "b6", "c": "ce€", "d": "dđ", "đ": "đd", "g": "g9"}
_ROMANS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_STROKES = str.maketrans("l1L|", "IIII")


def said(word: Word, text: str) -> Word:
    """Return a word that says something else than was read; the same where it does not."""
    return word if text == word.text else replace(word, text=text, was=word.was or word.text)


class Labels:
    """The labels of items as they follow one another: after "4." and before "6." stands "5.", whatever was read."""

    def __init__(self) -> None:
        self._roman, self._number, self._letter = 0, 0, ""

    def repaired(self, words: Sequence[Word]) -> Word:
        """Return the first word of a line, as a label where it can only be the next one."""
        first = words[0]
        following = " ".join(word.text for word in words[1:])
        if _DASH.fullmatch(first.text) and following:
            return said(first, "-")
        if not following[:1].isupper():
            return first
        if (found := _ROMAN.fullmatch(first.text)) and following.isupper() and len(words) > 2:
            return self._section(first, found[1])
        if found := _NUMBER.fullmatch(first.text):
            return self._item(first, found)
        if found := _LETTER.fullmatch(first.text):
            return self._point(first, found[1])
        return first

    def _section(self, first: Word, read: str) -> Word:
        """Return the roman number of a heading in capitals."""
        wanted = _ROMANS[self._roman] if self._roman < len(_ROMANS) else ""
        shown = read.replace("H", "II").translate(_STROKES)
        is_twice = self._roman > 1 and read == _ROMANS[self._roman - 1]  # a stroke was lost
        if read in _ROMANS and not is_twice:
            self._roman = _ROMANS.index(read) + 1
        elif wanted and (is_twice or shown == wanted or set(shown) == set(wanted) == {"I"}):
            self._roman += 1
            first = said(first, f"{wanted}.")
        self._number, self._letter = 0, ""
        return first

    def _item(self, first: Word, found: re.Match[str]) -> Word:
        read = found[2].translate(DIGITS).replace("s", "5")
        is_clean = found[2].isdecimal() and not found[1] and found[3] == "."
        is_next = read.isdecimal() and int(read) == self._number + 1
        if not (is_clean or is_next):
            return first
        self._number, self._letter = int(read), ""
        return first if is_clean or (read == "1" and not found[2].isdecimal()) else said(first, f"{read}.")

    def _point(self, first: Word, read: str) -> Word:
        wanted = _LETTERS[_LETTERS.index(self._letter) + 1 :][:1] if self._letter else "a"
        if wanted and read in _LIKE_LETTERS.get(wanted, wanted):
            self._letter = wanted
            return said(first, f"{wanted})")
        self._letter = read if read in _LETTERS else ""
        return first
