"""What hangs on a version of a template: open tasks, and what its duty is to make by itself."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.directives.launch import ArmedDuty
from models.tasks.task import OPEN_STATUSES, Task


@dataclass(frozen=True)
class VersionUse:
    """`is_armed`: the duty waits for an incident, a request or a period; `next_opens_at` (UTC): for which."""

    open_tasks: int
    is_armed: bool
    next_opens_at: datetime | None


def read_use(session: Session, duty_id: UUID, version_id: UUID) -> VersionUse:
    mine = (col(Task.template_version_id) == version_id, col(Task.status).in_(OPEN_STATUSES))
    count = session.scalar(select(func.count()).select_from(Task).where(*mine)) or 0
    armed = session.get(ArmedDuty, duty_id)
    if armed is None or armed.stood_down_at is not None:
        return VersionUse(count, False, None)
    return VersionUse(count, True, armed.next_opens_at)
