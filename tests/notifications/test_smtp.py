"""How one attempt to hand over a letter can end: real conversations with servers that misbehave at each step."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from pydantic import SecretStr

from models.errors import BadInput
from models.settings import MailSettings
from notifications.smtp.clocks import Clocks
from notifications.smtp.line import MOST_LINES
from notifications.smtp.mailbox import LocalMailbox, read_mailbox
from notifications.smtp.sender import BEFORE_TEXT_SECONDS, YagmailSender
from notifications.smtp.transport import Attempt, Outcome, Sender
from tests.notifications.smtp_servers import (
    DEAF,
    DRIP,
    DRIP_BYTES,
    DROP,
    HANG,
    ScriptedServer,
    self_signed,
    strict_server,
)
from workflows.jobs.simulate import RecordedSender

# The test server cannot see TLS that was there from the first byte, and says so.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")

LETTER = b"Subject: muc 2\r\nMessage-ID: <1@dondoc.example>\r\n\r\nKinh gui\r\n"
TO = "head@tct-t.example"


def settings(port: int, **others: Any) -> MailSettings:
    seconds = others.get("timeout_seconds", 5.0)
    steps = dict.fromkeys(("timeout_seconds", "data_seconds", "block_seconds", "dot_seconds"), seconds)
    return MailSettings(port=port, **steps | others)


def attempt(server: ScriptedServer, **others: Any) -> Attempt:
    with YagmailSender(settings(server.port, **others)) as sender:
        return sender.send(TO, LETTER)


# The contract of every sender


@pytest.fixture(params=["yagmail into the local mailbox", "recorded"])
def delivery(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Sender, Any]]:
    """A sender, and a way to ask which addresses got a letter."""
    if request.param == "recorded":
        recorded = RecordedSender()
        yield recorded, lambda: [to for to, _ in recorded.letters]
    else:
        with LocalMailbox(tmp_path / "mailbox") as mailbox:
            yield (YagmailSender(settings(mailbox.port)), lambda: [r.to for r in read_mailbox(mailbox.folder)])


class TestEverySender:
    def test_accepts_letters_and_keeps_their_order(self, delivery: tuple[Sender, Any]) -> None:
        sender, received = delivery
        addresses = [f"head{number}@tct-t.example" for number in range(12)]
        with sender:
            outcomes = [sender.send(address, LETTER).outcome for address in addresses]
        assert set(outcomes) == {Outcome.ACCEPTED}
        assert received() == addresses

    @pytest.mark.parametrize(
        "address",
        [
            "a@x.example\n",
            "a@x.example\r\nRCPT TO:<b@x.example>",
            "a@x.example>\r\nDATA",
            "a@x.example,b@x.example",
            "Head <a@x.example>",
            "a b@x.example",
            "a\x00@x.example",
            "trưởng@x.example",
            "a@",
            "@x.example",
            "",
            "a" * 250 + "@x.example",
        ],
    )
    def test_refuses_an_unusable_address_for_good_and_goes_on(self, delivery: tuple[Sender, Any], address: str) -> None:
        sender, received = delivery
        with sender:
            refused = sender.send(address, LETTER)
            assert refused.outcome is Outcome.PERMANENT and "address" in refused.reply
            assert sender.send(TO, LETTER).outcome is Outcome.ACCEPTED
        assert received() == [TO]

    def test_serves_one_batch_after_another(self, delivery: tuple[Sender, Any]) -> None:
        sender, received = delivery
        for _ in range(2):
            with sender:
                assert sender.send(TO, LETTER).outcome is Outcome.ACCEPTED
        assert received() == [TO, TO]


# How an attempt ends


@pytest.mark.parametrize(
    ("step", "answer", "outcome", "code"),
    [
        ("CONNECT", "421 busy", Outcome.TEMPORARY, 421),
        ("CONNECT", "554 not you", Outcome.TEMPORARY, 554),  # no letter's fault
        ("CONNECT", "HTTP/1.1 400 Bad Request", Outcome.TEMPORARY, None),
        ("CONNECT", DROP, Outcome.TEMPORARY, None),
        ("EHLO", DROP, Outcome.TEMPORARY, None),
        ("MAIL", "451 later", Outcome.TEMPORARY, 451),
        ("MAIL", "530 log in first", Outcome.TEMPORARY, 530),
        ("MAIL", "553 sender not allowed", Outcome.TEMPORARY, 553),  # our configuration, no letter's fault
        ("MAIL", "552 too large", Outcome.PERMANENT, 552),
        ("MAIL", DROP, Outcome.TEMPORARY, None),
        ("RCPT", "451 greylisted", Outcome.TEMPORARY, 451),
        ("RCPT", "421 closing", Outcome.TEMPORARY, 421),
        ("RCPT", "550-no such\r\n550 person", Outcome.PERMANENT, 550),
        ("RCPT", "251 will forward", Outcome.ACCEPTED, 250),
        ("RCPT", "gibberish", Outcome.TEMPORARY, None),
        ("RCPT", "250 " + "x" * 9000, Outcome.TEMPORARY, None),  # the library calls an endless line a 500
        ("RCPT", DROP, Outcome.TEMPORARY, None),
        ("DATA", "451 not now", Outcome.TEMPORARY, 451),
        ("DATA", "554 no", Outcome.PERMANENT, 554),
        ("DATA", "250 what", Outcome.TEMPORARY, 250),
        ("DATA", DROP, Outcome.TEMPORARY, None),  # before 354: the server has nothing it could keep
        ("BODY", DROP, Outcome.UNCERTAIN, None),
        ("DOT", DROP, Outcome.UNCERTAIN, None),
        ("DOT", "gibberish", Outcome.UNCERTAIN, None),
        ("DOT", "250 " + "x" * 9000, Outcome.UNCERTAIN, None),
        ("DOT", "354 again", Outcome.UNCERTAIN, None),
        ("DOT", "421 closing", Outcome.TEMPORARY, 421),  # the server said so itself
        ("DOT", "452 disk full", Outcome.TEMPORARY, 452),
        ("DOT", "554 smells", Outcome.PERMANENT, 554),
        ("QUIT", DROP, Outcome.ACCEPTED, 250),
        ("QUIT", "500 never", Outcome.ACCEPTED, 250),
    ],
)
@pytest.mark.parametrize("ehlo", [None, "250-test\r\n250 PIPELINING"], ids=["one by one", "pipelined"])
def test_an_attempt_ends_as_the_server_ended_it(
    step: str, answer: str, outcome: Outcome, code: int | None, ehlo: str | None
) -> None:
    with ScriptedServer(**({"EHLO": ehlo} if ehlo else {}) | {step: answer}) as server:
        ended = attempt(server)
        assert (ended.outcome, ended.code) == (outcome, code)
        assert len(server.messages) == (step in ("DOT", "QUIT") or outcome is Outcome.ACCEPTED)  # never a second copy


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT"])
def test_a_server_that_falls_silent_is_left_after_the_time_out(step: str) -> None:
    with ScriptedServer(**{step: HANG}) as server:
        started = time.monotonic()
        ended = attempt(server, timeout_seconds=0.2)
        assert time.monotonic() - started < 2
    assert ended.outcome is (Outcome.UNCERTAIN if step == "DOT" else Outcome.TEMPORARY)
    assert "timed out" in ended.reply


def test_a_goodbye_that_nobody_answers_costs_no_letter() -> None:
    with ScriptedServer(QUIT=HANG) as server:
        assert attempt(server, timeout_seconds=0.2).outcome is Outcome.ACCEPTED


def test_no_server_at_all_is_temporary_and_says_where() -> None:
    with ScriptedServer() as server:
        port = server.port
    with YagmailSender(settings(port)) as sender:
        ended = sender.send(TO, LETTER)
    assert ended.outcome is Outcome.TEMPORARY and f"127.0.0.1:{port}" in ended.reply


def test_a_servers_words_are_kept_as_one_short_printable_line() -> None:
    with ScriptedServer(RCPT="550-first\x00\x1b[31m\r\n" * 60 + "550 last") as server:
        reply = attempt(server).reply
    assert reply.isprintable() and len(reply) <= 500 and reply.startswith("first [31m")


# One connection for a batch


def test_a_batch_uses_one_connection_and_renews_it_after_so_many_letters() -> None:
    with ScriptedServer() as server:
        with YagmailSender(settings(server.port, letters_per_connection=4)) as sender:
            assert {sender.send(TO, LETTER).outcome for _ in range(10)} == {Outcome.ACCEPTED}
        assert (server.connections, len(server.messages), server.commands.count("QUIT")) == (3, 10, 3)


def test_a_refused_address_does_not_cost_the_connection() -> None:
    with ScriptedServer(RCPT=["550 unknown", "451 later"]) as server:
        with YagmailSender(settings(server.port)) as sender:
            outcomes = [sender.send(TO, LETTER).outcome for _ in range(3)]
        assert outcomes == [Outcome.PERMANENT, Outcome.TEMPORARY, Outcome.ACCEPTED]
        assert server.connections == 1


PIPELINING = "250-test\r\n250 PIPELINING"


def test_an_envelope_told_ahead_saves_a_journey_and_changes_nothing_else() -> None:
    with ScriptedServer(EHLO=PIPELINING) as server, YagmailSender(settings(server.port)) as sender:
        for _ in range(3):
            sender.announce(TO, LETTER)
            assert sender.send(TO, LETTER) == Attempt(Outcome.ACCEPTED, 250, "kept")
        assert len(server.messages) == 3 and server.connections == 1
        assert server.commands.count("DATA") == 3


@pytest.mark.parametrize(
    ("dot", "outcome", "connections"),
    [
        ("250 kept", Outcome.ACCEPTED, 1),
        ("451 later", Outcome.TEMPORARY, 1),
        ("554 never", Outcome.PERMANENT, 1),
        ("421 shutting down", Outcome.TEMPORARY, 2),
        (DROP, Outcome.UNCERTAIN, 2),
    ],
)
def test_an_envelope_told_while_the_letter_before_is_unanswered_waits_for_its_turn(
    dot: str, outcome: Outcome, connections: int
) -> None:
    following = b"Subject: two\r\n\r\ntwo\r\n"
    with ScriptedServer(EHLO=PIPELINING, DOT=[dot]) as server, YagmailSender(settings(server.port)) as sender:
        first = sender.send(TO, LETTER, meanwhile=lambda: sender.announce("b@x.example", following))
        assert first.outcome is outcome
        assert sender.send("b@x.example", following).outcome is Outcome.ACCEPTED
        assert [b"two" in one for one in server.messages] == [False, True]
        assert server.connections == connections


def test_line_without_pipelining_tells_how_the_letter_before_ended() -> None:
    with ScriptedServer(EHLO=PIPELINING) as server, YagmailSender(settings(server.port)) as sender:

        def announce() -> None:
            sender._yag.smtp.sock.shutdown(socket.SHUT_WR)
            sender.announce(TO, LETTER)

        assert sender.send(TO, LETTER, meanwhile=announce).outcome is Outcome.ACCEPTED
        assert sender.send(TO, LETTER).outcome is Outcome.ACCEPTED
        assert (server.connections, len(server.messages)) == (2, 2)


def test_an_envelope_told_ahead_of_a_letter_that_does_not_leave_delivers_nothing() -> None:
    with ScriptedServer(EHLO=PIPELINING) as server:
        with YagmailSender(settings(server.port)) as sender:
            assert sender.send(TO, LETTER).outcome is Outcome.ACCEPTED
            sender.announce("b@x.example", b"Subject: never\r\n\r\nnever\r\n")
            assert sender.send(TO, LETTER).outcome is Outcome.ACCEPTED
            sender.announce("b@x.example", b"Subject: never\r\n\r\nnever\r\n")
        assert len(server.messages) == 2 and not [one for one in server.messages if b"never" in one]


def test_a_line_found_closed_at_an_envelope_told_ahead_is_opened_again() -> None:
    with ScriptedServer(EHLO=PIPELINING, MAIL=["250 ok", DROP]) as server:
        with YagmailSender(settings(server.port)) as sender:
            assert sender.send(TO, LETTER).outcome is Outcome.ACCEPTED
            sender.announce(TO, LETTER)
            assert sender.send(TO, LETTER).outcome is Outcome.ACCEPTED
        assert (server.connections, len(server.messages)) == (2, 2)


def test_a_server_that_wants_a_letter_without_recipient_gets_none_and_loses_the_line() -> None:
    script: dict[str, Any] = {"EHLO": PIPELINING, "RCPT": ["550 no", "250 ok"]}
    with ScriptedServer(**script) as server, YagmailSender(settings(server.port)) as sender:
        assert sender.send(TO, LETTER).outcome is Outcome.PERMANENT
        assert sender.send(TO, LETTER).outcome is Outcome.ACCEPTED
        assert len(server.messages) == 1 and server.connections == 2


def test_a_connection_that_will_not_be_reset_is_replaced() -> None:
    with ScriptedServer(RCPT=["550 unknown"], RSET="502 what") as server:
        with YagmailSender(settings(server.port)) as sender:
            outcomes = [sender.send(TO, LETTER).outcome for _ in range(2)]
        assert outcomes == [Outcome.PERMANENT, Outcome.ACCEPTED]
        assert server.connections == 2


@pytest.mark.parametrize("answer", [DROP, "421 too many letters"])
def test_reused_connection_closed_before_data_is_reopened(answer: str) -> None:
    with ScriptedServer(MAIL=["250 ok", answer]) as server:
        with YagmailSender(settings(server.port)) as sender:
            assert [sender.send(TO, LETTER).outcome for _ in range(2)] == [Outcome.ACCEPTED, Outcome.ACCEPTED]
        assert (server.connections, len(server.messages)) == (2, 2)


def test_letter_lost_after_data_is_not_repeated() -> None:
    with ScriptedServer(DOT=["250 kept", DROP]) as server:
        with YagmailSender(settings(server.port)) as sender:
            outcomes = [sender.send(TO, LETTER).outcome for _ in range(3)]
        assert outcomes == [Outcome.ACCEPTED, Outcome.UNCERTAIN, Outcome.ACCEPTED]
        assert (server.connections, len(server.messages)) == (2, 3)


def test_a_dead_server_is_tried_twice_per_batch_and_again_after_the_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(CONNECT=[DROP] * 3) as server:
        with YagmailSender(settings(server.port)) as sender:
            assert {sender.send(TO, LETTER).outcome for _ in range(10)} == {Outcome.TEMPORARY}
            assert server.connections == 2
            sender._closed_until = 0.0  # the pause is over
            assert sender.send(TO, LETTER).outcome is Outcome.TEMPORARY
        with sender:  # a new batch does not wait
            assert sender.send(TO, LETTER).outcome is Outcome.ACCEPTED


def test_an_interrupted_batch_closes_without_a_goodbye() -> None:
    with ScriptedServer() as server:
        with pytest.raises(KeyboardInterrupt):
            _send_and_be_interrupted(YagmailSender(settings(server.port)))
        assert "QUIT" not in server.commands


def _send_and_be_interrupted(sender: YagmailSender) -> None:
    with sender:
        sender.send(TO, LETTER)
        raise KeyboardInterrupt


# What goes over the wire


def test_leading_dots_and_line_ends_arrive_as_meant() -> None:
    with ScriptedServer() as server:
        with YagmailSender(settings(server.port)) as sender:
            sender.send(TO, b"Subject: x\n\n.\n..two\rlast")
        assert server.messages == [b"Subject: x\r\n\r\n..\r\n...two\r\nlast\r\n"]


def test_the_envelope_names_the_configured_sender_and_one_recipient() -> None:
    with ScriptedServer() as server:
        with YagmailSender(settings(server.port, sender="dondoc@mpt.example")) as sender:
            sender.send(TO, "Subject: x\r\n\r\nđôn đốc\r\n".encode())
        assert server.commands[0] == "EHLO mpt.example"  # no host name of this machine
        assert server.commands[1].startswith("MAIL FROM:<dondoc@mpt.example> SIZE=")
        assert server.commands[1].endswith("BODY=8BITMIME")
        assert server.commands[2] == f"RCPT TO:<{TO}>"


# TLS and log-in


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's context, and a sender's context that trusts it."""
    server, trusted = self_signed(tmp_path)
    return server, ssl.create_default_context(cafile=trusted)


