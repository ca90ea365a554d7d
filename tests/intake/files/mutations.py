"""Valid files of every format, and what bad luck or ill will makes of them."""

import io
import random
import re
import zlib
from collections.abc import Callable
from functools import cache
from zipfile import BadZipFile, ZipFile

from tests.intake.files.made import SEED, archive, blocks_of, docx, html, numbering, odt, part, pdf, rtf, w_numbered

_NASTY = (
    b"\0",
    b"\xff" * 4,
    b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
    b"&b;",
    b"]]>",
    b"999999999",
    b"-1",
    b"\\'",
    b"{\\",
    b"<<",
    b">>",
    b"endobj",
    b"PK\x03\x04",
    b"\xed\xa0\x80",
    b"<w:p>",
    b"</w:p>",
    b"<table>",
    b"%n",
)
_TAG = re.compile(rb"<[^<>]{1,200}>")
_ELEMENT = re.compile(rb"<([\w:]+)(?:\s[^<>]*)?>(?:(?!</?\1[\s>]).){0,4000}?</\1>", re.DOTALL)
_VALUE = re.compile(rb'="([^"<>]{0,200})"')
_NUMBER = re.compile(rb"\d+")


@cache
def seeds() -> dict[str, bytes]:
    """One small valid file of each kind."""
    blocks = [*blocks_of(SEED)[:7], [["TT", "Nhiệm vụ"], ["1", "Bộ Công an báo cáo"]]]
    numbered = docx(
        w_numbered("Bộ Công an", 0) + w_numbered("Báo cáo", 1),
        numbering=numbering(("upperRoman", "%1."), ("lowerLetter", "%2)")),
        styles=part("styles", '<w:style w:type="paragraph" w:styleId="A"><w:basedOn w:val="A"/></w:style>'),
    )
    return {
        "docx": docx(blocks),
        "docx with numbers": numbered,
        "odt": odt(blocks),
        "html": html(blocks),
        "rtf": rtf(blocks),
        "pdf": pdf(blocks),
        "pdf unpacked": unpacked(pdf(blocks)),
        "txt": SEED[:2000].encode(),
        "txt in latin-1": "quy Õt ®Þnh cña ng©n hµng nhµ níc ViÖt Nam".encode("latin-1"),
        "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "WordDocument".encode("utf-16-le"),
    }


def unpacked(made: bytes) -> bytes:
    """A PDF whose packed streams are opened, so that changes reach what is in them."""

    def opened(found: re.Match[bytes]) -> bytes:
        try:
            content = zlib.decompress(found[2])
        except zlib.error:
            return found[0]
        return found[1].replace(b"/FlateDecode", b"") + b"stream\n" + content + b"\nendstream"

    return re.sub(rb"(<<[^>]*>>\s*)stream\r?\n(.*?)\r?\nendstream", opened, made, flags=re.DOTALL)


def mutated(data: bytes, chance: random.Random, depth: int = 0) -> bytes:
    """The same file with some of it changed; of an archive, a part of what it holds."""
    if data.startswith(b"PK") and depth == 0 and chance.random() < 0.8:
        return _archive_mutated(data, chance)
    for _time in range(chance.choice((1, 1, 2, 4, 16))):
        data = chance.choice(_CHANGES)(data, chance)
    return data[: 2 << 20]


def _archive_mutated(data: bytes, chance: random.Random) -> bytes:
    try:
        with ZipFile(io.BytesIO(data)) as zip_file:
            parts: dict[str, str | bytes] = {name: zip_file.read(name) for name in zip_file.namelist()}
    except BadZipFile:
        return data
    name = chance.choice(list(parts))
    content = parts[name]
    assert isinstance(content, bytes)
    parts[name] = mutated(content, chance, 1)
    return archive(parts)


def _place(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + int(chance.expovariate(1 / 40)))


def _flipped(data: bytes, chance: random.Random) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    start, end = _place(data, chance)
    return data[:start] + data[end:]


def _repeated(data: bytes, chance: random.Random) -> bytes:
    start, end = _place(data, chance)
    return data[:start] + data[start:end] * chance.choice((2, 3, 50, 1000)) + data[end:]


def _inserted(data: bytes, chance: random.Random) -> bytes:
    start, _end = _place(data, chance)
    return data[:start] + chance.choice(_NASTY) + data[start:]


def _shortened(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _tag_moved(data: bytes, chance: random.Random) -> bytes:
    tags = list(_TAG.finditer(data[:200_000]))
    if not tags:
        return data
    taken, put = chance.choice(tags), chance.choice(tags)
    times = chance.choice((1, 1, 2, 300))
    return data[: put.start()] + taken[0] * times + data[put.start() :]


def _element_moved(data: bytes, chance: random.Random) -> bytes:
    """A whole element put elsewhere, into itself, or many times: what comes out is still XML."""
    elements = list(_ELEMENT.finditer(data[:200_000]))
    if not elements:
        return data
    taken, put = chance.choice(elements), chance.choice(elements)
    at = chance.choice((put.start(), put.end()))
    nested = chance.choice((1, 1, 3, 60))
    inner = taken[0]
    opening = inner.index(b">") + 1
    for _level in range(nested - 1):
        inner = inner[:opening] + inner + inner[opening:] if len(inner) < 100_000 else inner
    return data[:at] + inner * chance.choice((1, 1, 2, 200)) + data[at:]


def _element_taken(data: bytes, chance: random.Random) -> bytes:
    elements = list(_ELEMENT.finditer(data[:200_000]))
    if not elements:
        return data
    taken = chance.choice(elements)
    return data[: taken.start()] + data[taken.end() :]


def _value_changed(data: bytes, chance: random.Random) -> bytes:
    """The value of an attribute, by one of another."""
    values = list(_VALUE.finditer(data[:200_000]))
    if not values:
        return data
    old, new = chance.choice(values), chance.choice(values)
    put = chance.choice((new[1], b"", b"-1", b"4294967296", b"%1%2%3%9", b"x" * 5000))
    return data[: old.start(1)] + put + data[old.end(1) :]


def _number_changed(data: bytes, chance: random.Random) -> bytes:
    numbers = list(_NUMBER.finditer(data[:200_000]))
    if not numbers:
        return data
    found = chance.choice(numbers)
    other = chance.choice((b"0", b"-1", b"65536", b"2147483648", b"99999999999999999999"))
    return data[: found.start()] + other + data[found.end() :]


def _joined(data: bytes, chance: random.Random) -> bytes:
    other = chance.choice(list(seeds().values()))
    start, _end = _place(data, chance)
    at, _end = _place(other, chance)
    return data[:start] + other[at:]


_CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flipped,
    _flipped,
    _cut,
    _repeated,
    _inserted,
    _shortened,
    _tag_moved,
    _tag_moved,
    _number_changed,
    _number_changed,
    _element_moved,
    _element_moved,
    _element_taken,
    _value_changed,
    _value_changed,
    _joined,
)
