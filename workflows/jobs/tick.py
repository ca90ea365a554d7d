"""The tick: open periods, sweep due tasks, compile reports, queue summaries, seal the history, then deliver.

Under the clock, delivery is a job of its own, so that no tick waits for mail.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from sqlalchemy import Engine, func, literal, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from models.database.rows import insert_new, table_of
from models.database.run import TICK, Run
from models.database.session import reading, transaction
from models.directives.launch import ArmedDuty
from models.letters.letter import TO_GROUP, TO_SEND, Letter, LetterState, Notice
from models.operations.logs import get_log
from models.operations.system_job import JobName
from models.operations.traces import span
from models.rooms import Place
from models.settings import Settings
from models.tasks.task_check import TaskCheck
from models.text.localtime import at_local, local_date
from notifications.smtp.transport import Sender
from workflows.delivery.deliver import deliver
from workflows.delivery.mail_lines import MailLines, sender_opener
from workflows.escalation.summaries import open_summaries
from workflows.escalation.sweep import BATCH, sweep
from workflows.history.checkpoint import queue_checkpoints
from workflows.history.seal import seal
from workflows.launch.open_periods import open_periods
from workflows.organization.working_calendar import load_calendar
from workflows.rules.calendar.workdays import WorkCalendar

Counts = dict[str, int]
"""The counts of a run's work, by name."""
Part = Callable[[datetime], Counts]
"""Does one part of a tick at an instant (UTC)."""
Call = Callable[[str, Callable[[], Counts]], Counts]
"""Calls a part by its name: directly, or as a task of Prefect."""
_log = get_log(__name__)


@dataclass(frozen=True)
class TickOutcome:
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
    messages: int = 0  # of channels beside mail
    sealed: int = 0  # rows of the history
    compiled: int = 0  # reports of periods
    bounces: int = 0  # messages read that tell of letters that came back
    replies: int = 0  # messages read that answer letters
    messages_in: int = 0  # of the document exchange, from the watched folder
    messages_out: int = 0  # of the document exchange, handed over

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> "TickOutcome":
        """Return the outcome of counts, without counts that it does not know."""
        return cls(**{field.name: counts.get(field.name, 0) for field in fields(cls)})


def tick(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    sender: Sender | None = None,
    for_seconds: float | None = None,
    without: Collection[JobName] = (),
) -> TickOutcome:
    """Run all parts at an instant (UTC). Without a sender, letters leave as the settings say.

    `for_seconds` limits the delivery; the next tick goes on with it. `without` names parts to leave to their own jobs.
    """
    open_sender = None if sender is None else lambda: sender
    parts = tick_parts(engine, settings, open_sender, for_seconds=for_seconds, without=without)
    return TickOutcome.of(run_tick(engine, parts, now=now))


def plainly(_name: str, part: Callable[[], Counts]) -> Counts:
    """Call a part without Prefect."""
    return part()


def run_tick(
    engine: Engine, parts: Mapping[str, Part], *, now: datetime, planned: datetime | None = None, call: Call = plainly
) -> Counts:
    """Run the parts of a tick at an instant (UTC). Nothing is done if the tick of that instant has finished already.

    `planned` identifies the tick (UTC); the default is `now`. A part that fails does not stop the others. The tick then
    stays unfinished, and the error is raised, or an ExceptionGroup of several.
    """
    counts: Counts = {}
    errors: list[Exception] = []
    if not begin_tick(engine, now=planned or now):
        return asdict(TickOutcome())
    for name, part in parts.items():
        try:
            with span(name):
                counts |= call(name, partial(part, now))
        except Exception as error:
            _log.exception("part_failed", part=name)
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ExceptionGroup("tick", errors)
    finish_tick(engine, counts, now=planned or now)
    return asdict(TickOutcome.of(counts))


@dataclass
class TickWork:
    """The work of a tick. Each part is a method that takes the moment (UTC). They share one calendar."""

    engine: Engine
    settings: Settings
    sender: Callable[[], Sender] | None = None
    for_seconds: float | None = None
    lines: MailLines | None = None
    _calendar: tuple[datetime, WorkCalendar] | None = None
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = monotonic()

    def should_continue(self) -> bool:
        return self.lines is None or not self.lines.stop.is_set()

    def calendar(self, now: datetime) -> WorkCalendar:
        if self._calendar is None or self._calendar[0] != now:
            with reading(self.engine) as session:
                self._calendar = now, load_calendar(session)
        return self._calendar[1]

    def open_periods(self, now: datetime) -> Counts:
        calendar = self.calendar(now)
        with transaction(self.engine) as session:
            return {"opened": open_periods(session, now=now, calendar=calendar).created}

    def sweep(self, now: datetime) -> Counts:
        swept = sweep(self.engine, now=now, calendar=self.calendar(now))
        return {"checked": swept.checked, "notices": swept.notices}

    def summaries(self, now: datetime) -> Counts:
        return {"summaries": open_summaries(self.engine, now=now, calendar=self.calendar(now))}

    def seal(self, now: datetime) -> Counts:
        sealed = seal(self.engine, now=now)
        queue_checkpoints(self.engine, self.settings, now=now)
        return {"sealed": sealed}

    def deliver(self, now: datetime) -> Counts:
        """Send the letters that may leave, then the messages of other channels."""
        # the moment moves on in real time, so that after a long sweep no letter leaves after sending hours
        seconds, calendar = self.for_seconds, self.calendar(now)
        moment = now if seconds is None else now + timedelta(seconds=monotonic() - self._began)
        open_sender = sender_opener(self.settings, self.sender)
        if self.lines is not None:
            delivery = self.lines.deliver(self.engine, self.settings, open_sender, now=moment, calendar=calendar)
        else:
            with open_sender() as sender:
                delivery = deliver(
                    self.engine, self.settings, sender, now=moment, calendar=calendar, for_seconds=seconds
                )
        counts = asdict(delivery)
        for send in SENT_BESIDE.added():
            counts |= send(self, moment)
        return counts


