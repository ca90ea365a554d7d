"""The notices that fired rungs make: one row per person and rung, and the coordinators whose digest they open."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import Session

from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.directives.ladders import RecipientRole
from models.directives.template import TemplateSpec
from models.letters.letter import LetterKind, Notice, NoticeState
from models.text.localtime import local_date
from notifications.outbox.grouping import queue_letters
from workflows.access.roster import Addressed, RoleRecipient, Roster
from workflows.escalation.task_facts import (
    SENT_BEFORE,
    AlreadySent,
    SentRungs,
    Timed,
    anchor_name,
    anchor_of,
    sent_on_current_clocks,
)
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.ladder import Fired

_NoticeKey = tuple[UUID | None, str, int, UUID]
_UPWARD_ROLES = frozenset({RecipientRole.SUPERVISOR.value, RecipientRole.PARENT_ORGANISATION.value})
_RungOfPerson = tuple[UUID, str, int]
_NOTICE = table_of(Notice)


class DueTask(Addressed, Timed, Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def parent_id(self) -> UUID | None: ...
    @property
    def wait_kind(self) -> Any: ...
    @property
    def incident_id(self) -> UUID | None: ...


@dataclass
class KnownNotices:
    """(anchor, rung, offset, recipient) of a task's notices: those sent, and those that a wait silenced in time.

    `sent_in_other_role`: rungs of a changed ladder whose sense the person has read in another role.
    """

    sent: set[_NoticeKey] = field(default_factory=set)
    silenced: set[_NoticeKey] = field(default_factory=set)
    sent_in_other_role: set[_NoticeKey] = field(default_factory=set)


_NOTHING = KnownNotices()
_Failed = list[tuple[DueTask, Exception]]


class Shared(NamedTuple):
    rung: str
    offset: int
    role: str
    fired_at: datetime
    slot: datetime
    kind: LetterKind
    topic: str
    state: NoticeState
    undeliverable: str | None
    reason: str
    template_version_id: UUID


class _Own(NamedTuple):
    """What a notice has of its own."""

    task_id: UUID
    anchor_id: UUID | None
    recipient_id: UUID


_Gathered = defaultdict[Shared, list[_Own]]


def _gathered() -> _Gathered:
    return defaultdict(list)


@dataclass
class RungNotices:
    """The notices of a batch, gathered, then written at once. `rosters`: recipients by the local day of the slot."""

    now: datetime
    calendar: WorkCalendar
    rosters: dict[date, Roster] = field(default_factory=dict)
    _new: _Gathered = field(default_factory=_gathered)
    _again: _Gathered = field(default_factory=_gathered)
    _digests: set[tuple[UUID, datetime]] = field(default_factory=set)
    _opened: set[tuple[object, ...]] = field(default_factory=set)
    _slots: dict[str | None, tuple[datetime, date]] = field(default_factory=dict)

    def day(self, task: DueTask, spec: TemplateSpec) -> date:
        """The local day on which the letter leaves: its recipients are those of that day."""
        return local_date(self.now) if task.incident_id is not None else self._slot(spec.reminders)[1]

    def add(
        self,
        tasks: Sequence[DueTask],
        spec: TemplateSpec,
        fired: Sequence[Fired],
        sent: SentRungs,
        known: Mapping[UUID, KnownNotices],
    ) -> _Failed:
        """Write one row per person and rung for tasks of one group (`group_tasks`), of which `sent` was sent.

        Returns the tasks for which that failed, and why.
        """
        slot, roster = self._slot(spec.reminders)[0], self.rosters[self.day(tasks[0], spec)]
        is_new = not any(one.rung == rung and one.offset == offset for one in fired for rung, offset, _role in sent)
        anchors = [attrgetter(anchor_name(one.rung)) for one in fired]
        found: dict[tuple[int, str | None], list[_Own]] = {}
        failed = _Failed()
        for task in tasks:
            try:
                recipients = [
                    (index, recipient)
                    for index, one in enumerate(fired)
                    for recipient in roster.recipients(one.role, task)
                ]
                before = known.get(task.id, _NOTHING) if known else _NOTHING
                if (
                    not is_new
                    or before.silenced
                    or before.sent_in_other_role
                    or (len(recipients) > 1 and _has_duplicate(recipients))
                ):
                    self._choose_most_severe(task, fired, recipients, before, slot, roster)
                    continue
            except Exception as error:  # the caller puts the task off and reports it
                failed.append((task, error))
                continue
            for index, (person_id, role, undeliverable) in recipients:  # nothing to choose from, as with most tasks
                rows = found.get((index, undeliverable))
                if rows is None:
                    shared = _shared(task, fired[index], slot, role, undeliverable)
                    rows = found[index, undeliverable] = self._new[shared]
                rows.append(_Own(task.id, anchors[index](task), person_id))
        if any(not fired[index].superseded for index, _undeliverable in found):
            self._open_digests(tasks[0], slot, roster)
        return failed

    def _choose_most_severe(
        self,
        task: DueTask,
        fired: Sequence[Fired],
        recipients: list[tuple[int, RoleRecipient]],
        known: KnownNotices,
        slot: datetime,
        roster: Roster,
    ) -> None:
        """Send each person the most severe rung, and record their others as superseded.

        Skip what was sent: a person in two roles reads a rung once, and a role that nobody holds opens no digest.
        Take up again what a wait silenced.
        """
        rows: dict[_RungOfPerson, tuple[UUID | None, Shared]] = {}
        worst: dict[UUID, tuple[int, _RungOfPerson]] = {}
        for index, (person_id, role, undeliverable) in recipients:
            one, key = fired[index], (person_id, fired[index].rung, fired[index].offset)
            anchor = anchor_of(one.rung, task)
            if (anchor, one.rung, one.offset, person_id) in known.sent:
                continue
            if key in rows and not (undeliverable and not rows[key][1].undeliverable):
                continue
            rows[key] = anchor, _shared(task, one, slot, role, undeliverable)
            if (anchor, one.rung, one.offset, person_id) in known.sent_in_other_role and not undeliverable:
                superseded = rows[key][1]._replace(state=NoticeState.SUPERSEDED, reason=SENT_BEFORE)
                rows[key] = anchor, superseded
                continue
            if not one.superseded and one.severity >= worst.get(person_id, (-9, key))[0]:
                worst[person_id] = (one.severity, key)
        opens_digest = False
        for key, (anchor, shared) in rows.items():
            person_id, is_pending = key[0], shared.state is NoticeState.PENDING
            if is_pending and worst[person_id][1] != key and not shared.undeliverable:
                shared, is_pending = shared._replace(state=NoticeState.SUPERSEDED), False
            is_there = (anchor, shared.rung, shared.offset, person_id) in known.silenced
            (self._again if is_there else self._new)[shared].append(_Own(task.id, anchor, person_id))
            opens_digest = opens_digest or is_pending
        if opens_digest:
            self._open_digests(task, slot, roster)

    def _open_digests(self, task: DueTask, slot: datetime, roster: Roster) -> None:
        """Open the coordinator's digest of that slot."""
        if task.incident_id is not None:
            return
        seen = task.coordinator_id, task.assigner_unit_id, task.directive_id, slot, roster.day
        if seen not in self._opened:
            self._opened.add(seen)
            coordinators = roster.recipients("coordinator", task)
            self._digests.update((one.person_id, slot) for one in coordinators if not one.undeliverable)

    def pending_notices(self) -> Iterator[tuple[Shared, UUID, UUID]]:
        for rows in (self._new, self._again):
            for shared, own in rows.items():
                if shared.state is NoticeState.PENDING:
                    yield from ((shared, one.task_id, one.recipient_id) for one in own)

    def digests(self) -> set[UUID]:
        """Coordinators whose digest opens because a rung of their launches fired."""
        return {person_id for person_id, _slot in self._digests}

    def write(self, session: Session) -> int:
        """Write what was gathered and return how many notices are to be sent.

        Any rung of their launches opens the coordinator's digest of its slot; its content is read when it leaves.
        """
        gathered = ((shared._asdict(), own) for shared, own in self._new.items())
        rows = [{"id": new_id(), **one._asdict(), **shared} for shared, own in gathered for one in own]
        insert_new(session, _NOTICE, rows)
        self._take_up_again(session)
        digests = sorted(self._digests, key=lambda one: (str(one[0]), one[1]))
        queue_letters(session, [(person_id, slot, LetterKind.DIGEST, "") for person_id, slot in digests])
        return sum(
            len(own)
            for rows in (self._new, self._again)
            for shared, own in rows.items()
            if shared.state is NoticeState.PENDING
        )

    def _take_up_again(self, session: Session) -> None:
        """Rows whose unique key is there already: dropped for a wait that is over."""
        notice = _NOTICE.c
        for shared, own in self._again.items():
            change = update(_NOTICE).values(**shared._asdict(), letter_id=None)
            change = change.where(
                notice.task_id == bindparam("of_task"),
                notice.anchor_id == bindparam("of_anchor"),
                notice.recipient_id == bindparam("of_person"),
                notice.rung == shared.rung,
                notice.offset == shared.offset,
                notice.state == NoticeState.DROPPED,
            )
            session.execute(
                change,
                [{"of_task": one.task_id, "of_anchor": one.anchor_id, "of_person": one.recipient_id} for one in own],
            )

    def _slot(self, reminders: str | None) -> tuple[datetime, date]:
        found = self._slots.get(reminders)
        if found is None:
            slot = self.calendar.reminder_slot(reminders, self.now)
            found = self._slots[reminders] = slot, local_date(slot)
        return found


