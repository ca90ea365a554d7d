"""Taking a task up: accept, assign on, report progress, call by telephone, contribute."""

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


def accept(move: TaskMove, given: Note) -> None:
    move.changes["accepted_at"] = move.now
    move.note = given.note


def assign(move: TaskMove, given: AssignOn) -> None:
    """The head names an officer of the unit, which also accepts."""
    officer = resolve_person(move.session, given.to)
    if officer.unit_id != move.task.lead_unit_id or not officer.is_active:
        unit = move.session.get_one(Unit, move.task.lead_unit_id)
        raise BadInput(
            "to {person}: not an active officer of {unit}, which leads the task", person=given.to, unit=unit.name
        )
    pass_on_to_officer(move.session, move.task, officer.id, move.now)
    move.changes["officer_id"] = officer.id
    move.changes["accepted_at"] = move.task.accepted_at or move.now
    move.facts["officer"] = officer.id.hex
    move.note = given.note
    move.notify_people.append(officer.id)


def progress(move: TaskMove, given: Note) -> None:
    """A word on where it stands; the first word also accepts."""
    if not given.note:
        raise BadInput("note: report the progress in a few words")
    move.changes["accepted_at"] = move.task.accepted_at or move.now
    move.note = given.note


def telephone(move: TaskMove, given: TelephoneCall) -> None:
    """A call about the task, recorded beside the letters."""
    called_at = _aware(given.at) or move.now
    if called_at > move.now:
        raise BadInput("at {at}: a call cannot lie in the future", at=f"{local(called_at):%H:%M, %d/%m/%Y}")
    move.session.add(
        TelephoneNote(
            task_id=move.task.id,
            called_at=called_at,
            called_by=move.actor_id,
            answered_by=given.answered_by,
            note=given.note,
        )
    )
    move.facts["called_at"] = called_at.isoformat()
    move.note = f"{given.answered_by}: {given.note}" if given.note else given.answered_by


def contribute(move: TaskMove, given: Note) -> None:
    actor = move.session.get_one(Person, move.actor_id)
    served = served_partners(move.session, move.task, actor, local_date(move.now))
    share = move.session.exec(
        select(Contribution)
        .join(Unit, col(Unit.id) == Contribution.unit_id)
        .where(Contribution.task_id == move.task.id, col(Contribution.unit_id).in_(served))
        .order_by(col(Contribution.contributed_at).is_not(None), col(Unit.sort_key))  # who serves two reports for each
    ).first()
    if share is None:
        raise Refused("{person} speaks for no coordinating unit of this task", person=actor.full_name)
    changed = update_one(
        move.session,
        update(Contribution)
        .where(
            col(Contribution.task_id) == share.task_id,
            col(Contribution.unit_id) == share.unit_id,
            col(Contribution.contributed_at).is_(None),
        )
        .values(contributed_at=move.now, contributed_by=actor.id, note=given.note),
    )
    if not changed:
        raise Refused("the unit's contribution to this task is recorded already")
    move.facts["unit"] = share.unit_id.hex
    move.note = given.note
    move.notify_roles = ["head", "officer"]


def _aware(moment: datetime | None) -> datetime | None:
    """A moment typed without a zone is local."""
    return moment.replace(tzinfo=ZONE) if moment is not None and moment.tzinfo is None else moment
