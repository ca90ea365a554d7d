"""The use of a template's version: its open tasks, and the tasks that its duty will create by itself."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.directives.launch import ArmedDuty
from models.tasks.task import OPEN_STATUSES, Task


@dataclass(frozen=True)
class VersionUse:
    open_tasks: int
    is_armed: bool  # the duty waits for an incident, a request or a period
    next_opens_at: datetime | None  # in UTC, for a period


def read_use(session: Session, duty_id: UUID, version_id: UUID) -> VersionUse:
    is_open = (col(Task.template_version_id) == version_id, col(Task.status).in_(OPEN_STATUSES))
    count = session.scalar(select(func.count()).select_from(Task).where(*is_open)) or 0
    armed = session.get(ArmedDuty, duty_id)
    if armed is None or armed.stood_down_at is not None:
        return VersionUse(count, is_armed=False, next_opens_at=None)
    return VersionUse(count, is_armed=True, next_opens_at=armed.next_opens_at)
