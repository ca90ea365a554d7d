"""Headers: threads, names, and what can never get into them."""

import email
from dataclasses import replace
from datetime import date
from email import policy
from email.header import decode_header, make_header
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput, NotFound
from models.letters.letter import LetterKind
from models.text.localtime import at_local
from notifications.composing.compose import compose
from notifications.composing.facts import LetterSection
from notifications.composing.keys import Link, calendar_uid, message_id, read_link, thread_id
from tests.notifications import samples
from tests.notifications.samples import DOMAIN, HEAD, item, letter, task_id
from tests.old_links import sign_link

SECRET = "a secret of this installation"
MADE = at_local(date(2026, 11, 2))


def headers(facts: Any) -> Any:
    return email.message_from_bytes(compose(facts).content, policy=policy.default)


def test_letters_about_one_task_thread_together() -> None:
    root = thread_id(task_id(2), DOMAIN)
    for facts in (samples.assigned(), samples.event("returned"), samples.event("approved", "en")):
        message = headers(facts)
        assert message["In-Reply-To"] == root
        assert message["References"] == root


def test_digests_and_letters_about_several_tasks_do_not_thread() -> None:
    for facts in (samples.digest(), samples.upward(), samples.summary(), samples.incident()):
        message = headers(facts)
        assert message["In-Reply-To"] is None
        assert message["References"] is None


def test_long_domains_keep_ids_whole() -> None:
    domain = "thong-bao.he-thong-don-doc.bo-buu-chinh-vien-thong.example"
    facts = replace(
        samples.event("returned"), message_id=message_id(task_id(7), domain), sender_address=f"don-doc-tu-dong@{domain}"
    )
    raw = compose(facts).content.replace(b"\r\n ", b" ")
    for line in (f"Message-ID: {facts.message_id}", f"References: {thread_id(task_id(2), domain)}"):
        assert line.encode() in raw


@pytest.mark.parametrize(
    "field", ["name", "title", "address_form", "unit_name", "unit_address", "email", "standing_in_for"]
)
@pytest.mark.parametrize("injected", ["\r\nBcc: spy@evil.example", "\nX: y", "\r", "\x00", "\x85", "\u2028"])
def test_a_line_break_in_the_recipient_is_refused(field: str, injected: str) -> None:
    changes: dict[str, Any] = {field: (getattr(HEAD, field) or "Ông Trần Văn B") + injected}
    with pytest.raises(BadInput):
        compose(letter(LetterKind.DIGEST, item(LetterSection.OVERDUE), to=replace(HEAD, **changes)))


@pytest.mark.parametrize("field", ["sender_name", "sender_address", "message_id", "topic_title"])
def test_a_line_break_in_the_sender_or_topic_is_refused(field: str) -> None:
    facts = letter(LetterKind.DIGEST, item(LetterSection.OVERDUE))
    with pytest.raises(BadInput):
        compose(replace(facts, **{field: getattr(facts, field) + "\r\nBcc: spy@evil.example"}))


@pytest.mark.parametrize("field", ["directive", "duty_path", "lead_unit", "url", "issuer", "follow_up_name"])
def test_a_line_break_in_an_item_is_refused(field: str) -> None:
    one = item(LetterSection.OVERDUE)
    with pytest.raises(BadInput):
        compose(letter(LetterKind.EVENT, replace(one, **{field: getattr(one, field) + "\nBcc: spy@evil.example"})))


@pytest.mark.parametrize(
    "address", ["", "a", "a@x.example,b@x.example", "<a@x.example>", "đ@x.example", "a @x.example"]
)
def test_an_address_that_is_not_one_plain_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput):
        compose(letter(LetterKind.DIGEST, item(LetterSection.OVERDUE), to=replace(HEAD, email=address)))


