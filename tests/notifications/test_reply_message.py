"""What is read of a reply: its one sender, its words in any charset, its files; and what no person wrote."""

import time
from base64 import b64encode
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.replies.reply import ReplyWhy
from notifications.composing.keys import RETURN_HEADER
from notifications.replies.imap import LARGEST
from notifications.replies.own_words import own_words
from notifications.replies.reply_message import OwnNames, ReplyMessage, read_reply_message
from tests.bounce_samples import holiday_answer, nested, postfix
from tests.reply_samples import PDF, reply

OWN = OwnNames(frozenset({"dondoc@mpt.example", "reply@mpt.example"}), "<dondoc.mpt.example>")
TO, HEAD = f"reply+{'a' * 48}@mpt.example", "b@tct-t.example"


def read(text: str = "Đã tiếp nhận", sender: str = HEAD, to: str = TO, **more: object) -> ReplyMessage:
    return read_reply_message(reply(to, text, sender=sender, **more), OWN)  # type: ignore[arg-type]


def test_a_persons_reply_is_read() -> None:
    found = read(files={"báo cáo.pdf": PDF})
    assert (found.why, found.sender, found.tokens) == (ReplyWhy.NONE, HEAD, ("a" * 48,))
    assert found.text.strip() == "Đã tiếp nhận" and found.message_id == "<one@tct-t.example>"
    assert [(one.name, one.open().read()) for one in found.files] == [("báo cáo.pdf", PDF)]


def test_the_token_is_found_wherever_the_server_writes_the_recipient() -> None:
    assert read(to="reply@mpt.example", Delivered_To=TO.upper()).tokens == ("a" * 48,)
    assert read(to="x@mpt.example", Cc=f"Đôn đốc <{TO}>").tokens == ("a" * 48,)
    assert read(Delivered_To='"x').tokens == ("a" * 48,)  # a malformed field spoils no other


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated (vacation)"},
        {"Precedence": "auto_reply"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "Re: x"},
        {"X_Auto_Response_Suppress": "All"},
        {"Return_Path": "<>"},
        {"subject": "Automatic reply: [Đôn đốc] 01 nhiệm vụ quá hạn"},
        {"subject": "Trả lời tự động: [Đôn đốc]"},
        {"subject": "Out of Office: x"},
    ],
    ids=str,
)
def test_what_a_program_wrote_is_known(headers: dict[str, str]) -> None:
    assert read(**headers).why in (ReplyWhy.AUTOMATIC, ReplyWhy.LISTED)


def test_auto_submitted_no_is_a_person() -> None:
    assert read(Auto_Submitted="no").why is ReplyWhy.NONE


@pytest.mark.parametrize("name", ["List_Id", "List_Unsubscribe", "Mailing_List"])
def test_what_comes_through_a_list_is_known(name: str) -> None:
    assert read(**{name: "<x.list.example>"}).why is ReplyWhy.LISTED


def test_our_own_letters_are_known_where_they_come_back() -> None:
    assert read(sender="dondoc@mpt.example").why is ReplyWhy.OWN
    assert read(**{RETURN_HEADER.replace("-", "_"): "x" * 48}).why is ReplyWhy.OWN
    assert read(List_Id="Don doc <dondoc.mpt.example>").why is ReplyWhy.OWN


@pytest.mark.parametrize("content", [postfix(b"Subject: x\r\n\r\nx"), holiday_answer()])
def test_reports_of_servers_are_no_replies(content: bytes) -> None:
    found = read_reply_message(content, OWN)
    assert found.why is ReplyWhy.AUTOMATIC or found.tokens == ()


@pytest.mark.parametrize(
    "sender",
    [
        f"{HEAD}, evil@x.example",
        f"<{HEAD}> <evil@x.example>",
        f"{HEAD}) <evil@x.example>",
        "",
        "no address",
        "a@b@c.example",
        f"{HEAD}\n",
    ],
)
def test_a_sender_that_could_be_two_is_none_or_the_one_in_brackets(sender: str) -> None:
    raw = f"From: {sender.strip()}\r\nTo: {TO}\r\nSubject: x\r\n\r\nĐã tiếp nhận\r\n".encode()
    found = read_reply_message(raw, OWN)
    assert found.sender in ("", "evil@x.example") or sender == f"{HEAD}\n"
    if not found.sender:
        assert found.why is ReplyWhy.BROKEN


def test_two_from_lines_are_nobodys() -> None:
    raw = f"From: {HEAD}\r\nFrom: evil@x.example\r\nTo: {TO}\r\n\r\nx\r\n".encode()
    assert (read_reply_message(raw, OWN).sender, read_reply_message(raw, OWN).why) == ("", ReplyWhy.BROKEN)


def test_html_alone_is_read() -> None:
    found = read("", html="<p>Tiến độ <b>60%</b></p><blockquote>cũ</blockquote>")
    assert own_words(found.text) == "Tiến độ 60%"


def test_of_alternatives_the_plain_one_is_read() -> None:
    assert read("Đã tiếp nhận", html="<p>khác</p>").text.strip() == "Đã tiếp nhận"


@pytest.mark.parametrize("charset", ["utf-8", "windows-1258", "utf-7", "utf-16"])
def test_other_charsets_are_read(charset: str) -> None:
    text = "Đa tiêp" if charset == "windows-1258" else "Đã tiếp nhận"
    kind = f"text/plain; charset={charset}\r\nContent-Transfer-Encoding: base64"
    assert read_reply_message(head(kind) + b64encode(text.encode(charset)), OWN).text == text


