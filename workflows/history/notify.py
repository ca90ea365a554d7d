"""Write the notices about an event, each for the letter in which its reader wants it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.letters.letter import IS_PENDING, SWITCHED_OFF, Letter, LetterKind, LetterState, Notice, NoticeState
from models.tasks.task import Task
from models.text.localtime import at_local, local_date
from workflows.access.letter_choices import read_choices
from workflows.access.roster import Roster
from workflows.history.record import EVENT
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.letter_pace import NO_CHOICE, Departure, PaceChoice, depart_at_once, plan_departure


@dataclass(frozen=True)
class TaskEvent:
    """An event of a task, and the roles that get a notice about it.

    `also` adds people outside the task's roles (an authority's head). The actor (`exclude`) gets no notice, unless in
    place of somebody whom mail cannot reach.
    """

    task: Task
    event: str
    history_id: UUID
    roles: Sequence[str]
    also: Collection[UUID] = ()
    exclude: UUID | None = None


def notify(
    session: Session, event: TaskEvent, *, now: datetime, calendar: WorkCalendar, letters_at: datetime | None = None
) -> None:
    """Write the notices of an event, each for the letter in which its reader wants it (`rules/letter_pace.py`).

    The day on which a letter leaves decides who stands in for whom. Events that share the moment `letters_at` go into
    one letter for each person. A notice that its reader switched off is recorded as dropped.
    """
    moment = letters_at or now
    readers = _ReaderSearch(session, event, moment, calendar).find_readers()
    slot = calendar.event_slot(moment)
    insert_notices(
        session, event.event, event.history_id, [(event.task, readers, event.task.incident_id)], now=now, slot=slot
    )


class Reader(NamedTuple):
    """The role in which a person gets a notice, and when its letter leaves; None: they switched it off."""

    role: str
    undeliverable: str | None
    departure: Departure | None


def insert_notices(
    session: Session,
    event: str,
    history_id: UUID,
    readers: Iterable[tuple[Task, Mapping[UUID, Reader], UUID | None]],
    *,
    now: datetime,
    slot: datetime,
) -> None:
    """Write the notices of an event for the readers of each task, and the incident whose letters announce it.

    `slot` is for notices without a letter, because their reader switched them off.
    """
    rows = [
        {
            "id": new_id(),
            "task_id": task.id,
            "role": reader.role,
            "recipient_id": person_id,
            "slot": reader.departure.slot if reader.departure else slot,
            "kind": LetterKind.INCIDENT if incident_id else _kind(reader.departure),
            "topic": f"incident:{incident_id.hex}" if incident_id else "",
            "state": NoticeState.PENDING if reader.departure else NoticeState.DROPPED,
            "undeliverable": reader.undeliverable,
            "reason": "" if reader.departure else SWITCHED_OFF,
            "template_version_id": task.template_version_id,
        }
        for task, people, incident_id in readers
        for person_id, reader in people.items()
    ]
    constant = {"anchor_id": history_id, "rung": EVENT + event, "offset": 0, "fired_at": now}
    insert_new(session, table_of(Notice), rows, constant)


def _kind(departure: Departure | None) -> LetterKind:
    return LetterKind.DIGEST if departure and departure.with_digest else LetterKind.EVENT


@dataclass(frozen=True)
class _ReaderSearch:
    """Finds the readers of a task's event, and the letter in which each of them reads it."""

    session: Session
    event: TaskEvent
    moment: datetime
    calendar: WorkCalendar

    def find_readers(self) -> dict[UUID, Reader]:
        """Return the readers by person, with the stand-ins of the day on which each letter leaves.

        Today's stand-in whose letter would leave on a later day gets none if the person is back by then.
        """
        first_slot = self.moment if self.event.task.incident_id else self.calendar.event_slot(self.moment)
        today = local_date(first_slot)
        readers_today, has_stand_ins = self._find_readers_on(today, self.moment)
        days = {local_date(reader.departure.slot) for reader in readers_today.values() if reader.departure} - {today}
        if not has_stand_ins or not days:
            return readers_today
        readers = {person: reader for person, reader in readers_today.items() if _leaves_on(reader, today)}
        for day in sorted(days):
            readers_then, _has_stand_ins = self._find_readers_on(day, max(self.moment, at_local(day)))
            for person, reader_then in readers_then.items():
                reader = readers_today.get(person, reader_then)  # a person who is back only then has a letter of then
                if _leaves_on(reader, day):
                    readers.setdefault(person, reader)
        return readers

    def _find_readers_on(self, day: date, moment: datetime) -> tuple[dict[UUID, Reader], bool]:
        """Return who reads the letters of a day, which leave from `moment` on; and whether there are stand-ins."""
        roster = Roster.for_tasks(self.session, [self.event.task], day, of_results=self.event.event == "taken_back")
        people = {
            recipient.person_id: (recipient.role, recipient.undeliverable)
            for role in self.event.roles
            for recipient in reversed(roster.recipients(role, self.event.task))
        }
        roster.load_people(set(self.event.also))
        for person_id in self.event.also:
            if roster.undeliverable(person_id) is None:
                people.setdefault(roster.stand_ins.get(person_id, person_id), ("named", None))
        if self.event.exclude is not None and people.get(self.event.exclude, ("", None))[1] is None:
            people.pop(self.event.exclude, None)
        choices = read_choices(self.session, people)
        readers = {
            person_id: Reader(role, reason, self._plan(role, reason, choices.get(person_id, NO_CHOICE), moment))
            for person_id, (role, reason) in people.items()
        }
        return readers, bool(roster.stand_ins)

    def _plan(self, role: str, undeliverable: str | None, choice: PaceChoice, moment: datetime) -> Departure | None:
        if self.event.task.incident_id:
            return Departure(self.moment, with_digest=False)
        if undeliverable:
            return depart_at_once(moment, self.calendar)
        return plan_departure(self.event.event, role, moment, self.event.task.due_at, choice, self.calendar)


def _leaves_on(reader: Reader, day: date) -> bool:
    """Tell whether a reader's letter leaves on a day, or on none."""
    return reader.departure is None or local_date(reader.departure.slot) == day


def untell(session: Session, *conditions: Any, reason: str) -> bool:
    """Drop pending notices. Return whether a letter with one of them is being sent.

    If that letter arrives, its notices are told; if not, they are dropped, and the retry reads the reason. Notices
    without a letter are dropped first, so that no delivery puts them into one meanwhile. A letter that another
    transaction has locked counts as being sent, so that nobody waits.
    """

    def change(*more_conditions: Any, **values: Any) -> None:
        pending = update(Notice).where(IS_PENDING, *conditions, *more_conditions).values(reason=reason, **values)
        session.execute(pending.execution_options(synchronize_session=False))

    letter_id = col(Notice.letter_id)
    change(letter_id.is_(None), state=NoticeState.DROPPED)
    letter_ids = set(session.exec(select(letter_id).where(IS_PENDING, letter_id.is_not(None), *conditions)))
    is_waiting = select(Letter.id).where(col(Letter.id).in_(letter_ids), Letter.state != LetterState.CLAIMED)
    waiting_ids = set(session.exec(is_waiting.with_for_update(skip_locked=True)))
    change(letter_id.in_(waiting_ids), state=NoticeState.DROPPED)
    change(letter_id.in_(letter_ids - waiting_ids))
    return letter_ids != waiting_ids
