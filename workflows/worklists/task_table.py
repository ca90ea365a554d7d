"""The flat list of tasks that somebody sees: filtered, sorted, a page at a time or whole for a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty, directive_name
from models.i18n import Labelled, _
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.history import History
from models.tasks.late import is_late, late_at
from models.tasks.task import IS_OPEN, OPEN_STATUSES, Obstacle, Task, TaskStatus, WaitKind
from models.text.localtime import at_local, due_date, end_of_day, local_date
from models.text.vietnamese import fold
from workflows.access.rights import Principal, visible_open_tasks, visible_tasks
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.board_cells import soon_until
from workflows.rules.rights_table import Right

PER_PAGE = 50
MOST_ROWS = 20_000
"""Rows of one file."""


class Shown(Labelled):
    """Which tasks a list holds. Withdrawn tasks stand in none; drills only under All."""

    OPEN = "open", _("Not completed")
    LATE = "late", _("Late")
    IN_TIME = "in_time", _("Not completed, on schedule")
    SOON = "soon", _("Due within 7 days")
    NEW = "new", _("Not accepted yet")
    WAITING = "waiting", _("Waiting for a decision")
    RETURNED = "returned", _("Returned")
    UNDATED = "undated", _("Without a deadline")
    DONE = "done", _("Completed")
    ALL = "all", _("All tasks")


class Sort(Labelled):
    """By which column a list is sorted."""

    DUE = "due", _("Deadline")
    UNIT = "unit", _("Unit")
    DUTY = "duty", _("Duty")
    STATE = "state", _("State")
    PERSON = "person", _("Head")


class LateReason(Labelled):
    """Who must move next on a late task, or that nobody said anything."""

    AUTHORITY = "authority", _("the authority has not answered in time")
    OBSTACLE = "obstacle", _("an obstacle waits for its answer")
    EXTENSION = "extension", _("more time was asked for")
    LEAD_CHANGE = "lead_change", _("another lead was asked for")
    DECISION = "decision", _("the result waits for our decision")
    RETURNED = "returned", _("the result was returned for completion")
    UNDER_WAY = "under_way", _("progress was reported, no obstacle")
    SILENT = "silent", _("nothing was heard")


@dataclass(frozen=True)
class TaskFilter:
    """What is asked for. `due` is a local day, `unit` and `directive` are codes, `words` a part of a unit's name."""

    shown: Shown = Shown.OPEN
    directive: str = ""
    duty: str = ""
    unit: str = ""
    words: str = ""
    due: date | None = None
    due_from: date | None = None
    due_to: date | None = None
    own: bool = False  # only those of whoever asks: their unit's, given to them, followed by them
    reason: LateReason | None = None  # only what is late for it
    is_units_turn: bool = False  # only what waits for nobody's decision or answer
    sort: Sort = Sort.DUE
    descending: bool = False


@dataclass(frozen=True)
class TaskRow:
    """One task. `days_left` are working days, negative when late; None where it is closed or has no date."""

    id: UUID
    directive_code: str
    directive: str
    duty_path: str
    duty_title: str
    occurrence: str
    unit_code: str
    unit: str
    head: str | None
    phone: str | None
    officer: str | None
    status: TaskStatus
    wait_kind: WaitKind | None
    due_on: date | None
    closed_on: date | None
    days_left: int | None
    is_late: bool
    is_drill: bool
    last_progress: date | None


@dataclass(frozen=True)
class TaskPage:
    """A page of the list, and how many tasks the whole of it holds."""

    rows: Sequence[TaskRow]
    total: int
    page: int
    pages: int


def read_tasks(
    session: Session, principal: Principal, wanted: TaskFilter, *, now: datetime, calendar: WorkCalendar, page: int = 1
) -> TaskPage:
    """Return a page of the tasks that somebody sees, as of `now` (UTC). Three queries, whatever there is."""
    conditions = task_conditions(principal, wanted, now)
    counted: Any = select(func.count()).select_from(Task) if _is_of_tasks_alone(wanted) else join_tasks(func.count())
    total = session.scalar(counted.where(*conditions)) or 0
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(page, 1), pages)
    window = _rows(wanted, conditions, most=PER_PAGE, after=(page - 1) * PER_PAGE)
    return TaskPage(_read(session, window, now, calendar), total, page, pages)


def read_all_tasks(
    session: Session, principal: Principal, wanted: TaskFilter, *, now: datetime, calendar: WorkCalendar, most: int
) -> list[TaskRow]:
    """Return the first `most` rows of the list."""
    return _read(session, _rows(wanted, task_conditions(principal, wanted, now), most=most), now, calendar)


