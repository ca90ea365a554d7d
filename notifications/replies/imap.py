"""A mailbox over IMAP, that letters come back to or are answered to: the only place that knows imap-tools.

It is only looked into (EXAMINE, PEEK): no flag is set and nothing is moved or deleted.
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
"""So long a look may take, from the connection on, whatever the server sends."""
GOODBYE_SECONDS = 2.0
MOST = 500  # messages in one look; the next goes on
LARGEST = 36 * 1024 * 1024
"""Bytes of a message that are read: a file of 25 MB is 34 MB in a message. Of a larger one no more than that it is."""
_BROKEN = (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError)  # sockets, TLS, the protocol, text in a log-in
MOST_BYTES = 2 * LARGEST
"""Of what a server answers to one command."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class ImapTrouble(Exception):
    """The mailbox could not be read; the words say which and why."""


class FolderPosition(NamedTuple):
    """How far a folder has been read: the number of its last message, as long as its numbering stands (RFC 3501)."""

    validity: int
    uid: int


def messages_after(
    settings: MailboxSettings,
    place: FolderPosition | None,
    context: ssl.SSLContext | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> Iterator[tuple[FolderPosition, bytes | None]]:
    """Messages beyond a place, in order, each with the place it leads to; None for one that has just been deleted.

    Of one that is larger than `LARGEST` only so much comes and a byte more. Without a place, or after the server has
    numbered its messages anew, all of them. Raises ImapTrouble. `goes_on` is asked while the server keeps us waiting.
    """
    with _look(settings, context, LOOK_SECONDS, goes_on) as box:
        yield from _read(box, settings, place)


def probe(settings: MailboxSettings, context: ssl.SSLContext | None = None, *, seconds: float) -> int:
    """Log in, look into the folder, and return how many messages it holds. Raises ImapTrouble."""
    with _look(settings, context, seconds) as box:
        return int(box.folder.status(settings.folder, ["MESSAGES"])["MESSAGES"])


@contextmanager
def _look(
    settings: MailboxSettings,
    context: ssl.SSLContext | None,
    seconds: float,
    goes_on: Callable[[], bool] = lambda: True,
) -> Iterator[BaseMailBox]:
    """A mailbox to look into for so long, in which whatever breaks is ImapTrouble."""
    line = SmtpLine()
    try:
        with line.within(seconds, goes_on):
            box = _open(settings, context, line)
            try:
                yield box
            finally:
                with suppress(*_BROKEN), line.within(GOODBYE_SECONDS):  # a goodbye to who has gone already
                    box.logout()
                with suppress(OSError):
                    box.client.shutdown()
    except _BROKEN as error:
        raise _trouble(settings, line.cut_because or str(error) or type(error).__name__) from error
    finally:
        line.close()


def _read(
    box: BaseMailBox, settings: MailboxSettings, place: FolderPosition | None
) -> Iterator[tuple[FolderPosition, bytes | None]]:
    validity = int(box.folder.status(settings.folder, ["UIDVALIDITY"])["UIDVALIDITY"])
    box.folder.set(settings.folder, readonly=True)
    last = place.uid if place is not None and place.validity == validity else 0
    found = sorted(uid for uid in map(int, box.uids(f"UID {last + 1}:*", charset=None)) if uid > last)
    withheld: list[int] = []
    for uid in found[:MOST]:
        status, answer = box.client.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{LARGEST + 1}>)")
        if status != "OK":
            withheld.append(uid)  # the others are read all the same; the place stays before it
            continue
        content = next((part[1] for part in answer if isinstance(part, tuple)), None)
        yield FolderPosition(validity, min([uid, *(one - 1 for one in withheld)])), content
    if withheld:
        raise ImapTrouble(f"{settings.user} at {settings.host}: the server does not give out message {withheld[0]}")


def _open(settings: MailboxSettings, context: ssl.SSLContext | None, line: SmtpLine) -> BaseMailBox:
    """Log in, by no default of the library's: it checks no certificate unless a context is given."""
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
    """A mailbox at the end of a line that can be cut: the library's own have a time-out per read."""

    def __init__(self, settings: MailboxSettings, context: ssl.SSLContext, line: SmtpLine) -> None:
        self._given = settings, context, line
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        settings, context, line = self._given
        client = _ImapClient(settings, context if settings.security == "tls" else None, line)
        if settings.security == "starttls":
            client.starttls(context)
        return client


class _ImapClient(imaplib.IMAP4):
    def __init__(self, settings: MailboxSettings, context: ssl.SSLContext | None, line: SmtpLine) -> None:
        self._seconds, self._context, self._line = settings.timeout_seconds, context, line
        self._came = 0
        super().__init__(settings.host, settings.port or (993 if settings.security == "tls" else 143))

    def _create_socket(self, _timeout: float | None) -> socket.socket:
        opened = self._line.open(self.host, self.port, self._context)
        opened.settimeout(self._seconds)
        return opened

    def send(self, data: Any) -> None:
        self._came = 0
        super().send(data)

    def read(self, size: int) -> bytes:
        self._count(size)  # before a word of it is read
        return super().read(size)

    def readline(self) -> bytes:
        came = super().readline()
        self._count(len(came))
        return came

    def _count(self, came: int) -> None:
        self._came += came
        if self._came > MOST_BYTES:
            raise OSError(f"an answer of more than {MOST_BYTES} bytes")


def _trouble(settings: MailboxSettings, said: str) -> ImapTrouble:
    said = said.replace(settings.password.get_secret_value(), "…")
    return ImapTrouble(f"{settings.user} at {settings.host}: {_CONTROL.sub(' ', said).strip()[:300]}")
