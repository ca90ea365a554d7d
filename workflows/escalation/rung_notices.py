"""Turn fired rungs into notices: one row per person and rung. Rungs also open the digests of coordinators.

Tasks with equal clocks are handled as one group, because a sweep may find thousands of them.
"""

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
from workflows.rules.escalation.ladder import FiredRung

_NoticeKey = tuple[UUID | None, str, int, UUID]
"""(anchor, rung, offset, recipient)"""
_RungOfPerson = tuple[UUID, str, int]
"""(recipient, rung, offset)"""
_UPWARD_ROLES = frozenset({RecipientRole.SUPERVISOR.value, RecipientRole.PARENT_ORGANISATION.value})
_NOTICE = table_of(Notice)
_NONE_SENT: SentRungs = frozenset()


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
    """The notices that a task has: those sent, and those dropped because the unit waited or the lead changed.

    `sent_in_other_role` holds rungs of a changed ladder whose message the person has had in another role.
    """

    sent: set[_NoticeKey] = field(default_factory=set)
    silenced: set[_NoticeKey] = field(default_factory=set)
    sent_in_other_role: set[_NoticeKey] = field(default_factory=set)


_NOTHING_KNOWN = KnownNotices()
_Failed = list[tuple[DueTask, Exception]]


class NoticeContent(NamedTuple):
    """The columns that the notices of one rung and role share."""

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


class _NoticeKeys(NamedTuple):
    """The columns that differ between the notices of one content."""

    task_id: UUID
    anchor_id: UUID | None
    recipient_id: UUID


_NoticesByContent = defaultdict[NoticeContent, list[_NoticeKeys]]


def _no_notices() -> _NoticesByContent:
    return defaultdict(list)


@dataclass
class RungNotices:
    """Collects the notices of a batch of tasks and writes them at once. `rosters` holds recipients by local day."""

    now: datetime
    calendar: WorkCalendar
    rosters: dict[date, Roster] = field(default_factory=dict)
    _new: _NoticesByContent = field(default_factory=_no_notices)
    _revived: _NoticesByContent = field(default_factory=_no_notices)
    """Notices that were dropped during a wait, and are due again after it."""
    _digests: set[tuple[UUID, datetime]] = field(default_factory=set)
    _opened: set[tuple[object, ...]] = field(default_factory=set)
    _slots: dict[str | None, tuple[datetime, date]] = field(default_factory=dict)

    def day(self, task: DueTask, spec: TemplateSpec) -> date:
        """Return the local day on which the letter leaves: it goes to the recipients of that day."""
        return local_date(self.now) if task.incident_id is not None else self._slot(spec.reminders)[1]

    def add(
        self,
        tasks: Sequence[DueTask],
        spec: TemplateSpec,
        fired: Sequence[FiredRung],
        sent: SentRungs,
        known_notices: Mapping[UUID, KnownNotices],
    ) -> _Failed:
        """Collect the notices of a group of tasks that were sent `sent`. Return the failed tasks with their errors."""
        slot, roster = self._slot(spec.reminders)[0], self.rosters[self.day(tasks[0], spec)]
        is_new = not any(rung.rung == name and rung.offset == offset for rung in fired for name, offset, _role in sent)
        anchors = [attrgetter(anchor_name(rung.rung)) for rung in fired]
        rows_by_content: dict[tuple[int, str | None], list[_NoticeKeys]] = {}
        failed = _Failed()
        for task in tasks:
            try:
                recipients = [
                    (index, recipient)
                    for index, rung in enumerate(fired)
                    for recipient in roster.recipients(rung.role, task)
                ]
                notices = known_notices.get(task.id, _NOTHING_KNOWN) if known_notices else _NOTHING_KNOWN
                has_choice = len(recipients) > 1 and _has_duplicate(recipients)
                if not is_new or notices.silenced or notices.sent_in_other_role or has_choice:
                    self._add_most_severe(task, fired, recipients, notices, slot, roster)
                    continue
            except Exception as error:  # the caller puts the task off and reports it
                failed.append((task, error))
                continue
            for index, (person_id, role, undeliverable) in recipients:  # the usual case: one rung for each person
                rows = rows_by_content.get((index, undeliverable))
                if rows is None:
                    content = _notice_content(task, fired[index], slot, role, undeliverable)
                    rows = rows_by_content[index, undeliverable] = self._new[content]
                rows.append(_NoticeKeys(task.id, anchors[index](task), person_id))
        if any(not fired[index].superseded for index, _undeliverable in rows_by_content):
            self._open_digests(tasks[0], slot, roster)
        return failed

    def _add_most_severe(
        self,
        task: DueTask,
        fired: Sequence[FiredRung],
        recipients: list[tuple[int, RoleRecipient]],
        known_notices: KnownNotices,
        slot: datetime,
        roster: Roster,
    ) -> None:
        """Send each person the most severe rung only, and record their other rungs as superseded.

        A person in two roles gets a rung once. A rung that was dropped during a wait is revived. A digest opens only if
        somebody is sent a rung.
        """
        notices: dict[_RungOfPerson, tuple[UUID | None, NoticeContent]] = {}
        most_severe: dict[UUID, tuple[int, _RungOfPerson]] = {}
        for index, (person_id, role, undeliverable) in recipients:
            rung = fired[index]
            key, anchor = (person_id, rung.rung, rung.offset), anchor_of(rung.rung, task)
            notice_key = (anchor, rung.rung, rung.offset, person_id)
            if notice_key in known_notices.sent:
                continue
            if key in notices and not (undeliverable and not notices[key][1].undeliverable):
                continue
            content = _notice_content(task, rung, slot, role, undeliverable)
            if notice_key in known_notices.sent_in_other_role and not undeliverable:
                notices[key] = anchor, content._replace(state=NoticeState.SUPERSEDED, reason=SENT_BEFORE)
                continue
            notices[key] = anchor, content
            if not rung.superseded and rung.severity >= most_severe.get(person_id, (-9, key))[0]:
                most_severe[person_id] = (rung.severity, key)
        opens_digest = False
        for key, (anchor, content) in notices.items():
            person_id, is_pending = key[0], content.state is NoticeState.PENDING
            if is_pending and most_severe[person_id][1] != key and not content.undeliverable:
                content, is_pending = content._replace(state=NoticeState.SUPERSEDED), False
            is_silenced = (anchor, content.rung, content.offset, person_id) in known_notices.silenced
            rows = self._revived if is_silenced else self._new
            rows[content].append(_NoticeKeys(task.id, anchor, person_id))
            opens_digest = opens_digest or is_pending
        if opens_digest:
            self._open_digests(task, slot, roster)

    def _open_digests(self, task: DueTask, slot: datetime, roster: Roster) -> None:
        """Open the digest of the task's coordinators at that slot. Incidents have no digests."""
        if task.incident_id is not None:
            return
        key = task.coordinator_id, task.assigner_unit_id, task.directive_id, slot, roster.day
        if key not in self._opened:
            self._opened.add(key)
            coordinators = roster.recipients("coordinator", task)
            self._digests.update((person.person_id, slot) for person in coordinators if not person.undeliverable)

    def pending_notices(self) -> Iterator[tuple[NoticeContent, UUID, UUID]]:
        """Yield the content, task id and recipient id of each notice that is to be sent."""
        for notices in (self._new, self._revived):
            for content, rows in notices.items():
                if content.state is NoticeState.PENDING:
                    yield from ((content, keys.task_id, keys.recipient_id) for keys in rows)

    def digests(self) -> set[UUID]:
        """Return the coordinators whose digest opens because a rung of their launches fired."""
        return {person_id for person_id, _slot in self._digests}

    def write(self, session: Session) -> int:
        """Write the collected notices and queue the digests. Return the number of notices to be sent."""
        contents = ((content._asdict(), rows) for content, rows in self._new.items())
        new_rows = [{"id": new_id(), **keys._asdict(), **content} for content, rows in contents for keys in rows]
        insert_new(session, _NOTICE, new_rows)
        self._revive(session)
        digests = sorted(self._digests, key=lambda digest: (str(digest[0]), digest[1]))
        queue_letters(session, [(person_id, slot, LetterKind.DIGEST, "") for person_id, slot in digests])
        return sum(1 for _notice in self.pending_notices())

    def _revive(self, session: Session) -> None:
        """Update the rows that were dropped during a wait: a second row would break the unique key."""
        notice = _NOTICE.c
        for content, rows in self._revived.items():
            change = update(_NOTICE).values(**content._asdict(), letter_id=None)
            change = change.where(
                notice.task_id == bindparam("of_task"),
                notice.anchor_id == bindparam("of_anchor"),
                notice.recipient_id == bindparam("of_person"),
                notice.rung == content.rung,
                notice.offset == content.offset,
                notice.state == NoticeState.DROPPED,
            )
            session.execute(
                change,
                [
                    {"of_task": keys.task_id, "of_anchor": keys.anchor_id, "of_person": keys.recipient_id}
                    for keys in rows
                ],
            )

    def _slot(self, reminders: str | None) -> tuple[datetime, date]:
        slot_and_day = self._slots.get(reminders)
        if slot_and_day is None:
            slot = self.calendar.reminder_slot(reminders, self.now)
            slot_and_day = self._slots[reminders] = slot, local_date(slot)
        return slot_and_day


