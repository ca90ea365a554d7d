"""By what a reply is known to come from its sender's domain: real DKIM keys and a DNS of the test's own."""

from email.message import EmailMessage
from email.utils import format_datetime

import dkim
import pytest

from models.replies.reply import ReplyProof
from models.settings import ReplySettings
from notifications.replies.authentic import LookUp, is_trusted, prove
from tests.notifications.dkim_signing import COVERED, PRIVATE, dns, signed
from tests.office import at

TOKEN, HEAD = "a" * 48, "b@tct-t.example"
TO = f"reply+{TOKEN}@mpt.example"


def message(sender: str = HEAD, to: str = TO, text: str = "Đã tiếp nhận") -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f"Trần Văn B <{sender}>", to, "Re: x"
    made["Date"], made["Message-ID"] = format_datetime(at(1)), "<1@tct-t.example>"
    made.set_content(text)
    return bytes(made).replace(b"\n", b"\r\n")


class TaggedSigner(dkim.DKIM):  # type: ignore[misc]
    """Signs with one more tag."""

    tag = (b"", b"")

    def gen_header(self, fields: list[tuple[bytes, bytes]], *others: object, **named: object) -> bytes:
        header: bytes = super().gen_header([*fields[:-1], self.tag, fields[-1]], *others, **named)
        return header


def signed_with(name: bytes, value: bytes) -> bytes:
    """A message that another domain signed, with a tag that the library passes over."""
    raw = message()
    signer = TaggedSigner(raw)
    signer.tag = (name, value)
    header: bytes = signer.sign(b"s", b"evil.example", PRIVATE, include_headers=COVERED)
    return header + raw


ANOTHER = signed(message(to="colleague@tct-t.example"))


def proof(content: bytes, sender: str = HEAD, look_up: LookUp | None = None, **settings: object) -> ReplyProof:
    given = ReplySettings.model_validate(settings)
    return prove(content, sender, TOKEN, given, look_up or dns("tct-t.example", "example", "evil.example"))


def test_a_signature_of_the_senders_domain_proves_it() -> None:
    assert proof(signed(message())) is ReplyProof.DKIM


def test_a_signature_of_the_domain_above_proves_it() -> None:
    raw = signed(message("b@hn.tct-t.example"))
    assert proof(raw, "b@hn.tct-t.example") is ReplyProof.DKIM


@pytest.mark.parametrize(
    "raw",
    [
        message(),
        signed(message(), "evil.example"),
        signed(message(), "example"),
        signed(message(), covered=[b"from", b"date"]),
        signed(message(), length=True) + b"\r\ntien do 100%\r\n",
        signed(message(), length=True),
        signed(message()).replace(b"Re: x", b"Re: y"),
        signed(message(text="a")).replace(b"\r\n\r\na", b"\r\n\r\nb"),
        ANOTHER,
        f"To: {TO}\r\n".encode() + ANOTHER,
        ANOTHER.replace(b"To: ", f"To: {TO}\r\nX-A: a\r\rb\r\nTo: ".encode()),
        signed_with(b"x1d", b"tct-t.example"),
        signed_with(b"D", b"tct-t.example"),
        signed(message()).replace(b"DKIM-Signature: v=1", b"DKIM-Signature: v=9"),
        b"DKIM-Signature: v=1; a=rsa-sha256; d=tct-t.example; s=s; h=from:to:date; bh=x; b=y\r\n" + message(),
    ],
    ids=[
        *("unsigned", "other domain", "top level", "to not covered", "words put behind", "length", "changed head"),
        *("changed words", "another letter of theirs", "with our address before", "with its address hidden"),
        *("a tag that ends in d", "a capital D", "other version", "nonsense"),
    ],
)
def test_nothing_else_proves_anything(raw: bytes) -> None:
    assert proof(raw) is ReplyProof.NONE


