"""Repair numbers and labels that tesseract misread, such as days, quarters and codes, where one reading is possible.

Labels of items follow one another, so that only one reading of them is left.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from workflows.intake.files.scans.scanned_words import ScannedWord, WordLine

_LIKE_DIGITS = r"[\dOoÓÔÒØøöõÕlIíÍ|SB]"
_DAY = re.compile(rf"({_LIKE_DIGITS}{{1,2}})([.,;:)]*)")
_YEAR = re.compile(rf"({_LIKE_DIGITS}{{4}})([.,;:)]*)")
_WHOLE_DAY = re.compile(rf"({_LIKE_DIGITS}{{1,2}})([/.-])({_LIKE_DIGITS}{{1,2}})(?:\2({_LIKE_DIGITS}{{4}}))?([.,;:)]*)")
_QUARTERS = {
    **dict.fromkeys(("H", "ll", "1I", "I1", "lI", "Il", "11"), "II"),
    **dict.fromkeys(("III", "Ill", "lll", "IIl", "IlI", "1II", "II1", "111"), "III"),
    **dict.fromkeys(("1V", "lV", "|V"), "IV"),
    **dict.fromkeys(("l", "|"), "I"),
}
_QUARTER = re.compile(r"([HIVl1|]{1,3})(/?)((?:19|20)\d\d)?([.,;:)]*)")
_NUMBER_LINE = re.compile(r"/?[A-ZĐ]{1,4}\d?-[A-ZĐ]{2,}")
_SO = re.compile(r"[S5][^\W\d_]{1,3}[:.;]?")
_KINDS = {
    "CHỈ THỊ": "CT",
    "QUYẾT ĐỊNH": "QĐ",
    "KẾ HOẠCH": "KH",
    "THÔNG BÁO": "TB",
    "NGHỊ QUYẾT": "NQ",
    "CÔNG ĐIỆN": "CĐ",
}
_HEAD_LINES = 14
_DIGITS = str.maketrans("OoÓÔÒØøöõÕlIíÍ|SB", "0000000000" + "11111" + "58")
"""Letters that look like digits."""
_NUMBER = re.compile(r"([-_~`'.]{0,3})([\dSsOlI]{1,2})([.,])")
_LETTER = re.compile(r"[-_~`'.]{0,2}(\S)\)")
_ROMAN = re.compile(r"([HIVXl1L|]{1,4})([.,])")
_DASH = re.compile(r"[~`_'’.]+-[_~]?|-[_~]+")
_LETTERS = "abcdđeghiklmn"
_LIKE_LETTERS = {"a": "a3ä", "b": "b6", "c": "ce€", "d": "dđ", "đ": "đd", "g": "g9"}
_ROMANS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_STROKES = str.maketrans("l1L|", "IIII")


def _without_marks(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.upper().replace("Đ", "D"))
    return "".join(char for char in parts if not unicodedata.combining(char))


_MOTTO = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
_BY_LETTERS = {_without_marks(name): name for name in (*_KINDS, *_MOTTO)}


def numbers_repaired(pages: Sequence[Sequence[WordLine]]) -> list[list[WordLine]]:
    labels = _Labels()
    repaired_pages: list[list[WordLine]] = []
    for page in pages:
        lines = []
        for line in page:
            words = list(line.words)
            if words:
                words[0] = labels.repaired(words)
            for position in range(1, len(words)):
                words[position] = _repair_after(words[position - 1].text, words[position])
            lines.append(replace(line, words=tuple(words)))
        repaired_pages.append(lines)
    if repaired_pages:
        repaired_pages[0] = _repair_head(repaired_pages[0])
    return repaired_pages


def _repair_after(before: str, word: ScannedWord) -> ScannedWord:
    """Return a word as the one before it wants it: a day behind "ngày", a quarter behind "Quý"."""
    last = before.lower().strip('“"(,.')
    text = word.text
    if last == "quý":
        text = _quarter(text)
    elif last in ("ngày", "tháng") and (found := _DAY.fullmatch(text)):
        text = _number(found[1], 31 if last == "ngày" else 12) + found[2]
    elif last == "năm" and (found := _YEAR.fullmatch(text)):
        year = _number(found[1], 2100)
        text = year + found[2] if year.startswith(("19", "20")) else text
    elif found := _WHOLE_DAY.fullmatch(text):
        day, month = _number(found[1], 31), _number(found[3], 12)
        year = found[2] + _number(found[4], 2100) if found[4] else ""
        if last in ("ngày", "trước", "đến", "từ") or year:
            text = f"{day}{found[2]}{month}{year}{found[5]}"
    return _with_text(word, text)


def _number(text: str, most: int) -> str:
    """Replace letters that look like digits, where there is a digit already and the number is possible."""
    read = text.translate(_DIGITS)
    is_mixed = any(map(str.isdigit, text)) and read.isdecimal()
    return read if is_mixed and 1 <= int(read) <= most else text


def _quarter(text: str) -> str:
    match = _QUARTER.fullmatch(text)
    if match is None or (not match[2] and match[3] is None and match[1] == "11"):
        return text
    if match[3] and not match[2] and not match[1].isdecimal():
        return text
    numeral = _QUARTERS.get(match[1], "I" if match[1] == "1" and match[3] and not match[2] else match[1])
    slash = "/" if match[3] else match[2]
    return f"{numeral}{slash}{match[3] or ''}{match[4]}"


def _repair_head(lines: list[WordLine]) -> list[WordLine]:
    """Repair "Số:" before the number on the first page, and in the number the codes of kind and issuer."""
    top = [_kind_repaired(line) for line in lines[:_HEAD_LINES]]
    lines = [*top, *lines[_HEAD_LINES:]]
    kind = next((code for line in top for name, code in _KINDS.items() if line.text.upper().startswith(name)), "")
    issuer = next((line.text for line in top if line.text.isupper() and len(line.words) > 1), "")
    initials = "".join(word[0] for word in re.findall(r"[^\W\d_]+", issuer))
    for row, line in enumerate(top):
        if not _NUMBER_LINE.search(line.text) or not _SO.match(line.text) or len(line.words) < 2:
            continue
        words = list(line.words)
        if _SO.fullmatch(words[0].text):
            words[0] = _with_text(words[0], "Số:")
        for position, word in enumerate(words[1:], 1):
            words[position] = _with_text(word, _with_codes(word.text, kind, initials))
        return [*lines[:row], replace(line, words=tuple(words)), *lines[row + 1 :]]
    return lines


def _kind_repaired(line: WordLine) -> WordLine:
    """Repair a line that names the kind of document, such as "CHÍ THỊ", or is the motto of the state."""
    kind = _BY_LETTERS.get(_without_marks(line.text))
    if kind is None or line.text.isupper() != kind.isupper() or line.text == kind.replace("HÒA", "HOÀ"):
        return line
    words = zip(line.words, kind.split(), strict=True)
    return replace(line, words=tuple(_with_text(word, text) for word, text in words))


def _with_codes(text: str, kind: str, initials: str) -> str:
    """Repair the codes of kind and issuer in a document's number, where one character of each differs."""
    match = re.fullmatch(r"(.*?/)([A-ZĐ]{1,4})-([A-ZĐ]{2,})(\W*)", text)
    if match is None:
        return text
    return f"{match[1]}{_closest(match[2], kind)}-{_closest(match[3], initials)}{match[4]}"


