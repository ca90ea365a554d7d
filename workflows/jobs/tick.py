"""The tick: open the periods that have come, sweep what is due, compile reports, queue summaries, seal; then deliver.

By the clock, delivering is a job of its own: no tick waits for mail.
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
"""What a run did, as counts by name."""
Part = Callable[[datetime], Counts]
"""One part of a tick at an instant (UTC)."""
Call = Callable[[str, Callable[[], Counts]], Counts]
"""Calls a part by its name: plainly, or as a task of Prefect."""
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
        """Counts of the parts that it does not know are left out."""
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
    """Do all parts at an instant (UTC), as `run_tick` does. Without a sender, letters leave as the settings say.

    With `for_seconds` delivering ends after so long, and the next tick goes on. `without`: parts that are left to their
    own jobs.
    """
    given = None if sender is None else lambda: sender
    parts = tick_parts(engine, settings, given, for_seconds=for_seconds, without=without)
    return TickOutcome.of(run_tick(engine, parts, now=now))


def plainly(_name: str, part: Callable[[], Counts]) -> Counts:
    """Call a part without Prefect."""
    return part()


def run_tick(
    engine: Engine, parts: Mapping[str, Part], *, now: datetime, planned: datetime | None = None, call: Call = plainly
) -> Counts:
    """Do the parts of a tick at an instant (UTC). A repeat of a finished tick does nothing; an unfinished one goes on.

    What is a repeat is told by the moment it was `planned` for (UTC), where that is another than `now`. A part that
    fails holds up no other; the tick then stays unfinished and raises the fault, or an ExceptionGroup of several.
    """
    counts: Counts = {}
    faults: list[Exception] = []
    if not begin_tick(engine, now=planned or now):
        return asdict(TickOutcome())
    for name, part in parts.items():
        try:
            with span(name):
                counts |= call(name, partial(part, now))
        except Exception as fault:
            _log.exception("part_failed", part=name)
            faults.append(fault)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise ExceptionGroup("tick", faults)
    finish_tick(engine, counts, now=planned or now)
    return asdict(TickOutcome.of(counts))


@dataclass
class TickWork:
    """The work of a tick: each part is a method of a moment (UTC). They share the calendar of that moment."""

    engine: Engine
    settings: Settings
    sender: Callable[[], Sender] | None = None
    for_seconds: float | None = None
    lines: MailLines | None = None
    _days: tuple[datetime, WorkCalendar] | None = None
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = monotonic()

    def goes_on(self) -> bool:
        return self.lines is None or not self.lines.stop.is_set()

    def calendar(self, now: datetime) -> WorkCalendar:
        if self._days is None or self._days[0] != now:
            with reading(self.engine) as session:
                self._days = now, load_calendar(session)
        return self._days[1]

    def open_periods(self, now: datetime) -> Counts:
        calendar = self.calendar(now)
        with transaction(self.engine) as session:
            return {"opened": open_periods(session, now=now, calendar=calendar).created}

    def sweep(self, now: datetime) -> Counts:
        done = sweep(self.engine, now=now, calendar=self.calendar(now))
        return {"checked": done.checked, "notices": done.notices}

    def summaries(self, now: datetime) -> Counts:
        return {"summaries": open_summaries(self.engine, now=now, calendar=self.calendar(now))}

    def seal(self, now: datetime) -> Counts:
        sealed = seal(self.engine, now=now)
        queue_checkpoints(self.engine, self.settings, now=now)
        return {"sealed": sealed}

    def deliver(self, now: datetime) -> Counts:
        """Send the letters that may leave, and then what leaves beside mail."""
        # in real time by the clock: a long sweep uses up no lease, and lets no letter leave after sending hours
        seconds, calendar = self.for_seconds, self.calendar(now)
        moment = now if seconds is None else now + timedelta(seconds=monotonic() - self._began)
        opens = sender_opener(self.settings, self.sender)
        if self.lines is not None:
            done = self.lines.deliver(self.engine, self.settings, opens, now=moment, calendar=calendar)
        else:
            with opens() as sender:
                done = deliver(self.engine, self.settings, sender, now=moment, calendar=calendar, for_seconds=seconds)
        counts = asdict(done)
        for send in SENT_BESIDE.added():
            counts |= send(self, moment)
        return counts


Work = Callable[[TickWork, datetime], Counts]
"""A part of a tick, of the core or of a room, at a moment (UTC)."""
SENT_BESIDE: Place[Work] = Place("tick.sent_beside")
"""What leaves after the letters."""
NEXT_MOMENTS: Place[Callable[[Session, datetime, WorkCalendar], datetime | None]] = Place("tick.next_moment")
"""When something of a room happens next after a moment (UTC)."""
_ORDER: dict[str, Work | Place[Work]] = {
    "incoming": Place("tick.incoming"),  # first: the sweep knows of a dead address, and who must hear of it does so now
    "open_periods": TickWork.open_periods,
    "sweep": TickWork.sweep,
    "compile_reports": Place("tick.compile_reports"),
    "summaries": TickWork.summaries,
    "messages": Place("tick.messages"),
    "seal": TickWork.seal,
    "deliver": TickWork.deliver,
}
"""The parts of a tick by name, in their order; those of rooms stand where they are due."""


def parts_there_are() -> dict[str, Work]:
    """In their order, without those of rooms that are not installed."""
    found = {name: part.only if isinstance(part, Place) else part for name, part in _ORDER.items()}
    return {name: part for name, part in found.items() if part is not None}


def tick_parts(
    engine: Engine,
    settings: Settings,
    sender: Callable[[], Sender] | None = None,
    *,
    for_seconds: float | None = None,
    without: Collection[JobName] = (),
    lines: MailLines | None = None,
) -> dict[str, Part]:
    """In their order; each may run alone. Without a sender, letters leave as the settings say.

    With `lines`, letters leave over these, and one that the mail server keeps waiting is left to itself.
    """
    work = TickWork(engine, settings, sender, for_seconds, lines)
    return {name: partial(part, work) for name, part in parts_there_are().items() if name not in without}


def count_shares(engine: Engine, settings: Settings, *, now: datetime) -> int:
    """How many runs more the sweep wants beside it at `now` (UTC)."""
    if settings.shares == 1:
        return 0
    most = (settings.shares + 1) * BATCH + 1  # no more is counted than there are runs to share it
    due = select_columns(literal(1)).select_from(TaskCheck).where(col(TaskCheck.at) <= now).limit(most)
    with reading(engine) as session:
        found: int = session.execute(select_columns(func.count()).select_from(due.subquery())).scalar_one()
    return helpers(found, batch=BATCH, at_most=settings.shares)


def begin_tick(engine: Engine, *, now: datetime) -> bool:
    """False where the tick of this instant has finished already."""
    key = _key(now)
    with transaction(engine) as session:
        begun = session.get(Run, key)
        if begun is not None and begun.finished_at is not None:
            return False
        insert_new(session, table_of(Run), [{"key": key, "started_at": now, "outcome": {}}])
        return session.get_one(Run, key).finished_at is None


def finish_tick(engine: Engine, counts: Counts, *, now: datetime) -> None:
    """Mark the tick of an instant as finished, with what it did: from now on a repeat does nothing."""
    outcome = TickOutcome.of(counts)
    with transaction(engine) as session:
        session.execute(update(Run).where(col(Run.key) == _key(now)).values(finished_at=now, outcome=asdict(outcome)))


def _key(now: datetime) -> str:
    return f"{TICK}{now.isoformat()}"


def next_moment(engine: Engine, *, after: datetime, calendar: WorkCalendar) -> datetime:
    """The next thing that can happen: a rung, a period, a letter, a summary."""
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
    monday = local_date(after)
    while True:
        first = calendar.first_working_day_of_week(monday)
        if first is not None and at_local(first) > after:
            break
        monday += timedelta(days=7 - monday.weekday())
    return min(moment for moment in (*coming, at_local(first)) if moment is not None)


_ALONE = 2  # batches that one does by itself sooner than another has started


def helpers(found: int, *, batch: int, at_most: int) -> int:
    """Runs beside the one that found `found` items: none for up to two batches, then one for each further.

    `at_most` counts all of them, the one that found them too.
    """
    return max(0, min(at_most - 1, -(-found // batch) - _ALONE))
