"""Read a file's text: Word, PDF, OpenDocument, HTML, RTF, plain text, within limits.

Each file is read in a process of its own (`workflows/bounded_process`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from workflows.bounded_process.bounded_call import call_bounded, check_size, naming_file
from workflows.bounded_process.limits import Scanned, Unreadable
from workflows.bounded_process.turns import TURNS
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
    with naming_file(name):
        return _text(data)


def open_file(name: str, data: bytes, by: UUID | None = None) -> str | Scanned:
    """Return the text as `read_file` does, or which pages are pictures that `read_scanned` can read.

    BadInput, with what to install, where there are such pages and no tesseract, or too many of them.
    """
    with naming_file(name):
        try:
            with TURNS.take(by):
                return _text(data)
        except Scanned as found:
            from workflows.intake.files.scans.read_scan import check_scan

            check_scan(found)
            return found


def read_scanned(name: str, data: bytes, found: Scanned, tell: Callable[[int, int], None]) -> Scan:
    """Read a document whose pages are pictures, at some seconds a page. BadInput as for `read_file`.

    `tell` receives the pages read and their total, and may stop the reading by raising.
    """
    from workflows.intake.files.scans.read_scan import read_scan

    with naming_file(name):
        return read_scan(data, found, is_pdf=sniff(data) == "pdf", tell=tell)


def read_whole(name: str, data: bytes, tell: Callable[[int, int], None]) -> str | Scan:
    """Read a document: its text, or for a scan the result of `read_scanned`."""
    found = open_file(name, data)
    return read_scanned(name, data, found, tell) if isinstance(found, Scanned) else found


def draw_line(name: str, data: bytes, page: int, box: Sequence[float]) -> dict[str, Any]:
    """Return a part of a PDF's page (from 0) as the `picture`, PNG in base64.

    `box` is left, top, right and bottom in shares of the page.
    """
    with naming_file(name):
        return call_bounded("workflows.intake.files.pdf_pictures.draw_part", data, page=page, box=box)


def draw_pdf(name: str, data: bytes) -> dict[str, Any]:
    """Return the number of `pages` of a PDF, and `pictures` of the first ones as PNG in base64."""
    with naming_file(name):
        check_size(data)
        return call_bounded("workflows.intake.files.pdf_pictures.draw", data)


def view_file(name: str, data: bytes, is_pdf: bool) -> dict[str, Any]:
    """Return the pictures of a PDF's pages, or the `text` of another file. BadInput as for `read_file`."""
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
    return str(call_bounded(f"workflows.intake.files.{kind}.read", data)["text"])