@pytest.mark.parametrize("field", ["duty_title", "quote", "note", "lead_unit"])
def test_half_a_character_is_refused(field: str) -> None:
    half: dict[str, Any] = {"note": "", field: "Công ty \ud83d X"}
    with pytest.raises(BadInput):
        compose(letter(LetterKind.ASSIGNED, item(LetterSection.ASSIGNED, role="coordinator", event="returned", **half)))


def test_an_empty_letter_and_an_unknown_language_are_refused() -> None:
    with pytest.raises(BadInput):
        compose(letter(LetterKind.DIGEST))
    with pytest.raises(BadInput):
        compose(letter(LetterKind.DIGEST, item(LetterSection.OVERDUE), language="fr"))


@given(st.text(min_size=1, max_size=200).filter(str.strip))
def test_whatever_a_name_is_made_of_it_stays_inside_its_header(name: str) -> None:
    facts = letter(LetterKind.DIGEST, item(LetterSection.OVERDUE), to=replace(HEAD, name=name, unit_name=name))
    try:
        content = compose(facts).content
    except BadInput:
        return
    message = email.message_from_bytes(content, policy=policy.default)
    assert [address.addr_spec for address in message["To"].addresses] == [HEAD.email]
    expected = {"From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted"}
    assert set(message.keys()) == expected | {"Content-Language", "MIME-Version", "Content-Type"}


def test_names_with_no_break_spaces_and_commas_survive() -> None:
    to = replace(HEAD, name="Nguyễn, Văn\xa0A", unit_name="Công ty\xa0Viễn thông X")
    composed = compose(letter(LetterKind.DIGEST, item(LetterSection.OVERDUE), to=to))
    assert "Công ty Viễn thông X" in composed.subject
    assert "\xa0" not in composed.text
    message = email.message_from_bytes(composed.content, policy=policy.default)
    assert message["To"].addresses[0].addr_spec == HEAD.email


def test_keys_are_stable_and_differ() -> None:
    one, two = UUID(int=1), UUID(int=2)
    assert message_id(one, DOMAIN) == message_id(one, DOMAIN) == f"<letter.{one.hex}@{DOMAIN}>"
    assert (
        len({message_id(one, DOMAIN), message_id(two, DOMAIN), thread_id(one, DOMAIN), calendar_uid(one, DOMAIN)}) == 4
    )


@given(st.uuids(), st.uuids())
def test_a_link_names_its_task_and_person(task: UUID, person: UUID) -> None:
    token = sign_link(SECRET, task, person, MADE)
    assert read_link(SECRET, token) == Link(task, person, MADE)
    assert len(token) <= 64
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_a_long_subject_loses_no_space_where_it_is_folded() -> None:
    for length in range(1, 60):
        to = replace(
            HEAD, unit_name="Công ty " + "ố" * length + " Viễn thông – Bưu chính X", name="Trần Thị " + "ế" * length
        )
        facts = letter(LetterKind.DIGEST, item(LetterSection.OVERDUE), to=to)
        assert headers(facts)["Subject"] == compose(facts).subject
        raw = email.message_from_bytes(compose(facts).content)["To"]
        assert str(make_header(decode_header(raw))) == f"{to.name} <{to.email}>"
        assert all(len(word) <= 75 for word in raw.split())


@given(st.data())
def test_a_forged_link_opens_nothing(data: st.DataObject) -> None:
    token = sign_link(SECRET, task_id(1), task_id(2), MADE)
    position = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(st.sampled_from("ABCxyz019-_.").filter(lambda char: char != token[position]))
    forged = token[:position] + other + token[position + 1 :]
    with pytest.raises(NotFound):
        read_link(SECRET, forged)
    with pytest.raises(NotFound):
        read_link("another secret", token)


@pytest.mark.parametrize("token", ["", ".", "x", "đ", "a" * 5000, "=.=", "\x00", "\ud800"])
def test_rubbish_instead_of_a_link_opens_nothing(token: str) -> None:
    with pytest.raises(NotFound):
        read_link(SECRET, token)
