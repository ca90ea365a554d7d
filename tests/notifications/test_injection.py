"""Whatever people write, through a real compose and yagmail's line to a server: one letter to one person, and ours."""

import email
import email.policy
import os
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markupsafe import escape

from models.errors import BadInput
from models.letters.letter import LetterKind
from models.settings import MailSettings
from notifications.composing.compose import compose
from notifications.composing.facts import LetterFacts, LetterSection
from notifications.smtp.mailbox import LocalMailbox
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import SendOutcome
from tests.notifications.samples import HEAD, item, letter

OURS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Id",
    "Auto-Submitted",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
    "References",
    "In-Reply-To",
}
"""What a letter's head may hold."""

HERE = str(Path(__file__).resolve())
PATHS = [HERE, "/etc/passwd", "/etc/hostname", ".", "..", "~", "~/.yagmail", os.path.relpath(HERE)]
"""yagmail attaches a content that is the path of a file."""

BREAKS = [
    "\r\nBcc: spy@evil.example",
    "\nBcc: spy@evil.example",
    "\r.\r\nMAIL FROM:<a@evil.example>",
    "\r\n.\r\n",
    "\n.\n",
    "\x0bBcc: spy",
    "\x0cBcc: spy",
    "\x00",
    "\x85Bcc: spy",
    "\u2028Bcc: spy",
    "\u2029",
    "\r",
    "=?utf-8?q?=0D=0ABcc:_x?=",
    "a@x.example, spy@evil.example",
    '"<spy@evil.example>',
    "\r\n\r\n<html>",
    "--=_boundary--",
    "{{ 7*7 }}",
    "{0}",
    "%s%n",
]
SMUGGLED = "MAIL FROM:<a@evil.example>\r\nRCPT TO:<spy@evil.example>\r\nDATA\r\n\r\nhi\r\n.\r\n"
hostile = st.one_of(
    st.sampled_from(PATHS),
    st.sampled_from(BREAKS),
    st.tuples(st.text(max_size=20), st.sampled_from(BREAKS), st.text(max_size=20)).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80),
)
NAMES = ("name", "title", "address_form", "unit_name", "unit_address")
ITEM = ("directive", "directive_subject", "duty_path", "duty_title", "quote", "lead_unit", "required_result", "note")
WORDS = tuple(f"{of}.{field}" for of, fields in (("to", NAMES), ("item", ITEM)) for field in fields)


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[YagmailSender, Path]]:
    """yagmail's line to a real server, and the folder in which it keeps what arrived."""
    with (
        LocalMailbox(tmp_path_factory.mktemp("mailbox")) as mailbox,
        YagmailSender(MailSettings(port=mailbox.port, timeout_seconds=5.0)) as sender,
    ):
        yield sender, mailbox.folder


def with_words(words: dict[str, str]) -> LetterFacts:
    """An assignment and a digest's item with these words in their places."""
    to: dict[str, Any] = {place.removeprefix("to."): text for place, text in words.items() if place.startswith("to.")}
    of: dict[str, Any] = {
        place.removeprefix("item."): text for place, text in words.items() if place.startswith("item.")
    }
    kind = LetterKind.DIGEST if len(words) % 2 else LetterKind.ASSIGNED
    section = LetterSection.OVERDUE if kind is LetterKind.DIGEST else LetterSection.ASSIGNED
    return letter(kind, replace(item(section), **of), to=replace(HEAD, **to))


def arrived(folder: Path) -> list[EmailMessage]:
    """What the server kept, taken out."""
    found = []
    for path in sorted(folder.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        found.append(message)
        path.unlink()
    return found


@given(words=st.dictionaries(st.sampled_from(WORDS), hostile, min_size=1, max_size=6))
@example(words={"item.note": HERE})
@example(words={"item.quote": f"\r\n.\r\n{SMUGGLED}"})
@example(words={"to.name": "A\r\nBcc: spy@evil.example"})
@example(words={"to.unit_name": "=?utf-8?q?=0D=0ABcc:_spy=40evil.example?="})
@settings(max_examples=150)
def test_whatever_people_write_one_letter_arrives_with_our_headers_alone(
    post: tuple[YagmailSender, Path], words: dict[str, str]
) -> None:
    sender, folder = post
    try:
        content = compose(with_words(words)).content
    except BadInput:  # refused before there was a letter
        assert arrived(folder) == []
        return
    assert sender.send(HEAD.email, content).outcome is SendOutcome.ACCEPTED
    (message,) = arrived(folder)
    assert message["Delivered-To"] == HEAD.email
    heads = [name for name in message if name not in ("Delivered-To", "Return-Path", "Received", "X-Peer")]
    assert set(heads) <= OURS
    assert len(heads) == len(set(heads))
    assert [one.addr_spec for one in message["To"].addresses] == [HEAD.email]
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    assert kinds[:2] == ["text/plain", "text/html"]
    assert set(kinds[2:]) <= {"text/calendar"}  # no file of this machine comes along


@pytest.mark.parametrize("name", ["{{ 7*7 }}", "{who}", "{0}", "%s%n", "<b>A</b> & “B”", "O'Brien"])
def test_what_looks_like_a_template_is_written_as_it_is(name: str) -> None:
    composed = compose(with_words({"to.name": name, "item.quote": name}))
    assert composed.text.count(name) == 2
    assert composed.html.count(str(escape(name))) == 2


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("place", WORDS)
def test_words_that_are_the_path_of_a_file_stay_words(place: str, path: str) -> None:
    content = compose(with_words({place: path})).content
    secret = Path("/etc/passwd").read_text().splitlines()[0]
    message = email.message_from_bytes(content, policy=email.policy.default)
    for part in message.walk():
        if not part.is_multipart():
            assert secret not in str(part.get_content()) and "yagmail attaches" not in str(part.get_content())
            assert (part.get_filename() or "x.ics").endswith(".ics")
