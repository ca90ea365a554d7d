"""The words with which a reply asks for an act: the table of docs/replies.md, with and without marks."""

import time
import unicodedata
from dataclasses import replace
from datetime import date
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.replies.reply import MESSAGE
from notifications.replies.grammar import Wish, read_wishes
from notifications.replies.own_words import own_words
from tests.notifications.framing import MARKED, framed
from tests.reply_samples import PROGRAMS

TODAY = date(2026, 11, 30)


def read_wish(text: str, today: date) -> Wish:
    """The one thing that words ask for."""
    (wish,) = read_wishes(text, today)
    return replace(wish, text="")


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
        ("Kính gửi Vụ Viễn thông, đã tiếp nhận", "accept", {}),
        ("Dear colleague,\nprogress 5%", "progress", {"note": "5%"}),
        ("Dạ đã tiếp nhận ạ", "accept", {}),
        ("Đã tiếp nhận và sẽ báo cáo đúng hạn", "accept", {"note": "và sẽ báo cáo đúng hạn"}),
        ("Đơn vị đã tiếp nhận nhiệm vụ.", "accept", {"note": "nhiệm vụ."}),
        ("Tiến độ thực hiện đạt 60%", "progress", {"note": "60%"}),
        ("Tiến độ thực hiện nhiệm vụ đến nay đã đạt khoảng 60%: chờ góp ý", "progress", {"note": "60%: chờ góp ý"}),
        ("Dạ, đơn vị đã hoàn thành 60% khối lượng", "progress", {"note": "60%: khối lượng"}),
        ("Xin gửi báo cáo kết quả số 12/BC-VT ngày 15/12/2026", "submit", NUMBERED),
        ("Đơn vị xin gia hạn đến 15/12: chờ góp ý", "ask-extension", {"due": "2026-12-15", "note": "chờ góp ý"}),
        (
            "Đề nghị cho gia hạn đến ngày 20 tháng 12 năm 2026 vì chờ góp ý",
            "ask-extension",
            {"due": "2026-12-20", "note": "chờ góp ý"},
        ),
        ("Chúng tôi gặp khó khăn: thiếu kinh phí", "raise-obstacle", {"note": "thiếu kinh phí"}),
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
    ("text", "action", "due"),
    [
        ("Dạ đã nhận được ạ", "accept", None),
        ("Chúng tôi đã nhận văn bản và sẽ thực hiện", "accept", None),
        ("Received with thanks", "accept", None),
        ("Vụ Viễn thông xin gia hạn đến 20/12", "ask-extension", "2026-12-20"),
        ("Kính mong Bộ cho lùi thời hạn đến ngày 20 tháng 12", "ask-extension", "2026-12-20"),
        ("We would need more time", "ask-extension", None),
        ("Hôm nay chúng tôi báo cáo kết quả", "submit", None),
        ("Kính gửi đồng chí báo cáo kết quả thực hiện", "submit", None),
        ("Please find attached our report", "submit", None),
        ("Hiện đơn vị đang gặp nhiều vướng mắc về kinh phí", "raise-obstacle", None),
        ("Đến nay đạt khoảng 60% khối lượng", "progress", None),
        ("Cảm ơn đồng chí.\nXin gia hạn đến 15/12: chờ góp ý", "ask-extension", "2026-12-15"),
    ],
)
def test_what_looks_like_an_act_is_a_message_that_may_have_meant_it(text: str, action: str, due: str | None) -> None:
    wish = read_wish(text, TODAY)
    assert (wish.action, wish.given) == (MESSAGE, {"text": text})
    assert wish.meant is not None and wish.meant.unclear
    assert (wish.meant.action, wish.meant.given.get("due")) == (action, due)


