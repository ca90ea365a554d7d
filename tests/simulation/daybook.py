"""What the test itself did to each task and when: the only source of the oracle. Nothing here asks the product."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache

from holidays import country_holidays

from tests.simulation.world import (
    CONTINGENCY,
    COORDINATORS,
    HOURS,
    LAW,
    OFFICE,
    ONE_OFF,
    SENDS,
    TELECOM,
    World,
    day_of,
    moment,
)

_HOLIDAYS = country_holidays("VN", years=range(2023, 2028))
OPEN = ("assigned", "accepted", "submitted", "returned")
DAY = timedelta(days=1)


@cache
def works(day: date) -> bool:
    """Whether a day is worked: no weekend, no public holiday, or a make-up Saturday."""
    return day in _HOLIDAYS.weekend_workdays or (day.weekday() < 5 and day not in _HOLIDAYS)


@cache
def shift(day: date, count: int) -> date:
    """The count-th working day after or before a day; 0 is the day itself."""
    step = DAY if count > 0 else -DAY
    while count:
        day += step
        count -= works(day) * (1 if count > 0 else -1)
    return day


def can_send(instant: datetime) -> bool:
    """Letters leave 07:00–18:00 on working days."""
    return moment(day_of(instant), 7) <= instant < moment(day_of(instant), 18) and works(day_of(instant))


def next_morning(instant: datetime) -> datetime:
    """08:00 of the next working day: what falls outside sending hours joins its digest."""
    day = day_of(instant)
    early = works(day) and instant < moment(day, 7)
    return moment(day if early else shift(day, 1))


def event_slot(instant: datetime) -> datetime:
    """At once within sending hours, else the next digest."""
    return instant if can_send(instant) else next_morning(instant)


def digest_slot(instant: datetime) -> datetime:
    """This working day's 08:00 until its 18:00, else the next one's."""
    day = day_of(instant)
    return moment(day) if works(day) and instant < moment(day, 18) else moment(shift(day, 1))


def midnight_after(day: date) -> datetime:
    """24:00 of the last permitted day."""
    return moment(day + DAY, 0)


Key = tuple[str, str, str]
"""Duty path, lead unit, occurrence (incidents by the instant they were declared)."""


@dataclass(frozen=True)
class State:
    """A task from one instant to the next; anchors are the instants that started a clock."""

    since: datetime
    status: str
    assigned_at: datetime
    coordinator: str
    due: date | None = None
    due_at: datetime | None = None
    due_set_at: datetime | None = None
    officer: str | None = None
    extension: str | None = None  # open, countered
    asked: date | None = None
    asked_at: datetime | None = None
    obstacle: str | None = None  # the authority's unit
    obstacle_at: datetime | None = None
    wait: str | None = None
    wait_since: datetime | None = None
    received: bool = False

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


@dataclass(frozen=True)
class Event:
    """Something people hear of at once: `tells` are roles, `also` a person outside them, `actor` is not told."""

    at: datetime
    name: str
    tells: tuple[str, ...]
    actor: str | None
    also: str | None = None


@dataclass
class Book:
    """One task: its states in order, and its events."""

    key: Key
    states: list[State]
    events: list[Event] = field(default_factory=list)
    topic: str | None = None  # of its incident

    @property
    def unit(self) -> str:
        return self.key[1]

    @property
    def now(self) -> State:
        return self.states[-1]

    def at(self, instant: datetime) -> State:
        """As it stood at an instant (not before its assignment)."""
        return self.states[bisect_right(self.states, instant, key=lambda state: state.since) - 1]

    def do(self, what: str, at: datetime, by: str, *, day: date | None = None, to: str | None = None) -> None:
        """Writes down one accepted action, with who hears of it after the rules."""
        new, events = _effect(self, what, at, by, day, to)
        wait = (
            "decision"
            if new.status == "submitted"
            else None
            if not new.is_open
            else "obstacle"
            if new.obstacle
            else "extension"
            if new.extension == "open"
            else None
        )
        if wait != new.wait or what == "receive":
            new = replace(new, wait=wait, wait_since=at if wait else None)
        self.states.append(replace(new, since=at))
        self.events += events


_UNIT = ("head", "officer")


def _effect(
    book: Book, what: str, at: datetime, by: str, day: date | None, to: str | None
) -> tuple[State, list[Event]]:
    old = book.now

    def told(name: str, *roles: str, also: str | None = None, everyone: bool = False) -> list[Event]:
        return [Event(at, name, roles, None if everyone else by, also)]

    def dated(date_: date, **more: str | None) -> State:
        if date_ == old.due:  # an extension to what the date is by now changes nothing
            return replace(old, **more)  # type: ignore[arg-type]
        return replace(old, due=date_, due_at=midnight_after(date_), due_set_at=at, **more)  # type: ignore[arg-type]

    match what:
        case "accept" | "progress":
            return replace(old, status="accepted"), []
        case "assign":
            return replace(old, status="accepted", officer=to), told("assigned_on", also=to)
        case "submit":
            return replace(old, status="submitted", received=False), told("submitted", "decider")
        case "receive":
            return replace(old, status="submitted", received=True), told("received", "decider")
        case "return":
            return replace(old, status="returned"), told("returned", *_UNIT)
        case "approve":
            return replace(old, status="approved"), told("approved", *_UNIT)
        case "withdraw":
            return replace(old, status="withdrawn"), told("withdrawn", *_UNIT, "coordinating")
        case "set-date":
            assert day is not None
            name = "due_set" if old.due is None else "due_moved"
            return dated(day), told(name, *_UNIT, everyone=True)
        case "ask-extension":
            return replace(old, extension="open", asked=day, asked_at=at), told("extension_asked", "decider")
        case "grant-extension" | "agree-extension":
            assert old.asked is not None
            roles = (*_UNIT, "decider") if what == "agree-extension" else _UNIT
            return dated(old.asked, extension=None), told("extension_accepted", *roles, everyone=True)
        case "refuse-extension":
            return replace(old, extension=None), told("extension_refused", *_UNIT)
        case "counter-extension":
            return replace(old, extension="countered", asked=day), told("extension_countered", *_UNIT)
        case "decline-extension":
            return replace(old, extension=None), told("extension_refused", "decider")
        case "raise-obstacle":
            return replace(old, obstacle=to, obstacle_at=at), told(
                "obstacle_raised", "coordinator", also=f"head.{str(to).lower()}"
            )
        case "answer-obstacle":
            return replace(old, obstacle=None), told("obstacle_answered", *_UNIT)
    raise ValueError(what)


def authority(path: str, unit: str) -> str:
    """Who answers a difficulty: the template's authority, else the coordinating unit; nobody answers their own."""
    named = LAW if path == ONE_OFF else TELECOM
    return OFFICE if named == unit else named


