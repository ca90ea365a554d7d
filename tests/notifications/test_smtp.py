"""How one attempt to hand over a letter can end: real conversations with servers that misbehave at each step."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr

from models.errors import BadInput
from models.settings import MailSettings
from notifications.smtp import sender as smtp
from notifications.smtp.client import MOST_LINES
from notifications.smtp.clocks import Clocks
from notifications.smtp.line import SmtpLine
from notifications.smtp.mailbox import LocalMailbox, read_mailbox
from notifications.smtp.sender import YagmailSender, longest_conversation
from notifications.smtp.transport import Attempt, ConnectFault, Sender, SendOutcome
from tests.notifications.smtp_servers import (
    CUT_SHORT,
    DEAF,
    DRIP,
    DRIP_BYTES,
    DROP,
    HANG,
    USUAL,
    ScriptedServer,
    self_signed,
    strict_server,
)
from workflows.jobs.simulate import RecordedSender

# The test server cannot see TLS that was there from the first byte, and says so.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")


@pytest.fixture(params=["one by one", "together"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The envelope asked about in two journeys, or, where the server offers PIPELINING (RFC 2920), in one."""
    if request.param == "together":
        monkeypatch.setitem(USUAL, "EHLO", USUAL["EHLO"].replace("250-SIZE", "250-PIPELINING\r\n250-SIZE"))
    return str(request.param)


LETTER = b"Subject: muc 2\r\nMessage-ID: <1@dondoc.example>\r\n\r\nKinh gui\r\n"
TO = "head@tct-t.example"


def settings(port: int, **others: Any) -> MailSettings:
    seconds = others.get("timeout_seconds", 5.0)
    return MailSettings(port=port, **{"timeout_seconds": seconds, "dot_seconds": seconds} | others)


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
        assert set(outcomes) == {SendOutcome.ACCEPTED}
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
            assert refused.outcome is SendOutcome.PERMANENT and "address" in refused.reply
            assert sender.send(TO, LETTER).outcome is SendOutcome.ACCEPTED
        assert received() == [TO]

    def test_serves_one_batch_after_another(self, delivery: tuple[Sender, Any]) -> None:
        sender, received = delivery
        for _ in range(2):
            with sender:
                assert sender.send(TO, LETTER).outcome is SendOutcome.ACCEPTED
        assert received() == [TO, TO]


# How an attempt ends


