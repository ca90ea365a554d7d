"""Launch: publish a directive's templates to their audience on a date: all or nothing, and a repeat is a no-op."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models.directive import Directive, Duty, DutyKind
from models.errors import BadInput, NotFound, Refused
from models.launch import ArmedDuty, Launch
from models.localtime import local_date, write_date
from models.person import Person, PersonRole, Role
from models.session import uncollected
from models.template import TemplateSpec, TemplateState, TemplateVersion
from models.unit import Unit
from workflows.assign import Created, Occasion, create_tasks
from workflows.coverage import Coverage, load_register, prove_coverage
from workflows.record import record
from workflows.rules.audience import UnitRegister
from workflows.rules.due import DueDecision, compute_due
from workflows.rules.periods import Period, next_opening, periods_to_open
from workflows.rules.workdays import WorkCalendar

ARMED = frozenset({DutyKind.CONTINGENCY, DutyKind.ON_REQUEST})


@dataclass(frozen=True)
class LaunchOutcome:
    """What a launch made; `armed` are the paths of duties that now wait for an incident, a request or a period."""

    created: int
    existing: int
    armed: tuple[str, ...]
    coverage: Coverage = field(repr=False)


class Uncovered(Refused):
    """The coverage proof has gaps; they may be overridden by whoever launches."""

    def __init__(self, coverage: Coverage) -> None:
        super().__init__("coverage: {count} gaps; mend the register, or override", count=len(coverage.gaps))
        self.coverage = coverage

    def tell(self, language: str) -> str:
        return "\n".join([super().tell(language), *(f"  - {gap.tell(language)}" for gap in self.coverage.gaps)])


@dataclass
class _Run:
    session: Session
    directive: Directive
    launch: Launch
    register: UnitRegister
    coverage: Coverage
    calendar: WorkCalendar
    created: Created = field(default_factory=Created)
    armed: list[str] = field(default_factory=list)


@uncollected()
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
) -> LaunchOutcome:
    """Launches the duties of a directive at an instant (UTC).

    `due_on` is the coordinator's date for duties that have none of their own. Raises Uncovered when an addressee has
    no unit, a unit nobody to write to, or a duty no taker, unless `override`.
    """
    if due_on is not None and due_on < local_date(on):
        raise BadInput(
            "due {due}: before the launch itself, {on}", due=write_date(due_on), on=write_date(local_date(on))
        )
    _check_coordinator(session, directive, coordinator_id)
    # launches of one directive queue behind each other; without this two at once would both find no task
    session.exec(select(Directive.id).where(Directive.id == directive.id).with_for_update()).one()
    duties = duties_of(session, directive, paths)
    versions = published(session, [duty.id for duty in duties])
    register = load_register(session)
    coverage = prove_coverage(session, directive, list(versions.values()), duties=duties, register=register)
    if coverage.gaps and not override:
        raise Uncovered(coverage)
    row = Launch(
        directive_id=directive.id,
        launched_at=on,
        assigner_unit_id=directive.coordinating_unit_id,
        coordinator_id=coordinator_id,
        due_on=due_on,
        overridden=[{"kind": gap.kind.value, "duty": gap.duty, "unit": gap.unit} for gap in coverage.gaps],
    )
    session.add(row)
    session.flush()
    run = _Run(session, directive, row, register, coverage, calendar)
    for duty in duties:
        if duty.id in versions:
            _launch_duty(run, duty, versions[duty.id])
    if run.created.created or run.armed:
        record(
            session,
            event="launched",
            directive_id=directive.id,
            now=on,
            actor_id=coordinator_id,
            relation="coordinator",
            facts={"launch": row.id.hex, "created": run.created.created, "armed": run.armed},
        )
    else:
        session.delete(row)
        session.flush()
    return LaunchOutcome(run.created.created, run.created.existing, tuple(run.armed), coverage)


def _check_coordinator(session: Session, directive: Directive, person_id: UUID) -> None:
    person, unit = session.get_one(Person, person_id), session.get_one(Unit, directive.coordinating_unit_id)
    role = session.get(PersonRole, (person_id, Role.COORDINATOR, unit.id))
    if not person.is_active or (role is None and person_id not in (unit.head_id, unit.deputy_id)):
        raise Refused(
            "{person} does not coordinate for {unit}, which follows the directive",
            person=person.full_name,
            unit=unit.name,
        )


def duties_of(session: Session, directive: Directive, paths: Sequence[str] | None) -> list[Duty]:
    """The duties named by path, in document order; all of them when none is named. NotFound lists what there is."""
    duties = session.exec(select(Duty).where(Duty.directive_id == directive.id).order_by(col(Duty.position))).all()
    known = [duty.path for duty in duties]
    for path in paths or ():
        if path not in known:
            raise NotFound("duty {path}: not in this directive, which has {known}", path=path, known=", ".join(known))
    return [duty for duty in duties if not paths or duty.path in paths]


def published(session: Session, duty_ids: Sequence[UUID]) -> dict[UUID, TemplateVersion]:
    """The published version of each duty that has one."""
    rows = session.exec(
        select(TemplateVersion).where(
            col(TemplateVersion.duty_id).in_(duty_ids), TemplateVersion.state == TemplateState.PUBLISHED
        )
    )
    return {version.duty_id: version for version in rows}


def default_coordinator(session: Session, directive: Directive) -> UUID:
    """A coordinator of the directive's coordinating unit: the first by person id. Refused when there is none."""
    found = session.exec(
        select(PersonRole.person_id)
        .where(PersonRole.role == Role.COORDINATOR, PersonRole.unit_id == directive.coordinating_unit_id)
        .order_by(col(PersonRole.person_id))
    ).first()
    if found is None:
        raise Refused("the directive's coordinating unit has no coordinator: name one with --as")
    return found


