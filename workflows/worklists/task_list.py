"""The list of tasks: one query and one row for the page, its files, the API and the command line.

Who sees which tasks enters in `task_conditions` alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.database.paging import Paging
from models.directives.directive import Directive, Duty, directive_name
from models.i18n import Labelled, _
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.history import History
from models.tasks.late import late_at, soon_until
from models.tasks.task import IS_OPEN, OPEN_STATUSES, Obstacle, Task, TaskStatus, WaitKind
from models.text.faults import invalid
from models.text.localtime import at_local, due_date, end_of_day, local_date
from models.text.vietnamese import fold
from notifications.composing.reasons import due_words
from workflows.access.rights import Operator, Principal, visible_open_tasks, visible_tasks
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.rights_table import Right

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


def _read_day(given: object) -> object:
    try:
        return date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError as error:
        raise invalid(_("a day such as 2026-11-05")) from error


Flag = Annotated[bool, BeforeValidator(lambda given: given in (True, "1"))]
Code = Annotated[str, BeforeValidator(lambda given: given[:64] if isinstance(given, str) else given)]
Text = Annotated[str, BeforeValidator(lambda given: given.strip()[:200] if isinstance(given, str) else given)]
Day = Annotated[date, BeforeValidator(_read_day)]


class TaskFilter(BaseModel):
    """What a list is asked for, as its address says it. `due` is a local day, `q` a part of a unit's name."""

    model_config = ConfigDict(frozen=True)

    show: Shown = Shown.OPEN
    directive: Code = ""
    duty: Code = ""
    unit: Code = ""
    q: Text = ""
    due: Day | None = None
    due_from: Day | None = None
    due_to: Day | None = None
    own: Flag = False  # only those of whoever asks: their unit's, given to them, followed by them
    reason: LateReason | None = None  # only what is late for it
    sort: Sort = Sort.DUE
    desc: Flag = False

    def state(self, reader: Principal | Operator, now: datetime) -> list[ColumnElement[bool]]:
        """Only ALL holds what does not count for the reader."""
        counted = [] if self.show is Shown.ALL else [in_earnest(reader)]
        return [state_condition(self.show, now), *counted]

    @property
    def holds_closed(self) -> bool:
        return self.show in (Shown.DONE, Shown.ALL)

    @property
    def sorts_by_tasks_alone(self) -> bool:
        return self.sort in (Sort.DUE, Sort.STATE)

    def order(self) -> tuple[Any, ...]:
        by: dict[Sort, tuple[Any, ...]] = {
            Sort.DUE: (col(Task.due_at),),
            Sort.UNIT: (col(Unit.sort_key),),
            Sort.DUTY: (col(Directive.code), col(Duty.position), col(Duty.path)),
            Sort.STATE: (col(Task.status),),
            Sort.PERSON: (col(_HEAD.sort_key),),
        }
        first = [(column.desc() if self.desc else column.asc()).nulls_last() for column in by[self.sort]]
        return (*first, col(Task.due_at).asc().nulls_last(), col(Task.id))


class ToCall(TaskFilter):
    """Late tasks that wait for nobody's decision or answer: whom one telephones about."""

    show: Shown = Shown.LATE

    def state(self, reader: Principal | Operator, now: datetime) -> list[ColumnElement[bool]]:
        return [*super().state(reader, now), col(Task.wait_kind).is_(None)]


class EveryTask(TaskFilter):
    """What programs ask for: drills, parts and withdrawn tasks too. `overdue`: only what is, or is not, late.

    In the order of their making (their ids are time-ordered) a list can go on `after` a task.
    """

    statuses: Sequence[TaskStatus] = ()
    overdue: bool | None = None
    after: UUID | None = None
    in_order_of_making: bool = False

    def state(self, _reader: Principal | Operator, now: datetime) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [col(Task.status).in_(self.statuses)] if self.statuses else []
        if self.overdue is not None:
            found.append(late_at(now) if self.overdue else ~late_at(now))
        return [*found, col(Task.id) > self.after] if self.after else found

    @property
    def holds_closed(self) -> bool:
        return True

    @property
    def sorts_by_tasks_alone(self) -> bool:
        return self.in_order_of_making

    def order(self) -> tuple[Any, ...]:
        if self.in_order_of_making:
            return (col(Task.id),)
        return (col(Directive.code), col(Duty.position), col(Unit.sort_key), col(Task.occurrence), col(Task.id))


_COORDINATOR, _HEAD, _OFFICER = aliased(Person), aliased(Person), aliased(Person)


