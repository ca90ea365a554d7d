"""Launch a directive: make one task per unit from its published templates. All or nothing; a repeat changes nothing.

A duty without a date of its own yet (contingency, on request, later periods) is armed: its tasks are made later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models.database.session import gc_paused
from models.directives.directive import Directive
from models.directives.launch import ArmedDuty, Launch
from models.errors import Refused
from models.i18n import _n
from models.text.localtime import local_date
from workflows.history.record import record
from workflows.launch.coverage import Coverage
from workflows.launch.failed_launches import end_failed
from workflows.launch.launch_plan import DayOff, LaunchPlan, check_day, plan_launch
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.tasks.assign import Created, create_tasks


@dataclass(frozen=True)
class LaunchOutcome:
    """What a launch made. `armed`: paths of duties that now wait for an incident, a request or a period."""

    created: int
    existing: int
    armed: tuple[str, ...]
    coverage: Coverage = field(repr=False)
    days_off: tuple[DayOff, ...] = ()  # due dates that stay on a day off
    launch_id: UUID | None = None  # None if there was nothing to make


class Uncovered(Refused):
    """The launch would leave gaps: an addressee without a unit, a unit without a reader, a duty without a unit."""

    def __init__(self, coverage: Coverage) -> None:
        super().__init__(
            _n(
                "coverage: {count} gap; complete the register, or override",
                "coverage: {count} gaps; complete the register, or override",
            ),
            count=len(coverage.gaps),
        )
        self.coverage = coverage

    def tell(self, language: str) -> str:
        return "\n".join([super().tell(language), *(f"  - {gap.tell(language)}" for gap in self.coverage.gaps)])


@gc_paused()
def launch(
    session: Session,
    directive: Directive,
    *,
    on: datetime,
    coordinator_id: UUID,
    calendar: WorkCalendar,
    paths: Sequence[str] | None = None,
    due_on: date | None = None,
    override: bool = False,
    asked_at: datetime | None = None,
) -> LaunchOutcome:
    """Launch duties of a directive at an instant (UTC), which was chosen at `asked_at`; None: just now.

    `due_on` is the coordinator's date for duties that have none of their own. Raise BadInput for an impossible day,
    and Uncovered for gaps unless `override`.
    """
    lock_launches(session, directive)
    if asked_at is not None:
        check_day(session, directive, local_date(on), now=asked_at, may_be_past=True)
    plan = plan_launch(
        session, directive, on=on, coordinator_id=coordinator_id, calendar=calendar, paths=paths, due_on=due_on
    )
    return carry_out(session, plan, override=override)


def carry_out(session: Session, plan: LaunchPlan, *, override: bool = False, reason: str = "") -> LaunchOutcome:
    """Carry out a plan in one transaction, in its coordinator's name. Raise Uncovered for gaps unless `override`."""
    armed = begin_launch(session, plan, override=override, reason=reason)
    created = Created()
    for batch in plan.batches:
        created += create_tasks(
            session, batch.launch_context, batch.shares, partners=batch.partners, calendar=plan.calendar
        )
    return end_launch(
        session,
        plan,
        created.created,
        created.existing,
        armed,
        actor_id=plan.launch.coordinator_id,
        now=plan.assigned_at,
        reason=reason,
    )


def lock_launches(session: Session, directive: Directive) -> None:
    """Let launches of one directive run one after the other: two at once would both find no task."""
    session.exec(select(Directive.id).where(Directive.id == directive.id).with_for_update()).one()


def lock_beginnings(session: Session, directive: Directive) -> None:
    """Let launches of one directive begin one after the other: two at once would arm a duty twice.

    Unlike `lock_launches` it lets the chunks of a running launch go on writing tasks.
    """
    session.exec(select(Directive.id).where(Directive.id == directive.id).with_for_update(key_share=True)).one()


def begin_launch(session: Session, plan: LaunchPlan, *, override: bool = False, reason: str = "") -> tuple[str, ...]:
    """Write the launch, new or resumed, and its armed duties; return their paths. Uncovered unless `override`."""
    if plan.launch.taken_back_at is not None:
        raise Refused("this launch was taken back: launch again")
    if not plan.is_resumed:
        gaps = plan.coverage.gaps
        if gaps and not override:
            raise Uncovered(plan.coverage)
        why = {"reason": reason} if reason else {}
        plan.launch.overridden = [{"kind": gap.kind.value, "duty": gap.duty, "unit": gap.unit} | why for gap in gaps]
        session.add(plan.launch)
        session.flush()
    for arming in plan.arming:
        session.add(
            ArmedDuty(
                duty_id=arming.duty_id,
                launch_id=plan.launch.id,
                armed_at=plan.launch.launched_at,
                last_period=arming.last_period,
                next_opens_at=arming.next_opens_at,
            )
        )
    session.flush()
    if not plan.is_resumed:
        return tuple(arming.path for arming in plan.arming)
    armed_here = select(ArmedDuty.duty_id).where(ArmedDuty.launch_id == plan.launch.id)
    armed = set(session.exec(armed_here.where(col(ArmedDuty.duty_id).in_([duty.id for duty in plan.duties]))).all())
    return tuple(duty.path for duty in plan.duties if duty.id in armed)


def end_launch(
    session: Session,
    plan: LaunchPlan,
    created: int,
    existing: int,
    armed: tuple[str, ...],
    *,
    actor_id: UUID,
    now: datetime,
    reason: str = "",
) -> LaunchOutcome:
    """Record the launch, and return its outcome."""
    end_failed(session, plan.directive.code, [duty.path for duty in plan.duties], now=now)
    has_effect = record_launch(session, plan.launch, created, armed, actor_id=actor_id, now=now, reason=reason)
    if not has_effect:
        return LaunchOutcome(0, existing, (), plan.coverage)
    return LaunchOutcome(created, existing, armed, plan.coverage, plan.days_off, plan.launch.id)


def record_launch(
    session: Session,
    launch: Launch,
    created: int,
    armed: Sequence[str],
    *,
    actor_id: UUID,
    now: datetime,
    reason: str = "",
) -> bool:
    """Write a finished launch into the history; delete one that made and armed nothing. Return whether it remains."""
    if not created and not armed:
        session.delete(launch)
        session.flush()
        return False
    record(
        session,
        event="launched",
        directive_id=launch.directive_id,
        now=now,
        actor_id=actor_id,
        relation="coordinator",
        facts={"launch": launch.id.hex, "created": created, "armed": list(armed)},
        note=reason,
    )
    return True
