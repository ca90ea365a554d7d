"""What each task has people told, and at which tick: assignments, events, and the rungs crossed and true."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from tests.simulation.daybook import Book, Event, Key, State, digest_slot, event_slot, midnight_after, shift, works
from tests.simulation.readers import told
from tests.simulation.rungs import DAYS, HOURLY, anchor_of, comes_at, is_true
from tests.simulation.world import World, day_of, moment

_SILENT = ("head", "officer")
_ROLES = ("coordinator", "head", "officer", "decider", "decider_superior", "supervisor", "parent_organisation")
_AFTER_CLOSING = ("approved", "withdrawn", "obstacle_answered")


@dataclass(eq=False)
class Note:
    """Somebody is to be told something of a task."""

    book: Book
    rung: str
    after: int
    anchor: datetime
    person: str
    role: str
    fault: str | None  # told to the coordinator, because it cannot reach whom it is for
    fired_at: datetime
    slot: datetime
    kind: str
    topic: str = ""
    severity: int = 0
    covers: set[str] = field(default_factory=set)  # roles that this stands for

    @property
    def clock(self) -> "Clock":
        return self.anchor, self.rung, self.after

    @property
    def told(self) -> "Told":
        return Told(self.book.key, self.rung, self.after, self.anchor, self.person, self.fault)


Clock = tuple[datetime, str, int]
"""What started a rung's clock, the rung and its offset."""


class Told(NamedTuple):
    """What is compared: which rung or event of which clock, to whom, and why to them instead."""

    task: Key
    rung: str
    after: int
    anchor: datetime
    person: str
    fault: str | None


def weight(note: Note) -> tuple[bool, int, int]:
    return note.fault is not None, note.severity, note.after


def why_not(note: Note, tick: datetime) -> str | None:
    """Why it is not so any more when the letter leaves ("waiting": for now), or None."""
    state, name = note.book.at(tick), note.rung.removeprefix("event:")
    if note.rung.startswith("event:"):
        return None if _is_news(note, name, state) else "over"
    if not state.is_open:
        return "over"
    if name == "assigned":
        return None
    if note.anchor != anchor_of(state, next(rung.clock for rung in (*DAYS, *HOURLY) if rung.name == name)):
        return "over"
    if state.wait and note.role in _SILENT:
        return "waiting"
    return None if is_true(name, state, tick, note.book.topic is not None) else "over"


def _is_news(note: Note, name: str, state: State) -> bool:
    if name == "extension_asked" and (state.extension != "open" or state.asked_at != note.anchor):
        return False
    if name == "obstacle_raised" and (state.obstacle is None or state.obstacle_at != note.anchor):
        return False
    if name in ("submitted", "received") and state.status != "submitted":
        return False
    if name == "returned" and state.status == "submitted":
        return False
    if name == "extension_countered" and state.extension != "countered":
        return False
    if name in ("due_set", "due_moved") and state.due_set_at != note.anchor:
        return False
    return state.is_open or name in _AFTER_CLOSING


def first_tick(ticks: list[datetime], instant: datetime) -> datetime | None:
    """The tick that notices what happened at an instant."""
    place = bisect_left(ticks, instant)
    return ticks[place] if place < len(ticks) else None


def told_at_once(world: World, book: Book) -> Iterator[Note]:
    """The assignment and the events of a task."""
    yield from _assigned(world, book)
    for event in book.events:
        yield from _told_of(world, book, event)


class TaskLadder:
    """The rungs of one task, tick by tick: what has been said, in which role and to whom."""

    def __init__(self, world: World, book: Book) -> None:
        self.world, self.book = world, book
        self.hourly = book.topic is not None
        self.rungs = HOURLY if self.hourly else DAYS
        self._roles: set[tuple[Clock, str]] = set()
        self._people: dict[tuple[Clock, str], Note | None] = {}

    def looks(self) -> set[datetime]:
        """When there may be something to say: after each change, and when a rung comes."""
        looks: set[datetime] = set()
        for state, following in zip(self.book.states, [*self.book.states[1:], None], strict=True):
            until = following.since if following else None
            coming = [at for rung in self.rungs if (at := comes_at(rung, state, self.hourly)) is not None]
            looks |= {at for at in [state.since, *coming] if at >= state.since and (until is None or at < until)}
        return looks

    def at(self, tick: datetime) -> list[Note]:
        """Per role the most severe rung that is crossed and true, if it was not said before; per person likewise."""
        state = self.book.at(tick)
        found: dict[tuple[Clock, str], Note] = {}
        spent: set[tuple[Clock, str]] = set()
        for role in _ROLES if state.is_open else ():
            if not (state.wait and role in _SILENT):
                self._tell(role, state, tick, found, spent)
        self._people |= {one: self._people.get(one) for one in spent} | found
        worst: dict[str, int] = {}
        for note in found.values():
            worst[note.person] = max(worst.get(note.person, 0), note.severity)
        return [note for note in found.values() if note.fault or note.severity == worst[note.person]]

    def _tell(
        self,
        role: str,
        state: State,
        tick: datetime,
        found: dict[tuple[Clock, str], Note],
        spent: set[tuple[Clock, str]],
    ) -> None:
        crossed = []
        for place, rung in enumerate(self.rungs):
            at = comes_at(rung, state, self.hourly) if role in rung.roles else None
            if at is not None and at <= tick:
                anchor = anchor_of(state, rung.clock)
                assert anchor is not None
                crossed.append((place, rung, at, (anchor, rung.name, rung.after)))
        fresh = [one for one in crossed if (one[3], role) not in self._roles]
        true = [
            one
            for one in fresh
            if all(one[0] > said[0] for said in crossed if said[1].clock == one[1].clock and said not in fresh)
            and is_true(one[1].name, state, tick, self.hourly)
        ]
        leaves = tick if self.hourly else digest_slot(tick)
        readers = told(self.world, self.book, role, state, leaves)
        if not readers:
            return  # whoever takes the seat later hears what is true then
        now_said = [one for one in fresh if one in true or one[1].clock == "due"]
        self._roles |= {(clock, role) for *_rung, clock in now_said}
        spent |= {(clock, person) for *_rung, clock in now_said for person, _fault in readers}
        if not true:
            return
        place, rung, at, clock = max(true)
        for person, fault in readers:
            if (clock, person) in self._people:  # in another role, at an earlier tick
                if (earlier := self._people[clock, person]) is not None:
                    earlier.covers.add(role)
                continue
            before = found.get((clock, person))
            if before is None or (fault and not before.fault):
                found[clock, person] = _note(self.book, clock, place, role, person, fault, at, tick)
            found[clock, person].covers |= {role} | (before.covers if before else set())

    def silenced(self, note: Note) -> None:
        """A wait came in between: it is said once that is over, if it is still true."""
        self._roles -= {(note.clock, role) for role in note.covers}
        self._people.pop((note.clock, note.person), None)

    def hand_over(self, note: Note, to: str) -> bool:
        """To the stand-in of the day it leaves. False: they have been told already."""
        if (note.clock, to) in self._people:
            return False
        self._people.pop((note.clock, note.person), None)
        self.heard(note, to)
        return True

    def heard(self, note: Note, person: str) -> None:
        """Who is to be told of it."""
        note.person = person
        self._people[note.clock, person] = note


