"""One task on one sheet, as somebody may see it: the duty, its date, its state, and what they may do now."""

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
from workflows.access.receiver import name_of_deciding
from workflows.access.rights import Principal, visible_tasks
from workflows.access.task_access import TaskAccess, look_at
from workflows.escalation.why import Why, why
from workflows.rules.calendar.due import kept_day_off
from workflows.rules.calendar.workdays import Countdown, WorkCalendar, count_down
from workflows.rules.rights_table import Right, View
from workflows.rules.tasks.lifecycle import UNDO_WITHIN, Action, Relation, Situation
from workflows.rules.tasks.offers import at_hand
from workflows.tasks.acts.task_parts import ended_with_whole
from workflows.templates.audience_words import why_this_unit
from workflows.worklists import task_history as records
from workflows.worklists.task_lines import WorkLine, read_line, task_lines

STEPS_SHOWN = 30
LETTERS_SHOWN = 10
CHILDREN_SHOWN = 200
_LEADERS = frozenset({Relation.COORDINATOR, Relation.RECEIVER, Relation.ISSUER_OFFICE, Relation.SUPERVISOR})


@dataclass(frozen=True)
class TaskContact:
    """Who follows the task up."""

    name: str
    unit: str
    phone: str
    email: str


@dataclass(frozen=True)
class TaskView:
    """What those see who see a task whole."""

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
    why: Why | None

    @property
    def missing(self) -> str:
        """Return why a result was returned last; "" where none was."""
        return next((one.reason for one in self.results if one.row.decision == "returned"), "")


@dataclass(frozen=True)
class TaskSheet:
    """Everything the page says. `seen` is the newest line of the history: what forms were filled in the light of."""

    task: Task
    view: View
    relations: frozenset[Relation]
    directive: Directive
    directive_name: str
    duty: Duty
    above: Duty | None  # the duty that it belongs under
    spec: TemplateSpec
    version: int
    result_goes_to: str  # the unit that decides on the result
    lead: Unit
    head: str | None
    head_phone: str  # theirs, else their unit's; "" without one
    why_unit: tuple[Words, ...]
    partners: tuple[records.TaskPartner, ...]
    mine: frozenset[UUID]  # the coordinating units that the reader may speak of
    countdown: Countdown | None
    day_off: OffDay | None  # why the last day is off, where the date stays on it
    contact: TaskContact
    parent: WorkLine | None
    told_me: tuple[records.ToldMe, ...]
    near: tuple[Action, ...]
    far: tuple[Action, ...]
    seen: UUID | None
    whole: TaskView | None
    inspection: tuple[UUID, str] | None = None  # the inspection that it belongs to: id, title

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
    """A fixed number of queries. NotFound where the task is none of theirs."""
    sight = look_at(session, principal, task_id, local_date(now))
    task = sight.task
    version = session.get_one(TemplateVersion, task.template_version_id)
    spec = version.read_spec()
    wanted = {task.lead_unit_id, task.assigner_unit_id, task.assigned_unit_id}
    units = {unit.id: unit for unit in session.exec(select(Unit).where(col(Unit.id).in_(wanted)))}
    lead = units[task.lead_unit_id]
    names = _names(session, {task.coordinator_id, lead.head_id, task.officer_id})
    directive, duty = session.get_one(Directive, task.directive_id), session.get_one(Duty, task.duty_id)
    partners = records.rows_of(session, records.TaskPartner, task.id)
    mine = frozenset(one.unit_id for one in partners) & (principal.serves | principal.speaks_for)
    whole = sight.is_whole
    near, far = at_hand(read_situation(session, principal, sight, now))
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
        result_goes_to=name_of_deciding(session, task_id),
        lead=lead,
        head=names[lead.head_id].full_name if lead.head_id else None,
        head_phone=(names[lead.head_id].phone if lead.head_id else None) or lead.phone or "",
        why_unit=tuple(why_this_unit(session, task, spec, units)),
        partners=partners,
        mine=mine,
        countdown=count_down(task.due_at, now=now, calendar=calendar, by_the_hour=task.incident_id is not None)
        if task.due_at
        else None,
        day_off=kept_day_off(task.due_at, calendar),
        contact=contact_of(names[task.coordinator_id], units[task.assigner_unit_id]),
        parent=_parent(session, principal, task, now, calendar),
        told_me=records.told_me(session, task.id, principal.person.id, LETTERS_SHOWN),
        near=tuple(near),
        far=tuple(far),
        seen=session.execute(_NEWEST, {"task": task.id}).scalars().first(),
        whole=_whole(session, principal, sight, names, now, calendar, every_step) if whole else None,
        inspection=next(
            (found for of in INSPECTION.added() if (found := of(session, principal, task.directive_id))), None
        ),
    )


