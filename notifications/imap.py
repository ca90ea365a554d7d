"""The mailbox that letters come back to, over IMAP: the only place that knows imap-tools.

It is only looked into (EXAMINE, PEEK): no flag is set and nothing is moved or deleted.
"""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from models.hosts import is_loopback
from models.settings import BounceSettings
from notifications.bounces import LARGEST
from notifications.deadline import Deadline

LOOK_SECONDS = 60.0  # so long a look may take: a server that sends a byte now and then holds up no tick for ever
MOST = 500  # messages in one look; the next goes on
_BROKEN = (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError)  # sockets, TLS, the protocol, text in a log-in
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class ImapTrouble(Exception):
    """The mailbox could not be read; the words say which and why."""


class Place(NamedTuple):
    """How far a folder has been read: the number of its last message, as long as its numbering stands (RFC 3501)."""

    validity: int
    uid: int


def messages_after(
    settings: BounceSettings, place: Place | None, context: ssl.SSLContext | None = None
) -> Iterator[tuple[Place, bytes | None]]:
    """Messages beyond a place, in order, each with the place it leads to; None for one that has just been deleted.

    Of one that is larger than `LARGEST` only so much comes and a byte more. Without a place, or after the server has
    numbered its messages anew, all of them. Raises ImapTrouble.
    """
    try:
        box = _open(settings, context)
    except _BROKEN as error:
        raise _trouble(settings, error) from error
    deadline = Deadline(LOOK_SECONDS, lambda: _cut(box))
    try:
        with deadline.within():
            yield from _read(box, settings, place)
    except _BROKEN as error:
        raise _trouble(settings, error) from error
    finally:
        deadline.close()
        with suppress(*_BROKEN):  # a goodbye to who has gone already
            box.logout()


def _read(box: BaseMailBox, settings: BounceSettings, place: Place | None) -> Iterator[tuple[Place, bytes | None]]:
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
        yield Place(validity, min([uid, *(one - 1 for one in withheld)])), content
    if withheld:
        raise ImapTrouble(f"{settings.user} at {settings.host}: the server does not give out message {withheld[0]}")


def _open(settings: BounceSettings, context: ssl.SSLContext | None) -> BaseMailBox:
    """A logged-in line, by no default of the library's: it checks no certificate unless a context is given."""
    security, port = settings.security, settings.port or (993 if settings.security == "tls" else 143)
    if security == "none" and not is_loopback(settings.host):
        raise ImapTrouble(
            f"bounces.security: none would send the password to {settings.host} in the clear; use starttls or tls"
        )
    context = context or ssl.create_default_context()
    box: BaseMailBox
    if security == "tls":
        box = MailBox(settings.host, port, timeout=settings.timeout_seconds, ssl_context=context)
    elif security == "starttls":
        box = MailBoxStartTls(settings.host, port, timeout=settings.timeout_seconds, ssl_context=context)
    else:
        box = MailBoxUnencrypted(settings.host, port, timeout=settings.timeout_seconds)
    try:
        box.login(settings.user, settings.password.get_secret_value(), initial_folder=None)
    except BaseException:
        box.client.shutdown()
        raise
    return box


def _cut(box: BaseMailBox) -> None:
    """Called from another thread: whoever reads from this line finds it closed."""
    with suppress(OSError):
        box.client.socket().shutdown(socket.SHUT_RDWR)


def _trouble(settings: BounceSettings, error: Exception) -> ImapTrouble:
    said = str(error).replace(settings.password.get_secret_value(), "…") or type(error).__name__
    return ImapTrouble(f"{settings.user} at {settings.host}: {_CONTROL.sub(' ', said).strip()[:300]}")
