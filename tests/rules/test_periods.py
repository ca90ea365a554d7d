"""Reporting periods: the presets of Decree 09/2019/NĐ-CP's pattern, and opening without gaps or duplicates."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.directives.template import DayOfPeriod, PeriodRule
from models.errors import BadInput
from models.organization.unit import UnitKind
from models.text.localtime import end_of_day, read_instant
from workflows.rules.calendar.periods import (
    data_range,
    following,
    is_estimate,
    last_sending_date,
    next_opening,
    opens_at,
    parse,
    period_of,
    periods_to_open,
    resumed_after,
    sending_date,
)


def day(number: int, months_before: int = 0) -> DayOfPeriod:
    return DayOfPeriod(day=number, months_before=months_before)


MONTHLY = PeriodRule(
    every="month",
    data_start=day(15, 1),
    data_end=day(14),
    opens=day(1),
    sends={UnitKind.ENTERPRISE: day(15), UnitKind.DEPARTMENT: day(16)},
)
QUARTERLY = PeriodRule(
    every="quarter",
    data_start=day(15, 3),
    data_end=day(14),
    opens=day(1, 1),
    sends={UnitKind.ENTERPRISE: day(6), UnitKind.DEPARTMENT: day(8)},
)
YEARLY = PeriodRule(
    every="year",
    data_start=day(15, 12),
    data_end=day(14),
    opens=day(1, 2),
    sends={UnitKind.ENTERPRISE: day(25, 1), UnitKind.DEPARTMENT: day(27, 1)},
)

days_of_period = st.builds(DayOfPeriod, day=st.integers(1, 31), months_before=st.integers(0, 13))
sending_days = st.builds(DayOfPeriod, day=st.integers(1, 31), months_before=st.integers(-3, 13), before=st.booleans())
rules = st.builds(
    PeriodRule,
    every=st.sampled_from(["month", "quarter", "half_year", "year"]),
    data_start=days_of_period,
    data_end=days_of_period,
    opens=days_of_period,
    sends=st.dictionaries(st.sampled_from(UnitKind), sending_days, min_size=1, max_size=3),
)
instants = st.datetimes(datetime(2003, 1, 1), datetime(2008, 12, 31)).map(lambda naive: read_instant(naive.isoformat()))


def keys(rule: PeriodRule, after: str | None, launched: str, now: str) -> list[str]:
    opened = periods_to_open(rule, after, read_instant(launched), read_instant(now))
    return [period.key for period in opened]


@pytest.mark.parametrize(
    ("key", "first", "last", "next_key"),
    [
        ("2004", "2004-01-01", "2004-12-31", "2005"),
        ("2004-H2", "2004-07-01", "2004-12-31", "2005-H1"),
        ("2004-Q2", "2004-04-01", "2004-06-30", "2004-Q3"),
        ("2004-02", "2004-02-01", "2004-02-29", "2004-03"),
        ("2004-12", "2004-12-01", "2004-12-31", "2005-01"),
        ("0001", "0001-01-01", "0001-12-31", "0002"),
    ],
)
def test_a_key_names_its_days_and_its_successor(key: str, first: str, last: str, next_key: str) -> None:
    period = parse(key)
    assert (period.key, f"{period.first_day}", f"{period.last_day}") == (key, first, last)
    assert following(period).key == next_key


@pytest.mark.parametrize("key", ["2004-13", "2004-Q5", "2004-H3", "04", "2004-5", "once", "0000", "9999", "2004-Q2\n"])
def test_anything_else_is_refused_with_what_would_be_right(key: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse(key)
    assert refusal.value.tell("en") == f"period {key}: write 2004, 2004-H1, 2004-Q2 or 2004-05"


def test_the_days_of_a_quarter_hang_on_its_last_month() -> None:
    period = parse("2004-Q2")
    assert data_range(QUARTERLY, period) == (date(2004, 3, 15), date(2004, 6, 14))
    assert opens_at(QUARTERLY, period) == read_instant("2004-05-01 08:00")
    assert sending_date(QUARTERLY, period, UnitKind.ENTERPRISE) == date(2004, 6, 6)
    assert sending_date(QUARTERLY, period, UnitKind.DEPARTMENT) == date(2004, 6, 8)


def test_a_kind_of_unit_without_a_sending_date_has_the_latest() -> None:
    assert sending_date(QUARTERLY, parse("2004-Q2"), UnitKind.SUBORDINATE) == date(2004, 6, 8)


def test_a_year_reaches_back_into_the_year_before() -> None:
    assert data_range(YEARLY, parse("2004")) == (date(2003, 12, 15), date(2004, 12, 14))
    assert sending_date(YEARLY, parse("2004"), UnitKind.ENTERPRISE) == date(2004, 11, 25)


def test_a_day_below_zero_lies_in_the_months_after_the_period() -> None:
    rule = MONTHLY.model_copy(update={"sends": {UnitKind.ENTERPRISE: day(5, -1)}})
    assert sending_date(rule, parse("2026-12"), UnitKind.ENTERPRISE) == date(2027, 1, 5)


@pytest.mark.parametrize(
    ("number", "key", "due"),
    [
        (5, "2026-12", "2027-01-04"),
        (1, "2026-12", "2026-12-31"),
        (31, "2026-03", "2026-04-30"),
        (30, "2026-01", "2026-02-28"),
    ],
)
def test_a_sending_day_that_is_before_a_day_is_the_day_before_it(number: int, key: str, due: str) -> None:
    sends = {UnitKind.ENTERPRISE: DayOfPeriod(day=number, months_before=-1, before=True)}
    assert str(sending_date(MONTHLY.model_copy(update={"sends": sends}), parse(key), UnitKind.ENTERPRISE)) == due


@pytest.mark.parametrize("name", ["opens", "data_start", "data_end"])
def test_only_a_sending_day_ends_before_itself(name: str) -> None:
    with pytest.raises(ValidationError, match="only a sending date"):
        PeriodRule.model_validate(MONTHLY.model_dump() | {name: {"day": 5, "before": True}})


def test_a_period_that_ended_before_the_launch_is_not_asked_for() -> None:
    rule = MONTHLY.model_copy(update={"sends": {UnitKind.ENTERPRISE: day(5, -1)}})
    launched = read_instant("2026-11-03 08:00")
    assert [one.key for one in periods_to_open(rule, None, launched, launched)] == ["2026-11"]


def test_days_are_clipped_to_the_end_of_the_month() -> None:
    rule = MONTHLY.model_copy(update={"data_end": day(31)})
    assert data_range(rule, parse("2004-02"))[1] == date(2004, 2, 29)


def test_figures_due_before_their_data_end_are_an_estimate() -> None:
    assert is_estimate(QUARTERLY, parse("2004-Q2"), UnitKind.ENTERPRISE)
    assert not is_estimate(MONTHLY, parse("2004-06"), UnitKind.ENTERPRISE)
    on_its_last_day = MONTHLY.model_copy(update={"data_end": day(15)})
    assert not is_estimate(on_its_last_day, parse("2004-06"), UnitKind.ENTERPRISE)


def test_each_kind_of_unit_estimates_by_its_own_sending_date() -> None:
    rule = MONTHLY.model_copy(update={"data_end": day(16)})
    assert is_estimate(rule, parse("2004-06"), UnitKind.ENTERPRISE)
    assert not is_estimate(rule, parse("2004-06"), UnitKind.DEPARTMENT)


def test_a_sending_date_moved_back_before_the_end_of_data_becomes_an_estimate() -> None:
    # 15/08/2004 is a Sunday: the report moves back to Friday the 13th, one day before its data ends
    assert is_estimate(MONTHLY, parse("2004-08"), UnitKind.ENTERPRISE, sent_on=date(2004, 8, 13))


def test_the_period_already_open_at_launch_is_opened_at_launch() -> None:
    assert keys(QUARTERLY, None, "2004-05-10", "2004-05-10") == ["2004-Q2"]


def test_a_period_whose_last_sending_day_is_today_is_still_opened() -> None:
    assert keys(QUARTERLY, None, "2004-06-08 23:59", "2004-06-08 23:59") == ["2004-Q2"]
    assert keys(QUARTERLY, None, "2004-06-09 00:00", "2004-06-09 00:00") == []


def test_between_two_periods_the_next_one_opens_in_its_time() -> None:
    assert keys(QUARTERLY, None, "2004-06-10", "2004-07-31") == []
    assert next_opening(QUARTERLY, None, read_instant("2004-06-10")) == read_instant("2004-08-01 08:00")
    assert keys(QUARTERLY, None, "2004-06-10", "2004-08-01 08:00") == ["2004-Q3"]


def test_after_downtime_every_missed_period_is_opened_in_order() -> None:
    assert keys(QUARTERLY, "2004-Q2", "2004-05-10", "2005-05-20") == ["2004-Q3", "2004-Q4", "2005-Q1", "2005-Q2"]


def test_a_template_that_changes_its_rhythm_goes_on_where_the_last_period_ended() -> None:
    assert keys(MONTHLY, "2004-Q2", "2004-05-10", "2004-08-02") == ["2004-07", "2004-08"]


@given(rules, instants, st.lists(instants, min_size=1, max_size=8))
def test_however_often_the_clock_looks_periods_have_no_gap_and_no_duplicate(
    rule: PeriodRule, launched_at: datetime, nows: list[datetime]
) -> None:
    after: str | None = None
    opened = []
    for now in nows:  # not even in order: a clock set back opens nothing
        fresh = periods_to_open(rule, after, launched_at, now)
        opened += fresh
        after = fresh[-1].key if fresh else after
        assert next_opening(rule, after, launched_at) > now
    assert opened == periods_to_open(rule, None, launched_at, max(nows))
    assert all(following(one) == two for one, two in pairwise(opened))
    assert all(end_of_day(last_sending_date(rule, period)) > launched_at for period in opened)


@given(rules, instants)
def test_the_first_period_leaves_none_out_that_could_still_be_sent(rule: PeriodRule, launched_at: datetime) -> None:
    first = periods_to_open(rule, None, launched_at, launched_at + timedelta(days=1200))[0]
    before = period_of(rule, first.first_day - timedelta(days=1))
    assert end_of_day(last_sending_date(rule, before)) <= launched_at or end_of_day(before.last_day) <= launched_at


@given(rules, st.dates(date(2003, 1, 1), date(2028, 12, 31)))
def test_every_day_lies_in_the_period_of_its_key(rule: PeriodRule, when: date) -> None:
    period = period_of(rule, when)
    assert period.first_day <= when <= period.last_day
    assert parse(period.key) == period
    assert data_range(rule, period)[1] <= period.last_day


@pytest.mark.parametrize(
    ("opened_last", "until", "goes_on_after"),
    [
        (None, date(2026, 6, 15), "2026-05"),  # June's report can still be sent
        (None, date(2026, 6, 16), "2026-06"),  # its last sending day is over
        ("2026-02", date(2026, 6, 15), "2026-05"),
        ("2026-02", date(2027, 1, 20), "2027-01"),
        ("2026-05", date(2026, 6, 15), "2026-05"),
        ("2026-06", date(2026, 6, 15), "2026-06"),  # was opened already
    ],
)
def test_a_duty_in_use_again_asks_for_nothing_that_is_over(
    opened_last: str | None, until: date, goes_on_after: str
) -> None:
    assert resumed_after(MONTHLY, opened_last, end_of_day(until)) == goes_on_after


def test_a_duty_in_use_again_by_quarters_goes_on_after_the_month_that_it_had_opened() -> None:
    assert resumed_after(QUARTERLY, "2026-06", end_of_day(date(2026, 6, 20))) == "2026-06"
    assert resumed_after(QUARTERLY, "2026-05", end_of_day(date(2026, 6, 20))) == "2026-Q2"
