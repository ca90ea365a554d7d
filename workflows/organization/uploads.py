"""Uploaded files that wait for confirmation: kept in the data folder for their sender, for a day at most."""

import re
import secrets
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from models.errors import NotFound

_KEPT = timedelta(days=1)
_TOKEN = re.compile(r"[0-9a-f]{32}")
_FOREIGN = re.compile(r"[^\w. -]+")


def keep_files(data: Path, person_id: UUID, files: Mapping[str, tuple[str, bytes]], *, now: datetime) -> str:
    """Keep files (name and content by table), and return a token that works for this person only."""
    forget_old(data, now=now)
    token = secrets.token_hex(16)
    folder = _folder(data, person_id, token)
    for table, (name, content) in files.items():
        table_folder = folder / table
        table_folder.mkdir(mode=0o700, parents=True)
        (table_folder / plain_name(name)).write_bytes(content)
    return token


def kept_files(data: Path, person_id: UUID, token: str) -> dict[str, tuple[str, bytes]]:
    """Return name and content of a token's files by table. NotFound where the person has none under this token."""
    folder = _folder(data, person_id, token) if _TOKEN.fullmatch(token) else None
    paths = sorted(folder.glob("*/*")) if folder is not None else []
    files = {path.parent.name: (path.name, path.read_bytes()) for path in paths}
    if not files:
        raise NotFound("these files are no longer kept: send them again")
    return files


def forget_files(data: Path, person_id: UUID, token: str) -> None:
    if _TOKEN.fullmatch(token):
        shutil.rmtree(_folder(data, person_id, token), ignore_errors=True)


def forget_old(data: Path, *, now: datetime) -> None:
    """Delete files that nobody has confirmed within a day."""
    for folder in (data / "uploads").glob("*"):
        if folder.stat().st_mtime < (now - _KEPT).timestamp():
            shutil.rmtree(folder, ignore_errors=True)


def _folder(data: Path, person_id: UUID, token: str) -> Path:
    return data / "uploads" / f"{person_id.hex}-{token}"


def plain_name(name: str) -> str:
    """Return a file name without characters that have a meaning in paths or terminals."""
    plain = _FOREIGN.sub("_", Path(name.replace("\\", "/")).name).strip(" .")
    return plain[-100:] or "file"
