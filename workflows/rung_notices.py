"""The notices that fired rungs make: one row per person and rung, and the coordinators whose digest they open."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlmodel import Session

from models.ids import new_id
from models.letter import LetterKind, Notice, NoticeState
from models.localtime import local_date
from models.rows import insert_new, update_where
from models.template import RecipientRole, TemplateSpec
from notifications.outbox import queue_letters
from workflows.roster import Roster, Seated, Told
from workflows.rules.ladder import Fired
from workflows.rules.workdays import WorkCalendar
from workflows.task_facts import Clocked, anchor_of

_OfClock = tuple[UUID | None, str, int, UUID]
_UPWARD_ROLES = frozenset({RecipientRole.SUPERVISOR.value, RecipientRole.PARENT_ORGANISATION.value})
_RungOfPerson = tuple[UUID, str, int]
_UNIQUE = ("task_id", "anchor_id", "rung", "offset", "recipient_id")
_ANEW = ("role", "fired_at", "slot", "kind", "topic", "state", "undeliverable", "reason", "letter_id")


class Due(Seated, Clocked, Protocol):
    """A task to be decided, as it was read."""

    @property
    def id(self) -> UUID: ...
    @property
    def parent_id(self) -> UUID | None: ...
    @property
    def wait_kind(self) -> Any: ...
    @property
    def incident_id(self) -> UUID | None: ...
    @property
    def revision(self) -> int: ...


@dataclass
class Known:
    """(anchor, rung, offset, recipient) of a task's notices: those told, and those that a wait silenced in time."""

    told: set[_OfClock] = field(default_factory=set)
    silenced: set[_OfClock] = field(default_factory=set)


