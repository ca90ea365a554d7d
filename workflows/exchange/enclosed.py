"""Files within a message: in base64, some of them as the one entry of a zip archive, whatever their labels say."""

import re
from base64 import b64decode
from binascii import Error as NotBase64

from workflows.apart.limits import Unreadable
from workflows.intake.files.archive import ZipArchive

_ZIP = b"PK\x03\x04"
_OWN = ("[Content_Types].xml", "mimetype")
"""A part that makes an archive a document itself: .docx, .xlsx, .odt."""
_SPACE = re.compile(r"\s+")
NOT_BASE64, TOO_LARGE = "not_base64", "too_large"


def open_enclosed(name: str, encoded: str) -> tuple[str, bytes, str]:
    """Return name and content of the file behind base64 text, and why there is none.

    An archive of one entry gives it, within bounds; no other is opened.
    """
    plain = _last_part(name)
    given = _SPACE.sub("", encoded).rstrip("=")
    try:
        content = b64decode(given + "=" * (-len(given) % 4), validate=True)
    except (NotBase64, ValueError):
        content = b""
    if not content:
        return plain, b"", NOT_BASE64
    if not content.startswith(_ZIP):
        return plain, content, ""
    try:
        archive = ZipArchive(content)
        if any(one in archive for one in _OWN):
            return plain, content, ""
        files = [one for one in archive.names() if not one.endswith("/")]
        if len(files) != 1:
            return plain, content, ""
        # the entry is called by a UUID: the label's name says more, unless it is the archive's own
        return _last_part(files[0]) if plain.lower().endswith(".zip") else plain, archive.part(files[0]), ""
    except Unreadable:
        return plain, b"", TOO_LARGE


def _last_part(name: str) -> str:
    return re.split(r"[/\\]", name)[-1].strip()[-200:] or "tep"
