"""The simulated mail server fails at each point of a conversation, and the product's sender knows what it can know."""

import random
from collections.abc import Iterator

import pytest

from models.settings import MailSettings
from notifications.smtp.transport import Attempt, SendOutcome
from tests.soak import server
from tests.soak.post import PostSender, simulated_network
from tests.soak.process import Crash, Process
from tests.soak.server import (
    CLOSED,
    CLOSING,
    CONNECTION,
    DATA,
    DOT,
    DRIPS,
    EHLO,
    LATE,
    LIES,
    MAIL,
    RCPT,
    RESET,
    SILENT,
    TEXT,
    Post,
    Trouble,
    VirtualClock,
)
from tests.soak.story import CRASH, DOWN, PAUSE, WELL, Fault

pytestmark = pytest.mark.long

_LOST = (RESET, SILENT, CLOSED)


@pytest.fixture
def luck() -> Iterator[random.Random]:
    draw = random.Random(1)
    draw.random = lambda: 0.99  # type: ignore[method-assign]
    with simulated_network():
        yield draw


def letters(post: Post, luck: random.Random, count: int, mood: str = WELL) -> list[Attempt]:
    """So many letters in one batch."""
    texts = [f"Message-ID: <{place}@mpt.example>\r\n\r\n.Kính gửi\r\n".encode() for place in range(count)]
    addresses = [f"nguoi{place}@e000.example" for place in range(count)]
    attempts = []
    with PostSender(post, Process("sqlite://"), MailSettings(mode="smtp"), mood, luck) as sender:
        for address, text in zip(addresses, texts, strict=True):
            attempts.append(sender.send(address, text))
    return attempts


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        *((Trouble(at, how), SendOutcome.TEMPORARY) for at in (MAIL, RCPT, DATA) for how in (*_LOST, CLOSING)),
        *((Trouble(TEXT, how), SendOutcome.UNCERTAIN) for how in (RESET, SILENT)),
        *((Trouble(DOT, how, keeps=keeps), SendOutcome.UNCERTAIN) for how in _LOST for keeps in (False, True)),
        *((Trouble(at, DRIPS), SendOutcome.TEMPORARY) for at in (MAIL, RCPT, DATA)),
        *((Trouble(DOT, DRIPS, keeps=keeps), SendOutcome.UNCERTAIN) for keeps in (False, True)),
        *((Trouble(DOT, LATE, keeps=True, after=after), SendOutcome.ACCEPTED) for after in (25.0, 570.0)),
        (Trouble(DOT, CLOSING), SendOutcome.TEMPORARY),
        *zip(LIES, (SendOutcome.TEMPORARY, SendOutcome.TEMPORARY, SendOutcome.ACCEPTED), strict=True),
        (Trouble(RCPT, "450 try later"), SendOutcome.TEMPORARY),
        (Trouble(MAIL, "550 5.7.1 not you"), SendOutcome.TEMPORARY),
        (Trouble(MAIL, "552 too large"), SendOutcome.PERMANENT),
        (Trouble(RCPT, "550 5.1.1 no such mailbox"), SendOutcome.PERMANENT),
        (Trouble(DOT, "554 refused"), SendOutcome.PERMANENT),
    ],
    ids=lambda one: str(one),
)
def test_the_sender_knows_what_it_can_know(
    luck: random.Random, monkeypatch: pytest.MonkeyPatch, trouble: Trouble, outcome: SendOutcome
) -> None:
    monkeypatch.setattr(server, "of_letter", lambda *_: trouble)
    post = Post()
    assert [one.outcome for one in letters(post, luck, 1)] == [outcome]
    assert len(post.arrived["<0@mpt.example>"]) == trouble.keeps
    assert not post.found


@pytest.mark.parametrize("at", [CONNECTION, EHLO])
@pytest.mark.parametrize("how", [*_LOST, DRIPS, CLOSING])
def test_a_line_lost_before_the_letter_costs_it_nothing(
    luck: random.Random, monkeypatch: pytest.MonkeyPatch, at: str, how: str
) -> None:
    monkeypatch.setattr(server, "of_connection", lambda *_: Trouble(at, how))
    post = Post()
    assert letters(post, luck, 1)[0].outcome is SendOutcome.TEMPORARY
    assert not post.handed
    assert not post.found


def test_what_a_process_heard_before_it_died_is_not_held_against_its_next_try(
    luck: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "of_letter", lambda *_: Trouble(DOT, RESET))
    post, process = Post(), Process("sqlite://")
    process.begin(Fault(CRASH, 7, in_mail=True))  # EHLO, MAIL, RCPT, DATA, the text, the dot, the answer
    text = b"Message-ID: <0@mpt.example>\r\n\r\n.K\xc3\xadnh g\xe1\xbb\xadi\r\n"
    with pytest.raises(Crash), PostSender(post, process, MailSettings(mode="smtp"), WELL, luck) as sender:
        sender.send("nguoi0@e000.example", text)
    assert process.statistics["crash (mail: the answer)"] == 1
    process.end()
    with PostSender(post, process, MailSettings(mode="smtp"), DOWN, luck) as sender:
        assert sender.send("nguoi0@e000.example", text).outcome is SendOutcome.TEMPORARY
    assert not post.found


def test_simulated_line_ends_with_the_step_that_opened_it(luck: random.Random) -> None:
    # yagmail says QUIT when it is collected: in a later step, perhaps in the midst of a transaction
    process, paused = Process("sqlite://"), list[Fault]()
    process.meanwhile = paused.append
    process.begin(Fault(CRASH, 1, in_mail=True))
    line = server.dial(Post(), process, WELL, luck, VirtualClock())
    with pytest.raises(Crash):
        line.sendall(b"EHLO mpt.example\r\n")
    process.end()
    process.begin(Fault(PAUSE, 1, in_mail=True))
    with pytest.raises(ConnectionResetError):
        line.sendall(b"QUIT\r\n")
    assert not paused
    assert process.fault is not None


def test_one_refused_of_several_costs_the_others_nothing(luck: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
    troubles = iter([None, Trouble(RCPT, "554 refused"), None])
    monkeypatch.setattr(server, "of_letter", lambda *_: next(troubles))
    post = Post()
    assert [one.outcome for one in letters(post, luck, 3)] == [
        SendOutcome.ACCEPTED,
        SendOutcome.PERMANENT,
        SendOutcome.ACCEPTED,
    ]
    assert [address for copies in post.arrived.values() for address, _text in copies] == [
        "nguoi0@e000.example",
        "nguoi2@e000.example",
    ]
    assert not post.found


def test_a_server_that_is_down_is_no_letters_fault(luck: random.Random) -> None:
    attempts = letters(Post(), luck, 3, DOWN)
    assert {(one.outcome, one.of_server) for one in attempts} == {(SendOutcome.TEMPORARY, True)}


def test_a_third_handing_over_of_an_uncertain_letter_is_found(
    luck: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "of_letter", lambda *_: Trouble(DOT, SILENT))
    post = Post()
    for _ in range(2):
        letters(post, luck, 1)
    assert not post.found
    letters(post, luck, 1)
    assert post.found == ["once: <0@mpt.example> was handed over 3 times (uncertain: True)"]
