"""The steps of reading a scan that open its file, each in a process of its own.

The files that go from one step to the next stand in a folder, which is deleted after.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pypdfium2

from workflows.apart.limits import Unreadable, checked_length
from workflows.intake.files.characters.encodings import repair, tidy
from workflows.intake.files.marks import find_marks
from workflows.intake.files.pdf import open_pages, text_of
from workflows.intake.files.pdf_layout.page import PageLayout, PageLine
from workflows.intake.files.pdf_layout.tables import PageTable, parted
from workflows.intake.files.scans.page_picture import as_pdf, draw_page
from workflows.intake.files.scans.page_words import ReadPage, as_page

GIVEN, SEARCHABLE = "given.pdf", "searchable.pdf"
_MOTTO = re.compile(r"L[ẬA]P\s*[-–—]\s*T[ỰU]\s*DO|X[ÃA]\s+H[ỘO]I\s+CH[ỦU]\s+NGH", re.IGNORECASE)
_NUMBER = re.compile(r"^S[^\W\d_]{1,2}\b\s*:?\s*\S{0,12}\s*[/-]?\s*[A-ZĐ]{1,4}\d?-[A-ZĐ]{2,}")
_TOP = 14
"""Lines of a page among which a letterhead stands."""
_WORDS = 12
"""Words outside its table that a document has at least."""


def to_pdf(picture: bytes, folder: str) -> dict[str, Any]:
    (Path(folder) / GIVEN).write_bytes(as_pdf(picture))
    return {}


def draw(_sent: bytes, folder: str, page: int, turn: int) -> dict[str, Any]:
    """Draw a page as it is to be read, into page-N.png."""
    drawn = draw_page(pypdfium2.PdfDocument(Path(folder) / GIVEN)[page], turn)
    drawn.image.save(Path(folder) / f"page-{page}.png", dpi=(300, 300), compress_level=1)
    size = {"width": drawn.image.width, "height": drawn.image.height}
    return {"slant": drawn.slant, "ruled": drawn.ruled, "is_blank": drawn.is_blank, **size}


def assemble(_sent: bytes, folder: str, pages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the text of all pages and the places of the words read from pictures; write the searchable PDF."""
    read = [ReadPage.from_json(one) for one in pages]
    shown = open_pages((Path(folder) / GIVEN).read_bytes())
    first = 0
    for one in read:
        shown[one.number] = as_page(one, first)
        first += sum(len(line.words) for line in one.lines)
    _check_one_document(shown)
    text, places = find_marks(tidy(repair(checked_length(text_of(shown)))))
    _lay_text(Path(folder), read)
    return {"text": text, "places": places}


def _check_one_document(pages: list[PageLayout]) -> None:
    """Raise Unreadable where a second directive begins on a later page, or there is nothing but a table."""
    heads = [page.number + 1 for page in pages if _has_letterhead(page)]
    if len(heads) > 1:
        raise Unreadable(
            "file {file}: two documents are in it, the second begins on page {page}; send each in a file of its own",
            page=heads[1],
        )
    parts = [part for page in pages for part in parted(page)]
    words = sum(len(part.text.split()) for part in parts if isinstance(part, PageLine))
    if words < _WORDS and any(isinstance(part, PageTable) for part in parts):
        raise Unreadable(
            "file {file}: it is only a table, without the document that it belongs to; send the whole document, or the"
            " table as a workbook under “Receive a follow-up table”"
        )


def _has_letterhead(page: PageLayout) -> bool:
    """Return whether the motto of the state and a document's number stand at the top of a page."""
    top = sorted(page.lines, key=lambda line: -line.bottom)[:_TOP]
    text = [line.text for line in top]
    return any(map(_MOTTO.search, text)) and any(map(_NUMBER.search, text))


def _lay_text(folder: Path, read: Sequence[ReadPage]) -> None:
    """Write a PDF with tesseract's text layers (page-N.pdf in the folder) on the pages that were read, upright."""
    document = pypdfium2.PdfDocument(folder / GIVEN)
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
    document.save(folder / SEARCHABLE)


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