@pytest.mark.parametrize(
    ("step", "answer", "outcome", "code"),
    [
        ("CONNECT", "421 busy", SendOutcome.TEMPORARY, 421),
        ("CONNECT", "554 not you", SendOutcome.TEMPORARY, 554),  # no letter's fault
        ("CONNECT", "HTTP/1.1 400 Bad Request", SendOutcome.TEMPORARY, None),
        ("CONNECT", DROP, SendOutcome.TEMPORARY, None),
        ("EHLO", DROP, SendOutcome.TEMPORARY, None),
        ("MAIL", "451 later", SendOutcome.TEMPORARY, 451),
        ("MAIL", "530 log in first", SendOutcome.TEMPORARY, 530),
        ("MAIL", "553 sender not allowed", SendOutcome.TEMPORARY, 553),  # our configuration, no letter's fault
        ("MAIL", "552 too large", SendOutcome.PERMANENT, 552),
        ("MAIL", DROP, SendOutcome.TEMPORARY, None),
        ("RCPT", "451 greylisted", SendOutcome.TEMPORARY, 451),
        ("RCPT", "421 closing", SendOutcome.TEMPORARY, 421),
        ("RCPT", "550-no such\r\n550 person", SendOutcome.PERMANENT, 550),
        ("RCPT", "251 will forward", SendOutcome.ACCEPTED, 250),
        ("RCPT", "gibberish", SendOutcome.TEMPORARY, None),
        ("RCPT", CUT_SHORT, SendOutcome.TEMPORARY, None),
        ("RCPT", "250 " + "x" * 9000, SendOutcome.TEMPORARY, None),  # the library calls an endless line a 500
        ("RCPT", DROP, SendOutcome.TEMPORARY, None),
        ("DATA", "451 not now", SendOutcome.TEMPORARY, 451),
        ("DATA", "554 no", SendOutcome.PERMANENT, 554),
        ("DATA", "250 what", SendOutcome.TEMPORARY, 250),
        ("DATA", DROP, SendOutcome.TEMPORARY, None),  # before 354: the server has nothing it could keep
        ("BODY", DROP, SendOutcome.UNCERTAIN, None),
        ("DOT", DROP, SendOutcome.UNCERTAIN, None),
        ("DOT", "gibberish", SendOutcome.UNCERTAIN, None),
        ("DOT", CUT_SHORT, SendOutcome.UNCERTAIN, None),
        ("DOT", "250 " + "x" * 9000, SendOutcome.UNCERTAIN, None),
        ("DOT", "354 again", SendOutcome.UNCERTAIN, None),
        ("DOT", "421 closing", SendOutcome.TEMPORARY, 421),  # the server said so itself
        ("DOT", "452 disk full", SendOutcome.TEMPORARY, 452),
        ("DOT", "554 smells", SendOutcome.PERMANENT, 554),
        ("QUIT", DROP, SendOutcome.ACCEPTED, 250),
        ("QUIT", "500 never", SendOutcome.ACCEPTED, 250),
    ],
)
def test_an_attempt_ends_as_the_server_ended_it(step: str, answer: str, outcome: SendOutcome, code: int | None) -> None:
    with ScriptedServer(**{step: answer}) as server:
        ended = attempt(server)
        assert (ended.outcome, ended.code) == (outcome, code)
        assert len(server.messages) == (
            step in ("DOT", "QUIT") or outcome is SendOutcome.ACCEPTED
        )  # never a second copy


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT"])
def test_a_server_that_falls_silent_is_left_after_the_time_out(step: str) -> None:
    with ScriptedServer(**{step: HANG}) as server:
        started = time.monotonic()
        ended = attempt(server, timeout_seconds=0.2)
        assert time.monotonic() - started < 2
    assert ended.outcome is (SendOutcome.UNCERTAIN if step == "DOT" else SendOutcome.TEMPORARY)
    assert "timed out" in ended.reply


def test_a_goodbye_that_nobody_answers_costs_no_letter() -> None:
    with ScriptedServer(QUIT=HANG) as server:
        assert attempt(server, timeout_seconds=0.2).outcome is SendOutcome.ACCEPTED


def test_no_server_at_all_is_temporary_and_says_where() -> None:
    with ScriptedServer() as server:
        port = server.port
    with YagmailSender(settings(port)) as sender:
        ended = sender.send(TO, LETTER)
    assert ended.outcome is SendOutcome.TEMPORARY and f"127.0.0.1:{port}" in ended.reply


def test_a_servers_words_are_kept_as_one_short_printable_line() -> None:
    with ScriptedServer(RCPT="550-first\x00\x1b[31m\r\n" * 60 + "550 last") as server:
        reply = attempt(server).reply
    assert reply.isprintable() and len(reply) <= 500 and reply.startswith("first [31m")


# One connection for a batch


def test_a_batch_uses_one_connection_and_renews_it_after_so_many_letters() -> None:
    with ScriptedServer() as server:
        with YagmailSender(settings(server.port, letters_per_connection=4)) as sender:
            assert {sender.send(TO, LETTER).outcome for _ in range(10)} == {SendOutcome.ACCEPTED}
        assert (server.connections, len(server.messages), server.commands.count("QUIT")) == (3, 10, 3)


def test_a_refused_address_does_not_cost_the_connection() -> None:
    with ScriptedServer(RCPT=["550 unknown", "451 later"]) as server:
        with YagmailSender(settings(server.port)) as sender:
            outcomes = [sender.send(TO, LETTER).outcome for _ in range(3)]
        assert outcomes == [SendOutcome.PERMANENT, SendOutcome.TEMPORARY, SendOutcome.ACCEPTED]
        assert server.connections == 1


