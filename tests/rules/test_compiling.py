"""The compiling of reports: its day, the periods to compile, and whether a unit's report came in."""

from datetime import date, datetime, time
from itertools import islice

import pytest

from models.directives.template import DayOffMove, DayOfPeriod, PeriodRule
from models.organization.unit import UnitKind
from models.papers.report_schedule import Came
from models.tasks.task import TaskStatus
from models.text.localtime import at_local, end_of_day
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.compiling import Cycle, coming_periods, judge_unit_report, periods_to_compile

CALENDAR = WorkCalendar()


def rule(**changes: object) -> PeriodRule:
    given: dict[str, object] = {
        "every": "month",
        "data_start": DayOfPeriod(day=15, months_before=1),
        "data_end": DayOfPeriod(day=14),
        "opens": DayOfPeriod(day=1),
        "sends": {UnitKind.ENTERPRISE: DayOfPeriod(day=15)},
        "compiled": DayOfPeriod(day=25),
    }
    return PeriodRule.model_validate(given | changes)


def cycle(since: date = date(2025, 1, 2), last: str | None = None, own: int | None = None, **changes: object) -> Cycle:
    return Cycle(rule(**changes), DayOfPeriod(day=own) if own else None, last, at_local(since))


def at(day: int, month: int, hour: int = 8, year: int = 2025) -> datetime:
    return at_local(date(year, month, day), time(hour))


def first(given: Cycle, count: int = 1) -> list[date]:
    return [turn.due_on for turn in islice(coming_periods(given, CALENDAR), count)]


def test_a_day_in_tet_moves_back_to_before_it_and_says_from_where() -> None:
    turn = next(coming_periods(cycle(own=29), CALENDAR))  # the first day of the year of the snake
    assert (turn.due_on, turn.moved_from) == (date(2025, 1, 24), date(2025, 1, 29))


def test_it_moves_forward_only_where_the_preset_does_so() -> None:
    assert first(cycle(own=29, move=DayOffMove.FORWARD)) == [date(2025, 2, 3)]


def test_a_preset_that_leaves_dates_where_they_are_still_compiles_on_no_day_off() -> None:
    assert first(cycle(own=29, move=DayOffMove.STAYS)) == [date(2025, 1, 24)]


def test_the_schedules_own_day_goes_before_the_templates() -> None:
    assert first(cycle()) == [date(2025, 1, 24)]
    assert next(coming_periods(cycle(own=21), CALENDAR)).moved_from is None
    assert first(cycle(own=21)) == [date(2025, 1, 21)]
    assert first(cycle(compiled=None)) == []


def test_what_came_before_it_counts_is_left_out() -> None:
    assert next(coming_periods(cycle(since=date(2025, 2, 26)), CALENDAR)).period.key == "2025-03"
    assert next(coming_periods(cycle(since=date(2025, 2, 25)), CALENDAR)).period.key == "2025-03", "at that very moment"
    assert next(coming_periods(cycle(since=date(2025, 2, 24)), CALENDAR)).period.key == "2025-02"


@pytest.mark.parametrize(
    ("now", "keys"),
    [
        (at(24, 1, 7), []),
        (at(24, 1), ["2025-01"]),
        (at(25, 1), []),  # Tết: it waits for the morning after
        (at(3, 2, 7), []),
        (at(3, 2), ["2025-01"]),
        (at(3, 4), ["2025-01", "2025-02", "2025-03"]),
        (at(5, 4), []),  # a Saturday
    ],
)
def test_periods_come_in_order_on_working_days_from_eight(now: datetime, keys: list[str]) -> None:
    assert [turn.period.key for turn in periods_to_compile(cycle(), now, CALENDAR)] == keys


def test_periods_go_on_after_the_template_changed_length() -> None:
    assert next(coming_periods(cycle(last="2025-03"), CALENDAR)).period.key == "2025-04"
    assert next(coming_periods(cycle(last="2025-03", every="quarter"), CALENDAR)).period.key == "2025-Q2"
    assert next(coming_periods(cycle(last="2025-02", every="quarter"), CALENDAR)).period.key == "2025-Q1"
    assert next(coming_periods(cycle(last="2025-Q1"), CALENDAR)).period.key == "2025-04"


def test_a_day_before_the_datas_end_is_an_estimate_and_reads_figures_of_that_day() -> None:
    early = next(coming_periods(cycle(own=10), CALENDAR))
    assert early.is_estimate and early.cutoff(date(2025, 1, 10)) == date(2025, 1, 10)
    on_the_last_day = next(coming_periods(cycle(own=14), CALENDAR))
    assert not on_the_last_day.is_estimate and on_the_last_day.cutoff(date(2025, 1, 14)) == date(2025, 1, 14)
    late = next(coming_periods(cycle(), CALENDAR))
    assert not late.is_estimate and late.cutoff(date(2025, 1, 24)) == date(2025, 1, 14)


DUE, BEFORE, AFTER = date(2025, 3, 14), date(2025, 3, 13), date(2025, 3, 20)


@pytest.mark.parametrize(
    ("status", "submitted", "today", "came"),
    [
        (TaskStatus.APPROVED, DUE, AFTER, Came.ON_TIME),
        (TaskStatus.SUBMITTED, DUE, AFTER, Came.ON_TIME),  # the day it came in decides, however slow the approval
        (TaskStatus.SUBMITTED, AFTER, AFTER, Came.LATE),
        (TaskStatus.APPROVED, AFTER, AFTER, Came.LATE),
        (TaskStatus.RETURNED, BEFORE, AFTER, Came.RETURNED),
        (TaskStatus.ACCEPTED, None, AFTER, Came.MISSING),
        (TaskStatus.ASSIGNED, None, DUE, Came.NOT_DUE),
    ],
)
def test_how_a_units_report_stands(status: TaskStatus, submitted: date | None, today: date, came: Came) -> None:
    assert judge_unit_report(status, submitted, end_of_day(DUE), today) is came


def test_without_a_date_nothing_is_late() -> None:
    assert judge_unit_report(TaskStatus.ACCEPTED, None, None, AFTER) is Came.NOT_DUE
    assert judge_unit_report(TaskStatus.SUBMITTED, AFTER, None, AFTER) is Came.ON_TIME