def count_tasks(session: Session, principal: Principal, now: datetime) -> dict[Shown, int]:
    """Return how many tasks each list holds that is not closed, in one query."""
    kinds = [one for one in Shown if one not in (Shown.DONE, Shown.ALL)]
    counts: Any = (func.count().filter(state_condition(one, now)).label(one.value) for one in kinds)
    row = session.execute(
        select(*counts).select_from(Task).where(visible_open_tasks(principal), in_earnest(principal))
    ).one()
    return dict(zip(kinds, row, strict=True))


_HEAD, _OFFICER = aliased(Person), aliased(Person)


def join_tasks(*columns: Any) -> Any:
    """Return a query of tasks with what a list filters by."""
    return (
        select(*columns)
        .select_from(Task)
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
    )


def _is_of_tasks_alone(wanted: TaskFilter) -> bool:
    """Return whether a list's conditions name no unit, duty or directive."""
    return not (wanted.directive or wanted.duty or wanted.unit or wanted.words)


def _rows(wanted: TaskFilter, conditions: Sequence[ColumnElement[bool]], *, most: int, after: int = 0) -> Any:
    query = join_tasks(
        *(col(Task.id), col(Task.status), col(Task.wait_kind), col(Task.due_at), col(Task.closed_at)),
        *(col(Task.occurrence), col(Task.is_drill)),
        *(col(Duty.path), col(Duty.title), col(Directive.code).label("directive_code")),
        *(col(Directive.kind), col(Directive.number), col(Directive.subject)),
        *(col(Unit.code).label("unit_code"), col(Unit.name).label("unit"), col(Unit.phone).label("unit_phone")),
        col(_OFFICER.full_name).label("officer"),
        *(col(_HEAD.full_name).label("head"), col(_HEAD.phone).label("head_phone")),
    )
    query = query.outerjoin(_HEAD, col(_HEAD.id) == col(Unit.head_id)).outerjoin(
        _OFFICER, col(_OFFICER.id) == col(Task.officer_id)
    )
    by: dict[Sort, tuple[Any, ...]] = {
        Sort.DUE: (col(Task.due_at),),
        Sort.UNIT: (col(Unit.sort_key),),
        Sort.DUTY: (col(Directive.code), col(Duty.position), col(Duty.path)),
        Sort.STATE: (col(Task.status),),
        Sort.PERSON: (col(_HEAD.sort_key),),
    }
    first = [(column.desc() if wanted.descending else column.asc()).nulls_last() for column in by[wanted.sort]]
    order = (*first, col(Task.due_at).asc().nulls_last(), col(Task.id))
    if _is_of_tasks_alone(wanted) and wanted.sort in (Sort.DUE, Sort.STATE):  # what is named is read of a page alone
        picked = select(col(Task.id)).where(*conditions).order_by(*order).limit(most).offset(after)
        return query.where(col(Task.id).in_(picked)).order_by(*order)
    return query.where(*conditions).order_by(*order).limit(most).offset(after)


def task_conditions(principal: Principal, wanted: TaskFilter, now: datetime) -> list[ColumnElement[bool]]:
    """Return what holds of the tasks of a list; a query of them joins Duty, Directive and Unit."""
    is_closed_too = wanted.shown in (Shown.DONE, Shown.ALL)
    seen = visible_tasks(principal) if is_closed_too else visible_open_tasks(principal)
    found = [seen, state_condition(wanted.shown, now)]
    if wanted.shown is not Shown.ALL:
        found.append(in_earnest(principal))
    if wanted.directive:
        found.append(col(Directive.code) == wanted.directive)
    if wanted.duty:
        found.append(col(Duty.path) == wanted.duty)
    if wanted.unit:
        found.append(col(Unit.code) == wanted.unit)
    if wanted.words:
        found.append(col(Unit.name_folded).contains(fold(wanted.words), autoescape=True))
    if wanted.reason:
        found.append(reason_condition(wanted.reason, now))
    if wanted.is_units_turn:
        found.append(col(Task.wait_kind).is_(None))
    if wanted.due:
        found += [col(Task.due_at) > at_local(wanted.due, time(0, 0)), col(Task.due_at) <= end_of_day(wanted.due)]
    if wanted.due_from:
        found.append(col(Task.due_at) > at_local(wanted.due_from, time(0, 0)))
    if wanted.due_to:
        found.append(col(Task.due_at) <= end_of_day(wanted.due_to))
    if wanted.own:
        found.append(_is_own(principal))
    return found


