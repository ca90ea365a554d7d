"""A page or a long passage that gave neither a duty nor a heading is named, with its place."""

from typing import Any

import pytest

from tests.intake.attached import DECISION, LETTERHEAD, PLAN
from tests.intake.passages import duties
from tests.review.taken_in import SEED
from workflows.intake.files.scans.read_scan import DoubtfulWord
from workflows.intake.read import read
from workflows.intake.review.store_reading import draft_of
from workflows.intake.review.unclear import LEFT_UNREAD, less_sure, place_words


@pytest.mark.parametrize("title", ["KẾ HOẠCH", "KÉ HOẠCH", "KÊ HOẠCH", "KE HOẠCH"])
@pytest.mark.parametrize("between", ["\n\n", "\n", " "])
def test_an_attachment_is_found_where_a_scan_misread_its_title(title: str, between: str) -> None:
    text = f"{DECISION}{between}{LETTERHEAD}{title}\n\n{PLAN}"
    found = read(text)
    assert [one.path for one in found.duties][-10:] == [f"II.{number}" for number in range(1, 11)]
    assert found.unread == ()


@pytest.mark.parametrize("title", ["KF IIOACH", "", "K É H O A C H", "Kế hoạch của Bộ"])
@pytest.mark.parametrize("between", ["\n\n", "\n", " "])
def test_an_attachment_that_is_not_found_is_named_as_unread(title: str, between: str) -> None:
    text = f"{DECISION}{between}{LETTERHEAD}{title}\n\n{PLAN}"
    found = read(text)
    assert len(found.duties) <= 2
    (unread,) = found.unread
    assert text[unread.span.start : unread.span.end].endswith(PLAN[-200:])
    assert unread.value and text.index(DECISION) + len(DECISION) - 30 < unread.span.start <= text.index("I. MỤC ĐÍCH")


def test_a_list_whose_labels_a_scan_lost_is_named() -> None:
    lost = "\n\n".join(one.partition(". ")[2] for one in PLAN.split("\n\n")[3:]).replace("chủ trì", "chii tri")
    before = "CHỈ THỊ\nVề việc bảo vệ trẻ em\n\n"
    named = [one for one in read(before + lost * 3).unread]
    covered = sum(one.span.end - one.span.start for one in named)
    read_from = sum(duty.span.end - duty.span.start for duty in read(before + lost * 3).duties)
    assert covered + read_from > len(lost), "most of it is either a duty or named"


def test_what_orders_nobody_by_its_heading_is_not_named() -> None:
    aims = "\n".join(f"- Bảo đảm quyền của trẻ em được sống an toàn, lành mạnh ({number})." for number in range(40))
    plan = PLAN.replace("1. Mục đích: tăng cường", f"1. Mục đích:\n{aims}\n- tăng cường")
    assert read(f"{DECISION}\n{LETTERHEAD}KẾ HOẠCH\n\n{plan}").unread == ()
    assert read(SEED).unread == () and len(duties(SEED)) == 10


def test_a_reading_of_a_scan_keeps_what_is_unread() -> None:
    text = f"{DECISION}\n\n{LETTERHEAD}KF IIOACH\n\n{PLAN}"
    doubtful = [DoubtfulWord(0, 2, "", 0.3)]
    assert less_sure(read(text), doubtful).unread == read(text).unread


def test_a_place_is_told_by_page_where_there_are_pages() -> None:
    lines = [[0, 4, 0, 0.1, 0.1, 0.9, 0.2], [5, 9, 1, 0.1, 0.1, 0.9, 0.2], [10, 14, 2, 0.1, 0.1, 0.9, 0.2]]
    text = "môt\nhaii\nbaaa\n"
    assert str(place_words(text, {"lines": lines}, {"begins": 5, "ends": 14})) == "pages 2 to 3"
    assert str(place_words(text, {"lines": lines}, {"begins": 5, "ends": 9})) == "page 2"
    assert str(place_words(text, {"lines": lines}, {"begins": 4, "ends": 4, "page": 6})) == "page 7"
    assert str(place_words(text, {}, {"begins": 4, "ends": 9})) == "line 2"


def left_unread(text: str, facts: dict[str, Any]) -> list[tuple[int | None, str]]:
    findings = draft_of(text, read(text), facts).fields["findings"]
    return [(one.get("page"), one["reason"]) for one in findings if one["field"] == LEFT_UNREAD]


def test_a_page_of_a_scan_that_was_not_read_stands_first() -> None:
    facts = {"unread": [[4, 20, "faint_page"], [7, 20, "foreign_page"]]}
    assert left_unread(SEED, facts)[:2] == [(4, "faint_page"), (7, "foreign_page")]


def test_a_page_of_a_scan_without_a_heading_or_a_duty_is_named() -> None:
    begins = SEED.index("\n1.")
    lines = [[0, begins, 0, 0.1, 0.1, 0.9, 0.2], [begins, len(SEED), 1, 0.1, 0.1, 0.9, 0.2]]
    situation = "Tình hình an toàn giao thông trên địa bàn tỉnh những tháng đầu năm có nhiều chuyển biến tích cực."
    assert left_unread(SEED, {"lines": lines}) == []
    text = f"{SEED[:begins]}\n{situation}\n{SEED[begins:]}"
    at = text.index(situation)
    apart = [
        [0, at, 0, 0.1, 0.1, 0.9, 0.2],
        [at, at + len(situation), 1, 0.1, 0.1, 0.9, 0.2],
        [at + len(situation) + 1, len(text), 2, 0.1, 0.1, 0.9, 0.2],
    ]
    assert (1, "page_without_duties") in left_unread(text, {"lines": apart})
