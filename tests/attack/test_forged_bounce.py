"""Reports of mail servers that anybody may write who has seen one letter: they silence nobody."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.letters.letter import LetterState
from notifications.composing.keys import sign_return
from tests.bounce_samples import exchange, gmail, postfix, token_of
from tests.office import ON, Office, at, furnish
from tests.workflows.bounced import DEPUTY, HEAD, LATER, drop, left, letter, sent_to

pytestmark = pytest.mark.long

SERVER = "mx.office.example"
HEAD_DOMAIN = "mpt.example"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.settings.replies = office.settings.replies.model_copy(update={"authserv_id": SERVER})
    office.launch("4")
    return office


def by_return_path(letter: bytes) -> bytes:
    return gmail(letter, f"bounce+{token_of(letter)}@mpt.example")


def with_results(report: bytes, results: str, path: str = "<>") -> bytes:
    """A report as the office's server hands it over: its finding, and the envelope that it saw."""
    head = f"Return-Path: {path}\r\nAuthentication-Results: {results}\r\n".encode()
    return head + report.replace(b"Return-Path: <>\r\n", b"")


@pytest.mark.parametrize("form", [postfix, exchange, by_return_path])
def test_who_saw_one_letter_silences_nobody(office: Office, form: Callable[[bytes], bytes]) -> None:
    drop(office, form(left(office)))
    office.tick(LATER)
    assert letter(office).state is LetterState.FAILED, "its coordinator and deputy are told"
    head = office.person(HEAD)
    assert head.email_refused_at is None and head.email_doubted_at == LATER
    assert any(one["Auto-Submitted"] for one in office.sent(DEPUTY))
    office.days(at(2), at(4))
    assert len(office.sent(HEAD)) > 1, "letters go on"


def test_many_reports_of_the_same_letter_silence_nobody(office: Office) -> None:
    raw = left(office)
    for day, form in enumerate((postfix, exchange, by_return_path, postfix), 1):
        drop(office, form(raw).replace(b"20040601@mx", f"{day}@mx".encode()))
        office.tick(LATER + timedelta(days=day))
    assert office.person(HEAD).email_refused_at is None


@pytest.mark.parametrize(
    ("results", "path"),
    [
        (f"{SERVER}; spf=pass smtp.helo=mail.evil.example; dkim=pass header.d=evil.example", "<>"),
        (f"{SERVER}; spf=fail smtp.helo=mx.{HEAD_DOMAIN}; dkim=fail header.d={HEAD_DOMAIN}", "<>"),
        (f"evil.example; spf=pass smtp.helo=mx.{HEAD_DOMAIN}", "<>"),
        (f"{SERVER}; dkim=pass@evil.example header.d={HEAD_DOMAIN}", "<>"),
        (f"{SERVER}; spf=pass smtp.mailfrom=colleague@{HEAD_DOMAIN}", f"<colleague@{HEAD_DOMAIN}>"),
        (f"{SERVER}; dkim=pass header.d={HEAD_DOMAIN}", f"<colleague@{HEAD_DOMAIN}>"),
        (f"{SERVER}; auth=pass smtp.auth=colleague; dkim=pass header.d={HEAD_DOMAIN}", "<>"),
    ],
    ids=["own domain", "failed", "other server", "pass at evil", "a colleague", "signed for a colleague", "logged in"],
)
def test_a_report_of_another_host_is_no_proof(office: Office, results: str, path: str) -> None:
    drop(office, with_results(postfix(left(office)), results, path))
    office.tick(LATER)
    assert office.person(HEAD).email_refused_at is None


def test_a_token_of_ones_own_key_does_nothing(office: Office) -> None:
    raw = left(office)
    forged = sign_return("another key", letter(office).id, office.person(HEAD).email or "")
    drop(office, postfix(raw.replace(token_of(raw).encode(), forged.encode())))
    office.tick(LATER)
    head = office.person(HEAD)
    assert letter(office).state is LetterState.SENT
    assert head.email_refused_at is None and head.email_doubted_at is None


def test_an_old_letter_cannot_stand_for_the_probe(office: Office) -> None:
    """Whoever holds two letters that both left before the first report holds no probe."""
    first = left(office)
    office.days(at(2), at(4))
    second = sent_to(office, HEAD)
    assert token_of(first) != token_of(second)
    for day, raw in ((5, first), (6, second)):
        drop(office, postfix(raw, message_id=f"{day}@x"))
        office.tick(at(day, hour=9))
    assert office.person(HEAD).email_refused_at is None


def test_forged_reports_before_the_first_letter_change_nothing(office: Office) -> None:
    drop(office, postfix(b"Subject: x\r\nX-Dondoc-Return: " + b"a" * 48 + b"\r\n\r\n"))
    office.tick(ON)
    assert office.person(HEAD).email_doubted_at is None