@pytest.mark.parametrize(
    "text",
    [
        "Xin gia hạn như thế nào?",
        "Chưa nhận được văn bản",
        "Không gặp khó khăn",
        "Nhờ đồng chí cho số điện thoại",
        "Cuộc họp chuyển sang 15/12",
    ],
)
def test_a_question_or_a_denial_means_no_act(text: str) -> None:
    assert read_wish(text, TODAY).meant is None or text.startswith("Xin gia hạn")


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("Đã tiếp nhận.\nXin gia hạn đến 15/12: chờ góp ý", ["accept", "ask-extension"]),
        ("Đã tiếp nhận, tiến độ 60%", ["accept", "progress"]),
        ("Đã tiếp nhận và xin gia hạn đến 15/12: chờ góp ý", ["accept", "ask-extension"]),
        ("Tiến độ 60%. Vướng mắc: thiếu kinh phí", ["progress", "raise-obstacle"]),
        ("Báo cáo kết quả số 12/BC-VT ngày 15/12/2026\nKhó khăn: thiếu người", ["submit", "raise-obstacle"]),
        ("#2 tiến độ 60%\n#3 tiến độ 20%", ["progress", "progress"]),
        ("Accepted. Extension to 15/12: waiting", ["accept", "ask-extension"]),
        ("Tiến độ 60%: tiến độ 40% hôm qua", ["progress"]),
        ("Xin gia hạn đến 15/12: chờ góp ý, kết quả thực hiện: tốt", ["ask-extension"]),
    ],
)
def test_each_act_of_a_reply_is_read(text: str, acts: list[str]) -> None:
    wishes = read_wishes(text, TODAY)
    assert [one.action for one in wishes] == acts
    if text.startswith("#"):
        assert [one.number for one in wishes] == [2, 3]
    for one in wishes:
        assert one.text and one.text in text


def test_an_act_keeps_its_words_and_no_others() -> None:
    one, two = read_wishes("Tiến độ 60%: xong khảo sát.\nXin gia hạn đến 15/12: chờ góp ý", TODAY)
    assert one.given == {"note": "60%: xong khảo sát"}
    assert two.given == {"due": "2026-12-15", "note": "chờ góp ý"}


WAYS = {
    "Đã tiếp nhận": ["accept"],
    "Dạ đã tiếp nhận ạ": ["accept"],
    "Tiến độ thực hiện đạt 60%": ["progress"],
    "Đơn vị xin gia hạn đến 20/12: chờ góp ý": ["ask-extension"],
    "Vướng mắc: thiếu kinh phí": ["raise-obstacle"],
    "Báo cáo kết quả số 12/BC ngày 15/12/2026": ["submit"],
    "Đã tiếp nhận.\nTiến độ 60%": ["accept", "progress"],
    "Dạ đã nhận được ạ": [MESSAGE],
}


@pytest.mark.parametrize(
    ("program", "place"),
    [(one, "above") for one in sorted(PROGRAMS)] + [(one, place) for one in MARKED for place in ("below", "between")],
)
@pytest.mark.parametrize(
    "end", ["", "\n\nTrân trọng,\nTrần Văn B", "\n\n-- \nTrần Văn B", "\n\nTải Outlook dành cho iOS"]
)
@pytest.mark.parametrize("own", WAYS)
def test_the_frame_of_a_mail_program_changes_no_wish(program: str, place: str, end: str, own: str) -> None:
    wishes = read_wishes(own_words(framed(PROGRAMS[program], own + end, place)), TODAY)
    assert [one.action for one in wishes] == WAYS[own]
    assert wishes == read_wishes(own, TODAY)


@pytest.mark.parametrize(
    "text", ["#2 tiến độ 60%", "# 2", "việc số 2: tiến độ 60%", "#2. Progress 60%", "Item số 2 tiến độ 60%"]
)
def test_a_number_names_the_task(text: str) -> None:
    wish = read_wish(text, TODAY)
    assert (wish.number, wish.action) == ((None, MESSAGE) if text == "# 2" else (2, "progress"))


@given(st.text(max_size=300))
def test_whatever_is_written_gets_a_wish(text: str) -> None:
    assert all(one.action for one in read_wishes(text, TODAY))


@pytest.mark.parametrize(
    "text", ["\n" * 4000, ", " * 2000, "đã " * 1300, "gửi " * 1000, "xin " * 1000, "tiến độ 1%\n" * 300]
)
def test_hostile_words_take_no_time(text: str) -> None:
    began = time.process_time()
    read_wishes(text, TODAY)
    assert time.process_time() - began < 5


def test_the_number_of_a_task_may_stand_before_the_salutation() -> None:
    (wish,) = read_wishes("#2 Kính gửi Vụ Viễn thông,\nTIEN DO 40%", TODAY)
    assert (wish.action, wish.number, wish.given) == ("progress", 2, {"note": "40%"})
