"""A month of dates: counts that lead to their tasks, days off with their names, months that exist."""

import calendar as months
import re
from datetime import date, timedelta

import pytest

from models.organization.calendar import DayKind
from models.text.localtime import at_local
from tests.web.site import DUE, Office
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.worklists.due_calendar import DueDay, lay_out

DATABASES = ("sqlite", "postgresql")
COORDINATOR = "le.thi.c"
TODAY = date(2026, 4, 20)


def days(calendar: WorkCalendar, counts: dict[date, tuple[int, int]] | None = None) -> dict[int, DueDay]:
    weeks = months.Calendar().monthdatescalendar(2026, 4)
    found = lay_out(weeks, date(2026, 4, 1), counts or {}, today=TODAY, calendar=calendar)
    assert [len(week) for week in found] == [7] * len(weeks)
    return {one.day.day: one for week in found for one in week if one}


def test_a_holiday_has_its_name_and_a_plain_weekend_none() -> None:
    found = days(WorkCalendar({date(2026, 4, 18): DayKind.WORKING}, {date(2026, 4, 18): "làm bù"}))
    assert len(found) == 30
    assert "Chiến thắng" in found[30].name
    assert not found[30].is_working and not found[19].is_working and found[19].off is None
    assert found[18].is_working and (found[18].name, found[18].off) == ("làm bù", None)


def test_a_day_is_late_soon_or_later_and_says_whether_it_has_something() -> None:
    counts = {TODAY - timedelta(days=1): (2, 3), TODAY + timedelta(days=7): (1, 0), TODAY + timedelta(days=8): (1, 0)}
    found = days(WorkCalendar(), counts)
    assert found[19].is_late and (found[19].open, found[19].done) == (2, 3)
    assert found[20].is_today and found[20].has_something and not found[20].is_late
    assert found[27].is_soon and not found[28].is_soon
    assert not found[21].has_something


def test_each_number_leads_to_the_tasks_it_counts(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    text = reader.get(f"/calendar?month={DUE:%Y-%m}&lang=en").text
    found = re.findall(r'href="(/tasks\?due=[^"]+)">(\d+) task', text)
    assert f"/tasks?due={DUE.isoformat()}" in [href for href, _count in found]
    for href, count in found:
        assert reader.get(href).text.count('<th scope="row">') == int(count)
    office.now = at_local(DUE + timedelta(days=1))
    assert "is-late" in office.sign_in(COORDINATOR).get(f"/calendar?month={DUE:%Y-%m}&lang=en").text


def test_months_lead_on_to_the_calendars_ends(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    text = reader.get("/calendar?month=2026-12&lang=en").text
    assert "Deadlines of December 2026" in text
    assert 'href="/calendar?month=2026-11"' in text and 'href="/calendar?month=2027-01"' in text
    assert 'rel="prev"' not in reader.get("/calendar?month=1975-01").text
    assert 'rel="next"' not in reader.get("/calendar?month=2099-12").text
    assert 'href="/calendar"' in reader.get("/").text


@pytest.mark.parametrize("month", ["2026-13", "x", "1900-01", "2026-1-1"])
def test_a_made_up_month_is_refused(office: Office, month: str) -> None:
    answer = office.sign_in(COORDINATOR).get(f"/calendar?month={month}&lang=en")
    assert answer.status_code == 422 and month in answer.text


def test_everybody_sees_their_own_dates_alone(office: Office) -> None:
    assert office.get("/calendar").status_code == 303
    head = office.head(office.task("4"))
    assert "1 task due" in office.sign_in(head.code).get(f"/calendar?month={DUE:%Y-%m}&lang=en").text
