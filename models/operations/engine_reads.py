"""Queries about the engine's state. Their cost grows only with what waits or failed.

SQLite uses a partial index only for a query that repeats its condition word for word, hence the SQL texts.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlmodel import Session, col

from models.database.run import Run
from models.letters.letter import IS_DEAD, TO_SEND, Letter, LetterKind, LetterState, MailWindow
from models.operations.alert import Alert, AlertKind
from models.operations.system_job import DELIVERY_SECONDS, Job, JobName
from models.tasks.task_check import TaskCheck
from models.text.cron import next_fire
from models.text.localtime import at_local, local_date

PACES = 5  # a clock that has missed this many ticks has stopped
AHEAD = timedelta(minutes=2)  # a tick further in the future than this was not of the real clock
_MOST = 100_000  # the highest exact count, so that the queries stay quick


@dataclass(frozen=True)
class Pulse:
    """The clock: its last good tick and when the next one is overdue (UTC); both None before the first."""

    last_at: datetime | None
    late_after: datetime | None
    is_paused: bool
    is_held: bool = False  # the machine's clock is far ahead of the last tick, and nobody has confirmed it

    def state(self, now: datetime) -> str:
        """Return "ok", "late", "paused", "held" or "no tick yet"."""
        if self.is_paused:
            return "paused"
        if self.is_held:
            return "held"
        if self.last_at is None or self.late_after is None:
            return "no tick yet"
        return "late" if now > self.late_after else "ok"


def read_pulse(session: Session, *, now: datetime, tick_seconds: int) -> Pulse:
    """Read the pulse from the tick's job; if that has never run, from the newest tick that a person ran."""
    job, last_at = session.get(Job, JobName.TICK), last_tick(session, now)
    is_paused, is_held = job is not None and job.is_paused, held_alert(session) is not None
    if last_at is None:
        return Pulse(None, None, is_paused, is_held)
    pace = timedelta(seconds=tick_seconds)
    # a delivery and the tick after it may each take as long as a run may deliver
    late_after = last_at + max(PACES * pace, 2 * timedelta(seconds=DELIVERY_SECONDS) + pace)
    fifth_tick: datetime | None = last_at
    if job is not None and job.cron is not None:
        for _pace in range(PACES):
            fifth_tick = next_fire(job.cron, fifth_tick) if fifth_tick is not None else None
    if fifth_tick is not None:
        late_after = max(late_after, fifth_tick)
    return Pulse(last_at, late_after, is_paused, is_held)


def held_alert(session: Session) -> Alert | None:
    """Return the alert that holds the ticks while the machine's clock is far ahead of the last one."""
    return session.scalars(
        select(Alert).where(col(Alert.kind) == AlertKind.CLOCK_AHEAD, col(Alert.ended_at).is_(None))
    ).first()


def last_tick(session: Session, now: datetime) -> datetime | None:
    """Return the moment (UTC) of the last good tick, of the clock or by cron, but none in the future."""
    job = session.get(Job, JobName.TICK)
    by_clock = job.last_done_at if job is not None else None
    newest = (
        select(col(Run.finished_at))
        .where(col(Run.key) >= "tick:", col(Run.key) <= f"tick:{now.isoformat()}")
        .where(col(Run.finished_at).is_not(None))
        .order_by(col(Run.key).desc())
        .limit(1)
    )
    ticks = (by_clock, session.scalars(newest).first())
    return max((tick for tick in ticks if tick is not None and tick <= now + AHEAD), default=None)


def read_jobs(session: Session) -> list[Job]:
    return list(session.scalars(select(Job).order_by(col(Job.name))))


def tasks_due(session: Session, now: datetime) -> int:
    """Count the tasks that wait for the sweep, up to 100,000."""
    return _count(session, select(col(TaskCheck.task_id)).where(col(TaskCheck.at) <= now))


def first_due(session: Session, now: datetime) -> datetime | None:
    """Return the moment since which a task has waited longest for the sweep."""
    return session.scalar(select(func.min(TaskCheck.at)).where(col(TaskCheck.at) <= now))


def letters_by_state(session: Session) -> dict[LetterState, int]:
    """Count letters in states that wait or need a person, up to 100,000 in each of the two groups."""
    counts = dict.fromkeys(
        (LetterState.QUEUED, LetterState.CLAIMED, LetterState.UNCERTAIN, LetterState.FAILED, LetterState.HELD), 0
    )
    for condition in (TO_SEND, IS_DEAD):
        some = select(col(Letter.state)).where(condition).limit(_MOST).subquery()
        for state, count in session.execute(select(some.c.state, func.count()).group_by(some.c.state)):
            counts[state] = count
    return counts


def letters_waiting(session: Session) -> int:
    """Count letters that wait or are being sent, up to 100,000."""
    counts = letters_by_state(session)
    return counts[LetterState.QUEUED] + counts[LetterState.CLAIMED]


@dataclass(frozen=True)
class SentCounts:
    """Letters that the mail server accepted, and those among them with a code or a link of an account."""

    letters: int
    of_accounts: int  # the list of letters never shows these


def letters_sent_today(session: Session, now: datetime) -> SentCounts:
    """Count the letters since local midnight."""
    return letters_sent(session, at_local(local_date(now), time.min), now)


def letters_sent(session: Session, since: datetime, until: datetime) -> SentCounts:
    of_account = case((col(Letter.kind) == LetterKind.ACCOUNT, 1), else_=0)
    query = select(func.count(), func.coalesce(func.sum(of_account), 0)).where(
        col(Letter.sent_at) >= since, col(Letter.sent_at) <= until
    )
    letters, of_accounts = session.execute(query).one()
    return SentCounts(letters, of_accounts)


def oldest_waiting(session: Session, now: datetime) -> datetime | None:
    """Return the slot of the oldest letter that should have left by now and has not."""
    return session.scalar(
        select(func.min(Letter.slot)).where(
            TO_SEND, col(Letter.state).in_((LetterState.QUEUED, LetterState.CLAIMED)), col(Letter.slot) <= now
        )
    )


def open_alerts(session: Session) -> dict[AlertKind, int]:
    query = select(col(Alert.kind), func.count()).where(col(Alert.ended_at).is_(None)).group_by(col(Alert.kind))
    return {kind: count for kind, count in session.execute(query).all()}


def quota_used(session: Session, now: datetime) -> dict[str, int]:
    """Count the attempts of this minute and this local day; 0 if no quota is set."""
    starts = {"minute": now.replace(second=0, microsecond=0), "day": at_local(local_date(now), time.min)}
    windows = {span: session.get(MailWindow, (span, starts_at)) for span, starts_at in starts.items()}
    return {span: window.used if window is not None else 0 for span, window in windows.items()}


def _count(session: Session, query: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(query.limit(_MOST).subquery())) or 0
