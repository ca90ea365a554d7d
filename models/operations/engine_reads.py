"""Named reads of how the engine is doing. Each costs what is waiting or wrong, never what exists.

On SQLite a partial index serves only a query that repeats the index's own condition word for word, hence the texts.
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

PACES = 5  # a clock that is so many paces behind has stopped
AHEAD = timedelta(minutes=2)  # what lies further in the future than this was not done by the real clock
_MOST = 100_000  # nobody needs to know more exactly, and a look must stay quick


@dataclass(frozen=True)
class Pulse:
    """The clock: its last good tick and when the next one is overdue (UTC); both None before the first."""

    last_at: datetime | None
    late_after: datetime | None
    is_paused: bool
    is_held: bool = False  # the machine's clock is far ahead of the last tick, and nobody has confirmed it

    def state(self, now: datetime) -> str:
        """One of ok, late, paused, held, "no tick yet"."""
        if self.is_paused:
            return "paused"
        if self.is_held:
            return "held"
        if self.last_at is None or self.late_after is None:
            return "no tick yet"
        return "late" if now > self.late_after else "ok"


def read_pulse(session: Session, *, now: datetime, tick_seconds: int) -> Pulse:
    """By the tick's job; where that has never run, by the newest tick that somebody ran."""
    job, last_at = session.get(Job, JobName.TICK), last_tick(session, now)
    paused, held = job is not None and job.is_paused, held_alert(session) is not None
    if last_at is None:
        return Pulse(None, None, paused, held)
    pace = timedelta(seconds=tick_seconds)
    # a delivery and then the next tick, one after the other, may each take as long as a run may deliver
    late_after = last_at + max(PACES * pace, 2 * timedelta(seconds=DELIVERY_SECONDS) + pace)
    fired: datetime | None = last_at
    if job is not None and job.cron is not None:
        for _pace in range(PACES):
            fired = next_fire(job.cron, fired) if fired is not None else None
    return Pulse(last_at, max(late_after, fired) if fired is not None else late_after, paused, held)


def held_alert(session: Session) -> Alert | None:
    """It holds the ticks while the machine's clock is far ahead of the last one."""
    return session.scalars(
        select(Alert).where(col(Alert.kind) == AlertKind.CLOCK_AHEAD, col(Alert.ended_at).is_(None))
    ).first()


def last_tick(session: Session, now: datetime) -> datetime | None:
    """In UTC: the clock's own, or by cron, but none ahead of the clock."""
    job = session.get(Job, JobName.TICK)
    by_clock = job.last_done_at if job is not None else None
    newest = (
        select(col(Run.finished_at))
        .where(col(Run.key) >= "tick:", col(Run.key) <= f"tick:{now.isoformat()}")
        .where(col(Run.finished_at).is_not(None))
        .order_by(col(Run.key).desc())
        .limit(1)
    )
    found = [one for one in (by_clock, session.scalars(newest).first()) if one is not None and one <= now + AHEAD]
    return max(found, default=None)


def read_jobs(session: Session) -> list[Job]:
    return list(session.scalars(select(Job).order_by(col(Job.name))))


def tasks_due(session: Session, now: datetime) -> int:
    """They wait for the sweep; at most 100,000 are counted."""
    return _count(session, select(col(TaskCheck.task_id)).where(col(TaskCheck.at) <= now))


def first_due(session: Session, now: datetime) -> datetime | None:
    """Since when the longest waiting of them waits."""
    return session.scalar(select(func.min(TaskCheck.at)).where(col(TaskCheck.at) <= now))


def letters_by_state(session: Session) -> dict[LetterState, int]:
    """Only states that wait or were stopped; at most 100,000 a group are counted."""
    counts = dict.fromkeys(
        (LetterState.QUEUED, LetterState.CLAIMED, LetterState.UNCERTAIN, LetterState.FAILED, LetterState.HELD), 0
    )
    for condition in (TO_SEND, IS_DEAD):
        some = select(col(Letter.state)).where(condition).limit(_MOST).subquery()
        for state, count in session.execute(select(some.c.state, func.count()).group_by(some.c.state)):
            counts[state] = count
    return counts


def letters_waiting(session: Session) -> int:
    """Those under way are included; at most 100,000 are counted."""
    by_state = letters_by_state(session)
    return by_state[LetterState.QUEUED] + by_state[LetterState.CLAIMED]


@dataclass(frozen=True)
class SentCounts:
    """How many letters the mail server took, and how many of them hold a code or a link of their reader's account."""

    letters: int
    of_accounts: int  # the list of letters never shows these


def letters_sent_today(session: Session, now: datetime) -> SentCounts:
    """Since local midnight, whether a quota is set or not."""
    return letters_sent(session, at_local(local_date(now), time.min), now)


def letters_sent(session: Session, since: datetime, until: datetime) -> SentCounts:
    of_account = case((col(Letter.kind) == LetterKind.ACCOUNT, 1), else_=0)
    query = select(func.count(), func.coalesce(func.sum(of_account), 0)).where(
        col(Letter.sent_at) >= since, col(Letter.sent_at) <= until
    )
    letters, of_accounts = session.execute(query).one()
    return SentCounts(letters, of_accounts)


def oldest_waiting(session: Session, now: datetime) -> datetime | None:
    """The moment for which the oldest letter was written that should have left by now and has not."""
    return session.scalar(
        select(func.min(Letter.slot)).where(
            TO_SEND, col(Letter.state).in_((LetterState.QUEUED, LetterState.CLAIMED)), col(Letter.slot) <= now
        )
    )


def open_alerts(session: Session) -> dict[AlertKind, int]:
    query = select(col(Alert.kind), func.count()).where(col(Alert.ended_at).is_(None)).group_by(col(Alert.kind))
    return {kind: count for kind, count in session.execute(query).all()}


def quota_used(session: Session, now: datetime) -> dict[str, int]:
    """The quotas count every try of this minute and this local day; 0 where no quota is set."""
    starts = {"minute": now.replace(second=0, microsecond=0), "day": at_local(local_date(now), time.min)}
    found = {span: session.get(MailWindow, (span, starts_at)) for span, starts_at in starts.items()}
    return {span: window.used if window is not None else 0 for span, window in found.items()}


def _count(session: Session, query: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(query.limit(_MOST).subquery())) or 0
