"""Where each task stands at a cut-off, told by the database from history alone, for all tasks in one statement.

This is `rules.classification` said in SQL: `fold` and `classify` are the definition, and a test holds both to the same
for any history that the product records. A history begins with its one assignment.
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
"""Asked for as "not the other": PostgreSQL takes an equality for rare, and would look up a million tasks one by one."""
_NO_DAY = ""
_DAY = 10
"""Characters of a day."""
_FALLBACK = "?"  # marks a day that counts only if no submission is known
_BEFORE_2000 = 2_000_000
"""Hours that bring every instant after 2000, where PostgreSQL begins to count: what is before has a minus sign."""
_AHEAD = {"postgresql": 48, "sqlite": 58}
"""Characters of the text in front: 8 + 16 bytes in hexadecimal; an instant's 26 and an id's 32 as they are stored."""


@dataclass(frozen=True)
class CountQuery:
    """What is counted: up to 24:00 local of the cut-off day, one directive or all, the tasks `among` or all.

    `now` (UTC) where that day may not be over: an hour of it that is still to come is not passed.
    """

    cutoff: date
    directive_id: UUID | None = None
    among: ColumnElement[bool] | None = None
    now: datetime | None = None

    @property
    def condition(self) -> ColumnElement[bool] | None:
        """`among`, unless it is no condition at all: joining a million tasks for nothing takes as long as counting."""
        return None if self.among is None or isinstance(self.among, type(true())) else self.among


def places(asked: CountQuery) -> CTE:
    """One row for each task that counts, a root in earnest that is not withdrawn, with what `classify` says of it.

    Days are text (2004-06-30) or NULL: `due_on`, `original_due_on`, `submitted_on`, `counts_on`; `due` and
    `original_due` have the hour behind the day where the clock ran by the hour (`read_due`). `bucket` and `on_original`
    are names of `Bucket`, by the current and the original date; `undated`: open and without a date.
    """
    at = _folded(asked).subquery("folded")
    done = at.c.status == TaskStatus.APPROVED.value
    day = at.c.approved
    counts_on = case(
        (func.substr(day, 1, 1) == _FALLBACK, func.coalesce(at.c.submitted_on, func.substr(day, 2))), else_=day
    )
    known = (
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
    as_of = AsOf.close(asked.cutoff, asked.now)
    bucket, on_original = (_bucket(known, due, as_of) for due in (known.c.due, known.c.original_due))
    undated = and_(known.c.due.is_(None), known.c.status != TaskStatus.APPROVED.value)
    return (
        select(
            known,
            _day(known.c.due).label("due_on"),
            _day(known.c.original_due).label("original_due_on"),
            bucket.label("bucket"),
            on_original.label("on_original"),
            case((undated, 1), else_=0).label("undated"),
        )
        .cte("places")
        .prefix_with("MATERIALIZED")
    )


def _folded(asked: CountQuery) -> Select[Any]:
    """What `fold` makes of each task's rows."""
    event, facts = col(History.event), col(History.facts)
    task: Any = col(History.task_id)

    def fact(name: str) -> ColumnElement[Any]:
        text: ColumnElement[Any] = facts[name].as_string()
        return text

    def last(value: Any, *events: str) -> ColumnElement[str]:
        return newest(*RECORDED, value, event.in_(events))

    is_counted = and_(facts["root"].as_boolean(), ~facts["drill"].as_boolean())
    counts, arrived = (func.nullif(fact(name), _NO_DAY) for name in ("counts_on", "received_on"))
    came_in = func.coalesce(counts, arrived, iso_day(col(History.occurred_on)))
    approved = func.coalesce(counts, _FALLBACK + iso_day(col(History.occurred_on)))
    due = func.coalesce(fact("due_hour"), fact("due_on"))
    first_date = earliest(*RECORDED, func.nullif(due, _NO_DAY), event.in_(_DATED))
    # a new date is recorded beside the move that brought it and must not undo that move's status
    status = newest(*RECORDED, cast(col(History.to_status), String), event.not_in(_DATED[1:]))
    query = select(
        task.label("task_id"),
        last(case((is_counted, _COUNTED), else_=_NOT_COUNTED), "assigned").label("counted"),
        last(func.coalesce(fact("unit"), fact("to")), "assigned", "lead_changed").label("lead"),
        last(func.coalesce(due, _NO_DAY), *_DATED).label("due"),
        first_date.label("original_due"),
        func.coalesce(status, TaskStatus.ASSIGNED.value).label("status"),
        last(came_in, *_SENT).label("submitted_on"),
        last(approved, "approved").label("approved"),
    ).where(col(History.recorded_at) < end_of_day(asked.cutoff), event.in_(sorted(COUNTED_EVENTS)))
    if asked.directive_id is not None:
        query = query.where(col(History.directive_id) == asked.directive_id)
    if asked.condition is not None:
        query = query.where(col(History.task_id).in_(select(col(Task.id)).where(asked.condition)))
    return query.group_by(col(History.task_id))


