"""Keep the files that a document came in as, beside what was read from them."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from sqlmodel import Session, col, select

from models.errors import BadInput, NotFound
from models.intake.intake import FileRole, Intake, IntakeFile
from models.organization.register_reads import resolve_unit
from models.settings import Settings
from models.tasks.evidence_files import MEDIA_TYPES, clean_name, evidence_path, store_bytes
from workflows.access.rights import Principal
from workflows.intake.files.sniff import sniff
from workflows.intake.review.store_reading import IntakeDraft, store_reading

if TYPE_CHECKING:
    from workflows.intake.files.scans.read_scan import Scan

_TYPES = {
    "docx": MEDIA_TYPES[".docx"],
    "odt": MEDIA_TYPES[".odt"],
    "pdf": MEDIA_TYPES[".pdf"],
    "doc": "application/msword",
    "rtf": "application/rtf",
    "html": "text/html",
    "plain": MEDIA_TYPES[".txt"],
}
_PICTURES = {b"\xff\xd8": MEDIA_TYPES[".jpg"], b"\x89P": MEDIA_TYPES[".png"]}


def keep_source(
    session: Session,
    folder: Path,
    intake: Intake,
    name: str,
    content: bytes,
    role: FileRole = FileRole.ORIGINAL,
    media_type: str | None = None,
) -> IntakeFile:
    """Keep a file with a document, once; `folder` is the store of evidence.

    Without `media_type` the content tells it; Unreadable where no reader takes its kind. A file whose transaction then
    fails stays behind under its hash, and is deleted with the other files that belong to nothing.
    """
    media_type = media_type or _media_type(content)
    digest = store_bytes(folder, content)
    before = session.exec(
        select(IntakeFile).where(
            IntakeFile.intake_id == intake.id, IntakeFile.role == role, IntakeFile.sha256 == digest
        )
    ).first()
    if before is not None:
        return before
    kept = IntakeFile(
        intake_id=intake.id,
        role=role,
        sha256=digest,
        filename=clean_name(name),
        media_type=media_type,
        size=len(content),
    )
    session.add(kept)
    session.flush()
    return kept


def store_document(
    session: Session,
    folder: Path,
    name: str,
    content: bytes,
    words: "str | Scan",
    draft: IntakeDraft,
    *,
    unit_id: UUID,
    person_id: UUID,
    now: datetime,
) -> Intake:
    """Keep what the words of a document were read to, its file, and the PDF of a scan with its text."""
    intake = store_reading(session, draft, filename=name, unit_id=unit_id, person_id=person_id, now=now)
    keep_source(session, folder, intake, name, content)
    if not isinstance(words, str):
        keep_source(session, folder, intake, searchable_name(name), words.searchable, FileRole.SEARCHABLE)
    return intake


def searchable_name(name: str) -> str:
    return f"{Path(clean_name(name)).stem}-ocr.pdf"


def _media_type(content: bytes) -> str:
    kind = sniff(content)
    return _PICTURES.get(content[:2], "image/tiff") if kind == "picture" else _TYPES[kind]


def source_files(session: Session, intake_id: UUID) -> list[IntakeFile]:
    query = select(IntakeFile).where(IntakeFile.intake_id == intake_id).order_by(col(IntakeFile.id))
    return list(session.exec(query))


def files_of_directive(session: Session, directive_id: UUID) -> list[IntakeFile]:
    """There are none where the directive was typed or pasted."""
    query = (
        select(IntakeFile)
        .join(Intake, col(Intake.id) == col(IntakeFile.intake_id))
        .where(Intake.directive_id == directive_id)
        .order_by(col(IntakeFile.id))
    )
    return list(session.exec(query))


def open_source(files: list[IntakeFile], file_id: UUID, settings: Settings) -> tuple[IntakeFile, Path]:
    """NotFound where it is none of these files, or is missing from the store."""
    file = next((one for one in files if one.id == file_id), None)
    if file is None:
        raise NotFound("there is no such file")
    path = evidence_path(settings.evidence, file.sha256)
    if not path.is_file():
        raise NotFound("the file {file} is missing from the store: tell the administrator", file=file.filename)
    return file, path


def unit_for(session: Session, principal: Principal, code: str | None) -> UUID:
    """Return the unit of a code that somebody speaks for; without one, their only one."""
    mine = list(principal.speaks_for)
    follows = resolve_unit(session, code).id if code else mine[0] if len(mine) == 1 else None
    if follows is None or follows not in mine:
        raise BadInput(
            "--unit {unit}: give the code of a unit that {person} speaks for",
            unit=code or "–",
            person=principal.person.code,
        )
    return follows
