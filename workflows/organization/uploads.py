"""Files between upload and confirmation: kept in the data folder, for whoever sent them, for a day at most."""

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
    """Keep files (name and content, by what each is for) under a token that is good for this person alone."""
    forget_old(data, now=now)
    token = secrets.token_hex(16)
    folder = _folder(data, person_id, token)
    for table, (name, content) in files.items():
        place = folder / table
        place.mkdir(mode=0o700, parents=True)
        (place / plain_name(name)).write_bytes(content)
    return token


def kept_files(data: Path, person_id: UUID, token: str) -> dict[str, tuple[str, bytes]]:
    """Name and content of the files of a token by what each is for.

    NotFound where there are none, or they are somebody else's.
    """
    folder = _folder(data, person_id, token) if _TOKEN.fullmatch(token) else None
    paths = sorted(folder.glob("*/*")) if folder is not None else []
    found = {path.parent.name: (path.name, path.read_bytes()) for path in paths}
    if not found:
        raise NotFound("these files are no longer kept: send them again")
    return found


def forget_files(data: Path, person_id: UUID, token: str) -> None:
    if _TOKEN.fullmatch(token):
        shutil.rmtree(_folder(data, person_id, token), ignore_errors=True)


def forget_old(data: Path, *, now: datetime) -> None:
    """Delete what nobody confirmed within a day."""
    for folder in (data / "uploads").glob("*"):
        if folder.stat().st_mtime < (now - _KEPT).timestamp():
            shutil.rmtree(folder, ignore_errors=True)


def _folder(data: Path, person_id: UUID, token: str) -> Path:
    return data / "uploads" / f"{person_id.hex}-{token}"


def plain_name(name: str) -> str:
    """Leave out what a path or a terminal could take for something else."""
    plain = _FOREIGN.sub("_", Path(name.replace("\\", "/")).name).strip(" .")
    return plain[-100:] or "file"
