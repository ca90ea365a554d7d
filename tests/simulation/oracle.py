"""Which letters are due, worked out a second time from the rules of the domain and from what the test did.

Not a line of workflows/rules is used: the ladder is written out by hand in rungs.py, days come from daybook.py.
"""

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.simulation.daybook import Book, Daybook, Key, can_send, digest_slot, shift, works
from tests.simulation.notes import Note, TaskLadder, Told, first_tick, told_at_once, weight, why_not
from tests.simulation.world import COORDINATORS, day_of, moment

CLOCKS = {"assigned": "assigned", "not_accepted": "assigned", "set_date": "set_date", "decide": "decide"}
"""The clock of a rung, else that of the date: a more severe rung stands for the lesser ones of its clock alone."""


class Sent(NamedTuple):
    """One letter: for whom, of which moment, kind and topic."""

    person: str
    slot: datetime
    kind: str
    topic: str


@dataclass
class Due:
    """What the rules ask for: every letter and every thing told, with the tick that must send it."""

    letters: dict[Sent, datetime] = field(default_factory=dict)
    told: dict[Told, datetime] = field(default_factory=dict)


class Oracle:
    """Works out what is due, once the run is over."""

    def __init__(self, diary: Daybook) -> None:
        self.diary, self.world = diary, diary.world
        self.due = Due()
        self._by_person: dict[str, list[Book]] = defaultdict(list)
        for book in diary.books.values():
            holders = {self.world.units[book.unit].head, *COORDINATORS, *self.world.units[book.unit].officers}
            for person in holders - {None}:
                self._by_person[str(person)].append(book)
        self._letters: dict[Sent, str] = {}
        self._inside: dict[Sent, list[Note]] = defaultdict(list)
        self._queued: list[tuple[datetime, Sent]] = []
        self._waiting: list[tuple[datetime, int, Note]] = []
        self._weeks: set[tuple[int, int]] = set()
        self._last_digest: dict[str, datetime] = {}
        self._count = 0
        self._ladders: dict[Key, TaskLadder] = {}

    def work_out(self) -> Due:
        """Goes through the ticks, as a patient clerk would with the rules beside them."""
        by_tick: dict[datetime, list[Note | TaskLadder]] = defaultdict(list)
        ticks = self.diary.ticks
        for book in self.diary.books.values():
            ladder = self._ladders[book.key] = TaskLadder(self.world, book)
            for note in told_at_once(self.world, book):
                if (tick := first_tick(ticks, note.fired_at)) is not None:
                    by_tick[tick].append(note)
            for tick in {at for look in ladder.looks() if (at := first_tick(ticks, look)) is not None}:
                by_tick[tick].append(ladder)
        for tick in ticks:
            for one in by_tick.pop(tick, ()):
                self._notice(one, tick)
            self._open_summaries(tick)
            self._hand_over(tick)
            self._group(tick)
            self._join(tick)
            self._send(tick)
        return self.due

    def _notice(self, one: Note | TaskLadder, tick: datetime) -> None:
        if isinstance(one, Note):
            self._ladders[one.book.key].heard(one, one.person)
            self._await(one)
            return
        for note in one.at(tick):
            self._await(note)
            if note.book.topic is None:
                self._open_coordinators_digest(note.book, tick)

    def _await(self, note: Note) -> None:
        self._count += 1
        heapq.heappush(self._waiting, (note.slot, self._count, note))

    def _open(self, letter: Sent) -> None:
        if letter not in self._letters:
            self._letters[letter] = "queued"
            heapq.heappush(self._queued, (letter.slot, letter))

    def _open_coordinators_digest(self, book: Book, tick: datetime) -> None:
        """Any rung of their launches opens it."""
        coordinator = book.at(tick).coordinator
        slot = digest_slot(tick)
        self._open(Sent(self.world.away(coordinator, day_of(slot)) or coordinator, slot, "digest", ""))

    def _open_summaries(self, tick: datetime) -> None:
        """First working day of the week, 08:00: every head with open tasks, every coordinator."""
        today = day_of(tick)
        monday = today - timedelta(days=today.weekday())
        first = monday if works(monday) else shift(monday, 1)
        week = monday.isocalendar()[:2]
        if first - monday >= timedelta(days=7) or tick < moment(first) or week in self._weeks:
            return
        self._weeks.add(week)
        people: set[str] = set()
        for book in self.diary.books.values():
            if book.topic is None and book.states[0].since < moment(first) and book.at(tick).is_open:
                people |= {self.world.units[book.unit].head or "", book.at(tick).coordinator}
        for person in people - {""}:
            reader = self.world.away(person, today) or person
            if self.world.people[reader].fault is None:
                self._open(Sent(reader, moment(first), "summary", ""))

    def _hand_over(self, tick: datetime) -> None:
        """Whoever is away on the day it leaves has a stand-in who gets it, once. At night only incidents leave."""
        by_day, today = can_send(tick), day_of(tick)
        for _slot, letter in sorted(self._queued):
            reader = self.world.away(letter.person, today)
            if reader is None or letter.slot > tick or not (by_day or letter.kind == "incident"):
                continue
            for note in self._inside.pop(letter, ()):
                self._await(note)
            if letter.kind in ("digest", "summary"):
                self._open(Sent(reader, *letter[1:]))
        waiting = sorted(self._waiting, key=lambda entry: (entry[2].fired_at, entry[1]))
        for entry in waiting:
            note = entry[2]
            reader = self.world.away(note.person, today)
            if reader is None or note.slot > tick or not (by_day or note.kind == "incident"):
                continue
            if not self._ladders[note.book.key].hand_over(note, reader):
                self._waiting.remove(entry)
        heapq.heapify(self._waiting)

    def _group(self, tick: datetime) -> None:
        while self._waiting and self._waiting[0][0] <= tick:
            _slot, _count, note = heapq.heappop(self._waiting)
            letter = Sent(note.person, note.slot, note.kind, note.topic)
            self._open(letter)
            if self._letters[letter] == "queued":
                self._inside[letter].append(note)
                continue
            # this slot's letter has left already: the next one takes it
            late = max(note.slot, tick)
            with_others = note.kind in ("digest", "upward")
            note.slot = moment(shift(day_of(late), 1)) if with_others else late + timedelta(seconds=1)
            self._await(note)

    def _join(self, tick: datetime) -> None:
        """Each person one truthful digest: what waited through a downtime is told in the newest one."""
        newest: dict[tuple[str, str, str], Sent] = {}
        for _slot, letter in sorted(self._queued):
            if letter.kind not in ("digest", "upward") or letter.slot > tick:
                continue
            older = newest.get((letter.person, letter.kind, letter.topic))
            newest[letter.person, letter.kind, letter.topic] = letter
            if older is not None:
                self._inside[letter] = self._inside.pop(older, []) + self._inside[letter]
                self._letters[older] = "empty"
                self._queued.remove((older.slot, older))
        heapq.heapify(self._queued)

    def _send(self, tick: datetime) -> None:
        kept: list[tuple[datetime, Sent]] = []
        due: list[tuple[datetime, Sent]] = []
        while self._queued and self._queued[0][0] <= tick:
            entry = heapq.heappop(self._queued)
            (due if self._may_leave(entry[1], tick) else kept).append(entry)
        for entry in kept:
            heapq.heappush(self._queued, entry)
        for _slot, letter in sorted(due, key=lambda entry: entry[1].kind == "summary"):
            says = self._says(letter, tick)
            self._letters[letter] = "empty" if says is None else "sent"
            if says is not None:
                self.due.letters[letter] = tick
                if letter.kind == "digest":
                    self._last_digest[letter.person] = tick
                self.due.told.update((note.told, tick) for note in says)

    def _may_leave(self, letter: Sent, tick: datetime) -> bool:
        """In sending hours, and a digest of a day gone by not before the morning's; of incidents always."""
        is_old = letter.kind in ("digest", "upward", "summary") and day_of(letter.slot) < day_of(tick)
        return letter.kind == "incident" or (can_send(tick) and not (is_old and tick < moment(day_of(tick))))

    def _says(self, letter: Sent, tick: datetime) -> list[Note] | None:
        """What a letter still has to say at the tick; None: it does not leave."""
        worst: dict[tuple[Key, str], Note] = {}
        news: list[Note] = []
        for note in self._inside.pop(letter, ()):
            if (reason := why_not(note, tick)) is not None:
                if reason == "waiting":
                    self._ladders[note.book.key].silenced(note)
                continue
            if note.rung.startswith("event:"):
                news.append(note)
            elif (key := (note.book.key, CLOCKS.get(note.rung, "due"))) not in worst or (
                weight(note) >= weight(worst[key])
            ):
                worst[key] = note
        reminded = {task for (task, _clock), note in worst.items() if note.rung != "assigned"}
        heard = [note for (task, _clock), note in worst.items() if note.rung != "assigned" or task not in reminded]
        asked = {(note.book.key, note.anchor) for note in news}  # a request in the same letter says it with its words
        heard = [one for one in heard if one.rung != "decide" or one.fault or (one.book.key, one.anchor) not in asked]
        says = [*heard, *news]
        if letter.kind == "summary" and self._is_needless(letter, tick):
            return None
        if says or (letter.kind in ("digest", "summary") and self._lists(letter, tick)):
            return says
        return None

    def _is_needless(self, letter: Sent, tick: datetime) -> bool:
        """Its week is over, or a digest left since that morning."""
        if day_of(letter.slot).isocalendar()[:2] != day_of(tick).isocalendar()[:2]:
            return True
        left = self._last_digest.get(letter.person)
        return left is not None and left >= letter.slot

    def _lists(self, letter: Sent, tick: datetime) -> bool:
        """Whether a digest has an overdue task of theirs, or one due within 7 working days; a summary any open one."""
        today, horizon = day_of(tick), shift(day_of(tick), 7)
        readers = [letter.person] if self.world.away(letter.person, today) is None else []
        readers += [
            who for who, by, first, last in self.world.absences if by == letter.person and first <= today <= last
        ]
        for reader in readers:
            for book in self._by_person[reader]:
                if book.topic is not None or book.states[0].since > tick:
                    continue
                state = book.at(tick)
                mine = reader in (self.world.units[book.unit].head, state.officer, state.coordinator)
                if not state.is_open or not mine:
                    continue
                if state.wait == "decision" and state.coordinator != reader:
                    continue  # their result is in
                if letter.kind == "summary" or (state.due is not None and state.due <= horizon):
                    return True
        return False
