"""Alerts: trouble of the engine itself, raised once, counted while it lasts, told to the administrators by letter."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Engine, bindparam, case, update
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.database.rows import count_changed, insert_new, table_of
from models.database.session import reading, transaction
from models.letters.letter import LetterKind
from models.operations.alert import Alert, AlertKind
from models.operations.logs import get_log
from models.organization.person import Person, PersonRole, Role
from models.tasks.task import OPEN_STATUSES, Task
from models.tasks.task_check import look_again
from notifications.outbox.grouping import queue_letters
from workflows.rules.calendar.workdays import WorkCalendar

GATHER = timedelta(minutes=5)
"""Alerts raised within such a stretch are told in one letter."""
CALM = timedelta(hours=1)
"""A trouble that comes again sooner after its end is the same one still: a job failing every other minute is one."""
TOLD_AGAIN = timedelta(hours=4)
"""A trouble that comes and goes is told anew this long after its last letter."""
_LONGEST_SUBJECT = 120  # characters; PostgreSQL refuses more
_log = get_log(__name__)


def raise_alert(
    session: Session,
    kind: AlertKind,
    subject: str = "",
    *,
    now: datetime,
    calendar: WorkCalendar,
    facts: Mapping[str, Any] | None = None,
) -> bool:
    """Open an alert and queue its letters, or count the open one once more. Return whether it is a new one.

    One that ended less than an hour ago is opened again instead, and told again at most every four hours. Its letters
    keep sending hours as all others do; `/ready` and `/metrics` are for those who watch at night.
    """
    told, subject = dict(facts or {}), subject[:_LONGEST_SUBJECT]
    if _count(session, kind, subject, now, told):
        return False
    slot = alert_slot(now, calendar)
    if _reopen(session, kind, subject, now, slot, told):
        return False
    row = {
        "id": new_id(),
        "kind": kind,
        "subject": subject,
        "raised_at": now,
        "last_seen_at": now,
        "times": 1,
        "slot": slot,
        "facts": told,
    }
    if not insert_new(session, table_of(Alert), [row]):
        _count(session, kind, subject, now, told)  # another process got there first
        return False
    _log.warning("alert", alert=kind.value, subject=subject, facts=told)
    _queue(session, slot)
    return True


def _count(session: Session, kind: AlertKind, subject: str, now: datetime, told: dict[str, Any]) -> bool:
    """Count the open alert once more; False where none is open."""
    counted = count_changed(
        session, update(Alert).where(*_open(kind, subject)).values(times=Alert.times + 1, last_seen_at=now, facts=told)
    )
    if not counted:
        return False
    _log.debug("alert_lasts", alert=kind.value, subject=subject, facts=told)
    return True


def _reopen(
    session: Session, kind: AlertKind, subject: str, now: datetime, slot: datetime, told: dict[str, Any]
) -> bool:
    """Open the newest alert again where it ended a moment ago; False where it did not."""
    ended = session.exec(
        select(Alert)
        .where(Alert.kind == kind, Alert.subject == subject, col(Alert.ended_at).between(now - CALM, now + CALM))
        .order_by(col(Alert.ended_at).desc())
        .limit(1)
        .with_for_update()
    ).first()
    if ended is None:
        return False
    anew = {"slot": slot} if ended.slot <= now - TOLD_AGAIN else {}
    try:
        with session.begin_nested():
            session.execute(
                update(Alert)
                .where(col(Alert.id) == ended.id)
                .values(ended_at=None, times=Alert.times + 1, last_seen_at=now, facts=told, **anew)
            )
    except IntegrityError:  # another process has just raised one: that one is counted
        return _count(session, kind, subject, now, told)
    _log.info("alert_again", alert=kind.value, subject=subject, facts=told)
    if anew:
        _queue(session, slot)
    return True


def _queue(session: Session, slot: datetime) -> None:
    queue_letters(session, [(person_id, slot, LetterKind.ALERT, "") for person_id in administrators(session)])


def end_alert(session: Session, kind: AlertKind, subject: str = "", *, now: datetime) -> bool:
    """End the open alert, if there is one; its letter, where it has not left yet, says so."""
    # not before its beginning: clocks step back
    end = case((col(Alert.raised_at) > now, col(Alert.raised_at)), else_=now)
    return bool(count_changed(session, update(Alert).where(*_open(kind, subject)).values(ended_at=end)))


def administrators(session: Session) -> list[Any]:
    """Ids of administrators with an address.

    Also one that a mail server refused: it may refuse everybody, and these are the people who can mend that.
    """
    return list(
        session.exec(
            select(Person.id)
            .where(
                col(Person.id).in_(select(PersonRole.person_id).where(PersonRole.role == Role.ADMINISTRATOR)),
                Person.is_active,
                col(Person.email).is_not(None),
            )
            .order_by(col(Person.id))
        )
    )


def alert_slot(now: datetime, calendar: WorkCalendar) -> datetime:
    """The end of the stretch of five minutes that `now` lies in, or the next morning outside sending hours."""
    slot = calendar.event_slot(now)
    if slot != now:
        return slot
    start = datetime.min.replace(tzinfo=UTC)
    return now - (now - start) % GATHER + GATHER  # never the slot of a letter that may have left


def _open(kind: AlertKind, subject: str) -> tuple[Any, ...]:
    same = (col(Alert.kind) == kind, col(Alert.subject) == subject[:_LONGEST_SUBJECT])
    return (*same, col(Alert.ended_at).is_(None))


PUT_OFF = timedelta(hours=1)
"""A stuck task is looked at again after so long."""
_REASON = 300
_OPEN = select(Alert.subject).where(Alert.kind == bindparam("kind"), col(Alert.ended_at).is_(None))


class FailedTask(Protocol):
    """A task as it was read."""

    @property
    def id(self) -> UUID: ...


def is_poison(error: Exception) -> bool:
    """It is the row's own fault: a lost connection, a lock or a time-out would stop every row alike."""
    return not isinstance(error, OperationalError | InterfaceError | PoolTimeout)


