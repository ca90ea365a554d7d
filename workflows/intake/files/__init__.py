"""Read a file's text: Word, PDF, OpenDocument, HTML, RTF, plain text, within limits.

Each file is read in a process of its own (`workflows/apart`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from workflows.apart.apart import ask_apart, check_size, named
from workflows.apart.limits import Scanned, Unreadable
from workflows.apart.turns import TURNS
from workflows.intake.files.doc import antiword, office, text_of, to_docx, unreadable_here
from workflows.intake.files.sniff import sniff

if TYPE_CHECKING:
    from uuid import UUID

    from workflows.intake.files.scans.read_scan import Scan

__all__ = ["Scanned", "draw_line", "draw_pdf", "open_file", "read_file", "read_scanned", "read_whole"]


def read_file(name: str, data: bytes) -> str:
    """Return the text of a document in NFC: a paragraph a line, an empty line between blocks, table rows as `| cell |
    cell |`.

    Automatic numbers are written out, the header of the first page stands before the text and notes after it; a
    letterhead whose table is not drawn is lines. `name` is only for the message of BadInput, which says why a file
    cannot be read and what would be right.
    """
    with named(name):
        return _text(data)


def open_file(name: str, data: bytes, by: UUID | None = None) -> str | Scanned:
    """Return the text as `read_file` does, or which pages are pictures that `read_scanned` can read.

    BadInput, with what to install, where there are such pages and no tesseract, or too many of them.
    """
    with named(name):
        try:
            with TURNS.take(by):
                return _text(data)
        except Scanned as found:
            from workflows.intake.files.scans.read_scan import check_scan

            check_scan(found)
            return found


def read_scanned(name: str, data: bytes, found: Scanned, tell: Callable[[int, int], None]) -> Scan:
    """Return a document whose pages are pictures, in part or all; seconds a page. BadInput as for `read_file`.

    `tell` hears how many of how many pages are read, and may stop the reading by raising.
    """
    from workflows.intake.files.scans.read_scan import read_scan

    with named(name):
        return read_scan(data, found, is_pdf=sniff(data) == "pdf", tell=tell)


def read_whole(name: str, data: bytes, tell: Callable[[int, int], None]) -> str | Scan:
    """Return the text of a document, or of a scan what its pictures were read to, as `read_scanned` does."""
    found = open_file(name, data)
    return read_scanned(name, data, found, tell) if isinstance(found, Scanned) else found


def draw_line(name: str, data: bytes, page: int, box: Sequence[float]) -> dict[str, Any]:
    """Return a part of a PDF's page (from 0) as the `picture`, PNG in base64.

    `box` is left, top, right and bottom in shares of the page.
    """
    with named(name):
        return ask_apart("workflows.intake.files.pdf_pictures.draw_part", data, page=page, box=box)


def draw_pdf(name: str, data: bytes) -> dict[str, Any]:
    """Return how many `pages` a PDF has, and `pictures` of the first as PNG in base64. BadInput as for `read_file`."""
    with named(name):
        check_size(data)
        return ask_apart("workflows.intake.files.pdf_pictures.draw", data)


def view_file(name: str, data: bytes, is_pdf: bool) -> dict[str, Any]:
    """Return what a page shows of a file: the pictures of a PDF's pages, or the `text`. BadInput as for `read_file`."""
    return draw_pdf(name, data) if is_pdf else {"text": read_file(name, data)}


def _text(data: bytes) -> str:
    text = _read(data)
    if not any(map(str.isalnum, text)):
        raise Unreadable("file {file}: there is no text in it; send the document itself")
    return text


def _read(data: bytes) -> str:
    check_size(data)
    kind = sniff(data)
    if kind != "doc":
        return _read_as(kind, data)
    if (program := office()) is not None:
        return _read_as("docx", to_docx(program, data))
    if (program := antiword()) is not None:
        return _read_as("plain", text_of(program, data))
    raise unreadable_here()


def _read_as(kind: str, data: bytes) -> str:
    return str(ask_apart(f"workflows.intake.files.{kind}.read", data)["text"])
