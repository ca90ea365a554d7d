"""Change the lead unit, on request ("không thuộc chức năng, đề nghị chuyển") or without, and the coordinator."""

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
from workflows.tasks.acts.child_tasks import hand_children_over
from workflows.tasks.moves import TaskMove, apply, system_move

LED_BY_ANOTHER = "Đơn vị chủ trì đã thay đổi"
"""The reason with which requests of the former lead end. It stands in the history and beside the request."""


def not_ours(move: TaskMove, arguments: NotOurs) -> None:
    """Ask for another lead, because the task is not the unit's function."""
    if _open_request(move) is not None:
        raise Refused("a request to change the lead is open already: wait for its decision")
    proposed = resolve_unit(move.session, arguments.to) if arguments.to else None
    if proposed is not None and proposed.id == move.task.lead_unit_id:
        raise BadInput("to {unit}: that is the unit that leads now", unit=arguments.to or "")
    move.session.add(
        LeadChange(
            task_id=move.task.id,
            asked_at=move.now,
            asked_by=move.actor_id,
            reason=arguments.note,
            proposed_unit_id=proposed.id if proposed else None,
        )
    )
    move.facts["proposed"] = proposed.id.hex if proposed else None
    move.note = arguments.note
    move.notify_roles = ["decider"]


def change_lead(move: TaskMove, arguments: ChangeLead) -> None:
    """Give the task to another lead, which must accept it. `Task.assigned_unit_id` keeps the first unit.

    The new lead decides on the former lead's child tasks, or they end: it could not submit a result otherwise. Open
    requests of the former lead end.
    """
    unit = resolve_unit(move.session, arguments.to)
    if unit.id == move.task.lead_unit_id:
        raise BadInput("to {unit}: that is the unit that leads now", unit=arguments.to)
    if unit.is_outside or not unit.is_active:
        raise Refused("{unit} is an outside contact or retired and cannot lead", unit=unit.name)
    request = _open_request(move)
    if request is not None:
        request.state, request.decided_at, request.decided_by = "changed", move.now, move.actor_id
    _end_requests(move)
    _drop_notices(move)
    former = move.session.get_one(Unit, move.task.lead_unit_id)
    move.changes |= {"lead_unit_id": unit.id, "officer_id": None, "accepted_at": None}
    move.facts |= {"from": former.id.hex, "to": unit.id.hex}
    move.note = arguments.note
    move.starts_again = True
    move.notify_roles = ["head"]
    move.notify_people = [former.head_id] if former.head_id else []
    hand_children_over(move, unit)


def keep_lead(move: TaskMove, arguments: Reason) -> None:
    request = need(_open_request(move), Refused("no request to change the lead is open"))
    request.state, request.decided_at, request.decided_by = "kept", move.now, move.actor_id
    move.note = arguments.note
    move.notify_roles = ["head", "officer"]


def change_coordinator(move: TaskMove, arguments: ChangeCoordinator) -> None:
    """Let another coordinator of the assigning unit, or of the issuer's office, follow the task up."""
    person, former = resolve_person(move.session, arguments.to), move.task.coordinator_id
    if person.id == former:
        raise Refused("to {person}: this person follows the task up already", person=arguments.to)
    offices = (move.task.assigner_unit_id, move.directive.issuer_office_id)
    if not person.is_active or not any(speaks_for(move.session, person.id, unit_id) for unit_id in offices):
        raise BadInput(
            "to {person}: not an active coordinator of the unit that assigned the task, nor of the issuer's office",
            person=arguments.to,
        )
    move.changes["coordinator_id"] = person.id
    move.facts |= {"from": former.hex, "to": person.id.hex}
    move.note = arguments.note
    move.notify_roles = ["coordinator"]
    move.notify_people = [former]


def _drop_notices(move: TaskMove) -> None:
    """Drop the waiting notices about the former lead and to it. The coordinator's other notices stay."""
    of_lead = or_(
        col(Notice.rung).not_like(f"{EVENT}%"),
        col(Notice.role).in_(OF_THE_UNIT),
        col(Notice.rung) == f"{EVENT}assigned_on",
    )
    of_task = (col(Notice.task_id) == move.task.id, col(Notice.rung).not_in(LETTER_RUNGS))
    untell(move.session, *of_task, of_lead, reason=MOVED)


def _end_requests(move: TaskMove) -> None:
    task_id = move.task.id
    extensions = select(Extension).where(Extension.task_id == task_id, col(Extension.state).in_(("open", "countered")))
    for extension in move.session.exec(extensions).all():
        extension.state, extension.decision_reason = "refused", LED_BY_ANOTHER
        extension.decided_at, extension.decided_by, extension.decided_due_on = move.now, move.actor_id, None
        _record_quietly(move, "extension_refused")
    obstacles = select(Obstacle).where(Obstacle.task_id == task_id, col(Obstacle.answered_at).is_(None))
    for obstacle in move.session.exec(obstacles).all():
        obstacle.answered_at, obstacle.answered_by, obstacle.answer = move.now, move.actor_id, LED_BY_ANOTHER
        _record_quietly(move, "obstacle_answered")


def _record_quietly(move: TaskMove, event: str) -> None:
    """Record an event without notices. The people are told of the new lead instead."""
    system_event = system_move(move, move.task, event)
    system_event.note = LED_BY_ANOTHER
    apply(system_event)


def _open_request(move: TaskMove) -> LeadChange | None:
    return move.session.exec(
        select(LeadChange).where(LeadChange.task_id == move.task.id, LeadChange.state == "open")
    ).first()
