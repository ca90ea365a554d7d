"""The notification centre: the notices in a person's letters, and which of them the person has not read.

It reads letters by the index of their recipients. Notices have no index for it, so that writing a hundred thousand of
them costs nothing more. An event whose letter still waits is listed as soon as it cannot be undone any more. Notices
that were dropped, or superseded by a more severe rung, are not listed.

Notifications are ordered by their events, the newest first. An event is never later than its letter. So a page reads
only letters since the oldest event that it can show.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    desc,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlmodel import Session, col, update

from models.database.columns import UtcDateTime
from models.database.rows import insert_new, table_of, update_one
from models.directives.directive import Directive, Duty, directive_name
from models.errors import BadInput, NotFound
from models.letters.letter import IS_PENDING, Letter, Notice, NoticeRead, NoticesReadUntil, NoticeState
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.conversation import ConversationMessage
from models.tasks.history import History
from models.tasks.task import Task
from workflows.history.record import EVENT
from workflows.rules.tasks.lifecycle import UNDO_WITHIN
from workflows.tasks.conversation.read_marks import event_of, is_of_directive

KEPT = timedelta(days=90)
"""How long notifications are listed, and the marks that they are read are kept."""
LATECOMERS = timedelta(days=3)
"""How long after its moment a waiting letter may get notices. Younger notices are marked as read one by one."""
MOST_COUNTED = 99
"""Unread notifications that are counted; more of them are "99+"."""
PER_PAGE = 50
MOST_MARKED = 200
"""Notifications that one call may mark."""
_PAGES_AHEAD = 4
"""Pages of the newest letters that are searched for the end of a page of events."""
_MOST_WAITING = 500
"""Notices without a letter that are searched for events."""
_LISTED_STATES = (NoticeState.PENDING, NoticeState.SENT, NoticeState.FAILED)


@dataclass(frozen=True)
class Notification:
    """A notice about a task, or about the conversation on a directive. Moments are in UTC."""

    id: UUID
    at: datetime  # when the person was told
    happened_at: datetime  # the event, or the moment of the rung
    task_id: UUID | None  # None for a conversation on a directive, whose notice names any of its tasks
    told: str  # such as "overdue@4"
    directive: str
    duty_path: str
    duty_title: str
    unit: str
    due_at: datetime | None
    by_the_hour: bool
    is_drill: bool
    is_read: bool
    by: str  # who acted; "" where nobody did, or the history does not say


@dataclass(frozen=True)
class MessagePlace:
    """The conversation that a message belongs to: on a task, or on a directive as a whole."""

    message_id: UUID
    task_id: UUID | None
    directive: str | None  # a code


@dataclass(frozen=True)
class NotificationPage:
    """A page with the newest event first; `older` is the cursor of the next page, None on the last one."""

    notifications: Sequence[Notification]
    older: str | None


class _Position(NamedTuple):
    """The last notification of the page before."""

    happened_at: datetime
    notice_id: UUID


_LETTER, _NOTICE, _READ, _READ_ALL = (table_of(model).c for model in (Letter, Notice, NoticeRead, NoticesReadUntil))
_MOMENT = UtcDateTime()
_HAPPENED = case((_NOTICE.fired_at > _LETTER.slot, _LETTER.slot), else_=_NOTICE.fired_at)
"""The moment of an event. A clock that was ahead may have written one after that of its letter, which then counts."""
_NOW, _SINCE = bindparam("now", type_=_MOMENT), bindparam("since", type_=_MOMENT)
_PERSON = bindparam("me", type_=_LETTER.recipient_id.type)
_IS_MARKED = exists().where(_READ.person_id == _PERSON, _READ.notice_id == _NOTICE.id)


def _select_in_letters(*columns: ColumnElement[Any], since: ColumnElement[Any] = _SINCE) -> Select[Any]:
    """Select notices in the person's letters whose moment has come."""
    joined = table_of(Letter).join(table_of(Notice), _NOTICE.letter_id == _LETTER.id)
    conditions = (_LETTER.recipient_id == _PERSON, _LETTER.slot > since, _LETTER.slot <= _NOW)
    return select(*columns).select_from(joined).where(*conditions, _NOTICE.state.in_(_LISTED_STATES))


