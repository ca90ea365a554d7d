"""The files of results, for readers who may see the whole task."""

from datetime import date
from pathlib import Path
from uuid import UUID

from sqlmodel import Session, col, select

from models.errors import NotFound
from models.settings import Settings
from models.tasks.evidence_files import kept_file
from models.tasks.task import Evidence, Result
from workflows.access.rights import Principal
from workflows.access.task_access import look_at


def open_file(
    session: Session, principal: Principal, task_id: UUID, file_id: UUID, settings: Settings, *, today: date
) -> tuple[Evidence, Path]:
    """Return a file and its path. NotFound where the person may not see it."""
    look_at(session, principal, task_id, today).whole_task()
    file = session.exec(
        select(Evidence)
        .join(Result, col(Result.id) == col(Evidence.result_id))
        .where(Evidence.id == file_id, Result.task_id == task_id)
    ).first()
    if file is None:
        raise NotFound("there is no such file")
    return file, kept_file(settings.evidence, file.sha256, file.filename)


def waiting_files(session: Session, task_id: UUID) -> list[Evidence]:
    """Return the files of the result that waits for a decision."""
    query = (
        select(Evidence)
        .join(Result, col(Result.id) == col(Evidence.result_id))
        .where(Result.task_id == task_id, col(Result.decision).is_(None))
        .order_by(col(Evidence.id))
    )
    return list(session.exec(query))
