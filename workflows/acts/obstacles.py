"""Obstacles: raised by the unit, answered by the authority, with a clock of their own."""

from sqlmodel import col, select

from models.errors import Refused
from models.inputs import RaiseObstacle, Reason
from models.localtime import end_of_day, local_date
from models.register_reads import resolve_unit
from models.task import Obstacle
from models.unit import Unit
from workflows.moves import Move


def raise_obstacle(move: Move, given: RaiseObstacle) -> None:
    """Blocks the task until the authority answers; without one named, the template's, else the directive's."""
    if _open(move) is not None:
        raise Refused("an obstacle is open already: add to it by a progress note, or wait for its answer")
    authority = _authority(move, given.to)
    spec = move.spec
    respond_on = move.calendar.add(local_date(move.now), spec.authority_working_days)
    move.session.add(
        Obstacle(
            task_id=move.task.id,
            raised_at=move.now,
            raised_by=move.actor_id,
            text=given.note,
            authority_unit_id=authority.id,
            respond_by=end_of_day(respond_on),
        )
    )
    move.facts |= {"authority": authority.id.hex, "respond_on": respond_on.isoformat()}
    move.note = given.note
    move.tells = ["coordinator"]
    move.tells_also = [authority.head_id] if authority.head_id and not authority.is_outside else []


def answer_obstacle(move: Move, given: Reason) -> None:
    """The authority answers; the unit's clock goes on."""
    obstacle = _open(move)
    if obstacle is None:
        raise Refused("no obstacle is open")
    obstacle.answered_at, obstacle.answered_by, obstacle.answer = move.now, move.actor_id, given.note
    move.note = given.note
    move.tells = ["head", "officer"]


def _authority(move: Move, named: str | None) -> Unit:
    if named or move.spec.authority:
        unit = resolve_unit(move.session, named or move.spec.authority or "")
    else:
        unit = move.session.get_one(Unit, move.directive.coordinating_unit_id)
    if unit.id == move.task.lead_unit_id:  # nobody answers their own difficulty
        unit = move.session.get_one(Unit, move.directive.issuer_office_id)
    return unit


def _open(move: Move) -> Obstacle | None:
    return move.session.exec(
        select(Obstacle).where(Obstacle.task_id == move.task.id, col(Obstacle.answered_at).is_(None))
    ).first()
