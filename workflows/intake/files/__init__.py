"""Read a file's text: Word, PDF, OpenDocument, HTML, RTF, plain text, within limits.

Begin with `apart.py`, which reads in a process of its own.
"""

from threading import BoundedSemaphore

from workflows.intake.files.apart import draw_apart, read_apart
from workflows.intake.files.doc import antiword, office, text_of, to_docx, unreadable_here
from workflows.intake.files.limits import MOST_BYTES, Unreadable
from workflows.intake.files.sniff import sniff

__all__ = ["draw_pdf", "read_file"]

_AT_ONCE = BoundedSemaphore(2)
"""Each may take some hundred megabytes: a flood of documents must not take the machine's memory. The others wait."""


def read_file(name: str, data: bytes) -> str:
    """Return the text of a document in NFC: a paragraph a line, an empty line between blocks, table rows as `| cell |
    cell |`.

    Automatic numbers are written out, the header of the first page stands before the text and notes after it; a
    letterhead whose table is not drawn is lines. `name` is only for the message of BadInput, which says why a file
    cannot be read and what would be right.
    """
    try:
        with _AT_ONCE:
            text = _read(data)
        if not any(map(str.isalnum, text)):
            raise Unreadable("file {file}: there is no text in it; send the document itself")
        return text
    except Unreadable as error:
        raise _told(error, name) from None


def draw_pdf(name: str, data: bytes) -> tuple[int, list[str]]:
    """Return how many pages a PDF has, and the first of them as PNG in base64. BadInput as for `read_file`."""
    try:
        if len(data) > MOST_BYTES:
            raise Unreadable(
                "file {file}: {size} bytes; allowed are 1 to {most} bytes", size=len(data), most=MOST_BYTES
            )
        with _AT_ONCE:
            return draw_apart(data)
    except Unreadable as error:
        raise _told(error, name) from None


def _told(error: Unreadable, name: str) -> Exception:
    from models.errors import BadInput
    from models.tasks.evidence import clean_name

    return BadInput(error.message, file=clean_name(name), **error.facts)


def _read(data: bytes) -> str:
    if not 0 < len(data) <= MOST_BYTES:
        raise Unreadable("file {file}: {size} bytes; allowed are 1 to {most} bytes", size=len(data), most=MOST_BYTES)
    kind = sniff(data)
    if kind != "doc":
        return read_apart(kind, data)
    if (program := office()) is not None:
        return read_apart("docx", to_docx(program, data))
    if (program := antiword()) is not None:
        return read_apart("plain", text_of(program, data))
    raise unreadable_here()
