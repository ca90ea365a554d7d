"""On-request duties: ask units for something now, or put a general obstacle to the authority as a task of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.directives.directive import Directive, Duty, DutyKind
from models.directives.launch import ArmedDuty, Launch
from models.directives.template import TemplateSpec, TemplateVersion
from models.errors import BadInput, Refused
from models.organization.unit import Unit
from models.tasks.task import DueFixedBy, Task
from models.text.localtime import end_of_day, write_date
from workflows.access.actor_context import ActorContext
from workflows.access.relations import check_declarer, headed_by
from workflows.history.record import record_act
from workflows.launch.coverage import load_register, prove_coverage
from workflows.launch.launch_plan import published
from workflows.rules.calendar.due import DueDecision
from workflows.tasks.acts.obstacles import answering_unit
from workflows.tasks.assign import Created, LaunchContext, create_tasks


@dataclass(frozen=True)
class Askable:
    """A duty that stands ready to be asked for, and whom."""

    duty: Duty
    spec: TemplateSpec
    units: list[Unit]


def request(
    context: ActorContext,
    directive: Directive,
    duty: Duty,
    *,
    unit_ids: Sequence[UUID],
    note: str,
    due_on: date | None,
    request_id: UUID | None = None,
) -> Created:
    """The assigner asks addressed units once (occurrence `request:ID`): figures, a report, an explanation.

    With an id that is there already nothing new is asked: a form sent twice.
    """
    session, actor, now, today = context.session, context.actor, context.now, context.today
    request_id = request_id or new_id()
    occurrence = f"request:{request_id.hex}"
    there = session.exec(select(Task.id).where(Task.duty_id == duty.id, Task.occurrence == occurrence)).all()
    if there:
        return Created(existing=len(there), task_ids=tuple(there))
    version, armed = _armed(session, duty)
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


def raise_general(
    context: ActorContext, directive: Directive, duty: Duty, *, text: str, request_id: UUID | None = None
) -> Created:
    """Raise a unit's difficulty with the directive as a whole: a request task led by the authority, due by its own
    clock.

    The raising unit is the assigner: it decides whether the answer will do. An id that is there already: as `request`.
    """
    session, actor, now, today = context.session, context.actor, context.now, context.today
    request_id = request_id or new_id()
    occurrence = f"request:{request_id.hex}"
    there = session.exec(select(Task.id).where(Task.duty_id == duty.id, Task.occurrence == occurrence)).all()
    if there:
        return Created(existing=len(there), task_ids=tuple(there))
    version, armed = _armed(session, duty)
    spec = version.read_spec()
    unit, holder_id = headed_by(session, actor, today) or (None, None)
    coverage = prove_coverage(session, directive, [version], duties=[duty], register=load_register(session))
    if unit is None or holder_id is None or unit.id not in coverage.audience[duty.path]:
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
        coordinator_id=holder_id,
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
    """In document order, each with the units it addresses."""
    duties = session.exec(select(Duty).where(Duty.directive_id == directive.id).order_by(col(Duty.position))).all()
    versions = published(session, [duty.id for duty in duties])
    armed = select(ArmedDuty.duty_id).where(
        col(ArmedDuty.duty_id).in_(versions.keys()), col(ArmedDuty.stood_down_at).is_(None)
    )
    ready = set(session.exec(armed).all())
    found = [one for one in duties if one.id in ready and is_asked_singly(versions[one.id].read_spec())]
    proof = prove_coverage(session, directive, [versions[one.id] for one in found], duties=found)
    ids = {unit_id for units in proof.audience.values() for unit_id in units}
    units = session.exec(select(Unit).where(col(Unit.id).in_(ids)).order_by(col(Unit.sort_key), col(Unit.code))).all()
    return [
        Askable(duty, versions[duty.id].read_spec(), [one for one in units if one.id in set(proof.audience[duty.path])])
        for duty in found
    ]


def _armed(session: Session, duty: Duty) -> tuple[TemplateVersion, ArmedDuty]:
    version, armed = published(session, [duty.id]).get(duty.id), session.get(ArmedDuty, duty.id)
    if version is None or armed is None or armed.stood_down_at is not None:
        raise Refused("duty {path} is not armed: launch it first", path=duty.path)
    return version, armed
