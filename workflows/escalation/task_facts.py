"""Turn a stored task into the facts that the ladder decides on, and tell whether a waiting notice is still true."""

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
"""The reason of a notice that was dropped during a wait. It may still be sent after the wait."""
SENT_BEFORE = "told before"
"""The reason of a notice that a changed ladder superseded, because the former ladder had sent the same message."""
NO_LONGER_SO = "no longer so"
ASKS = frozenset(
    EVENT + event for event in ("extension_asked", "extension_countered", "obstacle_raised", "lead_change_asked")
)
"""Events that ask for a decision. Their letter leaves only until the decision is made."""
LEAD_CHANGED = EVENT + "lead_changed"
_STANDS_WHILE_SUBMITTED = frozenset({EVENT + "submitted", EVENT + "corrected", EVENT + "received"})
_SENT_AFTER_CLOSING = CONVERSATION_EVENTS | {
    *("approved", "withdrawn", "contributed", "obstacle_answered", "inspection_findings", "inspection_cancelled")
}
_CLAIMED_STATUS = {"approved": TaskStatus.APPROVED, "withdrawn": TaskStatus.WITHDRAWN}
"""The status that a letter of the event claims. The task may have been reopened since."""
_ASKS_FOR_THE_RESULT = frozenset({"children_closed", "returned"})
_ON_ASSIGNED = frozenset({RungName.ASSIGNED.value, RungName.NOT_ACCEPTED.value, SET_DATE})
_ASSIGNED, _DUE, _WAIT = UUID(int=1), UUID(int=2), UUID(int=3)
_DecisionKey = tuple[object, ...]
AlreadySent = Collection[tuple[UUID, str, int, str]]
"""The (anchor, rung, offset, role) of the notices of a task."""
SentRungs = frozenset[tuple[str, int, str]]
"""The (rung, offset, role) of the notices on the task's current clocks."""


class Timed(Protocol):
    """The fields of a task that determine its clocks: a `Task`, or a row of these columns."""

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
    """Decides many tasks at one moment. Tasks with equal clocks share one decision.

    A decision does not depend on the history line that started a clock. So its anchors are placeholders; `anchor_of`
    returns a task's own anchor.
    """

    def __init__(self, now: datetime, calendar: WorkCalendar) -> None:
        self._now, self._calendar = now, calendar
        self._decisions: dict[_DecisionKey, Decision] = {}

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
        decision = self._decisions.get(key)
        if decision is None:
            facts = replace(
                ladder_facts(task, spec),
                assigned_anchor=_ASSIGNED,
                due_anchor=_DUE if task.due_anchor_id else None,
                wait_anchor=_WAIT if task.wait_anchor_id else None,
            )
            sent_rungs = frozenset((_placeholder_anchor(rung), rung, offset, role) for rung, offset, role in sent)
            decision = decide(facts, now=self._now, already_sent=sent_rungs, calendar=self._calendar)
            self._decisions[key] = decision
        return decision


def sent_on_current_clocks(task: Timed, already_sent: AlreadySent) -> SentRungs:
    """Return what was sent on a task's current clocks, without what former clocks sent."""
    return frozenset(
        (rung, offset, role) for anchor, rung, offset, role in already_sent if anchor == anchor_of(rung, task)
    )


def _placeholder_anchor(rung: str) -> UUID:
    if rung in _ON_ASSIGNED:
        return _ASSIGNED
    return _WAIT if rung == DECIDE else _DUE


def anchor_of(rung: str, task: Timed) -> UUID | None:
    """Return the id of the history line that started the rung's present clock."""
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
        asks_for_date=task.parent_id is None,  # the lead of the parent task sets a child's deadline
    )


def why_untrue(rung: str, role: str, anchor: object, task: Task, spec: TemplateSpec, now: datetime) -> str | None:
    """Return why a notice must no longer leave, as a key of `NOTICE_REASON_WORDS`; None if it is still true."""
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
        return WAITING  # the unit has since submitted a result or reported a difficulty
    if event == "taken_back" and task.status is TaskStatus.SUBMITTED:
        return "decided"  # a new result was submitted, which has its own letter
    if event in _ASKS_FOR_THE_RESULT and task.status is TaskStatus.SUBMITTED:
        return WAITING
    if task.status is not _CLAIMED_STATUS.get(event, task.status):
        return "reopened"
    if event in ("due_set", "due_moved") and anchor != task.due_anchor_id:
        return MOVED
    if task.status not in OPEN_STATUSES and event not in _SENT_AFTER_CLOSING:
        return "done" if task.status is TaskStatus.APPROVED else "withdrawn"
    return None
