"""The sender that speaks SMTP.

yagmail (`client.py`) holds configuration, TLS and log-in; its `send()` is never used (it logs in for every
message, and repeats a message up to three times after a drop). Our own bytes go over its connection command by command,
so that it is known whether DATA had been entered when something went wrong.
"""

import re
import socket
import ssl
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from models.settings import MailSettings
from notifications.composing.keys import RETURN_HEADER, token_address
from notifications.composing.mime import address_fault
from notifications.smtp.client import QUIT_SECONDS, abandon, check_settings, make_client
from notifications.smtp.clocks import CLOCKS, Clocks, Stopwatch
from notifications.smtp.line import Patience, send_all
from notifications.smtp.replies import LOST, clean, connect_words, refused
from notifications.smtp.transport import STOOD_STILL, Attempt, Meanwhile, Outcome, Watch, idle, watch_nothing

PAUSE_SECONDS = 30.0  # after two failed connections in a row: a batch must not wait, or be locked out, once per letter
BEFORE_TEXT_SECONDS = 540.0
"""For everything before a letter's text, from the connection on: leaving then delivers nothing and doubles nothing."""
TEXT_SECONDS = 600.0
"""For a letter's text, besides `block_seconds` for each piece of it."""
_WANTED = {"MAIL": (250,), "RCPT": (250, 251, 252), "DATA": (354,)}

_LINE_END = re.compile(rb"\r\n|\r|\n")


