"""The notices that fired rungs make: one row per person and rung, and the coordinators whose digest they open."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlmodel import Session

from models.ids import new_id
from models.letter import LetterKind, Notice, NoticeState
from models.session import insert_new
from models.template import RecipientRole, TemplateSpec
from notifications.outbox import queue_letters
from workflows.roster import Roster, Seated
from workflows.rules.ladder import Fired
from workflows.rules.workdays import WorkCalendar
from workflows.task_facts import Clocked, anchor_of

Known = set[tuple[UUID, str, int, UUID]]
"""(anchor, rung, offset, recipient) that have a notice already."""
_UPWARD_ROLES = frozenset({RecipientRole.SUPERVISOR.value, RecipientRole.PARENT_ORGANISATION.value})
_RungOfPerson = tuple[UUID, str, int]


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
class RungNotices:
    """Gathers the rows of a batch, then writes them at once."""

    now: datetime
    calendar: WorkCalendar
    roster: Roster
    rows: list[dict[str, Any]] = field(default_factory=list)
    _digests: set[tuple[UUID, datetime]] = field(default_factory=set)
    _slots: dict[str | None, datetime] = field(default_factory=dict)
    _reached: dict[tuple[UUID, UUID, UUID], list[UUID]] = field(default_factory=dict)

    def add(self, task: Due, spec: TemplateSpec, fired: Iterable[Fired], known: Known) -> None:
        """One row per person and rung: the most severe is told, the person's others are recorded as superseded.

        `known` are passed over: a person in two roles hears a rung once, and a role that nobody holds opens no digest.
        """
        slot = self._slot(spec.reminders)
        rows: dict[_RungOfPerson, dict[str, Any]] = {}
        worst: dict[UUID, tuple[int, _RungOfPerson]] = {}
        for one in fired:
            anchor = anchor_of(one.rung, task)
            for told in self.roster.told(one.role, task):
                key = (told.person_id, one.rung, one.offset)
                if known and (anchor, one.rung, one.offset, told.person_id) in known:
                    continue
                if key in rows and not (told.undeliverable and not rows[key]["undeliverable"]):
                    continue
                rows[key] = _row(task, one, anchor, slot, told.person_id, told.role, told.undeliverable)
                if not one.superseded and one.severity >= worst.get(told.person_id, (-9, key))[0]:
                    worst[told.person_id] = (one.severity, key)
        for key, row in rows.items():
            if row["state"] is NoticeState.PENDING and worst[key[0]][1] != key and not row["undeliverable"]:
                row["state"] = NoticeState.SUPERSEDED
        self.rows.extend(rows.values())
        if task.incident_id is None and any(row["state"] is NoticeState.PENDING for row in rows.values()):
            self._digests.update((person_id, slot) for person_id in self._coordinators(task))

    def write(self, session: Session) -> int:
        """Writes what was gathered. Any rung of their launches opens the coordinator's digest of its slot; what that
        lists is read when it leaves. Returns how many notices are to be told."""
        insert_new(session, Notice.__table__, self.rows)  # type: ignore[attr-defined]
        digests = sorted(self._digests, key=lambda one: (str(one[0]), one[1]))
        queue_letters(session, [(person_id, slot, LetterKind.DIGEST, "") for person_id, slot in digests])
        return sum(1 for row in self.rows if row["state"] is NoticeState.PENDING)

    def _coordinators(self, task: Due) -> list[UUID]:
        key = (task.coordinator_id, task.assigner_unit_id, task.directive_id)
        found = self._reached.get(key)
        if found is None:
            told = self.roster.told("coordinator", task)
            found = self._reached[key] = [one.person_id for one in told if not one.undeliverable]
        return found

    def _slot(self, reminders: str | None) -> datetime:
        slot = self._slots.get(reminders)
        if slot is None:
            slot = self._slots[reminders] = self.calendar.reminder_slot(reminders, self.now)
        return slot


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
