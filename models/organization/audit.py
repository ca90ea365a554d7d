"""The audit: who changed the installation, who signed in, and who read what is watched.

Actions on tasks are in the history. Both can only be appended to (triggers in the migrations).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, Index, Select, and_, or_, select
from sqlmodel import Field, Session, SQLModel, col

from models.database.columns import JsonColumn, UtcDateTime
from models.database.ids import new_id
from models.database.session import reading
from models.organization.person import Person
from models.text.localtime import end_of_day


class Audit(SQLModel, table=True):
    """A line of the audit. `action` is a name in the past tense (`signed_in`), `object` the code of its object."""

    __table_args__ = (Index("ix_audit_recorded", "recorded_at"), Index("ix_audit_actor", "actor_id", "recorded_at"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    actor_id: UUID | None = Field(default=None, foreign_key="person.id")
    action: str = Field(max_length=64)
    object: str = Field(default="", max_length=200)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn)
    address: str = Field(default="", max_length=64)


_CHUNK = 1000


@dataclass(frozen=True)
class AuditFilter:
    """A filter of lines. Days are local, both included. `about` is a part of the object's code."""

    actor_id: UUID | None = None
    action: str = ""
    about: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class AuditLine:
    """A line with its actor; None for the command line and the system."""

    row: Audit
    actor_code: str | None
    actor_name: str | None


def list_audit(session: Session, wanted: AuditFilter, *, after: UUID | None = None, limit: int) -> list[AuditLine]:
    """List at most `limit` lines, the newest first, beginning after the line with the id `after`."""
    query = _lines_query(wanted).order_by(col(Audit.recorded_at).desc(), col(Audit.id).desc())
    if after is not None:
        last = session.get(Audit, after)
        if last is None:
            return []
        is_same_moment = and_(col(Audit.recorded_at) == last.recorded_at, col(Audit.id) < last.id)
        query = query.where(or_(col(Audit.recorded_at) < last.recorded_at, is_same_moment))
    return [AuditLine(row, code, name) for row, code, name in session.execute(query.limit(limit))]


def _lines_query(wanted: AuditFilter) -> Select[tuple[Audit, str | None, str | None]]:
    lines: Any = select(Audit, col(Person.code), col(Person.full_name))
    query: Select[tuple[Audit, str | None, str | None]] = lines.outerjoin(
        Person, col(Person.id) == col(Audit.actor_id)
    ).where(*_conditions(wanted))
    return query


def all_audit(engine: Engine, wanted: AuditFilter) -> Iterator[AuditLine]:
    """Yield every line, with a thousand in memory at a time."""
    after: UUID | None = None
    while True:
        with reading(engine) as session:
            lines = list_audit(session, wanted, after=after, limit=_CHUNK)
        yield from lines
        if len(lines) < _CHUNK:
            return
        after = lines[-1].row.id


def _conditions(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.actor_id is not None:
        yield col(Audit.actor_id) == wanted.actor_id
    if wanted.action:
        yield col(Audit.action) == wanted.action
    if wanted.about:
        yield col(Audit.object).contains(wanted.about, autoescape=True)
    if wanted.first is not None:
        yield col(Audit.recorded_at) >= end_of_day(wanted.first - timedelta(days=1))
    if wanted.last is not None:
        yield col(Audit.recorded_at) < end_of_day(wanted.last)
