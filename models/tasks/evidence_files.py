"""Evidence files: stored once under their content hash, with limits on size and type. None is ever unpacked."""

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
"""So many files a result may have."""
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
    """A file as somebody gives it: what they call it, and how its bytes are read."""

    name: str
    open: Callable[[], BinaryIO]

    @classmethod
    def at(cls, path: Path) -> "GivenFile":
        """BadInput where there is none on this machine."""
        if not path.is_file():
            raise BadInput("file {file}: there is no such file", file=str(path))
        return cls(path.name, lambda: path.open("rb"))


@dataclass(frozen=True)
class StoredFile:
    """A file that is in the store: `size` in bytes."""

    sha256: str
    filename: str
    media_type: str
    size: int


def store_file(folder: Path, given: GivenFile, *, max_bytes: int) -> StoredFile:
    """Copy a file into the store, counting as it reads; the same content is kept once.

    Raises BadInput on a wrong size or type. A file whose transaction then fails stays behind under its hash,
    unreferenced and harmless.
    """
    name = clean_name(given.name)
    media_type = MEDIA_TYPES.get(Path(name).suffix.lower())
    if media_type is None:
        raise _wrong_type(name)
    with _partial(folder) as partial:
        with given.open() as source:
            digest, size = _copy(source, partial, name, max_bytes)
        partial.flush()
        if not _is_what_it_says(Path(partial.name), media_type):
            raise _wrong_type(name)
        _keep(folder, partial, digest)
    return StoredFile(digest, name, media_type, size)


def store_all(folder: Path, given: Iterable["GivenFile | StoredFile"], *, max_bytes: int) -> list[StoredFile]:
    """Each content once. BadInput as `store_file`, and for one that is no longer there."""
    found: dict[str, StoredFile] = {}
    for file in given:
        if isinstance(file, GivenFile):
            file = store_file(folder, file, max_bytes=max_bytes)
        elif not evidence_path(folder, file.sha256).is_file():
            raise BadInput("file {file}: it is no longer there; please choose it again", file=file.filename)
        found.setdefault(file.sha256, file)
    return list(found.values())


def store_bytes(folder: Path, content: bytes) -> str:
    """Put a content into the store, whatever it is, and return its hash; the same content is kept once."""
    digest = hashlib.sha256(content).hexdigest()
    with _partial(folder) as partial:
        partial.write(content)
        _keep(folder, partial, digest)
    return digest


@contextmanager
def _partial(folder: Path) -> Iterator[IO[bytes]]:
    """A file of the store that has no hash yet; it is gone at the end unless it was kept."""
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
    """NotFound where it is gone."""
    path = evidence_path(folder, sha256)
    if not path.is_file():
        raise NotFound("the file {file} is missing from the store: tell the administrator", file=filename)
    return path


def clean_name(name: str) -> str:
    """Drop folders, control and direction marks; keep it short, with its ending: "báo cáo.pdf"."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(char for char in base if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    stem, dot, ending = " ".join(shown.split()).lstrip(".").rpartition(".")
    return f"{stem[: _LONGEST_NAME - len(ending) - 1].rstrip()}{dot}{ending}"[:_LONGEST_NAME] or "–"


def _copy(source: BinaryIO, target: IO[bytes], name: str, max_bytes: int) -> tuple[str, int]:
    """Hash and size of what was copied."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            break
        digest.update(chunk)
        target.write(chunk)
    if not 0 < size <= max_bytes:
        told = size if size <= max_bytes else f"> {max_bytes}"
        raise BadInput("file {file}: {size} bytes; allowed are 1 to {most} bytes", file=name, size=told, most=max_bytes)
    return digest.hexdigest(), size


def _is_what_it_says(path: Path, media_type: str) -> bool:
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        if media_type in _MEMBERS:  # an archive, whose members' names stand in it as they are: nothing is unpacked
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
