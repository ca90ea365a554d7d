"""The people and units that an action's form offers, and the notes that it shows about the task's rules."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from models.i18n import Words, _, _n
from models.organization.person import Person
from models.organization.register_reads import coordinators_of, people_of, units_below
from models.organization.unit import Unit
from models.tasks.task import OPEN_STATUSES, DueFixedBy
from models.text.localtime import due_date, local_date
from web.actions.action_forms import ActionForm, Kind
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.actions import Action
from workflows.tasks.acts.obstacles import authority_for
from workflows.worklists.task_view import TaskSheet

MOST_NAMES = 1500
"""The most units that are offered while somebody types. With more units, one types the whole name or code."""


class SubordinateUnit(NamedTuple):
    """A unit below the task's lead. `has_part`: it has its part of the task already."""

    code: str
    name: str
    has_part: bool


@dataclass(frozen=True)
class ActionChoices:
    """`people`: code and words. `below`: the subordinate units."""

    people: Sequence[tuple[str, str]] = ()
    below: Sequence[SubordinateUnit] = ()
    notes: Sequence[Words] = ()


def read_choices(
    session: Session, sheet: TaskSheet, action: Action, form: ActionForm, *, now: datetime, calendar: WorkCalendar
) -> ActionChoices:
    kinds = {field.kind for field in form.fields}
    units_with_part = {child.unit for child in sheet.whole.children} if sheet.whole else set()
    below = units_below(session, sheet.lead.id) if Kind.UNITS in kinds else []
    return ActionChoices(
        people=[
            (person.code, f"{person.full_name} – {person.title}" if person.title else person.full_name)
            for person in _people(session, sheet, kinds)
        ],
        below=[SubordinateUnit(unit.code, unit.name, unit.name in units_with_part) for unit in below],
        notes=_notes(session, sheet, action, now, calendar),
    )


def _people(session: Session, sheet: TaskSheet, kinds: Collection[Kind]) -> list[Person]:
    if Kind.OFFICER in kinds:
        return people_of(session, sheet.lead.id)
    if Kind.COORDINATOR in kinds:
        return coordinators_of(session, {sheet.task.assigner_unit_id, sheet.directive.issuer_office_id})
    return []


def _notes(
    session: Session, sheet: TaskSheet, action: Action, now: datetime, calendar: WorkCalendar
) -> Sequence[Words]:
    if action is Action.ASK_EXTENSION:
        return _extension_notes(session, sheet)
    if action is Action.RAISE_OBSTACLE:
        unit = authority_for(session, sheet.task, sheet.directive, sheet.spec)
        day = calendar.add(local_date(now), sheet.spec.authority_working_days)
        return [Words(_("It goes to {unit}, which has until {day} to answer."), unit=unit.name, day=day)]
    due_at = sheet.task.due_at
    if action in (Action.SUBMIT, Action.CORRECT) and due_at and local_date(now) > due_date(due_at):
        return [_("The deadline has passed: the result will count as late.")]
    if action is Action.APPROVE and sheet.whole:
        open_parts = sum(child.status in OPEN_STATUSES for child in sheet.whole.children)
        if open_parts:
            return [
                _n(
                    "Delegated and still open: {count} task. Approval withdraws it.",
                    "Delegated and still open: {count} tasks. Approval withdraws them.",
                    count=open_parts,
                )
            ]
    return []


def _extension_notes(session: Session, sheet: TaskSheet) -> Sequence[Words]:
    task = sheet.task
    notes: list[Words] = []
    if task.due_at is not None:
        notes.append(Words(_("The deadline is now {day}."), day=due_date(task.due_at)))
    if sheet.spec.max_extension_days is not None:
        notes.append(
            _n(
                "One request asks for at most {count} day more.",
                "One request asks for at most {count} days more.",
                count=sheet.spec.max_extension_days,
            )
        )
    office = session.get_one(Unit, sheet.directive.issuer_office_id)
    if task.due_fixed_by is DueFixedBy.DIRECTIVE:
        message = _(
            "The directive itself fixes this deadline: {office} decides for the issuer's side, not the coordinator."
        )
        notes.append(Words(message, office=office.name))
    elif task.parent_id is None and task.assigner_unit_id == task.lead_unit_id:
        message = _("Your unit assigned this task to itself: {office} decides for the issuer's side.")
        notes.append(Words(message, office=office.name))
    else:
        notes.append(Words(_("{unit} decides."), unit=session.get_one(Unit, task.assigner_unit_id).name))
    return notes