class YagmailSender:
    """Hands letters to the configured server, one connection per batch. Not for use by two threads at once.

    `context` replaces the default trust (the machine's certificate authorities, `SSL_CERT_FILE` honoured).
    """

    def __init__(
        self, settings: MailSettings, context: ssl.SSLContext | None = None, *, clocks: Clocks = CLOCKS
    ) -> None:
        check_settings(settings)
        self._settings = settings
        self._context = context
        self._clocks = clocks
        self._yag: Any = None
        self._letters = 0  # handed over this connection, answered or not
        self._announced: tuple[str, bytes] | None = None  # the letter whose envelope the server has, unanswered
        self._is_spoilt = False  # half an envelope may have left: nothing more is asked on this line
        self._failures = 0  # connections failed in a row
        self._failure = Attempt(Outcome.TEMPORARY)
        self._closed_until = 0.0  # on the monotonic clock, seconds
        self._watch: Watch = watch_nothing
        self._has_text = False  # the server has begun to get the text of the letter in hand
        self._patience = Patience(clocks, goes_on=lambda: self._watch(self._has_text))

    def __enter__(self) -> Self:
        self._failures = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._announced is None and not self._is_spoilt:
            self._quit()
        else:
            self._drop()  # perhaps in the middle of DATA: a QUIT would become part of the letter

    def watch(self, watch: Watch) -> None:
        """Set who is asked while the server keeps us waiting."""
        self._watch = watch

    def announce(self, to_address: str, content: bytes) -> None:
        """The envelope ahead, where the server takes commands at once: what it answers is read by `send`.

        Also while the letter before it is still to be answered: the answers come in the order of what was asked.
        """
        if self._yag is None or self._announced or self._is_spoilt or not self._takes_pipelines:
            return
        if self._letters >= self._settings.letters_per_connection or address_fault(to_address):
            return
        try:  # not by the library, which would close a line on which an answer is due
            commands = _commands(self._envelope(to_address, content))
            send_all(self._yag.smtp.sock, commands, self._patience, self._settings.block_seconds)
        except OSError:
            self._is_spoilt = True
        else:
            self._announced = (to_address, content)

    def send(self, to_address: str, content: bytes, meanwhile: Meanwhile = idle) -> Attempt:
        """Hand one letter over for one address; line ends and leading dots are made right for the wire."""
        since = self._clocks.start()
        if fault := address_fault(to_address):
            return Attempt(Outcome.PERMANENT, reply=fault)
        self._has_text = False
        self._patience.limit(BEFORE_TEXT_SECONDS)
        try:
            return self._send(to_address, content, meanwhile, since)
        finally:
            self._has_text = False

    def _send(self, to_address: str, content: bytes, meanwhile: Meanwhile, since: Stopwatch) -> Attempt:
        if self._announced is not None and self._announced != (to_address, content):
            self._drop()  # the server waits for a letter that does not leave
        if self._is_spoilt:
            self._drop()
        if self._letters >= self._settings.letters_per_connection:
            self._quit()
        reused = self._yag is not None
        refusal = self._open(to_address, content)
        if refusal is not None and reused and refusal.code in (None, 421):
            # The server had ended a connection that was good before (idle, restarted, its own limit of letters).
            # Nothing of this letter was handed over yet, so that a fresh connection cannot make it arrive twice.
            refusal = self._open(to_address, content)
        return refusal or self._hand_over(content, meanwhile, since)

    def probe(self) -> Attempt | None:
        """Connect, secure the line, log in and leave, without a letter. What failed, or None."""
        self._patience.limit(self._settings.timeout_seconds * 3)
        if refusal := self._connect():
            return refusal
        code, reply = self._ask("NOOP")
        if code == LOST:
            return refused("NOOP", code, reply)  # other answers are for those who care for NOOP
        self._quit()
        return None

    def _open(self, to_address: str, content: bytes) -> Attempt | None:
        """Up to the server's 354, after which it may keep what it gets; or why not so far."""
        if refusal := self._connect():
            return refusal
        steps = self._envelope(to_address, content)
        answers = self._ask_at_once(steps) if self._takes_pipelines else (self._ask(*step) for step in steps)
        for (verb, _argument), (code, reply) in zip(steps, answers, strict=False):
            if code not in _WANTED[verb]:
                last = answers[-1][0] if isinstance(answers, list) else code
                if last == 354:  # it waits for a letter that has no recipient
                    self._drop()
                elif self._yag is not None:
                    self._end_conversation(code)
                return refused(verb, code, reply)
        return None

    def _envelope(self, to_address: str, content: bytes) -> list[tuple[str, str]]:
        return [("MAIL", self._mail_argument(content)), ("RCPT", f"TO:<{to_address}>"), ("DATA", "")]

    @property
    def _takes_pipelines(self) -> bool:
        return bool(self._yag.smtp.has_extn("pipelining"))

    def _ask_at_once(self, steps: list[tuple[str, str]]) -> list[tuple[int, str]]:
        """Several commands in one go, where the server takes them so (RFC 2920), and their replies as far as they came.

        Two journeys a letter instead of four: over a distance that is the time a letter takes.
        """
        if self._announced is None and not self._write(steps):
            return [(LOST, f"connection lost at {steps[0][0]}")]
        self._announced = None
        answers: list[tuple[int, str]] = []
        for verb, _argument in steps:
            answers.append(self._reply(verb))
            if answers[-1][0] == LOST:
                break
        return answers

    def _mail_argument(self, content: bytes) -> str:
        token = return_token(content)
        argument = f"FROM:<{return_address(self._settings, token)}>"
        if self._yag.smtp.has_extn("size"):
            argument += f" SIZE={len(content)}"
        if not content.isascii() and self._yag.smtp.has_extn("8bitmime"):
            argument += " BODY=8BITMIME"
        if token and self._yag.smtp.has_extn("dsn"):
            argument += f" RET=HDRS ENVID={token}"  # RFC 3461: a report names the letter by it
        return argument

    def _hand_over(self, content: bytes, meanwhile: Meanwhile, since: Stopwatch) -> Attempt:
        """Hand over the letter itself and its final dot. Without the server's last word its arrival is unknown."""
        wire = _wire(content)
        if since.seconds > BEFORE_TEXT_SECONDS:
            self._drop()
            return STOOD_STILL
        self._has_text = True
        self._patience.limit(TEXT_SECONDS)
        try:
            self._yag.smtp.send(wire)
        except (OSError, ValueError) as error:
            self._drop()
            return Attempt(Outcome.UNCERTAIN, reply=clean(f"connection lost after DATA: {error}"))
        self._letters += 1
        self._patience.limit(self._settings.dot_seconds)
        self._yag.smtp.step = "."
        meanwhile()
        try:
            code, words = self._yag.smtp.getreply()
        except (OSError, ValueError) as error:
            self._drop()
            return Attempt(Outcome.UNCERTAIN, reply=clean(f"connection lost after DATA: {error}"))
        reply = clean(words)
        if code == 421 or not 200 <= code < 600:
            self._drop()
        if 200 <= code < 300:
            return Attempt(Outcome.ACCEPTED, code, reply)
        if 400 <= code < 600:
            return refused(".", code, reply)
        return Attempt(Outcome.UNCERTAIN, reply=clean(f"no SMTP reply after DATA: {reply}"))

    def _write(self, steps: list[tuple[str, str]]) -> bool:
        try:
            self._yag.smtp.send(_commands(steps))
        except (OSError, ValueError):
            self._drop()
            return False
        return True

    def _ask(self, verb: str, argument: str = "") -> tuple[int, str]:
        try:
            self._yag.smtp.putcmd(verb, argument)
        except (OSError, ValueError) as error:
            self._drop()
            return LOST, clean(f"connection lost at {verb}: {error}")
        return self._reply(verb)

    def _reply(self, verb: str) -> tuple[int, str]:
        """Return the reply to a command. Codes come from replies only: the library invents a 500 of its own."""
        self._yag.smtp.step = verb
        try:
            code, words = self._yag.smtp.getreply()
        except (OSError, ValueError) as error:
            self._drop()
            return LOST, clean(f"connection lost at {verb}: {error}")
        if not 200 <= code < 600:
            self._drop()
            return LOST, clean(f"no SMTP reply to {verb}: {clean(words)}")
        return int(code), clean(words)

    def _end_conversation(self, code: int) -> None:
        """After a refusal the connection serves the next letter only if both sides are back at the start."""
        if code == 421 or not 400 <= code < 600 or self._ask("RSET")[0] != 250:
            self._drop()

    def _connect(self) -> Attempt | None:
        """Connection, TLS and log-in unless there is one; whatever fails here is no letter's fault: temporary."""
        if self._yag is not None:
            return None
        if self._failures >= 2 and self._clocks.monotonic() < self._closed_until:
            return self._failure
        yag = make_client(self._settings, self._context, self._patience)
        try:
            yag.login()
            # a letter's last packet leaves at once, and not only when the server has acknowledged the one before
            yag.smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yag.smtp.ehlo_or_helo_if_needed()  # yagmail greets only where there is TLS or a log-in
        except (OSError, ValueError) as error:  # its own errors, TLS, sockets; broken base64 or text in a log-in
            abandon(yag)
            self._failures += 1
            self._closed_until = self._clocks.monotonic() + PAUSE_SECONDS
            code = getattr(error, "smtp_code", None)
            code = code if isinstance(code, int) and 200 <= code < 600 else None
            words = clean(connect_words(self._settings, error, code))
            self._failure = Attempt(Outcome.TEMPORARY, code, words, of_server=True)
            return self._failure
        self._yag, self._letters, self._failures, self._announced = yag, 0, 0, None
        return None

    def _quit(self) -> None:
        yag, self._yag, self._letters, self._announced, self._is_spoilt = self._yag, None, 0, None, False
        if yag is None:
            return
        until = self._patience.until
        self._patience.limit(min(QUIT_SECONDS, self._settings.timeout_seconds))
        with suppress(OSError, ValueError):
            yag.close()
        self._patience.until = until
        abandon(yag)

    def _drop(self) -> None:
        yag, self._yag, self._letters, self._announced, self._is_spoilt = self._yag, None, 0, None, False
        if yag is not None:
            abandon(yag)


