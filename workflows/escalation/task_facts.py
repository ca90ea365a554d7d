"""From a stored task to the facts that the ladder decides on."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.directives.ladders import RungName
from models.directives.template import TemplateSpec
from models.letters.letter import LETTER_RUNGS, MOVED
from models.tasks.task import OPEN_STATUSES, Task, TaskStatus, WaitKind
from workflows.history.record import EVENT
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.conversation_policy import CONVERSATION_EVENTS
from workflows.rules.escalation.ladder import DECIDE, SET_DATE, Decision, LadderFacts, decide, is_silenced, is_true

WAITING = "waiting"
"""Why a rung was dropped that may still be sent once the wait is over."""
SENT_BEFORE = "told before"
"""Why a rung that a change of the ladder brought is superseded: the former ladder had sent its sense."""
NO_LONGER_SO = "no longer so"
ASKS = frozenset(
    EVENT + event for event in ("extension_asked", "extension_countered", "obstacle_raised", "lead_change_asked")
)
"""Events that ask for something: sent only until it has been given or refused."""
LEAD_CHANGED = EVENT + "lead_changed"
_STANDS_WHILE_SUBMITTED = frozenset({EVENT + "submitted", EVENT + "corrected", EVENT + "received"})
_SENT_AFTER_CLOSING = CONVERSATION_EVENTS | {
    *("approved", "withdrawn", "contributed", "obstacle_answered", "inspection_findings", "inspection_cancelled")
}

_SAYS_IT_IS = {"approved": TaskStatus.APPROVED, "withdrawn": TaskStatus.WITHDRAWN}
"""What may have been taken up again since."""
_ASKS_FOR_THE_RESULT = frozenset({"children_closed", "returned"})
_ON_ASSIGNED = frozenset({RungName.ASSIGNED.value, RungName.NOT_ACCEPTED.value, SET_DATE})
_ASSIGNED, _DUE, _WAIT = UUID(int=1), UUID(int=2), UUID(int=3)
_DecisionKey = tuple[object, ...]
AlreadySent = Collection[tuple[UUID, str, int, str]]
"""(anchor, rung, offset, role) of what was sent about a task."""
SentRungs = frozenset[tuple[str, int, str]]
"""(rung, offset, role) of what was sent on the task's current clocks."""


class Timed(Protocol):
    """The fields of a task that its clocks are made of: a row of the table, or its columns."""

    @property
    def template_version_id(self) -> UUID: ...
    @property
    def parent_id(self) -> UUID | None: ...
    @property
    def status(self) -> TaskStatus: ...
    @property
    def assigned_at(self) -> datetime: ...
    @property
    def assigned_anchor_id(self) -> UUID: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def due_set_at(self) -> datetime | None: ...
    @property
    def due_anchor_id(self) -> UUID | None: ...
    @property
    def wait_kind(self) -> WaitKind | None: ...
    @property
    def wait_since(self) -> datetime | None: ...
    @property
    def wait_anchor_id(self) -> UUID | None: ...


class Decisions:
    """Decides many tasks at one moment; tasks with equal clocks share one decision.

    A decision depends on which clock a rung belongs to and never on which history row started it, so the anchors in
    the answers are stand-ins: `anchor_of` gives a task's own.
    """

    def __init__(self, now: datetime, calendar: WorkCalendar) -> None:
        self._now, self._calendar = now, calendar
        self._made: dict[_DecisionKey, Decision] = {}

    def decide(self, task: Timed, spec: TemplateSpec, already_sent: AlreadySent = ()) -> Decision:
        sent = sent_on_current_clocks(task, already_sent)
        key = (
            task.template_version_id,
            task.status,
            task.assigned_at,
            task.due_at,
            task.due_set_at,
            task.due_anchor_id is None,
            task.wait_kind,
            task.wait_since,
            task.wait_anchor_id is None,
            task.parent_id is None,
            sent,
        )
        made = self._made.get(key)
        if made is None:
            facts = replace(
                ladder_facts(task, spec),
                assigned_anchor=_ASSIGNED,
                due_anchor=_DUE if task.due_anchor_id else None,
                wait_anchor=_WAIT if task.wait_anchor_id else None,
            )
            stand_in = frozenset((_stand_in(rung), rung, offset, role) for rung, offset, role in sent)
            made = decide(facts, now=self._now, already_sent=stand_in, calendar=self._calendar)
            self._made[key] = made
        return made


def sent_on_current_clocks(task: Timed, already_sent: AlreadySent) -> SentRungs:
    """Rungs of earlier clocks are left out."""
    return frozenset(
        (rung, offset, role) for anchor, rung, offset, role in already_sent if anchor == anchor_of(rung, task)
    )


def _stand_in(rung: str) -> UUID:
    return _ASSIGNED if rung in _ON_ASSIGNED else _WAIT if rung == DECIDE else _DUE


def anchor_of(rung: str, task: Timed) -> UUID | None:
    """The history row that started the rung's clock, as the task stands."""
    anchor: UUID | None = getattr(task, anchor_name(rung))
    return anchor


def anchor_name(rung: str) -> str:
    if rung in _ON_ASSIGNED:
        return "assigned_anchor_id"
    return "wait_anchor_id" if rung == DECIDE else "due_anchor_id"


def ladder_facts(task: Timed, spec: TemplateSpec) -> LadderFacts:
    return LadderFacts(
        status=task.status,
        assigned_at=task.assigned_at,
        assigned_anchor=task.assigned_anchor_id,
        due_at=task.due_at,
        due_set_at=task.due_set_at,
        due_anchor=task.due_anchor_id,
        wait_kind=task.wait_kind,
        wait_since=task.wait_since,
        wait_anchor=task.wait_anchor_id,
        ladder=spec.rungs,
        asks_for_date=task.parent_id is None,  # a child's date is its parent's lead's affair
    )


def why_untrue(rung: str, role: str, anchor: object, task: Task, spec: TemplateSpec, now: datetime) -> str | None:
    """Why a notice must not leave any more, by a key of `NOTICE_REASON_WORDS`, or None."""
    if rung.startswith(EVENT):
        return _why_event_untrue(rung, anchor, task)
    if task.status not in OPEN_STATUSES:
        return "done" if task.status is TaskStatus.APPROVED else "withdrawn"
    facts = ladder_facts(task, spec)
    if rung not in LETTER_RUNGS and anchor != anchor_of(rung, task):
        return MOVED
    if rung == RungName.ASSIGNED or rung in LETTER_RUNGS:
        return None
    if is_silenced(role, facts):
        return WAITING
    return None if is_true(rung, facts, now) else NO_LONGER_SO


def _why_event_untrue(rung: str, anchor: object, task: Task) -> str | None:
    event = rung.removeprefix(EVENT)
    if rung in _STANDS_WHILE_SUBMITTED and task.status is not TaskStatus.SUBMITTED:
        return "decided"
    if event == "reminded" and task.wait_kind is not None:
        return WAITING  # the result came in since, or a difficulty was reported: no reminder after that
    if event == "taken_back" and task.status is TaskStatus.SUBMITTED:
        return "decided"  # a result waits again, and is told of by itself
    if event in _ASKS_FOR_THE_RESULT and task.status is TaskStatus.SUBMITTED:
        return WAITING
    if task.status is not _SAYS_IT_IS.get(event, task.status):
        return "reopened"
    if event in ("due_set", "due_moved") and anchor != task.due_anchor_id:
        return MOVED
    if task.status not in OPEN_STATUSES and event not in _SENT_AFTER_CLOSING:
        return "done" if task.status is TaskStatus.APPROVED else "withdrawn"
    return None
