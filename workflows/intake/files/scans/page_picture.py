"""Draw a page for reading with pdfium: upright and straightened, with its ruled lines found.

This runs in a process of its own, as every risky reader.
"""

import contextlib
import io
import re
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from workflows.bounded_process.limits import MOST_SCANNED, too_many_pictures
from workflows.intake.files.picture import FORMATS

A4 = 595.0
"""Points across a page; all places of a scan are told on a page of this width, whatever its file says."""
LANDSCAPE = 1.414
"""How much wider A4 is when it lies."""
WIDTH = 2480
"""Pixels across A4 at 300 dpi: what tesseract reads best."""
_MAX_SIDE = 5000
_SLANT_WIDTH = 620
"""Pixels across the picture on which the slant is measured."""
_MAX_SLANT = 5.0
"""Degrees: past it a page is not slanted but photographed."""
_MIN_SLANT = 0.15
_DARK = 150
_RULES_WIDTH = 1240
"""Pixels across the picture in which ruled lines are looked for: 150 dpi."""
_CELL = 24
_MIN_RULE = 150
"""Pixels: 25 mm; no row of bold letters that touch one another is as long."""
_MIN_UPRIGHT_RULE = 60
_MAX_THICKNESS = 12
_MIN_CONTRAST = 100
"""Shades between paper and ink, at least: a fold or a speck in grey is no ink."""
_MIN_INK = 0.0002
"""Of a page: less is blank; a line of text has ten times as much."""
_MAX_BREAK = 14
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
    scale = min(wide / across, _MAX_SIDE / max(width, height))
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
    """Make the paper of a picture white and its ink black. A page without ink stays white."""
    counts = image.histogram()
    paper = next(value for value in range(256) if sum(counts[: value + 1]) * 2 >= sum(counts))
    ink = next(value for value in range(256) if sum(counts[: value + 1]) * 200 >= sum(counts))
    ink = max(0, min(ink, paper - _MIN_CONTRAST))
    return image.point(lambda value: max(0, min(255, (value - ink) * 255 // max(paper - ink, 1))))


def _without(image: Image.Image, ruled: list[Ruled]) -> Image.Image:
    """Remove the ruled lines of a picture: tesseract takes a small ruled table for a drawing."""
    drawn = image.copy()
    pen = ImageDraw.Draw(drawn)
    for left, top, right, bottom in ruled:
        edges = left * image.width - 2, top * image.height - 2, right * image.width + 2, bottom * image.height + 2
        pen.rectangle(edges, fill=255)
    return drawn


def is_blank(image: Image.Image) -> bool:
    """Return whether a page has nothing but specks."""
    small = image.resize((_RULES_WIDTH, max(1, round(image.height * _RULES_WIDTH / image.width))), Image.Resampling.BOX)
    dark = small.filter(ImageFilter.MedianFilter(3)).point(lambda value: 255 if value < _DARK else 0)
    return dark.histogram()[255] < _MIN_INK * dark.width * dark.height


def find_slant(image: Image.Image) -> float:
    """Return the degrees, counter-clockwise, that make a picture's lines level; 0 for a slight slant."""
    small = image.resize((_SLANT_WIDTH, max(1, round(image.height * _SLANT_WIDTH / image.width))), Image.Resampling.BOX)
    ink = small.point(lambda value: 255 if value < _DARK else 0).convert("F")
    best = max((_steepness(ink, step * 0.5), -abs(step), step * 0.5) for step in range(-10, 11))[2]
    best = max((_steepness(ink, best + step * 0.1), -abs(step), best + step * 0.1) for step in range(-4, 5))[2]
    return best if _MIN_SLANT < abs(best) <= _MAX_SLANT else 0.0


def _steepness(ink: Image.Image, angle: float) -> float:
    """Return how sharply rows with ink and rows without follow one another."""
    turned = ink.rotate(angle, resample=Image.Resampling.BILINEAR) if angle else ink
    rows = memoryview(turned.resize((1, ink.height), Image.Resampling.BOX).tobytes()).cast("f").tolist()
    return sum((last - row) ** 2 for last, row in pairwise(rows))


def ruled_lines(image: Image.Image) -> list[Ruled]:
    """Return the ruled lines of a straight picture: left, top, right and bottom as shares of it."""
    size = (_RULES_WIDTH, max(1, round(image.height * _RULES_WIDTH / image.width)))
    dark = image.resize(size, Image.Resampling.BOX).point(lambda value: 255 if value < _DARK else 0)
    wide, tall = size
    level = [
        (left / wide, top / tall, right / wide, bottom / tall) for left, top, right, bottom in _level(dark, _MIN_RULE)
    ]
    turned = dark.transpose(Image.Transpose.TRANSPOSE)
    upright = [
        (top / wide, left / tall, bottom / wide, right / tall)
        for left, top, right, bottom in _level(turned, _MIN_UPRIGHT_RULE)
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
        for match in re.finditer(rb"[\xf0-\xff]+", cells[row * across : (row + 1) * across]):
            start, end = row * width + match.start() * _CELL, row * width + match.end() * _CELL
            left = max(whole.rfind(b"\0", row * width, start) + 1, row * width) - row * width
            stop = whole.find(b"\0", end - 1, (row + 1) * width)
            right = (stop if stop >= 0 else (row + 1) * width) - row * width
            run_here = next(
                (run for run in growing if run[0] - _MAX_BREAK <= right and left <= run[2] + _MAX_BREAK), None
            )
            if run_here is None:
                runs.append([left, row, right, row + 1])
                growing.append(runs[-1])
            else:
                run_here[0], run_here[2], run_here[3] = min(run_here[0], left), max(run_here[2], right), row + 1
    lines = [(left, top, right, bottom) for left, top, right, bottom in runs]
    return [line for line in lines if line[2] - line[0] >= least and line[3] - line[1] <= _MAX_THICKNESS]


def as_pdf(data: bytes) -> bytes:
    """Turn a picture file (JPEG, PNG, TIFF of many pages) into a PDF of pages as wide as A4."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        count = int(getattr(image, "n_frames", 1))
        if count > MOST_SCANNED:
            raise too_many_pictures(count)
        document = pypdfium2.PdfDocument.new()
        for number in range(count):
            image.seek(number)
            _add_page(document, image, data if image.format == "JPEG" else None)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _add_page(document: pypdfium2.PdfDocument, image: Image.Image, jpeg: bytes | None) -> None:
    """Add a page with the picture. An upright JPEG is added unchanged."""
    upright = ImageOps.exif_transpose(image)
    if jpeg is None or upright.size != image.size or image.getexif().get(0x0112, 1) != 1:
        written = io.BytesIO()
        upright.convert("L" if upright.mode in ("1", "L", "I;16") else "RGB").save(written, "JPEG", quality=90)
        jpeg = written.getvalue()
    width = A4 if upright.height >= upright.width else A4 * LANDSCAPE
    height = width * upright.height / upright.width
    page = document.new_page(width, height)
    shown = pypdfium2.PdfImage.new(document)
    shown.load_jpeg(io.BytesIO(jpeg), inline=True)
    shown.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
    page.insert_obj(shown)
    page.gen_content()
    with contextlib.suppress(pypdfium2.PdfiumError):
        page.close()
