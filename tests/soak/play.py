"""Plays a story: the whole engine in one process, in virtual time, on a real database, until something is wrong."""

import logging
import random
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlmodel import func, select

import models.database.ids
from models.database.session import open_engine, reading, transaction
from models.errors import DondocError
from models.settings import Settings
from models.tasks.task import Task
from tests.keys import KEYS
from tests.simulation.world import World, furnish_world, make_world, moment
from tests.soak import checks, reply_checks
from tests.soak.actors import Actors
from tests.soak.answering import Answering, mail_settings, reply_settings
from tests.soak.marks import marked
from tests.soak.post import PostSender, simulated_network
from tests.soak.process import Crash, Process
from tests.soak.server import Post
from tests.soak.story import (
    ACT,
    DECLARE,
    ERROR,
    LAUNCH,
    PRESS,
    REPLY,
    SAME,
    STAND_DOWN,
    START,
    TICK,
    TOLD,
    TRUSTED,
    WELL,
    Step,
)
from workflows.jobs.clock.clock_ahead import check_moment
from workflows.jobs.tick import tick
from workflows.organization.working_calendar import load_calendar

UNITS, WORLDS = 14, 4
_LOOK_EVERY = 10
"""So many steps lie between two looks at what is costly to look at."""
_QUIET = timedelta(days=6)
"""How long after the last step the clocks are right again: longer than any was ahead that nobody trusted."""


@dataclass(frozen=True)
class Violation:
    """What did not hold, and after which step."""

    step: str
    what: str

    @property
    def kind(self) -> str:
        """The invariant's name."""
        return self.what.partition(":")[0]


@dataclass
class Result:
    """What a run came to."""

    violations: list[Violation]
    statistics: Counter[str]
    arrived: int
    tasks: int


class Crew:
    """The processes of one database, and the eye that looks at it. Kept from play to play: they know their SQL."""

    def __init__(self, url: str) -> None:
        self.url, self.observer, self.processes = url, open_engine(url, KEYS), list[Process]()

    def hire(self) -> Process:
        """One more process."""
        self.processes.append(Process(self.url))
        return self.processes[-1]

    def rest(self) -> None:
        """Lets go of the database."""
        for process in self.processes:
            process.end()
            process.engine.dispose()
        self.observer.dispose()


