"""A page as a picture to be read: drawn by pdfium, turned upright, straightened; its ruled lines.

It runs in a process of its own, as every risky reader.
"""

import contextlib
import io
import re
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from workflows.apart.limits import MOST_SCANNED, too_many_pictures
from workflows.intake.files.picture import FORMATS

A4 = 595.0
"""Points across a page; all places of a scan are told on a page of this width, whatever its file says."""
LANDSCAPE = 1.414
"""How much wider A4 is when it lies."""
WIDTH = 2480
"""Pixels across A4 at 300 dpi: what tesseract reads best."""
_LONGEST = 5000
_SMALL = 620
"""Pixels across the picture on which the slant is measured."""
_STEEPEST = 5.0
"""Degrees: past it a page is not slanted but photographed."""
_SLIGHT = 0.15
_DARK = 150
_HALF = 1240
"""Pixels across the picture in which ruled lines are looked for: 150 dpi."""
_CELL = 24
_LEAST = 150
"""Pixels: 25 mm; no row of bold letters that touch one another is as long."""
_LEAST_UPRIGHT = 60
_THICKEST = 12
_APART = 100
"""Shades between paper and ink, at least: a fold or a speck in grey is no ink."""
_LEAST_INK = 0.0002
"""Of a page: less is blank; a line of text has ten times as much."""
_BREAK = 14
"""Pixels: so wide a break in a ruled line is the scanner's."""
Ruled = tuple[float, float, float, float]


@dataclass(frozen=True)
class Picture:
    """A page's picture in grey, by how many degrees it was straightened (counter-clockwise), and its ruled lines as
    shares of its width and height from the upper left corner.
    """

    image: Image.Image
    slant: float
    ruled: list[Ruled]
    is_blank: bool


def draw_page(page: pypdfium2.PdfPage, turn: int) -> Picture:
    width, height = page.get_size()
    across = height if turn % 180 else width
    wide = WIDTH if across <= width + height - across else WIDTH * LANDSCAPE
    scale = min(wide / across, _LONGEST / max(width, height))
    bitmap = page.render(scale=scale, grayscale=True)
    image = bitmap.to_pil().convert("L")
    if turn:
        image = image.rotate(-turn, expand=True)
    image = with_white_paper(image)
    slant = find_slant(image)
    if slant:
        image = image.rotate(slant, resample=Image.Resampling.BICUBIC, fillcolor=255)
    ruled = ruled_lines(image)
    return Picture(_without(image, ruled), slant, ruled, is_blank(image))


