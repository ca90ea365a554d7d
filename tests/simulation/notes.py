"""What each task has people told, and at which tick: assignments, events, and the rungs crossed and true."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tests.simulation.daybook import Book, Event, Key, State, digest_slot, event_slot
from tests.simulation.readers import told
from tests.simulation.rungs import DAYS, HOURLY, Rung, anchor_of, comes_at, is_true
from tests.simulation.world import World, day_of

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

    @property
    def told(self) -> "Told":
        return Told(self.book.key, self.rung, self.after, self.anchor, self.person, self.fault)


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


def holds(note: Note, tick: datetime) -> bool:
    """Whether it is still so when the letter leaves."""
    state, name = note.book.at(tick), note.rung.removeprefix("event:")
    if note.rung.startswith("event:"):
        if name in ("submitted", "received") and state.status != "submitted":
            return False
        if name in ("due_set", "due_moved") and state.due_set_at != note.anchor:
            return False
        return state.is_open or name in _AFTER_CLOSING
    if not state.is_open:
        return False
    if name == "assigned":
        return True
    if note.anchor != anchor_of(state, next(rung.clock for rung in (*DAYS, *HOURLY) if rung.name == name)):
        return False
    return not (state.wait and note.role in _SILENT) and is_true(name, state, tick, note.book.topic is not None)


def notes_of(world: World, book: Book, ticks: list[datetime]) -> Iterator[tuple[datetime, Note]]:
    """Everything to be told of a task, with the tick that notices it."""

    def tick_at(instant: datetime) -> datetime | None:
        place = bisect_left(ticks, instant)
        return ticks[place] if place < len(ticks) else None

    for note in _assigned(world, book):
        if (tick := tick_at(note.fired_at)) is not None:
            yield tick, note
    for event in book.events:
        tick = tick_at(event.at)
        if tick is not None:
            for note in _told_of(world, book, event):
                yield tick, note
    hourly = book.topic is not None
    ladder = HOURLY if hourly else DAYS
    looks: set[datetime] = set()
    for state, following in zip(book.states, [*book.states[1:], None], strict=True):
        until = following.since if following else None
        moments = [state.since] + [at for rung in ladder if (at := comes_at(rung, state, hourly)) is not None]
        looks |= {at for at in moments if at >= state.since and (until is None or at < until)}
    spent: set[tuple[datetime, str, int, str]] = set()  # clock, rung, offset and role, or person
    for tick in sorted({at for look in looks if (at := tick_at(look)) is not None}):
        for note in _rungs_at(world, book, tick, ladder, spent):
            yield tick, note


def _rungs_at(
    world: World, book: Book, tick: datetime, ladder: tuple[Rung, ...], spent: set[tuple[datetime, str, int, str]]
) -> list[Note]:
    """Per role the most severe rung that is crossed and true, if it was not said before; per person likewise."""
    state, hourly = book.at(tick), book.topic is not None
    if not state.is_open:
        return []
    found: dict[tuple[str, str, int], Note] = {}
    just_spent: set[tuple[datetime, str, int, str]] = set()
    for role in _ROLES:
        if state.wait and role in _SILENT:
            continue
        crossed = [
            (place, rung, at)
            for place, rung in enumerate(ladder)
            if role in rung.roles and (at := comes_at(rung, state, hourly)) is not None and at <= tick
        ]
        keys = {place: (_started(state, rung), rung.name, rung.after, role) for place, rung, _at in crossed}
        said = {
            clock: max(
                (place for place, rung, _ in crossed if rung.clock == clock and keys[place] in spent), default=-1
            )
            for clock in {rung.clock for _place, rung, _at in crossed}
        }
        true = [
            one
            for one in crossed
            if keys[one[0]] not in spent and one[0] > said[one[1].clock] and is_true(one[1].name, state, tick, hourly)
        ]
        readers = told(world, book, role, state, tick)
        if not readers:
            continue  # whoever takes the seat later hears what is true then
        now_spent = [one for one in crossed if keys[one[0]] not in spent and (one in true or one[1].clock == "due")]
        spent |= {keys[place] for place, _rung, _at in now_spent}
        heard = {person for person, _fault in readers if (*keys[max(true)[0]][:3], person) in spent} if true else set()
        just_spent |= {(*keys[place][:3], person) for place, _rung, _at in now_spent for person, _fault in readers}
        if not true:
            continue
        place, rung, at = max(true)
        for person, fault in readers:
            if person in heard:
                continue  # in another role, at an earlier tick
            note = _note(book, rung, place, role, person, fault, at, tick, _started(state, rung))
            key = (person, rung.name, rung.after)
            if key not in found or (fault and not found[key].fault):
                found[key] = note
    spent |= just_spent
    worst: dict[str, int] = defaultdict(int)
    for note in found.values():
        worst[note.person] = max(worst[note.person], note.severity)
    return [note for note in found.values() if note.fault or note.severity == worst[note.person]]


def _started(state: State, rung: Rung) -> datetime:
    anchor = anchor_of(state, rung.clock)
    assert anchor is not None
    return anchor


def _note(
    book: Book, rung: Rung, place: int, role: str, person: str, fault: str | None, at: datetime, tick: datetime,
    anchor: datetime,
) -> Note:  # fmt: skip
    kind, slot, topic = "digest", digest_slot(tick), ""
    if book.topic is not None:
        kind, slot, topic = "incident", at, book.topic
    elif role in ("supervisor", "parent_organisation") and not fault:
        kind, topic = "upward", "directive"
    return Note(book, rung.name, rung.after, anchor, person, role, fault, at, slot, kind, topic, place)


def _assigned(world: World, book: Book) -> Iterator[Note]:
    """At launch: head of the lead unit, deputy and focal point; coordinating units informed."""
    state, seen = book.states[0], set()
    at = state.assigned_at
    slot = at if book.topic else event_slot(at)
    kind = "incident" if book.topic else "assigned" if slot == at else "digest"
    for role in ("head", "deputy", "focal_point", "coordinating"):
        for person, fault in told(world, book, role, state, at):
            if person not in seen:
                seen.add(person)
                yield Note(book, "assigned", 0, at, person, role, fault, at, slot, kind, book.topic or "", -1)


def _told_of(world: World, book: Book, event: Event) -> Iterable[Note]:
    """Event letters: at once within sending hours, else with the next digest; never to who did it."""
    state = book.at(event.at)
    people: dict[str, tuple[str, str | None]] = {}
    for role in event.tells:
        for person, fault in told(world, book, role, state, event.at):
            people[person] = (role, fault)
    if event.also is not None:
        reader = world.away(event.also, day_of(event.at)) or event.also
        if world.people[reader].fault is None:
            people.setdefault(reader, ("named", None))
    people.pop(event.actor or "", None)
    slot = event.at if book.topic else event_slot(event.at)
    kind = "incident" if book.topic else "event" if slot == event.at else "digest"
    return [
        Note(book, f"event:{event.name}", 0, event.at, who, role, fault, event.at, slot, kind, book.topic or "")
        for who, (role, fault) in people.items()
    ]