def _has_duplicate(recipients: Sequence[tuple[int, RoleRecipient]]) -> bool:
    return len({one.person_id for _index, one in recipients}) < len(recipients)


def _shared(task: DueTask, fired: Fired, slot: datetime, role: str, undeliverable: str | None) -> Shared:
    kind, topic = LetterKind.DIGEST, ""
    if task.incident_id is not None:  # contingency clocks run in elapsed hours, nights and holidays included
        kind, slot, topic = LetterKind.INCIDENT, fired.fired_at, f"incident:{task.incident_id.hex}"
    elif role in _UPWARD_ROLES and not undeliverable:
        kind, topic = LetterKind.UPWARD, f"directive:{task.directive_id.hex}"
    state = NoticeState.SUPERSEDED if fired.superseded else NoticeState.PENDING
    reason = SENT_BEFORE if fired.sent_before else ""
    return Shared(
        fired.rung,
        fired.offset,
        role,
        fired.fired_at,
        slot,
        kind,
        topic,
        state,
        undeliverable,
        reason,
        task.template_version_id,
    )


_NONE_SENT: SentRungs = frozenset()


def group_tasks(
    tasks: Sequence[DueTask], already_sent: Mapping[UUID, AlreadySent]
) -> list[tuple[list[DueTask], SentRungs]]:
    """Each group has the rungs that were sent on its current clocks.

    The tasks of a group have equal clocks and the same template, directive, incident, coordinator and assigner. Their
    leads and anchors differ.
    """
    groups: defaultdict[tuple[object, ...], list[DueTask]] = defaultdict(list)
    for task in tasks:
        sent = (
            sent_on_current_clocks(task, already_sent[task.id])
            if already_sent and task.id in already_sent
            else _NONE_SENT
        )
        key = (
            task.template_version_id,
            task.directive_id,
            task.coordinator_id,
            task.assigner_unit_id,
            task.status,
            task.assigned_at,
            task.due_at,
            task.due_set_at,
            task.due_anchor_id is None,
            task.wait_kind,
            task.wait_since,
            task.wait_anchor_id is None,
            task.parent_id is None,
            task.incident_id,
            sent,
        )
        groups[key].append(task)
    return [(group, key[-1]) for key, group in groups.items()]  # type: ignore[misc]
