"""On-request duties: ask units for something now, or put a general obstacle to the authority as a task of its own."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from models.directive import Directive, Duty, DutyKind
from models.errors import BadInput, Refused
from models.ids import new_id
from models.launch import ArmedDuty, Launch
from models.localtime import end_of_day, local_date, write_date
from models.person import Person
from models.register_reads import resolve_unit
from models.task import DueFixedBy
from models.template import TemplateVersion
from models.unit import Unit
from workflows.assign import Created, Occasion, create_tasks
from workflows.coverage import load_register, prove_coverage
from workflows.incident_plan import check_declarer
from workflows.launch import published
from workflows.record import record
from workflows.rules.due import DueDecision
from workflows.rules.workdays import WorkCalendar


def request(
    session: Session,
    directive: Directive,
    duty: Duty,
    *,
    unit_ids: Sequence[UUID],
    note: str,
    due_on: date | None,
    actor: Person,
    now: datetime,
    calendar: WorkCalendar,
) -> Created:
    """The assigner asks addressed units once (occurrence `request:ID`): figures, a report, an explanation."""
    version, armed = _armed(session, duty)
    spec = version.read_spec()
    if not (spec.on_request or spec.kind is DutyKind.ON_REQUEST):
        raise Refused("duty {path} is not one that is asked for singly", path=duty.path)
    check_declarer(session, directive, actor)
    if due_on is not None and due_on < local_date(now):
        raise BadInput("due {due}: the day is past", due=write_date(due_on))
    coverage = prove_coverage(session, directive, [version], duties=[duty], register=load_register(session))
    chosen = [unit_id for unit_id in unit_ids if unit_id in set(coverage.audience[duty.path])]
    if not chosen:
        raise Refused("none of the chosen units is addressed by duty {path}", path=duty.path)
    due = DueDecision(end_of_day(due_on), DueFixedBy.ASSIGNER) if due_on else DueDecision(None, None)
    launch = session.get_one(Launch, armed.launch_id)
    request_id = new_id()
    occasion = Occasion(
        directive=directive,
        launch=launch,
        duty_id=duty.id,
        version_id=version.id,
        spec=spec,
        occurrence=f"request:{request_id.hex}",
        assigned_at=now,
        assigner_unit_id=directive.coordinating_unit_id,
        coordinator_id=actor.id,
        actor_id=actor.id,
    )
    created = create_tasks(session, occasion, dict.fromkeys(chosen, due), calendar=calendar)
    record(
        session,
        event="requested",
        directive_id=directive.id,
        now=now,
        actor_id=actor.id,
        relation="coordinator",
        facts={"duty": duty.path, "request": request_id.hex, "created": created.created},
        note=note,
    )
    return created


def raise_general(
    session: Session,
    directive: Directive,
    duty: Duty,
    *,
    text: str,
    actor: Person,
    now: datetime,
    calendar: WorkCalendar,
) -> Created:
    """A unit's difficulty with the directive as a whole: a request task led by the authority, due by its own clock.

    The raising unit is the assigner: it decides whether the answer will do.
    """
    version, armed = _armed(session, duty)
    spec = version.read_spec()
    unit = session.get(Unit, actor.unit_id) if actor.unit_id else None
    coverage = prove_coverage(session, directive, [version], duties=[duty], register=load_register(session))
    if unit is None or unit.id not in coverage.audience[duty.path] or actor.id not in (unit.head_id, unit.deputy_id):
        raise Refused("{person}: only the head of an addressed unit raises an obstacle", person=actor.full_name)
    if not text.strip():
        raise BadInput("note: say what the difficulty is")
    authority = resolve_unit(session, spec.authority) if spec.authority else None
    if authority is None or authority.id == unit.id:
        authority = session.get_one(Unit, directive.issuer_office_id)
    respond_on = calendar.add(local_date(now), spec.authority_working_days)
    request_id = new_id()
    occasion = Occasion(
        directive=directive,
        launch=session.get_one(Launch, armed.launch_id),
        duty_id=duty.id,
        version_id=version.id,
        spec=spec,
        occurrence=f"request:{request_id.hex}",
        assigned_at=now,
        assigner_unit_id=unit.id,
        coordinator_id=actor.id,
        actor_id=actor.id,
        relation="head",
    )
    due = DueDecision(end_of_day(respond_on), DueFixedBy.TEMPLATE)
    created = create_tasks(session, occasion, {authority.id: due}, calendar=calendar)
    record(
        session,
        event="obstacle_put",
        directive_id=directive.id,
        now=now,
        actor_id=actor.id,
        relation="head",
        facts={"request": request_id.hex, "authority": authority.id.hex},
        note=text,
    )
    return created


def _armed(session: Session, duty: Duty) -> tuple[TemplateVersion, ArmedDuty]:
    version, armed = published(session, [duty.id]).get(duty.id), session.get(ArmedDuty, duty.id)
    if version is None or armed is None or armed.stood_down_at is not None:
        raise Refused("duty {path} is not armed: launch it first", path=duty.path)
    return version, armed
