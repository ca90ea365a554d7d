"""The dead-man's watch: a tick long after the last one tells that the clock had stopped, and what was late."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from models.alert import Alert, AlertKind
from models.letter import TO_GROUP, TO_SEND, Letter, LetterState, Notice
from models.schedule import Job
from models.task import Task
from workflows.alerts import end_alert, raise_alert
from workflows.calendar import load_calendar

GRACE = timedelta(minutes=15)
PACES = 5


def check_clock(
    session: Session, job: Job, *, now: datetime, fires: Callable[[datetime], datetime | None]
) -> datetime | None:
    """Raises an alert when the clock had stopped, and ends it: it is back. Returns since when it stood, or None.

    To be called with the tick's own row, locked, before what was late is made up. `fires`: the tick's next moment
    after another. Late is a tick that comes more than 15 minutes and five of its moments after the last. No alert
    for the first tick ever, nor for a pause or a new expression: those leave the row without a next run.
    """
    last, due = job.last_finished_at, job.next_run_at
    if job.is_paused or last is None or due is None or due > now:
        return None
    after = fires(last)
    since = last if after is None or due <= after else due  # resumed in between: only since then
    if now <= since + GRACE or not _passed(since, now, fires) or _told(session, since):
        return None
    facts = {"from": since.isoformat(), "to": now.isoformat(), **count_late(session, since, now)}
    raise_alert(session, AlertKind.CLOCK_STOPPED, now=now, calendar=load_calendar(session), facts=facts)
    end_alert(session, AlertKind.CLOCK_STOPPED, now=now)
    return since


def _passed(since: datetime, now: datetime, fires: Callable[[datetime], datetime | None]) -> bool:
    moment: datetime | None = since
    for _ in range(PACES):
        moment = fires(moment) if moment is not None else None
    return moment is not None and moment < now


def _told(session: Session, since: datetime) -> bool:
    """Another process that came back at the same time, or this one before it was killed again, has told it already."""
    return (
        session.exec(
            select(Alert.id).where(Alert.kind == AlertKind.CLOCK_STOPPED, col(Alert.raised_at) > since).limit(1)
        ).first()
        is not None
    )


def count_late(session: Session, since: datetime, now: datetime) -> dict[str, int]:
    """Tasks that were to be looked at, and letters that were to leave, in a stretch that nobody did it."""
    tasks = session.exec(
        select(func.count()).where(col(Task.next_check_at) > since, col(Task.next_check_at) <= now)
    ).one()
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
