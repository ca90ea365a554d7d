"""The sender that speaks SMTP.

yagmail (`client.py`) holds configuration, TLS and log-in. Its `send()` is never used: it logs in for every message, and
repeats a message up to three times after a drop. This module sends the commands itself, so that it knows whether DATA
had begun when something went wrong.
"""

import re
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import NamedTuple, Self

from models.settings import MailSettings
from notifications.composing.keys import RETURN_HEADER, token_address
from notifications.composing.mime import address_fault
from notifications.smtp.client import MailClient, SmtpConnection, abandon, check_settings, make_client
from notifications.smtp.clocks import CLOCKS, Clocks, Stopwatch
from notifications.smtp.line import SmtpLine
from notifications.smtp.replies import LOST, clean, judge_connect_error, judge_refusal
from notifications.smtp.transport import STOOD_STILL, Attempt, SendOutcome

TEXT_SECONDS = 600.0
"""The time for a letter's text, up to its last byte."""
QUIT_SECONDS = 2.0
"""The time for the server's answer to QUIT, which decides nothing."""
_LEFT = "left, as this program was told to stop"
_LINE_END = re.compile(rb"\r\n|\r|\n")
_TOKEN = re.compile(rf"^{RETURN_HEADER}: ([a-z2-7]{{48}})\r?$".encode(), re.MULTILINE)
_HEADER_BYTES = 8192
"""The headers of our own letters are shorter than this."""
_EXPECTED_CODES = {"MAIL": (250,), "RCPT": (250, 251, 252), "DATA": (354,)}


class _Reply(NamedTuple):
    verb: str
    code: int
    words: str


def longest_conversation(settings: MailSettings) -> float:
    """Return the seconds from a letter's mark to the last moment at which the server may still answer it."""
    return settings.timeout_seconds + TEXT_SECONDS + settings.dot_seconds


