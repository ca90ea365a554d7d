"""Order a launch from the wizard or the API. It is carried out at once, or in the background on its day."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from models.database.session import gc_paused, transaction
from models.directives.directive import find_directive
from models.directives.launch import Launch
from models.errors import BadInput
from models.i18n import _
from models.operations.background_job import LAUNCH, PREVIEW, BackgroundJob, BackgroundJobState
from models.organization.person import Person
from models.text.localtime import at_local, local_date
from workflows.access.actor_context import ActorContext
from workflows.access.conflict import CHANGED, Conflict, mark_shown
from workflows.launch.launch_plan import LaunchPlan, check_day, plan_launch
from workflows.launch.launch_tasks import LaunchOutcome, Uncovered, carry_out, lock_launches
from workflows.organization.working_calendar import load_calendar
from workflows.queue.background_jobs import JobRun, ask
from workflows.rules.calendar.workdays import WorkCalendar

WITHIN_REQUEST = 10_000
"""The most tasks that are created while a person waits, for one or two seconds. More are left to the background."""


class LaunchOrder(BaseModel):
    """An order to launch duties. A background job stores it as JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    directive: str
    paths: tuple[str, ...]
    coordinator_id: UUID
    due_on: date | None = None
    on: date | None = None  # None: at once
    override: bool = False
    reason: str = ""

    def starts_at(self, now: datetime) -> datetime:
        """Return 08:00 local of its day, or `now` (UTC) if it starts at once."""
        return now if self.on is None or self.on <= local_date(now) else max(now, at_local(self.on))


def plan_order(
    session: Session, order: LaunchOrder, *, now: datetime, calendar: WorkCalendar, launch_id: UUID | None = None
) -> LaunchPlan:
    """Plan an order as of now. Raise as `plan_launch`, and BadInput for an impossible day."""
    if not order.paths:
        raise BadInput("duty: choose at least one to launch")
    directive = find_directive(session, order.directive)
    if order.on is not None:
        check_day(session, directive, order.on, now=now)
    return plan_launch(
        session,
        directive,
        on=order.starts_at(now),
        coordinator_id=order.coordinator_id,
        calendar=calendar,
        paths=order.paths,
        due_on=order.due_on,
        launch_id=launch_id,
    )


@gc_paused()
def ask_launch(context: ActorContext, order: LaunchOrder, *, job_id: UUID, seen: str | None = None) -> BackgroundJob:
    """Carry out an order in this transaction, or queue it for a later day or if it has very many tasks.

    The background job holds the result in any case. A form sent twice has the same `job_id` and gives one job. `seen`
    is the mark of the plan that the person saw; None skips the check. Raise Conflict if the plan has changed since,
    Uncovered for gaps that are not overridden, BadInput for an override without a reason.
    """
    session, actor, now = context.session, context.actor, context.now
    lock_launches(session, find_directive(session, order.directive))
    plan: LaunchPlan | None = None
    if session.get(BackgroundJob, job_id) is None:
        plan = plan_order(session, order, now=now, calendar=context.calendar, launch_id=job_id)
        if plan.coverage.gaps and not order.override:
            raise Uncovered(plan.coverage)
        if plan.coverage.gaps and not order.reason.strip():
            raise BadInput("reason: say why the launch goes ahead despite the gaps")
        if seen is not None and seen != mark_of(plan):
            raise Conflict(CHANGED, what=_("what this launch makes"))
    job = ask(
        session, LAUNCH, as_given(order), asked_by=actor.id, now=now, starts_at=order.starts_at(now), job_id=job_id
    )
    if plan is not None:
        job.total = plan.total
        if plan.total <= WITHIN_REQUEST and job.not_before <= now:
            outcome = carry_out(session, plan, override=order.override, reason=order.reason, actor_id=actor.id)
            job.state, job.done, job.finished_at = BackgroundJobState.DONE, plan.total, now
            job.outcome = _outcome_facts(order, outcome)
    session.flush()
    return job


@gc_paused()
def launch_in_background(turn: JobRun) -> None:
    """Carry out a queued order, in one transaction."""
    order = LaunchOrder.model_validate(turn.job.given)
    with transaction(turn.engine) as session:
        turn.progress(session, 0, turn.job.total)  # nobody else takes the job during this transaction
        directive = find_directive(session, order.directive)
        lock_launches(session, directive)
        plan = plan_launch(
            session,
            directive,
            on=turn.moment,
            coordinator_id=order.coordinator_id,
            calendar=load_calendar(session),
            paths=order.paths,
            due_on=order.due_on,
            # release 0.3.0 launched piece by piece: an unfinished launch keeps its id and its tasks
            launch_id=None if session.get(Launch, turn.job.id) else turn.job.id,
        )
        outcome = carry_out(session, plan, override=order.override, reason=order.reason, actor_id=turn.job.asked_by)
        turn.progress(session, plan.total, plan.total)
        turn.finish(session, _outcome_facts(order, outcome), {})


def mark_of(plan: LaunchPlan) -> str:
    """Return a short mark of the plan: its tasks, versions, deadlines, coordinating units, armed duties and gaps."""
    tasks = sorted(
        (
            batch.duty.path,
            batch.launch_context.version_id.hex,
            batch.launch_context.occurrence,
            unit_id.hex,
            str(due.due_at and local_date(due.due_at)),
            sorted(unit_id.hex for unit_id in batch.partners),
        )
        for batch in plan.batches
        for unit_id, due in batch.shares.items()
    )
    armed_and_gaps = [arming.path for arming in plan.arming], sorted(gap.tell("en") for gap in plan.coverage.gaps)
    return mark_shown((tasks, armed_and_gaps))


def _outcome_facts(order: LaunchOrder, outcome: LaunchOutcome) -> dict[str, Any]:
    return {
        "directive": order.directive,
        "created": outcome.created,
        "existing": outcome.existing,
        "armed": list(outcome.armed),
        "launch": outcome.launch_id.hex if outcome.launch_id else None,
    }


def as_given(order: LaunchOrder) -> dict[str, Any]:
    return order.model_dump(mode="json")


def ask_preview(context: ActorContext, order: LaunchOrder, *, days: int) -> BackgroundJob:
    """Queue a preview of the next `days`, with the wizard's state for the way back. Raise as `plan_order`."""
    plan_order(context.session, order, now=context.now, calendar=context.calendar)
    coordinator = context.session.get_one(Person, order.coordinator_id).code
    fields = {
        "due": order.due_on.isoformat() if order.due_on else "",
        "on": order.on.isoformat() if order.on else "",
        "coordinator": coordinator,
        "override": "yes" if order.override else "",
        "reason": order.reason,
    }
    state = [["duty", path] for path in order.paths] + [[name, value] for name, value in fields.items() if value]
    arguments = {"order": as_given(order), "days": days, "state": state}
    return ask(context.session, PREVIEW, arguments, asked_by=context.actor.id, now=context.now)