INSPECTION: Place[Callable[[Session, Principal, UUID], tuple[UUID, str] | None]] = Place("task.inspection")
"""Finds the inspection that a document belongs to: its id and title, for somebody who sees it."""
_CHILDREN = task_lines().where(col(Task.parent_id) == bindparam("task")).order_by(col(Task.id)).limit(CHILDREN_SHOWN)
_ONE = task_lines().where(col(Task.id) == bindparam("task"))
_NEWEST = columns(col(History.id)).where(col(History.task_id) == bindparam("task")).order_by(*NEWEST_FIRST).limit(1)


def _names(session: Session, ids: set[UUID | None]) -> dict[UUID, Person]:
    wanted = {one for one in ids if one is not None}
    return {one.id: one for one in session.exec(select(Person).where(col(Person.id).in_(wanted)))}


def contact_of(person: Person, unit: Unit) -> TaskContact:
    """What the person has not given is their unit's."""
    return TaskContact(person.full_name, unit.name, person.phone or unit.phone or "", person.email or unit.email or "")


def _parent(
    session: Session, principal: Principal, task: Task, now: datetime, calendar: WorkCalendar
) -> WorkLine | None:
    """Only for those who see that one too."""
    if task.parent_id is None:
        return None
    row = session.execute(task_lines().where(col(Task.id) == task.parent_id, visible_tasks(principal))).first()
    return read_line(row, now=now, calendar=calendar) if row else None


def _whole(
    session: Session,
    principal: Principal,
    sight: TaskAccess,
    names: dict[UUID, Person],
    now: datetime,
    calendar: WorkCalendar,
    every_step: bool,
) -> TaskView:
    task = sight.task
    steps = records.timeline(session, task.id, None if every_step else STEPS_SHOWN + 1)
    children = session.execute(_CHILDREN, {"task": task.id}).all()
    own = session.execute(_ONE, {"task": task.id}).one() if task.wait_kind else None
    return TaskView(
        results=records.results(session, task.id),
        extensions=records.rows_of(session, records.AskedExtension, task.id),
        obstacles=records.rows_of(session, records.RaisedObstacle, task.id),
        lead_changes=records.rows_of(session, records.AskedLeadChange, task.id),
        calls=records.rows_of(session, records.TaskCall, task.id),
        presses=records.presses(session, task.id),
        children=tuple(read_line(row, now=now, calendar=calendar) for row in children),
        timeline=steps if every_step else steps[:STEPS_SHOWN],
        has_more_steps=not every_step and len(steps) > STEPS_SHOWN,
        officer=names[task.officer_id].full_name if task.officer_id else None,
        waits_for=read_line(own, now=now, calendar=calendar).with_whom if own else None,
        why=why(session, task.id, now=now, calendar=calendar) if is_explained_to(principal, sight) else None,
    )


def is_explained_to(principal: Principal, sight: TaskAccess) -> bool:
    """Return whether somebody who sees a task whole also sees who was told what of it, and by which rule."""
    return principal.may(Right.SEE_LETTERS) or not sight.relations.isdisjoint(_LEADERS)


def around(text: str, quote: str) -> tuple[str, str, str]:
    """Return a directive's text before, in and after a quote, whatever the line breaks. ("", "", text) without it."""
    found = re.search(r"\s+".join(re.escape(word) for word in quote.split()), text)
    return (text[: found.start()], found.group(), text[found.end() :]) if found else ("", "", text)


def read_situation(session: Session, principal: Principal, sight: TaskAccess, now: datetime) -> Situation:
    task = sight.task
    given = {
        "task": task.id,
        "lead": task.lead_unit_id,
        "units": list(principal.serves | principal.speaks_for),
        "me": principal.person.id,
        "undo_since": now - UNDO_WITHIN,
    }
    row = session.execute(_QUERY, given).one()
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


def _query() -> Any:
    """Written down once: to build it takes longer than to ask it."""
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
        ~exists().where(ended_with_whole(child, task, col(Result.decided_at))),
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


_QUERY = _query()


def letters_leave_at(session: Session, task_id: UUID, history_id: UUID) -> datetime | None:
    """In UTC; None where none waits. One query, by an index."""
    query = select(func.min(Notice.slot)).where(
        Notice.task_id == task_id, Notice.anchor_id == history_id, Notice.state == NoticeState.PENDING
    )
    return session.exec(query).one()