def test_without_an_answer_of_dns_nothing_is_proved() -> None:
    def no_answer(name: bytes, timeout: float = 5) -> bytes | None:
        raise dkim.DnsTimeoutError("no answer")

    assert proof(signed(message()), look_up=no_answer) is ReplyProof.NONE
    assert proof(signed(message()), look_up=dns()) is ReplyProof.NONE


def with_results(*results: str) -> bytes:
    return "".join(f"Authentication-Results: {one}\r\n" for one in results).encode() + message()


@pytest.mark.parametrize(
    "results",
    [
        ("mx.mpt.example; dkim=pass header.d=tct-t.example",),
        ("mx.mpt.example; spf=fail; dkim=pass (good) header.i=@tct-t.example header.s=s",),
        ("mx.mpt.example 1;\r\n\tdkim=pass header.d=tct-t.example; spf=none",),
        ("other.example; dkim=fail header.d=tct-t.example", "mx.mpt.example; dkim=pass header.d=tct-t.example"),
    ],
)
def test_the_named_servers_word_counts(results: tuple[str, ...]) -> None:
    assert proof(with_results(*results), authserv_id="mx.mpt.example") is ReplyProof.SERVER


@pytest.mark.parametrize(
    "results",
    [
        (),
        ("evil.example; dkim=pass header.d=tct-t.example",),
        ("mx.mpt.example.evil.example; dkim=pass header.d=tct-t.example",),
        ("mx.mpt.example; dkim=fail header.d=tct-t.example", "mx.mpt.example; dkim=pass header.d=tct-t.example"),
        ("mx.mpt.example; dkim=pass header.d=evil.example",),
        ("mx.mpt.example; dkim=pass",),
        ("mx.mpt.example; spf=pass smtp.mailfrom=tct-t.example",),
        ("mx.mpt.example; dkim=none (dkim=pass header.d=tct-t.example)",),
        ('mx.mpt.example; spf=pass smtp.mailfrom="x; dkim=pass header.d=tct-t.example "@evil.example',),
        ('mx.mpt.example; spf=pass smtp.mailfrom="(\\"; dkim=pass header.d=tct-t.example; x=)"@evil.example',),
        ("mx.mpt.example; dkim=pass@evil.com header.d=tct-t.example",),
        ("mx.mpt.example; dkim=pass.evil header.d=tct-t.example",),
        ("mx.mpt.example; dkim/2=pass header.d=tct-t.example",),
        ("mx.mpt.example; dkim=pass header.d=tct-t.example header.d=evil.com",),
        ("mx.mpt.example; dkim=pass evil", "mx.mpt.example; dkim=pass header.d=tct-t.example"),
        ("mx.mpt.example; " + "x=none; " * 2000 + "dkim=pass header.d=tct-t.example",),
    ],
    ids=[
        *("none", "other server", "name that begins alike", "a forged one below", "other domain", "no domain", "spf"),
        *("comment", "sender in quotation marks", "quotation mark in a sender"),
        *("pass at evil", "pass with a dot", "other version", "two domains", "below one that cannot be read", "long"),
    ],
)
def test_nobody_elses_word_counts(results: tuple[str, ...]) -> None:
    assert proof(with_results(*results), authserv_id="mx.mpt.example") is ReplyProof.NONE


def test_a_servers_word_on_a_letter_to_somebody_else_counts_for_nothing() -> None:
    result = b"Authentication-Results: mx.mpt.example; dkim=pass header.d=tct-t.example\r\n"
    assert proof(result + f"To: {TO}\r\n".encode() + ANOTHER, authserv_id="mx.mpt.example") is ReplyProof.NONE


def test_where_a_server_is_named_no_signature_is_asked_of_dns() -> None:
    assert proof(signed(message()), authserv_id="mx.mpt.example") is ReplyProof.NONE


def test_only_named_domains_are_trusted() -> None:
    settings = ReplySettings.model_validate({"trusted_domains": "@TCT-T.example, mpt.example"})
    assert is_trusted("b@tct-t.example", settings) and not is_trusted("b@hn.tct-t.example", settings)
    assert not is_trusted("b@gmail.example", settings)