def _select_waiting_events(*columns: ColumnElement[Any]) -> Select[Any]:
    """Select events that are in no letter yet, and cannot be undone any more."""
    waiting = (
        select(_NOTICE.id)
        .where(_NOTICE.recipient_id == _PERSON, IS_PENDING, _NOTICE.letter_id.is_(None))
        .limit(_MOST_WAITING)
        .subquery("waiting")
    )
    known = bindparam("known", type_=_MOMENT)
    joined = waiting.join(table_of(Notice), _NOTICE.id == waiting.c.id)
    return select(*columns).select_from(joined).where(_NOTICE.rung.startswith(EVENT), _NOTICE.fired_at <= known)


_READ_UNTIL = func.coalesce(  # a moment in the future, written by a clock that was ahead, does not count yet
    select(_READ_ALL.until)
    .where(_READ_ALL.person_id == _PERSON, _READ_ALL.until.between(_SINCE, _NOW))
    .scalar_subquery(),
    _SINCE,
    type_=_MOMENT,
)
_MOST = bindparam("most", type_=Integer)
_UNREAD = (  # built once, because every page executes it
    _select_in_letters(literal(1), since=_READ_UNTIL).where(not_(_IS_MARKED)).limit(_MOST).subquery(),
    _select_waiting_events(literal(1)).where(not_(_IS_MARKED)).limit(_MOST).subquery(),
)
_COUNT = select(*(select(func.count()).select_from(unread).scalar_subquery() for unread in _UNREAD))


def count_unread(session: Session, person_id: UUID, now: datetime) -> int:
    """Count unread notifications up to `MOST_COUNTED` + 1, in one query."""
    most = MOST_COUNTED + 1
    counts: Sequence[int] = session.execute(_COUNT, _parameters(person_id, now) | {"most": most}).one()
    return min(most, sum(counts))


def list_notifications(
    session: Session,
    person_id: UUID,
    now: datetime,
    *,
    unread_only: bool = False,
    cursor: str = "",
    limit: int = PER_PAGE,
) -> NotificationPage:
    """Return a page, in at most three queries. BadInput for a wrong cursor."""
    parameters = _parameters(person_id, now)
    after = _read_cursor(cursor) if cursor else None
    in_letters = _notices_in_letters(session, parameters, after, limit + 1, unread_only=unread_only)
    waiting = _waiting_notices(session, parameters, after, limit + 1, unread_only=unread_only)
    rows = sorted((*in_letters, *waiting), key=lambda row: (row.happened_at, row.id.hex), reverse=True)
    shown = rows[:limit]
    older = f"{shown[-1].happened_at.isoformat()}~{shown[-1].id.hex}" if len(rows) > limit else None
    return NotificationPage(shown, older)


def _notices_in_letters(
    session: Session, parameters: dict[str, Any], after: _Position | None, most: int, *, unread_only: bool
) -> list[Notification]:
    conditions = _page_conditions(_HAPPENED, after, unread_only=unread_only)
    since = _READ_UNTIL if unread_only else _SINCE
    newest = (
        _select_in_letters(_HAPPENED.label("happened"), since=since)
        .where(*conditions)
        .order_by(_LETTER.slot.desc())
        .limit(_PAGES_AHEAD * most)
        .subquery()
    )
    last = select(newest.c.happened).order_by(newest.c.happened.desc()).offset(most - 1).limit(1).scalar_subquery()
    read_until, oldest, least = session.execute(select(_READ_UNTIL, last, since), parameters).one()
    if oldest is not None:
        least = max(least, oldest - timedelta(microseconds=1))
    columns = (_NOTICE.id, _LETTER.slot, _HAPPENED.label("happened"))
    notices = _select_in_letters(*columns, since=literal(least, _MOMENT)).where(*conditions)
    page = notices.order_by(desc("happened"), desc("id")).limit(most).subquery()
    joined = table_of(Notice).join(page, page.c.id == _NOTICE.id)
    facts = select(*_FACTS, page.c.slot, page.c.happened, _IS_MARKED.label("is_marked")).select_from(joined)
    return [
        _notification(row, row.slot, is_read=row.is_marked or row.slot <= read_until)
        for row in session.execute(_join_facts(facts), parameters)
    ]