def _day(due: ColumnElement[Any]) -> ColumnElement[str]:
    return func.substr(due, 1, _DAY)


def _bucket(known: Any, due: ColumnElement[Any], as_of: AsOf) -> ColumnElement[str]:
    """A date is a day, or a day and its hour (`write_hour`). An unknown one is never passed: comparing with NULL is not
    true."""
    done_late = case((known.c.counts_on > _day(due), Bucket.DONE_LATE.value), else_=Bucket.DONE_ON_TIME.value)
    hour_passed = and_(func.length(due) > _DAY, due <= local(as_of.moment).isoformat(timespec="microseconds"))
    return case(
        (known.c.status == TaskStatus.APPROVED.value, done_late),
        (or_(due < as_of.day.isoformat(), hour_passed), Bucket.OPEN_OVERDUE.value),
        else_=Bucket.OPEN_IN_TIME.value,
    )


def read_due(due: str | None) -> tuple[date | None, datetime | None]:
    if due is None:
        return None, None
    return date.fromisoformat(due[:_DAY]), datetime.fromisoformat(due) if len(due) > _DAY else None


class newest(FunctionElement[str]):  # noqa: N801
    """`newest(instant, id, value, where)`: the text of the row that came last by the order of history: by instant,
    then by id; rows without one are passed over.

    An aggregate, so that one statement tells what very many tasks came to. Each value is put behind a text that sorts
    as instant and id do, the greatest is taken, and the text cut off. PostgreSQL works at it in parallel.
    """

    type = String()
    inherit_cache = True
    aggregate = "max"

    def __init__(self, instant: Any, id: Any, value: ColumnElement[str], where: ColumnElement[bool]) -> None:
        super().__init__(instant, id, value, where)


class earliest(newest):  # noqa: N801
    """The same of the row that came first."""

    inherit_cache = True
    aggregate = "min"


@compiles(newest, "postgresql")
def _newest_postgresql(element: newest, compiler: SQLCompiler, **given: Any) -> str:
    instant, id, value, where = (compiler.process(part, **given) for part in element.clauses)
    key = f"encode(timestamptz_send({instant} + interval '{_BEFORE_2000} hours') || uuid_send({id}), 'hex')"
    return _picked(element, f'({key} || {value}) COLLATE "C"', where, _AHEAD["postgresql"])


@compiles(newest, "sqlite")
def _newest_sqlite(element: newest, compiler: SQLCompiler, **given: Any) -> str:
    instant, id, value, where = (compiler.process(part, **given) for part in element.clauses)
    return _picked(element, f"{instant} || {id} || {value}", where, _AHEAD["sqlite"])


def _picked(element: newest, text: str, where: str, ahead: int) -> str:
    return f"substr({element.aggregate}({text}) FILTER (WHERE {where}), {ahead + 1})"


class iso_day(FunctionElement[str]):  # noqa: N801
    """A day as text, 2004-06-30, however the server writes dates."""

    type = String()
    inherit_cache = True


@compiles(iso_day, "postgresql")
def _iso_day_postgresql(element: iso_day, compiler: SQLCompiler, **given: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **given)}, 'YYYY-MM-DD')"


@compiles(iso_day, "sqlite")
def _iso_day_sqlite(element: iso_day, compiler: SQLCompiler, **given: Any) -> str:
    return compiler.process(element.clauses, **given)