@pytest.mark.parametrize("named", ["x-unknown", "us-ascii", "utf-8"])
def test_bytes_of_another_charset_are_told(named: str) -> None:
    raw = (
        f"From: {HEAD}\r\nTo: {TO}\r\nContent-Type: text/plain; charset={named}\r\n\r\n".encode()
        + b"\xd0\xe3 ti\xea\xeep\r\n"
    )
    assert read_reply_message(raw, OWN).why is ReplyWhy.CHARSET


def test_utf8_under_a_wrong_name_is_read() -> None:
    raw = f"From: {HEAD}\r\nTo: {TO}\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nĐã tiếp nhận\r\n".encode()
    assert read_reply_message(raw, OWN).text.strip() == "Đã tiếp nhận"


TEXT = "Đã tiếp nhận, sẽ báo cáo kết quả"


@pytest.mark.parametrize("named", ["iso-8859-1", "windows-1252", "windows-1258", "us-ascii"])
def test_utf8_under_the_name_of_a_charset_of_bytes_is_read(named: str) -> None:
    found = read_reply_message(head(f"text/plain; charset={named}") + TEXT.encode(), OWN)
    assert (found.text.strip(), found.is_garbled) == (TEXT, False)


@pytest.mark.parametrize(
    ("named", "raw"),
    [
        ("utf-8", TEXT.encode().decode("latin-1").encode()),
        ("utf-8", "Äã tiáº¿p nháºn".encode()),
        ("iso-8859-1", b"\xa7\xb7 ti\xd5p nh\xcbn, b\xb8o c\xb8o k\xd5t qu\xb6"),
        ("koi8-r", b"\xd0\xe3 ti\xea\xeep nh\xe2\xf2n"),
    ],
    ids=["taken twice", "taken twice, cut", "TCVN3", "koi8"],
)
def test_a_false_charset_is_noticed(named: str, raw: bytes) -> None:
    found = read_reply_message(head(f"text/plain; charset={named}") + raw, OWN)
    assert found.is_garbled or found.why is ReplyWhy.CHARSET


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "Reported to François Müller by our officer",
        "Tiến độ 60% – đạt “khá” ½",
        "x",
        "",
        "OK 👍",
        "100 m² (≥ 60%)",
    ],
)
def test_words_as_they_were_written_are_not_garbled(text: str) -> None:
    assert not read_reply_message(head("text/plain; charset=utf-8") + text.encode(), OWN).is_garbled


@pytest.mark.parametrize(
    "kind", ["text/calendar; method=REPLY; charset=utf-8", "multipart/alternative; boundary=b", "text/calendar"]
)
def test_an_answer_of_a_calendar_is_a_programs(kind: str) -> None:
    entry = b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    part = b"--b\r\nContent-Type: text/calendar\r\n\r\n" + entry + b"--b--\r\n"
    found = read_reply_message(head(kind) + (part if kind.startswith("multipart") else entry), OWN)
    assert found.why is ReplyWhy.AUTOMATIC


def test_pictures_of_a_signature_and_seals_are_no_files() -> None:
    message = EmailMessage()
    message["From"], message["To"] = HEAD, TO
    message.set_content("Đã tiếp nhận")
    message.add_attachment(
        b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", filename="logo.png", cid="<logo>", disposition="inline"
    )
    message.add_attachment(b"x", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    message.add_attachment(PDF, maintype="application", subtype="pdf", filename="a.pdf")
    assert [one.name for one in read_reply_message(bytes(message), OWN).files] == ["a.pdf"]


def test_a_forwarded_letter_inside_is_not_the_senders_words() -> None:
    inner = EmailMessage()
    inner["From"] = "x@y.example"
    inner.set_content("Đã tiếp nhận")
    message = EmailMessage()
    message["From"], message["To"] = HEAD, TO
    message.set_content("Xem thư kèm")
    message.add_attachment(inner)
    assert read_reply_message(bytes(message), OWN).text.strip() == "Xem thư kèm"


# hostile


def head(kind: str = "text/plain") -> bytes:
    return f"From: {HEAD}\r\nTo: {TO}\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (head() + b"x" * (LARGEST + 1), ReplyWhy.TOO_LARGE),
        (head("multipart/mixed; boundary=b0") + nested(1000), ReplyWhy.TOO_DEEP),
        (head("multipart/mixed; boundary=b") + b"--b\r\n\r\n" * 500_000, ReplyWhy.TOO_DEEP),
        (b"From: x\r\n" * 100_000, ReplyWhy.BROKEN),
        (b"", ReplyWhy.BROKEN),
        (b"\x00\xff" * 1000, ReplyWhy.BROKEN),
    ],
    ids=["50 MB", "deep", "many parts", "endless head", "nothing", "bytes"],
)
def test_hostile_messages_are_set_aside_in_time(content: bytes, why: ReplyWhy) -> None:
    began = time.process_time()
    assert read_reply_message(content, OWN).why is why
    assert time.process_time() - began < 10


@given(st.binary(max_size=3000))
def test_any_bytes_are_answered(content: bytes) -> None:
    read_reply_message(content, OWN)
    read_reply_message(head() + content, OWN)
    read_reply_message(head("text/html; charset=utf-8") + content, OWN)
