"""The steps of reading a scan that open its file, each in a process of its own: asked and answered in JSON.

The files that go from one step to the next stand in a folder, which is deleted after.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2

from workflows.intake.files.characters.encodings import repair, tidy
from workflows.intake.files.limits import MOST_SCANNED, Unreadable, checked_length
from workflows.intake.files.marks import find_marks
from workflows.intake.files.pdf import open_pages, text_of
from workflows.intake.files.scans.one_document import check_one_document
from workflows.intake.files.scans.page_picture import as_pdf, draw_page
from workflows.intake.files.scans.page_words import ReadPage, as_page
from workflows.intake.files.scans.text_layer import lay_text

GIVEN, SEARCHABLE = "given.pdf", "searchable.pdf"


def too_many(count: int) -> Unreadable:
    """Return the refusal of a file with more pictures of pages than are read."""
    return Unreadable(
        "file {file}: {pages} of its pages are pictures (a scan); at most {most} are read; send it in parts",
        pages=count,
        most=MOST_SCANNED,
    )


def to_pdf(asked: dict[str, Any]) -> dict[str, Any]:
    """Make a PDF of a picture file."""
    folder = Path(asked["folder"])
    made, count = as_pdf((folder / "given").read_bytes(), MOST_SCANNED)
    if made is None:
        raise too_many(count)
    (folder / GIVEN).write_bytes(made)
    return {"pages": count}


def draw(asked: dict[str, Any]) -> dict[str, Any]:
    """Draw a page as it is to be read, into page-N.png."""
    folder, number = Path(asked["folder"]), int(asked["page"])
    document = pypdfium2.PdfDocument(folder / GIVEN)
    drawn = draw_page(document[number], int(asked["turn"]))
    drawn.image.save(folder / f"page-{number}.png", dpi=(300, 300), compress_level=1)
    size = {"width": drawn.image.width, "height": drawn.image.height}
    return {"slant": drawn.slant, "ruled": drawn.ruled, "is_blank": drawn.is_blank, **size}


def assemble(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the text of all pages and the places of the words read from pictures; write the searchable PDF."""
    folder = Path(asked["folder"])
    read = [ReadPage.from_json(one) for one in asked["pages"]]
    pages = open_pages((folder / GIVEN).read_bytes())
    first = 0
    for one in read:
        pages[one.number] = as_page(one, first)
        first += sum(len(line.words) for line in one.lines)
    check_one_document(pages)
    text, places = find_marks(tidy(repair(checked_length(text_of(pages)))))
    lay_text(folder / GIVEN, folder / SEARCHABLE, folder, read)
    return {"text": text, "places": places}


STEPS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"to_pdf": to_pdf, "draw": draw, "assemble": assemble}


def step(name: str) -> Callable[[bytes], dict[str, Any]]:
    """Return a step that takes its question as JSON."""
    return lambda data: STEPS[name](json.loads(data))
