"""The engine at work and yet behind: what a good tick should have done and has not, told to the administrators."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from models.letters.letter import TO_SEND, Letter, LetterState
from models.operations.alert import AlertKind
from models.operations.engine_reads import open_alerts
from models.tasks.task_check import TaskCheck
from workflows.organization.working_calendar import load_calendar
from workflows.queue.alerts import end_alert, raise_alert
from workflows.queue.send_hold import read_fence

TASKS_LATE = timedelta(minutes=15)
"""A task whose moment is longer ago than this at the end of a tick was left out by it: the sweep takes all there is."""
LETTERS_LATE = timedelta(hours=1)
"""A letter that might have left so long ago waits for more than its turn: the quota is too small, or mail too slow."""


def check_behind(session: Session, *, now: datetime, sends: bool) -> bool:
    """Raise, counts or end the alert at the end of a tick (UTC). Returns whether the engine is behind.

    `sends`: whether the tick delivers; where that is left to a job with hours of its own, letters wait for those. A
    letter waits in vain only in sending hours that have lasted as long, after any pause the mail server asked for, and
    not behind a fence. While the mail server takes nothing, its own alert is enough.
    """
    tasks, since = _tasks(session, now - TASKS_LATE)
    letters, waiting_since = _letters(session, now - LETTERS_LATE) if sends else (0, None)
    first = min((one for one in (since, waiting_since) if one is not None), default=None)
    if first is None:
        end_alert(session, AlertKind.WORK_BEHIND, now=now)
        return False
    waiting = {name: count for name, count in (("tasks", tasks), ("letters", letters)) if count}
    facts = {"from": first.isoformat(), "to": now.isoformat(), **waiting}
    raise_alert(session, AlertKind.WORK_BEHIND, now=now, calendar=load_calendar(session), facts=facts)
    return True


def _tasks(session: Session, late: datetime) -> tuple[int, datetime | None]:
    return session.exec(select(func.count(), func.min(TaskCheck.at)).where(col(TaskCheck.at) <= late)).one()


def _letters(session: Session, late: datetime) -> tuple[int, datetime | None]:
    may_leave = read_fence(session) is None and load_calendar(session).in_sending_hours(late)
    if not may_leave or AlertKind.MAIL_FAILING in open_alerts(session):
        return 0, None
    return session.exec(
        select(func.count(), func.min(Letter.next_attempt_at)).where(
            TO_SEND, Letter.state == LetterState.QUEUED, col(Letter.slot) <= late, col(Letter.next_attempt_at) <= late
        )
    ).one()
