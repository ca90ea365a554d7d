"""The audit: who changed what in the installation itself, who signed in, who looked at what is watched.

What is done to tasks is in the history. Append-only, as that is (a trigger in the migrations).
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
    """One deed: `action` is its name (`signed_in`, `template_published`), `object` what it was done to, by code."""

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
    """Which lines. Days are local, both included; `about` is a part of what a deed was done to."""

    actor_id: UUID | None = None
    action: str = ""
    about: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class AuditLine:
    """A line with who did it; nobody: the command line or the system itself."""

    row: Audit
    actor_code: str | None
    actor_name: str | None


def list_audit(session: Session, wanted: AuditFilter, *, after: UUID | None = None, limit: int) -> list[AuditLine]:
    """At most `limit` lines, older than the line of an id where one is given."""
    query = _lines(wanted).order_by(col(Audit.recorded_at).desc(), col(Audit.id).desc())
    if after is not None:
        last = session.get(Audit, after)
        if last is None:
            return []
        same = and_(col(Audit.recorded_at) == last.recorded_at, col(Audit.id) < last.id)
        query = query.where(or_(col(Audit.recorded_at) < last.recorded_at, same))
    return [AuditLine(row, code, name) for row, code, name in session.execute(query.limit(limit))]


def _lines(wanted: AuditFilter) -> Select[tuple[Audit, str | None, str | None]]:
    query: Any = select(Audit, col(Person.code), col(Person.full_name))
    query = query.outerjoin(Person, col(Person.id) == col(Audit.actor_id)).where(*_conditions(wanted))
    found: Select[tuple[Audit, str | None, str | None]] = query
    return found


def all_audit(engine: Engine, wanted: AuditFilter) -> Iterator[AuditLine]:
    """Yield every line, a thousand at a time, however many there are."""
    after: UUID | None = None
    while True:
        with reading(engine) as session:
            found = list_audit(session, wanted, after=after, limit=_CHUNK)
        yield from found
        if len(found) < _CHUNK:
            return
        after = found[-1].row.id


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
