"""Store evidence files once under their content hash, with limits of size and type. No file is ever unpacked."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, BinaryIO

from models.errors import BadInput, NotFound

MOST_FILES = 10
"""Files of a result."""
_CHUNK = 1 << 16
_LONGEST_NAME = 120
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".docx": f"{_OFFICE}wordprocessingml.document",
    ".xlsx": f"{_OFFICE}spreadsheetml.sheet",
    ".odt": f"{_OPEN_DOCUMENT}text",
    ".ods": f"{_OPEN_DOCUMENT}spreadsheet",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".txt": "text/plain",
}
_MAGIC = {"application/pdf": b"%PDF-", "image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
_MEMBERS = {
    MEDIA_TYPES[".docx"]: b"word/document.xml",
    MEDIA_TYPES[".xlsx"]: b"xl/workbook.xml",
    MEDIA_TYPES[".odt"]: b"content.xml",
    MEDIA_TYPES[".ods"]: b"content.xml",
}


@dataclass(frozen=True)
class GivenFile:
    """A file that a person sends: its name, and a function that opens its bytes."""

    name: str
    open: Callable[[], BinaryIO]

    @classmethod
    def at(cls, path: Path) -> "GivenFile":
        """Name a file of this machine. Raises BadInput if it does not exist."""
        if not path.is_file():
            raise BadInput("file {file}: there is no such file", file=str(path))
        return cls(path.name, lambda: path.open("rb"))


@dataclass(frozen=True)
class StoredFile:
    """A file in the store. `size` is in bytes."""

    sha256: str
    filename: str
    media_type: str
    size: int


def store_file(folder: Path, given: GivenFile, *, max_bytes: int) -> StoredFile:
    """Copy a file into the store, where each content exists once. Raises BadInput for a wrong size or type.

    If the transaction then fails, the file stays in the store without a reference, which does no harm.
    """
    name = clean_name(given.name)
    media_type = MEDIA_TYPES.get(Path(name).suffix.lower())
    if media_type is None:
        raise _wrong_type(name)
    with _partial(folder) as partial:
        with given.open() as source:
            digest, size = _copy(source, partial, name, max_bytes)
        partial.flush()
        if not _has_media_type(Path(partial.name), media_type):
            raise _wrong_type(name)
        _keep(folder, partial, digest)
    return StoredFile(digest, name, media_type, size)


def store_all(folder: Path, given: Iterable["GivenFile | StoredFile"], *, max_bytes: int) -> list[StoredFile]:
    """Store files, and return each content once. Raises BadInput as `store_file`, or if a stored file is gone."""
    stored: dict[str, StoredFile] = {}
    for file in given:
        if isinstance(file, GivenFile):
            file = store_file(folder, file, max_bytes=max_bytes)
        elif not evidence_path(folder, file.sha256).is_file():
            raise BadInput("file {file}: it is no longer there; please choose it again", file=file.filename)
        stored.setdefault(file.sha256, file)
    return list(stored.values())


def store_bytes(folder: Path, content: bytes) -> str:
    """Store a content of any type, and return its hash."""
    digest = hashlib.sha256(content).hexdigest()
    with _partial(folder) as partial:
        partial.write(content)
        _keep(folder, partial, digest)
    return digest


@contextmanager
def _partial(folder: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file in the store, which is deleted at the end unless `_keep` renames it."""
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=".", suffix=".part", delete=False) as partial:
        try:
            yield partial
        finally:
            Path(partial.name).unlink(missing_ok=True)


def _keep(folder: Path, partial: IO[bytes], digest: str) -> None:
    partial.close()
    target = evidence_path(folder, digest)
    target.parent.mkdir(exist_ok=True)
    Path(partial.name).replace(target)


def evidence_path(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / sha256


def kept_file(folder: Path, sha256: str, filename: str) -> Path:
    """Return the path of a stored file. Raises NotFound if it is missing."""
    path = evidence_path(folder, sha256)
    if not path.is_file():
        raise NotFound("the file {file} is missing from the store: tell the administrator", file=filename)
    return path


def clean_name(name: str) -> str:
    """Remove folders, control and direction characters from a name, and shorten it before its ending."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    printable = "".join(char for char in base if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    stem, dot, ending = " ".join(printable.split()).lstrip(".").rpartition(".")
    return f"{stem[: _LONGEST_NAME - len(ending) - 1].rstrip()}{dot}{ending}"[:_LONGEST_NAME] or "–"


def _copy(source: BinaryIO, target: IO[bytes], name: str, max_bytes: int) -> tuple[str, int]:
    """Copy at most `max_bytes`. Return the hash and the size. Raises BadInput for an empty or too large file."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            break
        digest.update(chunk)
        target.write(chunk)
    if not 0 < size <= max_bytes:
        shown = size if size <= max_bytes else f"> {max_bytes}"
        raise BadInput(
            "file {file}: {size} bytes; allowed are 1 to {most} bytes", file=name, size=shown, most=max_bytes
        )
    return digest.hexdigest(), size


def _has_media_type(path: Path, media_type: str) -> bool:
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        if media_type in _MEMBERS:  # an archive, which contains the names of its members uncompressed
            return content[:4] == b"PK\x03\x04" and content.find(_MEMBERS[media_type]) >= 0
        if media_type == "text/plain":
            return content.find(b"\0") < 0
        return content[:8].startswith(_MAGIC[media_type])


def _wrong_type(name: str) -> BadInput:
    return BadInput(
        "file {file}: its type is not accepted, or its content is not what its name says; accepted: {types}",
        file=name,
        types=", ".join(sorted(MEDIA_TYPES)),
    )
