"""Read the figures of the charts: completion by week, the state of each unit's tasks, and the deadlines by week.

They are counted in one pass over the history, by the rules of `report_figures.py`: a week's figures are those of the
report at that week's end. Weeks are ISO weeks, Monday to Sunday; days are local.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models.organization.unit import Unit
from models.text.localtime import end_of_day
from workflows.reports.counted_history import counted_tasks, directive_of_code, is_provisional
from workflows.rules.figures.lateness import BANDS, Band, band_of
from workflows.rules.tasks.classification import AsOf, Bucket, Figures, HistoryRow, TaskAt, classify

WEEKS = 26
"""The weeks of the completion chart, with the cut-off's own week."""
LOAD_BEFORE, LOAD_AFTER = 17, 8
"""The weeks of the load chart before and after the cut-off's own week."""
_WEEK = timedelta(days=7)
_UNDATED = "no_deadline"


@dataclass(frozen=True)
class WeekStand:
    """The figures at 24:00 local of `ends_on`: a Sunday, or the cut-off day itself."""

    ends_on: date
    figures: Figures


@dataclass(frozen=True)
class UnitStand:
    """The figures of the tasks that one unit led at the cut-off."""

    code: str
    name: str
    figures: Figures

    @property
    def late(self) -> int:
        """Count the tasks done late and those not done and overdue."""
        return self.figures.done_late + self.figures.open_overdue


@dataclass(frozen=True)
class WeekLoad:
    """The tasks whose date falls into the week from `monday`, as they stood at the cut-off."""

    monday: date
    figures: Figures


@dataclass(frozen=True)
class Load:
    """All tasks by the week of their deadline: within the weeks drawn, before them, after them, or without a date."""

    weeks: tuple[WeekLoad, ...]
    earlier: Figures
    later: Figures
    undated: Figures


@dataclass(frozen=True)
class ChartFigures:
    """The figures of the charts, by the current dates, or with `on_original` by the original ones.

    `figures` equal the report's at the cut-off. Units stand in Vietnamese alphabetical order, as in the report.
    """

    cutoff: date
    provisional: bool
    directive: str | None
    on_original: bool
    figures: Figures
    completion: tuple[WeekStand, ...]
    by_unit: tuple[UnitStand, ...]
    load: Load
    ages: tuple[int, ...]  # the overdue tasks by the bands of lateness, in the order of BANDS


def read_chart_figures(
    session: Session,
    *,
    cutoff: date,
    directive: str | None = None,
    among: ColumnElement[bool] | None = None,
    units: Collection[UUID] | None = None,
    on_original: bool = False,
    now: datetime | None = None,
) -> ChartFigures:
    """Return the figures of one directive (by code) or of all, in five queries.

    `among`: a condition on the tasks counted, such as those the reader may see. `units`: count them only while one of
    these led them, so that nobody is shown what another unit did with a task. NotFound for an unknown code.
    """
    directive_id = None if directive is None else directive_of_code(session, directive)
    weeks = [AsOf.close(day, now) for day in _week_ends(cutoff)]
    count = _Count(weeks, on_original, None if units is None else frozenset(units))
    for _task, _duty, rows in counted_tasks(session, cutoff, directive_id, among):
        count.add(rows)
    stands = count.stands()
    return ChartFigures(
        cutoff=cutoff,
        provisional=is_provisional(session, cutoff, directive_id),
        directive=directive,
        on_original=on_original,
        figures=stands[-1].figures,
        completion=_from_the_first_task(stands),
        by_unit=_by_unit(session, count.units),
        load=_load(cutoff, count.due),
        ages=tuple(count.ages[band] for band in BANDS),
    )


def most_late_first(units: Iterable[UnitStand]) -> tuple[UnitStand, ...]:
    """Sort units by their late tasks, for follow-up. This order is never published as a ranking."""
    return tuple(sorted(units, key=lambda unit: -unit.late))


def _week_ends(cutoff: date) -> tuple[date, ...]:
    """Return the Sundays before the cut-off's week, and the cut-off itself."""
    sunday = cutoff - timedelta(days=cutoff.weekday() + 1)
    return (*(sunday - n * _WEEK for n in reversed(range(WEEKS - 1))), cutoff)


