"""Limits for reading files, and the refusals of a file that exceeds them or contains no text.

This module and the readers import nothing of `models`: the child process must start quickly.
"""

import contextlib
import ctypes
import os
import sys
from pathlib import Path
from typing import NamedTuple

MOST_BYTES = 20 << 20
"""Bytes of a file as it is sent."""
MOST_PAGES = 300
MOST_CHARACTERS = 2_000_000
"""Characters of a text, pasted or read from a file: 50 pages have about 150,000."""
MOST_CELLS = 50_000
"""Cells of all tables of a document together."""
MOST_ENTRIES = 2_000
"""Entries of a zip archive; a .docx has about twenty, and one for each picture."""
MOST_PART = 24 << 20
"""Unpacked bytes of one part of an archive. Pictures are never unpacked."""
MOST_RATIO = 200
"""Ratio of unpacked to packed bytes of a part above one megabyte; a .docx seldom exceeds 30."""
MOST_DEPTH = 200
"""Levels of nested XML elements; libxml2 itself stops at 256."""
SECONDS = 5
"""Processor seconds; a busy machine takes longer by the clock."""
PATIENCE = 60
"""Seconds by the clock after which a child process is stopped."""
MEMORY = 350 << 20
"""Bytes of data that a child process may allocate; with its program it stays under 500 MB."""
MOST_SCANNED = 50
"""Scanned pages of a document that are read by OCR, at some seconds each."""
SCAN_SECONDS = 60
"""Processor seconds for one scanned page."""
SCAN_PATIENCE = 180
"""Seconds by the clock for one scanned page."""
SCAN_MEMORY = 700 << 20
"""Bytes of data that a child process for one scanned page may allocate."""
READING_SECONDS = 8
"""Processor seconds for reading a text into duties; what is unread by then is named."""
MOST_WRITTEN = 64 << 20
"""Bytes of a file that a child process may write."""
ROOM = Path(__file__).parents[2]
"""The folder from which `workflows` is imported."""

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


class Bounds(NamedTuple):
    """Limits of one child process: bytes of data, seconds of the processor, seconds by the clock."""

    memory: int
    seconds: int
    patience: int


_DEFAULT_BOUNDS = Bounds(MEMORY, SECONDS, PATIENCE)
_WIDER_BOUNDS = {
    # pictures of pages
    "workflows.intake.files.scans.": Bounds(SCAN_MEMORY, SCAN_SECONDS, SCAN_PATIENCE),
    # texts: the reader itself stops after READING_SECONDS
    "workflows.intake.bounded.": Bounds(MEMORY, READING_SECONDS + 2, PATIENCE),
}


def find_bounds(function_name: str) -> Bounds:
    """Return the bounds of a function by the beginning of its full name ("workflows.intake.files.docx.read")."""
    for prefix, bounds in _WIDER_BOUNDS.items():
        if function_name.startswith(prefix):
            return bounds
    return _DEFAULT_BOUNDS


class Unreadable(Exception):
    """A file that cannot be read: a message id and its facts. `naming_file` turns it into BadInput."""

    def __init__(self, message: str, /, **facts: str | int) -> None:
        super().__init__(message)
        self.message, self.facts = message, facts


class Scanned(Unreadable):
    """A file whose pages `numbers` (from 0), of `count` in all, are pictures. Tesseract may read them."""

    def __init__(self, numbers: list[int], count: int) -> None:
        listed_pages = ", ".join(str(number + 1) for number in numbers[:20]) + ("…" if len(numbers) > 20 else "")
        super().__init__(
            "file {file}: pages {pages} are pictures without text (a scan); send the .docx, or a PDF with its text",
            pages=listed_pages,
        )
        self.numbers, self.count = numbers, count


def too_large() -> Unreadable:
    """Return the error for a file that takes too much memory, or has more text than a document may."""
    return Unreadable("file {file}: reading it takes more memory than is allowed; send the document in parts")


def too_deep() -> Unreadable:
    return Unreadable("file {file}: it is nested too deeply; copy its text into a new document and send that")


def damaged() -> Unreadable:
    return Unreadable("file {file}: it is damaged or cut off; open it, save it as .docx and send that")


def protected() -> Unreadable:
    return Unreadable("file {file}: it is protected by a password; remove the password and send it again")


def too_slow(seconds: int) -> Unreadable:
    """Return the error for a file that is huge or made to take long, or for a busy machine."""
    return Unreadable(
        "file {file}: reading it takes longer than {seconds} seconds; save it as .docx and send that", seconds=seconds
    )


def too_many_pictures(count: int) -> Unreadable:
    return Unreadable(
        "file {file}: {pages} of its pages are pictures (a scan); at most {most} are read; send it in parts",
        pages=count,
        most=MOST_SCANNED,
    )


def checked_length(text: str) -> str:
    """Return the text; raise Unreadable where it is longer than a document may be."""
    check_count(len(text))
    return text


def check_count(characters: int) -> None:
    """Raise Unreadable for more characters than a document may have."""
    if characters > MOST_CHARACTERS:
        raise Unreadable("file {file}: more than {most} characters; send the document in parts", most=MOST_CHARACTERS)


def limit_process(memory: int, seconds: int) -> None:
    """Limit this process for good: data in bytes, processor seconds, file size, and no network if possible."""
    if sys.platform == "win32":
        return
    import resource

    limits = {
        resource.RLIMIT_DATA: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: MOST_WRITTEN,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in limits.items():
        _soft_limit, hard_limit = resource.getrlimit(kind)
        lower_limit = limit if hard_limit == resource.RLIM_INFINITY else min(limit, hard_limit)
        resource.setrlimit(kind, (lower_limit, lower_limit))
    with contextlib.suppress(OSError, AttributeError):  # a container may forbid it
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)


def exec_bounded(program: list[str], memory: int = MEMORY, seconds: int = SECONDS) -> None:
    """Replace this process by another program with limits: data in bytes, processor time in seconds."""
    limit_process(memory, seconds)
    os.execv(program[0], program)
