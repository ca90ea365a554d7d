"""Accept a task, assign an officer, report progress, record a telephone call, and contribute."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select

from models.database.rows import update_one
from models.errors import BadInput, Refused
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from models.tasks.act_inputs import AssignOn, Note, TelephoneCall
from models.tasks.task import Contribution, TelephoneNote
from models.text.localtime import ZONE, local, local_date
from workflows.access.relations import served_partners
from workflows.organization.register.passing_on import pass_on_to_officer
from workflows.tasks.moves import TaskMove


def accept(move: TaskMove, arguments: Note) -> None:
    move.changes["accepted_at"] = move.now
    move.note = arguments.note


def assign(move: TaskMove, arguments: AssignOn) -> None:
    """Assign an officer of the unit, which also accepts the task."""
    officer = resolve_person(move.session, arguments.to)
    if officer.unit_id != move.task.lead_unit_id or not officer.is_active:
        unit = move.session.get_one(Unit, move.task.lead_unit_id)
        raise BadInput(
            "to {person}: not an active officer of {unit}, which leads the task", person=arguments.to, unit=unit.name
        )
    pass_on_to_officer(move.session, move.task, officer.id, move.now)
    move.changes["officer_id"] = officer.id
    move.changes["accepted_at"] = move.task.accepted_at or move.now
    move.facts["officer"] = officer.id.hex
    move.note = arguments.note
    move.notify_people.append(officer.id)


def progress(move: TaskMove, arguments: Note) -> None:
    """Report progress. The first report also accepts the task."""
    if not arguments.note:
        raise BadInput("note: report the progress in a few words")
    move.changes["accepted_at"] = move.task.accepted_at or move.now
    move.note = arguments.note


def telephone(move: TaskMove, arguments: TelephoneCall) -> None:
    called_at = _as_local(arguments.at) or move.now
    if called_at > move.now:
        raise BadInput("at {at}: a call cannot lie in the future", at=f"{local(called_at):%H:%M, %d/%m/%Y}")
    move.session.add(
        TelephoneNote(
            task_id=move.task.id,
            called_at=called_at,
            called_by=move.actor_id,
            answered_by=arguments.answered_by,
            note=arguments.note,
        )
    )
    move.facts["called_at"] = called_at.isoformat()
    move.note = f"{arguments.answered_by}: {arguments.note}" if arguments.note else arguments.answered_by


def contribute(move: TaskMove, arguments: Note) -> None:
    actor = move.session.get_one(Person, move.actor_id)
    unit_ids = served_partners(move.session, move.task, actor, local_date(move.now))
    contribution = move.session.exec(
        select(Contribution)
        .join(Unit, col(Unit.id) == Contribution.unit_id)
        .where(Contribution.task_id == move.task.id, col(Contribution.unit_id).in_(unit_ids))
        # a person who serves two units contributes for one after the other
        .order_by(col(Contribution.contributed_at).is_not(None), col(Unit.sort_key))
    ).first()
    if contribution is None:
        raise Refused("{person} speaks for no coordinating unit of this task", person=actor.full_name)
    changed = update_one(
        move.session,
        update(Contribution)
        .where(
            col(Contribution.task_id) == contribution.task_id,
            col(Contribution.unit_id) == contribution.unit_id,
            col(Contribution.contributed_at).is_(None),
        )
        .values(contributed_at=move.now, contributed_by=actor.id, note=arguments.note),
    )
    if not changed:
        raise Refused("the unit's contribution to this task is recorded already")
    move.facts["unit"] = contribution.unit_id.hex
    move.note = arguments.note
    move.notify_roles = ["head", "officer"]


def _as_local(moment: datetime | None) -> datetime | None:
    """Return a moment, taken as local time if it has no time zone."""
    return moment.replace(tzinfo=ZONE) if moment is not None and moment.tzinfo is None else moment
