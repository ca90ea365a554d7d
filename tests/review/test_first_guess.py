"""What a duty's words suggest for its template; each rule with the sentence it was made for."""

from dataclasses import replace

import pytest

from models.directives.directive import DutyKind
from workflows.intake.read import read
from workflows.intake.review.first_guess import (
    OF_PERIOD,
    deadline_of,
    every_of,
    kind_of,
    result_of,
    title_of,
    unread_times,
)
from workflows.intake.text.reading import Deadline, ReadDuty, ReadingReason, Span

HEAD = """CHỈ THỊ
Về việc tăng cường quản lý

Hà Nội, ngày 07 tháng 5 năm 2004

Bộ trưởng yêu cầu các đơn vị thực hiện:

"""


def duty(sentence: str) -> ReadDuty:
    """The duty of a document with this one item."""
    (found,) = read(f"{HEAD}1. {sentence}\n").duties
    return found


@pytest.mark.parametrize(
    ("sentence", "title"),
    [
        ("Vụ Viễn thông có trách nhiệm rà soát quy hoạch; báo cáo Bộ.", "Rà soát quy hoạch"),
        ("Tổ chức tập huấn cho cán bộ.", "Tổ chức tập huấn cho cán bộ"),
        (
            "Vụ Viễn thông chủ trì, phối hợp với Vụ Pháp chế và Vụ Bưu chính rà soát hệ thống văn bản.",
            "Rà soát hệ thống văn bản",
        ),
        (
            "Vụ Viễn thông có trách nhiệm tăng cường kiểm tra, giám sát chặt chẽ hoạt động của các đại lý dịch vụ trên"
            " toàn quốc, báo cáo Bộ trưởng kết quả.",
            "Tăng cường kiểm tra, giám sát chặt chẽ hoạt động của các đại lý dịch vụ trên toàn quốc",
        ),
        ("Vụ Viễn thông xây dựng phương án hành động khi có tình huống bạo động.", "Xây dựng phương án hành động"),
    ],
)
def test_a_duty_is_called_by_what_is_to_be_done(sentence: str, title: str) -> None:
    assert title_of(duty(sentence)) == title


@pytest.mark.parametrize(
    ("sentence", "every", "kind"),
    [
        ("Định kỳ 6 tháng, các đơn vị báo cáo Bộ kết quả thực hiện.", "half_year", DutyKind.RECURRING),
        ("Vụ Viễn thông báo cáo Bộ trước ngày 25 hàng tháng.", "month", DutyKind.RECURRING),
        ("Hằng năm, Vụ Viễn thông báo cáo Bộ kết quả thực hiện.", "year", DutyKind.RECURRING),
        ("Vụ Viễn thông xây dựng quy chế trước ngày 30/9/2004.", "", DutyKind.ONE_OFF),
        ("Vụ Viễn thông có trách nhiệm kiểm tra, đôn đốc việc thực hiện Chỉ thị này.", "", DutyKind.OVERSIGHT),
        ("Các doanh nghiệp bảo đảm thông tin liên lạc khi xảy ra sự cố.", "", DutyKind.ONE_OFF),
    ],
)
def test_its_kind_and_how_often_it_comes_again(sentence: str, every: str, kind: DutyKind) -> None:
    assert (every_of(duty(sentence)), kind_of(duty(sentence))) == (every, kind)


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("Vụ Viễn thông báo cáo Bộ trước ngày 30/9/2004.", {"rule": "fixed", "on": "2004-09-30", "before": True}),
        (
            "Trong vòng 15 ngày làm việc kể từ ngày ký, Vụ Viễn thông báo cáo Bộ.",
            {"rule": "relative", "amount": 15, "unit": "working_days", "since": "signed"},
        ),
        (
            "Vụ Viễn thông báo cáo Bộ trong thời hạn 02 tuần kể từ ngày nhận được văn bản này.",
            {"rule": "relative", "amount": 14, "unit": "days", "since": "assigned"},
        ),
        ("Vụ Viễn thông báo cáo trong vòng 10 ngày kể từ khi kết thúc đợt kiểm tra.", {}),
    ],
)
def test_a_day_is_a_rule_only_where_the_words_say_from_when_it_counts(sentence: str, rule: dict[str, object]) -> None:
    assert deadline_of(duty(sentence)) == rule


@pytest.mark.parametrize(
    ("rule", "every", "day", "months_before"),
    [
        ("every month, before day 25", "month", 25, 0),
        ("every month, before day 5 of the next month", "month", 5, -1),
        ("every quarter, by day 10 of the next month", "quarter", 10, -1),
        ("every quarter; last month of each quarter, before day 20", "quarter", 20, 0),
        ("every 6 months, before day 15/6 and 15/12", "half_year", 15, 0),
        ("every year, before day 05/11", "year", 5, 1),
    ],
)
def test_a_day_of_each_period_is_read_from_its_rule(rule: str, every: str, day: int, months_before: int) -> None:
    once = duty("Vụ Viễn thông báo cáo Bộ.")
    found = replace(once, deadlines=(recurring(rule),))
    assert every_of(found) == every
    before = {"before": True} if "before" in rule else {}
    assert deadline_of(found) == {"rule": OF_PERIOD, "day": day, "months_before": months_before} | before
    assert unread_times(found) == []


@pytest.mark.parametrize(
    "rule",
    [
        "every month, before day 5 and 20",
        "every 6 months, before day 15/6 and 20/12",
        "every year, before day 5",
        "every month, before day 25; on Friday",
        "every month; every quarter, before day 20",
        "every year, before day 15/01",
        "every 6 months, before day 10/01 and 10/07",
    ],
)
def test_a_day_that_is_not_the_same_in_each_period_waits_for_somebody(rule: str) -> None:
    found = replace(duty("Vụ Viễn thông báo cáo Bộ."), deadlines=(recurring(rule),))
    assert deadline_of(found) == {} and [words for words, _span in unread_times(found)] == [rule]


def recurring(rule: str) -> Deadline:
    return Deadline(rule, Span(0, len(rule)), 0.9, ReadingReason.REPEATED, "recurring", rule=rule)


@pytest.mark.parametrize(
    ("sentence", "result"),
    [
        ("Vụ Viễn thông xây dựng kế hoạch triển khai Chỉ thị, trình Bộ trưởng.", "Kế hoạch triển khai Chỉ thị"),
        ("Vụ Viễn thông rà soát mạng lưới.", ""),
    ],
)
def test_the_product_is_the_one_that_is_named(sentence: str, result: str) -> None:
    assert result_of(duty(sentence)) == result
