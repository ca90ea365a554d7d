"""The notification centre: what letters told a person of their tasks, and what is new since they looked.

It reads the letters themselves, by the index of letters to one person: notices have no index of their own for it, so
that writing a hundred thousand of them costs nothing more. An event whose letter still waits is listed as soon as it
can no longer be undone. Whatever is dropped, or covered by a more severe rung, is not there.

The newest event stands first, whenever its letter left. An event is never later than its letter: a page reads the
letters since the oldest event that it can hold, and nothing before.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
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
"""How long the centre lists what was told, and keeps what was read."""
LATECOMERS = timedelta(days=3)
"""A letter that waits may get notices so long after its moment: what is newer is marked as read one by one."""
MOST_COUNTED = 99
"""Unread notifications that are counted; more of them are "99+"."""
PER_PAGE = 50
MOST_MARKED = 200
"""Notifications that one call may mark."""
_AHEAD = 4
"""Pages of the newest letters that are looked through for where a page's events end."""
_MOST_WAITING = 500
"""Notices in no letter yet that are looked through for events."""
_TOLD = (NoticeState.PENDING, NoticeState.SENT, NoticeState.FAILED)


@dataclass(frozen=True)
class Notification:
    """One thing that a person was told of one task, or of a directive's own conversation. Moments in UTC.

    `at`: when it was told; `happened_at`: the event, or the rung's own moment, by which they are in order. `told` as
    "overdue@4".
    """

    id: UUID
    at: datetime
    happened_at: datetime
    task_id: UUID | None  # None of a directive's own conversation: the task that its notice hangs on is anybody's
    told: str
    directive: str
    duty_path: str
    duty_title: str
    unit: str
    due_at: datetime | None
    by_the_hour: bool
    is_drill: bool
    is_read: bool
    by: str  # who did it; "" where nobody did, or no line of the history says so


@dataclass(frozen=True)
class MessagePlace:
    """Where a message stands: on a task, or, by its code, on a directive as a whole."""

    message_id: UUID
    task_id: UUID | None
    directive: str | None


@dataclass(frozen=True)
class NotificationPage:
    """The newest events first; `older` is the cursor of the next page, None on the last."""

    notifications: Sequence[Notification]
    older: str | None


_LETTER, _NOTICE, _READ, _UNTIL = (table_of(one).c for one in (Letter, Notice, NoticeRead, NoticesReadUntil))
_MOMENT = UtcDateTime()
_HAPPENED = case((_NOTICE.fired_at > _LETTER.slot, _LETTER.slot), else_=_NOTICE.fired_at)
"""When it happened: what a clock ahead of time wrote did not happen after its letter."""
_NOW, _SINCE = bindparam("now", type_=_MOMENT), bindparam("since", type_=_MOMENT)
_PERSON = bindparam("me", type_=_LETTER.recipient_id.type)
_MARKED = exists().where(_READ.person_id == _PERSON, _READ.notice_id == _NOTICE.id)


def _in_letters(*columns: ColumnElement[Any], since: ColumnElement[Any] = _SINCE) -> Select[Any]:
    """Choose notices in a person's letters whose moment has come."""
    joined = table_of(Letter).join(table_of(Notice), _NOTICE.letter_id == _LETTER.id)
    mine = (_LETTER.recipient_id == _PERSON, _LETTER.slot > since, _LETTER.slot <= _NOW)
    return select(*columns).select_from(joined).where(*mine, _NOTICE.state.in_(_TOLD))


def _waiting_events(*columns: ColumnElement[Any]) -> Select[Any]:
    """Choose events that are in no letter yet, and can no longer be undone."""
    waiting = (
        select(_NOTICE.id)
        .where(_NOTICE.recipient_id == _PERSON, IS_PENDING, _NOTICE.letter_id.is_(None))
        .limit(_MOST_WAITING)
        .subquery("waiting")
    )
    known = bindparam("known", type_=_MOMENT)
    joined = waiting.join(table_of(Notice), _NOTICE.id == waiting.c.id)
    return select(*columns).select_from(joined).where(_NOTICE.rung.startswith(EVENT), _NOTICE.fired_at <= known)


