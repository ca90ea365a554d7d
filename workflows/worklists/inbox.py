"""The page of decisions: a list of what `inbox_asks` finds, by directive and duty, and one of it opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from models.database.paging import Paging
from models.directives.directive import Directive, Duty, directive_name
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.conversation import ConversationMessage
from models.tasks.history import NEWEST_FIRST, History, HistoryNote
from models.tasks.late import has_passed
from models.tasks.task import Evidence, Extension, LeadChange, Obstacle, Result, Task
from models.text.localtime import due_date, local_date
from models.text.vietnamese import fold
from workflows.access.rights import Principal
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.ladder import DECIDER, DECIDER_SUPERIOR, decide_moments
from workflows.worklists.inbox_asks import ORDER, Ask, count_kinds, joined, waiting_asks

PER_PAGE = 25
LISTED = 50
"""Rows of a page that lists what waits by directive and duty."""


_WHOLE = Paging(1, 0)


@dataclass(frozen=True)
class Details:
    """By the row that asks: its own columns by name; by task: the newest line of its history."""

    of_ask: Mapping[UUID, Mapping[str, Any]]
    seen: Mapping[UUID, UUID]


class InboxFilter(BaseModel):
    """What is looked for; an empty field asks for nothing."""

    model_config = ConfigDict(frozen=True)

    kind: Ask | None = None
    directive: str = ""  # its code
    q: str = ""  # in the unit's name or code, marks or not


@dataclass(frozen=True)
class Waiting:
    """One decision to make. Days are local; `waits` counts working days."""

    kind: Ask
    ref: UUID  # the row that asks: a result, a request, an obstacle; the task itself where its date is missing
    task_id: UUID | None  # None of a question on a directive as a whole
    seen: UUID | None  # the newest line of the task's history
    since: datetime
    waits: int
    reminded_on: date | None  # the day whose letter reminds who must decide
    superior_on: date | None  # the day whose letter tells their superior
    directive_code: str
    directive: str
    path: str  # of the duty; "" on a directive as a whole
    title: str
    period: str
    unit: str  # that leads; on a directive as a whole that asks
    unit_code: str
    due_at: datetime | None
    is_late: bool  # a result that came in late; anything else of which the date has passed
    is_drill: bool
    is_child: bool
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Inbox:
    """A page: by kind, in each the oldest first. `counts` are by kind, whatever kind was asked for."""

    items: Sequence[Waiting]
    counts: Mapping[Ask, int]
    directives: Sequence[tuple[str, str, str | None, str]] = field(default_factory=tuple)
    paging: Paging = _WHOLE

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class OpenedAsk:
    """One decision with all that it is made by: what was asked, and the files of a result."""

    item: Waiting
    files: Sequence[Evidence]


def read_inbox(
    session: Session,
    principal: Principal,
    wanted: InboxFilter,
    *,
    now: datetime,
    calendar: WorkCalendar,
    page: int = 1,
    is_grouped: bool = False,
) -> Inbox:
    """Nine queries, whatever there is.

    `is_grouped`: what belongs to one directive and one duty stands together, the group with the oldest first; then the
    items come without their details, in three queries.
    """
    asks = waiting_asks(principal, now, calendar)
    source, filters = joined(asks), _filters(wanted)
    counts = count_kinds(session, asks, filters)
    directives: Any = source.with_only_columns(
        col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject)
    ).distinct()
    shown = counts.get(wanted.kind, 0) if wanted.kind else sum(counts.values())
    per_page = LISTED if is_grouped else PER_PAGE
    paging = Paging.of(page, shown, per_page)
    if wanted.kind:
        filters.append(asks.c.kind == ORDER.index(wanted.kind))
    order = _by_duty(asks) if is_grouped else [asks.c.kind, asks.c.since, asks.c.ref]
    query: Any = _rows(asks).where(*filters).order_by(*order).limit(per_page).offset(paging.offset)
    rows = session.execute(query).all()
    details = (
        Details({}, {}) if is_grouped else read_details(session, [r.ref for r in rows], [r.id for r in rows if r.id])
    )
    items = [_waiting(row, details, now, calendar) for row in rows]
    return Inbox(items, counts, [tuple(row) for row in session.execute(directives)], paging)


def open_ask(
    session: Session, principal: Principal, ref: UUID, *, now: datetime, calendar: WorkCalendar
) -> OpenedAsk | None:
    """None where it waits no more, whatever the filter. Eight queries."""
    items = _read_chosen(session, principal, [ref], now, calendar)
    if not items:
        return None
    files = select(Evidence).where(col(Evidence.result_id) == ref).order_by(col(Evidence.id))
    return OpenedAsk(items[0], session.execute(files).scalars().all())


def read_results(
    session: Session, principal: Principal, refs: Sequence[UUID], *, now: datetime, calendar: WorkCalendar
) -> list[Waiting]:
    """Return those results that wait for somebody, the groups as in the list. Seven queries."""
    return [one for one in _read_chosen(session, principal, refs, now, calendar) if one.kind is Ask.RESULT]


def _read_chosen(
    session: Session, principal: Principal, refs: Sequence[UUID], now: datetime, calendar: WorkCalendar
) -> list[Waiting]:
    asks = waiting_asks(principal, now, calendar)
    rows = session.execute(_rows(asks).where(asks.c.ref.in_(refs)).order_by(*_by_duty(asks))).all()
    details = read_details(session, [row.ref for row in rows], [row.id for row in rows if row.id])
    return [_waiting(row, details, now, calendar) for row in rows]


def _rows(asks: Any) -> Any:
    return joined(asks).with_only_columns(
        asks.c.kind.label("ask"),
        asks.c.ref,
        asks.c.since,
        *(col(Task.id), col(Task.due_at), col(Task.is_drill), col(Task.parent_id), col(Task.occurrence)),
        col(Task.incident_id),
        col(Task.submitted_on),
        *(col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject)),
        *(col(Duty.path), col(Duty.title), col(Unit.name), col(Unit.code).label("unit_code")),
    )


def _by_duty(asks: Any) -> list[Any]:
    """Return the order of groups: directive, duty, then ask, each with the oldest first."""
    directive, duty = asks.c.directive_id, col(Task.duty_id)
    return [
        func.min(asks.c.since).over(partition_by=directive),
        directive,
        func.min(asks.c.since).over(partition_by=[directive, duty]),
        duty,
        asks.c.since,
        asks.c.kind,
        asks.c.ref,
    ]


def _filters(wanted: InboxFilter) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = []
    if wanted.directive:
        filters.append(col(Directive.code) == wanted.directive)
    if folded := fold(wanted.q):
        named = col(Unit.name_folded).contains(folded, autoescape=True)
        filters.append(or_(named, func.lower(col(Unit.code)).contains(folded, autoescape=True)))
    return filters


def _is_late(row: Any, kind: Ask, now: datetime) -> bool:
    if row.due_at is not None and kind is Ask.RESULT and row.submitted_on is not None:
        return bool(row.submitted_on > due_date(row.due_at))  # its own day counts, however slow the approval
    return has_passed(row.due_at, now)


def _waiting(row: Any, details: Details, now: datetime, calendar: WorkCalendar) -> Waiting:
    kind, day = ORDER[row.ask], local_date(row.since)
    clock = "hours" if row.incident_id else "working_days"
    reminders: dict[str, datetime] = {}
    if kind not in (Ask.NO_DATE, Ask.COUNTER, Ask.QUESTION):
        reminders = decide_moments(row.since, row.due_at, clock=clock, calendar=calendar)
    return Waiting(
        kind=kind,
        ref=row.ref,
        task_id=row.id,
        seen=details.seen.get(row.id) if row.id else None,
        since=row.since,
        waits=calendar.between(day, local_date(now)),
        reminded_on=local_date(reminders[DECIDER]) if reminders else None,
        superior_on=local_date(reminders[DECIDER_SUPERIOR]) if reminders else None,
        directive_code=row.code,
        directive=directive_name(row.kind, row.number, row.subject),
        path=row.path or "",
        title=row.title or "",
        period=row.occurrence or "once",
        unit=row.name or "",
        unit_code=row.unit_code or "",
        due_at=row.due_at,
        is_late=_is_late(row, kind, now),
        is_drill=bool(row.is_drill),
        is_child=row.parent_id is not None,
        details=details.of_ask.get(row.ref, {}),
    )


def read_details(session: Session, asks: Sequence[UUID], tasks: Sequence[UUID]) -> Details:
    """Six queries, whatever there is."""
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
    asker = select(col(Person.full_name)).where(col(Person.id) == col(ConversationMessage.author_id))
    questions = _of(
        session,
        ConversationMessage,
        asks,
        *(col(HistoryNote.text), asker.scalar_subquery().label("who")),
        join=(HistoryNote, col(HistoryNote.history_id) == col(ConversationMessage.history_id)),
    )
    return Details({**results, **extensions, **obstacles, **leads, **questions}, _newest(session, tasks))


def _of(session: Session, table: Any, ids: Sequence[UUID], *columns: Any, join: Any = None) -> dict[UUID, Any]:
    query: Any = select(col(table.id), *columns)
    if join is not None:
        query = query.outerjoin(*join)
    return {row.id: row._asdict() for row in session.execute(query.where(col(table.id).in_(ids)))}


def _newest(session: Session, tasks: Sequence[UUID]) -> dict[UUID, UUID]:
    latest = NEWEST_FIRST
    place = func.row_number().over(partition_by=col(History.task_id), order_by=latest)
    rows = select(col(History.id), col(History.task_id), place.label("place")).where(col(History.task_id).in_(tasks))
    newest = rows.subquery()
    found: Any = select(newest.c.task_id, newest.c.id).where(newest.c.place == 1)
    return {row.task_id: row.id for row in session.execute(found)}
