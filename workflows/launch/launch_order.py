"""A launch as somebody orders it from the wizard: kept as a background job, begun at once or on its day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from models.errors import BadInput
from models.i18n import _
from models.operations.background_job import LAUNCH, PREVIEW, BackgroundJob
from models.organization.person import Person
from models.text.localtime import at_local, local_date
from workflows.access.conflict import CHANGED, Conflict
from workflows.launch.launch_plan import LaunchPlan, check_day, find_directive, plan_launch
from workflows.launch.launch_tasks import Uncovered
from workflows.queue.background_jobs import ask
from workflows.rules.calendar.workdays import WorkCalendar


class LaunchOrder(BaseModel):
    """What is launched, when, by whom and with which date. Survives in a background job as JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    directive: str
    paths: tuple[str, ...]
    coordinator_id: UUID
    due_on: date | None = None
    on: date | None = None  # None: at once
    override: bool = False
    reason: str = ""

    def starts_at(self, now: datetime) -> datetime:
        """08:00 local of its day, or now (UTC)."""
        return now if self.on is None or self.on <= local_date(now) else max(now, at_local(self.on))


def plan_order(session: Session, order: LaunchOrder, *, now: datetime, calendar: WorkCalendar) -> LaunchPlan:
    """Return the plan of an order as it looks now. Raises what `plan_launch` raises, BadInput for an impossible day."""
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
    )


def ask_launch(
    session: Session,
    order: LaunchOrder,
    *,
    job_id: UUID,
    actor: Person,
    now: datetime,
    calendar: WorkCalendar,
    seen: str | None = None,
) -> tuple[BackgroundJob, int]:
    """Order a launch, and say how many tasks it is about. A form sent twice is one order.

    `seen`: the mark of the plan that was looked at, None unasked; Conflict where another would be carried out now.
    Raises Uncovered where the coverage has gaps that are not overridden, BadInput for an override without its reason.
    """
    plan = plan_order(session, order, now=now, calendar=calendar)
    if plan.coverage.gaps and not order.override:
        raise Uncovered(plan.coverage)
    if plan.coverage.gaps and not order.reason.strip():
        raise BadInput("reason: say why the launch goes ahead despite the gaps")
    if seen is not None and seen != plan.mark and session.get(BackgroundJob, job_id) is None:
        raise Conflict(CHANGED, what=_("what this launch makes"))
    job = ask(
        session, LAUNCH, as_given(order), asked_by=actor.id, now=now, starts_at=order.starts_at(now), job_id=job_id
    )
    return job, plan.total


def as_given(order: LaunchOrder) -> dict[str, Any]:
    """Return an order as JSON values."""
    return order.model_dump(mode="json")


def parts_of(units: Sequence[UUID], size: int) -> list[Sequence[UUID]]:
    """Return the units a few hundred at a time, in their order."""
    return [units[start : start + size] for start in range(0, len(units), size)]


def ask_preview(
    session: Session, order: LaunchOrder, *, days: int, asked_by: UUID, now: datetime, calendar: WorkCalendar
) -> BackgroundJob:
    """Queue a look at what an order would do in so many days; raises as `plan_order`. Its state is the wizard's."""
    plan_order(session, order, now=now, calendar=calendar)
    coordinator = session.get_one(Person, order.coordinator_id).code
    fields = {
        "due": order.due_on.isoformat() if order.due_on else "",
        "on": order.on.isoformat() if order.on else "",
        "coordinator": coordinator,
        "override": "yes" if order.override else "",
        "reason": order.reason,
    }
    state = [["duty", path] for path in order.paths] + [[name, value] for name, value in fields.items() if value]
    return ask(session, PREVIEW, {"order": as_given(order), "days": days, "state": state}, asked_by=asked_by, now=now)
