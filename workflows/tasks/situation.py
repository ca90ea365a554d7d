"""How a task stands for somebody who is about to act on it: what is open, what is owed, in one query."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.organization.unit import Unit
from models.tasks.task import OPEN_STATUSES, Contribution, Extension, LeadChange, Obstacle, Task
from models.tasks.task_reads import BESIDE_THE_LEAD
from models.text.localtime import due_date
from workflows.access.rights import Principal, TaskAccess
from workflows.rules.tasks.offers import Situation


def read_situation(session: Session, place: Principal, sight: TaskAccess, now: datetime) -> Situation:
    """Return the situation of a task as of `now` (UTC)."""
    task = sight.task
    given = {"task": task.id, "lead": task.lead_unit_id, "units": list(place.serves | place.speaks_for)}
    row = session.execute(_QUERY, given).one()
    return Situation(
        status=task.status,
        relations=sight.relations,
        has_date=task.due_at is not None,
        is_late=task.due_at is not None and task.due_at <= now and task.status in OPEN_STATUSES,
        due_fixed_by=task.due_fixed_by,
        extension=row.extension,
        by_issuer=bool(row.by_issuer),
        has_obstacle=bool(row.has_obstacle),
        has_lead_request=bool(row.has_lead_request),
        owes_contribution=bool(row.owes_contribution),
        has_subordinates=bool(row.has_subordinates),
        has_open_children=bool(row.has_open_children),
        is_outgrown=bool(row.asked_due_on and task.due_at and row.asked_due_on < due_date(task.due_at)),
    )


def _query() -> Any:
    """Written down once: to build it takes longer than to ask it."""
    child: Any = aliased(Task)
    task: Any = bindparam("task")
    opened = (col(Extension.task_id) == task, col(Extension.state).in_(("open", "countered")))
    blocked = (col(Obstacle.task_id) == task, col(Obstacle.answered_at).is_(None))
    asked = (col(LeadChange.task_id) == task, col(LeadChange.state) == "open")
    owed = (
        col(Contribution.task_id) == task,
        col(Contribution.contributed_at).is_(None),
        col(Contribution.unit_id).in_(bindparam("units", expanding=True)),
        BESIDE_THE_LEAD,
    )
    below = (col(Unit.parent_id) == bindparam("lead"), col(Unit.is_active), col(Unit.is_outside).is_(False))
    handed_on = (col(child.parent_id) == task, col(child.status).in_(OPEN_STATUSES))
    return select(
        select(col(Extension.state)).where(*opened).scalar_subquery().label("extension"),
        select(col(Extension.asked_due_on)).where(*opened).scalar_subquery().label("asked_due_on"),
        select(col(Extension.by_issuer)).where(*opened).scalar_subquery().label("by_issuer"),
        select(col(Obstacle.id)).where(*blocked).exists().label("has_obstacle"),
        select(col(LeadChange.id)).where(*asked).exists().label("has_lead_request"),
        select(col(Contribution.unit_id)).where(*owed).exists().label("owes_contribution"),
        select(col(Unit.id)).where(*below).exists().label("has_subordinates"),
        select(col(child.id)).where(*handed_on).exists().label("has_open_children"),
    )


_QUERY = _query()
