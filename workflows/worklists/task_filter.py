"""Filters of task lists: the fields of a list's address, and the SQL conditions and order that they stand for.

Every list and every count of tasks takes its conditions from here, so that a number equals the list that it links to.
`task_rows.py` reads the rows.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict
from sqlalchemy import ColumnElement, and_, exists, not_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from models.directives.directive import Directive, Duty
from models.i18n import Labelled, _
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.history import History
from models.tasks.late import late_at, soon_until
from models.tasks.task import IS_OPEN, Obstacle, Task, TaskStatus, WaitKind
from models.text.faults import invalid
from models.text.localtime import at_local, end_of_day, local_date
from models.text.vietnamese import fold
from workflows.access.rights import Operator, Principal, visible_open_tasks, visible_tasks
from workflows.rules.rights_table import Right

HEAD = aliased(Person)
"""The head of the lead unit. A query that sorts by it joins it."""


class ShownTasks(Labelled):
    """Which tasks a list shows. No list shows withdrawn tasks; only ALL shows drills."""

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
    """The column that a list is sorted by."""

    DUE = "due", _("Deadline")
    UNIT = "unit", _("Unit")
    DUTY = "duty", _("Duty")
    STATE = "state", _("State")
    PERSON = "person", _("Head")


class LateReason(Labelled):
    """Who must act next on a late task; SILENT where its unit has reported nothing."""

    AUTHORITY = "authority", _("the authority has not answered in time")
    OBSTACLE = "obstacle", _("an obstacle waits for its answer")
    EXTENSION = "extension", _("more time was asked for")
    LEAD_CHANGE = "lead_change", _("another lead was asked for")
    DECISION = "decision", _("the result waits for our decision")
    RETURNED = "returned", _("the result was returned for completion")
    UNDER_WAY = "under_way", _("progress was reported, no obstacle")
    SILENT = "silent", _("nothing was heard")


def _read_day(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise invalid(_("a day such as 2026-11-05")) from error


Flag = Annotated[bool, BeforeValidator(lambda value: value in (True, "1"))]
Code = Annotated[str, BeforeValidator(lambda value: value[:64] if isinstance(value, str) else value)]
Text = Annotated[str, BeforeValidator(lambda value: value.strip()[:200] if isinstance(value, str) else value)]
Day = Annotated[date, BeforeValidator(_read_day)]


class TaskFilter(BaseModel):
    """The filters in the address of a list. Days are local; `q` is a part of a unit's name."""

    model_config = ConfigDict(frozen=True)

    show: ShownTasks = ShownTasks.OPEN
    directive: Code = ""
    duty: Code = ""
    unit: Code = ""
    q: Text = ""
    due: Day | None = None
    due_from: Day | None = None
    due_to: Day | None = None
    own: Flag = False  # only the reader's own tasks: `_is_own`
    reason: LateReason | None = None
    sort: Sort = Sort.DUE
    desc: Flag = False

    def state_conditions(self, reader: Principal | Operator, now: datetime) -> list[ColumnElement[bool]]:
        """Return the conditions on the tasks' states. Only ALL includes tasks that do not count for the reader."""
        state = state_condition(self.show, now)
        return [state] if self.show is ShownTasks.ALL else [state, in_earnest(reader)]

    @property
    def includes_closed(self) -> bool:
        return self.show in (ShownTasks.DONE, ShownTasks.ALL)

    @property
    def sorts_by_task_columns(self) -> bool:
        return self.sort in (Sort.DUE, Sort.STATE)

    @property
    def filters_by_task_columns(self) -> bool:
        """The conditions name no column of a unit, a duty or a directive."""
        return not (self.directive or self.duty or self.unit or self.q)

    def order_by(self) -> tuple[Any, ...]:
        columns: dict[Sort, tuple[Any, ...]] = {
            Sort.DUE: (col(Task.due_at),),
            Sort.UNIT: (col(Unit.sort_key),),
            Sort.DUTY: (col(Directive.code), col(Duty.position), col(Duty.path)),
            Sort.STATE: (col(Task.status),),
            Sort.PERSON: (col(HEAD.sort_key),),
        }
        sorted_by = [(column.desc() if self.desc else column.asc()).nulls_last() for column in columns[self.sort]]
        return (*sorted_by, col(Task.due_at).asc().nulls_last(), col(Task.id))


class TelephoneFilter(TaskFilter):
    """Late tasks whose unit should be telephoned: they wait for nobody's decision or answer."""

    show: ShownTasks = ShownTasks.LATE

    def state_conditions(self, reader: Principal | Operator, now: datetime) -> list[ColumnElement[bool]]:
        return [*super().state_conditions(reader, now), col(Task.wait_kind).is_(None)]


class EveryTaskFilter(TaskFilter):
    """The filters of the API and the command line, which list drills, parts and withdrawn tasks too.

    With `in_order_of_making` a list can continue `after` a task, because ids are ordered by time.
    """

    statuses: Sequence[TaskStatus] = ()
    overdue: bool | None = None
    after: UUID | None = None
    in_order_of_making: bool = False

    def state_conditions(self, _reader: Principal | Operator, now: datetime) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if self.statuses:
            conditions.append(col(Task.status).in_(self.statuses))
        if self.overdue is not None:
            conditions.append(late_at(now) if self.overdue else ~late_at(now))
        if self.after:
            conditions.append(col(Task.id) > self.after)
        return conditions

    @property
    def includes_closed(self) -> bool:
        return True

    @property
    def sorts_by_task_columns(self) -> bool:
        return self.in_order_of_making

    def order_by(self) -> tuple[Any, ...]:
        if self.in_order_of_making:
            return (col(Task.id),)
        return (col(Directive.code), col(Duty.position), col(Unit.sort_key), col(Task.occurrence), col(Task.id))


