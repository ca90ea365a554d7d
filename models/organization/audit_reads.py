"""Named reads of the audit: the newest first, filtered, page by page after a row."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, Select, and_, or_, select
from sqlmodel import Session, col

from models.database.session import reading
from models.organization.audit import Audit
from models.organization.person import Person
from models.text.localtime import end_of_day

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


def follow_audit(session: Session, wanted: AuditFilter, *, after: UUID | None = None, limit: int) -> list[AuditLine]:
    """At most `limit` lines in the order of the deeds, after the line of an id where one is given."""
    query = _lines(wanted).order_by(col(Audit.id))
    if after is not None:
        query = query.where(col(Audit.id) > after)
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