class YagmailSender:
    """Hands letters to the configured server over one connection per batch. Only one thread at a time may use it.

    `context` replaces the default trust (the machine's certificate authorities, `SSL_CERT_FILE` honoured).
    """

    def __init__(
        self, settings: MailSettings, context: ssl.SSLContext | None = None, *, clocks: Clocks = CLOCKS
    ) -> None:
        check_settings(settings)
        self._settings = settings
        self._context = context
        self._clocks = clocks
        self._line = SmtpLine()
        self._client: MailClient | None = None
        self._letters = 0  # handed over this connection, answered or not
        self._has_text = False  # the server has begun to receive the text of the current letter
        self._is_leaving = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._quit()
        else:
            self._drop()  # perhaps in the middle of DATA: a QUIT would become part of the letter

    def leave(self, *, at_once: bool = False) -> None:
        """Let no further letter leave, and cut a conversation that has not reached the text; `at_once`, any."""
        self._is_leaving = True  # set before `_has_text` is read: a thread that begins the text now sees it
        if at_once or not self._has_text:
            self._line.cut(_LEFT)

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        """Hand one letter over for one address. Line ends and leading dots are made right for the wire."""
        since = since or self._clocks.start()
        if fault := address_fault(to_address):
            return Attempt(SendOutcome.PERMANENT, reply=fault)
        if self._letters >= self._settings.letters_per_connection:
            self._quit()
        with self._limit(self._settings.timeout_seconds) as extend:
            is_reused = self._client is not None
            refusal = self._open_letter(to_address, content)
            if refusal is not None and is_reused and refusal.code in (None, 421):
                # The server had ended a connection that was good before (idle, restarted, its own limit of letters).
                # It has nothing of this letter yet, so a fresh connection cannot make the letter arrive twice.
                refusal = self._open_letter(to_address, content)
            return refusal or self._hand_over(content, since, extend)

    def probe(self) -> Attempt | None:
        """Connect, secure the line, log in and leave, without a letter. Returns what failed, or None."""
        with self._limit(self._settings.timeout_seconds):
            if refusal := self._connect():
                return refusal
            [reply] = self._ask("NOOP")
        if reply.code == LOST:  # any answer to NOOP will do
            return judge_refusal(reply.verb, reply.code, reply.words)
        self._quit()
        return None

    @property
    def _connection(self) -> SmtpConnection:
        if self._client is None:
            raise RuntimeError("not connected")
        return self._client.smtp

    def _limit(self, seconds: float) -> AbstractContextManager[Callable[[float], None]]:
        """Begin a new piece of work on the line, which is cut after these seconds.

        The context manager yields a function that restarts the time with as many seconds as it is given.
        """
        self._line.cut_reason = ""
        if self._is_leaving:  # read after the reset: a thread that sets it from now on cuts the line itself
            self._line.cut_reason = _LEFT
        self._limit_waits(seconds)
        return self._line.within(seconds)

    def _limit_waits(self, seconds: float) -> None:
        """Let each single wait end soon after these seconds, should nobody cut the line."""
        if self._client is not None:
            self._connection.sock.settimeout(seconds + 1)

    def _open_letter(self, to_address: str, content: bytes) -> Attempt | None:
        """Come as far as the server's 354, after which it may keep what it receives. Returns a refusal before that."""
        if refusal := self._connect():
            return refusal
        mail, recipient = f"MAIL {self._mail_argument(content)}", f"RCPT TO:<{to_address}>"
        batches: tuple[tuple[str, ...], ...] = ((mail,), (recipient,), ("DATA",))
        if self._connection.has_extn("pipelining"):  # RFC 2920: one round trip less for each letter
            batches = ((mail, recipient), ("DATA",))
        for commands in batches:
            replies = self._ask(*commands)
            for reply in replies:
                if reply.code not in _EXPECTED_CODES[reply.verb]:
                    is_server_closing = replies[-1].code == 421
                    self._reset(421 if is_server_closing else reply.code)
                    return judge_refusal(reply.verb, reply.code, reply.words)
        return None

    def _mail_argument(self, content: bytes) -> str:
        token = _read_return_token(content)
        argument = f"FROM:<{_envelope_sender(self._settings, token)}>"
        if self._connection.has_extn("size"):
            argument += f" SIZE={len(content)}"
        if not content.isascii() and self._connection.has_extn("8bitmime"):
            argument += " BODY=8BITMIME"
        if token and self._connection.has_extn("dsn"):
            argument += f" RET=HDRS ENVID={token}"  # RFC 3461: a report names the letter by it
        return argument

    def _hand_over(self, content: bytes, since: Stopwatch, extend: Callable[[float], None]) -> Attempt:
        """Send the letter's text and its final dot. Without the server's last reply its arrival is unknown."""
        text = _data_bytes(content)
        self._has_text = True  # set before `_is_leaving` is read: `leave` in another thread now sees it
        try:
            self._limit_waits(TEXT_SECONDS)
            extend(TEXT_SECONDS)  # before the check whether the line was cut
            if since.seconds > self._settings.timeout_seconds:
                self._drop()
                return STOOD_STILL
            if reason := _LEFT if self._is_leaving else self._line.cut_reason:
                self._drop()
                return Attempt(SendOutcome.TEMPORARY, reply=reason, of_server=True)
            self._connection.send(text)
            self._letters += 1
            self._limit_waits(self._settings.dot_seconds)
            extend(self._settings.dot_seconds)
            code, words = self._connection.getreply()
        except (OSError, ValueError) as error:
            return Attempt(SendOutcome.UNCERTAIN, reply=self._drop_lost("DATA", error))
        finally:
            self._has_text = False
        if code == 421 or not 200 <= code < 600:
            self._drop()
        return _attempt_of(code, clean(words))

    def _ask(self, *commands: str) -> list[_Reply]:
        """Send commands together. Returns their replies, up to the one at which the connection is lost (LOST).

        Codes come from replies only: the library invents a 500 of its own.
        """
        verbs = [command[:4] for command in commands]
        replies: list[_Reply] = []
        try:
            self._connection.send("".join(f"{command}\r\n" for command in commands))
            for verb in verbs:
                code, words = self._connection.getreply()
                if not 200 <= code < 600:
                    self._drop()
                    return [*replies, _Reply(verb, LOST, clean(f"no SMTP reply to {verb}: {clean(words)}"))]
                replies.append(_Reply(verb, int(code), clean(words)))
        except (OSError, ValueError) as error:
            verb = verbs[len(replies)]
            replies.append(_Reply(verb, LOST, self._drop_lost(verb, error)))
        return replies

    def _drop_lost(self, verb: str, error: Exception) -> str:
        """Drop a lost connection. Returns in words at which command it was lost, and why."""
        self._drop()
        place = f"after {verb}" if verb == "DATA" and self._has_text else f"at {verb}"
        return clean(f"connection lost {place}: {self._line.cut_reason or error}")

    def _reset(self, code: int) -> None:
        """After a refusal, keep the connection for the next letter only if both sides are back at the start."""
        if self._client is None:
            return
        if code == 421 or not 400 <= code < 600 or self._ask("RSET")[0].code != 250:
            self._drop()

    def _connect(self) -> Attempt | None:
        """Connect, secure and log in, unless that is done. A failure is no letter's fault: temporary."""
        if self._client is not None:
            return None
        client = make_client(self._settings, self._context, self._line)
        try:
            client.login()
            client.smtp.ehlo_or_helo_if_needed()  # yagmail greets only where there is TLS or a log-in
        except (OSError, ValueError) as error:  # its own errors, TLS, sockets; broken base64 or text in a log-in
            abandon(client)
            self._line.close()
            code = getattr(error, "smtp_code", None)
            code = code if isinstance(code, int) and 200 <= code < 600 else None
            cause = TimeoutError(self._line.cut_reason) if self._line.cut_reason else error
            return judge_connect_error(self._settings, cause, code)
        finally:
            client.is_closed = True  # else it says QUIT when it is collected, and waits for an answer
        self._client, self._letters = client, 0
        self._limit_waits(self._settings.timeout_seconds)
        return None

    def _quit(self) -> None:
        if self._client is not None:
            with self._limit(QUIT_SECONDS), suppress(OSError, ValueError):
                self._client.close()
        self._drop()

    def _drop(self) -> None:
        client, self._client, self._letters = self._client, None, 0
        if client is not None:
            abandon(client)
            self._line.close()