def _closest(read: str, wanted: str) -> str:
    differences = sum(letter != other for letter, other in zip(read, wanted, strict=False))
    return wanted if len(read) == len(wanted) and differences == 1 else read


def _with_text(word: ScannedWord, text: str) -> ScannedWord:
    """Return the word with another text, and with what was read beside it. An equal text changes nothing."""
    return word if text == word.text else replace(word, text=text, was=word.was or word.text)


class _Labels:
    """The labels of items, which follow one another: after "4." and before "6." stands "5.", whatever was read."""

    def __init__(self) -> None:
        self._roman, self._number, self._letter = 0, 0, ""

    def repaired(self, words: Sequence[ScannedWord]) -> ScannedWord:
        """Return the first word of a line, repaired where it can only be the next label."""
        first = words[0]
        following = " ".join(word.text for word in words[1:])
        if _DASH.fullmatch(first.text) and following:
            return _with_text(first, "-")
        if not following[:1].isupper():
            return first
        if (found := _ROMAN.fullmatch(first.text)) and following.isupper() and len(words) > 2:
            return self._section(first, found[1])
        if found := _NUMBER.fullmatch(first.text):
            return self._item(first, found)
        if found := _LETTER.fullmatch(first.text):
            return self._point(first, found[1])
        return first

    def _section(self, first: ScannedWord, read: str) -> ScannedWord:
        wanted = _ROMANS[self._roman] if self._roman < len(_ROMANS) else ""
        shown = read.replace("H", "II").translate(_STROKES)
        is_twice = self._roman > 1 and read == _ROMANS[self._roman - 1]  # a stroke was lost
        if read in _ROMANS and not is_twice:
            self._roman = _ROMANS.index(read) + 1
        elif wanted and (is_twice or shown == wanted or set(shown) == set(wanted) == {"I"}):
            self._roman += 1
            first = _with_text(first, f"{wanted}.")
        self._number, self._letter = 0, ""
        return first

    def _item(self, first: ScannedWord, found: re.Match[str]) -> ScannedWord:
        read = found[2].translate(_DIGITS).replace("s", "5")
        is_clean = found[2].isdecimal() and not found[1] and found[3] == "."
        is_next = read.isdecimal() and int(read) == self._number + 1
        if not (is_clean or is_next):
            return first
        self._number, self._letter = int(read), ""
        return first if is_clean or (read == "1" and not found[2].isdecimal()) else _with_text(first, f"{read}.")

    def _point(self, first: ScannedWord, read: str) -> ScannedWord:
        wanted = _LETTERS[_LETTERS.index(self._letter) + 1 :][:1] if self._letter else "a"
        if wanted and read in _LIKE_LETTERS.get(wanted, wanted):
            self._letter = wanted
            return _with_text(first, f"{wanted})")
        self._letter = read if read in _LETTERS else ""
        return first
