"""The tick: open the periods that have come, sweep what is due, compile reports, queue summaries, seal, deliver."""

from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from sqlalchemy import Engine, func, update
from sqlmodel import col, select

from models.database.rows import insert_new, table_of
from models.database.run import TICK, Run
from models.database.session import reading, transaction
from models.directives.launch import ArmedDuty
from models.letters.letter import TO_GROUP, TO_SEND, Letter, LetterState, Notice
from models.operations.logs import get_log
from models.operations.system_job import JobName
from models.operations.traces import span
from models.settings import Settings
from models.tasks.task_check import TaskCheck
from models.text.localtime import at_local, local_date
from notifications.smtp.transport import Sender
from workflows.delivery.bounces.take_bounces import read_bounces
from workflows.delivery.deliver import deliver
from workflows.delivery.mail import open_sender
from workflows.delivery.mail_lines import MailLines, Opens
from workflows.delivery.webhooks.call import make_calls
from workflows.escalation.summaries import open_summaries
from workflows.escalation.sweep import sweep
from workflows.history.checkpoint import queue_checkpoints
from workflows.history.seal import seal
from workflows.jobs.clock.clock_ahead import meet_moment
from workflows.launch.open_periods import open_periods
from workflows.organization.working_calendar import load_calendar
from workflows.reports.compile_reports import compile_reports, next_compiling
from workflows.rules.calendar.workdays import WorkCalendar

Told = dict[str, int]
"""What a run did, as counts by name."""
Part = Callable[[datetime], Told]
"""One part of a tick at an instant (UTC)."""
_log = get_log(__name__)


@dataclass(frozen=True)
class TickOutcome:
    """What one tick did: tasks looked at, letters handled, and how these ended."""

    checked: int = 0
    letters: int = 0
    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    held: int = 0  # by test mode
    opened: int = 0  # tasks of periods that have come
    notices: int = 0
    summaries: int = 0
    called: int = 0  # webhooks
    sealed: int = 0  # rows of the history
    compiled: int = 0  # reports of periods
    bounces: int = 0  # messages read that tell of letters that came back

    @classmethod
    def of(cls, told: Mapping[str, int]) -> "TickOutcome":
        """Return the counts it knows, of those that the parts told."""
        return cls(**{field.name: told.get(field.name, 0) for field in fields(cls)})


def tick(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    sender: Sender | None = None,
    for_seconds: float | None = None,
    without: Collection[JobName] = (),
    planned: datetime | None = None,
    senders: Callable[[], Sender] | None = None,
    lines: MailLines | None = None,
) -> TickOutcome:
    """Return one sweep and delivery at an instant (UTC). A repeat of a finished tick does nothing; an unfinished one
    goes on.

    What is a repeat is told by the moment it was `planned` for (UTC), where that is another than `now`.

    Without a sender, or `senders` that open one for each line, letters leave as the settings say. With `for_seconds`
    delivering ends after so long, and the next tick goes on. `without`: parts that are left to their own jobs. A part
    that fails holds up no other; the tick then stays unfinished and raises the fault, or an ExceptionGroup of several.
    """
    if not begin_tick(engine, now=planned or now):
        return TickOutcome()
    told: Told = {}
    faults: list[Exception] = []
    given = senders if sender is None else lambda: sender
    parts = tick_parts(engine, settings, given, for_seconds=for_seconds, without=without, lines=lines)
    for name, part in parts.items():
        try:
            told |= part(now)
        except Exception as fault:
            _log.exception("part_failed", part=name)
            faults.append(fault)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise ExceptionGroup("tick", faults)
    outcome = TickOutcome.of(told)
    finish_tick(engine, now=planned or now, outcome=outcome)
    return outcome