def _commands(steps: list[tuple[str, str]]) -> bytes:
    return "".join(f"{verb} {argument}".strip() + "\r\n" for verb, argument in steps).encode("ascii")


def _wire(content: bytes) -> bytes:
    """Return the letter as DATA wants it: CRLF everywhere, leading dots doubled, the final dot."""
    ends = content.count(b"\r\n")
    # our own letters are right already, and counting costs a twentieth of rewriting
    lines = content if content.count(b"\n") == content.count(b"\r") == ends else _LINE_END.sub(b"\r\n", content)
    lines = (b"." if lines.startswith(b".") else b"") + lines.replace(b"\n.", b"\n..")
    return lines + (b".\r\n" if lines.endswith(b"\r\n") else b"\r\n.\r\n")


_TOKEN = re.compile(rf"^{RETURN_HEADER}: ([a-z2-7]{{48}})\r?$".encode(), re.MULTILINE)
_HEADERS = 8192  # bytes in which a letter's own headers are


def return_token(content: bytes) -> str:
    """Return the token among a letter's headers; empty where it has none."""
    end = content.find(b"\r\n\r\n", 0, _HEADERS)
    found = _TOKEN.search(content, 0, end + 2) if end >= 0 else None
    return found[1].decode() if found else ""


def return_address(settings: MailSettings, token: str) -> str:
    """Return where a report of this very letter goes: an address of its own, where there is a mailbox for such."""
    if settings.bounce_address is None:
        return settings.sender
    if not token:
        return settings.bounce_address
    return token_address(settings.bounce_address, token)