@contextmanager
def secure(server: ssl.SSLContext, security: str, user: str = "dondoc") -> Iterator[tuple[MailSettings, list[Any]]]:
    with strict_server(server, user, "mật khẩu".encode().hex(), implicit=security == "tls") as (port, received):
        yield (settings(port, security=security, user=user, password=SecretStr("mật khẩu".encode().hex())), received)


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("user", ["dondoc", "dondoc@mpt.example"])  # yagmail would make the first one a Gmail address
def test_tls_and_log_in_carry_the_letter(certificate: Any, security: str, user: str) -> None:
    server, trusting = certificate
    with secure(server, security, user) as (configured, received):
        with YagmailSender(configured, trusting) as sender:
            assert sender.send(TO, LETTER) == Attempt(Outcome.ACCEPTED, 250, "kept")
        assert received == [(TO, LETTER)]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_stops_the_letter(certificate: Any, security: str) -> None:
    with secure(certificate[0], security) as (configured, received):
        with YagmailSender(configured) as sender:
            ended = sender.send(TO, LETTER)
        assert ended.outcome is Outcome.TEMPORARY and "certificate" in ended.reply and not received


def test_a_certificate_for_another_name_stops_the_letter(certificate: Any) -> None:
    server, trusting = certificate
    with secure(server, "starttls") as (configured, received):
        with YagmailSender(configured.model_copy(update={"host": "localhost"}), trusting) as sender:
            ended = sender.send(TO, LETTER)
        assert ended.outcome is Outcome.TEMPORARY and "certificate" in ended.reply and not received


