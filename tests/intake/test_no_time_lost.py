"""No words of time are lost: what no deadline was made of is found as unread, and a rule holds all of its figures."""

import re
from datetime import date
from itertools import product

import pytest

from tests.intake.passages import passage
from workflows.intake.text.reading import Deadline
from workflows.intake.times.deadlines import read_deadlines, times_in

ISSUED = date(2026, 5, 12)
LIMITS = (
    "trước",
    "chậm nhất",
    "chậm nhất là",
    "muộn nhất",
    "hạn cuối",
    "xong trong",
    "đến hết",
    "xong trước",
    "không quá",
)
DAYS = (
    "ngày 30/10/2026",
    "ngày 30 tháng 10 năm 2026",
    "ngày 30/10",
    "30/10/2026",
    "tháng 10/2026",
    "tháng 10",
    "quý IV/2026",
    "quý IV",
    "năm 2026",
    "17 giờ ngày 30/10/2026",
    "17h00 ngày 30/10",
    "16 giờ 30 phút, thứ Sáu, ngày 30/10/2026",
    "tuần 02 tháng 8",
    "tuần cuối tháng 9/2026",
    "giữa tháng 9",
    "ngày 15 tháng sau",
    "cuối tháng này",
    "ngày 30/10/2026 và ngày 30/11/2026",
    "ngày 15/6 và 15/12",
    "các ngày 05, 15 và 25/10/2026",
)
PERIODS = ("hằng tháng", "hàng quý", "định kỳ 6 tháng", "mỗi tuần", "hằng năm", "định kỳ hằng tháng", "6 tháng một lần")
TAILS = (
    "",
    ", trước ngày 05",
    ", trước ngày 05 và ngày 20",
    ", trước ngày 05 và 20",
    ", trước ngày 05, 15 và 25",
    ", trước ngày 05 hoặc ngày 20",
    " (trước ngày 05 và ngày 20)",
    " (ngày 05 và 20)",
    ", vào ngày 05 và ngày 20",
    ", chậm nhất ngày 05 của tháng sau",
    ", trước ngày 10 của tháng đầu quý sau",
    ", trước ngày 10 tháng đầu tiên của quý tiếp theo",
    ", trước ngày 20 tháng cuối quý",
    ", trước ngày 15/6 và 15/12",
    ", trước 15/6 và trước 15/12",
    ", trước 17 giờ thứ Sáu",
    ", vào lúc 07 giờ và 17 giờ",
    " và ngày 15/12/2026",
)
OTHERS = (
    "trước ngày 25 hằng tháng và ngày 10 hằng quý",
    "hằng tháng trước ngày 25, hằng quý trước ngày 20 tháng cuối quý",
    "Hằng tháng, các sở gửi số liệu về Sở Tài chính trước ngày 05 và ngày 20",
    "30 phút/lần",
    "02 lần/ngày, trước 06 giờ 30 và trước 17 giờ 30",
    "mỗi ngày 02 buổi (5h30 và 17h30)",
    "03 ngày một lần",
    "trong vòng 10 ngày làm việc kể từ ngày nhận được văn bản",
    "sau 02 giờ kể từ khi xảy ra sự cố",
    "chậm nhất 05 ngày trước khi khai mạc",
    "trước khi khai giảng 10 ngày",
    "trong 24 giờ",
    "trước 17 giờ hôm nay",
    "tại kỳ họp tháng 12/2026",
    "từ ngày 01/8 đến hết ngày 30/9/2026",
    "từ Quý II - IV/2026",
    "trước Tết Nguyên đán",
    "thứ Sáu tuần cuối hằng tháng",
    "chậm nhất vào ngày làm việc cuối cùng của tháng",
    "báo cáo quý trước ngày 15",
    "ngày 02 lần (07h00 và 16h00)",
    "nhanh trong vòng 24h kể từ khi xảy ra",
    "trong tuần tới",
    "vào tuần cuối hằng tháng",
    "trước ngày 15 tháng 6 và ngày 15 tháng 12 hằng năm",
    "đúng ngày 02/9/2026",
    "ngày 26, 27/12/2026",
    "vào các ngày 10 và 25 hằng tháng",
    "ngày 20 tháng cuối của quý và ngày 15/12 hằng năm",
)
FRAMES = ("Sở Y tế báo cáo kết quả {}.", "Các sở tổng hợp, gửi kết quả về Sở Tài chính {} để theo dõi.")
_TIME_WORD = re.compile(r"\d+|\b(?:tháng|quý|tuần|giờ|phút|hằng|hàng|mỗi|Tết|hôm nay)\b(?! (?:kết|các))", re.IGNORECASE)
_COUNT_OF_TIMES = re.compile(r"\d+ (?:lần|buổi)")


def lost(text: str) -> list[str]:
    """Return the words of time of a text that neither a deadline nor an unread time covers."""
    found = [(one.span.start, one.span.end) for one in read_deadlines(passage(text), ISSUED)] + times_in(text)
    return [
        word.group()
        for word in _TIME_WORD.finditer(text)
        if not any(start <= word.start() and word.end() <= end for start, end in found)
    ]