def _has_duplicate(recipients: Sequence[tuple[int, RoleRecipient]]) -> bool:
    return len({recipient.person_id for _index, recipient in recipients}) < len(recipients)


def _notice_content(
    task: DueTask, rung: FiredRung, slot: datetime, role: str, undeliverable: str | None
) -> NoticeContent:
    kind, topic = LetterKind.DIGEST, ""
    if task.incident_id is not None:  # contingency clocks run in elapsed hours, nights and holidays included
        kind, slot, topic = LetterKind.INCIDENT, rung.fired_at, f"incident:{task.incident_id.hex}"
    elif role in _UPWARD_ROLES and not undeliverable:
        kind, topic = LetterKind.UPWARD, f"directive:{task.directive_id.hex}"
    return NoticeContent(
        rung=rung.rung,
        offset=rung.offset,
        role=role,
        fired_at=rung.fired_at,
        slot=slot,
        kind=kind,
        topic=topic,
        state=NoticeState.SUPERSEDED if rung.superseded else NoticeState.PENDING,
        undeliverable=undeliverable,
        reason=SENT_BEFORE if rung.sent_before else "",
        template_version_id=task.template_version_id,
    )


def group_tasks(
    tasks: Sequence[DueTask], already_sent: Mapping[UUID, AlreadySent]
) -> list[tuple[list[DueTask], SentRungs]]:
    """Group tasks for which the same rungs fire, each group with the rungs sent on its current clocks."""
    groups: defaultdict[tuple[tuple[object, ...], SentRungs], list[DueTask]] = defaultdict(list)
    for task in tasks:
        has_sent = already_sent and task.id in already_sent
        sent = sent_on_current_clocks(task, already_sent[task.id]) if has_sent else _NONE_SENT
        shared_columns = (
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
        )
        groups[shared_columns, sent].append(task)
    return [(group, sent) for (_columns, sent), group in groups.items()]
