"""Find and close files of the data folder that no other user may read: database, settings, key, letters, evidence."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PRIVATE = (
    "secrets.key",
    "dondoc.toml",
    "dondoc.sqlite",
    "dondoc.sqlite-wal",
    "dondoc.sqlite-shm",
    "mailbox",
    "evidence",
    "uploads",
    "views",
    "errors.log",
)
_FOR_OTHERS = 0o077


def open_to_others(data: Path) -> list[str]:
    """Return the names that other users may read or write, once they can enter the folder."""
    return [path.name for path in _private_paths(data) if is_open(path)]


def is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & _FOR_OTHERS)


def close_to_others(data: Path) -> list[str]:
    """Close open files that belong to the folder's user. Return their names.

    A file of another user stays: if root closed its own, the programs could not read it either.
    """
    closed = []
    for path in _private_paths(data):
        status = path.stat()
        if status.st_mode & _FOR_OTHERS and status.st_uid == data.stat().st_uid:
            with suppress(PermissionError):
                path.chmod(stat.S_IMODE(status.st_mode) & ~_FOR_OTHERS)
                closed.append(path.name)
    return closed


def _private_paths(data: Path) -> Iterator[Path]:
    for name in _PRIVATE:
        if not os.path.islink(data / name) and (data / name).exists():
            yield data / name