@dataclass
class Play:
    """One run of a story on one database."""

    crew: "Crew"
    folder: Path
    seed: int
    statistics: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now, self._made, self._step = START - timedelta(days=2), 0, "0"
        with self._inside():
            self.world: World = make_world(UNITS, world_of(self.seed))
        self.now = START - timedelta(days=1)
        self.post, self.judged, self.taken = Post(), set[tuple[UUID, int]](), set[tuple[UUID, int]]()
        domains = sorted(f"{code.lower()}.example" for code in self.world.units)
        replies = reply_settings(self.seed, domains)
        self.settings = Settings(data=self.folder, mail=mail_settings(), replies=replies)
        self.mail = Answering(self.post, self.settings, self.statistics)
        self.observer, self.idle = self.crew.observer, list(self.crew.processes)

    def furnish(self) -> None:
        """The register and the directive, in an empty migrated database."""
        with self._inside():
            furnish_world(self.observer, self.world, now=START - timedelta(days=1))

    def run(self, steps: Sequence[Step]) -> Result:
        """Plays to the first violation, or to quiet days after the end where everything must hold."""
        with reading(self.observer) as session:
            self.calendar = load_calendar(session)
        self.actors = Actors(self.world, self.calendar, self.settings, due_in=3 + self.seed * 7 % 20)
        with self._inside():
            for count, step in enumerate(steps, 1):
                self.play(step, step.at)
                self._step = step.number
                self._look(count % _LOOK_EVERY == 0)
                if self.violations:
                    break
            else:
                self._epilogue(steps[-1].at if steps else START)
        self.statistics.update(reply_checks.outcomes(self.observer, self.mail))
        with reading(self.observer) as session:
            tasks = session.exec(select(func.count()).select_from(Task)).one()
        arrived = sum(map(len, self.post.arrived.values()))
        return Result(self.violations, self.statistics, arrived, tasks)

    def play(self, step: Step, at: datetime) -> None:
        """One step and whatever goes on while its process stands still."""
        before, self._step, then = self._step, step.number, self.now
        process = self.idle.pop() if self.idle else self.crew.hire()
        process.statistics = self.statistics
        process.begin(step.fault)
        process.may_hold = step.what in (TICK, PRESS)
        process.meanwhile = lambda fault: self._meanwhile(fault.meanwhile, at)
        self.statistics["steps"] += 1
        try:
            self._do(step, process, at)
        except Crash:
            pass
        except DondocError:
            self.statistics["refused"] += 1
        except Exception as error:
            if ERROR not in process.fell and not self._waits_for_another(process):
                frame = traceback.extract_tb(error.__traceback__)[-1]
                self._wrong(f"raised: {type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}: {error}")
                self.trace = "".join(traceback.format_exception(error))
        finally:
            if process.is_locked_out and not self._waits_for_another(process):
                self._wrong("lock: the process waits for what it holds itself")
            process.end()
            self.idle.append(process)
            self._step, self.now = before, then

    def _waits_for_another(self, process: Process) -> bool:
        """Return whether a pause within a transaction kept it waiting."""
        return process.is_locked_out and any(one.is_holding for one in self.crew.processes)

    def _meanwhile(self, steps: Sequence[Step], at: datetime) -> None:
        for step in steps:
            self.play(step, at + (step.at - START))

    def _do(self, step: Step, process: Process, at: datetime) -> None:
        draw = random.Random(f"{self.seed} {step.number}")
        self.now = at + step.skew
        if step.what == TICK:
            self.statistics["clock off"] += bool(step.skew)
            sender = PostSender(self.post, process, self.settings.mail, step.mail, draw)
            process.on_mark = lambda: self._judge(sender, at + step.skew)
            if step.path != TRUSTED:  # as whoever ticks by a machine's clock; a right one is kept by NTP
                check_moment(
                    process.engine, self.settings, now=at + step.skew, sender=lambda: sender, kept=lambda: not step.skew
                )
            before = checks.unfinished(self.observer, self.now)
            process.on_claim = lambda: self._incomplete(before, at + step.skew)
            tick(process.engine, self.settings, now=at + step.skew, sender=sender)
            return
        process.on_mark = process.on_settled = process.on_claim = process.on_fault = lambda: None
        if step.what == REPLY:
            self.mail.answer(at, draw)
            return
        with transaction(process.engine) as session:
            if step.what == LAUNCH:
                self.actors.launch(session, at, step.path, at)
            elif step.what == DECLARE:
                self.actors.declare(session, at, draw)
            elif step.what == STAND_DOWN:
                self.actors.stand_down(session, at)
            elif step.what == PRESS:
                self.mail.press(session, self.calendar, at, draw, is_same=step.path == SAME)
            elif step.what == ACT:
                self.actors.act(session, at, draw, is_told=step.path == TOLD)
            else:
                self.actors.change(session, at, step.what, draw)

    def _judge(self, sender: PostSender, now: datetime) -> None:
        sender.marked, found = marked(self.observer, self.judged, now)
        for what in found:
            self._wrong(what)

    def _incomplete(self, before: checks.Unfinished, now: datetime) -> None:
        for what in checks.incomplete(self.observer, before, self.taken, now):
            self._wrong(what)

    def _look(self, thoroughly: bool) -> None:
        every: list[Iterable[str]] = [self.post.found]
        if thoroughly:
            engine = self.observer
            every += [
                checks.half_told(engine),
                checks.post_office(engine, self.post),
                checks.tasks(engine),
                checks.untold(engine),
                reply_checks.replies(engine, self.post, self.mail),
            ]
        for check in every:
            for what in check:
                self._wrong(what)
        self.post.found.clear()

    def _epilogue(self, last: datetime) -> None:
        """The clocks go right, the mail server is well, and nothing breaks: by then all must have come out."""
        day = (last + _QUIET).date()
        self._step = "end"
        for number in range(7):
            for hour, minute in ((8, 30), (14, 0)):
                at = moment(day + timedelta(days=number), hour, minute)
                self.play(Step("end", at, TICK, mail=WELL), at)
                self._look(thoroughly=False)
        engine, now = self.observer, at
        every = (
            checks.whole(engine),
            checks.settled(engine, self.calendar, now),
            checks.post_office(engine, self.post),
            checks.moves(engine),
            checks.tasks(engine),
            checks.untold(engine),
            checks.partition(engine, now),
            checks.chained(engine, now),
            checks.missed(engine, now),
            checks.early(engine),
            reply_checks.replies(engine, self.post, self.mail),
            reply_checks.settled(engine, self.mail, now),
        )
        for check in every:
            for what in check:
                self._wrong(what)

    def _wrong(self, what: str) -> None:
        self.violations.append(Violation(self._step, what))

    @contextmanager
    def _inside(self) -> Iterator[None]:
        """Identities in the order of the virtual clock and of their making: the same in every run of a story."""

        def digits() -> UUID:
            self._made += 1
            made = self._made
            millis = int(self.now.timestamp() * 1000)
            return UUID(int=(millis << 80) | (7 << 76) | (made & 0xFFF) << 64 | (2 << 62) | made)

        logging.disable()  # of faults made on purpose there is nothing to say
        ids = vars(models.database.ids)
        kept, ids["uuid7"] = ids["uuid7"], digits
        try:
            with simulated_network():
                yield
        finally:
            logging.disable(logging.NOTSET)
            ids["uuid7"] = kept


def world_of(seed: int) -> int:
    """Some registers, each used by many seeds: furnishing one takes as long as weeks of a story."""
    return seed % WORLDS
