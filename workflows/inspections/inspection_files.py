"""The files beside findings: handed to those who see the findings."""

from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from models.directives.inspection import InspectionFile
from models.errors import NotFound
from models.settings import Settings
from models.tasks.evidence import evidence_path
from workflows.inspections.inspection_rows import SHOWN
from workflows.inspections.seeing import InspectionAccess


def open_inspection_file(
    session: Session, sight: InspectionAccess, file_id: UUID, settings: Settings
) -> tuple[InspectionFile, Path]:
    """Return a file of an inspection, and where the store keeps it. NotFound where it is none of theirs, or not sent
    yet.
    """
    file = session.get(InspectionFile, file_id)
    one = sight.inspection
    if file is None or file.inspection_id != one.id:
        raise NotFound("there is no such file")
    if not sight.sees_all and (one.state not in SHOWN or file.unit_id not in sight.units):
        raise NotFound("there is no such file")
    path = evidence_path(settings.evidence, file.sha256)
    if not path.is_file():
        raise NotFound("the file {file} is missing from the store: tell the administrator", file=file.filename)
    return file, path
