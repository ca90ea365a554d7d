"""The lead: "không thuộc chức năng, đề nghị chuyển", change it, keep it; and who follows the task up."""

from sqlmodel import col, or_, select

from models.errors import BadInput, Refused, need
from models.letters.letter import LETTER_RUNGS, MOVED, Notice
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Unit
from models.tasks.act_inputs import ChangeCoordinator, ChangeLead, NotOurs, Reason
from models.tasks.task import Extension, LeadChange, Obstacle
from workflows.access.relations import speaks_for
from workflows.history.notify import untell
from workflows.history.record import EVENT
from workflows.rules.escalation.ladder import OF_THE_UNIT
from workflows.tasks.acts.task_parts import hand_parts_over
from workflows.tasks.moves import TaskMove, apply, system_move

LED_BY_ANOTHER = "Đơn vị chủ trì đã thay đổi"
"""Why a request of the former lead ends; it stands in the history and beside the request."""


def not_ours(move: TaskMove, given: NotOurs) -> None:
    """The unit says that it is not its function, and who should lead instead."""
    if _open_request(move) is not None:
        raise Refused("a request to change the lead is open already: wait for its decision")
    proposed = resolve_unit(move.session, given.to) if given.to else None
    if proposed is not None and proposed.id == move.task.lead_unit_id:
        raise BadInput("to {unit}: that is the unit that leads now", unit=given.to or "")
    move.session.add(
        LeadChange(
            task_id=move.task.id,
            asked_at=move.now,
            asked_by=move.actor_id,
            reason=given.note,
            proposed_unit_id=proposed.id if proposed else None,
        )
    )
    move.facts["proposed"] = proposed.id.hex if proposed else None
    move.note = given.note
    move.notify_roles = ["decider"]


def change_lead(move: TaskMove, given: ChangeLead) -> None:
    """Another unit leads from now on; it must accept. The unit the task was assigned to stays its identity.

    What the former lead handed on is the new one's to decide on, or ends: else it could never send the result. What it
    had asked for ends: the new lead waits for no answer, is reminded, and asks for itself.
    """
    unit = resolve_unit(move.session, given.to)
    if unit.id == move.task.lead_unit_id:
        raise BadInput("to {unit}: that is the unit that leads now", unit=given.to)
    if unit.is_outside or not unit.is_active:
        raise Refused("{unit} is an outside contact or retired and cannot lead", unit=unit.name)
    request = _open_request(move)
    if request is not None:
        request.state, request.decided_at, request.decided_by = "changed", move.now, move.actor_id
    _end_requests(move)
    _untell(move)
    former = move.session.get_one(Unit, move.task.lead_unit_id)
    move.changes |= {"lead_unit_id": unit.id, "officer_id": None, "accepted_at": None}
    move.facts |= {"from": former.id.hex, "to": unit.id.hex}
    move.note = given.note
    move.starts_again = True
    move.notify_roles = ["head"]
    move.notify_people = [person for person in (former.head_id,) if person]
    hand_parts_over(move, unit)


def keep_lead(move: TaskMove, given: Reason) -> None:
    """The request is refused: the unit leads on."""
    request = need(_open_request(move), Refused("no request to change the lead is open"))
    request.state, request.decided_at, request.decided_by = "kept", move.now, move.actor_id
    move.note = given.note
    move.notify_roles = ["head", "officer"]


def change_coordinator(move: TaskMove, given: ChangeCoordinator) -> None:
    """Another coordinator of the assigning unit, or of the issuer's office, follows the task up from now on."""
    person, former = resolve_person(move.session, given.to), move.task.coordinator_id
    if person.id == former:
        raise Refused("to {person}: this person follows the task up already", person=given.to)
    offices = (move.task.assigner_unit_id, move.directive.issuer_office_id)
    if not person.is_active or not any(speaks_for(move.session, person.id, unit_id) for unit_id in offices):
        raise BadInput(
            "to {person}: not an active coordinator of the unit that assigned the task, nor of the issuer's office",
            person=given.to,
        )
    move.changes["coordinator_id"] = person.id
    move.facts |= {"from": former.hex, "to": person.id.hex}
    move.note = given.note
    move.notify_roles = ["coordinator"]
    move.notify_people = [former]


def _untell(move: TaskMove) -> None:
    """Drop what waits to be said of and to the former lead. Whoever followed the task up hears their own news still."""
    of_the_lead = or_(
        col(Notice.rung).not_like(f"{EVENT}%"),
        col(Notice.role).in_(OF_THE_UNIT),
        col(Notice.rung) == f"{EVENT}assigned_on",
    )
    mine = (col(Notice.task_id) == move.task.id, col(Notice.rung).not_in(LETTER_RUNGS))
    untell(move.session, *mine, of_the_lead, reason=MOVED)


def _end_requests(move: TaskMove) -> None:
    task_id = move.task.id
    of_time = (Extension.task_id == task_id, col(Extension.state).in_(("open", "countered")))
    of_work = (Obstacle.task_id == task_id, col(Obstacle.answered_at).is_(None))
    for extension in move.session.exec(select(Extension).where(*of_time)).all():
        extension.state, extension.decision_reason = "refused", LED_BY_ANOTHER
        extension.decided_at, extension.decided_by, extension.decided_due_on = move.now, move.actor_id, None
        _tell_history(move, "extension_refused")
    for obstacle in move.session.exec(select(Obstacle).where(*of_work)).all():
        obstacle.answered_at, obstacle.answered_by, obstacle.answer = move.now, move.actor_id, LED_BY_ANOTHER
        _tell_history(move, "obstacle_answered")


def _tell_history(move: TaskMove, event: str) -> None:
    """A line of the history that tells nobody: that another unit leads is what everybody hears."""
    follow = system_move(move, move.task, event)
    follow.note = LED_BY_ANOTHER
    apply(follow)


def _open_request(move: TaskMove) -> LeadChange | None:
    return move.session.exec(
        select(LeadChange).where(LeadChange.task_id == move.task.id, LeadChange.state == "open")
    ).first()
