"""Write the notices of those who must hear of what happened, each for the letter in which they want it."""

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
from workflows.rules.letter_pace import NO_CHOICE, Leaving, PaceChoice, at_once, news_leaves


@dataclass(frozen=True)
class TaskEvent:
    """What happened to a task, and who is to hear of it.

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
    session: Session, told: TaskEvent, *, now: datetime, calendar: WorkCalendar, letters_at: datetime | None = None
) -> None:
    """Write the notices of an event: each for the letter in which its reader wants it (`rules/letter_pace.py`).

    Stand-ins are those of the day on which the letter leaves. `letters_at` is a moment shared with other events, so
    that each person gets one letter. News that its reader switched off is recorded as dropped.
    """
    moment = letters_at or now
    readers = _Wanted(session, told, moment, calendar).readers()
    slot = calendar.event_slot(moment)
    insert_notices(
        session, told.event, told.history_id, [(told.task, readers, told.task.incident_id)], now=now, slot=slot
    )


class Reader(NamedTuple):
    """Who hears of an event as what, and in which letter."""

    role: str
    undeliverable: str | None
    leaving: Leaving | None  # None: they switched it off


def insert_notices(
    session: Session,
    event: str,
    history_id: UUID,
    readers: Iterable[tuple[Task, Mapping[UUID, Reader], UUID | None]],
    *,
    now: datetime,
    slot: datetime,
) -> None:
    """Write the notices of an event: the readers of each task, and the incident whose letters tell them of it.

    `slot` is for the notices that no letter tells, as their reader switched them off.
    """
    rows = [
        {
            "id": new_id(),
            "task_id": task.id,
            "role": one.role,
            "recipient_id": person_id,
            "slot": one.leaving.slot if one.leaving else slot,
            "kind": LetterKind.INCIDENT if incident_id else _kind(one.leaving),
            "topic": f"incident:{incident_id.hex}" if incident_id else "",
            "state": NoticeState.PENDING if one.leaving else NoticeState.DROPPED,
            "undeliverable": one.undeliverable,
            "reason": "" if one.leaving else SWITCHED_OFF,
            "template_version_id": task.template_version_id,
        }
        for task, people, incident_id in readers
        for person_id, one in people.items()
    ]
    constant = {"anchor_id": history_id, "rung": EVENT + event, "offset": 0, "fired_at": now}
    insert_new(session, table_of(Notice), rows, constant)


def _kind(leaving: Leaving | None) -> LetterKind:
    return LetterKind.DIGEST if leaving and leaving.with_digest else LetterKind.EVENT


@dataclass(frozen=True)
class _Wanted:
    """Who is to hear of an event of a task, and in which letter."""

    session: Session
    told: TaskEvent
    moment: datetime
    calendar: WorkCalendar

    def readers(self) -> dict[UUID, Reader]:
        """As the post of the day goes on which each letter leaves.

        Somebody's stand-in of today whose letter leaves on another day has none if that somebody is back by then.
        """
        first = self.moment if self.told.task.incident_id else self.calendar.event_slot(self.moment)
        today = local_date(first)
        found, has_stand_ins = self._on(today, self.moment)
        days = {local_date(one.leaving.slot) for one in found.values() if one.leaving} - {today}
        if not has_stand_ins or not days:
            return found
        kept = {
            person: one for person, one in found.items() if not one.leaving or local_date(one.leaving.slot) == today
        }
        for day in sorted(days):
            then, _away = self._on(day, max(self.moment, at_local(day)))
            for person, back in then.items():
                one = found.get(person, back)  # who is back only now hears of it now
                if not one.leaving or local_date(one.leaving.slot) == day:
                    kept.setdefault(person, one)
        return kept

    def _on(self, day: date, moment: datetime) -> tuple[dict[UUID, Reader], bool]:
        """Who reads the letters of a day, with their letter's moment from `moment` on; and whether anybody is away."""
        roster = Roster.for_tasks(self.session, [self.told.task], day, of_results=self.told.event == "taken_back")
        people = {
            one.person_id: (one.role, one.undeliverable)
            for role in self.told.roles
            for one in reversed(roster.recipients(role, self.told.task))
        }
        roster.load_people(set(self.told.also))
        for person_id in self.told.also:
            if roster.undeliverable(person_id) is None:
                people.setdefault(roster.stand_ins.get(person_id, person_id), ("named", None))
        if self.told.exclude is not None and people.get(self.told.exclude, ("", None))[1] is None:
            people.pop(self.told.exclude, None)
        choices = read_choices(self.session, people)
        readers = {
            person_id: Reader(role, reason, self._leaving(role, reason, choices.get(person_id, NO_CHOICE), moment))
            for person_id, (role, reason) in people.items()
        }
        return readers, bool(roster.stand_ins)

    def _leaving(self, role: str, undeliverable: str | None, choice: PaceChoice, moment: datetime) -> Leaving | None:
        if self.told.task.incident_id:
            return Leaving(self.moment, with_digest=False)
        if undeliverable:
            return at_once(moment, self.calendar)
        return news_leaves(self.told.event, role, moment, self.told.task.due_at, choice, self.calendar)


def untell(session: Session, *which: Any, reason: str) -> bool:
    """Drop the notices that wait to be told. Return whether a letter that says one of them is under way.

    What that letter says is told if it arrives, and dropped if it does not: whoever writes it anew sees the reason.
    Those without a letter go first, so that no delivery puts them into one meanwhile. A letter that somebody else holds
    counts as under way: nobody waits for anybody.
    """

    def write(*where: Any, **values: Any) -> None:
        waiting = update(Notice).where(IS_PENDING, *which, *where).values(reason=reason, **values)
        session.execute(waiting.execution_options(synchronize_session=False))

    own = col(Notice.letter_id)
    write(own.is_(None), state=NoticeState.DROPPED)
    wanted = set(session.exec(select(own).where(IS_PENDING, own.is_not(None), *which)))
    stays = select(Letter.id).where(col(Letter.id).in_(wanted), Letter.state != LetterState.CLAIMED)
    held = set(session.exec(stays.with_for_update(skip_locked=True)))
    write(own.in_(held), state=NoticeState.DROPPED)
    write(own.in_(wanted - held))
    return wanted != held
