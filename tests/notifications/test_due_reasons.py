"""Why a date is what it is: kept as facts, read back as the same, and said whole in both languages."""

import json
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.organization.calendar import OffBecause, OffDay
from models.tasks import due_facts
from models.tasks.due_facts import (
    BeforeDay,
    CalendarChanged,
    CountedFrom,
    CutToWhole,
    DateMovedTo,
    DateOfWhole,
    DueFact,
    HoursFromAssignment,
    OnDayOff,
    WholeDated,
    WholeMovedUp,
    WithinPeriod,
    read_due_facts,
    store_due_facts,
)
from models.text.localtime import end_of_day, read_instant
from notifications.composing.reasons import due_words, note_words, off_words
from notifications.composing.wording import WrittenWords
from workflows.rules.calendar.workdays import WorkCalendar

SUNDAY = OffDay(day=date(2026, 9, 6), because=OffBecause.WEEKEND)
KINDS: tuple[Any, ...] = get_args(get_args(DueFact)[0])
days = st.dates(date(2003, 1, 1), date(2098, 12, 31))
instants = st.datetimes(datetime(2003, 1, 1), datetime(2098, 12, 31)).map(
    lambda naive: naive.replace(second=0, microsecond=0, tzinfo=UTC)
)
ends = days.map(end_of_day) | instants
names = st.text("abcđư ;,“”{}\n", max_size=20).map(lambda text: f"Lễ {text}.")
off_days = (
    st.builds(OffDay, day=days, because=st.just(OffBecause.WEEKEND))
    | st.builds(OffDay, day=days, because=st.just(OffBecause.HOLIDAY), name=names)
    | st.builds(OffDay, day=days, because=st.just(OffBecause.EDIT))
)
periods = st.builds(
    lambda year, part: f"{year}{part}",
    st.integers(2003, 2098),
    st.sampled_from(["", "-H1", "-H2", *(f"-Q{n}" for n in range(1, 5)), *(f"-{n:02d}" for n in range(1, 13))]),
)
FACTS: dict[Any, st.SearchStrategy[Any]] = {
    HoursFromAssignment: st.builds(HoursFromAssignment, hours=st.integers(1, 720), assigned_at=instants),
    BeforeDay: st.builds(BeforeDay, day=days),
    CountedFrom: st.builds(
        CountedFrom,
        amount=st.integers(1, 3660),
        unit=st.sampled_from(["days", "working_days", "months"]),
        since=st.sampled_from(["signed", "assigned"]),
        day=days,
    ),
    WithinPeriod: st.builds(WithinPeriod, period=periods),
    OnDayOff: st.builds(OnDayOff, off=off_days, moved=st.sampled_from(DateMovedTo), is_report=st.booleans()),
    DateOfWhole: st.builds(DateOfWhole, due_at=ends),
    CutToWhole: st.builds(CutToWhole, own_due_at=ends, due_at=ends),
    CalendarChanged: st.builds(CalendarChanged, before=days, after=days),
    WholeMovedUp: st.builds(WholeMovedUp),
    WholeDated: st.builds(WholeDated),
}
any_fact = st.sampled_from(KINDS).flatmap(FACTS.__getitem__)
both_languages = pytest.mark.parametrize("language", ["vi", "en"])


def test_every_kind_of_reason_is_looked_at_here() -> None:
    assert set(FACTS) == set(KINDS)
    assert set(KINDS) == {one for one in due_facts._Fact.__subclasses__()}


@given(st.lists(any_fact, max_size=4).map(tuple))
def test_what_is_kept_of_a_reason_is_read_back_as_the_same(facts: tuple[DueFact, ...]) -> None:
    stored = json.loads(json.dumps(store_due_facts(facts)))
    assert read_due_facts(stored) == facts


@both_languages
@given(one=any_fact, other=any_fact)
def test_two_reasons_that_differ_read_differently(language: str, one: DueFact, other: DueFact) -> None:
    said, also = (due_words(store_due_facts([fact]), "", language) for fact in (one, other))
    assert said and also
    assert (said == also) == (one == other), "no fact is lost in words"


