"""Reporting periods: their keys, the days a preset hangs on them, and which of them a duty must open by now.

Pure. Keys: "2004", "2004-H1", "2004-Q2", "2004-05"; days are local, instants aware UTC.
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
    """A calendar month, quarter, half year or year; both days belong to it."""

    key: str
    first_day: date
    last_day: date


def parse(key: str) -> Period:
    """Raises BadInput for what is no key."""
    found = _KEY.fullmatch(key)
    if not found or not 1 <= int(found["year"]) < 9999:
        raise BadInput("period {key}: write 2004, 2004-H1, 2004-Q2 or 2004-05", key=key)
    for name, months in _MONTHS.items():
        if name != "year" and found[name]:
            return _period(int(found["year"]), int(found[name]) - 1, months)
    return _period(int(found["year"]), 0, 12)


def period_of(rule: PeriodRule, day: date) -> Period:
    months = _MONTHS[rule.every]
    return _period(day.year, (day.month - 1) // months, months)


def following(period: Period) -> Period:
    """Return the next period of the same length."""
    months = _months(period)
    first = period.last_day + _DAY
    return _period(first.year, (first.month - 1) // months, months)


def opens_at(rule: PeriodRule, period: Period) -> datetime:
    """Return when the period's tasks are created: 08:00 local of the opening day."""
    return at_local(_day(rule.opens, period))


def data_range(rule: PeriodRule, period: Period) -> tuple[date, date]:
    """Return first and last day of the figures; the first may lie in an earlier period."""
    return _day(rule.data_start, period), _day(rule.data_end, period)


def sending_date(rule: PeriodRule, period: Period, unit_kind: UnitKind) -> date:
    """Return the preset's day for this kind of unit, before any move; a kind it does not name has the latest day
    given.
    """
    return _day(_sending_rule(rule, period, unit_kind), period)


def sent_before(rule: PeriodRule, period: Period, unit_kind: UnitKind) -> date | None:
    """Return the day that the preset names where its sending date ends before that day; None where it includes it."""
    given = _sending_rule(rule, period, unit_kind)
    following_day = _day(given, period) + _DAY
    return following_day if given.before and following_day.day == given.day else None


def _sending_rule(rule: PeriodRule, period: Period, unit_kind: UnitKind) -> DayOfPeriod:
    return rule.sends.get(unit_kind) or max(rule.sends.values(), key=lambda given: _day(given, period))


def last_sending_date(rule: PeriodRule, period: Period) -> date:
    """No move by the calendar is in it yet."""
    return max(_day(given, period) for given in rule.sends.values())


def own_day(rule: PeriodRule, period: Period, given: DayOfPeriod | None = None) -> date | None:
    """Return the coordinating unit's own day, before any move: the one given, else the preset's; None where neither
    is.
    """
    day = given or rule.compiled
    return _day(day, period) if day else None


def is_estimate(rule: PeriodRule, period: Period, unit_kind: UnitKind, sent_on: date | None = None) -> bool:
    """Return whether figures are due before their data ends, so that the remainder is an estimate.

    `sent_on` is the due day after the calendar moved it, where that is known.
    """
    return (sent_on or sending_date(rule, period, unit_kind)) < data_range(rule, period)[1]


def periods_to_open(rule: PeriodRule, after: str | None, launched_at: datetime, now: datetime) -> list[Period]:
    """Return every period to open by `now`, in order and without gaps, `after` being the last one opened before.

    The first of all is the one already open at launch, if its last sending day is not over, else the next to open.
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
    """Return the period after which a duty goes on that was out of use until `now`: what is over by then is not asked
    for.
    """
    before = period_of(rule, _first(rule, now).first_day - _DAY)
    return before.key if after is None or parse(after).last_day < before.last_day else after


def _from_first(rule: PeriodRule, after: str | None, launched_at: datetime) -> Iterator[Period]:
    period = _first(rule, launched_at) if after is None else period_of(rule, parse(after).last_day + _DAY)
    while True:
        yield period
        period = following(period)


def _first(rule: PeriodRule, launched_at: datetime) -> Period:
    # a period that ended before the launch is not asked for, even if its sending day is still to come
    period = period_of(rule, local_date(launched_at))
    while end_of_day(last_sending_date(rule, period)) <= launched_at:
        period = following(period)
    return period


def last_permitted(named: date, *, before: bool) -> date:
    """Return the last day on which something may be done: "trước ngày D" ends the day before D."""
    return named - _DAY if before else named


def months_on(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a month that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _day(given: DayOfPeriod, period: Period) -> date:
    first = months_on(period.last_day.replace(day=1), -given.months_before)
    named = first + timedelta(days=given.day - 1)  # "ngày 31" of a short month may lie in the next one
    return min(last_permitted(named, before=given.before), months_on(first, 1) - _DAY)


def _months(period: Period) -> int:
    return period.last_day.month - period.first_day.month + 1


def _period(year: int, index: int, months: int) -> Period:
    first, last = index * months + 1, (index + 1) * months
    suffix = {1: f"-{first:02d}", 3: f"-Q{index + 1}", 6: f"-H{index + 1}", 12: ""}[months]
    return Period(f"{year:04d}{suffix}", date(year, first, 1), date(year, last, monthrange(year, last)[1]))
