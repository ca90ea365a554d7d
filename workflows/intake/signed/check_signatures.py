"""Check the digital signatures of a file, in a process of its own with bounds: PDF files are hostile input."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from mmap import mmap
from threading import BoundedSemaphore

from workflows.intake.files.apart import ask_apart
from workflows.intake.files.limits import PATIENCE, Unreadable
from workflows.intake.signed.signature_facts import UNSIGNED, FileCheck, Signature

_AT_ONCE = BoundedSemaphore(2)
"""Each may take a few hundred megabytes; the others wait."""


def claims_signature(data: bytes | mmap) -> bool:
    """Return whether a file may be signed: each signature names its bytes, and no stream can hide that."""
    return data[:5] == b"%PDF-" and data.find(b"/ByteRange") >= 0


def check_signatures(data: bytes, roots: Sequence[bytes], now: datetime) -> FileCheck:
    """Return the signatures of a PDF file, checked against root certificates (DER) as of `now` (UTC).

    Nothing is fetched. A file that cannot be looked at (damaged, too large, with a password) comes back as failed;
    only a machine that is too busy raises Unreadable, so that somebody may try again.
    """
    if not claims_signature(data):
        return UNSIGNED
    try:
        with _AT_ONCE:
            told = [b64encode(one).decode() for one in roots]
            answer = ask_apart("signed.inspect_pdf.inspect_sent", data, roots=told, now=now.isoformat())
    except Unreadable as error:
        if error.facts.get("seconds") == PATIENCE:
            raise
        return FileCheck(has_failed=True)
    found = answer["signatures"]
    return FileCheck(tuple(map(Signature.of, found)), has_failed=not found)  # a signature that no field leads to
