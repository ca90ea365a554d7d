"""Alerts: trouble of the engine itself.

An alert is raised once, counted while it lasts, and sent to the administrators by letter.
"""

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
"""One letter tells all alerts that are raised within this time."""
CALM = timedelta(hours=1)
"""A trouble that returns sooner is still the same alert. A job that fails every other minute raises only one."""
TOLD_AGAIN = timedelta(hours=4)
"""A returning trouble gets another letter this long after its last one."""
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
    """Open an alert and queue its letters, or count the open one once more. Return whether a new one was opened.

    An alert that ended less than an hour ago is opened again, with a letter at most every four hours. Letters keep
    sending hours; whoever watches at night reads `/ready` and `/metrics`.
    """
    stored_facts, subject = dict(facts or {}), subject[:_LONGEST_SUBJECT]
    if _count(session, kind, subject, now, stored_facts):
        return False
    slot = alert_slot(now, calendar)
    if _reopen(session, kind, subject, now, slot, stored_facts):
        return False
    row = {
        "id": new_id(),
        "kind": kind,
        "subject": subject,
        "raised_at": now,
        "last_seen_at": now,
        "times": 1,
        "slot": slot,
        "facts": stored_facts,
    }
    if not insert_new(session, table_of(Alert), [row]):
        _count(session, kind, subject, now, stored_facts)  # another process got there first
        return False
    _log.warning("alert", alert=kind.value, subject=subject, facts=stored_facts)
    _queue_letters(session, slot)
    return True


def _count(session: Session, kind: AlertKind, subject: str, now: datetime, facts: dict[str, Any]) -> bool:
    """Count the open alert once more; False where none is open."""
    values = {"times": Alert.times + 1, "last_seen_at": now, "facts": facts}
    if not count_changed(session, update(Alert).where(*_is_open(kind, subject)).values(**values)):
        return False
    _log.debug("alert_lasts", alert=kind.value, subject=subject, facts=facts)
    return True


def _reopen(
    session: Session, kind: AlertKind, subject: str, now: datetime, slot: datetime, facts: dict[str, Any]
) -> bool:
    """Open the newest alert again if it ended within `CALM`. False where there is none such."""
    ended = session.exec(
        select(Alert)
        .where(Alert.kind == kind, Alert.subject == subject, col(Alert.ended_at).between(now - CALM, now + CALM))
        .order_by(col(Alert.ended_at).desc())
        .limit(1)
        .with_for_update()
    ).first()
    if ended is None:
        return False
    is_told_again = ended.slot <= now - TOLD_AGAIN
    new_slot = slot if is_told_again else ended.slot
    try:
        with session.begin_nested():
            session.execute(
                update(Alert)
                .where(col(Alert.id) == ended.id)
                .values(ended_at=None, times=Alert.times + 1, last_seen_at=now, facts=facts, slot=new_slot)
            )
    except IntegrityError:  # another process has just raised one: that one is counted
        return _count(session, kind, subject, now, facts)
    _log.info("alert_again", alert=kind.value, subject=subject, facts=facts)
    if is_told_again:
        _queue_letters(session, slot)
    return True


def _queue_letters(session: Session, slot: datetime) -> None:
    queue_letters(session, [(person_id, slot, LetterKind.ALERT, "") for person_id in administrators(session)])


def end_alert(session: Session, kind: AlertKind, subject: str = "", *, now: datetime) -> bool:
    """End the open alert and return whether there was one. A letter that has not left yet says that it ended."""
    # The end is not before the beginning, even where the clock stepped back.
    end = case((col(Alert.raised_at) > now, col(Alert.raised_at)), else_=now)
    return bool(count_changed(session, update(Alert).where(*_is_open(kind, subject)).values(ended_at=end)))


def administrators(session: Session) -> list[Any]:
    """Return the ids of administrators with an address.

    An address that the mail server refused counts too: a server that refuses everybody is theirs to mend.
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
    """Return the end of the five minutes that `now` lies in; outside sending hours the next morning.

    The slot lies in the future, so that it is never the slot of a letter that may have left.
    """
    slot = calendar.event_slot(now)
    if slot != now:
        return slot
    start = datetime.min.replace(tzinfo=UTC)
    return now - (now - start) % GATHER + GATHER


def _is_open(kind: AlertKind, subject: str) -> tuple[Any, ...]:
    is_same = (col(Alert.kind) == kind, col(Alert.subject) == subject[:_LONGEST_SUBJECT])
    return (*is_same, col(Alert.ended_at).is_(None))


PUT_OFF = timedelta(hours=1)
"""A stuck task is looked at again after this time."""
_LONGEST_REASON = 300  # characters
_OPEN_SUBJECTS = select(Alert.subject).where(Alert.kind == bindparam("kind"), col(Alert.ended_at).is_(None))


class FailedTask(Protocol):
    """A task, or the columns of one that were read."""

    @property
    def id(self) -> UUID: ...


def is_poison(error: Exception) -> bool:
    """Return whether the row itself is at fault. A lost connection, a lock or a time-out would stop every row."""
    return not isinstance(error, OperationalError | InterfaceError | PoolTimeout)


def put_off(
    session: Session, stuck: Sequence[tuple[FailedTask, Exception]], *, now: datetime, calendar: WorkCalendar
) -> None:
    """Look at stuck tasks again in an hour, and tell the administrators."""
    look_again(session, {now + PUT_OFF: [task.id for task, _error in stuck]}, now=now)
    for task, error in stuck:
        _log.error("task_stuck", task=str(task.id), exc_info=error)
        tell_stuck(session, AlertKind.TASK_STUCK, task.id, error, now=now, calendar=calendar)


def tell_stuck(
    session: Session, kind: AlertKind, subject: UUID, error: Exception, *, now: datetime, calendar: WorkCalendar
) -> bool:
    """Raise the alert with the error on one line. Return whether it is a new one."""
    return raise_alert(session, kind, str(subject), now=now, calendar=calendar, facts={"reason": _one_line(error)})


def _one_line(error: Exception) -> str:
    words = str(error)
    if isinstance(error, DBAPIError):
        words = str(error.orig)  # without the statement
    elif isinstance(error, ValidationError):
        words = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
    return " ".join(f"{type(error).__name__}: {words}".split())[:_LONGEST_REASON]


def open_subjects(session: Session, kind: AlertKind) -> set[str]:
    """Return the subjects of the open alerts of a kind. There are seldom any."""
    return set(session.exec(_OPEN_SUBJECTS, params={"kind": kind}))


def end_decided(session: Session, task_ids: Iterable[UUID], *, now: datetime) -> None:
    """End the alerts of stuck tasks that the engine has now decided without an error."""
    if subjects := open_subjects(session, AlertKind.TASK_STUCK):
        for subject in subjects & {str(task_id) for task_id in task_ids}:
            end_alert(session, AlertKind.TASK_STUCK, subject, now=now)


def end_closed(engine: Engine, *, now: datetime) -> None:
    """End the alerts of stuck tasks that were closed since: the engine decides nothing about them any more."""
    with reading(engine) as session:
        subjects = open_subjects(session, AlertKind.TASK_STUCK)
    if not subjects:
        return
    with transaction(engine) as session:
        columns: Any = (Task.id, Task.status)
        stuck_tasks = select(*columns).where(col(Task.id).in_([UUID(subject) for subject in subjects]))
        for task_id, status in session.exec(stuck_tasks):
            if status not in OPEN_STATUSES:
                end_alert(session, AlertKind.TASK_STUCK, str(task_id), now=now)
