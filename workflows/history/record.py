"""Record what happened: a history row, its words beside it, and the notices of those who must hear of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session, col, func, select

from models.database.ids import new_id
from models.database.rows import insert_columns, insert_new, table_of
from models.letters.letter import SWITCHED_OFF, LetterKind, Notice, NoticeState
from models.organization.access import CallState, Webhook, WebhookCall
from models.tasks.history import History, HistoryNote, new_salt, salted_hash
from models.tasks.task import Task
from models.text.localtime import at_local, local_date
from workflows.access.letter_choices import read_choices
from workflows.access.roster import Roster
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.letter_pace import NO_CHOICE, Choice, Leaving, at_once, news_leaves

EVENT = "event:"
"""Rungs of notices that tell of an event are `event:<name>`."""


def record(
    session: Session,
    *,
    event: str,
    directive_id: UUID,
    now: datetime,
    task: Task | None = None,
    actor_id: UUID | None = None,
    relation: str = "system",
    from_status: str | None = None,
    to_status: str | None = None,
    facts: Mapping[str, Any] | None = None,
    note: str = "",
    occurred_on: date | None = None,
) -> UUID:
    """Append one history row; free text goes to the erasable side table, its salted hash into the row.

    A task's moves are in the order of what happened, whatever the clocks said: one is never recorded before the last.
    """
    row = History(
        id=new_id(),
        recorded_at=_after_the_last(session, task, now) if task else now,
        occurred_on=occurred_on or local_date(now),
        directive_id=directive_id,
        task_id=task.id if task else None,
        event=event,
        actor_id=actor_id,
        relation=relation,
        from_status=from_status,
        to_status=to_status,
        facts=dict(facts or {}),
    )
    salt = new_salt()
    if note:
        row.note_hash = salted_hash(salt, note)
    session.add(row)
    session.flush()
    queue_calls(session, [row.id], event=event, directive_id=directive_id, now=now)
    if note:
        session.add(HistoryNote(history_id=row.id, salt=salt, text=note))
    return row.id


def _after_the_last(session: Session, task: Task, now: datetime) -> datetime:
    """`now`, or just after the task's newest line where a clock that was ahead has recorded that."""
    newest = session.exec(select(func.max(col(History.recorded_at))).where(col(History.task_id) == task.id)).one()
    return now if newest is None or newest <= now else newest + timedelta(microseconds=1)


def record_many(session: Session, rows: Sequence[Mapping[str, Any]], constant: Mapping[str, Any]) -> None:
    """Append many history rows of one event of one directive; `constant` holds what they share, their moment as it is:
    they begin tasks, or tell what moves none (another officer, another version of the template).
    """
    if rows:
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        record_columns(session, columns, constant)


def record_columns(
    session: Session, columns: Mapping[str, Sequence[Any]], constant: Mapping[str, Any], *, note: str = ""
) -> None:
    """The same by column. `note`: the words that came with all of them, in the erasable side table."""
    ids = columns["id"]
    salts = [new_salt() for _id in ids] if note else []
    hashes = {"note_hash": [salted_hash(salt, note) for salt in salts]} if note else {}
    insert_columns(session, table_of(History), {**columns, **hashes}, constant)
    if note:
        insert_columns(session, table_of(HistoryNote), {"history_id": ids, "salt": salts}, {"text": note})
    queue_calls(
        session, ids, event=constant["event"], directive_id=constant["directive_id"], now=constant["recorded_at"]
    )


def notify(
    session: Session,
    task: Task,
    event: str,
    history_id: UUID,
    roles: Iterable[str],
    *,
    now: datetime,
    calendar: WorkCalendar,
    letters_at: datetime | None = None,
    also: Iterable[UUID] = (),
    exclude: UUID | None = None,
) -> None:
    """Write the notices of an event: each for the letter in which its reader wants it (`rules/letter_pace.py`).

    Stand-ins are those of the day on which the letter leaves. `letters_at` is a moment shared with other events, so
    that each person gets one letter. `also` adds people outside the task's roles (an authority's head). The actor
    (`exclude`) gets no notice, unless in place of somebody whom mail cannot reach. News that its reader switched off
    is recorded as dropped.
    """
    moment = letters_at or now
    wanted = _Wanted(session, task, event, tuple(roles), tuple(also), exclude, moment, calendar)
    slot = calendar.event_slot(moment)
    insert_notices(session, event, history_id, [(task, wanted.readers(), task.incident_id)], now=now, slot=slot)


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
    """Return the kind of letter that news is told in."""
    return LetterKind.DIGEST if leaving and leaving.with_digest else LetterKind.EVENT


@dataclass(frozen=True)
class _Wanted:
    """Who is to hear of an event of a task, and in which letter."""

    session: Session
    task: Task
    event: str
    roles: tuple[str, ...]
    also: tuple[UUID, ...]
    exclude: UUID | None
    moment: datetime
    calendar: WorkCalendar

    def readers(self) -> dict[UUID, Reader]:
        """Return them as the post of the day goes on which each letter leaves.

        Somebody's stand-in of today whose letter leaves on another day has none if that somebody is back by then.
        """
        first = self.moment if self.task.incident_id else self.calendar.event_slot(self.moment)
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
        """Return who reads the letters of a day, with their letter's moment from `moment` on; and whether anybody is
        away.
        """
        roster = Roster.for_tasks(self.session, [self.task], day, of_results=self.event == "taken_back")
        people = {
            one.person_id: (one.role, one.undeliverable)
            for role in self.roles
            for one in reversed(roster.recipients(role, self.task))
        }
        roster.load_people(set(self.also))
        for person_id in self.also:
            if roster.undeliverable(person_id) is None:
                people.setdefault(roster.stand_ins.get(person_id, person_id), ("named", None))
        if self.exclude is not None and people.get(self.exclude, ("", None))[1] is None:
            people.pop(self.exclude, None)
        choices = read_choices(self.session, people)
        readers = {
            person_id: Reader(role, reason, self._leaving(role, reason, choices.get(person_id, NO_CHOICE), moment))
            for person_id, (role, reason) in people.items()
        }
        return readers, bool(roster.stand_ins)

    def _leaving(self, role: str, undeliverable: str | None, choice: Choice, moment: datetime) -> Leaving | None:
        if self.task.incident_id:
            return Leaving(self.moment, with_digest=False)
        if undeliverable:
            return at_once(moment, self.calendar)
        return news_leaves(self.event, role, moment, self.task.due_at, choice, self.calendar)


def queue_calls(session: Session, history_ids: Iterable[UUID], *, event: str, directive_id: UUID, now: datetime) -> int:
    """Queue the calls of history rows of one event of one directive; returns how many. One query if nobody listens."""
    listening = session.exec(
        select(Webhook.id, Webhook.events, Webhook.directive_id).where(col(Webhook.is_active))
    ).all()
    hooks = [
        hook_id
        for hook_id, events, only in listening
        if (not events or event in events) and only in (None, directive_id)
    ]
    if not hooks:
        return 0
    rows = [
        {"id": new_id(), "webhook_id": hook_id, "history_id": history_id}
        for history_id in history_ids
        for hook_id in hooks
    ]
    constant = {
        "state": CallState.QUEUED,
        "queued_at": now,
        "ready_at": now,
        "attempts": 0,
        "lease_token": 0,
        "error": "",
    }
    return insert_new(session, table_of(WebhookCall), rows, constant)
