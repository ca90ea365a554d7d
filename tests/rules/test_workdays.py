"""Working days: real dates of the Vietnamese calendar, edits, sending slots, and what always holds."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.organization.calendar import DayKind, OffBecause, OffDay
from models.text.localtime import at_local, local, local_date, read_instant
from workflows.rules.calendar import workdays
from workflows.rules.calendar.workdays import WorkCalendar

PLAIN = WorkCalendar()
days = st.dates(date(2003, 1, 1), date(2028, 12, 31))
calendars = st.dictionaries(days, st.sampled_from(DayKind), max_size=8).map(WorkCalendar)
instants = st.datetimes(datetime(2003, 1, 1), datetime(2028, 12, 31)).map(lambda naive: read_instant(naive.isoformat()))


def at(text: str) -> datetime:
    return read_instant(text)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2003-01-31", "2003-02-05"),  # Quý Mùi, mùng 1 = 01/02/2003
        ("2004-01-21", "2004-01-26"),  # Giáp Thân, mùng 1 = 22/01/2004
        ("2005-02-08", "2005-02-11"),
        ("2026-02-16", "2026-02-20"),  # Bính Ngọ, mùng 1 = 17/02/2026
        ("2004-04-30", "2004-05-03"),  # 1/5 was a Saturday: compensated on Monday
        ("2004-09-02", "2004-09-02"),
        ("2007-04-26", "2007-04-26"),  # Giỗ Tổ (10/3 âm lịch), a public holiday since 2007
        ("2026-04-26", "2026-04-27"),  # Giỗ Tổ on a Sunday: compensated on Monday
        ("2026-08-31", "2026-09-02"),
        ("2026-11-24", "2026-11-24"),  # Ngày Văn hóa Việt Nam, new in 2026
        ("1975-09-02", "1975-09-02"),
        ("2099-09-02", "2099-09-02"),
    ],
)
def test_nobody_works_on_public_holidays(first: str, last: str) -> None:
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        assert not PLAIN.is_working(day), day
        assert PLAIN.why_off(day)
        day += timedelta(days=1)


@pytest.mark.parametrize("year", range(2003, 2029))
def test_every_year_has_a_tet_of_at_least_four_days_in_a_row(year: int) -> None:
    starts = [
        day
        for ordinal in range(date(year, 1, 15).toordinal(), date(year, 2, 25).toordinal())
        if (day := date.fromordinal(ordinal)) and _name(PLAIN.why_off(day)) == "Tết Nguyên Đán"
    ]
    assert len(starts) == 1
    assert not any(PLAIN.is_working(starts[0] + timedelta(days=offset)) for offset in range(-1, 3))


def test_the_day_of_the_hung_kings_was_worked_before_2007() -> None:
    assert PLAIN.is_working(date(2006, 4, 7))  # 10/3 âm lịch


@pytest.mark.parametrize("day", [date(2010, 2, 27), date(2014, 4, 26), date(2026, 8, 22)])
def test_an_announced_make_up_saturday_is_worked(day: date) -> None:
    assert day.weekday() == 5
    assert PLAIN.is_working(day)
    assert PLAIN.why_off(day) is None


def test_an_edit_takes_a_day_off_and_makes_a_saturday_worked() -> None:
    edited = WorkCalendar(
        {date(2004, 5, 4): DayKind.OFF, date(2004, 5, 8): DayKind.WORKING}, {date(2004, 5, 4): "nghỉ bù"}
    )
    assert edited.why_off(date(2004, 5, 4)) == OffDay(day=date(2004, 5, 4), because=OffBecause.EDIT, name="nghỉ bù")
    assert edited.is_working(date(2004, 5, 8))
    assert edited.add(date(2004, 4, 29), 1) == date(2004, 5, 5)
    assert edited.add(date(2004, 5, 7), 1) == date(2004, 5, 8)
    assert edited.between(date(2004, 4, 29), date(2004, 5, 10)) == 5


def test_an_edit_may_make_a_public_holiday_worked() -> None:
    assert WorkCalendar({date(2004, 9, 2): DayKind.WORKING}).is_working(date(2004, 9, 2))


def _name(off: OffDay | None) -> str:
    return off.name if off else ""


def test_an_edited_day_off_needs_no_name() -> None:
    day = date(2004, 6, 7)
    edited = WorkCalendar({day: DayKind.OFF})
    assert edited.why_off(day) == OffDay(day=day, because=OffBecause.EDIT)
    assert edited.called(day) == ""


def test_a_day_is_called_as_the_office_calls_it_else_as_the_holiday() -> None:
    holiday, saturday = date(2026, 9, 2), date(2026, 9, 5)
    edited = WorkCalendar(dict.fromkeys((holiday, saturday), DayKind.WORKING), {holiday: "trực", saturday: "làm bù"})
    assert [PLAIN.called(day) for day in (holiday, saturday, date(2026, 3, 4))] == ["Quốc khánh", "", ""]
    assert [edited.called(day) for day in (holiday, saturday)] == ["trực", "làm bù"]


def test_the_reason_names_the_weekday_the_holiday_or_the_edit() -> None:
    assert PLAIN.why_off(date(2004, 6, 6)) == OffDay(day=date(2004, 6, 6), because=OffBecause.WEEKEND)
    eve = OffDay(day=date(2004, 1, 21), because=OffBecause.HOLIDAY, name="giao thừa Tết Nguyên Đán")
    assert PLAIN.why_off(date(2004, 1, 21)) == eve
    assert _name(PLAIN.why_off(date(2004, 1, 22))) == "Tết Nguyên Đán"
    assert _name(PLAIN.why_off(date(2004, 1, 23))) == "mùng hai Tết Nguyên Đán"
    assert _name(PLAIN.why_off(date(2004, 5, 3))) == "ngày Quốc tế Lao động (nghỉ bù)"
    assert PLAIN.why_off(date(2004, 6, 7)) is None


def test_days_off_are_named_in_vietnamese_whatever_the_machine_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en_US")
    assert workdays._library.__wrapped__().get(date(2026, 9, 2)) == "Quốc khánh"


def test_counting_passes_over_tet() -> None:
    assert PLAIN.add(date(2004, 1, 20), 1) == date(2004, 1, 27)
    assert PLAIN.add(date(2004, 1, 27), -1) == date(2004, 1, 20)
    assert PLAIN.between(date(2004, 1, 20), date(2004, 1, 27)) == 1
    assert PLAIN.on_or_after(date(2004, 1, 24)) == date(2004, 1, 27)
    assert PLAIN.on_or_before(date(2004, 1, 24)) == date(2004, 1, 20)


def refusal(asked: Callable[..., object], *given: object) -> str:
    with pytest.raises(BadInput) as refused:
        asked(*given)
    return refused.value.tell("en")


def test_a_day_outside_the_known_years_is_refused_by_name() -> None:
    for day in (date(1974, 12, 31), date(2100, 1, 1)):
        assert refusal(PLAIN.is_working, day) == (
            f"date {day:%d/%m/%Y}: the working calendar covers the years 1975 to 2099"
        )
    assert "31/12/2099" in refusal(PLAIN.add, date(2099, 12, 31), 1)
    assert "06/01/1975" in refusal(PLAIN.add, date(1975, 1, 6), -100)
    assert "31/12/2099" in refusal(WorkCalendar({date(2099, 12, 31): DayKind.OFF}).on_or_after, date(2099, 12, 31))
    assert "01/01/1975" in refusal(PLAIN.on_or_before, date(1975, 1, 1))


def test_the_first_and_the_last_day_of_the_known_years_are_known() -> None:
    assert not PLAIN.is_working(date(1975, 1, 1)) and PLAIN.on_or_after(date(1975, 1, 1)) == date(1975, 1, 2)
    assert PLAIN.add(date(1975, 1, 3), -1) == date(1975, 1, 2)
    assert PLAIN.is_working(date(2099, 12, 31)) and PLAIN.add(date(2099, 12, 30), 1) == date(2099, 12, 31)


def test_no_working_day_on_is_the_day_itself_worked_or_not() -> None:
    for day in (date(2004, 6, 4), date(2004, 6, 5)):
        assert PLAIN.add(day, 0) == day


@pytest.mark.parametrize(
    ("cron", "now", "slot"),
    [
        (None, "2004-06-07 10:00", "2004-06-07 08:00"),
        ("0 9,14 * * *", "2004-06-07 08:30", "2004-06-07 09:00"),  # the next one
        ("0 9,14 * * *", "2004-06-07 10:00", "2004-06-07 09:00"),  # today's newest that has come
        ("0 9,14 * * *", "2004-06-07 14:00", "2004-06-07 14:00"),
        ("0 9,14 * * *", "2004-06-07 19:00", "2004-06-08 09:00"),
        ("0 9,14 * * *", "2004-06-04 19:00", "2004-06-07 09:00"),  # over a weekend
        ("30 7,13 * * *", "2004-06-07 10:00", "2004-06-07 07:30"),
        ("0 5,19 * * *", "2004-06-07 10:00", "2004-06-07 08:00"),  # never in sending hours: as for digests
        ("0 9 31 12 *", "2099-12-30 19:00", "2099-12-31 09:00"),
    ],
)
def test_reminders_leave_at_the_templates_own_hours_within_sending_hours(cron: str | None, now: str, slot: str) -> None:
    found = PLAIN.reminder_slot(cron, at(now))
    assert (found, found.tzinfo) == (at(slot), UTC)


@pytest.mark.parametrize(
    ("now", "event", "digest"),
    [
        ("2004-06-07 06:59", "2004-06-07 08:00", "2004-06-07 08:00"),
        ("2004-06-07 07:00", "2004-06-07 07:00", "2004-06-07 08:00"),
        ("2004-06-07 10:15", "2004-06-07 10:15", "2004-06-07 08:00"),
        ("2004-06-07 17:59", "2004-06-07 17:59", "2004-06-07 08:00"),
        ("2004-06-07 18:00", "2004-06-08 08:00", "2004-06-08 08:00"),
        ("2004-06-04 18:00", "2004-06-07 08:00", "2004-06-07 08:00"),  # Friday evening
        ("2004-06-05 10:00", "2004-06-07 08:00", "2004-06-07 08:00"),  # Saturday
        ("2004-01-21 09:00", "2004-01-27 08:00", "2004-01-27 08:00"),  # Tết
    ],
)
def test_letters_leave_in_sending_hours_or_the_next_working_morning(now: str, event: str, digest: str) -> None:
    assert PLAIN.event_slot(at(now)) == at(event)
    assert PLAIN.digest_slot(at(now)) == at(digest)


def test_the_week_begins_with_its_first_working_day() -> None:
    assert PLAIN.first_working_day_of_week(date(2004, 5, 9)) == date(2004, 5, 4)
    assert PLAIN.first_working_day_of_week(date(2004, 6, 9)) == date(2004, 6, 7)
    whole_week = {date(2004, 6, day): DayKind.OFF for day in range(7, 12)}
    assert WorkCalendar(whole_week).first_working_day_of_week(date(2004, 6, 9)) is None


@given(calendars, days, st.integers(1, 300))
def test_counting_forward_and_adding_are_inverse(calendar: WorkCalendar, day: date, count: int) -> None:
    end = calendar.add(day, count)
    assert calendar.is_working(end)
    assert calendar.between(day, end) == count
    assert calendar.between(end, day) == -count


@given(calendars, days, st.integers(1, 300))
def test_counting_back_from_a_working_day_undoes_counting_forward(
    calendar: WorkCalendar, day: date, count: int
) -> None:
    start = calendar.on_or_after(day)
    assert calendar.add(calendar.add(start, count), -count) == start
    assert calendar.between(start, calendar.add(start, -count)) == -count


@given(calendars, days, days, days)
def test_counts_add_up(calendar: WorkCalendar, first: date, second: date, third: date) -> None:
    assert calendar.between(first, second) + calendar.between(second, third) == calendar.between(first, third)


@given(calendars, days)
def test_the_nearest_working_days_enclose_a_day_off(calendar: WorkCalendar, day: date) -> None:
    before, after = calendar.on_or_before(day), calendar.on_or_after(day)
    assert calendar.is_working(before)
    assert calendar.is_working(after)
    assert before <= day <= after
    assert (before == day == after) == calendar.is_working(day)
    assert calendar.between(before, after) == (0 if calendar.is_working(day) else 1)


@given(calendars, instants)
def test_slots_are_always_within_sending_hours(calendar: WorkCalendar, now: datetime) -> None:
    event, digest = calendar.event_slot(now), calendar.digest_slot(now)
    assert calendar.in_sending_hours(event)
    assert event >= now
    assert calendar.in_sending_hours(digest)
    assert digest == at_local(local_date(digest))
    assert local(digest).date() >= local(now).date()


@pytest.mark.parametrize(
    ("now", "digest"),
    [
        ("2004-06-04 07:59", "2004-06-04 08:00"),  # a Friday
        ("2004-06-04 08:00", "2004-06-07 08:00"),  # that moment's digest has left
        ("2004-06-04 17:00", "2004-06-07 08:00"),
        ("2004-06-05 07:00", "2004-06-07 08:00"),
    ],
)
def test_the_next_digest_leaves_at_8_on_a_working_day(now: str, digest: str) -> None:
    assert PLAIN.next_digest(at(now)) == at(digest)
