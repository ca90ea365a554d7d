"""Plan an incident: the contingency duties that it starts, the tasks of the chosen units, and their ladders."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.directives.directive import Directive, Duty, DutyKind
from models.directives.ladders import LadderSpec, RungSpec
from models.directives.launch import ArmedDuty, Incident, Launch
from models.errors import BadInput, Refused
from models.organization.unit import Unit
from workflows.access.actor_context import ActorContext
from workflows.access.relations import check_declarer
from workflows.launch.coverage import Coverage, load_register, prove_coverage
from workflows.launch.launch_plan import Batch, duties_of, published, shares_for
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.ladder import fire_moment
from workflows.tasks.assign import LaunchContext

LONGEST_TITLE = 300


@dataclass
class IncidentPlan:
    """An incident that no session holds yet, and the tasks that it would create."""

    incident: Incident
    calendar: WorkCalendar
    batches: list[Batch] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(len(batch.shares) for batch in self.batches)

    def moments(self, batch: Batch) -> list[tuple[RungSpec, datetime]]:
        due_at = next((due.due_at for due in batch.shares.values()), None)
        return rung_moments(batch.launch_context.spec.rungs, self.incident.declared_at, due_at, self.calendar)


def rung_moments(
    ladder: LadderSpec, assigned_at: datetime, due_at: datetime | None, calendar: WorkCalendar
) -> list[tuple[RungSpec, datetime]]:
    """Return the rungs that will fire with their moments (UTC), the earliest first."""
    moments = []
    for rung in ladder.rungs:
        moment = fire_moment(rung, ladder, assigned_at=assigned_at, due_at=due_at, calendar=calendar)
        if moment is not None:
            moments.append((rung, moment))
    return sorted(moments, key=lambda rung_and_moment: rung_and_moment[1])


def plan_incident(
    context: ActorContext,
    directive: Directive,
    *,
    title: str,
    unit_ids: Sequence[UUID],
    is_drill: bool,
    paths: Sequence[str] | None = None,
    incident_id: UUID | None = None,
) -> IncidentPlan:
    """Plan an incident without writing it. Raise BadInput for a missing title, Refused where nothing would start."""
    session, actor, now, calendar = context.session, context.actor, context.now, context.calendar
    coordinator_id = check_declarer(session, directive, actor, context.today)
    title = title.strip()
    if not title:
        raise BadInput("title: say in a few words what is declared")
    if len(title) > LONGEST_TITLE:
        raise BadInput("title: {length} characters; expected at most {most}", length=len(title), most=300)
    duties = armed_contingencies(session, directive, paths)
    if not duties:
        raise Refused("no contingency duty of this directive is armed: launch it first")
    incident = Incident(
        id=incident_id or new_id(),
        directive_id=directive.id,
        title=title,
        is_drill=is_drill,
        declared_at=now,
        declared_by=actor.id,
    )
    plan = IncidentPlan(incident, calendar)
    versions = published(session, [duty.id for duty, _row in duties])
    register = load_register(session)
    coverage = prove_coverage(
        session, directive, list(versions.values()), duties=[duty for duty, _row in duties], register=register
    )
    for duty, row in duties:
        if duty.id not in versions:
            continue
        audience = set(coverage.audience.get(duty.path, []))
        launch_context = LaunchContext(
            directive=directive,
            launch=session.get_one(Launch, row.launch_id),
            duty_id=duty.id,
            version_id=versions[duty.id].id,
            spec=versions[duty.id].read_spec(),
            occurrence=f"incident:{incident.id.hex}",
            assigned_at=now,
            assigner_unit_id=directive.coordinating_unit_id,
            coordinator_id=coordinator_id,
            actor_id=actor.id,
            incident=incident,
        )
        chosen = [unit_id for unit_id in unit_ids if unit_id in audience]
        shares = shares_for(
            launch_context.spec, chosen, register, directive=directive, assigned_at=now, calendar=calendar
        )
        if shares:
            plan.batches.append(Batch(duty, launch_context, shares, coverage.coordinating.get(duty.path, [])))
    if not plan.total:
        raise Refused("none of the chosen units is addressed by the armed contingency duties")
    return plan


def armed_contingencies(
    session: Session, directive: Directive, paths: Sequence[str] | None = None
) -> list[tuple[Duty, ArmedDuty]]:
    """Return the armed contingency duties in document order; with `paths`, only those named."""
    duties = duties_of(session, directive, paths)
    rows = session.exec(select(ArmedDuty).where(col(ArmedDuty.duty_id).in_([duty.id for duty in duties]))).all()
    armed = {row.duty_id: row for row in rows if row.stood_down_at is None}
    return [(duty, armed[duty.id]) for duty in duties if duty.kind is DutyKind.CONTINGENCY and duty.id in armed]


def addressed_units(session: Session, directive: Directive) -> tuple[list[Unit], Coverage]:
    """Return the units that an incident may concern, in Vietnamese order, with the proof of coverage."""
    duties = [duty for duty, _row in armed_contingencies(session, directive)]
    versions = published(session, [duty.id for duty in duties])
    coverage = prove_coverage(session, directive, list(versions.values()), duties=duties)
    ids = {unit_id for units in coverage.audience.values() for unit_id in units}
    units = session.exec(select(Unit).where(col(Unit.id).in_(ids)).order_by(col(Unit.sort_key), col(Unit.code))).all()
    return list(units), coverage