def join_tasks(*columns: Any) -> Any:
    """Select columns of tasks with their duties, directives and lead units, which `task_conditions` names."""
    return (
        select(*columns)
        .select_from(Task)
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
    )


def task_conditions(reader: Principal | Operator, wanted: TaskFilter, now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions of a list. The first limits it to the tasks that the reader may see."""
    conditions = [visible_tasks(reader) if wanted.includes_closed else visible_open_tasks(reader)]
    conditions += wanted.state_conditions(reader, now)
    if wanted.directive:
        conditions.append(col(Directive.code) == wanted.directive)
    if wanted.duty:
        conditions.append(col(Duty.path) == wanted.duty)
    if wanted.unit:
        conditions.append(col(Unit.code) == wanted.unit)
    if wanted.q:
        conditions.append(col(Unit.name_folded).contains(fold(wanted.q), autoescape=True))
    if wanted.reason:
        conditions.append(reason_condition(wanted.reason, now))
    if wanted.due:
        conditions.append(due_between(wanted.due, wanted.due))
    if wanted.due_from:
        conditions.append(col(Task.due_at) > at_local(wanted.due_from, time(0, 0)))
    if wanted.due_to:
        conditions.append(col(Task.due_at) <= end_of_day(wanted.due_to))
    if wanted.own and isinstance(reader, Principal):
        conditions.append(_is_own(reader))
    return conditions


def due_between(first: date, last: date) -> ColumnElement[bool]:
    """Return whether a task is due on one of these local days. A deadline is the exclusive end of its last day."""
    return and_(col(Task.due_at) > at_local(first, time(0, 0)), col(Task.due_at) <= end_of_day(last))


def _is_own(principal: Principal) -> ColumnElement[bool]:
    """Return whether a task stands in the reader's digest: as one of their units', or as theirs to do or to follow."""
    return or_(
        col(Task.lead_unit_id).in_(principal.serves),
        col(Task.officer_id).in_(principal.people),
        col(Task.coordinator_id).in_(principal.people),
    )


def in_earnest(reader: Principal | Operator) -> ColumnElement[bool]:
    """Return whether a task counts: no drill does, and no part for a reader who sees everything, as in the report.

    A part concerns the unit that handed it on. Readers who see that unit's tasks alone count it among them.
    """
    is_no_drill = col(Task.is_drill).is_(False)
    if isinstance(reader, Operator) or reader.may(Right.SEE_EVERYTHING):
        return and_(is_no_drill, col(Task.parent_id).is_(None))
    return is_no_drill


def state_condition(shown: ShownTasks, now: datetime) -> ColumnElement[bool]:
    late, soon = late_at(now), col(Task.due_at) <= end_of_day(soon_until(local_date(now)))
    return {
        ShownTasks.OPEN: and_(IS_OPEN),
        ShownTasks.LATE: late,
        ShownTasks.IN_TIME: and_(IS_OPEN, not_(late)),
        ShownTasks.SOON: and_(IS_OPEN, not_(late), soon),
        ShownTasks.NEW: and_(IS_OPEN, col(Task.status) == TaskStatus.ASSIGNED),
        ShownTasks.WAITING: and_(IS_OPEN, col(Task.wait_kind).is_not(None)),
        ShownTasks.RETURNED: and_(IS_OPEN, col(Task.status) == TaskStatus.RETURNED),
        ShownTasks.UNDATED: and_(IS_OPEN, col(Task.due_at).is_(None)),
        ShownTasks.DONE: col(Task.status) == TaskStatus.APPROVED,
        ShownTasks.ALL: col(Task.status) != TaskStatus.WITHDRAWN,
    }[shown]


def reason_condition(reason: LateReason, now: datetime) -> ColumnElement[bool]:
    """Return the condition of a reason. Parts have none, as the report does not count them."""
    waits_for = {kind: col(Task.wait_kind) == kind for kind in WaitKind}
    waits_for_nobody = col(Task.wait_kind).is_(None)
    is_returned = col(Task.status) == TaskStatus.RETURNED
    has_progress = exists().where(col(History.task_id) == col(Task.id), col(History.event) == "progress")
    answer_is_late = exists().where(
        col(Obstacle.task_id) == col(Task.id), col(Obstacle.answered_at).is_(None), col(Obstacle.respond_by) < now
    )
    conditions = {
        LateReason.AUTHORITY: and_(waits_for[WaitKind.OBSTACLE], answer_is_late),
        LateReason.OBSTACLE: and_(waits_for[WaitKind.OBSTACLE], not_(answer_is_late)),
        LateReason.EXTENSION: waits_for[WaitKind.EXTENSION],
        LateReason.LEAD_CHANGE: waits_for[WaitKind.LEAD_CHANGE],
        LateReason.DECISION: waits_for[WaitKind.DECISION],
        LateReason.RETURNED: and_(waits_for_nobody, is_returned),
        LateReason.UNDER_WAY: and_(waits_for_nobody, not_(is_returned), has_progress),
        LateReason.SILENT: and_(waits_for_nobody, not_(or_(is_returned, has_progress))),
    }
    return and_(col(Task.parent_id).is_(None), conditions[reason])