def test_a_refused_log_in_kills_no_letter_and_shows_no_password(certificate: Any) -> None:
    server, trusting = certificate
    with secure(server, "starttls") as (configured, received):
        wrong = configured.model_copy(update={"password": SecretStr("wrong-secret")})
        with YagmailSender(wrong, trusting) as sender:
            ended = sender.send(TO, LETTER)
        assert (ended.outcome, ended.code) == (Outcome.TEMPORARY, 535)
        assert "refused the log-in of dondoc" in ended.reply and "wrong-secret" not in ended.reply and not received


def test_a_server_without_starttls_gets_nothing_in_the_clear() -> None:
    with ScriptedServer() as server:
        ended = attempt(server, security="starttls", user="dondoc", password=SecretStr("secret"))
        assert ended.outcome is Outcome.TEMPORARY and "STARTTLS" in ended.reply
        assert not [command for command in server.commands if command.startswith(("MAIL", "AUTH"))]


def test_a_log_in_the_server_does_not_offer_or_cannot_spell_is_temporary() -> None:
    with ScriptedServer(EHLO="250 test") as server:
        assert "AUTH" in attempt(server, user="dondoc", password=SecretStr("secret")).reply
    with ScriptedServer(EHLO="250-test\r\n250 AUTH CRAM-MD5", AUTH="334 not-base64!") as server:
        assert attempt(server, user="dondoc", password=SecretStr("secret")).outcome is Outcome.TEMPORARY
    with ScriptedServer(EHLO="250-test\r\n250 AUTH PLAIN") as server:
        assert attempt(server, user="dondoc", password=SecretStr("mật khẩu")).outcome is Outcome.TEMPORARY


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"user": "dondoc"}, "mail.password"),
        ({"user": "dondoc", "password": SecretStr("")}, "mail.password"),
        ({"user": "dondoc", "password": SecretStr("x"), "host": "mail.mpt.example"}, "mail.security"),
        ({"sender": "dondoc@mpt.example\n"}, "mail.sender"),
    ],
)
def test_settings_that_would_prompt_or_leak_are_refused_at_once(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        YagmailSender(MailSettings(**wrong))


def test_yagmail_never_asks_a_person_a_keyring_or_a_home_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("yagmail asked")

    monkeypatch.setattr("yagmail.sender.handle_password", asked)
    monkeypatch.setattr("yagmail.sender.find_user_home_path", asked)
    with ScriptedServer() as server:
        assert attempt(server).outcome is Outcome.ACCEPTED


# a server that never comes to an end

WANTS: dict[str, dict[str, Any]] = {
    "STARTTLS": {"security": "starttls"},
    "AUTH": {"user": "dondoc", "password": SecretStr("secret")},
}
"""What has a conversation come to the steps that not every one has."""
OFFERS = "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN"


@pytest.mark.parametrize("drip", [DRIP, DRIP_BYTES])
@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "DOT"])
def test_a_server_that_drips_is_left_after_the_time_of_the_step(step: str, drip: str) -> None:
    script = {"EHLO": OFFERS} if step in WANTS else {}
    with ScriptedServer(**script | {step: drip}) as server:
        began = time.monotonic()
        ended = attempt(server, timeout_seconds=0.2, **WANTS.get(step, {}))
        assert time.monotonic() - began < 5
    assert ended.outcome is (Outcome.UNCERTAIN if step == "DOT" else Outcome.TEMPORARY)
    assert ended.of_server is (step != "DOT")


