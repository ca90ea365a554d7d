"""What cannot be decided is set aside with an alert and holds up nobody else; decided well again, its alert ends."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Engine, bindparam
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session, col, select

from models.database.rows import AsRead, id_of
from models.database.session import reading, transaction
from models.operations.alert import Alert, AlertKind
from models.operations.logs import get_log
from models.tasks.task import OPEN_STATUSES, Task
from models.tasks.task_check import look_again
from workflows.queue.alerts import end_alert, raise_alert
from workflows.rules.calendar.workdays import WorkCalendar

PUT_OFF = timedelta(hours=1)
"""A stuck task is looked at again after so long."""
_REASON = 300
_OPEN = select(Alert.subject).where(Alert.kind == bindparam("kind"), col(Alert.ended_at).is_(None))
_log = get_log(__name__)


class FailedTask(Protocol):
    """A task as it was read."""

    @property
    def id(self) -> AsRead: ...


def is_poison(error: Exception) -> bool:
    """Return whether it is the row's own fault: a lost connection, a lock or a time-out would stop every row alike."""
    return not isinstance(error, OperationalError | InterfaceError | PoolTimeout)


def put_off(
    session: Session, stuck: Sequence[tuple[FailedTask, Exception]], *, now: datetime, calendar: WorkCalendar
) -> None:
    """Have stuck tasks looked at again in an hour, and tell the administrators."""
    look_again(session, [task.id for task, _error in stuck], [now + PUT_OFF] * len(stuck), now=now)
    for task, error in stuck:
        task_id = id_of(task.id)
        _log.error("task_stuck", task=str(task_id), exc_info=error)
        tell_stuck(session, AlertKind.TASK_STUCK, task_id, error, now=now, calendar=calendar)


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


def end_decided(session: Session, task_ids: Iterable[AsRead], *, now: datetime) -> None:
    """End the alerts of tasks that were decided well."""
    if subjects := open_subjects(session, AlertKind.TASK_STUCK):
        for subject in subjects & {str(id_of(one)) for one in task_ids}:
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