def put_off(
    session: Session, stuck: Sequence[tuple[FailedTask, Exception]], *, now: datetime, calendar: WorkCalendar
) -> None:
    """Have stuck tasks looked at again in an hour, and tell the administrators."""
    look_again(session, {now + PUT_OFF: [task.id for task, _error in stuck]}, now=now)
    for task, error in stuck:
        _log.error("task_stuck", task=str(task.id), exc_info=error)
        tell_stuck(session, AlertKind.TASK_STUCK, task.id, error, now=now, calendar=calendar)


def tell_stuck(
    session: Session, kind: AlertKind, subject: UUID, error: Exception, *, now: datetime, calendar: WorkCalendar
) -> bool:
    """Raise the alert with the error as one line. Returns whether it is a new one."""
    return raise_alert(session, kind, str(subject), now=now, calendar=calendar, facts={"reason": _one_line(error)})


def _one_line(error: Exception) -> str:
    words = str(error)
    if isinstance(error, DBAPIError):
        words = str(error.orig)  # without the statement
    elif isinstance(error, ValidationError):
        words = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    return " ".join(f"{type(error).__name__}: {words}".split())[:_REASON]


def open_subjects(session: Session, kind: AlertKind) -> set[str]:
    """Subjects of the open alerts of a kind; as a rule none."""
    return set(session.exec(_OPEN, params={"kind": kind}))


def end_decided(session: Session, task_ids: Iterable[UUID], *, now: datetime) -> None:
    """End the alerts of tasks that were decided well."""
    if subjects := open_subjects(session, AlertKind.TASK_STUCK):
        for subject in subjects & {str(one) for one in task_ids}:
            end_alert(session, AlertKind.TASK_STUCK, subject, now=now)


def end_closed(engine: Engine, *, now: datetime) -> None:
    """End the alerts of tasks that were closed meanwhile: nobody will decide them again."""
    with reading(engine) as session:
        subjects = open_subjects(session, AlertKind.TASK_STUCK)
    if not subjects:
        return
    with transaction(engine) as session:
        columns: Any = (Task.id, Task.status)
        for task_id, status in session.exec(select(*columns).where(col(Task.id).in_([UUID(one) for one in subjects]))):
            if status not in OPEN_STATUSES:
                end_alert(session, AlertKind.TASK_STUCK, str(task_id), now=now)
