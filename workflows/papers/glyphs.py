"""Which letters our font has: PDF/A refuses a whole file for one that it has not."""

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import fontpkg_source_serif_4 as font

FONTS = Path(font.__file__).parent / "files"
_INSTEAD = "☐"
_BULLET = {"\uf0b7": "•"}
"""What lists pasted from an office suite begin with: a place of its symbol font."""
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Categories of letters that are set without a picture."""


def drawable(value: Any) -> Any:
    """JSON values whose texts hold only letters that the font has; others become a box."""
    if isinstance(value, str):
        return value if value.isascii() else "".join(map(_drawn, value))
    if isinstance(value, dict):
        return {key: drawable(one) for key, one in value.items()}
    return [drawable(one) for one in value] if isinstance(value, (list, tuple)) else value


def _drawn(letter: str) -> str:
    letter = _BULLET.get(letter, letter)
    return letter if ord(letter) in _letters() or unicodedata.category(letter) in _UNSEEN else _INSTEAD


@cache
def _letters() -> frozenset[int]:
    """Those of every file of the font: upright and slanted."""
    return frozenset.intersection(*(frozenset(_of_file(path.read_bytes())) for path in sorted(FONTS.glob("*.ttf"))))


def _of_file(content: bytes) -> Iterator[int]:
    """The letters of a TrueType file, by its full `cmap` (format 12) or that of the first plane (format 4)."""
    (tables,) = struct.unpack_from(">H", content, 4)
    places = {tag: at for tag, _sum, at, _size in struct.iter_unpack(">4sIII", content[12 : 12 + 16 * tables])}
    cmap = places[b"cmap"]
    (maps,) = struct.unpack_from(">H", content, cmap + 2)
    for number in range(maps):
        _platform, _encoding, offset = struct.unpack_from(">HHI", content, cmap + 4 + 8 * number)
        at = cmap + offset
        (form,) = struct.unpack_from(">H", content, at)
        if form == 12:
            (groups,) = struct.unpack_from(">I", content, at + 12)
            for first, last, _glyph in struct.iter_unpack(">III", content[at + 16 : at + 16 + 12 * groups]):
                yield from range(first, last + 1)
        elif form == 4:
            (double,) = struct.unpack_from(">H", content, at + 6)
            lasts = struct.unpack_from(f">{double // 2}H", content, at + 14)
            firsts = struct.unpack_from(f">{double // 2}H", content, at + 16 + double)
            for first, last in zip(firsts, lasts, strict=True):
                yield from range(first, min(last, 0xFFFE) + 1)
