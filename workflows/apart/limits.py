"""Bounds of what is read, and the refusals of a file that is past them or gives no text.

Nothing of `models` is imported here or in the readers: the process that reads a risky file must start in a moment.
"""

import contextlib
import ctypes
import os
import sys
from pathlib import Path
from typing import NamedTuple

MOST_BYTES = 20 << 20
"""Of a file as it is sent."""
MOST_PAGES = 300
MOST_CHARACTERS = 2_000_000
"""Of a text, pasted or read from a file: 50 pages have about 150,000."""
MOST_CELLS = 50_000
"""Of all tables together."""
MOST_ENTRIES = 2_000
"""Of a zip archive; a .docx has about twenty, and one for each picture."""
MOST_PART = 24 << 20
"""Unpacked bytes of one part of an archive. Pictures are never unpacked."""
MOST_RATIO = 200
"""Unpacked to packed bytes, once a part is past a megabyte; a .docx seldom has more than 30."""
MOST_DEPTH = 200
"""Of elements within elements; libxml2 itself stops at 256."""
SECONDS = 5
"""Of the processor; a busy machine takes longer by the clock."""
PATIENCE = 60
"""Seconds by the clock after which a process that reads is given up."""
MEMORY = 350 << 20
"""Bytes of its own that a process which reads may have: with its program that stays under 500 MB."""
MOST_SCANNED = 50
"""Pages of a document that are read from their pictures, at some seconds each."""
SCAN_SECONDS = 60
"""Of the processor, for one such page."""
SCAN_PATIENCE = 180
"""Seconds by the clock for one such page."""
SCAN_MEMORY = 700 << 20
"""Bytes of its own that a process which reads or draws such a page may have."""
READING_SECONDS = 8
"""Of the processor, in which a text is read as far as they reach."""
MOST_WRITTEN = 64 << 20
"""Bytes of a file that a bound process may write."""
ROOM = Path(__file__).parents[2]
"""The folder from which `workflows` is imported."""

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


class Bounds(NamedTuple):
    """What a process that reads or draws may have: bytes of its own, seconds of the processor and by the clock."""

    memory: int
    seconds: int
    patience: int


_ORDINARY = Bounds(MEMORY, SECONDS, PATIENCE)
_WIDER = {
    "workflows.intake.files.scans.": Bounds(SCAN_MEMORY, SCAN_SECONDS, SCAN_PATIENCE),  # pictures of pages
    "workflows.intake.bounded.": Bounds(MEMORY, READING_SECONDS + 2, PATIENCE),  # texts: it looks at the time by itself
}


def bounds_of(maker: str) -> Bounds:
    """By the beginning of the maker's name ("workflows.intake.files.docx.read")."""
    return next((bounds for beginning, bounds in _WIDER.items() if maker.startswith(beginning)), _ORDINARY)


class Unreadable(Exception):
    """A file that gives no text: the message id and its facts; told as BadInput with the file's name."""

    def __init__(self, message: str, /, **facts: str | int) -> None:
        super().__init__(message)
        self.message, self.facts = message, facts


class Scanned(Unreadable):
    """A file whose pages `numbers` (from 0) are pictures, of `count` in all: tesseract may read them."""

    def __init__(self, numbers: list[int], count: int) -> None:
        shown = ", ".join(str(number + 1) for number in numbers[:20]) + ("…" if len(numbers) > 20 else "")
        super().__init__(
            "file {file}: pages {pages} are pictures without text (a scan); send the .docx, or a PDF with its text",
            pages=shown,
        )
        self.numbers, self.count = numbers, count


def too_large() -> Unreadable:
    """The file takes too much memory, or has more text than a document has."""
    return Unreadable("file {file}: reading it takes more memory than is allowed; send the document in parts")


def too_deep() -> Unreadable:
    return Unreadable("file {file}: it is nested too deeply; copy its text into a new document and send that")


def damaged() -> Unreadable:
    return Unreadable("file {file}: it is damaged or cut off; open it, save it as .docx and send that")


def protected() -> Unreadable:
    return Unreadable("file {file}: it is protected by a password; remove the password and send it again")


def too_slow(seconds: int) -> Unreadable:
    """The file is huge, made to take long, or the machine is busy."""
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
    """Raise Unreadable for a text that is longer than a document may be."""
    check_count(len(text))
    return text


def check_count(characters: int) -> None:
    """Raise Unreadable where there are more characters than a document may have."""
    if characters > MOST_CHARACTERS:
        raise Unreadable("file {file}: more than {most} characters; send the document in parts", most=MOST_CHARACTERS)


def bind(memory: int, seconds: int) -> None:
    """Bind this process, for good: memory in bytes, processor time, what it writes, no network if it can."""
    if sys.platform == "win32":
        return
    import resource

    bounds = {
        resource.RLIMIT_DATA: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: MOST_WRITTEN,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in bounds.items():
        hard = resource.getrlimit(kind)[1]
        lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (lower, lower))
    with contextlib.suppress(OSError, AttributeError):  # a container may forbid it: then only the reader's own care
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)


def become(program: list[str], memory: int = MEMORY, seconds: int = SECONDS) -> None:
    """Become another program, within bounds: memory in bytes, processor time in seconds."""
    bind(memory, seconds)
    os.execv(program[0], program)
