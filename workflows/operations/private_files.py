"""What lies in the data folder for this user alone: the database, settings with passwords, the key, letters, files."""

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
    """What others on this machine may read or write, were they to come into the folder."""
    return [path.name for path in _private(data) if path.stat().st_mode & _FOR_OTHERS]


def is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & _FOR_OTHERS)


def close_to_others(data: Path) -> list[str]:
    """Close what is open; return the names of what was closed. What belongs to another user than the folder stays.

    By an administrator's hand a file of root's would be closed to the programs too.
    """
    closed = []
    for path in _private(data):
        found = path.stat()
        if found.st_mode & _FOR_OTHERS and found.st_uid == data.stat().st_uid:
            with suppress(PermissionError):
                path.chmod(stat.S_IMODE(found.st_mode) & ~_FOR_OTHERS)
                closed.append(path.name)
    return closed


def _private(data: Path) -> Iterator[Path]:
    for name in _PRIVATE:
        if not os.path.islink(data / name) and (data / name).exists():
            yield data / name
