"""What one person may see of one task: read at once, and cut to what concerns their unit."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from models.directive import Directive, Duty
from models.errors import NotFound
from models.history import History, HistoryNote
from models.localtime import due_date, local_date
from models.person import Person
from models.task import OPEN_STATUSES, Contribution, Task
from models.template import TemplateVersion
from models.unit import Unit
from models.words import EVENT_WORDS
from workflows.calendar import load_calendar
from workflows.rights import look_at, read_place
from workflows.rules.rights import View


@dataclass(frozen=True)
class Step:
    """One line of the history. `due_on`: the date it set."""

    on: date
    event: str  # a message id
    who: str | None  # None: the system
    due_on: date | None
    note: str


@dataclass(frozen=True)
class Clock:
    """The task's date as of now. Days are working days, negative when late; hours for contingency duties."""

    due_at: datetime
    moved_from: datetime | None
    reason: str
    days_left: int | None
    hours_left: int | None
    counts: bool  # still open: what is left matters

    @property
    def is_late(self) -> bool:
        return (self.counts and (self.days_left or 0) < 0) or (self.hours_left or 0) < 0


@dataclass(frozen=True)
class Contact:
    """Who follows the task up."""

    name: str
    unit: str
    phone: str
    email: str


@dataclass(frozen=True)
class TaskPage:
    """Everything the page says."""

    view: View
    task: Task
    reader: Person
    directive: str
    directive_row: Directive
    duty: Duty
    lead_unit: str
    partners: tuple[str, ...]
    required_result: str
    classified_mail: bool
    clock: Clock | None
    contact: Contact
    history: tuple[Step, ...]


def read_page(session: Session, task_id: UUID, person_id: UUID, *, now: datetime) -> TaskPage:
    """The page for a link's task and person. NotFound where either is gone, or the person has retired."""
    task, reader = session.get(Task, task_id), session.get(Person, person_id)
    if task is None or reader is None or not reader.is_active:
        raise NotFound("this link is not valid: open it again from the letter")
    directive, duty = session.get_one(Directive, task.directive_id), session.get_one(Duty, task.duty_id)
    lead = session.get_one(Unit, task.lead_unit_id)
    result = session.get_one(TemplateVersion, task.template_version_id).read_spec().result
    view = _view(session, task, lead, reader, local_date(now))
    return TaskPage(
        view=view,
        task=task,
        reader=reader,
        directive=f"{directive.kind[:1].upper()}{directive.kind[1:]} {directive.number or directive.code}",
        directive_row=directive,
        duty=duty,
        lead_unit=lead.name,
        partners=_partners(session, task_id),
        required_result=result.description,
        classified_mail=result.classified_mail,
        clock=_clock(session, task, now),
        contact=_contact(session, task),
        history=_history(session, task_id) if view is View.WHOLE else (),
    )


def _view(session: Session, task: Task, lead: Unit, reader: Person, day: date) -> View:
    try:
        return look_at(session, read_place(session, reader, day), task.id, day).view
    except NotFound:
        return View.NOTHING


def _clock(session: Session, task: Task, now: datetime) -> Clock | None:
    if task.due_at is None:
        return None
    by_the_hour = task.incident_id is not None
    days = load_calendar(session).between(local_date(now), due_date(task.due_at))
    moved = task.original_due_at if task.original_due_at != task.due_at else None
    return Clock(
        due_at=task.due_at,
        moved_from=moved,
        reason=task.due_reason,
        days_left=None if by_the_hour else days,
        hours_left=int((task.due_at - now) / timedelta(hours=1)) if by_the_hour else None,
        counts=task.status in OPEN_STATUSES,
    )


def _contact(session: Session, task: Task) -> Contact:
    person, unit = session.get_one(Person, task.coordinator_id), session.get_one(Unit, task.assigner_unit_id)
    return Contact(person.full_name, unit.name, person.phone or unit.phone or "", person.email or unit.email or "")


def _partners(session: Session, task_id: UUID) -> tuple[str, ...]:
    query = (
        select(Unit.name)
        .join(Contribution, col(Contribution.unit_id) == col(Unit.id))
        .where(Contribution.task_id == task_id)
        .order_by(col(Unit.sort_key))
    )
    return tuple(session.exec(query))


def _history(session: Session, task_id: UUID) -> tuple[Step, ...]:
    """Newest first; events without words of their own are not for readers."""
    query = (
        select(History, HistoryNote.text, Person.full_name)
        .outerjoin(HistoryNote, col(HistoryNote.history_id) == col(History.id))
        .outerjoin(Person, col(Person.id) == col(History.actor_id))
        .where(History.task_id == task_id)
        .order_by(col(History.recorded_at).desc(), col(History.id).desc())
    )
    return tuple(
        Step(
            on=row.occurred_on,
            event=EVENT_WORDS[row.event],
            who=name,
            due_on=date.fromisoformat(row.facts["due_on"]) if row.facts.get("due_on") else None,
            note=note or "",
        )
        for row, note, name in session.exec(query)
        if row.event in EVENT_WORDS
    )