@both_languages
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_two_reasons_of_a_kind_that_differ_read_differently(language: str, kind: Any, data: st.DataObject) -> None:
    one, other = data.draw(FACTS[kind]), data.draw(FACTS[kind])
    said, also = (due_words(store_due_facts([fact]), "", language) for fact in (one, other))
    assert (said == also) == (one == other)


@given(any_fact)
def test_a_reason_is_said_in_each_language_alone(fact: DueFact) -> None:
    if isinstance(fact, OnDayOff) and fact.off.name:
        return  # a name is what it is
    assert due_words([fact], "", "en").isascii()
    assert due_words([fact], "", "vi") != due_words([fact], "", "en")


@pytest.mark.parametrize(
    ("facts", "vi", "en"),
    [
        (
            [HoursFromAssignment(hours=24, assigned_at=read_instant("2026-09-28 14:00"))],
            "24 giờ kể từ khi giao (14 giờ 00 ngày 28/09/2026)",
            "24 hours from assignment (14:00 on 28 September 2026)",
        ),
        (
            [CountedFrom(amount=15, unit="working_days", since="signed", day=date(2004, 5, 7))],
            "15 ngày làm việc kể từ ngày ký 07/05/2004",
            "15 working days from signing on 7 May 2004",
        ),
        (
            [CountedFrom(amount=1, unit="months", since="signed", day=date(2004, 5, 7))],
            "1 tháng kể từ ngày ký 07/05/2004",
            "1 month from signing on 7 May 2004",
        ),
        (
            [BeforeDay(day=date(2004, 7, 1))],
            "trước ngày 01/07/2004, không tính ngày đó",
            "before 1 July 2004, that day not included",
        ),
        ([WithinPeriod(period="2003-Q4")], "ngày cuối cùng của quý IV/2003", "the last day of quarter 4 of 2003"),
        ([WithinPeriod(period="2003-09")], "ngày cuối cùng của tháng 9/2003", "the last day of September 2003"),
        ([WithinPeriod(period="2003")], "ngày cuối cùng của năm 2003", "the last day of 2003"),
        (
            [WithinPeriod(period="2003-H2")],
            "ngày cuối cùng của 6 tháng cuối năm 2003",
            "the last day of the second half of 2003",
        ),
        (
            [
                CountedFrom(amount=3, unit="months", since="assigned", day=date(2004, 5, 7)),
                OnDayOff(off=OffDay(day=date(2004, 8, 7), because=OffBecause.WEEKEND), moved=DateMovedTo.FORWARD),
            ],
            "3 tháng kể từ ngày giao 07/05/2004; hạn 07/08/2004 rơi vào thứ Bảy, chuyển sang ngày làm việc liền sau",
            "3 months from assignment on 7 May 2004; 7 August 2004 is a Saturday, moved on to the next working day",
        ),
        (
            [OnDayOff(off=SUNDAY, moved=DateMovedTo.BACK, is_report=True)],
            "hạn 06/09/2026 rơi vào Chủ nhật, báo cáo chuyển lên ngày làm việc liền trước",
            "6 September 2026 is a Sunday, the report moved back to the working day before",
        ),
        (
            [
                OnDayOff(
                    off=OffDay(day=date(2026, 9, 2), because=OffBecause.HOLIDAY, name="Quốc khánh"),
                    moved=DateMovedTo.BACK,
                )
            ],
            "hạn 02/09/2026 rơi vào Quốc khánh, chuyển lên ngày làm việc liền trước",
            "2 September 2026 is a day off (“Quốc khánh”), moved back to the working day before",
        ),
        (
            [OnDayOff(off=SUNDAY, moved=DateMovedTo.FORWARD_AFTER_ALL)],
            "hạn 06/09/2026 rơi vào Chủ nhật, ngày làm việc liền trước đã qua khi giao, chuyển sang ngày làm việc liền"
            " sau",
            "6 September 2026 is a Sunday, the working day before had passed at assignment, moved on to the next one",
        ),
        (
            [DateOfWhole(due_at=read_instant("2004-06-15 14:30"))],
            "theo hạn của nhiệm vụ cấp trên: 14 giờ 30 ngày 15/06/2004",
            "the date of the task above: 14:30 on 15 June 2004",
        ),
        (
            [CutToWhole(own_due_at=end_of_day(date(2004, 6, 30)), due_at=end_of_day(date(2004, 6, 15)))],
            "hạn 30/06/2004 quá hạn của nhiệm vụ cấp trên, rút về 15/06/2004",
            "30 June 2004 is past the task above, cut to 15 June 2004",
        ),
        (
            [CalendarChanged(before=date(2027, 2, 1), after=date(2027, 2, 2))],
            "lịch làm việc điều chỉnh, hạn 01/02/2027 chuyển thành 02/02/2027",
            "the working calendar changed: 1 February 2027 became 2 February 2027",
        ),
        (
            [WholeMovedUp()],
            "thời hạn của nhiệm vụ cấp trên đã chuyển lên sớm hơn",
            "the deadline of the task above moved to an earlier day",
        ),
        ([WholeDated()], "nhiệm vụ cấp trên đã được ấn định thời hạn", "the task above was given a deadline"),
    ],
)
def test_a_reason_reads_as_offices_write_it(facts: list[DueFact], vi: str, en: str) -> None:
    stored = store_due_facts(facts)
    assert (due_words(stored, "", "vi"), due_words(stored, "", "en")) == (vi, en)
    assert (WrittenWords("vi").reason(stored, ""), WrittenWords("en").reason(stored, "")) == (vi, en)


