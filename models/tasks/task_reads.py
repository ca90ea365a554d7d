"""Queries of one task: its history, partners and results."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, func, select
from sqlmodel import Session, col

from models.database.columns import LAST_DIGITS, last_digits
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.history import RECORDED, History, HistoryNote
from models.tasks.task import Contribution, Evidence, Result, Task

BESIDE_THE_LEAD: ColumnElement[bool] = col(Contribution.unit_id) != (
    select(col(Task.lead_unit_id))
    .where(col(Task.id) == col(Contribution.task_id))
    .correlate(Contribution)
    .scalar_subquery()
)
"""Selects shares of units that still coordinate. A unit that became the lead keeps its row for reports of earlier days,
but no longer coordinates."""


def ends_in(digits: str) -> ColumnElement[bool]:
    """Select tasks whose id ends in these six to twelve hexadecimal digits. An index finds them."""
    return and_(last_digits(col(Task.id)) == digits[-LAST_DIGITS:], cast(col(Task.id), String).like(f"%{digits}"))


def task_history(session: Session, task_id: UUID) -> list[dict[str, Any]]:
    """Return the lines of the history in order, with actors and notes."""
    query: Any = (
        select(
            *(col(History.id), col(History.recorded_at), col(History.occurred_on), col(History.event)),
            *(col(History.relation), col(History.from_status), col(History.to_status), col(History.facts)),
            col(Person.code).label("actor"),
            col(HistoryNote.text).label("note"),
        )
        .outerjoin(Person, col(Person.id) == History.actor_id)
        .outerjoin(HistoryNote, col(HistoryNote.history_id) == History.id)
        .where(col(History.task_id) == task_id)
        .order_by(*RECORDED)
    )
    return [dict(row) for row in session.execute(query).mappings()]


def task_partners(session: Session, task_id: UUID) -> list[dict[str, Any]]:
    """Return the coordinating units with their contributions."""
    query: Any = (
        select(col(Unit.code), col(Unit.name), col(Contribution.contributed_at), col(Contribution.note))
        .join(Unit, col(Unit.id) == Contribution.unit_id)
        .where(col(Contribution.task_id) == task_id, BESIDE_THE_LEAD)
        .order_by(col(Unit.sort_key))
    )
    return [dict(row) for row in session.execute(query).mappings()]


def task_results(session: Session, task_id: UUID) -> list[dict[str, Any]]:
    """Return the results, the oldest first, with their evidence files and the files' names."""
    results = session.scalars(
        select(Result).where(col(Result.task_id) == task_id).order_by(col(Result.submitted_at), col(Result.id))
    ).all()
    files: dict[UUID, list[dict[str, Any]]] = {}
    query: Any = select(
        *(col(Evidence.id), col(Evidence.result_id), col(Evidence.filename), col(Evidence.media_type)),
        *(col(Evidence.size), col(Evidence.sha256)),
    ).where(col(Evidence.result_id).in_([result.id for result in results]))
    for row in session.execute(query.order_by(col(Evidence.id))).mappings():
        files.setdefault(row["result_id"], []).append(dict(row))
    return [
        result.model_dump(exclude={"task_id", "submitted_by", "decided_by"})
        | {"files": [file["filename"] for file in files.get(result.id, [])], "evidence": files.get(result.id, [])}
        for result in results
    ]


def last_moved(session: Session, directive_id: UUID) -> datetime | None:
    """Return the moment of the newest line about a directive or its tasks. An index finds it."""
    query = select(func.max(History.recorded_at)).where(col(History.directive_id) == directive_id)
    recorded_at: datetime | None = session.execute(query).scalar_one()
    return recorded_at