@dataclass(frozen=True, kw_only=True)
class TaskRow:
    """One task of a list, and what each field is read from. Days are local, instants UTC."""

    id: Annotated[UUID, Task.id]
    directive: Annotated[str, Directive.code]
    directive_kind: Annotated[str, Directive.kind]
    directive_number: Annotated[str | None, Directive.number]
    directive_subject: Annotated[str, Directive.subject]
    duty: Annotated[str, Duty.path]
    title: Annotated[str, Duty.title]
    unit_code: Annotated[str, Unit.code]
    unit: Annotated[str, Unit.name]
    occurrence: Annotated[str, Task.occurrence]
    status: Annotated[TaskStatus, Task.status]
    due_at: Annotated[datetime | None, Task.due_at]
    original_due_at: Annotated[datetime | None, Task.original_due_at]
    due_reason: Annotated[str, Task.due_reason]
    due_facts: Annotated[list[dict[str, Any]], Task.due_facts]
    waiting: Annotated[WaitKind | None, Task.wait_kind]
    coordinator: Annotated[str, _COORDINATOR.code]
    head: Annotated[str | None, _HEAD.code]
    head_name: Annotated[str | None, _HEAD.full_name]
    phone: Annotated[str | None, func.coalesce(func.nullif(col(_HEAD.phone), ""), col(Unit.phone))]
    officer: Annotated[str | None, _OFFICER.code]
    officer_name: Annotated[str | None, _OFFICER.full_name]
    assigned_at: Annotated[datetime, Task.assigned_at]
    submitted_on: Annotated[date | None, Task.submitted_on]
    closed_at: Annotated[datetime | None, Task.closed_at]
    parent: Annotated[UUID | None, Task.parent_id]
    is_drill: Annotated[bool, Task.is_drill]
    last_progress: Annotated[
        date | None,
        select(func.max(col(History.occurred_on)))
        .where(col(History.task_id) == col(Task.id), col(History.event) == "progress")
        .correlate(Task)
        .scalar_subquery(),
    ]
    overdue: bool  # by `late_at`, which takes the moment

    @property
    def short_id(self) -> str:
        return self.id.hex[-8:]

    @property
    def directive_name(self) -> str:
        return directive_name(self.directive_kind, self.directive_number, self.directive_subject)

    @property
    def due_on(self) -> date | None:
        return due_date(self.due_at) if self.due_at else None

    @property
    def original_due_on(self) -> date | None:
        return due_date(self.original_due_at) if self.original_due_at else None

    @property
    def closed_on(self) -> date | None:
        return local_date(self.closed_at) if self.closed_at else None

    def days_left(self, today: date, calendar: WorkCalendar) -> int | None:
        """In working days, negative when late; None where it is closed or has no date."""
        return calendar.between(today, self.due_on) if self.due_on and self.status in OPEN_STATUSES else None


_TASK = "019aa2f0-4051-75f4-b495-3c28a839db4b"


class TaskLine(BaseModel):
    """A task in a list. Days are local (Asia/Ho_Chi_Minh), `due_on` the last permitted one; instants are UTC."""

    id: UUID = Field(examples=[_TASK])
    short_id: str = Field(examples=["a839db4b"])
    directive: str = Field(examples=["ct-06-2004"])
    duty: str = Field(examples=["2.a"])
    title: str = Field(examples=["Phương án bảo đảm thông tin liên lạc"])
    unit_code: str = Field(examples=["TCT-T"])
    unit: str = Field(examples=["Tổng công ty Bưu chính – Viễn thông T"])
    occurrence: str = Field(examples=["2026-Q4"])
    status: TaskStatus
    due_on: date | None = Field(examples=["2026-12-15"])
    due_at: datetime | None = Field(description="The exclusive end of the last permitted day")
    original_due_on: date | None
    due_reason: str = Field(description="Why the date is what it is, in the caller's language; a person's own words")
    due_facts: list[dict[str, Any]] = Field(
        description="The same as facts, each with its code; empty where a person moved the date",
        examples=[[{"code": "counted", "amount": 15, "unit": "days", "since": "signed", "day": "2004-05-07"}]],
    )
    overdue: bool
    waiting: WaitKind | None
    coordinator: str = Field(examples=["le.thi.c"])
    head: str | None
    officer: str | None
    assigned_at: datetime
    submitted_on: date | None
    closed_at: datetime | None
    parent: UUID | None
    is_drill: bool

    @classmethod
    def of(cls, row: TaskRow, language: str) -> Self:
        own = {name: getattr(row, name) for name in TaskLine.model_fields}
        return cls.model_validate(own | {"due_reason": due_words(row.due_facts, row.due_reason, language)})


def read_tasks(
    session: Session, reader: Principal, wanted: TaskFilter, now: datetime, *, page: int = 1
) -> tuple[list[TaskRow], Paging]:
    """As of `now` (UTC). Two queries, whatever there is."""
    conditions = task_conditions(reader, wanted, now)
    counted: Any = select(func.count()).select_from(Task) if _is_of_tasks_alone(wanted) else join_tasks(func.count())
    paging = Paging.of(page, session.scalar(counted.where(*conditions)) or 0)
    return list_tasks(session, reader, wanted, now, most=paging.per_page, offset=paging.offset), paging


