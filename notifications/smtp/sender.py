"""The sender that speaks SMTP.

yagmail (`client.py`) holds configuration, TLS and log-in; its `send()` is never used (it logs in for every
message, and repeats a message up to three times after a drop). Our own bytes go over its connection command by command,
so that it is known whether DATA had been entered when something went wrong.
"""

import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from models.settings import MailSettings
from notifications.composing.keys import RETURN_HEADER, token_address
from notifications.composing.mime import address_fault
from notifications.smtp.client import abandon, check_settings, make_client
from notifications.smtp.clocks import CLOCKS, Clocks, Stopwatch
from notifications.smtp.line import SmtpLine
from notifications.smtp.replies import LOST, clean, connect_words, refused
from notifications.smtp.transport import STOOD_STILL, Attempt, SendOutcome

TEXT_SECONDS = 600.0
"""For a letter's text, up to the last byte of it."""
QUIT_SECONDS = 2.0
"""Nobody waits longer for a goodbye."""
_LEFT = "left, as this program was told to stop"
_WANTED = {"MAIL": (250,), "RCPT": (250, 251, 252), "DATA": (354,)}

_LINE_END = re.compile(rb"\r\n|\r|\n")


def longest_conversation(settings: MailSettings) -> float:
    """Return the seconds from a letter's mark to the last moment at which the server may still answer it."""
    return settings.timeout_seconds + TEXT_SECONDS + settings.dot_seconds


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
        self._line = SmtpLine()
        self._yag: Any = None
        self._letters = 0  # handed over this connection, answered or not
        self._has_text = False  # the server has begun to get the text of the letter in hand
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
        """Let no further letter leave, and end what is under way: before a letter's text, or `at_once`."""
        self._is_leaving = True  # before the question: whoever begins the text now sees it
        if at_once or not self._has_text:
            self._line.cut(_LEFT)

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        """Hand one letter over for one address; line ends and leading dots are made right for the wire."""
        since = since or self._clocks.start()
        if fault := address_fault(to_address):
            return Attempt(SendOutcome.PERMANENT, reply=fault)
        if self._letters >= self._settings.letters_per_connection:
            self._quit()
        with self._line.within(self._begin(self._settings.timeout_seconds)) as give:
            reused = self._yag is not None
            refusal = self._open(to_address, content)
            if refusal is not None and reused and refusal.code in (None, 421):
                # The server had ended a connection that was good before (idle, restarted, its own limit of letters).
                # Nothing of this letter was handed over yet, so that a fresh connection cannot make it arrive twice.
                refusal = self._open(to_address, content)
            return refusal or self._hand_over(content, since, give)

    def probe(self) -> Attempt | None:
        """Connect, secure the line, log in and leave, without a letter. What failed, or None."""
        with self._line.within(self._begin(self._settings.timeout_seconds)):
            if refusal := self._connect():
                return refusal
            [(code, reply)] = self._ask("NOOP")
        if code == LOST:
            return refused("NOOP", code, reply)  # other answers are for those who care for NOOP
        self._quit()
        return None

    def _begin(self, seconds: float) -> float:
        """Begin a new piece of work on the line, and return the seconds that it may take."""
        self._line.cut_because = ""
        if self._is_leaving:  # after that: whoever says so from now on cuts the line itself
            self._line.cut_because = _LEFT
        return self._wait(seconds)

    def _wait(self, seconds: float) -> float:
        """Return the seconds, and have each single wait end soon after them, should nobody cut the line."""
        if self._yag is not None:
            self._yag.smtp.sock.settimeout(seconds + 1)
        return seconds

    def _open(self, to_address: str, content: bytes) -> Attempt | None:
        """Up to the server's 354, after which it may keep what it gets; or why not so far."""
        if refusal := self._connect():
            return refusal
        envelope = f"MAIL {self._mail_argument(content)}", f"RCPT TO:<{to_address}>"
        may_ask_both = self._yag.smtp.has_extn("pipelining")  # RFC 2920: a journey less for each letter
        for commands in (envelope, ("DATA",)) if may_ask_both else ((one,) for one in (*envelope, "DATA")):
            answers = self._ask(*commands)
            for command, (code, reply) in zip(commands, answers, strict=False):
                verb = command[:4]
                if code not in _WANTED[verb]:
                    if self._yag is not None:
                        self._end_conversation(421 if answers[-1][0] == 421 else code)
                    return refused(verb, code, reply)
        return None

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

    def _hand_over(self, content: bytes, since: Stopwatch, give: Callable[[float], None]) -> Attempt:
        """Hand over the letter itself and its final dot. Without the server's last word its arrival is unknown."""
        wire = _wire(content)
        self._has_text = True  # before the question: whoever tells it to leave now sees it
        try:
            give(self._wait(TEXT_SECONDS))  # before the question whether it was cut
            if since.seconds > self._settings.timeout_seconds:
                self._drop()
                return STOOD_STILL
            if because := _LEFT if self._is_leaving else self._line.cut_because:
                self._drop()
                return Attempt(SendOutcome.TEMPORARY, reply=because, of_server=True)
            self._yag.smtp.send(wire)
            self._letters += 1
            give(self._wait(self._settings.dot_seconds))
            code, words = self._yag.smtp.getreply()
        except (OSError, ValueError) as error:
            return Attempt(SendOutcome.UNCERTAIN, reply=self._lost("DATA", error))
        finally:
            self._has_text = False
        reply = clean(words)
        if code == 421 or not 200 <= code < 600:
            self._drop()
        if 200 <= code < 300:
            return Attempt(SendOutcome.ACCEPTED, code, reply)
        if 400 <= code < 600:
            return refused(".", code, reply)
        return Attempt(SendOutcome.UNCERTAIN, reply=clean(f"no SMTP reply after DATA: {reply}"))

    def _ask(self, *commands: str) -> list[tuple[int, str]]:
        """Return the replies to commands that are sent together, up to the one with which the connection is lost.

        Codes come from replies only: the library invents a 500 of its own.
        """
        answers: list[tuple[int, str]] = []
        verb = commands[0][:4]
        try:
            self._yag.smtp.send("".join(f"{one}\r\n" for one in commands))
            for verb in (one[:4] for one in commands):
                code, words = self._yag.smtp.getreply()
                if not 200 <= code < 600:
                    self._drop()
                    return [*answers, (LOST, clean(f"no SMTP reply to {verb}: {clean(words)}"))]
                answers.append((int(code), clean(words)))
        except (OSError, ValueError) as error:
            answers.append((LOST, self._lost(verb, error)))
        return answers

    def _lost(self, verb: str, error: Exception) -> str:
        """Let go of the connection, and return what became of it."""
        self._drop()
        at = f"after {verb}" if verb == "DATA" and self._has_text else f"at {verb}"
        return clean(f"connection lost {at}: {self._line.cut_because or error}")

    def _end_conversation(self, code: int) -> None:
        """After a refusal the connection serves the next letter only if both sides are back at the start."""
        if code == 421 or not 400 <= code < 600 or self._ask("RSET")[0][0] != 250:
            self._drop()

    def _connect(self) -> Attempt | None:
        """Connection, TLS and log-in unless there is one; whatever fails here is no letter's fault: temporary."""
        if self._yag is not None:
            return None
        yag = make_client(self._settings, self._context, self._line)
        try:
            yag.login()
            yag.smtp.ehlo_or_helo_if_needed()  # yagmail greets only where there is TLS or a log-in
        except (OSError, ValueError) as error:  # its own errors, TLS, sockets; broken base64 or text in a log-in
            abandon(yag)
            self._line.close()
            code = getattr(error, "smtp_code", None)
            code = code if isinstance(code, int) and 200 <= code < 600 else None
            told = TimeoutError(self._line.cut_because) if self._line.cut_because else error
            words = clean(connect_words(self._settings, told, code))
            return Attempt(SendOutcome.TEMPORARY, code, words, of_server=True)
        finally:
            yag.is_closed = True  # else it says QUIT when it is collected, and waits for an answer
        self._yag, self._letters = yag, 0
        self._wait(self._settings.timeout_seconds)
        return None

    def _quit(self) -> None:
        if self._yag is not None:
            with self._line.within(self._begin(QUIT_SECONDS)), suppress(OSError, ValueError):
                self._yag.close()
        self._drop()

    def _drop(self) -> None:
        yag, self._yag, self._letters = self._yag, None, 0
        if yag is not None:
            abandon(yag)
            self._line.close()


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
    """The token is empty where the headers hold none."""
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
