"""What a form offers to choose from, and what its task's rules say about the fields: read for one form only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from models.i18n import Words, _, _n
from models.organization.person import Person
from models.organization.register_reads import coordinators_of, people_of, units_below
from models.organization.unit import Unit
from models.tasks.task import OPEN_STATUSES, DueFixedBy
from models.text.localtime import due_date, local_date
from web.actions.action_forms import ActionForm, Kind
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.lifecycle import Action
from workflows.tasks.acts.obstacles import authority_for
from workflows.worklists.task_view import TaskSheet

MOST_NAMES = 1500
"""So many units are offered while one types; of more, the name or code must be known."""


@dataclass(frozen=True)
class ActionChoices:
    """`people`: code and words. `below`: code, name, and whether the unit has its part of the task already."""

    people: Sequence[tuple[str, str]] = ()
    below: Sequence[tuple[str, str, bool]] = ()
    notes: Sequence[Words] = field(default_factory=tuple)


def read_choices(
    session: Session, sheet: TaskSheet, action: Action, form: ActionForm, *, now: datetime, calendar: WorkCalendar
) -> ActionChoices:
    kinds = {one.kind for one in form.fields}
    have = {one.unit for one in sheet.whole.children} if sheet.whole else set()
    below = units_below(session, sheet.lead.id) if Kind.UNITS in kinds else []
    return ActionChoices(
        people=[
            (one.code, f"{one.full_name}{f' – {one.title}' if one.title else ''}")
            for one in _people(session, sheet, kinds)
        ],
        below=[(one.code, one.name, one.name in have) for one in below],
        notes=tuple(_notes(session, sheet, action, now, calendar)),
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
        return _of_extension(session, sheet)
    if action is Action.RAISE_OBSTACLE:
        unit = authority_for(session, sheet.task, sheet.directive, sheet.spec)
        day = calendar.add(local_date(now), sheet.spec.authority_working_days)
        return [Words(_("It goes to {unit}, which has until {day} to answer."), unit=unit.name, day=day)]
    due_at = sheet.task.due_at
    if action in (Action.SUBMIT, Action.CORRECT) and due_at and local_date(now) > due_date(due_at):
        return [_("The deadline has passed: the result will count as late.")]
    if action is Action.APPROVE and sheet.whole:
        open_parts = sum(one.status in OPEN_STATUSES for one in sheet.whole.children)
        if open_parts:
            return [
                _n(
                    "Delegated and still open: {count} task. Approval withdraws it.",
                    "Delegated and still open: {count} tasks. Approval withdraws them.",
                    count=open_parts,
                )
            ]
    return []


def _of_extension(session: Session, sheet: TaskSheet) -> Sequence[Words]:
    task, said = sheet.task, []
    if task.due_at is not None:
        said.append(Words(_("The deadline is now {day}."), day=due_date(task.due_at)))
    if sheet.spec.max_extension_days is not None:
        said.append(
            _n(
                "One request asks for at most {count} day more.",
                "One request asks for at most {count} days more.",
                count=sheet.spec.max_extension_days,
            )
        )
    own_lead = task.parent_id is None and task.assigner_unit_id == task.lead_unit_id
    if task.due_fixed_by is DueFixedBy.DIRECTIVE or own_lead:
        office = session.get_one(Unit, sheet.directive.issuer_office_id)
        why = (
            _("The directive itself fixes this deadline: {office} decides for the issuer's side, not the coordinator.")
            if task.due_fixed_by is DueFixedBy.DIRECTIVE
            else _("Your unit assigned this task to itself: {office} decides for the issuer's side.")
        )
        said.append(Words(why, office=office.name))
    else:
        said.append(Words(_("{unit} decides."), unit=session.get_one(Unit, task.assigner_unit_id).name))
    return said
