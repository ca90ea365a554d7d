"""The sheet of one task, as a person may see it: its duty, deadline and state, its records, and the actions offered."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, func
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty, directive_name
from models.directives.template import TemplateSpec, TemplateVersion
from models.i18n import Words
from models.letters.letter import Notice, NoticeState
from models.organization.calendar import OffDay
from models.organization.person import Person
from models.organization.unit import Unit
from models.rooms import Place
from models.tasks.history import NEWEST_FIRST, History
from models.tasks.late import is_late
from models.tasks.task import OPEN_STATUSES, Contribution, Extension, LeadChange, Obstacle, Result, SignedPress, Task
from models.tasks.task_reads import BESIDE_THE_LEAD
from models.text.localtime import due_date, local_date
from workflows.access.receiver import deciding_unit_name
from workflows.access.rights import Principal, visible_tasks
from workflows.access.task_access import TaskAccess, look_at
from workflows.escalation.explanation import Explanation, explain_task
from workflows.rules.calendar.due import kept_day_off
from workflows.rules.calendar.workdays import Countdown, WorkCalendar, count_down
from workflows.rules.rights_table import Right, View
from workflows.rules.tasks.actions import Action, Relation
from workflows.rules.tasks.lifecycle import UNDO_WITHIN, Situation
from workflows.rules.tasks.offers import at_hand
from workflows.tasks.acts.child_tasks import ended_with_parent
from workflows.templates.audience_words import why_this_unit
from workflows.worklists import task_records as records
from workflows.worklists.work_lines import WorkLine, read_work_line, select_work_lines

STEPS_SHOWN = 30
LETTERS_SHOWN = 10
CHILDREN_SHOWN = 200
_LEADERS = frozenset({Relation.COORDINATOR, Relation.RECEIVER, Relation.ISSUER_OFFICE, Relation.SUPERVISOR})


@dataclass(frozen=True)
class TaskContact:
    """The person who follows the task up."""

    name: str
    unit: str
    phone: str
    email: str


@dataclass(frozen=True)
class TaskView:
    """The parts of the sheet for readers who may see the whole task."""

    results: tuple[records.SubmittedResult, ...]
    extensions: tuple[records.AskedExtension, ...]
    obstacles: tuple[records.RaisedObstacle, ...]
    lead_changes: tuple[records.AskedLeadChange, ...]
    calls: tuple[records.TaskCall, ...]
    presses: tuple[SignedPress, ...]
    children: tuple[WorkLine, ...]
    timeline: tuple[records.HistoryStep, ...]
    has_more_steps: bool
    officer: str | None
    waits_for: str | None
    why: Explanation | None

    @property
    def missing(self) -> str:
        """Return the reason for which a result was last returned; "" without one."""
        return next((result.reason for result in self.results if result.row.decision == "returned"), "")


@dataclass(frozen=True)
class TaskSheet:
    task: Task
    view: View
    relations: frozenset[Relation]
    directive: Directive
    directive_name: str
    duty: Duty
    above: Duty | None  # the parent of the duty
    spec: TemplateSpec
    version: int
    result_goes_to: str  # the unit that decides on the result
    lead: Unit
    head: str | None
    head_phone: str  # or their unit's; "" without either
    why_unit: tuple[Words, ...]
    partners: tuple[records.TaskPartner, ...]
    mine: frozenset[UUID]  # the coordinating units that the reader acts for
    countdown: Countdown | None
    day_off: OffDay | None  # the day off that the deadline falls on, if it is not moved
    contact: TaskContact
    parent: WorkLine | None
    told_me: tuple[records.OwnNotice, ...]
    near: tuple[Action, ...]
    far: tuple[Action, ...]
    seen: UUID | None  # the newest line of the history, by which an action finds out that the sheet was outdated
    whole: TaskView | None
    inspection: tuple[UUID, str] | None = None  # id and title

    @property
    def is_open(self) -> bool:
        return self.task.status in OPEN_STATUSES


def read_sheet(
    session: Session,
    principal: Principal,
    task_id: UUID,
    *,
    now: datetime,
    calendar: WorkCalendar,
    every_step: bool = False,
) -> TaskSheet:
    """Read the sheet in a fixed number of queries. NotFound where the person may not see the task."""
    sight = look_at(session, principal, task_id, local_date(now))
    task = sight.task
    version = session.get_one(TemplateVersion, task.template_version_id)
    spec = version.read_spec()
    unit_ids = {task.lead_unit_id, task.assigner_unit_id, task.assigned_unit_id}
    units = {unit.id: unit for unit in session.exec(select(Unit).where(col(Unit.id).in_(unit_ids)))}
    lead = units[task.lead_unit_id]
    names = _names(session, {task.coordinator_id, lead.head_id, task.officer_id})
    directive, duty = session.get_one(Directive, task.directive_id), session.get_one(Duty, task.duty_id)
    partners = records.read_records(session, records.TaskPartner, task.id)
    near, far = at_hand(read_situation(session, principal, sight, now))
    countdown = None
    if task.due_at:
        countdown = count_down(task.due_at, now=now, calendar=calendar, by_the_hour=task.incident_id is not None)
    inspections = (find(session, principal, task.directive_id) for find in INSPECTION.added())
    return TaskSheet(
        task=task,
        view=sight.view,
        relations=sight.relations,
        directive=directive,
        directive_name=directive_name(directive.kind, directive.number, directive.subject),
        duty=duty,
        above=session.get(Duty, duty.parent_duty_id) if duty.parent_duty_id else None,
        spec=spec,
        version=version.version,
        result_goes_to=deciding_unit_name(session, task_id),
        lead=lead,
        head=names[lead.head_id].full_name if lead.head_id else None,
        head_phone=(names[lead.head_id].phone if lead.head_id else None) or lead.phone or "",
        why_unit=tuple(why_this_unit(session, task, spec, units)),
        partners=partners,
        mine=frozenset(partner.unit_id for partner in partners) & (principal.serves | principal.speaks_for),
        countdown=countdown,
        day_off=kept_day_off(task.due_at, calendar),
        contact=contact_of(names[task.coordinator_id], units[task.assigner_unit_id]),
        parent=_parent(session, principal, task, now, calendar),
        told_me=records.read_own_notices(session, task.id, principal.person.id, LETTERS_SHOWN),
        near=tuple(near),
        far=tuple(far),
        seen=session.execute(_NEWEST_HISTORY, {"task": task.id}).scalars().first(),
        whole=_whole(session, principal, sight, names, now, calendar, every_step=every_step)
        if sight.is_whole
        else None,
        inspection=next((inspection for inspection in inspections if inspection), None),
    )


INSPECTION: Place[Callable[[Session, Principal, UUID], tuple[UUID, str] | None]] = Place("task.inspection")
"""Finds the id and title of the inspection that a document belongs to, if the person may see it."""
_IS_PART = col(Task.parent_id) == bindparam("task")
_CHILDREN = select_work_lines().where(_IS_PART).order_by(col(Task.id)).limit(CHILDREN_SHOWN)
_OWN_LINE = select_work_lines().where(col(Task.id) == bindparam("task"))
_NEWEST_HISTORY = (
    columns(col(History.id)).where(col(History.task_id) == bindparam("task")).order_by(*NEWEST_FIRST).limit(1)
)


def _names(session: Session, ids: set[UUID | None]) -> dict[UUID, Person]:
    person_ids = {person_id for person_id in ids if person_id is not None}
    return {person.id: person for person in session.exec(select(Person).where(col(Person.id).in_(person_ids)))}


def contact_of(person: Person, unit: Unit) -> TaskContact:
    """Return the person's telephone and address, or their unit's where they have none."""
    return TaskContact(person.full_name, unit.name, person.phone or unit.phone or "", person.email or unit.email or "")


def _parent(
    session: Session, principal: Principal, task: Task, now: datetime, calendar: WorkCalendar
) -> WorkLine | None:
    """Return the task that this one is a part of, if the person may see it."""
    if task.parent_id is None:
        return None
    row = session.execute(select_work_lines().where(col(Task.id) == task.parent_id, visible_tasks(principal))).first()
    return read_work_line(row, now=now, calendar=calendar) if row else None


def _whole(
    session: Session,
    principal: Principal,
    sight: TaskAccess,
    names: dict[UUID, Person],
    now: datetime,
    calendar: WorkCalendar,
    *,
    every_step: bool,
) -> TaskView:
    task = sight.task
    steps = records.read_steps(session, task.id, None if every_step else STEPS_SHOWN + 1)
    children = session.execute(_CHILDREN, {"task": task.id}).all()
    own_line = session.execute(_OWN_LINE, {"task": task.id}).one() if task.wait_kind else None
    return TaskView(
        results=records.read_results(session, task.id),
        extensions=records.read_records(session, records.AskedExtension, task.id),
        obstacles=records.read_records(session, records.RaisedObstacle, task.id),
        lead_changes=records.read_records(session, records.AskedLeadChange, task.id),
        calls=records.read_records(session, records.TaskCall, task.id),
        presses=records.read_presses(session, task.id),
        children=tuple(read_work_line(row, now=now, calendar=calendar) for row in children),
        timeline=steps if every_step else steps[:STEPS_SHOWN],
        has_more_steps=not every_step and len(steps) > STEPS_SHOWN,
        officer=names[task.officer_id].full_name if task.officer_id else None,
        waits_for=read_work_line(own_line, now=now, calendar=calendar).with_whom if own_line else None,
        why=explain_task(session, task.id, now=now, calendar=calendar) if is_explained_to(principal, sight) else None,
    )


def is_explained_to(principal: Principal, sight: TaskAccess) -> bool:
    """Return whether a reader of the whole task also sees which people got which letters, and by which rule."""
    return principal.may(Right.SEE_LETTERS) or not sight.relations.isdisjoint(_LEADERS)


def around(text: str, quote: str) -> tuple[str, str, str]:
    """Return the text before, in and after a quote, which may have other line breaks; ("", "", text) without it."""
    match = re.search(r"\s+".join(re.escape(word) for word in quote.split()), text)
    return (text[: match.start()], match.group(), text[match.end() :]) if match else ("", "", text)


def read_situation(session: Session, principal: Principal, sight: TaskAccess, now: datetime) -> Situation:
    task = sight.task
    parameters = {
        "task": task.id,
        "lead": task.lead_unit_id,
        "units": list(principal.serves | principal.speaks_for),
        "me": principal.person.id,
        "undo_since": now - UNDO_WITHIN,
    }
    row = session.execute(_SITUATION, parameters).one()
    return Situation(
        status=task.status,
        relations=sight.relations,
        has_date=task.due_at is not None,
        is_late=is_late(task.status, task.due_at, now),
        due_fixed_by=task.due_fixed_by,
        extension=row.extension,
        by_issuer=bool(row.by_issuer),
        has_obstacle=bool(row.has_obstacle),
        has_lead_request=bool(row.has_lead_request),
        owes_contribution=bool(row.owes_contribution),
        has_subordinates=bool(row.has_subordinates),
        has_open_children=bool(row.has_open_children),
        may_take_back=bool(row.may_take_back),
        may_undo=bool(row.may_undo),
        is_outgrown=bool(row.asked_due_on and task.due_at and row.asked_due_on < due_date(task.due_at)),
    )


def _select_situation() -> Any:
    """Select the facts of `read_situation`. It is built once, as that takes longer than executing it."""
    child: Any = aliased(Task)
    task: Any = bindparam("task")
    opened = (col(Extension.task_id) == task, col(Extension.state).in_(("open", "countered")))
    blocked = (col(Obstacle.task_id) == task, col(Obstacle.answered_at).is_(None))
    asked = (col(LeadChange.task_id) == task, col(LeadChange.state) == "open")
    owed = (
        col(Contribution.task_id) == task,
        col(Contribution.contributed_at).is_(None),
        col(Contribution.unit_id).in_(bindparam("units", expanding=True)),
        BESIDE_THE_LEAD,
    )
    below = (col(Unit.parent_id) == bindparam("lead"), col(Unit.is_active), col(Unit.is_outside).is_(False))
    handed_on = (col(child.parent_id) == task, col(child.status).in_(OPEN_STATUSES))
    waiting = (col(Result.task_id) == task, col(Result.decision).is_(None), col(Result.received_on).is_(None))
    approved_now = (
        col(Result.task_id) == task,
        col(Result.decision) == "approved",
        col(Result.decided_by) == bindparam("me"),
        col(Result.decided_at) >= bindparam("undo_since"),
        ~exists().where(ended_with_parent(child, task, col(Result.decided_at))),
    )
    return columns(
        columns(col(Extension.state)).where(*opened).scalar_subquery().label("extension"),
        columns(col(Extension.asked_due_on)).where(*opened).scalar_subquery().label("asked_due_on"),
        columns(col(Extension.by_issuer)).where(*opened).scalar_subquery().label("by_issuer"),
        columns(col(Obstacle.id)).where(*blocked).exists().label("has_obstacle"),
        columns(col(LeadChange.id)).where(*asked).exists().label("has_lead_request"),
        columns(col(Contribution.unit_id)).where(*owed).exists().label("owes_contribution"),
        columns(col(Unit.id)).where(*below).exists().label("has_subordinates"),
        columns(col(child.id)).where(*handed_on).exists().label("has_open_children"),
        columns(col(Result.id)).where(*waiting).exists().label("may_take_back"),
        columns(col(Result.id)).where(*approved_now).exists().label("may_undo"),
    )


_SITUATION = _select_situation()


def letters_leave_at(session: Session, task_id: UUID, history_id: UUID) -> datetime | None:
    """Return when the first letter about a line of the history leaves, in UTC; None where no letter waits."""
    query = select(func.min(Notice.slot)).where(
        Notice.task_id == task_id, Notice.anchor_id == history_id, Notice.state == NoticeState.PENDING
    )
    return session.exec(query).one()
