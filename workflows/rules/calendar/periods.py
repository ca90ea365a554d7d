"""Reporting periods: their keys, their days by a preset, and the periods that a duty must open by now.

Keys are "2004", "2004-H1", "2004-Q2" and "2004-05". Days are local, instants are UTC.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.directives.template import DayOfPeriod, PeriodRule
from models.errors import BadInput
from models.organization.unit import UnitKind
from models.text.localtime import at_local, end_of_day, local_date

_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_KEY = re.compile(r"(?P<year>\d{4})(-((?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])|H(?P<half_year>[12])))?", re.ASCII)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """A calendar month, quarter, half year or year. It includes both days."""

    key: str
    first_day: date
    last_day: date


def parse(key: str) -> Period:
    """Return the period of a key. Raise BadInput for a wrong key."""
    match = _KEY.fullmatch(key)
    if not match or not 1 <= int(match["year"]) < 9999:
        raise BadInput("period {key}: write 2004, 2004-H1, 2004-Q2 or 2004-05", key=key)
    for name, months in _MONTHS.items():
        if name != "year" and match[name]:
            return _period(int(match["year"]), int(match[name]) - 1, months)
    return _period(int(match["year"]), 0, 12)


def period_of(rule: PeriodRule, day: date) -> Period:
    months = _MONTHS[rule.every]
    return _period(day.year, (day.month - 1) // months, months)


def following(period: Period) -> Period:
    months = _months(period)
    first = period.last_day + _DAY
    return _period(first.year, (first.month - 1) // months, months)


def opens_at(rule: PeriodRule, period: Period) -> datetime:
    """Return when the period's tasks are created: 08:00 local of the opening day."""
    return at_local(_day(rule.opens, period))


def data_range(rule: PeriodRule, period: Period) -> tuple[date, date]:
    """Return the first and last day of the figures. The first may lie in an earlier period."""
    return _day(rule.data_start, period), _day(rule.data_end, period)


def sending_date(rule: PeriodRule, period: Period, unit_kind: UnitKind) -> date:
    """Return the preset's day for a kind of unit before it moves; the latest day for a kind that has none."""
    return _day(_sending_rule(rule, period, unit_kind), period)


def sent_before(rule: PeriodRule, period: Period, unit_kind: UnitKind) -> date | None:
    """Return the preset's day if units must send before it; None if they may send on it."""
    day_rule = _sending_rule(rule, period, unit_kind)
    following_day = _day(day_rule, period) + _DAY
    return following_day if day_rule.before and following_day.day == day_rule.day else None


def _sending_rule(rule: PeriodRule, period: Period, unit_kind: UnitKind) -> DayOfPeriod:
    return rule.sends.get(unit_kind) or max(rule.sends.values(), key=lambda day_rule: _day(day_rule, period))


def last_sending_date(rule: PeriodRule, period: Period) -> date:
    """Return the preset's latest day, before the calendar moves it."""
    return max(_day(day_rule, period) for day_rule in rule.sends.values())


def own_day(rule: PeriodRule, period: Period, own: DayOfPeriod | None = None) -> date | None:
    """Return the coordinating unit's own day, before the calendar moves it: `given`, else the preset's, else None."""
    day = own or rule.compiled
    return _day(day, period) if day else None


def is_estimate(rule: PeriodRule, period: Period, unit_kind: UnitKind, sent_on: date | None = None) -> bool:
    """Return whether figures are due before their data ends. `sent_on` is the due day after the calendar moved it."""
    return (sent_on or sending_date(rule, period, unit_kind)) < data_range(rule, period)[1]


def periods_to_open(rule: PeriodRule, after: str | None, launched_at: datetime, now: datetime) -> list[Period]:
    """Return the periods to open by `now`, in order and without gaps. `after` is the last one that was opened.

    A duty's first period is the one of its launch, or the next one if the launch comes after the last sending day.
    """
    opened = []
    for period in _from_first(rule, after, launched_at):
        if opens_at(rule, period) > now:
            break
        opened.append(period)
    return opened


def next_opening(rule: PeriodRule, after: str | None, launched_at: datetime) -> datetime:
    """Return when the next period opens: in the past if one should be open already."""
    return opens_at(rule, next(_from_first(rule, after, launched_at)))


def resumed_after(rule: PeriodRule, after: str | None, now: datetime) -> str:
    """Return the key of the last period to skip, for a duty that was out of use until `now`."""
    last_over = period_of(rule, _first(rule, now).first_day - _DAY)
    return last_over.key if after is None or parse(after).last_day < last_over.last_day else after


def _from_first(rule: PeriodRule, after: str | None, launched_at: datetime) -> Iterator[Period]:
    period = _first(rule, launched_at) if after is None else period_of(rule, parse(after).last_day + _DAY)
    while True:
        yield period
        period = following(period)


def _first(rule: PeriodRule, launched_at: datetime) -> Period:
    period = period_of(rule, local_date(launched_at))
    while end_of_day(last_sending_date(rule, period)) <= launched_at:
        period = following(period)
    return period


def last_permitted(named: date, *, before: bool) -> date:
    """Return the last permitted day: "trước ngày D" ends the day before D."""
    return named - _DAY if before else named


def months_on(day: date, months: int) -> date:
    """Return the same day a number of months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _day(day_rule: DayOfPeriod, period: Period) -> date:
    first = months_on(period.last_day.replace(day=1), -day_rule.months_before)
    day = first + timedelta(days=day_rule.day - 1)  # "ngày 31" of a short month may lie in the next one
    return min(last_permitted(day, before=day_rule.before), months_on(first, 1) - _DAY)


def _months(period: Period) -> int:
    return period.last_day.month - period.first_day.month + 1


def _period(year: int, index: int, months: int) -> Period:
    first, last = index * months + 1, (index + 1) * months
    suffix = {1: f"-{first:02d}", 3: f"-Q{index + 1}", 6: f"-H{index + 1}", 12: ""}[months]
    return Period(f"{year:04d}{suffix}", date(year, first, 1), date(year, last, monthrange(year, last)[1]))
