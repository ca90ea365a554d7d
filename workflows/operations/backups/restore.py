"""Restore a back-up into an empty installation: check it before, compare it afterwards, and hold its letters.

Letters that left after the back-up was made wait in it again, so none leaves until somebody releases them.
"""

import hashlib
import os
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from pydantic import ValidationError
from sqlmodel import Session, select

from models.database.schema_state import VERSION_TABLE, known_revisions
from models.database.seal_keys import SealHead, seal_keys_of
from models.database.session import reading, transaction
from models.errors import BadInput, Refused
from models.i18n import _n
from models.inspections.inspection import InspectionFile
from models.intake.intake import IntakeFile
from models.settings import Settings, settings_file
from models.tasks.conversation import ConversationFile
from models.tasks.evidence_files import evidence_path
from models.tasks.task import Evidence
from workflows.operations.backups.dumps import kind_of, restoring
from workflows.operations.backups.manifest import (
    DATABASE,
    EVIDENCE,
    FORMAT,
    NAME,
    PUBLIC_KEYS,
    SETTINGS,
    Manifest,
    count_rows,
)
from workflows.queue.send_hold import begin_send_hold

_CHUNK = 1 << 20
_MOST_WORDS = 1 << 20  # bytes of a manifest
_FILES = (Evidence.sha256, ConversationFile.sha256, InspectionFile.sha256, IntakeFile.sha256)
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Restored:
    """A restored back-up, with its number of evidence files.

    `missing` are files that rows name, but that the saved installation had lost. `settings_kept`: a settings file that
    existed before was not replaced.
    """

    manifest: Manifest
    files: int
    missing: tuple[str, ...]
    settings_kept: bool


def restore(archive: Path, settings: Settings, *, now: datetime) -> Restored:
    """Restore a back-up into the data folder and the database of these settings, neither of which may exist yet.

    Raises BadInput for a file that is no complete back-up; Refused if a database exists, or if the back-up comes from
    a newer program. A restore that fails leaves at most evidence files and settings, which the next attempt finds.
    """
    with _open_archive(archive) as (manifest, members):
        _check(manifest, settings)
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".restore-", dir=settings.data) as name:
            folder = Path(name)
            files = _unpack(members, manifest, folder)
            _refuse_strangers(settings.evidence, folder / EVIDENCE)
            with restoring(folder / DATABASE, settings.url) as engine:
                with engine.connect() as connection:
                    rows = count_rows(connection)
                with transaction(engine) as session:
                    begin_send_hold(session, made_at=manifest.made_at, restored_at=now, head=manifest.head)
                _compare(rows, manifest)
                with reading(engine) as session:
                    missing = missing_files(session, folder / EVIDENCE)
                # the database last: without its files it would work, and prevent another restore
                _move(folder / EVIDENCE, settings.evidence)
                kept = _settle_settings(folder / SETTINGS)
                _settle_seal_keys(folder / PUBLIC_KEYS, settings, manifest)
    return Restored(manifest, files, missing, kept)


@contextmanager
def _open_archive(archive: Path) -> Iterator[tuple[Manifest, Iterator[tuple[str, IO[bytes]]]]]:
    """Yield the manifest and an iterator over the other members. Raises BadInput for a file that is no back-up."""
    if not archive.is_file():
        raise BadInput("file {file}: there is no such file", file=str(archive))
    try:
        with tarfile.open(archive, mode="r:") as tar:
            members = ((member.name, file) for member in tar if (file := tar.extractfile(member)) is not None)
            name, file = next(members, ("", None))
            if name != NAME or file is None:
                raise BadInput("file {file}: not a back-up of dondoc; `dondoc backup` makes one", file=str(archive))
            yield Manifest.model_validate_json(file.read(_MOST_WORDS)), members
    except (tarfile.TarError, ValidationError, EOFError) as error:
        raise BadInput(
            "file {file}: damaged, or not a back-up of dondoc ({reason})",
            file=str(archive),
            reason=type(error).__name__,
        ) from error


def _check(manifest: Manifest, settings: Settings) -> None:
    if manifest.format > FORMAT or not set(manifest.schema_revision.split(",")) <= set(known_revisions()):
        raise Refused(
            "this back-up was made by dondoc {version}: install that version, or a newer one", version=manifest.program
        )
    here = kind_of(settings.url)
    if manifest.database != here:
        raise Refused(
            "this back-up is of {theirs}, and the settings are for {ours}: change `database_url`",
            theirs=_NAMES[manifest.database],
            ours=_NAMES[here],
        )


