"""Rows of task lists, for the page, its files, the API and the command line. `task_filter.py` says which tasks."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.database.paging import Paging
from models.directives.directive import Directive, Duty, directive_name
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.history import History
from models.tasks.late import late_at
from models.tasks.task import OPEN_STATUSES, Task, TaskStatus, WaitKind
from models.text.localtime import due_date, local_date
from notifications.composing.reasons import due_words
from workflows.access.rights import Operator, Principal, visible_open_tasks
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.worklists.task_filter import (
    HEAD,
    ShownTasks,
    TaskFilter,
    in_earnest,
    join_tasks,
    state_condition,
    task_conditions,
)

MOST_ROWS = 20_000
"""Rows of one file."""
_COORDINATOR, _OFFICER = aliased(Person), aliased(Person)


@dataclass(frozen=True, kw_only=True)
class TaskRow:
    """A task in a list. Each annotation names the column that the field is read from. Days are local, instants UTC."""

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
    head: Annotated[str | None, HEAD.code]
    head_name: Annotated[str | None, HEAD.full_name]
    phone: Annotated[str | None, func.coalesce(func.nullif(col(HEAD.phone), ""), col(Unit.phone))]
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
    """Return one page as of `now` (UTC). It takes two queries."""
    conditions = task_conditions(reader, wanted, now)
    counted: Any = (
        select(func.count()).select_from(Task) if wanted.filters_by_task_columns else join_tasks(func.count())
    )
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
    """Return at most `most` rows as of `now` (UTC), or all of them. It takes one query.

    With `most`, a subquery chooses the ids first, so that the names are joined for those rows alone.
    """
    conditions, order = task_conditions(reader, wanted, now), wanted.order_by()
    query = _select_rows(now).order_by(*order)
    if most is None:
        query = query.where(*conditions)
    else:
        if wanted.sorts_by_task_columns and wanted.filters_by_task_columns:
            ids: Any = select(col(Task.id))
        else:
            ids = join_tasks(col(Task.id)).outerjoin(HEAD, col(HEAD.id) == col(Unit.head_id))
        query = query.where(col(Task.id).in_(ids.where(*conditions).order_by(*order).limit(most).offset(offset)))
    return [TaskRow(**row) for row in session.execute(query).mappings()]


def read_task(session: Session, task_id: UUID, now: datetime) -> TaskRow:
    """Return the row of one task. No right is checked: the caller has done that."""
    return TaskRow(**session.execute(_select_rows(now).where(col(Task.id) == task_id)).mappings().one())


def count_tasks(session: Session, principal: Principal, now: datetime) -> dict[ShownTasks, int]:
    """Return the length of each list of open tasks. It takes one query."""
    lists = [shown for shown in ShownTasks if shown not in (ShownTasks.DONE, ShownTasks.ALL)]
    counts: Any = (func.count().filter(state_condition(shown, now)).label(shown.value) for shown in lists)
    row = session.execute(
        select(*counts).select_from(Task).where(visible_open_tasks(principal), in_earnest(principal))
    ).one()
    return dict(zip(lists, row, strict=True))


_COLUMNS = [
    hint.__metadata__[0].label(name) for name, hint in TaskRow.__annotations__.items() if hasattr(hint, "__metadata__")
]


def _select_rows(now: datetime) -> Any:
    return (
        join_tasks(*_COLUMNS, late_at(now).label("overdue"))
        .join(_COORDINATOR, col(_COORDINATOR.id) == col(Task.coordinator_id))
        .outerjoin(HEAD, col(HEAD.id) == col(Unit.head_id))
        .outerjoin(_OFFICER, col(_OFFICER.id) == col(Task.officer_id))
    )
