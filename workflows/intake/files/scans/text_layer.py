"""The searchable PDF: each page keeps its picture, and what was read from it is laid over it, unseen."""

from collections.abc import Sequence
from pathlib import Path

import pypdfium2

from workflows.intake.files.scans.page_words import ReadPage


def lay_text(given: Path, made: Path, folder: Path, read: Sequence[ReadPage]) -> None:
    """Write a PDF with tesseract's text layers (page-N.pdf in the folder) on the pages that were read, upright."""
    document = pypdfium2.PdfDocument(given)
    for one in read:
        layer = folder / f"page-{one.number}.pdf"
        if not layer.is_file():
            continue  # a blank page
        page = document[one.number]
        page.set_rotation((page.get_rotation() + one.turn) % 360)
        text = pypdfium2.PdfDocument(layer)
        laid = text.page_as_xobject(0, document).as_pageobject()
        laid.set_matrix(_onto(page, text[0].get_size(), one.slant))
        page.insert_obj(laid)
        page.gen_content()
        page.close()
    document.save(made)


def _onto(page: pypdfium2.PdfPage, size: tuple[float, float], slant: float) -> pypdfium2.PdfMatrix:
    """Return how a straightened page of a size comes to lie on the page, as it is stored."""
    width, height = page.get_size()
    left, bottom, right, top = page.get_cropbox()
    turns = {
        0: (1, 0, 0, 1, left, bottom),
        90: (0, 1, -1, 0, right, bottom),
        180: (-1, 0, 0, -1, right, top),
        270: (0, -1, 1, 0, left, top),
    }
    straight = pypdfium2.PdfMatrix().scale(width / size[0], height / size[1]).translate(-width / 2, -height / 2)
    shown = straight.rotate(slant).translate(width / 2, height / 2)
    return shown.multiply(pypdfium2.PdfMatrix(*turns[page.get_rotation()]))
