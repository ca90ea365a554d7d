"""The words with which a reply asks for an act: the table of docs/replies.md, with and without marks."""

import unicodedata
from datetime import date
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.letters.reply import MESSAGE
from notifications.replies.grammar import Wish, read_wish

TODAY = date(2026, 11, 30)
NUMBERED = {"number": "12/BC-VT", "date": "2026-12-15"}


@pytest.mark.parametrize(
    ("text", "action", "given"),
    [
        ("Đã tiếp nhận", "accept", {}),
        ("ĐÃ TIẾP NHẬN.", "accept", {}),
        ("da tiep nhan", "accept", {}),
        ("Accepted", "accept", {}),
        ("Đã tiếp nhận: giao Phòng Kỹ thuật", "accept", {"note": "giao Phòng Kỹ thuật"}),
        ("tiến độ 60%", "progress", {"note": "60%"}),
        ("Tiến độ: 60% – đang thẩm định", "progress", {"note": "60%: đang thẩm định"}),
        ("tien do dat 60 phan tram", "progress", {"note": "60%"}),
        ("Progress 60%, under review", "progress", {"note": "60%: under review"}),
        ("Báo cáo kết quả", "submit", {}),
        ("bao cao ket qua so 12/BC-VT ngay 15/12/2026", "submit", NUMBERED),
        ("Báo cáo kết quả: số 12/BC-VT, ngày 15/12/2026. Kèm tệp", "submit", NUMBERED | {"note": "Kèm tệp"}),
        ("Result no. 12/BC-VT dated 15/12/2026", "submit", NUMBERED),
        ("Báo cáo kết quả số 12/BC-VT", "submit", {"number": "12/BC-VT"}),
        ("Xin gia hạn đến 15/12: chờ góp ý", "ask-extension", {"due": "2026-12-15", "note": "chờ góp ý"}),
        ("Đề nghị gia hạn đến ngày 15/12/2026, lý do: chờ", "ask-extension", {"due": "2026-12-15", "note": "chờ"}),
        ("xin gia han den 15/1: x", "ask-extension", {"due": "2027-01-15", "note": "x"}),
        (
            "Extension to 15/12: waiting for comments",
            "ask-extension",
            {"due": "2026-12-15", "note": "waiting for comments"},
        ),
        ("Vướng mắc: thiếu kinh phí", "raise-obstacle", {"note": "thiếu kinh phí"}),
        ("Khó khăn, vướng mắc: x", "raise-obstacle", {"note": "x"}),
        ("Obstacle: no budget", "raise-obstacle", {"note": "no budget"}),
        ("Kính gửi Vụ Viễn thông,\n\nĐã tiếp nhận", "accept", {}),
        ("Dear colleague,\nprogress 5%", "progress", {"note": "5%"}),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_words_ask_for_an_act(text: str, action: str, given: dict[str, str], form: Literal["NFC", "NFD"]) -> None:
    wish = read_wish(unicodedata.normalize(form, text), TODAY)
    assert wish == Wish(action, given)


@pytest.mark.parametrize(
    "text",
    [
        "Nhờ đồng chí cho biết mẫu báo cáo",
        "Hôm nay chúng tôi báo cáo kết quả",
        "Kết quả thực hiện còn chậm vì thiếu người",
        "Khó khăn lắm mới làm xong",
        "We accept responsibility for nothing",
        "Tiến độ chậm do mưa",
        "Chưa tiếp nhận được",
        "",
    ],
)
def test_anything_else_is_a_message(text: str) -> None:
    assert read_wish(text, TODAY) == Wish(MESSAGE, {"text": text})


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("Xin gia hạn", "ask-extension"),
        ("Xin gia hạn đến 15/12", "ask-extension"),
        ("Xin gia hạn đến 31/02: x", "ask-extension"),
        ("Xin gia hạn thêm 5 ngày", "ask-extension"),
        ("Tiến độ 160%", "progress"),
        ("Vướng mắc:", "raise-obstacle"),
    ],
)
def test_half_a_request_is_asked_about(text: str, action: str) -> None:
    wish = read_wish(text, TODAY)
    assert wish.action == action and wish.unclear


@pytest.mark.parametrize(
    "text", ["#2 tiến độ 60%", "# 2", "việc số 2: tiến độ 60%", "#2. Progress 60%", "Item số 2 tiến độ 60%"]
)
def test_a_number_names_the_task(text: str) -> None:
    wish = read_wish(text, TODAY)
    assert (wish.number, wish.action) == ((None, MESSAGE) if text == "# 2" else (2, "progress"))


@given(st.text(max_size=300))
def test_whatever_is_written_gets_a_wish(text: str) -> None:
    assert read_wish(text, TODAY).action
