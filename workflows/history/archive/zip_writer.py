"""Write a zip piece by piece, and compute the SHA-256 of each file in it."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Any, BinaryIO, Self
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from models.tasks.sealed_lines import stamp
from models.text.localtime import local

_CHUNK = 1 << 16
MANIFEST, CHECKSUM = "manifest.json", "manifest.sha256"


@dataclass(frozen=True)
class WrittenFile:
    sha256: str
    size: int


class Member:
    def __init__(self, target: IO[bytes]) -> None:
        self._target, self._digest, self._size = target, hashlib.sha256(), 0

    def write(self, data: bytes) -> None:
        self._target.write(data)
        self._digest.update(data)
        self._size += len(data)

    def line(self, value: Any) -> None:
        self.write(as_json(value) + b"\n")

    @property
    def written(self) -> WrittenFile:
        return WrittenFile(self._digest.hexdigest(), self._size)


class ArchiveWriter:
    """Writes the archive's files one after another, the manifest last. An exception removes the unfinished archive."""

    def __init__(self, path: Path, *, now: datetime) -> None:
        self._path, self._partial = path, path.with_name(f".{path.name}.part")
        self._moment = local(now).timetuple()[:6]
        self._partial.unlink(missing_ok=True)
        self._partial.touch(mode=0o600)  # not everybody may read its content
        self._zip = ZipFile(self._partial, "w", ZIP_DEFLATED)
        self.files: dict[str, WrittenFile] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._zip.close()
            if kind is None:
                self._partial.replace(self._path)
        finally:  # closing may fail as well, for lack of room
            self._partial.unlink(missing_ok=True)

    @contextmanager
    def member(self, name: str) -> Iterator[Member]:
        """Open a file of the archive for writing. Only one may be open at a time."""
        info = ZipInfo(name, self._moment)
        info.compress_type, info.external_attr = ZIP_DEFLATED, 0o644 << 16
        with self._zip.open(info, "w", force_zip64=True) as target:
            member = Member(target)
            yield member
        self.files[name] = member.written

    def add(self, name: str, data: bytes) -> WrittenFile:
        with self.member(name) as member:
            member.write(data)
        return self.files[name]

    def add_lines(self, name: str, values: Iterable[Any]) -> int:
        """Add a file of JSON lines. Return the number of lines."""
        count = 0
        with self.member(name) as member:
            for value in values:
                member.line(value)
                count += 1
        return count

    def copy(self, name: str, source: IO[bytes]) -> WrittenFile:
        """Add a file with the whole content of `source`, from its beginning."""
        source.seek(0)
        with self.member(name) as member:
            while chunk := source.read(_CHUNK):
                member.write(chunk)
        return self.files[name]

    def finish(self, facts: dict[str, Any]) -> str:
        """Write the manifest: the facts, then the files. Return its SHA-256."""
        files = {name: {"sha256": file.sha256, "size": file.size} for name, file in sorted(self.files.items())}
        manifest = self.add(MANIFEST, as_json(facts | {"files": files}, indent=1) + b"\n")
        self.add(CHECKSUM, f"{manifest.sha256}  {MANIFEST}\n".encode())
        return manifest.sha256


@contextmanager
def beside() -> Iterator[BinaryIO]:
    """Open a temporary file for content that enters the archive later, because only one member can be open."""
    with TemporaryFile() as file:
        yield file


def as_json(value: Any, *, indent: int | None = None) -> bytes:
    """Encode a value as readable JSON in UTF-8, with ids, days, instants and states as text."""
    return json.dumps(value, ensure_ascii=False, default=_plain, indent=indent).encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{type(value).__name__} has no place in an archive")