def with_white_paper(image: Image.Image) -> Image.Image:
    """Return a picture whose paper is white and whose ink is black; a page without ink stays as white as it is."""
    counts = image.histogram()
    paper = next(value for value in range(256) if sum(counts[: value + 1]) * 2 >= sum(counts))
    ink = next(value for value in range(256) if sum(counts[: value + 1]) * 200 >= sum(counts))
    ink = max(0, min(ink, paper - _APART))
    return image.point(lambda value: max(0, min(255, (value - ink) * 255 // max(paper - ink, 1))))


def _without(image: Image.Image, ruled: list[Ruled]) -> Image.Image:
    """Return a picture without its ruled lines: tesseract takes a small table that is ruled for a drawing."""
    drawn = image.copy()
    pen = ImageDraw.Draw(drawn)
    for left, top, right, bottom in ruled:
        edges = left * image.width - 2, top * image.height - 2, right * image.width + 2, bottom * image.height + 2
        pen.rectangle(edges, fill=255)
    return drawn


def is_blank(image: Image.Image) -> bool:
    """Return whether there is nothing on a page but the specks of its paper."""
    small = image.resize((_HALF, max(1, round(image.height * _HALF / image.width))), Image.Resampling.BOX)
    dark = small.filter(ImageFilter.MedianFilter(3)).point(lambda value: 255 if value < _DARK else 0)
    return dark.histogram()[255] < _LEAST_INK * dark.width * dark.height


def find_slant(image: Image.Image) -> float:
    """Return how many degrees counter-clockwise lay a picture's lines level; 0 for less than matters."""
    small = image.resize((_SMALL, max(1, round(image.height * _SMALL / image.width))), Image.Resampling.BOX)
    ink = small.point(lambda value: 255 if value < _DARK else 0).convert("F")
    best = max((_steepness(ink, step * 0.5), -abs(step), step * 0.5) for step in range(-10, 11))[2]
    best = max((_steepness(ink, best + step * 0.1), -abs(step), best + step * 0.1) for step in range(-4, 5))[2]
    return best if _SLIGHT < abs(best) <= _STEEPEST else 0.0


def _steepness(ink: Image.Image, angle: float) -> float:
    """Return how sharply rows with ink and rows without follow one another."""
    turned = ink.rotate(angle, resample=Image.Resampling.BILINEAR) if angle else ink
    rows = memoryview(turned.resize((1, ink.height), Image.Resampling.BOX).tobytes()).cast("f").tolist()
    return sum((last - row) ** 2 for last, row in pairwise(rows))


def ruled_lines(image: Image.Image) -> list[Ruled]:
    """Return the ruled lines of a straight picture: left, top, right and bottom as shares of it."""
    size = (_HALF, max(1, round(image.height * _HALF / image.width)))
    dark = image.resize(size, Image.Resampling.BOX).point(lambda value: 255 if value < _DARK else 0)
    wide, tall = size
    level = [
        (left / wide, top / tall, right / wide, bottom / tall) for left, top, right, bottom in _level(dark, _LEAST)
    ]
    turned = dark.transpose(Image.Transpose.TRANSPOSE)
    upright = [
        (top / wide, left / tall, bottom / wide, right / tall)
        for left, top, right, bottom in _level(turned, _LEAST_UPRIGHT)
    ]
    return level + upright


def _level(dark: Image.Image, least: int) -> list[tuple[int, int, int, int]]:
    width, height = dark.size
    dark = ImageChops.lighter(dark, ImageChops.offset(dark, 0, 1))  # a line that is not quite level goes on
    cells = dark.resize((width // _CELL, height), Image.Resampling.BOX).tobytes()
    across, whole = width // _CELL, dark.tobytes()
    runs: list[list[int]] = []  # left, top, right, bottom
    growing: list[list[int]] = []
    for row in range(height):
        growing = [run for run in growing if run[3] >= row - 2]
        for found in re.finditer(rb"[\xf0-\xff]+", cells[row * across : (row + 1) * across]):
            start, end = row * width + found.start() * _CELL, row * width + found.end() * _CELL
            left = max(whole.rfind(b"\0", row * width, start) + 1, row * width) - row * width
            stop = whole.find(b"\0", end - 1, (row + 1) * width)
            right = (stop if stop >= 0 else (row + 1) * width) - row * width
            mine = next((run for run in growing if run[0] - _BREAK <= right and left <= run[2] + _BREAK), None)
            if mine is None:
                runs.append([left, row, right, row + 1])
                growing.append(runs[-1])
            else:
                mine[0], mine[2], mine[3] = min(mine[0], left), max(mine[2], right), row + 1
    found_lines = [(left, top, right, bottom) for left, top, right, bottom in runs]
    return [one for one in found_lines if one[2] - one[0] >= least and one[3] - one[1] <= _THICKEST]


def as_pdf(data: bytes) -> bytes:
    """Return a picture file (JPEG, PNG, TIFF of many pages) as a PDF of pages as wide as A4."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        count = int(getattr(image, "n_frames", 1))
        if count > MOST_SCANNED:
            raise too_many_pictures(count)
        made = pypdfium2.PdfDocument.new()
        for number in range(count):
            image.seek(number)
            _add_page(made, image, data if image.format == "JPEG" else None)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def _add_page(made: pypdfium2.PdfDocument, image: Image.Image, jpeg: bytes | None) -> None:
    """Add a page that shows the picture; a JPEG that stands upright goes in as it is."""
    upright = ImageOps.exif_transpose(image)
    if jpeg is None or upright.size != image.size or image.getexif().get(0x0112, 1) != 1:
        written = io.BytesIO()
        upright.convert("L" if upright.mode in ("1", "L", "I;16") else "RGB").save(written, "JPEG", quality=90)
        jpeg = written.getvalue()
    width = A4 if upright.height >= upright.width else A4 * LANDSCAPE
    height = width * upright.height / upright.width
    page = made.new_page(width, height)
    shown = pypdfium2.PdfImage.new(made)
    shown.load_jpeg(io.BytesIO(jpeg), inline=True)
    shown.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
    page.insert_obj(shown)
    page.gen_content()
    with contextlib.suppress(pypdfium2.PdfiumError):
        page.close()