def find_notification(session: Session, person_id: UUID, notice_id: UUID, now: datetime) -> UUID:
    """Return the task of a notification. NotFound where it is not the person's own."""
    tasks = _tasks_of_own(session, person_id, [notice_id], now)
    if notice_id not in tasks:
        raise NotFound("there is no such notification")
    return tasks[notice_id]


def find_message_place(session: Session, notice_id: UUID) -> MessagePlace | None:
    """Return the place of the message that a notice is about; None for a notice about anything else."""
    notice = session.get(Notice, notice_id)
    line = session.get(History, notice.anchor_id) if notice and event_of(notice) else None
    message = session.get(ConversationMessage, UUID(line.facts["message"])) if line else None
    if message is None:
        return None
    code = None if message.task_id else session.get_one(Directive, message.directive_id).code
    return MessagePlace(message.id, message.task_id, code)


def mark_read(session: Session, person_id: UUID, notice_ids: Collection[UUID], now: datetime) -> int:
    """Mark notifications as read, and return how many were unread.

    NotFound where one is not the person's own; then none is marked.
    """
    ids = set(notice_ids)
    if len(ids) > MOST_MARKED:
        raise BadInput("ids: {length} notifications; at most {most}", length=len(ids), most=MOST_MARKED)
    if ids - _tasks_of_own(session, person_id, list(ids), now).keys():
        raise NotFound("there is no such notification")
    return _mark(session, person_id, ids, now)


def mark_all_read(session: Session, person_id: UUID, now: datetime, *, until: datetime | None = None) -> int:
    """Mark all notifications up to a moment (UTC, by default now) as read, and return how many rows changed.

    Those older than `LATECOMERS` are marked by one row.
    """
    until = min(until or now, now)
    parameters = _parameters(person_id, now) | {"now": until, "known": until - UNDO_WITHIN}
    settled = until - LATECOMERS
    recent = _select_in_letters(_NOTICE.id, since=literal(settled, _MOMENT)).where(not_(_IS_MARKED))
    waiting = _select_waiting_events(_NOTICE.id).where(not_(_IS_MARKED))
    ids = {row.id for query in (recent, waiting) for row in session.execute(query, parameters)}
    changed = _mark(session, person_id, ids, now)
    is_older = (col(NoticesReadUntil.person_id) == person_id, col(NoticesReadUntil.until) < settled)
    if update_one(session, update(NoticesReadUntil).where(*is_older).values(until=settled)):
        return changed + 1
    row = {"person_id": person_id, "until": settled}
    return changed + insert_new(session, table_of(NoticesReadUntil), [row])


def _parameters(person_id: UUID, now: datetime) -> dict[str, Any]:
    return {"me": person_id, "now": now, "since": now - KEPT, "known": now - UNDO_WITHIN}


def _tasks_of_own(session: Session, person_id: UUID, notice_ids: Sequence[UUID], now: datetime) -> dict[UUID, UUID]:
    """Return the tasks of the person's own notices among these, by notice."""
    columns, is_wanted = (_NOTICE.id, _NOTICE.task_id), _NOTICE.id.in_(notice_ids)
    queries = (_select_in_letters(*columns).where(is_wanted), _select_waiting_events(*columns).where(is_wanted))
    parameters = _parameters(person_id, now)
    return {row.id: row.task_id for query in queries for row in session.execute(query, parameters)}


