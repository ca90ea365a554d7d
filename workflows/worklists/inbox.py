"""The page of decisions: a list of the open requests that wait for a person, and one of them in full.

`inbox_asks.py` selects the requests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from workflows.worklists.inbox_asks import ORDER, Ask, count_kinds, join_asks, waiting_asks

PER_PAGE = 25
PER_GROUPED_PAGE = 50


@dataclass(frozen=True)
class Details:
    by_ask: Mapping[UUID, Mapping[str, Any]]  # columns of the row that asks, by its id
    newest_history: Mapping[UUID, UUID]  # the newest line of a task's history, by task


class InboxFilter(BaseModel):
    """The filters of the page. An empty field does not filter."""

    model_config = ConfigDict(frozen=True)

    kind: Ask | None = None
    directive: str = ""  # a code
    q: str = ""  # a part of the unit's name or code; accents need not match


@dataclass(frozen=True)
class Waiting:
    """One decision to make. Days are local."""

    kind: Ask
    ref: UUID  # the row that asks: a result, a request or an obstacle; the task itself where its date is missing
    task_id: UUID | None  # None for a question on a directive as a whole
    seen: UUID | None  # the newest line of the task's history
    since: datetime
    waits: int  # working days
    reminded_on: date | None  # when a letter reminds the person who must decide
    superior_on: date | None  # when a letter tells their superior
    directive_code: str
    directive: str
    path: str  # of the duty; "" for a directive as a whole
    title: str
    period: str
    unit: str  # the lead unit; for a directive as a whole the unit that asks
    unit_code: str
    due_at: datetime | None
    is_late: bool  # a result was handed in late; for other kinds, the deadline has passed
    is_drill: bool
    is_child: bool
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Inbox:
    """A page of decisions. `counts` are by kind, and do not depend on the kind in the filter."""

    items: Sequence[Waiting]
    counts: Mapping[Ask, int]
    directives: Sequence[tuple[str, str, str | None, str]]
    paging: Paging

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class OpenedAsk:
    item: Waiting
    files: Sequence[Evidence]  # of a result


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
    """Return a page by kind, the oldest request first, in nine queries.

    With `is_grouped` requests on the same directive and duty stand together, the group with the oldest one first. Their
    details are then not read, and it takes three queries.
    """
    asks = waiting_asks(principal, now, calendar)
    filters = _filters(wanted)
    counts = count_kinds(session, asks, filters)
    directives: Any = join_asks(asks).with_only_columns(
        col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject)
    )
    total = counts.get(wanted.kind, 0) if wanted.kind else sum(counts.values())
    per_page = PER_GROUPED_PAGE if is_grouped else PER_PAGE
    paging = Paging.of(page, total, per_page)
    if wanted.kind:
        filters.append(asks.c.kind == ORDER.index(wanted.kind))
    order = _order_by_duty(asks) if is_grouped else [asks.c.kind, asks.c.since, asks.c.ref]
    query: Any = _select_asks(asks).where(*filters).order_by(*order).limit(per_page).offset(paging.offset)
    rows = session.execute(query).all()
    details = Details({}, {}) if is_grouped else _read_details_of(session, rows)
    return Inbox(
        items=[_waiting(row, details, now, calendar) for row in rows],
        counts=counts,
        directives=[tuple(row) for row in session.execute(directives.distinct())],
        paging=paging,
    )


def open_ask(
    session: Session, principal: Principal, ref: UUID, *, now: datetime, calendar: WorkCalendar
) -> OpenedAsk | None:
    """Return a request that waits for the person; None where it does not wait any more. It takes eight queries."""
    items = _read_chosen(session, principal, [ref], now, calendar)
    if not items:
        return None
    files = select(Evidence).where(col(Evidence.result_id) == ref).order_by(col(Evidence.id))
    return OpenedAsk(items[0], session.execute(files).scalars().all())


def read_results(
    session: Session, principal: Principal, refs: Sequence[UUID], *, now: datetime, calendar: WorkCalendar
) -> list[Waiting]:
    """Return those of the results that wait for the person, grouped as in the list. It takes seven queries."""
    items = _read_chosen(session, principal, refs, now, calendar)
    return [item for item in items if item.kind is Ask.RESULT]


def _read_chosen(
    session: Session, principal: Principal, refs: Sequence[UUID], now: datetime, calendar: WorkCalendar
) -> list[Waiting]:
    asks = waiting_asks(principal, now, calendar)
    rows = session.execute(_select_asks(asks).where(asks.c.ref.in_(refs)).order_by(*_order_by_duty(asks))).all()
    details = _read_details_of(session, rows)
    return [_waiting(row, details, now, calendar) for row in rows]


def _read_details_of(session: Session, rows: Sequence[Any]) -> Details:
    return read_details(session, [row.ref for row in rows], [row.id for row in rows if row.id])


def _select_asks(asks: Any) -> Any:
    return join_asks(asks).with_only_columns(
        asks.c.kind.label("ask"),
        asks.c.ref,
        asks.c.since,
        *(col(Task.id), col(Task.due_at), col(Task.is_drill), col(Task.parent_id), col(Task.occurrence)),
        col(Task.incident_id),
        col(Task.submitted_on),
        *(col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject)),
        *(col(Duty.path), col(Duty.title), col(Unit.name), col(Unit.code).label("unit_code")),
    )


def _order_by_duty(asks: Any) -> list[Any]:
    """Return an order by directive, duty and request, each with the oldest first."""
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
        has_name = col(Unit.name_folded).contains(folded, autoescape=True)
        filters.append(or_(has_name, func.lower(col(Unit.code)).contains(folded, autoescape=True)))
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
        seen=details.newest_history.get(row.id) if row.id else None,
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
        details=details.by_ask.get(row.ref, {}),
    )


def read_details(session: Session, asks: Sequence[UUID], tasks: Sequence[UUID]) -> Details:
    """Read the details of requests, in six queries."""
    files = select(func.count()).where(col(Evidence.result_id) == col(Result.id)).correlate(Result).scalar_subquery()
    results = _read_columns(
        session,
        Result,
        asks,
        *(col(Result.number), col(Result.document_date), col(Result.subject), col(Result.signer)),
        *(col(Result.is_classified), col(Result.received_on), col(Result.link), files.label("files")),
    )
    extensions = _read_columns(
        session,
        Extension,
        asks,
        *(col(Extension.asked_due_on), col(Extension.reason), col(Extension.decided_due_on)),
        *(col(Extension.decision_reason), col(Extension.by_issuer), col(Person.full_name).label("who")),
        join=(Person, col(Person.id) == col(Extension.asked_by)),
    )
    obstacles = _read_columns(
        session,
        Obstacle,
        asks,
        *(col(Obstacle.text), col(Obstacle.respond_by), col(Unit.name).label("authority")),
        join=(Unit, col(Unit.id) == col(Obstacle.authority_unit_id)),
    )
    lead_changes = _read_columns(
        session,
        LeadChange,
        asks,
        *(col(LeadChange.reason), col(Unit.code).label("to"), col(Unit.name).label("to_name")),
        join=(Unit, col(Unit.id) == col(LeadChange.proposed_unit_id)),
    )
    asker = select(col(Person.full_name)).where(col(Person.id) == col(ConversationMessage.author_id))
    questions = _read_columns(
        session,
        ConversationMessage,
        asks,
        *(col(HistoryNote.text), asker.scalar_subquery().label("who")),
        join=(HistoryNote, col(HistoryNote.history_id) == col(ConversationMessage.history_id)),
    )
    by_ask = {**results, **extensions, **obstacles, **lead_changes, **questions}
    return Details(by_ask, _read_newest_history(session, tasks))


def _read_columns(
    session: Session, table: Any, ids: Sequence[UUID], *columns: Any, join: Any = None
) -> dict[UUID, Any]:
    query: Any = select(col(table.id), *columns)
    if join is not None:
        query = query.outerjoin(*join)
    return {row.id: row._asdict() for row in session.execute(query.where(col(table.id).in_(ids)))}


def _read_newest_history(session: Session, tasks: Sequence[UUID]) -> dict[UUID, UUID]:
    place = func.row_number().over(partition_by=col(History.task_id), order_by=NEWEST_FIRST)
    lines = select(col(History.id), col(History.task_id), place.label("place")).where(col(History.task_id).in_(tasks))
    numbered = lines.subquery()
    newest: Any = select(numbered.c.task_id, numbered.c.id).where(numbered.c.place == 1)
    return {row.task_id: row.id for row in session.execute(newest)}
