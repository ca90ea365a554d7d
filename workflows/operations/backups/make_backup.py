"""Making a back-up: the database as of one moment, then the files that it names, in one archive."""

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
from workflows.operations.backups.dumps import dumped
from workflows.operations.backups.manifest import DATABASE, EVIDENCE, NAME, PUBLIC_KEYS, SETTINGS, Manifest, describe
from workflows.operations.backups.restore import check_archive


def back_up(engine: Engine, settings: Settings, to: Path, *, now: datetime) -> Manifest:
    """Write the archive `to`, while the programs run, and read it as restoring it would before it counts.

    BadInput where it is there already, or cannot be written; Refused for a damaged database.
    In it are all rows, and the settings file with its passwords: nobody but its owner may read it. Not in it: the key
    that opens the sealed secrets (models/database/secret_keys.py), the one that signs seals (seal_keys.py), the local
    mailbox, and what Prefect keeps.
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
            with dumped(engine, dump) as connection:
                manifest = describe(connection, program=version("dondoc"), made_at=now)
            # the files after the database: whatever a row names was stored before the row
            manifest = _pack(part, manifest, dump, settings)
        check_archive(part)
        part.replace(to)
    except (OSError, sqlite3.OperationalError) as error:  # no room, in either's words
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput("file {file}: {reason}", file=str(to), reason=reason) from error
    finally:
        part.unlink(missing_ok=True)
    with transaction(engine) as session:
        note(session, "backup_made", now=now, about=to.name, facts={"rows": manifest.total, "head": manifest.head})
    return manifest


def _pack(part: Path, manifest: Manifest, dump: Path, settings: Settings) -> Manifest:
    kept = {DATABASE: dump}
    if settings_file().is_file():
        kept[SETTINGS] = settings_file()
    if (publics := seal_keys_of(settings).public_file).is_file():
        kept[PUBLIC_KEYS] = publics
    hashes = {name: _sha256(path) for name, path in kept.items()}
    manifest = manifest.model_copy(update={"sha256": hashes})
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
            words = manifest.model_dump_json(indent=2).encode()
            told = tarfile.TarInfo(NAME)
            told.size, told.mode = len(words), 0o600
            archive.addfile(told, BytesIO(words))
            for name, path in kept.items():
                archive.add(path, name, recursive=False)
            for path in _evidence(settings.evidence):
                with suppress(FileNotFoundError):  # it belonged to nothing, and has just been cleared away
                    archive.add(path, f"{EVIDENCE}/{path.name}", recursive=False)
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _evidence(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("*/*")) if path.is_file() and not path.name.startswith("."))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
