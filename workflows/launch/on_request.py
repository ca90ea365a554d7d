"""On-request duties: ask units for something now, or report a general obstacle, a task led by the authority."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.directives.directive import Directive, Duty, DutyKind
from models.directives.launch import ArmedDuty, Launch
from models.directives.template import TemplateSpec, TemplateState, TemplateVersion
from models.errors import BadInput, NotFound, Refused
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import DueFixedBy, Task
from models.text.localtime import end_of_day, write_date
from workflows.access.actor_context import ActorContext
from workflows.access.relations import check_declarer, find_headed_unit
from workflows.history.record import record_act
from workflows.launch.coverage import load_register, prove_coverage
from workflows.launch.launch_plan import published
from workflows.rules.calendar.due import DueDecision
from workflows.tasks.acts.obstacles import answering_unit
from workflows.tasks.assign import Created, LaunchContext, create_tasks

LONGEST_OBSTACLE = 4000  # characters


@dataclass(frozen=True)
class Askable:
    """An armed on-request duty, and the units that can be asked."""

    duty: Duty
    spec: TemplateSpec
    units: list[Unit]


@dataclass(frozen=True)
class ObstacleAddressee:
    """A directive with a duty on request to which a unit can report obstacles. `authority` is a unit's name."""

    directive: Directive
    duty: Duty
    authority: str
    working_days: int


def ask_addressed_units(
    context: ActorContext,
    directive: Directive,
    duty: Duty,
    *,
    unit_ids: Sequence[UUID],
    note: str,
    due_on: date | None,
    request_id: UUID | None = None,
) -> Created:
    """Ask addressed units once for figures, a report or an explanation. A repeat has the same `request_id`."""
    session, actor, now, today = context.session, context.actor, context.now, context.today
    request_id = request_id or new_id()
    occurrence = f"request:{request_id.hex}"
    existing = _find_tasks(session, duty, occurrence)
    if existing:
        return Created(existing=len(existing), task_ids=existing)
    version, armed = _read_armed(session, duty)
    spec = version.read_spec()
    if not is_asked_singly(spec):
        raise Refused("duty {path} is not one that is asked for singly", path=duty.path)
    coordinator_id = check_declarer(session, directive, actor, today)
    if due_on is not None and due_on < today:
        raise BadInput("due {due}: the day is past", due=write_date(due_on))
    coverage = prove_coverage(session, directive, [version], duties=[duty], register=load_register(session))
    chosen = [unit_id for unit_id in unit_ids if unit_id in set(coverage.audience[duty.path])]
    if not chosen:
        raise Refused("none of the chosen units is addressed by duty {path}", path=duty.path)
    due = DueDecision(end_of_day(due_on), DueFixedBy.ASSIGNER) if due_on else DueDecision(None, None)
    launch_context = LaunchContext(
        directive=directive,
        launch=session.get_one(Launch, armed.launch_id),
        duty_id=duty.id,
        version_id=version.id,
        spec=spec,
        occurrence=occurrence,
        assigned_at=now,
        assigner_unit_id=directive.coordinating_unit_id,
        coordinator_id=coordinator_id,
        actor_id=actor.id,
        note=note.strip(),
    )
    created = create_tasks(session, launch_context, dict.fromkeys(chosen, due), calendar=context.calendar)
    facts = {"duty": duty.path, "request": request_id.hex, "created": created.created}
    record_act(context, "requested", directive.id, facts=facts, note=note)
    return created


def report_general_obstacle(
    context: ActorContext, directive: Directive, duty: Duty, *, text: str, request_id: UUID | None = None
) -> Created:
    """Report an obstacle with the whole directive: a task of the authority, assigned by the reporting unit."""
    session, actor, now, today = context.session, context.actor, context.now, context.today
    request_id = request_id or new_id()
    occurrence = f"request:{request_id.hex}"
    existing = _find_tasks(session, duty, occurrence)
    if existing:
        return Created(existing=len(existing), task_ids=existing)
    version, armed = _read_armed(session, duty)
    spec = version.read_spec()
    unit, head_id = find_headed_unit(session, actor, today) or (None, None)
    coverage = prove_coverage(session, directive, [version], duties=[duty], register=load_register(session))
    if unit is None or head_id is None or unit.id not in coverage.audience[duty.path]:
        raise Refused("{person}: only the head of an addressed unit raises an obstacle", person=actor.full_name)
    if not text.strip():
        raise BadInput("note: describe the obstacle")
    authority = answering_unit(session, spec.authority)
    if authority is None or authority.id == unit.id:
        authority = session.get_one(Unit, directive.issuer_office_id)
    respond_on = context.calendar.add(today, spec.authority_working_days)
    launch_context = LaunchContext(
        directive=directive,
        launch=session.get_one(Launch, armed.launch_id),
        duty_id=duty.id,
        version_id=version.id,
        spec=spec,
        occurrence=occurrence,
        assigned_at=now,
        assigner_unit_id=unit.id,
        coordinator_id=head_id,
        actor_id=actor.id,
        relation="head",
        note=text.strip(),
    )
    due = DueDecision(end_of_day(respond_on), DueFixedBy.TEMPLATE)
    created = create_tasks(session, launch_context, {authority.id: due}, calendar=context.calendar)
    facts = {"request": request_id.hex, "authority": authority.id.hex}
    record_act(context, "obstacle_put", directive.id, relation="head", facts=facts, note=text)
    return created


