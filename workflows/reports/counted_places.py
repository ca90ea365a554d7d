"""Classify every task at a cut-off in one SQL statement, from history alone.

It repeats `fold` and `classify` of `rules.tasks.classification` in SQL, so that the database can count a million tasks.
A test compares both for any history that the product records. A history begins with its one assignment.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, String, Uuid, and_, case, cast, func, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import col

from models.tasks.history import RECORDED, History
from models.tasks.task import Task, TaskStatus
from models.text.localtime import end_of_day, local
from workflows.rules.tasks.classification import COUNTED_EVENTS, AsOf, Bucket

_DATED = ("assigned", "due_set", "due_moved")
_SENT = ("submitted", "corrected", "received")
_COUNTED, _NOT_COUNTED = "1", "0"
"""Compared with "not equal": PostgreSQL expects few rows of an equality, and would look up a million tasks singly."""
_NO_DAY = ""
_DAY_LENGTH = 10
"""The number of characters of a day."""
_FALLBACK = "?"  # marks a day that counts only if no submission is known
_SHIFT_HOURS = 2_000_000
"""Hours that move every instant past 2000. PostgreSQL counts from there, and would store an earlier one as negative."""
_PREFIX_LENGTHS = {"postgresql": 48, "sqlite": 58}
"""The characters before the value: 8 + 16 bytes in hexadecimal; or a stored instant of 26 and an id of 32."""


@dataclass(frozen=True)
class CountQuery:
    """The tasks to count: of one directive or all, and those that meet `among`, at 24:00 local of the cut-off day.

    `now` (UTC) matters on the cut-off day itself: a deadline at a later hour has not passed yet.
    """

    cutoff: date
    directive_id: UUID | None = None
    among: ColumnElement[bool] | None = None
    now: datetime | None = None

    @property
    def condition(self) -> ColumnElement[bool] | None:
        """Return `among`, or None where it excludes nothing: a needless join takes as long as the counting itself."""
        return None if self.among is None or isinstance(self.among, type(true())) else self.among


def places(count_query: CountQuery) -> CTE:
    """Select the classification of each task that counts: root tasks that are no drill and not withdrawn.

    `due_on`, `original_due_on`, `submitted_on` and `counts_on` are days as text (2004-06-30) or NULL. `due` and
    `original_due` have an hour after the day where the ladder counts hours (`read_due`). `bucket` and `on_original` are
    names of `Bucket`, by the current and the original deadline. `undated` marks open tasks without a deadline.
    """
    at = _folded(count_query).subquery("folded")
    done = at.c.status == TaskStatus.APPROVED.value
    day = at.c.approved
    counts_on = case(
        (func.substr(day, 1, 1) == _FALLBACK, func.coalesce(at.c.submitted_on, func.substr(day, 2))), else_=day
    )
    tasks = (
        select(
            at.c.task_id,
            col(Task.duty_id).label("duty_id"),
            col(Task.occurrence).label("occurrence"),
            cast(func.replace(at.c.lead, "-", ""), Uuid()).label("lead_unit_id"),
            at.c.status,
            func.nullif(at.c.due, _NO_DAY).label("due"),
            at.c.original_due,
            at.c.submitted_on,
            case((done, counts_on)).label("counts_on"),
        )
        .join(Task, col(Task.id) == at.c.task_id)
        .where(at.c.counted != _NOT_COUNTED, at.c.lead.is_not(None), at.c.status != TaskStatus.WITHDRAWN.value)
        .subquery("known")
    )
    as_of = AsOf.close(count_query.cutoff, count_query.now)
    bucket, on_original = (_bucket(tasks, due, as_of) for due in (tasks.c.due, tasks.c.original_due))
    undated = and_(tasks.c.due.is_(None), tasks.c.status != TaskStatus.APPROVED.value)
    return (
        select(
            tasks,
            _day(tasks.c.due).label("due_on"),
            _day(tasks.c.original_due).label("original_due_on"),
            bucket.label("bucket"),
            on_original.label("on_original"),
            case((undated, 1), else_=0).label("undated"),
        )
        .cte("places")
        .prefix_with("MATERIALIZED")
    )


def _folded(count_query: CountQuery) -> Select[Any]:
    """Select what `fold` makes of each task's history."""
    event, facts = col(History.event), col(History.facts)
    task: Any = col(History.task_id)

    def fact(name: str) -> ColumnElement[Any]:
        text: ColumnElement[Any] = facts[name].as_string()
        return text

    def last(value: Any, *events: str) -> ColumnElement[str]:
        return newest(*RECORDED, value, event.in_(events))

    is_counted = and_(facts["root"].as_boolean(), ~facts["drill"].as_boolean())
    counts, arrived = (func.nullif(fact(name), _NO_DAY) for name in ("counts_on", "received_on"))
    submitted = func.coalesce(counts, arrived, iso_day(col(History.occurred_on)))
    approved = func.coalesce(counts, _FALLBACK + iso_day(col(History.occurred_on)))
    due = func.coalesce(fact("due_hour"), fact("due_on"))
    first_date = earliest(*RECORDED, func.nullif(due, _NO_DAY), event.in_(_DATED))
    # a new deadline is recorded beside the action that set it, and must not undo the status of that action
    status = newest(*RECORDED, cast(col(History.to_status), String), event.not_in(_DATED[1:]))
    query = select(
        task.label("task_id"),
        last(case((is_counted, _COUNTED), else_=_NOT_COUNTED), "assigned").label("counted"),
        last(func.coalesce(fact("unit"), fact("to")), "assigned", "lead_changed").label("lead"),
        last(func.coalesce(due, _NO_DAY), *_DATED).label("due"),
        first_date.label("original_due"),
        func.coalesce(status, TaskStatus.ASSIGNED.value).label("status"),
        last(submitted, *_SENT).label("submitted_on"),
        last(approved, "approved").label("approved"),
    ).where(col(History.recorded_at) < end_of_day(count_query.cutoff), event.in_(sorted(COUNTED_EVENTS)))
    if count_query.directive_id is not None:
        query = query.where(col(History.directive_id) == count_query.directive_id)
    if count_query.condition is not None:
        query = query.where(col(History.task_id).in_(select(col(Task.id)).where(count_query.condition)))
    return query.group_by(col(History.task_id))


