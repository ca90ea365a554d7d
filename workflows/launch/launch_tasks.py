"""Launch a directive: create one task for each unit from its published templates, in one transaction.

Duties whose tasks come later (contingency, on request, later periods) are armed. A repeated launch changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, select

from models.database.session import gc_paused
from models.directives.directive import Directive
from models.directives.launch import ArmedDuty
from models.errors import Refused
from models.i18n import _n
from models.text.localtime import local_date
from workflows.history.record import NewHistoryLine, record
from workflows.launch.coverage import Coverage
from workflows.launch.failed_launches import end_failed
from workflows.launch.launch_plan import DayOff, LaunchPlan, check_day, plan_launch
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.tasks.assign import Created, create_tasks

SILENT_SECONDS = 60
"""The longest time between two statements of a launch, after which PostgreSQL ends its transaction."""


@dataclass(frozen=True)
class LaunchOutcome:
    """The result of a launch. `armed` holds the paths of duties that wait for an incident, a request or a period."""

    created: int
    existing: int
    armed: tuple[str, ...]
    coverage: Coverage = field(repr=False)
    days_off: tuple[DayOff, ...] = ()  # due dates that stay on a day off
    launch_id: UUID | None = None  # None if nothing was created or armed


class Uncovered(Refused):
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
    """Launch duties of a directive at an instant (UTC). `asked_at` is when a person chose that instant.

    `due_on` is the deadline of duties whose template sets none. Raise BadInput for an impossible day, and Uncovered for
    gaps unless `override`.
    """
    lock_launches(session, directive)
    if asked_at is not None:
        check_day(session, directive, local_date(on), now=asked_at, may_be_past=True)
    plan = plan_launch(
        session, directive, on=on, coordinator_id=coordinator_id, calendar=calendar, paths=paths, due_on=due_on
    )
    return carry_out(session, plan, override=override)


def carry_out(
    session: Session, plan: LaunchPlan, *, override: bool = False, reason: str = "", actor_id: UUID | None = None
) -> LaunchOutcome:
    """Carry out a plan, by `actor_id` or else its coordinator. Raise Uncovered for gaps unless `override`."""
    row, gaps = plan.launch, plan.coverage.gaps
    if gaps and not override:
        raise Uncovered(plan.coverage)
    reason_fact = {"reason": reason} if reason else {}
    row.overridden = [{"kind": gap.kind.value, "duty": gap.duty, "unit": gap.unit} | reason_fact for gap in gaps]
    session.add(row)
    session.flush()
    for arming in plan.arming:
        session.add(
            ArmedDuty(
                duty_id=arming.duty_id,
                launch_id=row.id,
                armed_at=row.launched_at,
                last_period=arming.last_period,
                next_opens_at=arming.next_opens_at,
            )
        )
    created = Created()
    for batch in plan.batches:
        created += create_tasks(
            session, batch.launch_context, batch.shares, partners=batch.partners, calendar=plan.calendar
        )
    end_failed(session, plan.directive.code, [duty.path for duty in plan.duties], now=plan.assigned_at)
    armed = tuple(arming.path for arming in plan.arming)
    if not created.created and not armed:
        session.delete(row)
        session.flush()
        return LaunchOutcome(0, created.existing, (), plan.coverage)
    facts = {"launch": row.id.hex, "created": created.created, "armed": list(armed)}
    line = NewHistoryLine("launched", row.directive_id, actor_id or row.coordinator_id, "coordinator", facts, reason)
    record(session, line, plan.assigned_at)
    return LaunchOutcome(created.created, created.existing, armed, plan.coverage, plan.days_off, row.id)


def lock_launches(session: Session, directive: Directive) -> None:
    """Lock out other launches of the directive, so that the second finds the tasks of the first.

    Work on the directive's tasks goes on. PostgreSQL ends the transaction if the process falls silent. Otherwise a dead
    machine could block launches of the directive for hours.
    """
    session.exec(select(Directive.id).where(Directive.id == directive.id).with_for_update(key_share=True)).one()
    if session.connection().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{SILENT_SECONDS}s'"))
