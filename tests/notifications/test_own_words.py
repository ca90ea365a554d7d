"""A reply's own words: quotations and signatures of the mail programs that offices use are cut, in time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.replies.own_words import MOST_CHARACTERS, own_words
from notifications.replies.reply_message import html_to_text
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
    found = html_to_text(source)
    assert words is None or "\n".join(line for line in found.split("\n") if line) == words
