"""What a picture is made of. Coordinates are units of the viewBox, WIDTH wide: about one pixel each on a phone.

A `look` is a class of pictures.css; the four places of the official two by two have a pattern each, so that they are
told apart without colour.
"""

from dataclasses import dataclass
from typing import ClassVar

WIDTH = 360
SIZE = 12
"""The height of letters; the page never shows them smaller than some 11 pixels."""

_NARROW, _WIDE = frozenset("iIíìỉĩịjltrf.,:;'|!()/·- "), frozenset("mMwWƠƯ%@—")


@dataclass(frozen=True)
class Bar:
    """A rectangle; `tip` is what a pointer resting on it is told."""

    kind: ClassVar[str] = "bar"
    x: float
    y: float
    width: float
    height: float
    look: str
    tip: str = ""


@dataclass(frozen=True)
class Label:
    """One line of text standing on `y`."""

    kind: ClassVar[str] = "label"
    x: float
    y: float
    text: str
    look: str = ""
    anchor: str = "start"  # start, middle, end


@dataclass(frozen=True)
class Trace:
    """A line through points."""

    kind: ClassVar[str] = "trace"
    points: tuple[tuple[float, float], ...]
    look: str


@dataclass(frozen=True)
class Mark:
    """A sign around a point: dot, triangle or diamond."""

    kind: ClassVar[str] = "mark"
    x: float
    y: float
    sign: str
    look: str = ""


Shape = Bar | Label | Trace | Mark


@dataclass(frozen=True)
class Table:
    """The same numbers as a table, the first column its rows' names."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: bool = True  # all columns but the first


@dataclass(frozen=True)
class Picture:
    """A picture with all its words written. `name` makes its ids unique on the page."""

    name: str
    title: str
    description: str  # the gist, for who does not see it
    notes: tuple[str, ...]  # what stands in the caption beneath the title
    height: float
    shapes: tuple[Shape, ...]
    table: Table
    width: ClassVar[int] = WIDTH


def text_width(text: str, size: float = SIZE) -> float:
    """About how wide a text is in the widest sans-serif a reader may have (DejaVu Sans), so that nothing is cut off."""
    return size * sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    if letter in _NARROW:
        return 0.38
    if letter in _WIDE:
        return 0.98
    return 0.7 if letter.isupper() else 0.63


def wrap(text: str, width: float, size: float = SIZE) -> list[str]:
    """Return lines no wider than `width`; a word longer than that stands alone."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
