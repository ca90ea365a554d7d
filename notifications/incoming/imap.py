"""A mailbox over IMAP, that letters come back to or are answered to: the only place that knows imap-tools.

It is only looked into (EXAMINE, PEEK): no flag is set and nothing is moved or deleted.
"""

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from imap_tools import BaseMailBox
from imap_tools.errors import ImapToolsError

from models.settings import MailboxSettings
from models.text.hosts import is_loopback
from notifications.incoming.line import CONNECT_SECONDS, Patience, Replies, dial, send_all

LOOK_SECONDS = 60.0
"""So long a look may take, from the connection on, whatever the server sends."""
GOODBYE_SECONDS = 2.0
MOST = 500  # messages in one look; the next goes on
LARGEST = 36 * 1024 * 1024
"""Bytes of a message that are read: a file of 25 MB is 34 MB in a message. Of a larger one no more than that it is."""
_BROKEN = (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError)  # sockets, TLS, the protocol, text in a log-in
_LONGEST_LINE = 1_000_000
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
    patience = Patience(goes_on=goes_on)
    patience.limit(LOOK_SECONDS)
    try:
        box = _open(settings, context, patience)
    except _BROKEN as error:
        raise _trouble(settings, error) from error
    try:
        yield from _read(box, settings, place)
    except _BROKEN as error:
        raise _trouble(settings, error) from error
    finally:
        patience.limit(GOODBYE_SECONDS)
        with suppress(*_BROKEN):  # a goodbye to who has gone already
            box.logout()


def probe(settings: MailboxSettings, context: ssl.SSLContext | None = None, *, seconds: float) -> int:
    """Log in, look into the folder, and return how many messages it holds. Raises ImapTrouble."""
    patience = Patience()
    patience.limit(seconds)
    try:
        box = _open(settings, context, patience)
    except _BROKEN as error:
        raise _trouble(settings, error) from error
    try:
        return int(box.folder.status(settings.folder, ["MESSAGES"])["MESSAGES"])
    except _BROKEN as error:
        raise _trouble(settings, error) from error
    finally:
        patience.limit(GOODBYE_SECONDS)
        with suppress(*_BROKEN):
            box.logout()


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


def _open(settings: MailboxSettings, context: ssl.SSLContext | None, patience: Patience) -> BaseMailBox:
    """Return a logged-in line, by no default of the library's: it checks no certificate unless a context is given."""
    security, port = settings.security, settings.port or (993 if settings.security == "tls" else 143)
    if security == "none" and not is_loopback(settings.host):
        raise ImapTrouble(
            f"security: none would send the password to {settings.host} in the clear; use starttls or tls"
        )
    box = _Box(settings, port, context or ssl.create_default_context(), patience)
    try:
        box.login(settings.user, settings.password.get_secret_value(), initial_folder=None)
    except BaseException:
        box.client.shutdown()
        raise
    return box


class _Box(BaseMailBox):
    """A mailbox behind a line on which every wait ends: the library's own have a time-out per read."""

    def __init__(self, settings: MailboxSettings, port: int, context: ssl.SSLContext, patience: Patience) -> None:
        self._given = settings, port, context, patience
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        settings, port, context, patience = self._given
        client = _Client(settings.host, port, context if settings.security == "tls" else None, patience)
        client.seconds = settings.timeout_seconds
        if settings.security == "starttls":
            client.starttls(context)
        return client


class _Client(imaplib.IMAP4):
    seconds = CONNECT_SECONDS

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, patience: Patience) -> None:
        self._context, self._patience = context, patience
        self._replies: Replies | None = None
        super().__init__(host, port)

    def _create_socket(self, _timeout: float | None) -> Any:
        line = dial(self.host, self.port, self._patience)
        return line if self._context is None else self._context.wrap_socket(line, server_hostname=self.host)

    def read(self, size: int) -> bytes:
        return self._reply().read(size)

    def readline(self) -> bytes:
        return self._reply().readline(_LONGEST_LINE)

    def send(self, data: Any) -> None:
        send_all(self.sock, bytes(data), self._patience, self.seconds)

    def _reply(self) -> Replies:
        if self._replies is None or self._replies.line is not self.sock:  # TLS has begun
            self._replies = Replies(self.sock, self._patience)
        self._replies.begin(self.seconds, most_bytes=2 * LARGEST)
        return self._replies


def _trouble(settings: MailboxSettings, error: Exception) -> ImapTrouble:
    said = str(error).replace(settings.password.get_secret_value(), "…") or type(error).__name__
    return ImapTrouble(f"{settings.user} at {settings.host}: {_CONTROL.sub(' ', said).strip()[:300]}")
