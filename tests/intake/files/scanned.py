"""Scans made by the tests: text set by typst, drawn, turned, dirtied with noise, put into a PDF or a picture."""

import io
from math import sin
from random import Random

import pypdfium2
from PIL import Image, ImageChops

from tests.intake.files.made import pdf


def pages_of(source: str, *, width: int = 1654) -> list[Image.Image]:
    """The pages of a document in typst as pictures in grey; 1654 pixels across A4 are 200 dpi."""
    made = pypdfium2.PdfDocument(pdf(f'#set page(paper: "a4")\n#set text(size: 14pt)\n{source}'))
    return [page.render(scale=width / page.get_width(), grayscale=True).to_pil() for page in made]


def as_scanned(page: Image.Image, *, slant: float = 0, turn: int = 0, seed: int = 1) -> Image.Image:
    """A page as a scanner gives it: slanted, lying on its side or upside down, with specks and grey paper."""
    turned = page.rotate(slant, resample=Image.Resampling.BICUBIC, fillcolor=255)
    dirty = turned.point(lambda value: min(235, 20 + value * 215 // 255))
    dice = Random(seed)
    for _speck in range(400):
        dirty.putpixel((dice.randrange(dirty.width), dice.randrange(dirty.height)), dice.randrange(120))
    return dirty.rotate(-turn, expand=True)


def as_photographed(page: Image.Image) -> Image.Image:
    """A page on a screen as a telephone sees it: askew, with the stripes of the screen, darker at its edges."""
    width, height = page.size
    corners = (-16, -8, 12, height + 12, width + 20, height - 4, width - 8, 8)
    askew = page.transform(page.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=40)
    stripes = (
        Image.frombytes("L", (length, 1), bytes(int(220 + 30 * sin(at * 0.9)) for at in range(length)))
        for length in page.size
    )
    across, down = next(stripes), next(stripes)
    dark = Image.radial_gradient("L").resize(page.size).point(lambda value: 255 - value // 3)
    for mask in (across.resize(page.size), down.rotate(-90, expand=True).resize(page.size), dark):
        askew = ImageChops.multiply(askew, mask)
    return askew


def saved(pages: list[Image.Image], kind: str) -> bytes:
    """Pages as a file: "PDF" and "TIFF" hold all of them, "JPEG" and "PNG" the first."""
    made = io.BytesIO()
    more = {"save_all": True, "append_images": pages[1:]} if kind in ("PDF", "TIFF") else {}
    pages[0].save(made, kind, resolution=200, quality=85, **more)
    return made.getvalue()


def joined(*parts: bytes) -> bytes:
    """One PDF of the pages of several."""
    whole = pypdfium2.PdfDocument.new()
    for part in parts:
        whole.import_pages(pypdfium2.PdfDocument(part))
    made = io.BytesIO()
    whole.save(made)
    return made.getvalue()


def letterhead(number: str = "06/CT-BCT") -> str:
    """The head of a directive as offices set it: two columns, a line below each."""
    return (
        "#set text(size: 12pt)\n#grid(columns: (2fr, 4fr), align: center, [BỘ CÔNG THƯƠNG \\ #v(6pt) Số: "
        + number
        + "], "
        "[*CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM* \\ *Độc lập - Tự do - Hạnh phúc* \\ #v(6pt) "
        "_Hà Nội, ngày 12 tháng 01 năm 2010_])\n#v(10pt)\n"
        "#align(center)[*CHỈ THỊ* \\ *Về việc báo cáo tình hình thực hiện kế hoạch*]\n\n"
    )
