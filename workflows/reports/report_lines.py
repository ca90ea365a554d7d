"""Count a report's figures in the database: one statement counts all breakdowns over the same tasks."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import CTE, ColumnElement, Select, String, Subquery, Uuid, and_, case, cast, func, literal, null, select
from sqlalchemy import union_all as all_of
from sqlmodel import Session, col

from models.tasks.history import History
from models.tasks.task import Contribution
from models.text.localtime import end_of_day
from workflows.reports.counted_places import CountQuery, places
from workflows.rules.tasks.classification import Bucket, Figures

_Key = TypeVar("_Key", bound=Hashable)
ONCE, ON_REQUEST, INCIDENT = "once", "request", "incident"
"""The keys that stand in for a period: done once, on request, or in a real incident."""


class CountedBy(StrEnum):
    """The keys that the database counts by. Directives and kinds of unit are sums of them."""

    DUTY = "duty"
    UNIT = "unit"  # the lead at the cut-off
    PERIOD = "period"
    PARTNER = "partner"


class TaskCount(NamedTuple):
    """The number of tasks of one key (an id as text, or a period) in one place of the classification."""

    by: str
    key: str
    bucket: str
    on_original: str
    undated: int
    contributed: int | None  # partners only
    tasks: int


@dataclass
class LineCounts:
    """The sums of a line: by the current deadlines, by the original ones, and tasks without a deadline."""

    current: Counter[Bucket] = field(default_factory=Counter)
    original: Counter[Bucket] = field(default_factory=Counter)
    undated: int = 0
    contributed: int = 0

    def add(self, count: TaskCount) -> None:
        self.current[Bucket(count.bucket)] += count.tasks
        self.original[Bucket(count.on_original)] += count.tasks
        self.undated += count.undated * count.tasks
        self.contributed += (count.contributed or 0) * count.tasks

    @property
    def figures(self) -> Figures:
        return Figures.counted(self.current, no_deadline=self.undated)

    @property
    def on_original(self) -> Figures:
        return Figures.counted(self.original, no_deadline=self.undated)


def count_places(session: Session, count_query: CountQuery) -> list[TaskCount]:
    return [TaskCount(*row) for row in session.execute(count_statement(count_query))]


def tally(counts: Iterable[tuple[_Key, TaskCount]]) -> dict[_Key, LineCounts]:
    tallies: dict[_Key, LineCounts] = {}
    for key, count in counts:
        tallies.setdefault(key, LineCounts()).add(count)
    return tallies


def count_statement(count_query: CountQuery) -> Any:
    at = places(count_query)
    recorded = contributed(count_query)
    is_partner = and_(col(Contribution.task_id) == at.c.task_id, col(Contribution.unit_id) != at.c.lead_unit_id)
    shares = at.join(Contribution, is_partner).outerjoin(
        recorded, (recorded.c.task_id == at.c.task_id) & (recorded.c.unit_id == col(Contribution.unit_id))
    )
    has_contributed = case((recorded.c.task_id.is_not(None), 1), else_=0)
    return all_of(
        _grouped(at, CountedBy.DUTY, at.c.duty_id),
        _grouped(at, CountedBy.UNIT, at.c.lead_unit_id),
        _grouped(at, CountedBy.PERIOD, period_of(at.c.occurrence)),
        _grouped(at, CountedBy.PARTNER, col(Contribution.unit_id), has_contributed).select_from(shares),
    )


def _grouped(at: CTE, by: CountedBy, key: Any, has_contributed: ColumnElement[int] | None = None) -> Select[Any]:
    place = (at.c.bucket, at.c.on_original, at.c.undated)
    share = cast(null(), at.c.undated.type) if has_contributed is None else has_contributed
    query: Select[Any] = select(
        literal(by.value).label("by"),
        cast(key, String).label("key"),
        *place,
        share.label("contributed"),
        func.count().label("n"),
    )
    return query.group_by(key, *place, *([] if has_contributed is None else [has_contributed]))


def period_of(occurrence: ColumnElement[str]) -> ColumnElement[str]:
    """Return the period of an occurrence. All requests count as one period, and so do all incidents."""
    return case(
        (occurrence.startswith(f"{ON_REQUEST}:"), ON_REQUEST),
        (occurrence.startswith(f"{INCIDENT}:"), INCIDENT),
        else_=cast(occurrence, String),
    )


def contributed(count_query: CountQuery) -> Subquery:
    """Select the tasks and units whose contribution was recorded by the cut-off, from history."""
    unit = cast(func.replace(col(History.facts)["unit"].as_string(), "-", ""), Uuid())
    task: Any = col(History.task_id)
    query: Select[Any] = select(task.label("task_id"), unit.label("unit_id")).where(
        col(History.event) == "contributed", col(History.recorded_at) < end_of_day(count_query.cutoff)
    )
    if count_query.directive_id is not None:
        query = query.where(col(History.directive_id) == count_query.directive_id)
    return query.distinct().subquery("contributed")