def list_tasks(
    session: Session,
    reader: Principal | Operator,
    wanted: TaskFilter,
    now: datetime,
    *,
    most: int | None = None,
    offset: int = 0,
) -> list[TaskRow]:
    """The first `most` rows as of `now` (UTC), all without it; one query."""
    conditions, order = task_conditions(reader, wanted, now), wanted.order()
    query = _rows(now).order_by(*order)
    if most is None:
        query = query.where(*conditions)
    else:  # what is named of a task is read of those rows alone
        joined = join_tasks(col(Task.id)).outerjoin(_HEAD, col(_HEAD.id) == col(Unit.head_id))
        is_alone = wanted.sorts_by_tasks_alone and _is_of_tasks_alone(wanted)
        picked = select(col(Task.id)) if is_alone else joined
        query = query.where(col(Task.id).in_(picked.where(*conditions).order_by(*order).limit(most).offset(offset)))
    return [TaskRow(**row) for row in session.execute(query).mappings()]


def read_task(session: Session, task_id: UUID, now: datetime) -> TaskRow:
    """For whoever has been let look at it: no right is checked here."""
    return TaskRow(**session.execute(_rows(now).where(col(Task.id) == task_id)).mappings().one())


def count_tasks(session: Session, principal: Principal, now: datetime) -> dict[Shown, int]:
    """Only lists of open tasks are counted, in one query."""
    kinds = [one for one in Shown if one not in (Shown.DONE, Shown.ALL)]
    counts: Any = (func.count().filter(state_condition(one, now)).label(one.value) for one in kinds)
    row = session.execute(
        select(*counts).select_from(Task).where(visible_open_tasks(principal), in_earnest(principal))
    ).one()
    return dict(zip(kinds, row, strict=True))


def join_tasks(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Task)
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
    )


def _is_of_tasks_alone(wanted: TaskFilter) -> bool:
    """Its conditions then name no unit, duty or directive."""
    return not (wanted.directive or wanted.duty or wanted.unit or wanted.q)


_COLUMNS = [
    hint.__metadata__[0].label(name) for name, hint in TaskRow.__annotations__.items() if hasattr(hint, "__metadata__")
]


def _rows(now: datetime) -> Any:
    return (
        join_tasks(*_COLUMNS, late_at(now).label("overdue"))
        .join(_COORDINATOR, col(_COORDINATOR.id) == col(Task.coordinator_id))
        .outerjoin(_HEAD, col(_HEAD.id) == col(Unit.head_id))
        .outerjoin(_OFFICER, col(_OFFICER.id) == col(Task.officer_id))
    )


def task_conditions(reader: Principal | Operator, wanted: TaskFilter, now: datetime) -> list[ColumnElement[bool]]:
    """What the reader sees comes first. A query of these joins Duty, Directive and Unit."""
    found = [visible_tasks(reader) if wanted.holds_closed else visible_open_tasks(reader)]
    found += wanted.state(reader, now)
    if wanted.directive:
        found.append(col(Directive.code) == wanted.directive)
    if wanted.duty:
        found.append(col(Duty.path) == wanted.duty)
    if wanted.unit:
        found.append(col(Unit.code) == wanted.unit)
    if wanted.q:
        found.append(col(Unit.name_folded).contains(fold(wanted.q), autoescape=True))
    if wanted.reason:
        found.append(reason_condition(wanted.reason, now))
    if wanted.due:
        found += [col(Task.due_at) > at_local(wanted.due, time(0, 0)), col(Task.due_at) <= end_of_day(wanted.due)]
    if wanted.due_from:
        found.append(col(Task.due_at) > at_local(wanted.due_from, time(0, 0)))
    if wanted.due_to:
        found.append(col(Task.due_at) <= end_of_day(wanted.due_to))
    if wanted.own and isinstance(reader, Principal):
        found.append(_is_own(reader))
    return found


def _is_own(principal: Principal) -> ColumnElement[bool]:
    """As a digest lists them: as who answers for the unit, as officer, as coordinator."""
    return or_(
        col(Task.lead_unit_id).in_(principal.serves),
        col(Task.officer_id).in_(principal.people),
        col(Task.coordinator_id).in_(principal.people),
    )


def in_earnest(reader: Principal | Operator) -> ColumnElement[bool]:
    """Return which tasks the lists count: no drill, and for who sees everything no part, as in the report.

    A part is the affair of the unit that handed it on; whoever sees that unit's tasks only has it among theirs.
    """
    counted, sees_all = col(Task.is_drill).is_(False), isinstance(reader, Operator) or reader.may(Right.SEE_EVERYTHING)
    return and_(counted, col(Task.parent_id).is_(None)) if sees_all else counted


def state_condition(shown: Shown, now: datetime) -> ColumnElement[bool]:
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


def reason_condition(reason: LateReason, now: datetime) -> ColumnElement[bool]:
    """Only tasks that the report counts have a reason."""
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
