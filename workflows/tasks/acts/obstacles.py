"""Report an obstacle, and answer it. The authority's answer has a date of its own."""

from sqlmodel import Session, col, select

from models.directives.directive import Directive
from models.directives.template import TemplateSpec
from models.errors import Refused, need
from models.organization.register_reads import resolve_unit
from models.organization.unit import Unit
from models.tasks.act_inputs import RaiseObstacle, Reason
from models.tasks.task import Obstacle, Task
from models.text.localtime import end_of_day, local_date
from workflows.tasks.moves import TaskMove


def raise_obstacle(move: TaskMove, arguments: RaiseObstacle) -> None:
    """Report an obstacle. The unit gets no reminders until the authority answers."""
    if _open(move) is not None:
        raise Refused("an obstacle is open already: add to it by a progress note, or wait for its answer")
    spec = move.spec
    authority = authority_for(move.session, move.task, move.directive, spec, arguments.to)
    respond_on = move.calendar.add(local_date(move.now), spec.authority_working_days)
    move.session.add(
        Obstacle(
            task_id=move.task.id,
            raised_at=move.now,
            raised_by=move.actor_id,
            text=arguments.note,
            authority_unit_id=authority.id,
            respond_by=end_of_day(respond_on),
        )
    )
    move.facts |= {"authority": authority.id.hex, "respond_on": respond_on.isoformat()}
    move.note = arguments.note
    move.notify_roles = ["coordinator"]
    move.notify_people = [authority.head_id] if authority.head_id else []


def answer_obstacle(move: TaskMove, arguments: Reason) -> None:
    """Answer the obstacle, which ends the unit's wait."""
    obstacle = need(_open(move), Refused("no obstacle is open"))
    obstacle.answered_at, obstacle.answered_by, obstacle.answer = move.now, move.actor_id, arguments.note
    move.note = arguments.note
    move.notify_roles = ["head", "officer"]


def authority_for(
    session: Session, task: Task, directive: Directive, spec: TemplateSpec, named: str | None = None
) -> Unit:
    """Return the unit that answers: the named one, else the template's, else the directive's coordinating unit."""
    unit = answering_unit(session, named or spec.authority)
    if unit is None and named:
        raise Refused(
            "{unit} is an outside contact or retired and cannot answer", unit=resolve_unit(session, named).name
        )
    unit = unit or session.get_one(Unit, directive.coordinating_unit_id)
    if unit.id == task.lead_unit_id:  # a unit does not answer its own obstacle
        unit = session.get_one(Unit, directive.issuer_office_id)
    return unit


def answering_unit(session: Session, name: str | None) -> Unit | None:
    """Return a unit by its code or name, or None if it is retired or an outside contact and cannot answer."""
    unit = resolve_unit(session, name) if name else None
    return unit if unit is not None and unit.is_active and not unit.is_outside else None


def _open(move: TaskMove) -> Obstacle | None:
    return move.session.exec(
        select(Obstacle).where(Obstacle.task_id == move.task.id, col(Obstacle.answered_at).is_(None))
    ).first()
