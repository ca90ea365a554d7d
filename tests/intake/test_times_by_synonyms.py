"""A time means the same in every wording: words by their synonyms, figures by words, and ends of line anywhere."""

from collections.abc import Iterator
from datetime import date
from itertools import product

import pytest

from tests.intake.passages import passage
from workflows.intake.times.deadlines import read_deadlines

ISSUED = date(2026, 5, 12)
FRAMES = (
    "Sở Y tế báo cáo kết quả về Bộ {}.",
    "Các đơn vị gửi báo cáo về Sở Tài chính {} để tổng hợp.",
    "{}, các sở báo cáo kết quả về Bộ.",
)
INSIDE = FRAMES[:2]
BEFORE = ("trước", "xong trước", "hoàn thành trước", "truoc")
LATEST = (
    *("chậm nhất", "chậm nhất là", "chậm nhất vào", "chậm nhất là vào", "chậm nhất đến", "muộn nhất", "muộn nhất là"),
    *("trễ nhất", "không muộn hơn", "không chậm hơn", "không quá", "hạn cuối", "hạn cuối là", "hạn cuối cùng"),
    *("hạn chót", "hạn chót là", "thời hạn cuối cùng là", "xong trong"),
)
DAYS = (
    *("ngày 15/9/2026", "ngày 15-9-2026", "ngày 15.9.2026", "15/9/2026", "ngày 15 / 9 / 2026", "ngày 15/9 năm 2026"),
    *("ngày 15 tháng 9 năm 2026", "ngày 15 tháng chín năm 2026", "ngày 15 tháng 09, năm 2026"),
    *("ngay 15 thang 9 nam 2026", "ngày 1 5 tháng 9 năm 2026", "17 giờ ngày 15/9/2026", "17h00 ngày 15/9/2026"),
    *("17 giờ 00 phút, ngày 15/9/2026", "17 giờ 00, thứ Ba, ngày 15/9/2026", "thứ Ba (ngày 15/9/2026)"),
    *("hết ngày 15/9/2026", "cuối ngày 15/9/2026", "chiều ngày 15/9/2026", "giờ hành chính ngày 15/9/2026"),
)
MONTHS = (
    *("tháng 9/2026", "tháng 9 năm 2026", "tháng 09/2026", "tháng chín năm 2026", "tháng 9-2026", "tháng 9, năm 2026"),
    *("tháng 9 của năm 2026", "thang 9 nam 2026"),
)
QUARTERS = (
    *("quý III/2026", "quý III năm 2026", "Quý 3/2026", "quý 3 năm 2026", "quý ba năm 2026", "quí III/2026"),
    *("quý III-2026", "quý thứ ba năm 2026", "quý III, năm 2026", "quý III của năm 2026"),
)
MONTHLY = (
    *("hằng tháng", "hàng tháng", "mỗi tháng", "định kỳ hằng tháng", "định kỳ hàng tháng", "định kỳ mỗi tháng"),
    *("định kì hằng tháng", "theo định kỳ hằng tháng"),
)
NEXT_MONTH = (
    *("trước ngày 5 tháng sau", "trước ngày 05 tháng sau", "trước ngày 5 của tháng sau", "trước mồng 5 tháng sau"),
    *("trước mùng 5 tháng sau", "trước ngày mồng 5 tháng sau", "trước ngày mùng 5 của tháng kế tiếp"),
    *("trước ngày 5 tháng kế tiếp", "trước ngày 5 tháng tiếp theo", "trước ngày 5 của tháng liền sau"),
    *("trước ngày 5 tháng liền kề", "trước ngày 5 tháng sau liền kề"),
)
HALF_YEARLY = (
    *("định kỳ 6 tháng", "định kỳ sáu tháng", "định kỳ 06 tháng", "6 tháng một lần", "sáu tháng một lần"),
    *("06 tháng một lần", "6 tháng/lần", "mỗi 6 tháng", "cứ 6 tháng", "cứ sáu tháng một lần", "hằng 6 tháng"),
    *("định kỳ 6 tháng một lần", "6 tháng 1 lần", "định kỳ nửa năm", "định kỳ 06 (sáu) tháng", "nửa năm một lần"),
)
LAST_OF_QUARTER = (
    *("trước ngày 20 tháng cuối quý", "trước ngày 20 tháng cuối của quý", "trước ngày 20 của tháng cuối quý"),
    *("trước ngày 20 tháng cuối cùng của quý", "trước ngày 20 tháng cuối cùng trong quý"),
    *("trước ngày 20 tháng cuối mỗi quý", "trước ngày 20 tháng cuối hằng quý", "trước ngày 20 tháng sau cùng của quý"),
    *("trước ngày 20 tháng thứ ba của quý", "trước ngày 20 tháng thứ ba hằng quý"),
)
WITHIN_DAYS = (
    *("trong vòng 10 ngày làm việc", "trong 10 ngày làm việc", "trong thời hạn 10 ngày làm việc"),
    *("trong thời gian 10 ngày làm việc", "chậm nhất 10 ngày làm việc", "chậm nhất là 10 ngày làm việc"),
    *("chậm nhất sau 10 ngày làm việc", "không quá 10 ngày làm việc", "tối đa 10 ngày làm việc"),
    *("trong mười ngày làm việc", "trong vòng mười (10) ngày làm việc", "trong vòng 10 (mười) ngày làm việc"),
    *("muộn nhất 10 ngày làm việc", "thời hạn 10 ngày làm việc", "sau 10 ngày làm việc"),
)
SINCE = (
    *("kể từ ngày nhận được văn bản này", "kể từ khi nhận được văn bản", "tính từ ngày nhận văn bản"),
    *("từ ngày ban hành", "kể từ ngày ký"),
)
KINDS: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "before 2026-09-15": (FRAMES, [f"{limit} {day}" for limit, day in product(BEFORE, DAYS)]),
    "within 2026-09-15": (FRAMES, [f"{limit} {day}" for limit, day in product(LATEST, DAYS)]),
    "within 2026-09-30": (
        INSIDE,
        [
            f"{limit} {period}"
            for limit, period in product(("trong", "xong trong", "chậm nhất trong", "hết"), MONTHS + QUARTERS)
        ],
    ),
    "every month": (FRAMES, list(MONTHLY)),
    "every month, before day 25": (
        FRAMES,
        [f"{period}, trước ngày 25" for period in MONTHLY] + [f"trước ngày 25 {period}" for period in MONTHLY],
    ),
    "every month, before day 5 of the next month": (
        FRAMES,
        [f"{period}, {day}" for period, day in product(MONTHLY, NEXT_MONTH)],
    ),
    "every 6 months": (FRAMES, list(HALF_YEARLY)),
    "every quarter; last month of each quarter, before day 20": (
        FRAMES,
        [*LAST_OF_QUARTER, *(f"hằng quý, {day}" for day in LAST_OF_QUARTER)],
    ),
    "relative": (FRAMES, [f"{length} {event}" for length, event in product(WITHIN_DAYS, SINCE)]),
}


