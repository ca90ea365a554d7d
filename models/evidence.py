"""Evidence files: stored once under their content hash, with limits on size and type."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from models.errors import BadInput

MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".txt": "text/plain",
}
_MAGIC = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    MEDIA_TYPES[".docx"]: b"PK",
    MEDIA_TYPES[".xlsx"]: b"PK",
    MEDIA_TYPES[".odt"]: b"PK",
    MEDIA_TYPES[".ods"]: b"PK",
}


@dataclass(frozen=True)
class StoredFile:
    """A file that is in the store: `size` in bytes."""

    sha256: str
    filename: str
    media_type: str
    size: int


def store_file(folder: Path, source: Path, *, max_bytes: int) -> StoredFile:
    """Copies a file into the store; the same content is kept once. Raises BadInput on a wrong size or type.

    A file whose transaction then fails stays behind under its hash, unreferenced and harmless.
    """
    if not source.is_file():
        raise BadInput("file {file}: there is no such file", file=str(source))
    size = source.stat().st_size
    if not 0 < size <= max_bytes:
        raise BadInput(
            "file {file}: {size} bytes; allowed are 1 to {most} bytes", file=source.name, size=size, most=max_bytes
        )
    media_type = MEDIA_TYPES.get(source.suffix.lower())
    content = source.read_bytes()
    if media_type is None or not content.startswith(_MAGIC.get(media_type, b"")):
        raise BadInput(
            "file {file}: its type is not accepted, or its content is not what its name says; accepted: {types}",
            file=source.name,
            types=", ".join(sorted(MEDIA_TYPES)),
        )
    digest = hashlib.sha256(content).hexdigest()
    target = folder / digest[:2] / digest
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(f".{os.getpid()}.part")
        partial.write_bytes(content)
        partial.replace(target)
    return StoredFile(digest, source.name[:255], media_type, size)
