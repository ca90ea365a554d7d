"""Only SQLite opens a database that this process has open.

Closing any descriptor of a file drops every lock that the process has on it (POSIX, fcntl): the next process to close
the database then takes itself for the last, and unlinks the log that this one still writes to. SQLite opens files in C,
which raises no audit event; all that raises one is Python's own.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_ENDINGS = ("", "-wal", "-shm")
_DESCRIPTORS = Path("/proc/self/fd")
_names: set[str] = set()
_faults: list[str] = []


def watch_databases() -> None:
    """From here on, for the life of the process."""
    if _DESCRIPTORS.is_dir():
        sys.addaudithook(_see)


def take_faults() -> Sequence[str]:
    """Return what was opened since the last time, with the lines of code that did it."""
    faults = list(_faults)
    del _faults[: len(faults)]
    return faults


def _see(event: str, given: tuple[Any, ...]) -> None:
    if event == "sqlite3.connect":
        _names.update(_files_of(given[0]))
    elif event == "open" and isinstance(given[0], str | bytes) and _names:
        path = os.fsdecode(given[0])
        follows = not given[2] & os.O_NOFOLLOW
        path = os.path.realpath(path) if follows else os.path.abspath(path)
        if path in _names:
            _refuse_held(path)


def _files_of(database: Any) -> list[str]:
    name = os.fsdecode(database)
    if name.startswith("file:"):
        name = unquote(urlsplit(name).path)
    if not name or name == ":memory:":
        return []
    path = os.path.realpath(name)
    return [path + ending for ending in _ENDINGS]


def _refuse_held(path: str) -> None:
    if path not in {_link(one) for one in os.listdir(_DESCRIPTORS)}:
        return
    callers = "".join(traceback.format_stack(sys._getframe(2), limit=6))
    fault = f"{path} is open in SQLite, and was opened beside it:\n{callers}"
    _faults.append(fault)
    raise AssertionError(fault)


def _link(descriptor: str) -> str:
    try:
        return os.readlink(_DESCRIPTORS / descriptor)
    except OSError:  # of the listing itself
        return ""
