"""Plan a launch without writing it: the tasks with their deadlines, and the duties to arm."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.directives.directive import Directive, Duty, DutyKind
from models.directives.launch import ArmedDuty, Launch
from models.directives.template import TemplateSpec, TemplateState, TemplateVersion
from models.errors import BadInput, NotFound, Refused
from models.organization.calendar import OffDay
from models.organization.person import Person, PersonRole, Role
from models.organization.unit import Unit
from models.tasks.task import DueFixedBy
from models.text.localtime import local_date, write_date
from workflows.launch.coverage import Coverage, load_register, prove_coverage
from workflows.rules.audience import UnitRegister
from workflows.rules.calendar.due import DueDecision, compute_due, kept_day_off
from workflows.rules.calendar.periods import Period, next_opening, periods_to_open
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.tasks.assign import LaunchContext, find_existing_tasks

LONGEST_AHEAD = 366
"""The most days that a launch may lie ahead or be dated back. Later days off are not decided yet."""
ARMED = frozenset({DutyKind.CONTINGENCY, DutyKind.ON_REQUEST})
"""The kinds of duties for which a launch creates no task: they wait for an incident or a request."""


@dataclass(frozen=True)
class Batch:
    """The tasks of one duty and one occurrence: the deadline of each unit, and the coordinating units."""

    duty: Duty
    launch_context: LaunchContext
    shares: dict[UUID, DueDecision]
    partners: list[UUID]


@dataclass(frozen=True)
class DayOff:
    """A deadline on a day off, and the working days around it. `by_launch`: the launch sets it, not the template."""

    path: str
    day: date
    off: OffDay
    before: date
    after: date
    by_launch: bool


@dataclass(frozen=True)
class Arming:
    """A duty to arm. `last_period` is the newest opened one; `next_opens_at` is None for a duty without periods."""

    duty_id: UUID
    path: str
    last_period: str | None = None
    next_opens_at: datetime | None = None


@dataclass
class LaunchPlan:
    """Everything that a launch would write. No session holds its row (`launch`) yet."""

    directive: Directive
    launch: Launch
    duties: list[Duty]
    versions: dict[UUID, TemplateVersion]
    register: UnitRegister
    coverage: Coverage
    assigned_at: datetime
    calendar: WorkCalendar
    batches: list[Batch] = field(default_factory=list)
    arming: list[Arming] = field(default_factory=list)
    armed_before: dict[UUID, ArmedDuty] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Return the number of tasks after the launch, including existing ones."""
        return sum(len(batch.shares) for batch in self.batches)

    def opens_next(self, duty_id: UUID) -> datetime | None:
        """Return when a duty's next period opens (UTC), or None."""
        arming = next((arming for arming in self.arming if arming.duty_id == duty_id), None)
        armed = arming or self.armed_before.get(duty_id)
        return armed.next_opens_at if armed else None

    @property
    def days_off(self) -> tuple[DayOff, ...]:
        days_off: dict[tuple[str, date], DayOff] = {}
        for batch in self.batches:
            for due in {id(due): due for due in batch.shares.values()}.values():  # thousands share a few deadlines
                off = kept_day_off(due.due_at, self.calendar)
                if off:
                    days_off[batch.duty.path, off.day] = DayOff(
                        batch.duty.path,
                        off.day,
                        off,
                        self.calendar.on_or_before(off.day),
                        self.calendar.on_or_after(off.day),
                        by_launch=due.fixed_by is DueFixedBy.ASSIGNER,
                    )
        return tuple(days_off.values())


