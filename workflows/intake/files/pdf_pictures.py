"""A PDF's pages as pictures, by pdfium, so that every browser shows them and nothing in the file runs there.

This runs in a process of its own, as every risky reader.
"""

import struct
import zlib
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import pypdfium2

from workflows.bounded_process.limits import damaged, protected

MOST_DRAWN = 12
"""Pages that are drawn; the whole file is there to be saved."""
_WIDTH = 1000
"""Pixels across a page."""
_TALLEST = 3000
_PART, _PART_TALL = 900, 600
"""Pixels of a part of a page, at most: across, and down."""
_SHARPEST = 3.0
"""Pixels a point: 216 dpi, so that a short line is not blown up."""
_SIXTEEN_LEVELS = bytes((value >> 4) * 17 for value in range(256))
"""Fewer shades make a scanned page a third as large and no harder to read."""


def draw(data: bytes) -> dict[str, Any]:
    """Return how many `pages` the file has, and `pictures` of the first of them as PNG in base64."""
    try:
        document = pypdfium2.PdfDocument(data)
        shown = range(min(len(document), MOST_DRAWN))
        return {"pages": len(document), "pictures": [_draw(document[number]) for number in shown]}
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            raise protected() from None
        raise damaged() from None


def draw_part(data: bytes, page: int, box: Sequence[float]) -> dict[str, str]:
    """Return a `picture` of a part of a page (from 0): `box` is left, top, right and bottom in shares of the page."""
    try:
        document = pypdfium2.PdfDocument(data)
        if not 0 <= page < len(document):
            raise damaged()
        drawn = document[page]
        width, height = drawn.get_size()
        left, top, right, bottom = box
        wide = max((right - left) * width, 1.0)
        edges = (left * width, (1 - bottom) * height, (1 - right) * width, top * height)
        bitmap = drawn.render(
            scale=min(_SHARPEST, _PART / wide, _PART_TALL / max((bottom - top) * height, 1.0)),
            crop=tuple(max(0.0, one) for one in edges),
            rev_byteorder=True,
            prefer_bgrx=False,
        )
        return {"picture": _png(bitmap)}
    except pypdfium2.PdfiumError:
        raise damaged() from None


def _draw(page: pypdfium2.PdfPage) -> str:
    width, height = page.get_size()
    if width <= 0 or height <= 0:
        raise damaged()
    bitmap = page.render(scale=min(_WIDTH / width, _TALLEST / height), rev_byteorder=True, prefer_bgrx=False)
    try:
        return _png(bitmap)
    finally:
        bitmap.close()
        page.close()


def _png(bitmap: pypdfium2.PdfBitmap) -> str:
    shades = bytes(bitmap.buffer).translate(_SIXTEEN_LEVELS)
    row, stride = bitmap.width * bitmap.n_channels, bitmap.stride
    lines = b"".join(b"\0" + shades[at : at + row] for at in range(0, stride * bitmap.height, stride))
    colour = {1: 0, 3: 2, 4: 6}[bitmap.n_channels]
    head = struct.pack(">IIBBBBB", bitmap.width, bitmap.height, 8, colour, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 6)), (b"IEND", b""))
    made = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    return b64encode(b"\x89PNG\r\n\x1a\n" + made).decode()