def test_a_handshake_that_drips_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.smtp.line.CONNECT_SECONDS", 0.3)
    with ScriptedServer(EHLO=OFFERS, STARTTLS="220 go ahead", HANDSHAKE=DRIP) as server:
        ended = attempt(server, timeout_seconds=5, **WANTS["STARTTLS"])
    assert (ended.outcome, ended.of_server) == (Outcome.TEMPORARY, True) and "timed out" in ended.reply


@pytest.mark.parametrize("lines", [MOST_LINES + 1, MOST_LINES * 100])
def test_a_reply_of_too_many_lines_ends_the_conversation(lines: int) -> None:
    with ScriptedServer(MAIL="250-so\r\n" * lines + "250 ok") as server:
        ended = attempt(server)
    assert (ended.outcome, ended.of_server) == (Outcome.TEMPORARY, True) and "lines" in ended.reply


def test_a_server_that_does_not_read_the_text_is_left() -> None:
    with ScriptedServer(BODY=DEAF) as server, YagmailSender(settings(server.port, block_seconds=0.2)) as sender:
        ended = sender.send(TO, LETTER + b"x" * 8_000_000)
    assert ended.outcome is Outcome.UNCERTAIN and "timed out" in ended.reply


@pytest.mark.parametrize("step", ["EHLO", "DATA", "DOT"])
def test_a_step_has_the_time_that_its_setting_says(step: str) -> None:
    """Each of a time of its own: a server that scans for half a minute gets the time that RFC 5321 gives it.

    Time passes only while the server hangs: how often one looks before that is the machine's affair.
    """
    seconds = {"timeout_seconds": 300.0, "data_seconds": 120.0, "dot_seconds": 600.0}
    wanted = dict(zip(("EHLO", "DATA", "DOT"), seconds.values(), strict=True))[step]
    passed = 0.0

    def asked(_has_text: bool) -> bool:
        nonlocal passed
        passed += 1.0 if server.hangs.is_set() else 0.0
        return True

    with ScriptedServer(**{step: HANG}) as server:
        sender = YagmailSender(settings(server.port, **seconds), clocks=Clocks(lambda: passed, lambda: 0.0))
        sender.watch(asked)
        with patch("notifications.smtp.line.LOOK_SECONDS", 0.0001), sender:
            assert sender.send(TO, LETTER).reply.endswith("timed out")
    assert wanted <= passed < wanted + 20