Work = Callable[[TickWork, datetime], Counts]
"""Does a part of a tick, of the core or of a room, at a moment (UTC)."""
SENT_BESIDE: Place[Work] = Place("tick.sent_beside")
"""The parts that send after the letters."""
NEXT_MOMENTS: Place[Callable[[Session, datetime, WorkCalendar], datetime | None]] = Place("tick.next_moment")
"""Functions that return when a room has work next, after a moment (UTC)."""
_ORDER: dict[str, Work | Place[Work]] = {
    "incoming": Place("tick.incoming"),  # first, so that the sweep knows which addresses are dead
    "open_periods": TickWork.open_periods,
    "sweep": TickWork.sweep,
    "compile_reports": Place("tick.compile_reports"),
    "summaries": TickWork.summaries,
    "messages": Place("tick.messages"),
    "seal": TickWork.seal,
    "deliver": TickWork.deliver,
}
"""The parts of a tick by name, in their order. A room fills its place."""


def parts_there_are() -> dict[str, Work]:
    """Return the parts in their order, without those of rooms that are not installed."""
    parts = {name: part.only if isinstance(part, Place) else part for name, part in _ORDER.items()}
    return {name: part for name, part in parts.items() if part is not None}


def tick_parts(
    engine: Engine,
    settings: Settings,
    sender: Callable[[], Sender] | None = None,
    *,
    for_seconds: float | None = None,
    without: Collection[JobName] = (),
    lines: MailLines | None = None,
) -> dict[str, Part]:
    """Return the parts in their order. Each may run alone. Without a sender, letters leave as the settings say.

    With `lines`, letters leave over them, so that a slow conversation does not hold up the tick.
    """
    work = TickWork(engine, settings, sender, for_seconds, lines)
    return {name: partial(part, work) for name, part in parts_there_are().items() if name not in without}


def count_shares(engine: Engine, settings: Settings, *, now: datetime) -> int:
    """Return the number of runs that should share the sweep at `now` (UTC), without the calling one."""
    if settings.shares == 1:
        return 0
    most = (settings.shares + 1) * BATCH + 1  # a larger number would start no more runs
    due = select_columns(literal(1)).select_from(TaskCheck).where(col(TaskCheck.at) <= now).limit(most)
    with reading(engine) as session:
        tasks: int = session.execute(select_columns(func.count()).select_from(due.subquery())).scalar_one()
    return count_extra_runs(tasks, batch=BATCH, at_most=settings.shares)


def begin_tick(engine: Engine, *, now: datetime) -> bool:
    """Record the beginning of a tick. Return False if the tick of this instant has finished already."""
    key = _key(now)
    with transaction(engine) as session:
        run = session.get(Run, key)
        if run is not None and run.finished_at is not None:
            return False
        insert_new(session, table_of(Run), [{"key": key, "started_at": now, "outcome": {}}])
        return session.get_one(Run, key).finished_at is None


def finish_tick(engine: Engine, counts: Counts, *, now: datetime) -> None:
    """Mark the tick of an instant as finished, with its counts, so that a repeat does nothing."""
    outcome = TickOutcome.of(counts)
    with transaction(engine) as session:
        session.execute(update(Run).where(col(Run.key) == _key(now)).values(finished_at=now, outcome=asdict(outcome)))


def _key(now: datetime) -> str:
    return f"{TICK}{now.isoformat()}"


def next_moment(engine: Engine, *, after: datetime, calendar: WorkCalendar) -> datetime:
    """Return the next moment (UTC) at which a tick can have work: a rung, a period, a letter or a summary."""
    with reading(engine) as session:
        coming = [
            session.exec(select(func.min(TaskCheck.at)).where(col(TaskCheck.at) > after)).one(),
            session.exec(select(func.min(ArmedDuty.next_opens_at)).where(col(ArmedDuty.next_opens_at) > after)).one(),
            session.exec(
                select(func.min(Letter.not_before)).where(
                    TO_SEND, Letter.state == LetterState.QUEUED, col(Letter.not_before) > after
                )
            ).one(),
            *(moment_of(session, after, calendar) for moment_of in NEXT_MOMENTS.added()),
            session.exec(select(func.min(Notice.slot)).where(TO_GROUP, col(Notice.slot) > after)).one(),
        ]
    moments = (*coming, _next_summary(after, calendar))
    return min(moment for moment in moments if moment is not None)


def _next_summary(after: datetime, calendar: WorkCalendar) -> datetime:
    """Return 08:00 of the next first working day of a week. A week may have no working day."""
    day = local_date(after)
    while True:
        first = calendar.first_working_day_of_week(day)
        if first is not None and at_local(first) > after:
            return at_local(first)
        day += timedelta(days=7 - day.weekday())


_BATCHES_ALONE = 2
"""The batches that one run does before another run could have started."""


def count_extra_runs(items: int, *, batch: int, at_most: int) -> int:
    """Return the runs to start beside the calling one, up to `at_most` in all: none for two batches, then one each."""
    batches = -(-items // batch)
    return max(0, min(at_most - 1, batches - _BATCHES_ALONE))
