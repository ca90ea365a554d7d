"""The steps of reading a scan that open its file. Each runs in a process of its own.

Files go from one step to the next in a folder, which is deleted afterwards.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pypdfium2

from workflows.bounded_process.limits import Unreadable, checked_length
from workflows.intake.files.characters.encodings import repair, tidy
from workflows.intake.files.marks import find_marks
from workflows.intake.files.pdf import open_pages, text_of
from workflows.intake.files.pdf_layout.page import PageLayout, PageLine
from workflows.intake.files.pdf_layout.tables import PageTable, split_page
from workflows.intake.files.scans.page_picture import as_pdf, draw_page
from workflows.intake.files.scans.page_words import ReadPage, as_page

GIVEN, SEARCHABLE = "given.pdf", "searchable.pdf"
_MOTTO = re.compile(r"L[ẬA]P\s*[-–—]\s*T[ỰU]\s*DO|X[ÃA]\s+H[ỘO]I\s+CH[ỦU]\s+NGH", re.IGNORECASE)
_NUMBER = re.compile(r"^S[^\W\d_]{1,2}\b\s*:?\s*\S{0,12}\s*[/-]?\s*[A-ZĐ]{1,4}\d?-[A-ZĐ]{2,}")
_TOP = 14
"""The first lines of a page, among which a letterhead stands."""
_WORDS = 12
"""The least number of words outside its table that a document has."""


def to_pdf(picture: bytes, folder: str) -> dict[str, Any]:
    (Path(folder) / GIVEN).write_bytes(as_pdf(picture))
    return {}


def draw(_sent: bytes, folder: str, page: int, turn: int) -> dict[str, Any]:
    """Draw a page for reading into page-N.png."""
    drawn = draw_page(pypdfium2.PdfDocument(Path(folder) / GIVEN)[page], turn)
    drawn.image.save(Path(folder) / f"page-{page}.png", dpi=(300, 300), compress_level=1)
    size = {"width": drawn.image.width, "height": drawn.image.height}
    return {"slant": drawn.slant, "ruled": drawn.ruled, "is_blank": drawn.is_blank, **size}


def assemble(_sent: bytes, folder: str, pages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the text of all pages and the places of the words read from pictures; write the searchable PDF."""
    read_pages = [ReadPage.from_json(page) for page in pages]
    layouts = open_pages((Path(folder) / GIVEN).read_bytes())
    first = 0
    for page in read_pages:
        layouts[page.number] = as_page(page, first)
        first += sum(len(line.words) for line in page.lines)
    _check_one_document(layouts)
    text, places = find_marks(tidy(repair(checked_length(text_of(layouts)))))
    _lay_text(Path(folder), read_pages)
    return {"text": text, "places": places}


def _check_one_document(pages: list[PageLayout]) -> None:
    """Raise Unreadable where a second directive begins on a later page, or there is nothing but a table."""
    heads = [page.number + 1 for page in pages if _has_letterhead(page)]
    if len(heads) > 1:
        raise Unreadable(
            "file {file}: two documents are in it, the second begins on page {page}; send each in a file of its own",
            page=heads[1],
        )
    parts = [part for page in pages for part in split_page(page)]
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


def _lay_text(folder: Path, read_pages: Sequence[ReadPage]) -> None:
    """Write a PDF with tesseract's text layers (page-N.pdf in the folder) on the pages that were read, upright."""
    document = pypdfium2.PdfDocument(folder / GIVEN)
    for read_page in read_pages:
        layer = folder / f"page-{read_page.number}.pdf"
        if not layer.is_file():
            continue  # a blank page
        page = document[read_page.number]
        page.set_rotation((page.get_rotation() + read_page.turn) % 360)
        text = pypdfium2.PdfDocument(layer)
        text_layer = text.page_as_xobject(0, document).as_pageobject()
        text_layer.set_matrix(_onto(page, text[0].get_size(), read_page.slant))
        page.insert_obj(text_layer)
        page.gen_content()
        page.close()
    document.save(folder / SEARCHABLE)


def _onto(page: pypdfium2.PdfPage, size: tuple[float, float], slant: float) -> pypdfium2.PdfMatrix:
    """Return the matrix that lays a straightened page of a size onto the page as it is stored."""
    width, height = page.get_size()
    left, bottom, right, top = page.get_cropbox()
    turns = {
        0: (1, 0, 0, 1, left, bottom),
        90: (0, 1, -1, 0, right, bottom),
        180: (-1, 0, 0, -1, right, top),
        270: (0, -1, 1, 0, left, top),
    }
    straight = pypdfium2.PdfMatrix().scale(width / size[0], height / size[1]).translate(-width / 2, -height / 2)
    layouts = straight.rotate(slant).translate(width / 2, height / 2)
    return layouts.multiply(pypdfium2.PdfMatrix(*turns[page.get_rotation()]))
