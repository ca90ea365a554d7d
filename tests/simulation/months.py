"""Months on end: seeded people act at any hour, a clock ticks irregularly and sometimes stands still."""

import heapq
import random
import resource
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.directives.directive import Duty, find_directive
from models.directives.launch import Incident
from models.errors import Refused
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.task import Task
from tests.simulation.daybook import Book, Daybook, Key
from tests.simulation.people import Choice, People
from tests.simulation.world import (
    CONTINGENCY,
    COORDINATORS,
    DIRECTIVE,
    ONE_OFF,
    QUARTERLY,
    SECOND,
    UNDATED,
    World,
    day_of,
    furnish_world,
    make_world,
    moment,
)
from workflows.access.actor_context import ActorContext
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import next_moment, tick
from workflows.launch.incidents.declare_incident import declare, stand_down
from workflows.launch.launch_tasks import launch
from workflows.organization.working_calendar import load_calendar
from workflows.rules.tasks.actions import Action
from workflows.tasks.act import act

START = moment(date(2024, 1, 8), 7)
"""A Monday. Two years from here hold Tết 2024 and 2025, two make-up Saturdays and eight openings of a quarter."""
ODD = timedelta(microseconds=250_000)
"""People act at quarter seconds, ticks fall on whole ones: no two things happen at one instant."""


@dataclass
class Month:
    """How far it is, in figures."""

    until: date
    letters: int
    acts: int
    ticks: int
    rss_mb: float


