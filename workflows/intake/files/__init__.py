"""Read a file's text: Word, PDF, OpenDocument, HTML, RTF, plain text, within limits.

Begin with `apart.py`, which reads in a process of its own.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workflows.intake.files.apart import ask_apart
from workflows.intake.files.doc import antiword, office, text_of, to_docx, unreadable_here
from workflows.intake.files.limits import MOST_BYTES, Scanned, Unreadable
from workflows.intake.files.sniff import sniff
from workflows.intake.files.turns import Turns

if TYPE_CHECKING:
    from uuid import UUID

    from workflows.intake.files.scans.read_scan import Scan

__all__ = [
    "TURNS",
    "Scanned",
    "draw_line",
    "draw_pdf",
    "named",
    "open_file",
    "open_message",
    "open_winmail",
    "read_file",
    "read_scanned",
    "read_whole",
]

TURNS = Turns()
"""Of all that is opened, read or drawn in this process. `open_file` and `open_message` take one; who draws has one."""


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
        return ask_apart("files.pdf_pictures.draw_part", data, page=page, box=box)


def draw_pdf(name: str, data: bytes) -> dict[str, Any]:
    """Return how many `pages` a PDF has, and `pictures` of the first as PNG in base64. BadInput as for `read_file`."""
    with named(name):
        _check_size(data)
        return ask_apart("files.pdf_pictures.draw", data)


def open_message(name: str, data: bytes, by: UUID | None = None) -> dict[str, Any]:
    """Return the fields and attachments of an edXML message, as `envelope.py` says. BadInput as for `read_file`."""
    with named(name):
        _check_size(data)
        with TURNS.take(by):
            return ask_apart("edxml.envelope.read_envelope", data)


def open_winmail(name: str, data: bytes) -> list[tuple[str, bytes]]:
    """Return the files in a winmail.dat (TNEF), each with its name. BadInput as for `read_file`."""
    with named(name):
        _check_size(data)
        with TURNS.take(None):
            found = ask_apart("files.tnef.read_files", data)["files"]
        return [(str(one["name"]), b64decode(one["content"])) for one in found]


@contextmanager
def named(name: str) -> Iterator[None]:
    """Tell what cannot be read as BadInput, with the file's name."""
    try:
        yield
    except Unreadable as error:
        from models.errors import BadInput
        from models.tasks.evidence_files import clean_name

        raise BadInput(error.message, file=clean_name(name), **error.facts) from None


def _check_size(data: bytes) -> None:
    if not 0 < len(data) <= MOST_BYTES:
        raise Unreadable("file {file}: {size} bytes; allowed are 1 to {most} bytes", size=len(data), most=MOST_BYTES)


def _text(data: bytes) -> str:
    text = _read(data)
    if not any(map(str.isalnum, text)):
        raise Unreadable("file {file}: there is no text in it; send the document itself")
    return text


def _read(data: bytes) -> str:
    _check_size(data)
    kind = sniff(data)
    if kind != "doc":
        return _read_as(kind, data)
    if (program := office()) is not None:
        return _read_as("docx", to_docx(program, data))
    if (program := antiword()) is not None:
        return _read_as("plain", text_of(program, data))
    raise unreadable_here()


def _read_as(kind: str, data: bytes) -> str:
    return str(ask_apart(f"files.{kind}.read", data)["text"])