@dataclass
class _Count:
    """The tasks counted so far.

    For each bucket it stores the change from week to week and not the sum, so that a task costs a step for each of its
    moves and not for each week.
    """

    ends: Sequence[AsOf]
    on_original: bool
    scope: frozenset[UUID] | None
    units: dict[UUID, Counter[str]] = field(default_factory=dict)
    due: dict[date | None, Counter[str]] = field(default_factory=dict)  # by the Monday of its week
    ages: Counter[Band] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._closes = [end_of_day(end.day) for end in self.ends]
        names = (*(bucket.value for bucket in Bucket), _UNDATED)
        self._changes = {name: [0] * (len(self.ends) + 1) for name in names}

    def add(self, rows: Iterable[HistoryRow]) -> None:
        """Count one task in every week from its history up to the cut-off."""
        task, start = TaskAt(), 0
        for row in rows:
            stop = bisect_right(self._closes, row.recorded_at)
            self._add_weeks(task, start, stop)
            task.add_row(row)
            start = stop
        self._add_weeks(task, start, len(self.ends))
        if self._counts(task):
            self._add_at_cutoff(task)

    def stands(self) -> tuple[WeekStand, ...]:
        sums = {name: list(accumulate(changes)) for name, changes in self._changes.items()}
        return tuple(
            WeekStand(end.day, Figures(**{name: counts[week] for name, counts in sums.items()}))
            for week, end in enumerate(self.ends)
        )

    def _add_weeks(self, task: TaskAt, start: int, stop: int) -> None:
        """Count the unchanged task in the weeks from `start` to before `stop`.

        Its bucket changes at most once in these weeks, when its date passes.
        """
        if start >= stop or not self._counts(task):
            return
        first, last = self._bucket(task, start), self._bucket(task, stop - 1)
        turn = start
        if first is not last:
            turn += bisect_left(range(start, stop), True, key=lambda week: self._bucket(task, week) is last)
            self._change(first.value, start, turn)
        self._change(last.value, turn, stop)
        if self._is_undated(task):
            self._change(_UNDATED, start, stop)

    def _counts(self, task: TaskAt) -> bool:
        return task.counts and task.lead_unit is not None and (self.scope is None or task.lead_unit in self.scope)

    def _bucket(self, task: TaskAt, week: int) -> Bucket:
        return classify(task, self.ends[week], on_original=self.on_original)

    def _change(self, name: str, start: int, stop: int) -> None:
        changes = self._changes[name]
        changes[start] += 1
        changes[stop] -= 1

    def _is_undated(self, task: TaskAt) -> bool:
        """Return whether the report counts it as undated: open and without a current date."""
        return task.due_on is None and classify(task, self.ends[-1]) is Bucket.OPEN_IN_TIME

    def _add_at_cutoff(self, task: TaskAt) -> None:
        """Count the task at the cut-off, for its unit and for the week of its date."""
        bucket = self._bucket(task, -1)
        counted = [bucket.value, _UNDATED] if self._is_undated(task) else [bucket.value]
        due_on = task.original_due_on if self.on_original else task.due_on
        assert task.lead_unit is not None  # held by _counts
        self.units.setdefault(task.lead_unit, Counter()).update(counted)
        self.due.setdefault(_monday(due_on) if due_on else None, Counter()).update(counted)
        if due_on is not None and bucket is Bucket.OPEN_OVERDUE:
            self.ages[band_of((self.ends[-1].day - due_on).days)] += 1


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _from_the_first_task(stands: Sequence[WeekStand]) -> tuple[WeekStand, ...]:
    """Leave out the weeks before the first task. The cut-off's own week always stays."""
    first = next((week for week, stand in enumerate(stands) if stand.figures.total), len(stands) - 1)
    return tuple(stands[first:])


def _by_unit(session: Session, units: dict[UUID, Counter[str]]) -> tuple[UnitStand, ...]:
    query = select(col(Unit.id), col(Unit.code), col(Unit.name)).order_by(col(Unit.sort_key), col(Unit.code))
    return tuple(
        UnitStand(code, name, Figures(**units[unit])) for unit, code, name in session.execute(query) if unit in units
    )


def _load(cutoff: date, due: dict[date | None, Counter[str]]) -> Load:
    """Return the weeks around the cut-off, from the first to the last in which anything falls due."""
    this_week = _monday(cutoff)
    first, last = this_week - LOAD_BEFORE * _WEEK, this_week + LOAD_AFTER * _WEEK
    inside = [monday for monday in due if monday is not None and first <= monday <= last]
    drawn = [min(inside) + n * _WEEK for n in range((max(inside) - min(inside)) // _WEEK + 1)] if inside else []
    return Load(
        weeks=tuple(WeekLoad(monday, Figures(**due.get(monday, Counter[str]()))) for monday in drawn),
        earlier=_sum(counts for monday, counts in due.items() if monday is not None and monday < first),
        later=_sum(counts for monday, counts in due.items() if monday is not None and monday > last),
        undated=Figures(**due.get(None, Counter[str]())),
    )


def _sum(parts: Iterable[Counter[str]]) -> Figures:
    return Figures(**sum(parts, Counter[str]()))
