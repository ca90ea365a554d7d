"""Which replies say that there is no such address: the same ones while a letter is sent and when it comes back."""

import pytest

from notifications.outbox.explain import ADVICE
from notifications.smtp.replies import RefusalReason, is_dead_address, judge_refusal, refusal_reason

DEAD = ("5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.2.1")
ALIVE = (
    "5.0.0",
    "5.1.0",
    "5.1.5",
    "5.1.7",
    "5.1.8",
    "5.1.9",
    "5.1.11",
    "5.1.20",
    "5.1.90",
    "5.1.100",
    "5.2.0",
    "5.2.2",
    "5.2.3",
    "5.2.4",
    "5.2.10",
    "5.2.121",
    "5.3.0",
    "5.3.4",
    "5.4.1",
    "5.4.4",
    "5.4.7",
    "5.4.14",
    "5.4.316",
    "5.5.0",
    "5.5.4",
    "5.6.0",
    "5.6.7",
    "5.7.0",
    "5.7.1",
    "5.7.509",
    "4.1.1",
    "4.2.1",
    "4.2.2",
    "4.4.7",
    "2.1.5",
)


@pytest.mark.parametrize(("status", "dead"), [(one, True) for one in DEAD] + [(one, False) for one in ALIVE])
def test_refusals_and_bounces_condemn_an_address_alike(status: str, dead: bool) -> None:
    assert is_dead_address(status) is dead
    code = 450 if status.startswith("4") else 550
    assert judge_refusal("RCPT", code, f"{status} <x@mpt.example>: refused").of_address is dead


@pytest.mark.parametrize("code", [550, 551, 553])
def test_without_a_status_the_codes_that_say_there_is_no_such_mailbox_condemn_it(code: int) -> None:
    assert is_dead_address("", code) and judge_refusal("RCPT", code, "no such user here").of_address


@pytest.mark.parametrize("code", [None, 450, 500, 552, 554])
def test_without_a_status_nothing_else_does(code: int | None) -> None:
    assert not is_dead_address("", code)
    assert code is None or not judge_refusal("RCPT", code, "no such user here").of_address


@pytest.mark.parametrize("verb", ["MAIL", "DATA", "."])
def test_what_is_refused_before_or_after_the_address_says_nothing_of_it(verb: str) -> None:
    assert not judge_refusal(verb, 550, "5.1.1 no such user").of_address


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        ("5.1.1 <x@mpt.example>: user unknown", 550, RefusalReason.ADDRESS),
        ("550 no such mailbox", None, RefusalReason.ADDRESS),
        ("no such user", 551, RefusalReason.ADDRESS),
        ("came back: smtp; 550 5.2.1 disabled", None, RefusalReason.ADDRESS),
        ("5.2.2 mailbox full", 552, RefusalReason.MAILBOX),
        ("552 quota exceeded", None, RefusalReason.MAILBOX),
        ("5.2.3 too large", 552, RefusalReason.SIZE),
        ("5.3.4 message too big", 552, RefusalReason.SIZE),
        ("554 5.7.1 Message rejected as spam by Content Filtering", 554, RefusalReason.POLICY),
        ("5.7.509 access denied: DMARC", 550, RefusalReason.POLICY),
        ("came back: smtp; 554 5.7.1 blocked using 10.5.1.1", None, RefusalReason.POLICY),
        ("5.6.0 lossy conversion", 550, RefusalReason.POLICY),
        ("spam", 554, RefusalReason.POLICY),
        ("5.1.8 sender rejected", 550, RefusalReason.OTHER),
        ("5.4.4 no route", 554, RefusalReason.OTHER),
        ("came back: smtp; 550 no such user", 250, RefusalReason.ADDRESS),
        ("for a reason", None, RefusalReason.OTHER),
    ],
)
def test_a_refusal_is_told_by_what_was_refused(words: str, code: int | None, what: RefusalReason) -> None:
    assert refusal_reason(words, code) is what


def test_each_kind_of_refusal_has_its_own_advice() -> None:
    assert set(ADVICE) == set(RefusalReason) and len(set(ADVICE.values())) == len(RefusalReason)