@dataclass
class Months:
    """One run. `diary` holds what was done; `months` what it cost."""

    engine: Engine
    folder: Path
    units: int
    seed: int
    on_month: Callable[[Month], None] = lambda month: None
    months: list[Month] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world: World = make_world(self.units, self.seed)
        furnish_world(self.engine, self.world, now=START - timedelta(days=1))
        self.diary = Daybook(self.world)
        self.settings = Settings(data=self.folder)
        self.sender = RecordedSender(keep_content=False)
        self.draw = random.Random(self.seed + 1)
        self.people = People(self.world, self.draw)
        self.ids: dict[Key, UUID] = {}
        self.letters = self.acts = 0
        self._agenda: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._taken: set[datetime] = set()
        self._incidents: dict[str, str] = {}
        with reading(self.engine) as session:
            self.calendar = load_calendar(session)

    def plan(self) -> None:
        """What is known beforehand: launches, incidents and their ends."""
        first, second = COORDINATORS
        for day, hour, path, coordinator, due in (
            (date(2024, 1, 8), 9, ONE_OFF, first, date(2024, 2, 6)),
            (date(2024, 1, 9), 10, QUARTERLY, second, None),
            (date(2024, 1, 9), 11, CONTINGENCY, first, None),
            (date(2024, 1, 13), 20, UNDATED, second, None),
            (date(2024, 12, 16), 15, SECOND, first, date(2025, 1, 24)),
        ):
            self._at(moment(day, hour), lambda at, p=path, c=coordinator, d=due: self._launch(at, p, c, d))  # type: ignore[misc]
        for day, hour, is_drill in (
            (date(2024, 2, 10), 2, False),
            (date(2024, 4, 18), 10, True),
            (date(2024, 9, 11), 16, False),
            (date(2025, 1, 29), 23, False),
            (date(2025, 6, 17), 9, True),
        ):
            self._at(moment(day, hour), lambda at, d=is_drill: self._declare(at, d))  # type: ignore[misc]

    def run(self, until: date) -> None:
        """Acts and ticks to the end of the day before `until`."""
        self.plan()
        now, last = START, moment(until, 0)
        while now < last:
            following = min(self._next_tick(now), last)
            while self._agenda and self._agenda[0][0] < following:
                at, _number, do = heapq.heappop(self._agenda)
                do(at)
            if day_of(following).month != day_of(now).month:
                self._close_month(day_of(following))
            now = following
            outcome = tick(self.engine, self.settings, now=now, sender=self.sender)
            self.letters += outcome.sent
            self.sender.letters.clear()
            self._meet(self.diary.ticked(now), now)

    def _next_tick(self, now: datetime) -> datetime:
        """Soon after the next thing that can happen; now and then hours, rarely days later."""
        coming = next_moment(self.engine, after=now, calendar=self.calendar)
        if self._agenda:
            coming = min(coming, max(now, self._agenda[0][0]))
        luck = self.draw.random()
        late = (
            0
            if luck < 0.08
            else self.draw.randrange(0, 300)
            if luck < 0.25
            else self.draw.randrange(300, 4 * 3600)
            if luck < 0.96
            else self.draw.randrange(3 * 3600, 20 * 3600)
            if luck < 0.993
            else self.draw.randrange(24 * 3600, 6 * 24 * 3600)
        )
        return max(coming.replace(microsecond=0), now) + timedelta(seconds=late or 1 - (coming > now))

    def _close_month(self, until: date) -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        month = Month(until, self.letters, self.acts, len(self.diary.ticks), pages * resource.getpagesize() / 2**20)
        self.months.append(month)
        self.on_month(month)

    def _at(self, at: datetime, do: Callable[[datetime], None]) -> None:
        at = at.replace(microsecond=0) + ODD
        while at in self._taken:
            at += timedelta(seconds=1)
        self._taken.add(at)
        heapq.heappush(self._agenda, (at, len(self._taken), do))

    def _launch(self, at: datetime, path: str, coordinator: str, due: date | None) -> None:
        with transaction(self.engine) as session:
            outcome = launch(
                session,
                find_directive(session, DIRECTIVE),
                on=at,
                calendar=self.calendar,
                due_on=due,
                paths=[path],
                coordinator_id=self.world.people[coordinator].id,
                override=True,
            )
        if path in (QUARTERLY, CONTINGENCY):
            assert outcome.created == 0 and outcome.armed == (path,)
        else:
            self._meet(self.diary.launched(path, at, coordinator, due), at)

    def _declare(self, at: datetime, is_drill: bool) -> None:
        able = self.world.audience(CONTINGENCY)
        chosen = sorted(self.draw.sample(able, min(len(able), 10)))
        with transaction(self.engine) as session:
            incident, _created = declare(
                ActorContext(session, resolve_person(session, COORDINATORS[0]), at, self.calendar, self.settings),
                find_directive(session, DIRECTIVE),
                title="Sự cố tuyến cáp",
                is_drill=is_drill,
                unit_ids=[self.world.units[code].id for code in chosen],
                paths=[CONTINGENCY],
            )
        books = self.diary.declared(at, chosen, COORDINATORS[0], f"incident:{incident.id.hex}")
        self._incidents[f"incident:{incident.id.hex}"] = at.isoformat()
        self._meet(books, at)
        hours = self.draw.randrange(20, 80)
        self._at(at + timedelta(hours=hours), lambda end: self._stand_down(end, incident.id, books))

    def _stand_down(self, at: datetime, incident_id: UUID, books: list[Book]) -> None:
        with transaction(self.engine) as session:
            stand_down(
                ActorContext(session, resolve_person(session, COORDINATORS[0]), at, self.calendar, self.settings),
                session.get_one(Incident, incident_id),
                reason="đã khắc phục",
            )
        for book in books:
            if book.now.is_open:
                book.do("withdraw", at, COORDINATORS[0])

    def _meet(self, books: list[Book], now: datetime) -> None:
        """New tasks: their ids, and the first thing somebody will do about each."""
        if not books:
            return
        with reading(self.engine) as session:
            rows = session.execute(
                select(col(Task.id), col(Duty.path), col(Unit.code), col(Task.occurrence))
                .join(Duty, col(Duty.id) == col(Task.duty_id))
                .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
                .where(col(Task.revision) == 0)
            ).all()
        for task_id, path, unit, occurrence in rows:
            self.ids[path, unit, self._incidents.get(occurrence, occurrence)] = task_id
        for book in books:
            assert book.key in self.ids, f"{book.key} was not created"
            self._think(book, now)

    def _think(self, book: Book, now: datetime) -> None:
        self._at(self.people.when(book, now), lambda then: self._touch(book, then))

    def _touch(self, book: Book, at: datetime) -> None:
        if not book.now.is_open:
            return
        choice = self.people.choose(book, at)
        if choice is not None:
            self._do(book, at, choice)
        if book.now.is_open:
            self._think(book, at)

    def _do(self, book: Book, at: datetime, choice: Choice) -> None:
        try:
            with transaction(self.engine) as session:
                act(
                    ActorContext(session, resolve_person(session, choice.by), at, self.calendar, self.settings),
                    self.ids[book.key],
                    Action(choice.what),
                    choice.given,
                )
        except Refused:
            if choice.what != "receive":  # a receipt may be recorded already
                raise
            return
        self.acts += 1
        book.do(choice.what, at, choice.by, **choice.noted)
