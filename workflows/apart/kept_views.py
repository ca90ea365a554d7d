"""What files of the store look like, kept beside it by their content: it is drawn once, whoever looks at it how often.

Only a copy, that may go at any time. Who may look is asked before, by whoever calls.
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
from workflows.apart.turns import TURNS

MOST_KEPT = 200_000_000
"""Bytes of all; those that nobody has looked at for longest go first."""
KEPT_UNSEEN = timedelta(days=7)


def view(folder: Path, sha256: str, what: str, by: UUID, draw: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What is kept of a file (by its hash) in `folder`, else what `draw` makes, in a turn of this person's.

    Raises Busy where too much is drawn at this moment, and what `draw` raises.
    """
    path = folder / f"{sha256}.{what}"
    if (kept := _read(path)) is not None:
        return kept
    with TURNS.take(by):
        kept = _read(path)  # somebody before us in the line may have asked for the same
        return _write(path, draw()) if kept is None else kept


def clear_views(folder: Path, evidence: Path, *, now: datetime) -> int:
    """Delete what nobody has looked at for long, and views of files that the store no longer has. How many."""
    cleared = 0
    before = (now - KEPT_UNSEEN).timestamp()
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # another purge is at it
            if path.stat().st_mtime < before or not evidence_path(evidence, path.name.partition(".")[0]).is_file():
                path.unlink()
                cleared += 1
    return cleared


def _read(path: Path) -> dict[str, Any] | None:
    try:
        kept: dict[str, Any] = json.loads(path.read_bytes())
        os.utime(path)
    except (OSError, ValueError):  # not there, just deleted, or written by a disk that was full
        return None
    return kept


def _write(path: Path, made: dict[str, Any]) -> dict[str, Any]:
    """Keep what was made, if the disk can; it is shown in any case."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as partial:
            try:
                partial.write(json.dumps(made).encode())
                partial.close()
                Path(partial.name).replace(path)
            finally:
                Path(partial.name).unlink(missing_ok=True)
        _make_room(path.parent)
    return made


def _make_room(folder: Path) -> None:
    found = sorted(((path.stat(), path) for path in folder.iterdir()), key=lambda one: one[0].st_mtime)
    over = sum(stat.st_size for stat, _path in found) - MOST_KEPT
    for stat, path in found:
        if over <= 0:
            break
        path.unlink(missing_ok=True)
        over -= stat.st_size
