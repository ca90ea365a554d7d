"""A reply's own words: quotations and signatures of the mail programs that offices use are cut, in time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.replies.own_words import MOST_CHARACTERS, own_words
from notifications.replies.reply_message import html_to_text
from tests.notifications.framing import MARKED, framed
from tests.reply_samples import PROGRAMS

OWN = "Vướng mắc: thiếu kinh phí.\n\n- mục 1: chưa có dự toán\n- mục 2: chờ Sở Tài chính"


@pytest.mark.parametrize("program", sorted(PROGRAMS))
@pytest.mark.parametrize("own", ["Đã tiếp nhận", "Tiến độ 60%", OWN])
def test_what_a_mail_program_adds_is_cut(program: str, own: str) -> None:
    assert own_words(PROGRAMS[program].format(own=own)) == own


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_line_ends_of_mail_change_nothing(program: str) -> None:
    text = PROGRAMS[program].format(own=OWN)
    assert own_words(text.replace("\n", "\r\n")) == OWN


@pytest.mark.parametrize(
    "text",
    [
        "Báo cáo kết quả\n\nTrân trọng./.\nNguyễn Văn A",
        "Báo cáo kết quả\n\nGửi từ Outlook cho Android",
        "Báo cáo kết quả\n\n--\nNguyễn Văn A\nChánh Văn phòng",
        "Báo cáo kết quả\n\nLấy Outlook cho iOS",
        "Báo cáo kết quả\n\nThanks,\nA",
    ],
)
def test_signatures_are_cut(text: str) -> None:
    assert own_words(text) == "Báo cáo kết quả"


@pytest.mark.parametrize(
    "text",
    [
        "Từ: 01/12/2026\nđến 15/12/2026 chúng tôi khảo sát",
        "Xin cảm ơn đồng chí, đề nghị cho biết thêm",
        "Vào ngày 15/12 chúng tôi sẽ gửi báo cáo",
        "- một\n- hai\n- ba",
        "Báo cáo\nGửi qua email ngày 12/11\nĐã gửi từ ngày 10/11 theo công văn số 7",
        "Báo cáo\nTải tệp trên trang nhiệm vụ\nNhận Outlook sáng nay",
        "Đến nay: xong 3/5 mục\nNgày: 15/12 xong hết",
    ],
)
def test_words_that_look_alike_stay(text: str) -> None:
    assert own_words(text) == text


def test_only_a_quotation_leaves_nothing() -> None:
    assert own_words("> Kính gửi\n> Ông B") == ""


def test_forwarded_letter_leaves_the_words_above_it() -> None:
    text = "Chuyển anh xử lý\n\n---------- Forwarded message ---------\nFrom: A <a@b.example>\nDate: x\n"
    assert own_words(text) == "Chuyển anh xử lý"


@pytest.mark.parametrize(
    "text",
    [
        "On On " * 50_000,
        "\n" * 300_000,
        "Vào " * 100_000,
        "From: a@b\n" * 50_000,
        "> " * 100_000,
        " " * 500_000,
        "-" * 500_000,
    ],
    ids=["on", "blank", "vào", "from", "quotes", "spaces", "dashes"],
)
def test_hostile_text_takes_no_time(text: str) -> None:
    began = time.process_time()
    own_words(text)
    assert time.process_time() - began < 3


@given(st.text(max_size=2000))
def test_whatever_is_written_is_cut_and_bounded(text: str) -> None:
    assert len(own_words(text)) <= MOST_CHARACTERS


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            '<div dir="ltr">Đã tiếp nhận</div><br><div class="gmail_quote"><blockquote>x</blockquote></div>',
            "Đã tiếp nhận",
        ),
        (
            '<p>Tiến độ 60%</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">Từ: x</div><div>y</div>',
            "Tiến độ 60%",
        ),
        ("<html><head><style>p {}</style></head><body>a &lt; b<br>c<script>x()</script></body></html>", "a < b\nc"),
        ("<p>Xong</p><hr id='zwchr'><div data-marker='__QUOTED_TEXT__'>Từ: x</div>", "Xong"),
        ("   ", ""),
        ("<div>" * 5000 + "sâu", None),
    ],
)
def test_html_becomes_words_without_what_is_quoted(source: str, words: str | None) -> None:
    found = own_words(html_to_text(source))
    assert words is None or "\n".join(line for line in found.split("\n") if line) == words


def test_answers_between_quotations_of_html_stay() -> None:
    source = (
        '<div>Một</div><div class="gmail_quote"><div class="gmail_attr">Vào 1 thg 6, 2004 A đã viết:<br></div>'
        "<blockquote>câu 1</blockquote><div>Hai</div><blockquote>câu 2</blockquote><div>Ba</div></div>"
    )
    assert own_words(html_to_text(source)).split() == ["Một", "Hai", "Ba"]


def test_a_quoted_line_that_was_broken_is_nobodys_words() -> None:
    text = f"> {'x' * 70}\nthực hiện\n> y\n\nĐã tiếp nhận"
    assert own_words(text) == "Đã tiếp nhận"


FOOTERS = [
    *("Tải Outlook dành cho iOS", "Tải Outlook cho Android", "Lấy Outlook cho iOS", "Nhận Outlook dành cho Android"),
    *("Tải xuống Outlook dành cho iOS<https://aka.ms/o0ukef>", "Get Outlook for iOS", "Get Outlook for Android<x>"),
    *("Sent from my iPhone", "Sent from Outlook for iOS", "Sent from Mail for Windows", "Sent from my Galaxy"),
    *("Sent from Yahoo Mail on Android", "Sent from my mobile device", "Sent via Gmail", "Gửi từ iPhone của tôi"),
    *("Đã gửi từ iPad của tôi", "Được gửi từ thiết bị Samsung của tôi", "Gửi từ Yahoo Mail trên Android"),
    *("Gửi từ Outlook cho Android", "Gửi từ điện thoại thông minh của tôi", "Gửi từ Mail cho Windows"),
]


@pytest.mark.parametrize("footer", FOOTERS)
@pytest.mark.parametrize(
    "frame", ["{own}\n\n{footer}", "{own}\n{footer}\n\n> cũ", "{footer}\n\n> cũ\n\n{own}", "{footer}"]
)
def test_the_foot_of_a_mobile_program_is_nobodys_words(footer: str, frame: str) -> None:
    expected = "Tiến độ 60%" if "{own}" in frame else ""
    assert own_words(frame.format(own="Tiến độ 60%", footer=footer)) == expected


@pytest.mark.parametrize("program", MARKED)
@pytest.mark.parametrize("place", ["above", "below", "between"])
@pytest.mark.parametrize("own", ["Đã tiếp nhận", "Tiến độ 60%", OWN])
@pytest.mark.parametrize(
    "end", ["", "\n\nTrân trọng,\nTrần Văn B", "\n\n--\nTrần Văn B", "\n\nTải Outlook dành cho iOS"]
)
def test_words_count_wherever_they_stand_beside_a_quotation(program: str, place: str, own: str, end: str) -> None:
    assert own_words(framed(PROGRAMS[program], own + end, place)) == own
