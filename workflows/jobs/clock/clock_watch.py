"""Watch the clock: alert if it had stopped when a tick begins, and if work is behind when a tick ends."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from models.letters.letter import TO_GROUP, TO_SEND, Letter, LetterState, Notice
from models.operations.alert import Alert, AlertKind
from models.operations.engine_reads import open_alerts
from models.operations.system_job import Job, JobName
from models.tasks.task_check import TaskCheck
from workflows.organization.working_calendar import load_calendar
from workflows.queue.alerts import end_alert, raise_alert
from workflows.queue.send_hold import read_send_hold

GRACE = timedelta(minutes=15)
PACES = 5
TASKS_LATE = timedelta(minutes=15)
"""A task that is due for longer at the end of a tick was left out, as a sweep takes all due tasks."""
LETTERS_LATE = timedelta(hours=1)
"""A letter that waits for longer shows that the quota is too small, or that mail is too slow."""


def check_clock(
    session: Session, job: Job, *, now: datetime, fires: Callable[[datetime], datetime | None]
) -> datetime | None:
    """Raise an alert if the clock had stopped. Return since when, or None.

    Call it with the tick's locked row before the tick catches up. `fires` returns the tick's next moment after another.
    The clock had stopped if the last finished tick lies more than 15 minutes and five of these moments back. A tick
    that fails counts as finished, as it raises its own alert. The watch begins anew with the first tick, after a pause,
    and with a new expression (`watched_since`).
    """
    ended = [moment for moment in (job.last_finished_at, job.last_done_at, job.watched_since) if moment is not None]
    if job.is_paused:
        return None
    if not ended or max(ended) > now:  # the first tick, or the machine's clock was set back
        job.watched_since = now
        return None
    since = max(ended)
    if now <= since + GRACE or not _has_missed_ticks(since, now, fires) or _has_alert(session, since, now):
        return None
    facts = {"from": since.isoformat(), "to": now.isoformat(), **count_late(session, since, now)}
    raise_alert(session, AlertKind.CLOCK_STOPPED, now=now, calendar=load_calendar(session), facts=facts)
    return since


def _has_missed_ticks(since: datetime, now: datetime, fires: Callable[[datetime], datetime | None]) -> bool:
    moment: datetime | None = since
    for _ in range(PACES):
        moment = fires(moment) if moment is not None else None
    return moment is not None and moment < now


def _has_alert(session: Session, since: datetime, now: datetime) -> bool:
    """Return whether this stop has an alert, by another process or by this one before it was killed."""
    return (
        session.exec(
            select(Alert.id)
            .where(Alert.kind == AlertKind.CLOCK_STOPPED, col(Alert.last_seen_at) > since, Alert.last_seen_at <= now)
            .limit(1)
        ).first()
        is not None
    )


def count_late(session: Session, since: datetime, now: datetime) -> dict[str, int]:
    """Count the tasks to check and the letters to send that fell into a time span."""
    tasks = session.exec(select(func.count()).where(col(TaskCheck.at) > since, col(TaskCheck.at) <= now)).one()
    queued = session.exec(
        select(func.count()).where(
            TO_SEND, Letter.state == LetterState.QUEUED, col(Letter.slot) > since, col(Letter.slot) <= now
        )
    ).one()
    to_group = (
        select(Notice.recipient_id, Notice.slot, Notice.kind, Notice.topic)
        .where(TO_GROUP, col(Notice.slot) > since, col(Notice.slot) <= now)
        .distinct()
        .subquery()
    )
    grouped = session.exec(select(func.count()).select_from(to_group)).one()
    return {"tasks": tasks, "letters": queued + grouped}


def check_behind(session: Session, *, now: datetime, sends: bool) -> bool:
    """Raise, update or end the alert at the end of a tick (UTC). Return whether work is behind.

    `sends`: letters leave after each tick, not at hours of their own. A letter counts as late only if a delivery passed
    it over during sending hours, after any pause that the mail server asked for. Letters do not count while a send hold
    is in force, or while mail fails, which has an alert of its own.
    """
    tasks, tasks_since = _late_tasks(session, now - TASKS_LATE)
    delivery = session.get(Job, JobName.DELIVER)
    delivered = delivery.last_done_at if delivery is not None and sends else None
    letters, letters_since = (0, None)
    if delivered is not None:
        letters, letters_since = _late_letters(session, now - LETTERS_LATE, delivered)
    since = min((moment for moment in (tasks_since, letters_since) if moment is not None), default=None)
    if since is None:
        end_alert(session, AlertKind.WORK_BEHIND, now=now)
        return False
    waiting = {name: count for name, count in (("tasks", tasks), ("letters", letters)) if count}
    facts = {"from": since.isoformat(), "to": now.isoformat(), **waiting}
    raise_alert(session, AlertKind.WORK_BEHIND, now=now, calendar=load_calendar(session), facts=facts)
    return True


def _late_tasks(session: Session, late: datetime) -> tuple[int, datetime | None]:
    return session.exec(select(func.count(), func.min(TaskCheck.at)).where(col(TaskCheck.at) <= late)).one()


def _late_letters(session: Session, late: datetime, delivered: datetime) -> tuple[int, datetime | None]:
    may_leave = read_send_hold(session) is None and load_calendar(session).in_sending_hours(late)
    if not may_leave or AlertKind.MAIL_FAILING in open_alerts(session):
        return 0, None
    late = min(late, delivered)
    return session.exec(
        select(func.count(), func.min(Letter.not_before)).where(
            TO_SEND, Letter.state == LetterState.QUEUED, col(Letter.slot) <= late, col(Letter.not_before) <= late
        )
    ).one()
