"""Turns bytes, or text that was read in the wrong encoding, into Unicode.

It knows UTF-8, UTF-16, Windows-1258, TCVN3 (ABC) and VNI. It picks the encoding in which most syllables are Vietnamese.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import partial, wraps
from typing import NamedTuple

from workflows.bounded_process.limits import Unreadable, checked_length
from workflows.intake.files.characters.legacy import from_tcvn3, from_vni, read_again
from workflows.intake.files.characters.syllables import likeness

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_Reading = Callable[[str], str]
_READINGS: tuple[_Reading, ...] = (from_tcvn3, from_vni, partial(read_again, "cp1258"), partial(read_again, "utf-8"))
_SOUND_SHARE = 0.6
"""A line with this share of Vietnamese syllables is taken as it stands."""
_SURE_SHARE = 0.7
"""Another reading must reach this share to be believed."""
_HEAD = 2000
"""Number of UTF-16 units that tell whether a file without a byte order mark is UTF-16."""
_SAMPLE = 20_000
"""Number of characters that tell in which encoding the unsound lines are."""
_WINDOWS_CHARACTERS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_SPACES = re.compile(r"[^\S\n]")
_HYPHENS = str.maketrans("\u2010\u2011", "--")
_FORMATS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_GAPS = re.compile(r"\n{3,}")


def decode(data: bytes) -> str:
    """Decode a text. Raises Unreadable where no known encoding makes it Vietnamese."""
    text = _decode_unicode(data)
    if text is not None:
        return repair(checked_length(text))
    text = repair(checked_length(_decode_windows(data)))
    if _is_sound(text):
        return text
    utf8_text = data.decode("utf-8", "replace")
    if utf8_text.count("\ufffd") > 0.01 * len(utf8_text):
        raise Unreadable("file {file}: its characters are in an unknown encoding; save it as UTF-8 or as .docx")
    return repair(utf8_text)


def decode_unrepaired(data: bytes) -> str:
    """Return the text as Unicode if it is, else as Windows-1252 shows each byte."""
    text = _decode_unicode(data)
    return text if text is not None else _decode_windows(data)


def _decode_unicode(data: bytes) -> str | None:
    """Return the text if it is UTF-8 or UTF-16. Its last character may be cut off."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    even, odd = data[: _HEAD * 2 : 2], data[1 : _HEAD * 2 : 2]
    for upper_half, lower_half, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        # the upper half of most characters is zero
        if upper_half.count(0) > len(upper_half) / 5 and not lower_half.count(0):
            return data.decode(encoding, "replace")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return None


def _decode_windows(data: bytes) -> str:
    """Decode Latin-1 with the quotes and dashes that Windows puts in place of control codes."""
    return data.decode("latin-1").translate(_WINDOWS_CHARACTERS)


def repair(text: str) -> str:
    """Read the lines that only make sense in an older encoding in that encoding. Returns Unicode text in NFC."""
    text = unicodedata.normalize("NFC", text)
    if text.isascii():
        return text
    lines = text.split("\n")
    unsound = [index for index, line in enumerate(lines) if not _is_sound(line)]
    read = _best_reading(_sample(lines, unsound))
    if read is None:
        return text
    # in a document of one encoding, lines that look sound by chance are read again too
    is_whole_document = len(unsound) > 0.8 * sum(not line.isascii() for line in lines)
    suspects = set(unsound)
    if is_whole_document:
        suspects.update(index for index, line in enumerate(lines) if not line.isascii() and max(line) <= "\xff")
    for index in suspects:
        line = lines[index]
        repaired = read(line)
        gain = _count([repaired]).vietnamese - _count([line]).vietnamese
        if gain > 0 or (is_whole_document and gain == 0):
            lines[index] = repaired
    return unicodedata.normalize("NFC", "\n".join(lines))


def _best_reading(sample: list[str]) -> _Reading | None:
    """Return the reading that makes most syllables Vietnamese. None where none is clearly better than the text."""
    counts = {read: _count(map(read, sample)) for read in _READINGS}
    best = max(counts, key=lambda read: counts[read].vietnamese)
    count = counts[best]
    is_sure = count.total > 0 and count.vietnamese >= _SURE_SHARE * count.total
    return best if is_sure and count.vietnamese > _count(sample).vietnamese else None


def _sample(lines: list[str], chosen: list[int]) -> list[str]:
    """Return the first of the chosen lines, at most _SAMPLE characters together."""
    sample: list[str] = []
    size = 0
    for index in chosen:
        sample.append(lines[index][: _SAMPLE - size])
        size += len(sample[-1])
        if size >= _SAMPLE:
            break
    return sample


class _SyllableCount(NamedTuple):
    vietnamese: int
    total: int


def _count(lines: Iterable[str]) -> _SyllableCount:
    counts = [likeness(line) for line in lines]
    return _SyllableCount(sum(good for good, _total in counts), sum(total for _good, total in counts))


def _is_sound(line: str) -> bool:
    count = _count([line])
    return count.vietnamese >= _SOUND_SHARE * count.total


def tidy(text: str) -> str:
    """Return text in NFC, with plain spaces, no control characters, and one empty line between blocks."""
    text = _SPACES.sub(" ", re.sub(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]", "\n", text))
    text = unicodedata.normalize("NFC", _FORMATS.sub("", text).translate(_HYPHENS)).encode("utf-8", "ignore").decode()
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return _GAPS.sub("\n\n", lines).strip("\n")


def tidied(read: Callable[[bytes], str]) -> Callable[[bytes], str]:
    """Wrap a reader: its text is then repaired, tidy, and no longer than a document may be."""

    @wraps(read)
    def read_tidy(data: bytes) -> str:
        return tidy(repair(checked_length(read(data))))

    return read_tidy