def _day(due: ColumnElement[Any]) -> ColumnElement[str]:
    return func.substr(due, 1, _DAY_LENGTH)


def _bucket(task: Any, due: ColumnElement[Any], as_of: AsOf) -> ColumnElement[str]:
    """Return the bucket by a deadline: a day, or a day and an hour (`write_hour`).

    A task without a deadline is never overdue, as no comparison with NULL is true.
    """
    done_late = case((task.c.counts_on > _day(due), Bucket.DONE_LATE.value), else_=Bucket.DONE_ON_TIME.value)
    hour_passed = and_(func.length(due) > _DAY_LENGTH, due <= local(as_of.moment).isoformat(timespec="microseconds"))
    return case(
        (task.c.status == TaskStatus.APPROVED.value, done_late),
        (or_(due < as_of.day.isoformat(), hour_passed), Bucket.OPEN_OVERDUE.value),
        else_=Bucket.OPEN_IN_TIME.value,
    )


def read_due(due: str | None) -> tuple[date | None, datetime | None]:
    if due is None:
        return None, None
    return date.fromisoformat(due[:_DAY_LENGTH]), datetime.fromisoformat(due) if len(due) > _DAY_LENGTH else None


class newest(FunctionElement[str]):  # noqa: N801
    """`newest(instant, id, value, where)`: the value of the last row by instant and id. It skips rows without a value.

    It is an aggregate, so that one statement serves very many tasks and PostgreSQL can work in parallel. Each value
    gets a prefix that sorts like instant and id; the greatest text is taken, and its prefix cut off.
    """

    type = String()
    inherit_cache = True
    aggregate = "max"

    def __init__(self, instant: Any, id: Any, value: ColumnElement[str], where: ColumnElement[bool]) -> None:
        super().__init__(instant, id, value, where)


class earliest(newest):  # noqa: N801
    """`earliest(instant, id, value, where)`: the value of the first row by instant and id."""

    inherit_cache = True
    aggregate = "min"


@compiles(newest, "postgresql")
def _newest_postgresql(element: newest, compiler: SQLCompiler, **options: Any) -> str:
    instant, id, value, where = (compiler.process(part, **options) for part in element.clauses)
    key = f"encode(timestamptz_send({instant} + interval '{_SHIFT_HOURS} hours') || uuid_send({id}), 'hex')"
    return _picked(element, f'({key} || {value}) COLLATE "C"', where, _PREFIX_LENGTHS["postgresql"])


@compiles(newest, "sqlite")
def _newest_sqlite(element: newest, compiler: SQLCompiler, **options: Any) -> str:
    instant, id, value, where = (compiler.process(part, **options) for part in element.clauses)
    return _picked(element, f"{instant} || {id} || {value}", where, _PREFIX_LENGTHS["sqlite"])


def _picked(element: newest, text: str, where: str, prefix_length: int) -> str:
    return f"substr({element.aggregate}({text}) FILTER (WHERE {where}), {prefix_length + 1})"


class iso_day(FunctionElement[str]):  # noqa: N801
    """`iso_day(date)`: the day as text, 2004-06-30, whatever the server's date format is."""

    type = String()
    inherit_cache = True


@compiles(iso_day, "postgresql")
def _iso_day_postgresql(element: iso_day, compiler: SQLCompiler, **options: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **options)}, 'YYYY-MM-DD')"


@compiles(iso_day, "sqlite")
def _iso_day_sqlite(element: iso_day, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)
