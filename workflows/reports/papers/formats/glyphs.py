"""Which letters our font has: PDF/A refuses a whole file for one that it has not."""

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import fontpkg_source_serif_4 as font
from fontTools.ttLib import TTFont

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
    """Return those of every file of the font: upright and slanted."""
    return frozenset.intersection(*(frozenset(TTFont(path).getBestCmap()) for path in sorted(FONTS.glob("*.ttf"))))