def decides(book: Book) -> str:
    """Who approves and extends: the coordinator; the issuer's office where assigner and lead are one."""
    return f"head.{OFFICE.lower()}" if book.unit == TELECOM else book.now.coordinator


def opens(year: int, quarter: int) -> datetime:
    """08:00 of the day a quarter's tasks are given: the 1st of its middle month."""
    return moment(date(year, quarter * 3 - 1, 1))


def quarters(until: datetime) -> Iterator[tuple[int, int]]:
    """The quarters that open from the launch (January 2024) to an instant."""
    year, quarter = 2024, 1
    while opens(year, quarter) <= until:
        yield year, quarter
        year, quarter = (year, quarter + 1) if quarter < 4 else (year + 1, 1)


class Daybook:
    """All tasks, the ticks, and the ways tasks come into being."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.books: dict[Key, Book] = {}
        self.ticks: list[datetime] = []
        self._opened: set[tuple[int, int]] = set()

    def launched(self, path: str, at: datetime, coordinator: str, due: date | None) -> list[Book]:
        """A one-off duty given to its audience."""
        return [self._give((path, code, "once"), at, coordinator, due) for code in self.world.audience(path)]

    def declared(self, at: datetime, units: list[str], coordinator: str, topic: str) -> list[Book]:
        """An incident: its clock runs in hours from now."""
        made = []
        for code in units:
            state = State(at, "assigned", at, coordinator, None, at + timedelta(hours=HOURS), at)
            book = Book((CONTINGENCY, code, at.isoformat()), [state], topic=topic)
            self.books[book.key] = book
            made.append(book)
        return made

    def ticked(self, at: datetime) -> list[Book]:
        """A tick: first it opens the periods that have come."""
        self.ticks.append(at)
        made = []
        for year, quarter in quarters(at):
            if (year, quarter) in self._opened:
                continue
            self._opened.add((year, quarter))
            planned = opens(year, quarter)
            # late by less than a letter's day, the clock starts when it should have; after that, when people hear of it
            punctual = day_of(event_slot(planned)) >= day_of(event_slot(at))
            given = planned if punctual else at
            for code in self.world.audience("2"):
                due = self._sending_day(year, quarter, code, day_of(given))
                made.append(self._give(("2", code, f"{year}-Q{quarter}"), given, COORDINATORS[1], due))
        return made

    def _sending_day(self, year: int, quarter: int, code: str, given: date) -> date:
        """A report's date that falls on a day off moves back, unless that is before the assignment."""
        day, before = SENDS[self.world.units[code].kind]
        due = date(year, quarter * 3 - before, day)
        back = due if works(due) else shift(due, -1)
        return (due if works(due) else shift(due, 1)) if back < given <= due else back

    def _give(self, key: Key, at: datetime, coordinator: str, due: date | None) -> Book:
        state = State(at, "assigned", at, coordinator, due, midnight_after(due) if due else None, at if due else None)
        self.books[key] = Book(key, [state])
        return self.books[key]