def is_asked_singly(spec: TemplateSpec) -> bool:
    return spec.on_request or spec.kind is DutyKind.ON_REQUEST


def askable_duties(session: Session, directive: Directive) -> list[Askable]:
    """Return the armed on-request duties in document order, each with the units that it addresses."""
    duties = session.exec(select(Duty).where(Duty.directive_id == directive.id).order_by(col(Duty.position))).all()
    versions = published(session, [duty.id for duty in duties])
    armed = select(ArmedDuty.duty_id).where(
        col(ArmedDuty.duty_id).in_(versions.keys()), col(ArmedDuty.stood_down_at).is_(None)
    )
    armed_ids = set(session.exec(armed).all())
    duties = [duty for duty in duties if duty.id in armed_ids and is_asked_singly(versions[duty.id].read_spec())]
    coverage = prove_coverage(session, directive, [versions[duty.id] for duty in duties], duties=duties)
    ids = {unit_id for units in coverage.audience.values() for unit_id in units}
    units = session.exec(select(Unit).where(col(Unit.id).in_(ids)).order_by(col(Unit.sort_key), col(Unit.code))).all()
    askable = []
    for duty in duties:
        audience = set(coverage.audience[duty.path])
        askable.append(Askable(duty, versions[duty.id].read_spec(), [unit for unit in units if unit.id in audience]))
    return askable


def obstacle_addressees(session: Session, person: Person, day: date) -> list[ObstacleAddressee]:
    """Return the directives to which the unit that a person heads on a local day can report, the newest first."""
    unit, _head_id = find_headed_unit(session, person, day) or (None, None)
    if unit is None:
        return []
    rows = session.exec(
        select(Directive, Duty, TemplateVersion)
        .join(Duty, col(Duty.directive_id) == col(Directive.id))
        .join(TemplateVersion, col(TemplateVersion.duty_id) == col(Duty.id))
        .join(ArmedDuty, col(ArmedDuty.duty_id) == col(Duty.id))
        .where(
            Duty.kind == DutyKind.ON_REQUEST,
            TemplateVersion.state == TemplateState.PUBLISHED,
            col(ArmedDuty.stood_down_at).is_(None),
        )
        .order_by(col(Directive.issued_on).desc().nulls_last(), col(Directive.id).desc(), col(Duty.position))
    ).all()
    if not rows:
        return []
    register = load_register(session)
    names = {facts.id: facts.name for facts in register.units}
    answering_ids = {facts.code: facts.id for facts in register.units if facts.is_active and not facts.is_outside}
    addressees = []
    for directive, duty, version in rows:
        spec = version.read_spec()
        if unit.id in {facts.id for facts in register.resolve(spec.audience).units}:
            authority_id = answering_ids.get(spec.authority or "")
            if authority_id is None or authority_id == unit.id:
                authority_id = directive.issuer_office_id
            addressees.append(ObstacleAddressee(directive, duty, names[authority_id], spec.authority_working_days))
    return addressees


def report_obstacle_to(
    context: ActorContext, code: str, note: str, *, request_id: UUID | None = None
) -> ObstacleAddressee:
    """Report an obstacle with the directive of a code. Raise NotFound where the person's unit cannot report to it."""
    addressees = obstacle_addressees(context.session, context.actor, context.today)
    addressee = next((addressee for addressee in addressees if addressee.directive.code == code), None)
    if addressee is None:
        raise NotFound("directive {code}: your unit cannot report an obstacle there", code=code or "–")
    if len(note) > LONGEST_OBSTACLE:
        raise BadInput("note: {length} characters; expected at most {most}", length=len(note), most=LONGEST_OBSTACLE)
    report_general_obstacle(context, addressee.directive, addressee.duty, text=note, request_id=request_id)
    return addressee


def _find_tasks(session: Session, duty: Duty, occurrence: str) -> tuple[UUID, ...]:
    query = select(Task.id).where(Task.duty_id == duty.id, Task.occurrence == occurrence)
    return tuple(session.exec(query))


def _read_armed(session: Session, duty: Duty) -> tuple[TemplateVersion, ArmedDuty]:
    version, armed = published(session, [duty.id]).get(duty.id), session.get(ArmedDuty, duty.id)
    if version is None or armed is None or armed.stood_down_at is not None:
        raise Refused("duty {path} is not armed: launch it first", path=duty.path)
    return version, armed
