"""The watch over the clock: whether it had stopped when a tick begins, and whether work is behind when one ends."""

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
from workflows.queue.send_hold import read_fence

GRACE = timedelta(minutes=15)
PACES = 5
TASKS_LATE = timedelta(minutes=15)
"""A task whose moment is longer ago than this at the end of a tick was left out by it: the sweep takes all there is."""
LETTERS_LATE = timedelta(hours=1)
"""A letter that might have left so long ago waits for more than its turn: the quota is too small, or mail too slow."""


def check_clock(
    session: Session, job: Job, *, now: datetime, fires: Callable[[datetime], datetime | None]
) -> datetime | None:
    """Raise an alert when the clock had stopped. Returns since when it stood, or None.

    To be called with the tick's own row, locked, before what was late is made up. `fires`: the tick's next moment
    after another. Late is a tick that comes more than 15 minutes and five of its moments after the last that came to
    an end: one that only ever begins is a stopped clock too, while one that fails tells so itself. What lies before
    the first tick ever, a pause or a new expression counts for nothing: those write `watched_since`.
    """
    ended = [one for one in (job.last_finished_at, job.last_done_at, job.watched_since) if one is not None]
    if job.is_paused:
        return None
    if not ended or max(ended) > now:  # the first tick; or the clock of the machine stepped back
        job.watched_since = now
        return None
    since = max(ended)
    if now <= since + GRACE or not _passed(since, now, fires) or _told(session, since, now):
        return None
    facts = {"from": since.isoformat(), "to": now.isoformat(), **count_late(session, since, now)}
    raise_alert(session, AlertKind.CLOCK_STOPPED, now=now, calendar=load_calendar(session), facts=facts)
    return since


def _passed(since: datetime, now: datetime, fires: Callable[[datetime], datetime | None]) -> bool:
    moment: datetime | None = since
    for _ in range(PACES):
        moment = fires(moment) if moment is not None else None
    return moment is not None and moment < now


def _told(session: Session, since: datetime, now: datetime) -> bool:
    """It is told already: by another process that came back then, or by this one before a kill."""
    return (
        session.exec(
            select(Alert.id)
            .where(Alert.kind == AlertKind.CLOCK_STOPPED, col(Alert.last_seen_at) > since, Alert.last_seen_at <= now)
            .limit(1)
        ).first()
        is not None
    )


def count_late(session: Session, since: datetime, now: datetime) -> dict[str, int]:
    """Tasks that were to be looked at, and letters that were to leave, in a stretch that nobody did it."""
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
    """Raise, count or end the alert at the end of a tick (UTC). Returns whether the engine is behind.

    `sends`: whether letters leave after each tick; where their job has hours of its own, they wait for those. A letter
    waits in vain only where a delivery has passed it over, in sending hours that have lasted as long, after any pause
    the mail server asked for, and not while letters are held after a restore. While the mail server takes nothing, its
    own alert is enough.
    """
    tasks, since = _late_tasks(session, now - TASKS_LATE)
    delivery = session.get(Job, JobName.DELIVER)
    delivered = delivery.last_done_at if delivery is not None and sends else None
    letters, waiting_since = (0, None)
    if delivered is not None:
        letters, waiting_since = _late_letters(session, now - LETTERS_LATE, delivered)
    first = min((one for one in (since, waiting_since) if one is not None), default=None)
    if first is None:
        end_alert(session, AlertKind.WORK_BEHIND, now=now)
        return False
    waiting = {name: count for name, count in (("tasks", tasks), ("letters", letters)) if count}
    facts = {"from": first.isoformat(), "to": now.isoformat(), **waiting}
    raise_alert(session, AlertKind.WORK_BEHIND, now=now, calendar=load_calendar(session), facts=facts)
    return True


def _late_tasks(session: Session, late: datetime) -> tuple[int, datetime | None]:
    return session.exec(select(func.count(), func.min(TaskCheck.at)).where(col(TaskCheck.at) <= late)).one()


def _late_letters(session: Session, late: datetime, delivered: datetime) -> tuple[int, datetime | None]:
    may_leave = read_fence(session) is None and load_calendar(session).in_sending_hours(late)
    if not may_leave or AlertKind.MAIL_FAILING in open_alerts(session):
        return 0, None
    late = min(late, delivered)
    return session.exec(
        select(func.count(), func.min(Letter.not_before)).where(
            TO_SEND, Letter.state == LetterState.QUEUED, col(Letter.slot) <= late, col(Letter.not_before) <= late
        )
    ).one()