def tick_parts(
    engine: Engine,
    settings: Settings,
    sender: Callable[[], Sender] | None = None,
    *,
    for_seconds: float | None = None,
    without: Collection[JobName] = (),
    lines: MailLines | None = None,
) -> dict[str, Part]:
    """Return the parts of a tick in their order; each may run alone. Without a sender, letters leave as the settings
    say.

    With `lines` and `for_seconds`, letters leave beside the parts: a slow mail server holds none of them up.
    """
    known: dict[datetime, WorkCalendar] = {}
    began = monotonic()

    def goes_on() -> bool:
        return lines is None or not lines.stop.is_set()

    def calendar(now: datetime) -> WorkCalendar:
        if now not in known:
            known.clear()
            with reading(engine) as session:
                known[now] = load_calendar(session)
        return known[now]

    def came_back(now: datetime) -> Told:
        return {"bounces": read_bounces(engine, settings, now=now, calendar=calendar(now), goes_on=goes_on)}

    def opened(now: datetime) -> Told:
        days = calendar(now)
        with transaction(engine) as session:
            return {"opened": open_periods(session, now=now, calendar=days).created}

    def swept(now: datetime) -> Told:
        done = sweep(engine, now=now, calendar=calendar(now))
        return {"checked": done.checked, "notices": done.notices}

    def compiled(now: datetime) -> Told:
        return {"compiled": compile_reports(engine, now=now, calendar=calendar(now))}

    def summarised(now: datetime) -> Told:
        return {"summaries": open_summaries(engine, now=now, calendar=calendar(now))}

    def sealed(now: datetime) -> Told:
        sealed = seal(engine, now=now)
        queue_checkpoints(engine, settings, now=now)
        return {"sealed": sealed}

    def delivered(now: datetime) -> Told:
        # in real time by the clock: a long sweep uses up no lease, and lets no letter leave after sending hours
        moment = now if for_seconds is None else now + timedelta(seconds=monotonic() - began)
        opens: Opens = partial(open_sender, settings) if sender is None else lambda: nullcontext(sender())
        if lines is not None and for_seconds is not None:
            days = calendar(now)
            done = lines.deliver(engine, settings, opens, now=moment, calendar=days, for_seconds=for_seconds)
        else:
            with opens() as opened:
                done = deliver(engine, settings, opened, now=moment, calendar=calendar(now), for_seconds=for_seconds)
        called = make_calls(engine, settings, now=moment, for_seconds=for_seconds, goes_on=goes_on)
        return asdict(done) | {"called": called}

    parts = {
        # first: the sweep knows of a dead address, and who must hear of it does so in this very tick
        "bounces": came_back,
        "open_periods": opened,
        "sweep": swept,
        "compile_reports": compiled,
        "summaries": summarised,
        "seal": sealed,
        "deliver": delivered,
    }
    return {name: _traced(name, part) for name, part in parts.items() if name not in without}


def _traced(name: str, part: Part) -> Part:
    def within(now: datetime) -> Told:
        with span(name):
            return part(now)

    return within


def begin_tick(engine: Engine, *, now: datetime) -> bool:
    """Write the tick's key. Return False where the tick of this instant has finished already.

    Before that it looks whether the clock has jumped: what was done by one that was ahead is made good. A repeat tells
    nothing of the clock.
    """
    key = _key(now)
    with transaction(engine) as session:
        begun = session.get(Run, key)
        if begun is not None and begun.finished_at is not None:
            return False
        meet_moment(session, now)
        insert_new(session, table_of(Run), [{"key": key, "started_at": now, "outcome": {}}])
        return session.get_one(Run, key).finished_at is None


def finish_tick(engine: Engine, *, now: datetime, outcome: TickOutcome) -> None:
    """Mark the tick of an instant as finished: from now on a repeat does nothing."""
    with transaction(engine) as session:
        session.execute(update(Run).where(col(Run.key) == _key(now)).values(finished_at=now, outcome=asdict(outcome)))


def _key(now: datetime) -> str:
    return f"{TICK}{now.isoformat()}"


def next_moment(engine: Engine, *, after: datetime, calendar: WorkCalendar) -> datetime:
    """Return when the next thing can happen: a rung, a period, a letter, a summary. For those who run ahead of the
    clock.
    """
    with reading(engine) as session:
        coming = [
            session.exec(select(func.min(TaskCheck.at)).where(col(TaskCheck.at) > after)).one(),
            session.exec(select(func.min(ArmedDuty.next_opens_at)).where(col(ArmedDuty.next_opens_at) > after)).one(),
            session.exec(
                select(func.min(Letter.next_attempt_at)).where(
                    TO_SEND, Letter.state == LetterState.QUEUED, col(Letter.next_attempt_at) > after
                )
            ).one(),
            next_compiling(session, after=after, calendar=calendar),
            session.exec(select(func.min(Notice.slot)).where(TO_GROUP, col(Notice.slot) > after)).one(),
        ]
    monday = local_date(after)
    while True:
        first = calendar.first_working_day_of_week(monday)
        if first is not None and at_local(first) > after:
            break
        monday += timedelta(days=7 - monday.weekday())
    return min(moment for moment in (*coming, at_local(first)) if moment is not None)
