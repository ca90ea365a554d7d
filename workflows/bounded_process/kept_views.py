"""A cache of pictures of stored files, by the files' content. Each is drawn once.

An entry may be deleted at any time. The caller checks the rights of the person before.
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID

from models.tasks.evidence_files import evidence_path
from workflows.bounded_process.turns import TURNS

MOST_KEPT = 200_000_000
"""Bytes of the whole cache. The entries that were unused longest are deleted first."""
KEPT_UNSEEN = timedelta(days=7)


def view(folder: Path, sha256: str, what: str, by: UUID, draw: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the cached view of a file (by its hash); otherwise draw it in a turn of the person `by`, and keep it.

    Raises Busy where too many files are drawn at this moment, and what `draw` raises.
    """
    path = folder / f"{sha256}.{what}"
    if (kept := _read(path)) is not None:
        return kept
    with TURNS.take(by):
        kept = _read(path)  # another person may have drawn the same meanwhile
        return _write(path, draw()) if kept is None else kept


def clear_views(folder: Path, evidence: Path, *, now: datetime) -> int:
    """Delete unused views and views of files that the store no longer has. Return how many."""
    cleared = 0
    oldest = (now - KEPT_UNSEEN).timestamp()
    for path in folder.iterdir() if folder.is_dir() else ():
        sha256, _dot, _what = path.name.partition(".")
        with suppress(FileNotFoundError):  # another purge deletes it too
            if path.stat().st_mtime < oldest or not evidence_path(evidence, sha256).is_file():
                path.unlink()
                cleared += 1
    return cleared


def _read(path: Path) -> dict[str, Any] | None:
    try:
        kept: dict[str, Any] = json.loads(path.read_bytes())
        os.utime(path)
    except (OSError, ValueError):  # missing, just deleted, or cut off by a full disk
        return None
    return kept


def _write(path: Path, drawn: dict[str, Any]) -> dict[str, Any]:
    """Keep what was drawn if the disk has room, and return it in any case."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as partial:
            try:
                partial.write(json.dumps(drawn).encode())
                partial.close()
                Path(partial.name).replace(path)
            finally:
                Path(partial.name).unlink(missing_ok=True)
        _make_room(path.parent)
    return drawn


def _make_room(folder: Path) -> None:
    files = [(path, path.stat()) for path in folder.iterdir()]
    files.sort(key=lambda file: file[1].st_mtime)
    excess = sum(stat.st_size for _path, stat in files) - MOST_KEPT
    for path, stat in files:
        if excess <= 0:
            break
        path.unlink(missing_ok=True)
        excess -= stat.st_size