@dataclass
class RungNotices:
    """Gathers the rows of a batch, then writes them at once. `rosters`: who is told, by the local day of the slot."""

    now: datetime
    calendar: WorkCalendar
    rosters: dict[date, Roster] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    _again: list[dict[str, Any]] = field(default_factory=list)
    _digests: set[tuple[UUID, datetime]] = field(default_factory=set)
    _opened: set[tuple[int, ...]] = field(default_factory=set)
    _slots: dict[str | None, tuple[datetime, date]] = field(default_factory=dict)
    _reached: dict[tuple[UUID, UUID, UUID, date], list[UUID]] = field(default_factory=dict)

    def day(self, task: Due, spec: TemplateSpec) -> date:
        """The local day on which the letter is to leave: who is told is told as of then."""
        return local_date(self.now) if task.incident_id is not None else self._slot(spec.reminders)[1]

    def add(self, task: Due, spec: TemplateSpec, fired: Sequence[Fired], known: Known) -> None:
        """One row per person and rung: the most severe is told, the person's others are recorded as superseded.

        Those told are passed over: a person in two roles hears a rung once, and a role that nobody holds opens no
        digest. Those silenced are taken up again.
        """
        slot, roster = self._slot(spec.reminders)[0], self.rosters[self.day(task, spec)]
        if len(fired) == 1 and not fired[0].superseded and not known.told and not known.silenced:
            self._add_only(task, fired[0], slot, roster)
            return
        rows: dict[_RungOfPerson, dict[str, Any]] = {}
        worst: dict[UUID, tuple[int, _RungOfPerson]] = {}
        for one in fired:
            anchor = anchor_of(one.rung, task)
            for told in roster.told(one.role, task):
                key = (told.person_id, one.rung, one.offset)
                if known.told and (anchor, one.rung, one.offset, told.person_id) in known.told:
                    continue
                if key in rows and not (told.undeliverable and not rows[key]["undeliverable"]):
                    continue
                rows[key] = _row(task, one, anchor, slot, told.person_id, told.role, told.undeliverable)
                if not one.superseded and one.severity >= worst.get(told.person_id, (-9, key))[0]:
                    worst[told.person_id] = (one.severity, key)
        for key, row in rows.items():
            if row["state"] is NoticeState.PENDING and worst[key[0]][1] != key and not row["undeliverable"]:
                row["state"] = NoticeState.SUPERSEDED
        for key, row in rows.items():
            is_there = known.silenced and (row["anchor_id"], row["rung"], row["offset"], key[0]) in known.silenced
            (self._again if is_there else self.rows).append(row)
        if any(row["state"] is NoticeState.PENDING for row in rows.values()):
            self._open_digests(task, slot, roster)

    def _add_only(self, task: Due, fired: Fired, slot: datetime, roster: Roster) -> None:
        """The same where there is nothing to weigh, as with most tasks: one rung, and nobody was told anything yet."""
        anchor, told = anchor_of(fired.rung, task), roster.told(fired.role, task)
        if len(told) > 1:  # a person once, and rather as who hears it in somebody's place
            heard: dict[UUID, Told] = {}
            for one in told:
                if one.person_id not in heard or (one.undeliverable and not heard[one.person_id].undeliverable):
                    heard[one.person_id] = one
            told = list(heard.values())
        for one in told:
            self.rows.append(_row(task, fired, anchor, slot, one.person_id, one.role, one.undeliverable))
        if told:
            self._open_digests(task, slot, roster)

    def _open_digests(self, task: Due, slot: datetime, roster: Roster) -> None:
        """By identity first: those of a batch were read together, and its tasks share a few objects."""
        if task.incident_id is not None:
            return
        seen = id(task.coordinator_id), id(task.assigner_unit_id), id(task.directive_id), id(slot), id(roster)
        if seen not in self._opened:
            self._opened.add(seen)
            self._digests.update((person_id, slot) for person_id in self._coordinators(task, roster))

    def write(self, session: Session) -> int:
        """Writes what was gathered. Any rung of their launches opens the coordinator's digest of its slot; what that
        lists is read when it leaves. Returns how many notices are to be told."""
        insert_new(session, Notice.__table__, self.rows)  # type: ignore[attr-defined]
        self._take_up_again(session)
        digests = sorted(self._digests, key=lambda one: (str(one[0]), one[1]))
        queue_letters(session, [(person_id, slot, LetterKind.DIGEST, "") for person_id, slot in digests])
        return sum(1 for row in (*self.rows, *self._again) if row["state"] is NoticeState.PENDING)

    def _take_up_again(self, session: Session) -> None:
        """Rows whose unique key is there already: dropped for a wait that is over."""
        again = [{**row, "letter_id": None} for row in self._again]
        update_where(
            session,
            Notice.__table__,  # type: ignore[attr-defined]
            {name: [row[name] for row in again] for name in _ANEW},
            {name: [row[name] for row in again] for name in _UNIQUE} | {"state": [NoticeState.DROPPED] * len(again)},
        )

    def _coordinators(self, task: Due, roster: Roster) -> list[UUID]:
        key = (task.coordinator_id, task.assigner_unit_id, task.directive_id, roster.day)
        found = self._reached.get(key)
        if found is None:
            told = roster.told("coordinator", task)
            found = self._reached[key] = [one.person_id for one in told if not one.undeliverable]
        return found

    def _slot(self, reminders: str | None) -> tuple[datetime, date]:
        found = self._slots.get(reminders)
        if found is None:
            slot = self.calendar.reminder_slot(reminders, self.now)
            found = self._slots[reminders] = slot, local_date(slot)
        return found


def _row(
    task: Due, fired: Fired, anchor: UUID | None, slot: datetime, person_id: UUID, role: str, undeliverable: str | None
) -> dict[str, Any]:
    kind, topic = LetterKind.DIGEST, ""
    if task.incident_id is not None:  # contingency clocks run in elapsed hours, nights and holidays included
        kind, slot, topic = LetterKind.INCIDENT, fired.fired_at, f"incident:{task.incident_id.hex}"
    elif role in _UPWARD_ROLES and not undeliverable:
        kind, topic = LetterKind.UPWARD, f"directive:{task.directive_id.hex}"
    return {
        "id": new_id(),
        "task_id": task.id,
        "anchor_id": anchor,
        "rung": fired.rung,
        "offset": fired.offset,
        "role": role,
        "recipient_id": person_id,
        "fired_at": fired.fired_at,
        "slot": slot,
        "kind": kind,
        "topic": topic,
        "state": NoticeState.SUPERSEDED if fired.superseded else NoticeState.PENDING,
        "undeliverable": undeliverable,
        "reason": "",
    }