def _mark(session: Session, person_id: UUID, notice_ids: Collection[UUID], now: datetime) -> int:
    rows = [{"notice_id": notice_id} for notice_id in sorted(notice_ids)]
    return insert_new(session, table_of(NoticeRead), rows, {"person_id": person_id, "read_at": now})


def _page_conditions(
    happened: ColumnElement[Any], after: _Position | None, *, unread_only: bool
) -> list[ColumnElement[bool]]:
    conditions = [not_(_IS_MARKED)] if unread_only else []
    if after:
        at = literal(after.happened_at, _MOMENT)
        conditions.append(or_(happened < at, and_(happened == at, _NOTICE.id < after.notice_id)))
    return conditions


def _waiting_notices(
    session: Session, parameters: dict[str, Any], after: _Position | None, most: int, *, unread_only: bool
) -> list[Notification]:
    conditions = _page_conditions(_NOTICE.fired_at, after, unread_only=unread_only)
    columns = (*_FACTS, _NOTICE.fired_at.label("happened"), _IS_MARKED.label("is_marked"))
    query = _join_facts(_select_waiting_events(*columns)).where(*conditions)
    rows = session.execute(query.order_by(_NOTICE.fired_at.desc(), _NOTICE.id.desc()).limit(most), parameters)
    return [_notification(row, row.happened, is_read=row.is_marked) for row in rows]


_TASK, _DUTY, _DIRECTIVE, _UNIT = (table_of(model).c for model in (Task, Duty, Directive, Unit))
_LINE, _ACTOR = table_of(History).c, table_of(Person).c
_FACTS: tuple[ColumnElement[Any], ...] = (
    *(_NOTICE.id, _NOTICE.task_id, _NOTICE.rung, _NOTICE.offset),
    *(_TASK.due_at, _TASK.incident_id, _TASK.is_drill, _DUTY.path, _DUTY.title),
    *(_DIRECTIVE.kind, _DIRECTIVE.number, _DIRECTIVE.subject, _UNIT.name.label("unit")),
    _ACTOR.full_name.label("who"),
)


def _join_facts(query: Select[Any]) -> Select[Any]:
    return (
        query.join(Task, _TASK.id == _NOTICE.task_id)
        .join(Duty, _DUTY.id == _TASK.duty_id)
        .join(Directive, _DIRECTIVE.id == _TASK.directive_id)
        .join(Unit, _UNIT.id == _TASK.lead_unit_id)
        .outerjoin(History, _LINE.id == _NOTICE.anchor_id)
        .outerjoin(Person, _ACTOR.id == _LINE.actor_id)
    )


def _notification(row: Any, at: datetime, *, is_read: bool) -> Notification:
    is_of_task = not is_of_directive(row.rung.removeprefix(EVENT))
    return Notification(
        id=row.id,
        at=at,
        happened_at=row.happened,
        task_id=row.task_id if is_of_task else None,
        told=f"{row.rung}@{row.offset}",
        directive=directive_name(row.kind, row.number, row.subject),
        duty_path=row.path if is_of_task else "",
        duty_title=row.title if is_of_task else "",
        unit=row.unit if is_of_task else "",
        due_at=row.due_at if is_of_task else None,
        by_the_hour=is_of_task and row.incident_id is not None,
        is_drill=is_of_task and row.is_drill,
        is_read=is_read,
        by=row.who or "",
    )


def _read_cursor(cursor: str) -> _Position:
    try:
        happened_at, notice_id = cursor.split("~")
        moment = datetime.fromisoformat(happened_at)
        if moment.tzinfo is None:
            raise ValueError(cursor)
        return _Position(moment.astimezone(UTC), UUID(notice_id))
    except (ValueError, OverflowError) as error:
        raise BadInput("cursor {cursor}: expected `next` of the page before", cursor=cursor) from error
