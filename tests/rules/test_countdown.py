"""What is left until a date, on working days, over holidays and by the hour."""

from datetime import date, timedelta

from models.text.localtime import at_local, end_of_day
from workflows.rules.calendar.workdays import WorkCalendar, count_down

CALENDAR = WorkCalendar()
FRIDAY = date(2026, 10, 9)


def left(now_on: date, due_on: date = FRIDAY) -> tuple[int | None, bool]:
    found = count_down(end_of_day(due_on), now=at_local(now_on), calendar=CALENDAR, by_the_hour=False)
    assert found.due_at == end_of_day(due_on)
    return found.days, found.is_late


def test_days_left_are_working_days() -> None:
    assert left(date(2026, 10, 2)) == (5, False)
    assert left(FRIDAY) == (0, False)


def test_the_weekend_after_the_date_is_late_though_no_working_day_has_passed() -> None:
    assert left(date(2026, 10, 10)) == (0, True)
    assert left(date(2026, 10, 12)) == (-1, True)


def test_late_begins_with_the_very_instant_of_the_date() -> None:
    due_at = end_of_day(FRIDAY)
    for now, late in ((due_at - timedelta(seconds=1), False), (due_at, True)):
        assert count_down(due_at, now=now, calendar=CALENDAR, by_the_hour=False).is_late is late


def test_a_contingency_counts_whole_hours() -> None:
    due_at = at_local(FRIDAY)
    for minutes, hours in ((-150, 2), (-30, 0), (30, -1), (90, -2)):
        found = count_down(due_at, now=due_at + timedelta(minutes=minutes), calendar=CALENDAR, by_the_hour=True)
        assert (found.hours, found.days, found.is_late, found.due_at) == (hours, None, minutes > 0, due_at)
