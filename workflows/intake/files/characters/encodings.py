"""Bytes or misread letters → Unicode: UTF-8, UTF-16, Windows-1258, TCVN3 (ABC), VNI, told apart by statistics."""

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import partial, wraps

from workflows.apart.limits import Unreadable, checked_length
from workflows.intake.files.characters.legacy import from_tcvn3, from_vni, read_again
from workflows.intake.files.characters.syllables import likeness

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_READINGS: tuple[Callable[[str], str], ...] = (
    from_tcvn3,
    from_vni,
    partial(read_again, "cp1258"),
    partial(read_again, "utf-8"),
)
_WELL = 0.6
"""The share of syllables from which a line is taken for Vietnamese in Unicode as it stands."""
_SURE = 0.7
"""The share that another reading must reach to be believed."""
_HEAD = 2000
_SAMPLE = 20_000
"""So many characters tell in which encoding the ill lines are."""
_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_SPACES = re.compile(r"[^\S\n]")
_HYPHENS = str.maketrans("\u2010\u2011", "--")
_FORMATS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_GAPS = re.compile(r"\n{3,}")


def decode(data: bytes) -> str:
    """Unreadable where its letters are Vietnamese in no known encoding."""
    text = _unicode(data)
    if text is not None:
        return repair(checked_length(text))
    text = repair(checked_length(_as_windows(data)))
    good, count = likeness(text)
    if good < _WELL * count:
        broken = data.decode("utf-8", "replace")
        if broken.count("\ufffd") > 0.01 * len(broken):
            raise Unreadable("file {file}: its letters are in an unknown encoding; save it as UTF-8 or as .docx")
        return repair(broken)
    return text


def letters(data: bytes) -> str:
    """Return the letters of a file as they are written: Unicode, or else what Windows shows for each byte."""
    text = _unicode(data)
    return text if text is not None else _as_windows(data)


def _unicode(data: bytes) -> str | None:
    """Return the text if it is UTF-8 or UTF-16, perhaps cut off within its last letter."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    even, odd = data[: _HEAD * 2 : 2], data[1 : _HEAD * 2 : 2]
    for zeros, others, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if zeros.count(0) > len(zeros) / 5 and not others.count(0):  # the upper half of most letters is zero
            return data.decode(name, "replace")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return None


def _as_windows(data: bytes) -> str:
    """Latin-1 with the quotes and dashes that Windows has among its control codes."""
    return data.decode("latin-1").translate(_WINDOWS)


def repair(text: str) -> str:
    """Unicode text, where lines that only make sense in an older encoding are read in that; NFC."""
    text = unicodedata.normalize("NFC", text)
    if text.isascii():
        return text
    lines = text.split("\n")
    ill = [index for index, line in enumerate(lines) if _is_ill(line)]
    if not ill:
        return text
    best = max(_READINGS, key=lambda read: _likeness_of(map(read, _sample(lines, ill)))[0])
    good, count = _likeness_of(map(best, _sample(lines, ill)))
    if not count or good < _SURE * count or good <= _likeness_of(_sample(lines, ill))[0]:
        return text
    sure = set(ill)
    whole = len(ill) > 0.8 * sum(not line.isascii() for line in lines)
    for index, line in enumerate(lines):
        if index in sure or (whole and not line.isascii() and max(line) <= "\xff"):
            read = best(line)
            gain = likeness(read)[0] - likeness(line)[0]
            if gain > 0 or (whole and gain == 0):  # in a document of one encoding also lines that happen to look well
                lines[index] = read
    return unicodedata.normalize("NFC", "\n".join(lines))


def _sample(lines: list[str], chosen: list[int]) -> list[str]:
    """Return the first of the chosen lines, at most _SAMPLE letters together."""
    found: list[str] = []
    size = 0
    for index in chosen:
        found.append(lines[index][: _SAMPLE - size])
        size += len(found[-1])
        if size >= _SAMPLE:
            break
    return found


def _likeness_of(lines: Iterable[str]) -> tuple[int, int]:
    counts = [likeness(line) for line in lines]
    return sum(good for good, _count in counts), sum(count for _good, count in counts)


def _is_ill(line: str) -> bool:
    good, count = likeness(line)
    return good < _WELL * count


def tidy(text: str) -> str:
    """NFC, plain spaces, no control or format characters, no space at the ends, one empty line between blocks."""
    text = _SPACES.sub(" ", re.sub(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]", "\n", text))
    text = unicodedata.normalize("NFC", _FORMATS.sub("", text).translate(_HYPHENS)).encode("utf-8", "ignore").decode()
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return _GAPS.sub("\n\n", lines).strip("\n")


def tidied(read: Callable[[bytes], str]) -> Callable[[bytes], str]:
    """Make a reader's text one that can be kept: repaired, tidy, and no longer than a document may be."""

    @wraps(read)
    def read_tidy(data: bytes) -> str:
        return tidy(repair(checked_length(read(data))))

    return read_tidy