def meanings(text: str) -> list[str]:
    """Return what each deadline of a text says, without its words."""
    found = read_deadlines(passage(text[0].upper() + text[1:]), ISSUED)
    return [
        f"{one.op} {one.day}"
        if one.kind == "fixed"
        else (one.rule or "").replace("day 05", "day 5")
        if one.kind == "recurring"
        else one.kind
        for one in found
    ]


def wordings(kind: str) -> Iterator[str]:
    frames, phrases = KINDS[kind]
    return (frame.format(phrase) for frame, phrase in product(frames, phrases))


@pytest.mark.parametrize("kind", KINDS)
def test_every_wording_means_the_same(kind: str) -> None:
    assert {text: found for text in wordings(kind) if (found := meanings(text)) != [kind]} == {}


@pytest.mark.parametrize("kind", KINDS)
def test_an_end_of_line_changes_nothing(kind: str) -> None:
    frames, phrases = KINDS[kind]
    broken = [
        frames[0].format(f"{phrase[:at]}\n{phrase[at + 1 :]}")
        for phrase in phrases[:: max(1, len(phrases) // 40)]
        for at, char in enumerate(phrase)
        if char == " "
    ]
    assert {text: found for text in broken if (found := meanings(text)) != [kind]} == {}


@pytest.mark.parametrize("kind", KINDS)
def test_capitals_change_nothing(kind: str) -> None:
    texts = [text.upper() for text in wordings(kind)][::7]
    assert {text: found for text in texts if (found := meanings(text)) != [kind]} == {}