def test_the_usual_times_are_those_of_the_rfc() -> None:
    usual = MailSettings()
    assert (usual.timeout_seconds, usual.data_seconds, usual.block_seconds, usual.dot_seconds) == (300, 120, 180, 600)


@pytest.mark.parametrize(("step", "has_text"), [("CONNECT", False), ("RCPT", False), ("BODY", True), ("DOT", True)])
def test_whoever_is_told_to_stop_leaves_in_the_midst_of_a_wait(step: str, has_text: bool) -> None:
    told: list[bool] = []

    def asked(text: bool) -> bool:
        told.append(text)
        return text is not has_text

    with ScriptedServer(**{step: DEAF if step == "BODY" else DRIP}) as server:
        sender = YagmailSender(settings(server.port, timeout_seconds=60))
        sender.watch(asked)
        began = time.monotonic()
        with sender:
            ended = sender.send(TO, LETTER + b"x" * (8_000_000 if step == "BODY" else 0))
        assert time.monotonic() - began < 5
    assert ended.outcome is (Outcome.UNCERTAIN if has_text else Outcome.TEMPORARY)
    assert "told to stop" in ended.reply or "timed out" in ended.reply
    assert told[-1] is has_text


@pytest.mark.parametrize(
    ("answer", "outcome", "of_server", "of_address"),
    [
        ("550 5.1.1 no such user", Outcome.PERMANENT, False, True),
        ("550 no such user", Outcome.PERMANENT, False, True),
        ("550 5.7.1 client blacklisted", Outcome.TEMPORARY, True, False),
        ("554 5.7.1 relay denied", Outcome.TEMPORARY, True, False),
        ("552 5.2.2 mailbox full", Outcome.PERMANENT, False, False),
        ("451 later", Outcome.TEMPORARY, False, False),
    ],
)
def test_a_refused_recipient_may_be_the_addresss_fault_or_ours(
    answer: str, outcome: Outcome, of_server: bool, of_address: bool
) -> None:
    with ScriptedServer(RCPT=answer) as server:
        ended = attempt(server)
        assert (ended.outcome, ended.of_server, ended.of_address) == (outcome, of_server, of_address)