def plan_launch(
    session: Session,
    directive: Directive,
    *,
    on: datetime,
    coordinator_id: UUID,
    calendar: WorkCalendar,
    paths: Sequence[str] | None = None,
    due_on: date | None = None,
    launch_id: UUID | None = None,
) -> LaunchPlan:
    """Plan a launch at the instant `on` (UTC), with `launch_id` as its id.

    A caller who lets a person choose the instant must call `check_day` first. Raise BadInput for a deadline before the
    launch, NotFound for an unknown duty, Refused for a person who does not coordinate.
    """
    if due_on is not None and due_on < local_date(on):
        raise BadInput(
            "due {due}: before the launch itself, {on}", due=write_date(due_on), on=write_date(local_date(on))
        )
    check_coordinator(session, directive, coordinator_id)
    duties = duties_of(session, directive, paths)
    versions = published(session, [duty.id for duty in duties])
    register = load_register(session)
    coverage = prove_coverage(session, directive, list(versions.values()), duties=duties, register=register)
    row = Launch(
        id=launch_id or new_id(),
        directive_id=directive.id,
        launched_at=on,
        assigner_unit_id=directive.coordinating_unit_id,
        coordinator_id=coordinator_id,
        due_on=due_on,
    )
    plan = LaunchPlan(directive, row, duties, versions, register, coverage, assigned_at=on, calendar=calendar)
    armed = select(ArmedDuty).where(col(ArmedDuty.duty_id).in_([duty.id for duty in duties]))
    plan.armed_before = {row.duty_id: row for row in session.exec(armed)}
    for duty in duties:
        if duty.id in versions:
            plan.batches.extend(_plan_duty(plan, duty, versions[duty.id]))
    return plan


def count_new(session: Session, plan: LaunchPlan) -> dict[str, int]:
    """Return the number of tasks that the plan would create, by duty path. It takes one query for each batch."""
    counts: dict[str, int] = {}
    for batch in plan.batches:
        existing = find_existing_tasks(session, batch.launch_context, batch.shares)
        new = sum(unit_id not in existing or existing[unit_id] is not None for unit_id in batch.shares)
        counts[batch.duty.path] = counts.get(batch.duty.path, 0) + new
    return counts


def coordinators_for(session: Session, directive: Directive) -> list[Person]:
    """Return the people who may coordinate a launch: the unit's coordinators, head and deputy."""
    unit = session.get_one(Unit, directive.coordinating_unit_id)
    holders = columns(col(PersonRole.person_id)).where(
        col(PersonRole.role) == Role.COORDINATOR, col(PersonRole.unit_id) == unit.id
    )
    may_coordinate = col(Person.id).in_(holders) | col(Person.id).in_([unit.head_id, unit.deputy_id])
    return list(session.exec(select(Person).where(may_coordinate, Person.is_active).order_by(col(Person.code))))


def check_day(session: Session, directive: Directive, day: date, *, now: datetime, may_be_past: bool = False) -> None:
    """Raise BadInput for a day of launch that is too far from `now` (UTC), such as one of a wrong year.

    A launch may be dated back to its document, but at most a year before the newest launch. The newest launch counts
    instead of the clock, so that an installation can be tried out with the dates of past years.
    """
    span = timedelta(days=LONGEST_AHEAD)
    first, last = local_date(now), local_date(now) + span
    if may_be_past:
        launches = select(func.max(col(Launch.launched_at))).where(col(Launch.launched_at) <= now)
        newest = session.exec(launches.where(col(Launch.taken_back_at).is_(None))).one()
        bounds = [local_date(newest) - span] if newest else []
        bounds += [directive.issued_on] if directive.issued_on else []
        first = max(bounds, default=first - span)
    if not first <= day <= last:
        raise BadInput(
            "date of launch {on}: expected a day from {first} to {last}",
            on=write_date(day),
            first=write_date(first),
            last=write_date(last),
        )


def check_coordinator(session: Session, directive: Directive, person_id: UUID) -> None:
    """Raise Refused for somebody who does not coordinate for the unit that follows a directive."""
    person, unit = session.get_one(Person, person_id), session.get_one(Unit, directive.coordinating_unit_id)
    role = session.get(PersonRole, (person_id, Role.COORDINATOR, unit.id))
    if not person.is_active or (role is None and person_id not in (unit.head_id, unit.deputy_id)):
        raise Refused(
            "{person} does not coordinate for {unit}, which follows the directive",
            person=person.full_name,
            unit=unit.name,
        )


def duties_of(session: Session, directive: Directive, paths: Sequence[str] | None) -> list[Duty]:
    """Return the duties with these paths, or all, in document order. Raise NotFound for an unknown path."""
    duties = session.exec(select(Duty).where(Duty.directive_id == directive.id).order_by(col(Duty.position))).all()
    known_paths = [duty.path for duty in duties]
    for path in paths or ():
        if path not in known_paths:
            raise NotFound(
                "duty {path}: not in this directive, which has {known}", path=path, known=", ".join(known_paths)
            )
    return [duty for duty in duties if not paths or duty.path in paths]