def _is_own(principal: Principal) -> ColumnElement[bool]:
    """Return which tasks a digest lists to its reader: as who answers for the unit, as officer, as coordinator."""
    return or_(
        col(Task.lead_unit_id).in_(principal.serves),
        col(Task.officer_id).in_(principal.people),
        col(Task.coordinator_id).in_(principal.people),
    )


def in_earnest(principal: Principal) -> ColumnElement[bool]:
    """Return which tasks the lists count: no drill, and for who sees everything no part, as in the report.

    A part is the affair of the unit that handed it on; whoever sees that unit's tasks only has it among theirs.
    """
    counted = col(Task.is_drill).is_(False)
    return and_(counted, col(Task.parent_id).is_(None)) if principal.may(Right.SEE_EVERYTHING) else counted


def state_condition(shown: Shown, now: datetime) -> ColumnElement[bool]:
    """Return which tasks a list holds."""
    late, soon = late_at(now), col(Task.due_at) <= end_of_day(soon_until(local_date(now)))
    return {
        Shown.OPEN: and_(IS_OPEN),
        Shown.LATE: late,
        Shown.IN_TIME: and_(IS_OPEN, not_(late)),
        Shown.SOON: and_(IS_OPEN, not_(late), soon),
        Shown.NEW: and_(IS_OPEN, col(Task.status) == TaskStatus.ASSIGNED),
        Shown.WAITING: and_(IS_OPEN, col(Task.wait_kind).is_not(None)),
        Shown.RETURNED: and_(IS_OPEN, col(Task.status) == TaskStatus.RETURNED),
        Shown.UNDATED: and_(IS_OPEN, col(Task.due_at).is_(None)),
        Shown.DONE: col(Task.status) == TaskStatus.APPROVED,
        Shown.ALL: col(Task.status) != TaskStatus.WITHDRAWN,
    }[shown]


def _read(session: Session, query: Any, now: datetime, calendar: WorkCalendar) -> list[TaskRow]:
    rows = session.execute(query).all()
    progress = _last_progress(session, [row.id for row in rows])
    return [_row(row, progress, now, calendar) for row in rows]


def _row(row: Any, progress: Mapping[UUID, date], now: datetime, calendar: WorkCalendar) -> TaskRow:
    due_on = due_date(row.due_at) if row.due_at else None
    is_open = row.status in OPEN_STATUSES
    return TaskRow(
        id=row.id,
        directive_code=row.directive_code,
        directive=directive_name(row.kind, row.number, row.subject),
        duty_path=row.path,
        duty_title=row.title,
        occurrence=row.occurrence,
        unit_code=row.unit_code,
        unit=row.unit,
        head=row.head,
        phone=row.head_phone or row.unit_phone,
        officer=row.officer,
        status=row.status,
        wait_kind=row.wait_kind,
        due_on=due_on,
        closed_on=local_date(row.closed_at) if row.closed_at else None,
        days_left=calendar.between(local_date(now), due_on) if due_on and is_open else None,
        is_late=is_late(row.status, row.due_at, now),
        is_drill=row.is_drill,
        last_progress=progress.get(row.id),
    )


def _last_progress(session: Session, tasks: Sequence[UUID]) -> dict[UUID, date]:
    query: Any = select(col(History.task_id), func.max(col(History.occurred_on))).where(
        col(History.task_id).in_(tasks), col(History.event) == "progress"
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(col(History.task_id)))}


def reason_condition(reason: LateReason, now: datetime) -> ColumnElement[bool]:
    """Return which late tasks have this reason; only those that the report counts have one."""
    waits = {one: col(Task.wait_kind) == one for one in WaitKind}
    of_task = col(History.task_id) == col(Task.id)
    heard = exists().where(of_task, col(History.event) == "progress")
    is_overdue = exists().where(
        col(Obstacle.task_id) == col(Task.id), col(Obstacle.answered_at).is_(None), col(Obstacle.respond_by) < now
    )
    calm = col(Task.wait_kind).is_(None)
    returned = col(Task.status) == TaskStatus.RETURNED
    found = {
        LateReason.AUTHORITY: and_(waits[WaitKind.OBSTACLE], is_overdue),
        LateReason.OBSTACLE: and_(waits[WaitKind.OBSTACLE], not_(is_overdue)),
        LateReason.EXTENSION: waits[WaitKind.EXTENSION],
        LateReason.LEAD_CHANGE: waits[WaitKind.LEAD_CHANGE],
        LateReason.DECISION: waits[WaitKind.DECISION],
        LateReason.RETURNED: and_(calm, returned),
        LateReason.UNDER_WAY: and_(calm, not_(returned), heard),
        LateReason.SILENT: and_(calm, not_(or_(returned, heard))),
    }
    return and_(col(Task.parent_id).is_(None), found[reason])
