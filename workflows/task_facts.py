"""From a stored task to the facts that the ladder decides on."""

from datetime import datetime

from models.task import OPEN_STATUSES, Task, TaskStatus
from models.template import RungName, TemplateSpec
from workflows.record import EVENT
from workflows.rules.ladder import DECIDE, SET_DATE, LadderFacts, is_silenced, is_true

UNDELIVERABLE = "undeliverable"
"""The rung under which a coordinator hears that a letter came back."""
_STANDS_WHILE_SUBMITTED = frozenset({EVENT + "submitted", EVENT + "received"})
_TOLD_AFTER_CLOSING = frozenset({"approved", "withdrawn", "children_closed", "contributed", "obstacle_answered"})


def ladder_facts(task: Task, spec: TemplateSpec) -> LadderFacts:
    """What the ladder needs to know of a task."""
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
    """Why a notice must not leave any more ("done", "withdrawn", "moved", "waiting", "no longer so"), or None."""
    if rung.startswith(EVENT):
        return _why_event_untrue(rung, anchor, task)
    if task.status not in OPEN_STATUSES:
        return "done" if task.status is TaskStatus.APPROVED else "withdrawn"
    facts = ladder_facts(task, spec)
    if rung in (RungName.ASSIGNED, RungName.NOT_ACCEPTED, SET_DATE):
        current = task.assigned_anchor_id
    elif rung == DECIDE:
        current = task.wait_anchor_id  # type: ignore[assignment]
    else:
        current = task.due_anchor_id  # type: ignore[assignment]
    if rung != UNDELIVERABLE and anchor != current:
        return "moved"
    if rung in (RungName.ASSIGNED, UNDELIVERABLE):
        return None
    if is_silenced(role, facts):
        return "waiting"
    return None if is_true(rung, facts, now) else "no longer so"


def _why_event_untrue(rung: str, anchor: object, task: Task) -> str | None:
    event = rung.removeprefix(EVENT)
    if rung in _STANDS_WHILE_SUBMITTED and task.status is not TaskStatus.SUBMITTED:
        return "decided"
    if event in ("due_set", "due_moved") and anchor != task.due_anchor_id:
        return "moved"
    if task.status not in OPEN_STATUSES and event not in _TOLD_AFTER_CLOSING:
        return "done" if task.status is TaskStatus.APPROVED else "withdrawn"
    return None