def published(session: Session, duty_ids: Sequence[UUID]) -> dict[UUID, TemplateVersion]:
    """Return the published versions by duty."""
    rows = session.exec(
        select(TemplateVersion).where(
            col(TemplateVersion.duty_id).in_(duty_ids), TemplateVersion.state == TemplateState.PUBLISHED
        )
    )
    return {version.duty_id: version for version in rows}


def default_coordinator(session: Session, directive: Directive) -> UUID:
    """Return the first coordinator of the directive's coordinating unit. Raise Refused if there is none."""
    person_id = first_coordinator(session, directive.coordinating_unit_id)
    if person_id is None:
        raise Refused("the directive's coordinating unit has no coordinator: name one with --as")
    return person_id


def first_coordinator(session: Session, unit_id: UUID) -> UUID | None:
    """Return the unit's active coordinator with the lowest id, or None."""
    return session.exec(
        select(PersonRole.person_id)
        .join(Person, col(Person.id) == col(PersonRole.person_id))
        .where(PersonRole.role == Role.COORDINATOR, PersonRole.unit_id == unit_id, Person.is_active)
        .order_by(col(PersonRole.person_id))
    ).first()


def shares_for(
    spec: TemplateSpec,
    unit_ids: Sequence[UUID],
    register: UnitRegister,
    *,
    directive: Directive,
    assigned_at: datetime,
    calendar: WorkCalendar,
    period: Period | None = None,
    due_on: date | None = None,
) -> dict[UUID, DueDecision]:
    """Return the deadline of each unit. It is computed once for each kind of unit, as only the kind matters."""
    kinds = {unit.id: unit.kind for unit in register.units}
    by_kind = {
        kind: compute_due(
            spec,
            unit_kind=kind,
            issued_on=directive.issued_on,
            assigned_at=assigned_at,
            occurrence=period,
            launch_due_on=due_on,
            parent_due_at=None,
            calendar=calendar,
        )
        for kind in {kinds[unit_id] for unit_id in unit_ids}
    }
    return {unit_id: by_kind[kinds[unit_id]] for unit_id in unit_ids}


def _plan_duty(plan: LaunchPlan, duty: Duty, version: TemplateVersion) -> Iterator[Batch]:
    spec, on = version.read_spec(), plan.assigned_at
    if spec.period is not None:
        # a repeated launch gives the current period to units that have joined the register since
        periods = periods_to_open(spec.period, None, on, on)
        if duty.id not in plan.armed_before:
            last = periods[-1].key if periods else None
            plan.arming.append(Arming(duty.id, duty.path, last, next_opening(spec.period, last, on)))
        for period in periods:
            yield _batch(plan, duty, version, spec, period.key, period)
    elif spec.kind not in ARMED:
        yield _batch(plan, duty, version, spec, "once")
    elif duty.id not in plan.armed_before:
        plan.arming.append(Arming(duty.id, duty.path))


def _batch(
    plan: LaunchPlan,
    duty: Duty,
    version: TemplateVersion,
    spec: TemplateSpec,
    occurrence: str,
    period: Period | None = None,
) -> Batch:
    on, row = plan.assigned_at, plan.launch
    launch_context = LaunchContext(
        directive=plan.directive,
        launch=row,
        duty_id=duty.id,
        version_id=version.id,
        spec=spec,
        occurrence=occurrence,
        assigned_at=on,
        assigner_unit_id=row.assigner_unit_id,
        coordinator_id=row.coordinator_id,
        actor_id=row.coordinator_id,
    )
    shares = shares_for(
        spec,
        plan.coverage.audience.get(duty.path, []),
        plan.register,
        directive=plan.directive,
        assigned_at=on,
        calendar=plan.calendar,
        period=period,
        due_on=row.due_on,
    )
    if period is not None:  # a unit whose sending date is over starts with the next period
        shares = {unit_id: due for unit_id, due in shares.items() if due.due_at is None or due.due_at > on}
    return Batch(duty, launch_context, shares, plan.coverage.coordinating.get(duty.path, []))