_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def check_archive(archive: Path) -> None:
    """Read every byte of an archive as restoring it would. Raises as `restore` does."""
    with _open_archive(archive) as (manifest, members):
        _unpack(members, manifest, None)


def _unpack(members: Iterator[tuple[str, IO[bytes]]], manifest: Manifest, folder: Path | None) -> int:
    """Compare every byte of a back-up, and write it into a folder if one is given. Return the number of files."""
    expected, files = dict(manifest.sha256), 0
    for name, file in members:
        kind, _slash, digest = name.partition("/")
        if kind == EVIDENCE and _DIGEST.fullmatch(digest):
            place = evidence_path(Path(EVIDENCE), digest)
            files += 1
        elif name in expected and name in (DATABASE, SETTINGS, PUBLIC_KEYS):
            place, digest = Path(name), expected.pop(name)
        else:
            raise BadInput("the back-up holds {name}, which belongs to none; it was not made by dondoc", name=name)
        if _copy(file, None if folder is None else folder / place) != digest:
            raise BadInput("{name} in this back-up has been changed or damaged", name=name)
    if expected:
        raise BadInput("{name} is missing in this back-up: it was cut off", name=", ".join(sorted(expected)))
    return files


def _copy(source: IO[bytes], target: Path | None) -> str:
    digest = hashlib.sha256()
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
    with nullcontext() if target is None else open(target, "wb", opener=partial(os.open, mode=0o600)) as file:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            if file is not None:
                file.write(chunk)
    return digest.hexdigest()


def _compare(rows: Mapping[str, int], manifest: Manifest) -> None:
    """Raise BadInput for an incomplete table. The table of the schema's version is filled later."""
    for name in sorted({*rows, *manifest.rows} - {VERSION_TABLE}):
        count, expected = rows.get(name, 0), manifest.rows.get(name, 0)
        if count != expected:
            raise BadInput(
                _n(
                    "table {name}: {count} row came back and {expected} were saved",
                    "table {name}: {count} rows came back and {expected} were saved",
                ),
                name=name,
                count=count,
                expected=expected,
            )


def _refuse_strangers(target: Path, saved: Path) -> None:
    """Raise Refused if there are files that are not in this back-up. Its own may come from an interrupted attempt."""
    if any(path.is_file() and not (saved / path.relative_to(target)).is_file() for path in target.rglob("*")):
        raise Refused("{path}: there are files already; give a folder without any", path=str(target))


def _move(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for file in source.glob("*/*"):
        place = target / file.relative_to(source)
        place.parent.mkdir(exist_ok=True)
        file.replace(place)


def _settle_settings(saved: Path) -> bool:
    """Move the saved settings file to its place. Return True if another one is there, which stays."""
    place = settings_file()
    if place.exists():
        return not (saved.exists() and saved.read_bytes() == place.read_bytes())
    if saved.exists():
        saved.replace(place)
    return False


def _settle_seal_keys(saved: Path, settings: Settings, manifest: Manifest) -> None:
    """Make this machine forget seals that are not in the back-up, because a person decided to go back.

    A public key file on this machine wins over the saved one. Keys that began after the back-up's last seal go.
    """
    keys = seal_keys_of(settings)
    if not keys.public_file.exists() and saved.exists():
        saved.replace(keys.public_file)
    public_keys = keys.public_keys()
    remaining = [key for key in public_keys if key.first <= manifest.seals + 1]
    if remaining and remaining != public_keys:
        keys.write_public_keys(remaining)
    elif public_keys and not remaining:
        keys.public_file.unlink()
    keys.head_file.unlink(missing_ok=True)
    if manifest.head is not None and remaining:
        keys.keep_head(SealHead(manifest.seals, manifest.head))


def missing_files(session: Session, folder: Path) -> tuple[str, ...]:
    """Return the digests of files that rows name, but that are not in the evidence folder."""
    digests = (digest for column in _FILES for digest in session.exec(select(column).distinct()))
    return tuple(digest for digest in digests if not evidence_path(folder, digest).is_file())
