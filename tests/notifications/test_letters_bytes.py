"""The bytes of a letter are written by hand: whatever goes in, a mail library reads back the very same."""

import email
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import css_inline
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifications.composing import mime
from notifications.composing.compose import compose
from notifications.composing.letter_templates import LETTERS
from tests.notifications import samples
from tests.notifications.letter_words import ALL
from tests.page import Page

# What `compose` lets into a header, at its widest: any text on one line, with its white space in order.
line = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=300).map(
    lambda text: " ".join(text.split())
)
vietnamese = st.text('aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậ –,.()<>@"=?_/', min_size=1, max_size=300).map(
    lambda text: " ".join(text.split())
)
body = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=2000).map(
    lambda text: text + "\n"
)


def read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def letter(
    subject: str = "s", name: str = "n", text: str = "t\n", html: str = "h\n", files: Any = (), seed: str = "x"
) -> bytes:
    headers = [mime.mailbox("To", name, "b@x.example"), mime.unstructured("Subject", subject)]
    return mime.assemble(headers, text, html, files, seed)


def assert_sound(content: bytes) -> None:
    assert content.isascii()
    assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 78


@given(line | vietnamese)
@example("=?utf-8?q?not_encoded?=")
@example("a" * 900)
@example("[Assignment] 1 task to lead (item 2, Directive 06/2004/CT-BBCVT), no later than 30 June 2004 – X")
@example("word " * 40 + "end")
@example("ế" * 400)
def test_a_subject_is_read_back_letter_for_letter(subject: str) -> None:
    content = letter(subject=subject)
    assert_sound(content)
    raw = email.message_from_bytes(content)["Subject"]
    unfolded = re.sub(r"\r\n(?=[ \t])", "", raw)
    assert str(make_header(decode_header(unfolded))) == subject
    assert read(content).keys() == ["To", "Subject", "MIME-Version", "Content-Type"]


@given(line | vietnamese)
@example('Trần "B", <c@d.example>')
@example("=?utf-8?b?WA==?= <spy@evil.example>")
@example("x" * 300)
def test_whatever_a_name_holds_there_is_one_address(name: str) -> None:
    content = letter(name=name)
    assert_sound(content)
    message = read(content)
    assert [one.addr_spec for one in message["To"].addresses] == ["b@x.example"]
    assert message.keys() == ["To", "Subject", "MIME-Version", "Content-Type"]
    raw = re.sub(r"\r\n(?=[ \t])", "", email.message_from_bytes(content)["To"])
    words = str(make_header(decode_header(raw))) if "=?" in raw else message["To"].addresses[0].display_name
    assert words.removesuffix(" <b@x.example>") == name


@pytest.mark.parametrize("broken", ["a\r\nBcc: spy@evil.example", "a\nb", "a\rb", "a\x00b", "a\u2028b"])
def test_a_line_break_becomes_no_header_of_its_own(broken: str) -> None:
    for content in (letter(subject=broken), letter(name=broken)):
        assert read(content).keys() == ["To", "Subject", "MIME-Version", "Content-Type"]
    for write in (
        lambda: mime.identifier("Message-ID", broken),
        lambda: mime.mailbox("To", "", broken),
        lambda: letter(files=[mime.File(broken, "text/plain", b"")]),
        lambda: letter(files=[mime.File("a.txt", f"text/plain; x={broken}", b"")]),
    ):
        with pytest.raises(ValueError, match=r"no header|no plain"):
            write()


@given(body, body)
@example(".\n..\nFrom me\n--=_x\n", "a \nb\t\n" + "ế" * 200 + "\n")
def test_text_and_html_are_read_back_as_alternatives(text: str, html: str) -> None:
    content = letter(text=text, html=html)
    assert_sound(content)
    message = read(content)
    assert message.get_content_type() == "multipart/alternative"
    parts = [part.get_content().replace("\r\n", "\n") for part in message.iter_parts()]
    assert parts == [text, html]


@given(st.lists(st.binary(max_size=500), min_size=1, max_size=3))
def test_files_come_along_unchanged_with_their_names_and_parameters(contents: list[bytes]) -> None:
    files = [mime.File(f"f-{n}.ics", 'text/calendar; method="CANCEL"', each) for n, each in enumerate(contents)]
    content = letter(files=files)
    assert_sound(content)
    message = read(content)
    assert message.get_content_type() == "multipart/mixed"
    first, *rest = message.iter_parts()
    assert first.get_content_type() == "multipart/alternative"
    assert [part.get_filename() for part in rest] == [file.name for file in files]
    assert [part.get_payload(decode=True) for part in rest] == contents
    assert {(part.get_content_disposition(), part.get_param("method")) for part in rest} == {("attachment", "CANCEL")}


def test_boundaries_are_the_letters_own_and_the_same_every_time() -> None:
    one, two = letter(seed="<a@x>"), letter(seed="<b@x>")
    assert one == letter(seed="<a@x>")
    assert read(one).get_boundary() != read(two).get_boundary()


def test_a_letter_that_leaves_late_is_dated_when_it_leaves() -> None:
    left = datetime(2004, 7, 6, 7, 15, 30, tzinfo=UTC)
    facts = replace(samples.digest(), written_at=left)
    message = read(compose(facts).content)
    assert message["Date"].datetime == left
    assert str(message["Date"]).endswith("14:15:30 +0700")
    assert compose(facts).text == compose(samples.digest()).text


def styles(html: str) -> list[tuple[str, str | None, frozenset[str]]]:
    """Every element after <body>, its class, and its declarations in whatever order."""
    return [
        (one.tag, one.get("class"), frozenset(rule.strip() for rule in one.get("style", "").split(";") if rule.strip()))
        for one in Page(html).all("body, body :not(tbody)")  # the inliner's parser adds tbody
    ]


@pytest.mark.parametrize("name", ["assigned", "digest", "upward", "to the issuer", "drill", "returned"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_styles_written_into_templates_are_those_a_whole_page_would_get(name: str, language: str) -> None:
    html = compose(ALL[name](language)).html
    bare = re.sub(r' style="[^"]*"|<style>.*?</style>', "", html)
    sheet = (LETTERS / "_shared/inline.css").read_text(encoding="utf-8")
    whole = css_inline.inline(
        bare.replace("</head>", f"<style>{sheet}</style></head>"), keep_at_rules=True, minify_css=True
    )
    assert styles(html) == styles(whole)