# a process that stands still


@pytest.mark.parametrize("monotonic", [True, False], ids=["stopped", "suspended"])
@pytest.mark.parametrize("ehlo", [None, PIPELINING])
def test_who_stood_still_in_the_middle_of_a_conversation_hands_no_letter_over(
    monotonic: bool, ehlo: str | None
) -> None:
    """As long as all its steps may take together: the letter's lease may be over, and another have sent it."""
    passed = 0.0

    def clock() -> float:
        return passed

    class Stands(ScriptedServer):
        def answer(self, step: str) -> str:
            nonlocal passed
            if step == "DATA":
                passed = BEFORE_TEXT_SECONDS + 1
            return super().answer(step)

    clocks = Clocks(*((clock, lambda: 0.0) if monotonic else (lambda: 0.0, clock)))
    with Stands(**({"EHLO": ehlo} if ehlo else {})) as server:
        with YagmailSender(settings(server.port), clocks=clocks) as sender:
            ended = sender.send(TO, LETTER)
            assert server.messages == [], "not a byte of it"
            assert sender.send(TO, LETTER).outcome is Outcome.ACCEPTED and len(server.messages) == 1
        assert (ended.outcome, ended.code, ended.of_server) == (Outcome.TEMPORARY, None, False)
        assert "stood still" in ended.reply


def test_steps_that_each_keep_their_time_end_together() -> None:
    """Each command is answered within its own time, and all of them together take too long."""
    passed = 0.0

    class Slow(ScriptedServer):
        def answer(self, step: str) -> str:
            nonlocal passed
            passed += 250.0
            return super().answer(step)

    with Slow() as server:
        with YagmailSender(settings(server.port, timeout_seconds=300), clocks=Clocks(lambda: passed)) as sender:
            ended = sender.send(TO, LETTER)
        assert ended.outcome is Outcome.TEMPORARY and not server.messages
