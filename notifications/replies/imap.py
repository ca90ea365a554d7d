"""Reads the mailbox of returned letters and replies over IMAP. Only this module imports imap-tools.

It uses EXAMINE and PEEK, so that no flag is set and nothing is moved or deleted.
"""

import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from imap_tools import BaseMailBox
from imap_tools.errors import ImapToolsError

from models.settings import MailboxSettings
from models.text.hosts import is_loopback
from notifications.smtp.line import SmtpLine

LOOK_SECONDS = 60.0
"""The limit of one look into the mailbox, from connecting on, whatever the server sends."""
GOODBYE_SECONDS = 2.0
MOST = 500  # messages in one look; the next look continues
LARGEST = 36 * 1024 * 1024
"""Bytes of the largest message that is read whole. A file of 25 MB takes 34 MB in a message."""
_BROKEN = (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError)  # sockets, TLS, the protocol, text in a log-in
MOST_BYTES = 2 * LARGEST
"""The limit of a server's answer to one command."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class ImapTrouble(Exception):
    """The mailbox could not be read. The message names the mailbox and the reason."""


class FolderPosition(NamedTuple):
    """How far a folder has been read. `uid` is the last message's number, valid within this `validity` (RFC 3501)."""

    validity: int
    uid: int


def messages_after(
    settings: MailboxSettings,
    position: FolderPosition | None,
    context: ssl.SSLContext | None = None,
    should_continue: Callable[[], bool] = lambda: True,
) -> Iterator[tuple[FolderPosition, bytes | None]]:
    """Yield the messages after a position in order, each with the position after it. Raises ImapTrouble.

    All messages come if there is no position, or if the server has renumbered its messages. The content is None for a
    message that has just been deleted, and cut at one byte more than `LARGEST`. `should_continue` is asked while the
    server keeps us waiting.
    """
    with _look(settings, context, LOOK_SECONDS, should_continue) as box:
        yield from _read(box, settings, position)


def probe(settings: MailboxSettings, context: ssl.SSLContext | None = None, *, seconds: float) -> int:
    """Log in and return the number of messages in the folder. Raises ImapTrouble."""
    with _look(settings, context, seconds) as box:
        return int(box.folder.status(settings.folder, ["MESSAGES"])["MESSAGES"])


@contextmanager
def _look(
    settings: MailboxSettings,
    context: ssl.SSLContext | None,
    seconds: float,
    should_continue: Callable[[], bool] = lambda: True,
) -> Iterator[BaseMailBox]:
    """Open a mailbox for some seconds. Every error becomes ImapTrouble."""
    line = SmtpLine()
    try:
        with line.within(seconds, should_continue):
            box = _open(settings, context, line)
            try:
                yield box
            finally:
                with suppress(*_BROKEN), line.within(GOODBYE_SECONDS):  # the server may be gone already
                    box.logout()
                with suppress(OSError):
                    box.client.shutdown()
    except _BROKEN as error:
        raise _trouble(settings, line.cut_reason or str(error) or type(error).__name__) from error
    finally:
        line.close()


def _read(
    box: BaseMailBox, settings: MailboxSettings, position: FolderPosition | None
) -> Iterator[tuple[FolderPosition, bytes | None]]:
    validity = int(box.folder.status(settings.folder, ["UIDVALIDITY"])["UIDVALIDITY"])
    box.folder.set(settings.folder, readonly=True)
    last = position.uid if position is not None and position.validity == validity else 0
    uids = sorted(uid for uid in map(int, box.uids(f"UID {last + 1}:*", charset=None)) if uid > last)
    withheld: list[int] = []
    for uid in uids[:MOST]:
        status, answer = box.client.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{LARGEST + 1}>)")
        if status != "OK":
            withheld.append(uid)  # read the others, but let the position stay before this one
            continue
        content = next((part[1] for part in answer if isinstance(part, tuple)), None)
        yield FolderPosition(validity, min([uid, *(missing - 1 for missing in withheld)])), content
    if withheld:
        raise ImapTrouble(f"{settings.user} at {settings.host}: the server does not give out message {withheld[0]}")


def _open(settings: MailboxSettings, context: ssl.SSLContext | None, line: SmtpLine) -> BaseMailBox:
    """Log in with a context of our own: without one the library checks no certificate."""
    if settings.security == "none" and not is_loopback(settings.host):
        raise ImapTrouble(
            f"security: none would send the password to {settings.host} in the clear; use starttls or tls"
        )
    box = _Box(settings, context or ssl.create_default_context(), line)
    try:
        box.login(settings.user, settings.password.get_secret_value(), initial_folder=None)
    except BaseException:
        box.client.shutdown()
        raise
    return box


class _Box(BaseMailBox):
    """A mailbox over a line that can be cut. The library's own classes have only a time-out for each read."""

    def __init__(self, settings: MailboxSettings, context: ssl.SSLContext, line: SmtpLine) -> None:
        self._arguments = settings, context, line
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        settings, context, line = self._arguments
        client = _ImapClient(settings, context if settings.security == "tls" else None, line)
        if settings.security == "starttls":
            client.starttls(context)
        return client


class _ImapClient(imaplib.IMAP4):
    def __init__(self, settings: MailboxSettings, context: ssl.SSLContext | None, line: SmtpLine) -> None:
        self._seconds, self._context, self._line = settings.timeout_seconds, context, line
        self._received = 0  # bytes of the present answer
        super().__init__(settings.host, settings.port or (993 if settings.security == "tls" else 143))

    def _create_socket(self, _timeout: float | None) -> socket.socket:
        opened = self._line.open(self.host, self.port, self._context)
        opened.settimeout(self._seconds)
        return opened

    def send(self, data: Any) -> None:
        self._received = 0
        super().send(data)

    def read(self, size: int) -> bytes:
        self._count(size)  # before anything is read
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._count(len(line))
        return line

    def _count(self, size: int) -> None:
        self._received += size
        if self._received > MOST_BYTES:
            raise OSError(f"an answer of more than {MOST_BYTES} bytes")


def _trouble(settings: MailboxSettings, reason: str) -> ImapTrouble:
    reason = reason.replace(settings.password.get_secret_value(), "…")
    return ImapTrouble(f"{settings.user} at {settings.host}: {_CONTROL.sub(' ', reason).strip()[:300]}")