def unsaid(deadline: Deadline) -> set[int]:
    """Return the figures of a recurring deadline's words that its rule leaves out."""
    words = _COUNT_OF_TIMES.sub(" ", deadline.value)
    said = {int(figure) for figure in re.findall(r"\d+", deadline.rule or "")}
    weekdays = {int(figure) for figure in re.findall(r"thứ (\d)", words)}
    return {int(figure) for figure in re.findall(r"\d+", words)} - said - weekdays - {1}


PHRASES = [
    *(f"{limit} {day}" for limit, day in product(LIMITS, DAYS)),
    *(f"{period}{tail}" for period, tail in product(PERIODS, TAILS)),
    *OTHERS,
]


@pytest.mark.parametrize("frame", FRAMES)
def test_no_words_of_time_are_lost(frame: str) -> None:
    texts = [frame.format(phrase) for phrase in PHRASES]
    assert {text: words for text in texts if (words := lost(text))} == {}


@pytest.mark.parametrize("frame", FRAMES)
def test_a_rule_holds_all_figures_of_its_words(frame: str) -> None:
    read = [read_deadlines(passage(frame.format(phrase)), ISSUED) for phrase in PHRASES]
    again = [one for found in read for one in found if one.kind == "recurring"]
    assert {(one.value, one.rule): figures for one in again if (figures := unsaid(one))} == {}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("hằng tháng, trước ngày 05 của tháng sau", "every month, before day 05 of the next month"),
        ("hằng tháng báo cáo Bộ trước mùng 5 tháng sau", "every month, before day 5 of the next month"),
        ("hằng tháng, trước ngày mồng 5", "every month, before day 5"),
        ("hằng quý, trước ngày 20 tháng cuối quý", "every quarter; last month of each quarter, before day 20"),
        ("định kỳ 6 tháng, trước ngày 15/6 và 15/12", "every 6 months, before day 15/6 and 15/12"),
        ("hằng quý, trước ngày 10 của tháng đầu quý sau", "every quarter, before day 10 of the next month"),
        ("trước ngày 10 tháng đầu tiên của quý tiếp theo", "every quarter, before day 10 of the next month"),
        ("hằng quý, trước ngày 10 tháng đầu quý", "every quarter; first month of each quarter, before day 10"),
        ("Hằng tháng, 3 sở báo cáo về Bộ trước ngày 25", "every month, before day 25"),
        ("định kỳ hằng quý gửi về Sở (trước ngày 20 hằng quý)", "every quarter, before day 20"),
        ("báo cáo quý trước ngày 15", "every quarter, before day 15"),
        ("báo cáo quý trước ngày 15 của tháng sau", "every quarter, before day 15 of the next month"),
        ("vào ngày làm việc cuối cùng của tháng", "every month, by its last day"),
        ("trước ngày 15 tháng 6 và ngày 15 tháng 12 hằng năm", "every year, before day 15/6 and 15/12"),
        ("họp vào tuần cuối hằng tháng", "every month, by its last week"),
        ("báo cáo trước 10 giờ ngày thứ Năm hằng tuần", "every week, on Thursday, before 10:00"),
        ("báo cáo ngày 02 lần (07h00 và 16h00)", "every day, by 07:00 and 16:00"),
        ("vào thứ Sáu tuần cuối hằng tháng", "every month, on Friday of the last week"),
        ("cảnh báo mỗi ngày 02 buổi (5h30 và 17h30)", "every day, by 05:30 and 17:30"),
        ("cảnh báo 02 lần/ngày vào 10h00 và 15h00", "every day, by 10:00 and 15:00"),
    ],
)
def test_a_rule_keeps_its_form(text: str, rule: str) -> None:
    (found,) = read_deadlines(passage(text), ISSUED)
    assert found.rule == rule


def test_two_periods_with_days_of_their_own_are_two_deadlines() -> None:
    found = read_deadlines(passage("báo cáo vào thứ Năm hằng tuần và trước ngày 25 hằng tháng"), ISSUED)
    assert [one.rule for one in found] == ["every week, on Thursday", "every month, before day 25"]


def test_a_day_of_the_next_year_is_none_of_the_year_itself() -> None:
    (found,) = read_deadlines(passage("báo cáo năm trước ngày 15 tháng 01 của năm sau"), ISSUED)
    assert (str(found.day), found.op) == ("2027-01-15", "before")


def test_reports_of_several_kinds_have_each_its_day() -> None:
    text = (
        "báo cáo quý (trước ngày 25 tháng cuối quý), báo cáo 6 tháng (trước ngày 25/6), báo cáo năm (trước ngày 25/12)"
    )
    assert [one.rule for one in read_deadlines(passage(text), ISSUED)] == [
        "every quarter; last month of each quarter, before day 25",
        "every 6 months, before day 25/6",
        "every year, before day 25/12",
    ]


def test_both_days_of_a_month_are_said() -> None:
    for text in ("hằng tháng, trước ngày 05 và ngày 20", "hằng tháng, trước ngày 05 và 20"):
        (found,) = read_deadlines(passage(f"Sở Y tế báo cáo kết quả {text}."), ISSUED)
        assert found.rule == "every month, before day 05 and 20"