@pytest.mark.parametrize("words", ["Đồng ý, đây là lần gia hạn duy nhất", "15 ngày kể từ ngày ký 07/05/2004"])
def test_words_that_were_stored_are_shown_as_they_are(words: str) -> None:
    assert due_words([], words, "vi") == due_words([], words, "en") == words
    assert (WrittenWords("vi").reason([], words), WrittenWords("en").reason([], words)) == (words, f"“{words}”")


@both_languages
def test_only_a_line_that_moves_a_date_says_why(language: str) -> None:
    facts = {"due_facts": store_due_facts([WholeDated()])}
    said = due_words([WholeDated()], "", language)
    assert note_words("assigned", facts, "Việc gấp", language) == "Việc gấp"
    assert note_words("due_set", facts, "", language) == said
    assert note_words("due_moved", facts, "Thông báo 15/TB-BNV", language) == f"{said} (Thông báo 15/TB-BNV)"
    assert note_words("returned", {}, "", language) == ""


def test_why_a_day_is_off_is_said_in_both_languages() -> None:
    calendar = WorkCalendar()
    told = {day: calendar.why_off(day) for day in (date(2026, 9, 2), date(2026, 9, 5), date(2026, 9, 4))}
    assert [off_words(one, "vi") for one in told.values()] == ["Quốc khánh", "thứ Bảy", ""]
    assert [off_words(one, "en") for one in told.values()] == ["“Quốc khánh”", "a Saturday", ""]
    unnamed = OffDay(day=date(2026, 9, 4), because=OffBecause.EDIT)
    assert off_words(unnamed, "vi") == "ngày nghỉ theo lịch làm việc đã điều chỉnh"
    assert WrittenWords("vi").day_off(unnamed) == "ngày nghỉ; thời hạn ấn định giữ nguyên"
    assert WrittenWords("vi").day_off(SUNDAY) == "Chủ nhật, ngày nghỉ; thời hạn ấn định giữ nguyên"
    assert WrittenWords("en").day_off(SUNDAY) == "a Sunday, a day off; the date stays as set"
    assert WrittenWords("en").day_off(SUNDAY, weekday=False) == "a day off; the date stays as set"
