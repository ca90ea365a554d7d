"""What a mail server's replies mean for a letter, and how they are told; no connection is needed to read it."""

import re
import ssl
from enum import StrEnum

from models.settings import MailSettings
from notifications.smtp.transport import Attempt, SendOutcome

REPLY_LENGTH = 500  # characters kept of a server's words
LOST = 0  # stands for a reply's code where the connection ended, or spoke something that is not SMTP

# RFC 4954: "log in first", "mechanism too weak", "credentials invalid", "encrypt first": our fault, no letter's.
_LOG_IN_CODES = frozenset({530, 534, 535, 538})
_TOO_LARGE = 552
_NO_SUCH_MAILBOX = frozenset({550, 551, 553})
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_NO_SUCH_ADDRESS = re.compile(r"5\.(1\.([12346]|10)|2\.1)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def refused(verb: str, code: int, reply: str) -> Attempt:
    """Return what a refusal means for the letter. 5xx is for good, unless it speaks of our log-in or sender."""
    if code in (LOST, 421):
        return Attempt(SendOutcome.TEMPORARY, code or None, reply, of_server=True)
    ours = code in _LOG_IN_CODES or (verb == "MAIL" and code != _TOO_LARGE)
    status = _STATUS.match(reply)
    if verb == "RCPT" and status is not None and status[0].startswith("5.7."):
        ours = True  # RFC 3463: policy; we are blacklisted, or may not send there
    if 500 <= code < 600 and not ours:
        dead = verb == "RCPT" and is_dead_address(status[0] if status else "", code)
        return Attempt(SendOutcome.PERMANENT, code, reply, of_address=dead)
    return Attempt(SendOutcome.TEMPORARY, code, reply, of_server=ours)


def is_dead_address(status: str, code: int | None = None) -> bool:
    """Return whether no further letter need try an address: by the status (RFC 3463), or by the reply's code without
    one.

    Statuses that mean the recipient's address, and for good: no such mailbox (5.1.1) or domain (5.1.2), no address at
    all (5.1.3), nobody's in particular (5.1.4), moved away (5.1.6), a domain without mail (5.1.10, RFC 7505), closed
    (5.2.1). Of 5.1, 0 may as well mean the sender's address (Postfix), 7 and 8 do; the rest is of the mailbox's state
    (5.2.2: full), its server (5.3), the way there (5.4: an outage of two days), the letter (5.5, 5.6) or policy (5.7).
    """
    return _NO_SUCH_ADDRESS.fullmatch(status) is not None if status else code in _NO_SUCH_MAILBOX


class RefusedFor(StrEnum):
    ADDRESS = "address"  # there is no such mailbox
    MAILBOX = "mailbox"  # it is full, or closed for now
    SIZE = "size"  # of the letter
    POLICY = "policy"  # a filter of contents or senders: the address may be right
    OTHER = "other"


def refused_for(words: str, code: int | None = None) -> RefusedFor:
    """Return what a refusal for good is about: by the status in a server's words (RFC 3463), else by its code."""
    found = _ANY_STATUS.search(words)
    if found is None:
        told = _CODE.search(words)
        return _BY_CODE.get(int(told[1]) if told else code or 0, RefusedFor.OTHER)
    status = found[0]
    if is_dead_address(status):
        return RefusedFor.ADDRESS
    return next((what for begins, what in _BY_STATUS if f"{status}.".startswith(begins)), RefusedFor.OTHER)


_ANY_STATUS = re.compile(r"(?<![\d.])5\.\d{1,3}\.\d{1,3}(?![\d.])")
_CODE = re.compile(r"(?:^|[:;] ?)(5\d\d)\b")
_BY_STATUS = (
    *(("5.1.7.", RefusedFor.OTHER), ("5.1.8.", RefusedFor.OTHER), ("5.1.", RefusedFor.ADDRESS)),
    *(("5.2.3.", RefusedFor.SIZE), ("5.2.4.", RefusedFor.OTHER), ("5.2.", RefusedFor.MAILBOX)),
    *(("5.3.4.", RefusedFor.SIZE), ("5.6.", RefusedFor.POLICY), ("5.7.", RefusedFor.POLICY)),
)
_BY_CODE = {**dict.fromkeys(_NO_SUCH_MAILBOX, RefusedFor.ADDRESS), 552: RefusedFor.MAILBOX, 554: RefusedFor.POLICY}


def connect_words(settings: MailSettings, error: Exception, code: int | None) -> str:
    """Return what an administrator should read when no conversation came about."""
    server = f"{settings.host}:{settings.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate of {server} is not trusted: {error.verify_message}"
    words = clean(getattr(error, "smtp_error", b"") or getattr(error, "strerror", None) or str(error))
    if code in _LOG_IN_CODES:
        return f"{server} refused the log-in of {settings.user}: {code} {words}"
    if code is not None:
        return f"{server} refused the connection: {code} {words}"
    return f"no connection to {server}: {words}"


def clean(words: bytes | str) -> str:
    """Return a server's words as one printable line (PostgreSQL takes no NUL, a table no 10,000 characters)."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return _CONTROL.sub(" ", text).strip()[:REPLY_LENGTH]