_READ_UNTIL = func.coalesce(  # one that a clock ahead of time wrote counts once its moment has come
    select(_UNTIL.until).where(_UNTIL.person_id == _PERSON, _UNTIL.until.between(_SINCE, _NOW)).scalar_subquery(),
    _SINCE,
    type_=_MOMENT,
)
_MOST = bindparam("most", type_=Integer)
_UNREAD = (  # every page asks this: written down once
    _in_letters(literal(1), since=_READ_UNTIL).where(not_(_MARKED)).limit(_MOST).subquery(),
    _waiting_events(literal(1)).where(not_(_MARKED)).limit(_MOST).subquery(),
)
_COUNT = select(*(select(func.count()).select_from(one).scalar_subquery() for one in _UNREAD))


def count_unread(session: Session, person_id: UUID, now: datetime) -> int:
    """At most `MOST_COUNTED` + 1. One query, whatever there is."""
    most = MOST_COUNTED + 1
    counts: Sequence[int] = session.execute(_COUNT, _given(person_id, now) | {"most": most}).one()
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
    """At most three queries. BadInput for a cursor that is none of ours."""
    given = _given(person_id, now)
    after = _read_cursor(cursor) if cursor else None
    asked = _asked(_HAPPENED, after, unread_only)
    since = _READ_UNTIL if unread_only else _SINCE
    ahead = (
        _in_letters(_HAPPENED.label("happened"), since=since)
        .where(*asked)
        .order_by(_LETTER.slot.desc())
        .limit(_AHEAD * (limit + 1))
    )
    newest = ahead.subquery()
    last = select(newest.c.happened).order_by(newest.c.happened.desc()).offset(limit).limit(1).scalar_subquery()
    read_until, oldest, least = session.execute(select(_READ_UNTIL, last, since), given).one()
    if oldest is not None:
        least = max(least, oldest - timedelta(microseconds=1))
    found = _in_letters(_NOTICE.id, _LETTER.slot, _HAPPENED.label("happened"), since=literal(least, _MOMENT)).where(
        *asked
    )
    page = found.order_by(desc("happened"), desc("id")).limit(limit + 1).subquery()
    joined = table_of(Notice).join(page, page.c.id == _NOTICE.id)
    facts = select(*_FACTS, page.c.slot, page.c.happened, _MARKED.label("is_marked")).select_from(joined)
    told = [
        _notification(row, row.slot, row.is_marked or row.slot <= read_until)
        for row in session.execute(_with_facts(facts), given)
    ]
    waiting = _waiting(session, given, _asked(_NOTICE.fired_at, after, unread_only), limit + 1)
    rows = sorted((*told, *waiting), key=lambda one: (one.happened_at, one.id.hex), reverse=True)
    shown = rows[:limit]
    older = f"{shown[-1].happened_at.isoformat()}~{shown[-1].id.hex}" if len(rows) > limit else None
    return NotificationPage(shown, older)


def find_notification(session: Session, person_id: UUID, notice_id: UUID, now: datetime) -> UUID:
    """Return the task that somebody's notification is about. NotFound where it is none of theirs."""
    found = _mine(session, person_id, [notice_id], now)
    if notice_id not in found:
        raise NotFound("there is no such notification")
    return found[notice_id]


def find_message_place(session: Session, notice_id: UUID) -> MessagePlace | None:
    """Return where the message stands that a notice tells of; None for a notice about anything else."""
    notice = session.get(Notice, notice_id)
    line = session.get(History, notice.anchor_id) if notice and event_of(notice) else None
    message = session.get(ConversationMessage, UUID(line.facts["message"])) if line else None
    if message is None:
        return None
    code = None if message.task_id else session.get_one(Directive, message.directive_id).code
    return MessagePlace(message.id, message.task_id, code)


def mark_read(session: Session, person_id: UUID, notice_ids: Collection[UUID], now: datetime) -> int:
    """Mark some as read; return how many were unread. NotFound, and nothing is marked, where one is none of theirs."""
    wanted = set(notice_ids)
    if len(wanted) > MOST_MARKED:
        raise BadInput("ids: {length} notifications; at most {most}", length=len(wanted), most=MOST_MARKED)
    if wanted - _mine(session, person_id, list(wanted), now).keys():
        raise NotFound("there is no such notification")
    return _mark(session, person_id, wanted, now)