def _read_return_token(content: bytes) -> str:
    """Return the token by which a report names this letter, or an empty text."""
    end = content.find(b"\r\n\r\n", 0, _HEADER_BYTES)
    if end < 0:
        return ""
    match = _TOKEN.search(content, 0, end + 2)
    return match[1].decode() if match else ""


def _envelope_sender(settings: MailSettings, token: str) -> str:
    """Return the address to which reports go. Each letter has its own if there is a mailbox for bounces."""
    if settings.bounce_address is None:
        return settings.sender
    if not token:
        return settings.bounce_address
    return token_address(settings.bounce_address, token)


def _data_bytes(content: bytes) -> bytes:
    """Return a letter as DATA requires it: with CRLF line ends, doubled leading dots and the final dot."""
    line_ends = content.count(b"\r\n")
    # our own letters are right already, and counting costs a twentieth of rewriting
    is_right = content.count(b"\n") == content.count(b"\r") == line_ends
    lines = content if is_right else _LINE_END.sub(b"\r\n", content)
    lines = (b"." if lines.startswith(b".") else b"") + lines.replace(b"\n.", b"\n..")
    return lines + (b".\r\n" if lines.endswith(b"\r\n") else b"\r\n.\r\n")


def _attempt_of(code: int, reply: str) -> Attempt:
    """Return what the server's reply to the final dot means for the letter."""
    if 200 <= code < 300:
        return Attempt(SendOutcome.ACCEPTED, code, reply)
    if 400 <= code < 600:
        return judge_refusal(".", code, reply)
    return Attempt(SendOutcome.UNCERTAIN, reply=clean(f"no SMTP reply after DATA: {reply}"))
