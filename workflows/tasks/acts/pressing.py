"""Pressing a unit: a reminder now, beside those of the ladder; the record of a signed công văn đôn đốc."""

from models.directives.template import RecipientRole
from models.errors import BadInput, Refused
from models.organization.unit import Unit
from models.tasks.act_inputs import Note, PressSigned
from models.tasks.task import SignedPress
from models.text.localtime import local_date, write_date
from workflows.access.roster import Roster
from workflows.tasks.moves import Move, last_event

_TOLD = [RecipientRole.HEAD.value, RecipientRole.OFFICER.value]


def remind(move: Move, given: Note) -> None:
    """Reminds the unit: once a day, only while something waits for it, and only where somebody can be written to."""
    task, today = move.task, local_date(move.now)
    if task.wait_kind is not None:
        raise Refused(
            "the unit waits for somebody else: {wait}; there is nothing to remind it of", wait=task.wait_kind.label
        )
    last = last_event(move.session, task.id, ["reminded"])
    if last is not None and local_date(last.recorded_at) == today:
        raise Refused("the unit was reminded of this task today, {day}, already", day=write_date(today))
    roster = Roster.for_tasks(move.session, [task], today)
    if not any(one.undeliverable is None for role in _TOLD for one in roster.told(role, task)):
        unit = move.session.get_one(Unit, task.lead_unit_id)
        raise Refused("nobody of {unit} can be written to now: telephone, and note the call", unit=unit.name)
    move.note = given.note
    move.tells = _TOLD


def press_signed(move: Move, given: PressSigned) -> None:
    """A person signed a công văn đôn đốc: its number and date come from the paper."""
    if given.date > local_date(move.now):
        raise BadInput("date {date}: a document cannot be dated after today", date=write_date(given.date))
    move.session.add(
        SignedPress(
            task_id=move.task.id,
            number=given.number,
            signed_on=given.date,
            signer=given.signer,
            recorded_at=move.now,
            recorded_by=move.actor_id,
        )
    )
    move.occurred_on = given.date
    move.facts |= {"number": given.number, "date": given.date.isoformat()}