def mark_all_read(session: Session, person_id: UUID, now: datetime, *, until: datetime | None = None) -> int:
    """Mark everything told up to a moment (UTC; now, where none is given) as read; return how many rows changed."""
    until = min(until or now, now)
    given = _given(person_id, now) | {"now": until, "known": until - UNDO_WITHIN}
    settled = until - LATECOMERS
    recent = _in_letters(_NOTICE.id, since=literal(settled, _MOMENT)).where(not_(_MARKED))
    waiting = _waiting_events(_NOTICE.id).where(not_(_MARKED))
    ids = {row.id for query in (recent, waiting) for row in session.execute(query, given)}
    changed = _mark(session, person_id, ids, now)
    mine = (col(NoticesReadUntil.person_id) == person_id, col(NoticesReadUntil.until) < settled)
    row = [{"person_id": person_id, "until": settled}]
    if update_one(session, update(NoticesReadUntil).where(*mine).values(until=settled)):
        return changed + 1
    return changed + insert_new(session, table_of(NoticesReadUntil), row)


def _given(person_id: UUID, now: datetime) -> dict[str, Any]:
    return {"me": person_id, "now": now, "since": now - KEPT, "known": now - UNDO_WITHIN}


def _mine(session: Session, person_id: UUID, notice_ids: Sequence[UUID], now: datetime) -> dict[UUID, UUID]:
    """Return the tasks of those of the notices that somebody may see, by notice."""
    wanted, given = _NOTICE.id.in_(notice_ids), _given(person_id, now)
    queries = (_in_letters(_NOTICE.id, _NOTICE.task_id), _waiting_events(_NOTICE.id, _NOTICE.task_id))
    return {row.id: row.task_id for query in queries for row in session.execute(query.where(wanted), given)}


def _mark(session: Session, person_id: UUID, notice_ids: Collection[UUID], now: datetime) -> int:
    rows = [{"notice_id": one} for one in sorted(notice_ids)]
    return insert_new(session, table_of(NoticeRead), rows, {"person_id": person_id, "read_at": now})


def _asked(
    happened: ColumnElement[Any], after: tuple[datetime, UUID] | None, unread_only: bool
) -> list[ColumnElement[bool]]:
    """Return the conditions of a page: what stands after the last of the page before, and is not marked as read."""
    asked = [not_(_MARKED)] if unread_only else []
    if after:
        at = literal(after[0], _MOMENT)
        asked.append(or_(happened < at, and_(happened == at, _NOTICE.id < after[1])))
    return asked


def _waiting(
    session: Session, given: dict[str, Any], asked: Sequence[ColumnElement[bool]], most: int
) -> list[Notification]:
    columns = (*_FACTS, _NOTICE.fired_at.label("happened"), _MARKED.label("is_marked"))
    query = _with_facts(_waiting_events(*columns)).where(*asked)
    rows = session.execute(query.order_by(_NOTICE.fired_at.desc(), _NOTICE.id.desc()).limit(most), given)
    return [_notification(row, row.happened, row.is_marked) for row in rows]


_TASK, _DUTY, _DIRECTIVE, _UNIT = (table_of(one).c for one in (Task, Duty, Directive, Unit))
_LINE, _ACTOR = table_of(History).c, table_of(Person).c
_FACTS: tuple[ColumnElement[Any], ...] = (
    *(_NOTICE.id, _NOTICE.task_id, _NOTICE.rung, _NOTICE.offset),
    *(_TASK.due_at, _TASK.incident_id, _TASK.is_drill, _DUTY.path, _DUTY.title),
    *(_DIRECTIVE.kind, _DIRECTIVE.number, _DIRECTIVE.subject, _UNIT.name.label("unit")),
    _ACTOR.full_name.label("who"),
)


def _with_facts(query: Select[Any]) -> Select[Any]:
    return (
        query.join(Task, _TASK.id == _NOTICE.task_id)
        .join(Duty, _DUTY.id == _TASK.duty_id)
        .join(Directive, _DIRECTIVE.id == _TASK.directive_id)
        .join(Unit, _UNIT.id == _TASK.lead_unit_id)
        .outerjoin(History, _LINE.id == _NOTICE.anchor_id)
        .outerjoin(Person, _ACTOR.id == _LINE.actor_id)
    )


def _notification(row: Any, at: datetime, is_read: bool) -> Notification:
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


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    try:
        happened_at, notice_id = cursor.split("~")
        moment = datetime.fromisoformat(happened_at)
        if moment.tzinfo is None:
            raise ValueError(cursor)
        return moment.astimezone(UTC), UUID(notice_id)
    except (ValueError, OverflowError) as error:
        raise BadInput("cursor {cursor}: expected `next` of the page before", cursor=cursor) from error