def test_a_connection_that_will_not_be_reset_is_replaced() -> None:
    with ScriptedServer(RCPT=["550 unknown"], RSET="502 what") as server:
        with YagmailSender(settings(server.port)) as sender:
            outcomes = [sender.send(TO, LETTER).outcome for _ in range(2)]
        assert outcomes == [SendOutcome.PERMANENT, SendOutcome.ACCEPTED]
        assert server.connections == 2


@pytest.mark.parametrize("answer", [DROP, "421 too many letters"])
def test_reused_connection_closed_before_data_is_reopened(answer: str) -> None:
    with ScriptedServer(MAIL=["250 ok", answer]) as server:
        with YagmailSender(settings(server.port)) as sender:
            assert [sender.send(TO, LETTER).outcome for _ in range(2)] == [SendOutcome.ACCEPTED, SendOutcome.ACCEPTED]
        assert (server.connections, len(server.messages)) == (2, 2)


def test_letter_lost_after_data_is_not_repeated() -> None:
    with ScriptedServer(DOT=["250 kept", DROP]) as server:
        with YagmailSender(settings(server.port)) as sender:
            outcomes = [sender.send(TO, LETTER).outcome for _ in range(3)]
        assert outcomes == [SendOutcome.ACCEPTED, SendOutcome.UNCERTAIN, SendOutcome.ACCEPTED]
        assert (server.connections, len(server.messages)) == (2, 3)


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
            assert sender.send(TO, LETTER) == Attempt(SendOutcome.ACCEPTED, 250, "kept")
        assert received == [(TO, LETTER)]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_stops_the_letter(certificate: Any, security: str) -> None:
    with secure(certificate[0], security) as (configured, received):
        with YagmailSender(configured) as sender:
            ended = sender.send(TO, LETTER)
        assert ended.outcome is SendOutcome.TEMPORARY and "certificate" in ended.reply and not received
        assert (ended.fault, ended.reason) == (ConnectFault.CERTIFICATE, "self-signed certificate")


def test_a_certificate_for_another_name_stops_the_letter(certificate: Any) -> None:
    server, trusting = certificate
    with secure(server, "starttls") as (configured, received):
        with YagmailSender(configured.model_copy(update={"host": "localhost"}), trusting) as sender:
            ended = sender.send(TO, LETTER)
        assert ended.outcome is SendOutcome.TEMPORARY and "certificate" in ended.reply and not received


def test_a_refused_log_in_kills_no_letter_and_shows_no_password(certificate: Any) -> None:
    server, trusting = certificate
    with secure(server, "starttls") as (configured, received):
        wrong = configured.model_copy(update={"password": SecretStr("wrong-secret")})
        with YagmailSender(wrong, trusting) as sender:
            ended = sender.send(TO, LETTER)
        assert (ended.outcome, ended.code) == (SendOutcome.TEMPORARY, 535)
        assert "refused the log-in of dondoc" in ended.reply and "wrong-secret" not in ended.reply and not received
        assert ended.fault is ConnectFault.LOG_IN and ended.reply.endswith(f": {ended.reason}")


def test_a_server_without_starttls_gets_nothing_in_the_clear() -> None:
    with ScriptedServer() as server:
        ended = attempt(server, security="starttls", user="dondoc", password=SecretStr("secret"))
        assert ended.outcome is SendOutcome.TEMPORARY and "STARTTLS" in ended.reply
        assert not [command for command in server.commands if command.startswith(("MAIL", "AUTH"))]


def test_a_log_in_the_server_does_not_offer_or_cannot_spell_is_temporary() -> None:
    with ScriptedServer(EHLO="250 test") as server:
        assert "AUTH" in attempt(server, user="dondoc", password=SecretStr("secret")).reply
    with ScriptedServer(EHLO="250-test\r\n250 AUTH CRAM-MD5", AUTH="334 not-base64!") as server:
        assert attempt(server, user="dondoc", password=SecretStr("secret")).outcome is SendOutcome.TEMPORARY
    with ScriptedServer(EHLO="250-test\r\n250 AUTH PLAIN") as server:
        assert attempt(server, user="dondoc", password=SecretStr("mật khẩu")).outcome is SendOutcome.TEMPORARY


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
        assert attempt(server).outcome is SendOutcome.ACCEPTED


# a server that never comes to an end

