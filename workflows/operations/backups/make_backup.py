"""Make a back-up: one archive with the database as of one moment, and the files that it names."""

import hashlib
import os
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from models.database.seal_keys import seal_keys_of
from models.database.session import transaction
from models.errors import BadInput
from models.settings import Settings, settings_file
from workflows.access.audit_log import note
from workflows.operations.backups.dumps import dumping
from workflows.operations.backups.manifest import DATABASE, EVIDENCE, NAME, PUBLIC_KEYS, SETTINGS, Manifest, describe
from workflows.operations.backups.restore import check_archive


def back_up(engine: Engine, settings: Settings, to: Path, *, now: datetime) -> Manifest:
    """Write the archive `to` while the programs run, then read it as a restore would.

    It contains all rows, and the settings file with its passwords, so only its owner may read it. It contains neither
    the key of the sealed secrets (models/database/secret_keys.py), the key that signs seals (seal_keys.py), the local
    mailbox nor Prefect's data.

    Raises BadInput if the file exists already or cannot be written, and Refused for a damaged database.
    """
    if to.exists():
        raise BadInput("file {file}: it is there already; give another name", file=str(to))
    if not to.parent.is_dir():
        raise BadInput("file {file}: there is no such folder; name an existing one", file=str(to))
    part = to.with_name(f".{to.name}.part")
    try:
        with TemporaryDirectory(prefix=".dondoc-", dir=to.parent) as name:
            folder = Path(name)
            dump = folder / DATABASE
            with dumping(engine, dump) as connection:
                manifest = describe(connection, program=version("dondoc"), made_at=now)
            # after the database, because a file is stored before the row that names it
            manifest = _pack(part, manifest, dump, settings)
        check_archive(part)
        part.replace(to)
    except (OSError, sqlite3.OperationalError) as error:  # for example, no room on the disk
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput("file {file}: {reason}", file=str(to), reason=reason) from error
    finally:
        part.unlink(missing_ok=True)
    with transaction(engine) as session:
        note(session, "backup_made", now=now, about=to.name, facts={"rows": manifest.total, "head": manifest.head})
    return manifest


def _pack(part: Path, manifest: Manifest, dump: Path, settings: Settings) -> Manifest:
    members = {DATABASE: dump}
    if settings_file().is_file():
        members[SETTINGS] = settings_file()
    if (public_keys := seal_keys_of(settings).public_file).is_file():
        members[PUBLIC_KEYS] = public_keys
    hashes = {name: _sha256(path) for name, path in members.items()}
    manifest = manifest.model_copy(update={"sha256": hashes})
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
            content = manifest.model_dump_json(indent=2).encode()
            info = tarfile.TarInfo(NAME)
            info.size, info.mode = len(content), 0o600
            archive.addfile(info, BytesIO(content))
            for name, path in members.items():
                archive.add(path, name, recursive=False)
            for path in _evidence(settings.evidence):
                with suppress(FileNotFoundError):  # it belonged to no row, and a purge has just deleted it
                    archive.add(path, f"{EVIDENCE}/{path.name}", recursive=False)
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _evidence(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("*/*")) if path.is_file() and not path.name.startswith("."))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
