"""What was asked for in so many words, of the decisions on one page: read together, whatever their kinds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.database.rows import read_plain
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.history import History
from models.tasks.task import Evidence, Extension, LeadChange, Obstacle, Result


@dataclass(frozen=True)
class Details:
    """By the row that asks: its own columns by name; by task: the newest line of its history."""

    of_ask: Mapping[UUID, Mapping[str, Any]]
    seen: Mapping[UUID, UUID]


def read_details(session: Session, asks: Sequence[UUID], tasks: Sequence[UUID]) -> Details:
    """Five queries, whatever there is."""
    files = select(func.count()).where(col(Evidence.result_id) == col(Result.id)).correlate(Result).scalar_subquery()
    results = _of(
        session,
        Result,
        asks,
        *(col(Result.number), col(Result.document_date), col(Result.subject), col(Result.signer)),
        *(col(Result.is_classified), col(Result.received_on), col(Result.link), files.label("files")),
    )
    extensions = _of(
        session,
        Extension,
        asks,
        *(col(Extension.asked_due_on), col(Extension.reason), col(Extension.decided_due_on)),
        *(col(Extension.decision_reason), col(Extension.by_issuer), col(Person.full_name).label("who")),
        join=(Person, col(Person.id) == col(Extension.asked_by)),
    )
    obstacles = _of(
        session,
        Obstacle,
        asks,
        *(col(Obstacle.text), col(Obstacle.respond_by), col(Unit.name).label("authority")),
        join=(Unit, col(Unit.id) == col(Obstacle.authority_unit_id)),
    )
    leads = _of(
        session,
        LeadChange,
        asks,
        *(col(LeadChange.reason), col(Unit.code).label("to"), col(Unit.name).label("to_name")),
        join=(Unit, col(Unit.id) == col(LeadChange.proposed_unit_id)),
    )
    return Details({**results, **extensions, **obstacles, **leads}, _newest(session, tasks))


def _of(session: Session, table: Any, ids: Sequence[UUID], *columns: Any, join: Any = None) -> dict[UUID, Any]:
    query: Any = select(col(table.id), *columns)
    if join is not None:
        query = query.outerjoin(*join)
    return {row.id: row._asdict() for row in read_plain(session, query.where(col(table.id).in_(ids)))}


def _newest(session: Session, tasks: Sequence[UUID]) -> dict[UUID, UUID]:
    latest = (col(History.recorded_at).desc(), col(History.id).desc())
    place = func.row_number().over(partition_by=col(History.task_id), order_by=latest)
    rows = select(col(History.id), col(History.task_id), place.label("place")).where(col(History.task_id).in_(tasks))
    newest = rows.subquery()
    found: Any = select(newest.c.task_id, newest.c.id).where(newest.c.place == 1)
    return {row.task_id: row.id for row in read_plain(session, found)}
