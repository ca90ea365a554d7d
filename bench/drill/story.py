"""What is asked of the installation: a register, an order to launch, and the days of which the ticks are played."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, and_, or_
from sqlmodel import Session, col, func, select

from bench.register import CODE, fill_register
from models.database.session import reading, transaction
from models.directives.directive import Directive, Urgency
from models.letters.letter import TO_GROUP, Letter, LetterState, Notice, NoticeState
from models.operations.background_job import LAUNCH, BackgroundJob, BackgroundJobState
from models.organization.person import Person
from models.text.localtime import at_local, local_date
from workflows.access.audit_log import AuditActor
from workflows.jobs.clock.clock_ahead import confirm
from workflows.launch.launch_order import LaunchOrder, as_given
from workflows.operations.setup import set_up
from workflows.organization.working_calendar import load_calendar
from workflows.queue.background_jobs import ask

DAYS_BEFORE = 7
"""Working days before the date on which the usual ladder first reminds a unit's head."""


@contextmanager
def folder_for(kept: Path | None, name: str) -> Iterator[Path]:
    """Where databases and logs lie: in a new folder that stays, where one is named; else in one that goes."""
    if kept is not None:
        kept.mkdir(parents=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix=f"dondoc-{name}-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def furnish(engine: Engine, units: int) -> None:
    """The register, and an urgent directive: its letters leave at any hour, whenever the drill is run."""
    set_up(engine, now=datetime.now(UTC))
    fill_register(engine, units=units)
    with transaction(engine) as session:
        session.exec(select(Directive).where(Directive.code == CODE)).one().urgency = Urgency.EXPRESS


def day_of_reminders(engine: Engine) -> date:
    """The working day of which the ticks are played: the second from now."""
    with reading(engine) as session:
        return load_calendar(session).add(local_date(datetime.now(UTC)), 2)


def order_launch(engine: Engine, reminded_on: date) -> None:
    """A launch waits for the background, as one of very many tasks does; heads are to be reminded on that day."""
    with transaction(engine) as session:
        calendar, now = load_calendar(session), datetime.now(UTC)
        actor = session.exec(select(Person).where(Person.code == "dieu.phoi")).one()
        order = LaunchOrder(
            directive=CODE, paths=("1",), coordinator_id=actor.id, due_on=calendar.add(reminded_on, DAYS_BEFORE)
        )
        ask(session, LAUNCH, as_given(order), asked_by=actor.id, now=now)


def is_launched(session: Session) -> bool:
    """Whether the order has been carried out."""
    return session.exec(select(BackgroundJob.id).where(BackgroundJob.state != BackgroundJobState.DONE)).first() is None


def waiting(session: Session, by: datetime) -> int:
    """How many letters, or notices without one, should have left by a moment (UTC) and have not."""
    again = and_(col(Letter.state) == LetterState.UNCERTAIN, ~col(Letter.resent))
    to_leave = or_(col(Letter.state).in_([LetterState.QUEUED, LetterState.CLAIMED]), again)
    letters = session.exec(select(func.count()).select_from(Letter).where(to_leave, Letter.slot <= by)).one()
    notices = session.exec(
        select(func.count())
        .select_from(Notice)
        .where(Notice.state == NoticeState.PENDING, col(Notice.letter_id).is_(None), Notice.slot <= by)
    ).one()
    return int(letters + notices)


def to_send(session: Session, by: datetime) -> bool:
    """Whether letters still queue that may leave by a moment (UTC). What a dead process held waits for its lease."""
    letters = select(Letter.id).where(Letter.state == LetterState.QUEUED, col(Letter.not_before) <= by)
    notices = select(Notice.id).where(TO_GROUP, col(Notice.slot) <= by)
    return any(session.exec(query.limit(1)).first() is not None for query in (letters, notices))


def wait_for(engine: Engine, what: str, found: Callable[[Session], bool], seconds: float) -> float:
    """Waits for something in the database; returns the seconds. Raises TimeoutError after so many."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        with reading(engine) as session:
            if found(session):
                return time.monotonic() - began
        time.sleep(1.0)
    raise TimeoutError(f"{what}: not within {seconds:.0f} s")


def confirm_day(engine: Engine, moment: datetime) -> None:
    """Say that the clocks are right, as a person does with `dondoc tick --today`.

    The moment (UTC) lies days ahead of the last tick, so that without a witness every tick is held.
    """
    with transaction(engine) as session:
        confirm(session, now=moment, today=local_date(moment), audit_actor=AuditActor(moment))


def moments(day: date, step: timedelta) -> list[datetime]:
    """The ticks' moments of a local day (UTC), from midnight to midnight."""
    start, end = at_local(day, datetime.min.time()), at_local(day + timedelta(days=1), datetime.min.time())
    return [start + n * step for n in range(int((end - start) / step))]