WANTS: dict[str, dict[str, Any]] = {
    "STARTTLS": {"security": "starttls"},
    "AUTH": {"user": "dondoc", "password": SecretStr("secret")},
}
"""What has a conversation come to the steps that not every one has."""
OFFERS = "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN"


STEPS = ["CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "DOT"]


@pytest.mark.parametrize("drip", [DRIP, DRIP_BYTES])
@pytest.mark.parametrize("step", STEPS)
def test_a_server_that_drips_is_left_after_its_time(step: str, drip: str) -> None:
    script = {"EHLO": OFFERS} if step in WANTS else {}
    with ScriptedServer(**script | {step: drip}) as server:
        ended = attempt(server, timeout_seconds=0.2, **WANTS.get(step, {}))
    assert ended.outcome is (SendOutcome.UNCERTAIN if step == "DOT" else SendOutcome.TEMPORARY)
    assert ended.of_server is (step != "DOT") and "timed out" in ended.reply


def test_a_connection_that_nobody_takes_is_left() -> None:
    """As where a firewall swallows packets: the queue of those that wait to be taken is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf, ExitStack() as waiting:
        for _ in range(4):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(deaf.getsockname())
        with YagmailSender(settings(deaf.getsockname()[1], timeout_seconds=0.3)) as sender:
            ended = sender.send(TO, LETTER)
    assert (ended.outcome, ended.of_server) == (SendOutcome.TEMPORARY, True) and "timed out" in ended.reply


def test_a_handshake_that_drips_is_left() -> None:
    with ScriptedServer(EHLO=OFFERS, STARTTLS="220 go ahead", HANDSHAKE=DRIP) as server:
        ended = attempt(server, timeout_seconds=0.3, **WANTS["STARTTLS"])
    assert (ended.outcome, ended.of_server) == (SendOutcome.TEMPORARY, True) and "timed out" in ended.reply


def test_steps_that_are_each_quick_enough_end_together() -> None:
    """Each is answered in time, and all of them together take too long: a second connection begins no new time."""

    class Slow(ScriptedServer):
        def answer(self, step: str) -> str:
            self.over.wait(0.3)
            return super().answer(step)

    with Slow() as server:
        ended = attempt(server, timeout_seconds=0.8)
        assert (ended.outcome, ended.of_server) == (SendOutcome.TEMPORARY, True) and not server.messages


@pytest.mark.parametrize("lines", [MOST_LINES + 1, MOST_LINES * 100])
def test_a_reply_of_too_many_lines_ends_the_conversation(lines: int) -> None:
    with ScriptedServer(MAIL="250-so\r\n" * lines + "250 ok") as server:
        ended = attempt(server)
    assert (ended.outcome, ended.of_server) == (SendOutcome.TEMPORARY, True) and "lines" in ended.reply


def test_a_server_that_does_not_read_the_text_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TEXT_SECONDS", 0.2)
    with ScriptedServer(BODY=DEAF) as server, YagmailSender(settings(server.port)) as sender:
        ended = sender.send(TO, LETTER + b"x" * 8_000_000)
    assert ended.outcome is SendOutcome.UNCERTAIN and "timed out" in ended.reply


def test_each_phase_of_a_conversation_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []
    within = SmtpLine.within

    @contextmanager
    def watched(line: SmtpLine, seconds: float) -> Iterator[Callable[[float], None]]:
        given.append(seconds)
        with within(line, seconds):
            yield given.append

    monkeypatch.setattr(SmtpLine, "within", watched)
    with ScriptedServer() as server:
        mail = settings(server.port, timeout_seconds=41, dot_seconds=43)
        with YagmailSender(mail) as sender:
            sender.send(TO, LETTER)
        assert given[:3] == [41, smtp.TEXT_SECONDS, 43]
        assert longest_conversation(mail) == sum(given[:3])


def test_the_usual_times_leave_no_letter_twice() -> None:
    """RFC 5321, 4.5.3.2.6: ten minutes for the answer to the dot."""
    usual = MailSettings()
    assert (usual.timeout_seconds, smtp.TEXT_SECONDS, usual.dot_seconds) == (120, 600, 600)


@pytest.mark.parametrize(
    ("step", "at_once", "outcome"),
    [
        ("CONNECT", False, SendOutcome.TEMPORARY),
        ("RCPT", False, SendOutcome.TEMPORARY),
        ("DATA", False, SendOutcome.TEMPORARY),
        ("BODY", True, SendOutcome.UNCERTAIN),
        ("DOT", True, SendOutcome.UNCERTAIN),
    ],
)
def test_whoever_is_told_to_leave_leaves_in_the_midst_of_a_wait(step: str, at_once: bool, outcome: SendOutcome) -> None:
    with ScriptedServer(**{step: DEAF if step == "BODY" else HANG}) as server:
        sender = YagmailSender(settings(server.port, timeout_seconds=60))

        def leave() -> None:
            assert server.hangs.wait(20)
            sender.leave(at_once=at_once)

        leaving = Thread(target=leave)
        leaving.start()
        with sender:
            ended = sender.send(TO, LETTER + b"x" * (8_000_000 if step == "BODY" else 0))
            assert sender.send(TO, LETTER).outcome is SendOutcome.TEMPORARY, "no further letter leaves"
        leaving.join()
    assert ended.outcome is outcome and "told to stop" in ended.reply


def test_who_is_told_to_leave_waits_for_the_answer_to_a_text() -> None:
    class Answers(ScriptedServer):
        def answer(self, step: str) -> str:
            if step == "DOT":
                sender.leave()
            return super().answer(step)

    with Answers() as server:
        sender = YagmailSender(settings(server.port))
        with sender:
            assert sender.send(TO, LETTER).outcome is SendOutcome.ACCEPTED


@pytest.mark.parametrize(
    ("answer", "outcome", "of_server", "of_address"),
    [
        ("550 5.1.1 no such user", SendOutcome.PERMANENT, False, True),
        ("550 no such user", SendOutcome.PERMANENT, False, True),
        ("550 5.7.1 client blacklisted", SendOutcome.TEMPORARY, True, False),
        ("554 5.7.1 relay denied", SendOutcome.TEMPORARY, True, False),
        ("552 5.2.2 mailbox full", SendOutcome.PERMANENT, False, False),
        ("451 later", SendOutcome.TEMPORARY, False, False),
    ],
)
def test_a_refused_recipient_may_be_the_addresss_fault_or_ours(
    answer: str, outcome: SendOutcome, of_server: bool, of_address: bool
) -> None:
    with ScriptedServer(RCPT=answer) as server:
        ended = attempt(server)
        assert (ended.outcome, ended.of_server, ended.of_address) == (outcome, of_server, of_address)


# a process that stands still


@pytest.mark.parametrize("monotonic", [True, False], ids=["stopped", "suspended"])
@pytest.mark.parametrize("step", ["CONNECT", "MAIL", "DATA"])
def test_who_stood_still_in_the_middle_of_a_conversation_hands_no_letter_over(monotonic: bool, step: str) -> None:
    """As long as all its steps may take together: the letter's lease may be over, and another have sent it."""
    passed = 0.0

    def clock() -> float:
        return passed

    class Stands(ScriptedServer):
        def answer(self, at: str) -> str:
            nonlocal passed
            if at == step:
                passed += 6
            return super().answer(at)

    clocks = Clocks(*((clock, lambda: 0.0) if monotonic else (lambda: 0.0, clock)))
    with Stands() as server:
        with YagmailSender(settings(server.port), clocks=clocks) as sender:
            ended = sender.send(TO, LETTER)
            assert server.messages == [], "not a byte of it"
        assert (ended.outcome, ended.code, ended.of_server) == (SendOutcome.TEMPORARY, None, False)
        assert "stood still" in ended.reply


def test_the_time_before_the_text_is_that_since_the_mark() -> None:
    passed = 0.0
    clocks = Clocks(lambda: passed, lambda: 0.0)
    since = clocks.start()
    passed = 6.0
    with ScriptedServer() as server, YagmailSender(settings(server.port), clocks=clocks) as sender:
        assert "stood still" in sender.send(TO, LETTER, since).reply and server.messages == []
