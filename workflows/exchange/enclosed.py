"""Open the files of a message. They are in base64, and some are the only entry of a zip archive."""

import re
from base64 import b64decode
from binascii import Error as NotBase64

from workflows.bounded_process.limits import Unreadable
from workflows.intake.files.archive import ZipArchive

_ZIP = b"PK\x03\x04"
_DOCUMENT_PARTS = ("[Content_Types].xml", "mimetype")
"""Entries that show that an archive is itself a document: .docx, .xlsx, .odt."""
_SPACE = re.compile(r"\s+")
NOT_BASE64, TOO_LARGE = "not_base64", "too_large"


def open_enclosed(name: str, encoded: str) -> tuple[str, bytes, str]:
    """Return the name and content of a file, and the trouble if there is no content.

    An archive with one entry is replaced by that entry, within bounds. Other archives stay as they are.
    """
    name = _last_part(name)
    unpadded = _SPACE.sub("", encoded).rstrip("=")
    try:
        content = b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
    except (NotBase64, ValueError):
        content = b""
    if not content:
        return name, b"", NOT_BASE64
    if not content.startswith(_ZIP):
        return name, content, ""
    try:
        archive = ZipArchive(content)
        if any(part in archive for part in _DOCUMENT_PARTS):
            return name, content, ""
        entries = [entry for entry in archive.names() if not entry.endswith("/")]
        if len(entries) != 1:
            return name, content, ""
        # entries are named by UUIDs, so the message's own name says more, unless it names the archive
        return _last_part(entries[0]) if name.lower().endswith(".zip") else name, archive.part(entries[0]), ""
    except Unreadable:
        return name, b"", TOO_LARGE


def _last_part(name: str) -> str:
    return re.split(r"[/\\]", name)[-1].strip()[-200:] or "tep"
