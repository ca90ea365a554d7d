"""Files in the store that belong to no result and no finding: their form was given up, or their transaction failed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.rows import chunks
from models.database.session import reading
from models.directives.inspection import InspectionFile
from models.tasks.task import Evidence

KEEP = timedelta(days=2)
"""A form may name a file that it has sent for a day; every file that is stored anew is new."""


def delete_left_files(engine: Engine, folder: Path, *, now: datetime) -> int:
    """Delete what was stored over two days ago and belongs to nothing. Returns how many files that were."""
    before = (now - KEEP).timestamp()
    deleted = 0
    for chunk in chunks(_older(folder, before)):
        with reading(engine) as session:
            names = [path.name for path in chunk]
            wanted = set(session.exec(select(Evidence.sha256).where(col(Evidence.sha256).in_(names))))
            wanted |= set(session.exec(select(InspectionFile.sha256).where(col(InspectionFile.sha256).in_(names))))
        deleted += sum(_delete(path, before) for path in chunk if path.name not in wanted)
    return deleted


def _older(folder: Path, before: float) -> Iterator[Path]:
    for path in folder.glob("*/*"):
        if path.is_file() and path.stat().st_mtime < before:
            yield path
    for path in folder.glob(".*.part"):  # a process died while it was storing
        if path.stat().st_mtime < before:
            yield path


def _delete(path: Path, before: float) -> bool:
    """Take a file aside first: if the same content was stored again just now, it goes back where it was."""
    aside = path.with_name(f".{path.name}.left")
    path.rename(aside)
    if aside.stat().st_mtime >= before:
        aside.replace(path)
        return False
    aside.unlink()
    return True
