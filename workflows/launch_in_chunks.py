"""Carry out an ordered launch a few hundred tasks at a time, each chunk committed with its progress.

Killed anywhere, the next process goes on: the launch has the errand's id, and a task that is there is not made again.
"""

from typing import Any

from models.session import transaction, uncollected
from workflows.assign import create_tasks
from workflows.calendar import load_calendar
from workflows.errands import Turn
from workflows.launch import begin_launch, end_launch, lock_launches
from workflows.launch_order import LaunchOrder, parts_of
from workflows.launch_plan import LaunchPlan, find_directive, plan_launch

CHUNK = 500
"""Tasks a transaction: well under a second, so that nobody waits long for the write lock."""


@uncollected()
def launch_in_chunks(turn: Turn) -> dict[str, Any]:
    """Does the order of an errand and finishes the errand in the launch's last transaction."""
    order = LaunchOrder.model_validate(turn.errand.given)
    created = int(turn.errand.outcome.get("created", 0))  # by a process that died
    plan, armed = _begin(turn, order, created)
    done = 0
    for batch in plan.batches:
        for units in parts_of(list(batch.shares), CHUNK):
            with transaction(turn.engine) as session:
                lock_launches(session, plan.directive)
                shares = {unit_id: batch.shares[unit_id] for unit_id in units}
                made = create_tasks(session, batch.occasion, shares, partners=batch.partners, calendar=plan.calendar)
                done, created = done + len(shares), created + made.created
                turn.progress(session, done, plan.total, {"created": created})
    with transaction(turn.engine) as session:
        outcome = end_launch(
            session, plan, created, plan.total - created, armed,
            actor_id=turn.errand.asked_by, now=plan.assigned_at, reason=order.reason,
        )  # fmt: skip
        told = {
            "directive": plan.directive.code,
            "created": outcome.created,
            "existing": outcome.existing,
            "armed": list(outcome.armed),
            "launch": outcome.launch_id.hex if outcome.launch_id else None,
        }
        turn.finish(session, told, {})
    return told


def _begin(turn: Turn, order: LaunchOrder, created: int) -> tuple[LaunchPlan, tuple[str, ...]]:
    with transaction(turn.engine) as session:
        directive = find_directive(session, order.directive)
        lock_launches(session, directive)
        plan = plan_launch(
            session, directive, on=turn.moment, coordinator_id=order.coordinator_id, calendar=load_calendar(session),
            paths=order.paths, due_on=order.due_on, launch_id=turn.errand.id,
        )  # fmt: skip
        armed = begin_launch(session, plan, override=order.override, reason=order.reason)
        turn.progress(session, 0, plan.total, {"created": created})
        return plan, armed