def find_directive(session: Session, name: str) -> Directive:
    """A directive by its code or number. NotFound lists the codes there are."""
    found = session.exec(
        select(Directive).where((col(Directive.code) == name) | (col(Directive.number) == name))
    ).first()
    if found is None:
        codes = session.exec(select(Directive.code).order_by(col(Directive.code)).limit(20)).all()
        raise NotFound("directive {name}: not here; there are: {codes}", name=name, codes=", ".join(codes) or "–")
    return found


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
    """Each unit's date; computed once per kind of unit, since nothing else of a unit moves it."""
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


def _launch_duty(run: _Run, duty: Duty, version: TemplateVersion) -> None:
    spec = version.read_spec()
    if spec.period is not None:
        _launch_periods(run, duty, version, spec)
    elif spec.kind in ARMED:
        _arm(run, duty)
    else:
        _create(run, duty, version, spec, occurrence="once")


def _launch_periods(run: _Run, duty: Duty, version: TemplateVersion, spec: TemplateSpec) -> None:
    on = run.launch.launched_at
    armed = run.session.get(ArmedDuty, duty.id)
    assert spec.period is not None
    if armed is None:
        periods = periods_to_open(spec.period, None, on, on)
        last = periods[-1].key if periods else None
        armed = _arm(run, duty)
        armed.last_period, armed.next_opens_at = last, next_opening(spec.period, last, on)
        run.session.flush()
    else:  # a repeat gives the running period to units that have joined the register since
        periods = periods_to_open(spec.period, None, on, on)
    for period in periods:
        _create(run, duty, version, spec, occurrence=period.key, period=period)


def _arm(run: _Run, duty: Duty) -> ArmedDuty:
    armed = run.session.get(ArmedDuty, duty.id)
    if armed is None:
        armed = ArmedDuty(duty_id=duty.id, launch_id=run.launch.id, armed_at=run.launch.launched_at)
        run.session.add(armed)
        run.session.flush()
        run.armed.append(duty.path)
    return armed


def _create(
    run: _Run,
    duty: Duty,
    version: TemplateVersion,
    spec: TemplateSpec,
    *,
    occurrence: str,
    period: Period | None = None,
) -> None:
    on = run.launch.launched_at
    occasion = Occasion(
        directive=run.directive,
        launch=run.launch,
        duty_id=duty.id,
        version_id=version.id,
        spec=spec,
        occurrence=occurrence,
        assigned_at=on,
        assigner_unit_id=run.launch.assigner_unit_id,
        coordinator_id=run.launch.coordinator_id,
        actor_id=run.launch.coordinator_id,
    )
    shares = shares_for(
        spec,
        run.coverage.audience.get(duty.path, []),
        run.register,
        directive=run.directive,
        assigned_at=on,
        calendar=run.calendar,
        period=period,
        due_on=run.launch.due_on,
    )
    if period is not None:  # whose sending date is over already starts with the next period
        shares = {unit_id: due for unit_id, due in shares.items() if due.due_at is None or due.due_at > on}
    partners = run.coverage.coordinating.get(duty.path, [])
    run.created += create_tasks(run.session, occasion, shares, partners=partners, calendar=run.calendar)