def _note(
    book: Book, clock: "Clock", place: int, role: str, person: str, fault: str | None, at: datetime, tick: datetime
) -> Note:
    anchor, rung, after = clock
    kind, slot, topic = "digest", digest_slot(tick), ""
    if book.topic is not None:
        kind, slot, topic = "incident", at, book.topic
    elif role in ("supervisor", "parent_organisation") and not fault:
        kind, topic = "upward", "directive"
    return Note(book, rung, after, anchor, person, role, fault, at, slot, kind, topic, place)


def _assigned(world: World, book: Book) -> Iterator[Note]:
    """At launch: head of the lead unit, deputy and focal point; coordinating units informed."""
    state, seen = book.states[0], set()
    at = state.assigned_at
    slot = at if book.topic else event_slot(at)
    kind = "incident" if book.topic else "assigned" if slot == at else "digest"
    for role in ("head", "deputy", "focal_point", "coordinating"):
        for person, fault in told(world, book, role, state, slot):
            if person not in seen:
                seen.add(person)
                yield Note(book, "assigned", 0, at, person, role, fault, at, slot, kind, book.topic or "", -1)


_AT_ONCE = ("assigned_on", "lead_changed", "reminded")
_TO_DECIDE = ("submitted", "extension_asked", "obstacle_raised", "lead_change_asked")
_FOR_INFORMATION = ("approved", "received", "contributed", "template_changed", "lead_kept")
_FOLLOWERS = ("coordinator", "decider", "decider_superior", "supervisor", "parent_organisation")


def _leaves(book: Book, event: Event, role: str, fault: str | None) -> tuple[datetime, str]:
    """When news leaves by the usual choice: changes at 08:00 or 14:00 to who must act, all else at the next 08:00; but
    what must be acted on no later than its task's last day allows.
    """
    soonest = event_slot(event.at)
    at_once = soonest, "event" if soonest == event.at else "digest"
    if fault or event.name in _AT_ONCE:
        return at_once
    is_change = event.name not in (*_TO_DECIDE, *_FOR_INFORMATION)
    hours = (8, 14) if is_change and role not in _FOLLOWERS else (8,)
    leaves = _next_mark(event.at, hours)
    due, name = book.at(event.at).due_at, event.name
    if due is not None and due <= midnight_after(day_of(leaves[0])):
        if is_change:
            return min(leaves, at_once)
        if name in _TO_DECIDE and name != "submitted":
            return min(leaves, _next_mark(event.at, (8, 10, 12, 14, 16)))
    return leaves


def _next_mark(instant: datetime, hours: tuple[int, ...]) -> tuple[datetime, str]:
    day = day_of(instant)
    for hour in hours if works(day) else ():
        if moment(day, hour) >= instant:
            return moment(day, hour), "digest" if hour == 8 else "event"
    return moment(shift(day, 1)), "digest"


def _told_of(world: World, book: Book, event: Event) -> Iterable[Note]:
    """Event letters, each at its reader's moment; never to who did it."""
    state = book.at(event.at)
    people: dict[str, tuple[str, str | None]] = {}

    def slot(role: str, fault: str | None = None) -> datetime:
        return event.at if book.topic else _leaves(book, event, role, fault)[0]

    for role in event.tells:
        for person, fault in told(world, book, role, state, slot(role)):
            people[person] = (role, fault)
    if event.also is not None:
        reader = world.away(event.also, day_of(slot("named"))) or event.also
        if world.people[reader].fault is None:
            people.setdefault(reader, ("named", None))
    if people.get(event.actor or "", ("", "reached"))[1] is None:  # but of whom they did not reach
        del people[event.actor or ""]
    notes = []
    for who, (role, fault) in people.items():
        at, kind = (event.at, "incident") if book.topic else _leaves(book, event, role, fault)
        notes.append(
            Note(book, f"event:{event.name}", 0, event.at, who, role, fault, event.at, at, kind, book.topic or "")
        )
    return notes
