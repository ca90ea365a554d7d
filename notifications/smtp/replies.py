"""Says what a mail server's replies mean for a letter, and puts them in words. It needs no connection."""

import re
import ssl
from enum import StrEnum

from models.settings import MailSettings
from notifications.smtp.transport import Attempt, ConnectFault, SendOutcome

REPLY_LENGTH = 500  # characters kept of a server's words
LOST = 0  # stands for a reply's code where the connection ended, or spoke something that is not SMTP

# RFC 4954: "log in first", "mechanism too weak", "credentials invalid", "encrypt first": our fault, not the letter's
_LOG_IN_CODES = frozenset({530, 534, 535, 538})
_TOO_LARGE = 552
_NO_SUCH_MAILBOX = frozenset({550, 551, 553})
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_NO_SUCH_ADDRESS = re.compile(r"5\.(1\.([12346]|10)|2\.1)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def judge_refusal(verb: str, code: int, reply: str) -> Attempt:
    """Return what a refusal means for the letter. 5xx is for good, unless it is about our log-in or sender."""
    if code in (LOST, 421):
        return Attempt(SendOutcome.TEMPORARY, code or None, reply, of_server=True)
    status_match = _STATUS.match(reply)
    status = status_match[0] if status_match else ""
    is_about_us = code in _LOG_IN_CODES or (verb == "MAIL" and code != _TOO_LARGE)
    if verb == "RCPT" and status.startswith("5.7."):
        is_about_us = True  # RFC 3463: policy; we are blacklisted, or may not send there
    if 500 <= code < 600 and not is_about_us:
        is_dead = verb == "RCPT" and is_dead_address(status, code)
        return Attempt(SendOutcome.PERMANENT, code, reply, of_address=is_dead)
    return Attempt(SendOutcome.TEMPORARY, code, reply, of_server=is_about_us)


def is_dead_address(status: str, code: int | None = None) -> bool:
    """Return whether no further letter need try an address. A status (RFC 3463) decides; without one, the code.

    These statuses mean the recipient's address, and for good: no such mailbox (5.1.1) or domain (5.1.2), no valid
    address (5.1.3), ambiguous (5.1.4), moved away (5.1.6), a domain without mail (5.1.10, RFC 7505), closed (5.2.1).
    Others do not: 5.1.0 may mean the sender's address (Postfix), 5.1.7 and 5.1.8 do. The rest is about the mailbox
    (5.2.2: full), its server (5.3), the route (5.4: an outage of two days), the letter (5.5, 5.6) or policy (5.7).
    """
    return _NO_SUCH_ADDRESS.fullmatch(status) is not None if status else code in _NO_SUCH_MAILBOX


class RefusalReason(StrEnum):
    ADDRESS = "address"  # there is no such mailbox
    MAILBOX = "mailbox"  # it is full, or closed for now
    SIZE = "size"  # of the letter
    POLICY = "policy"  # a filter of contents or senders: the address may be right
    OTHER = "other"


def refusal_reason(words: str, code: int | None = None) -> RefusalReason:
    """Return what a refusal for good is about: by the status in a server's words (RFC 3463), else by its code."""
    status_match = _ANY_STATUS.search(words)
    if status_match is None:
        code_match = _CODE.search(words)
        return _REASON_BY_CODE.get(int(code_match[1]) if code_match else code or 0, RefusalReason.OTHER)
    status = status_match[0]
    if is_dead_address(status):
        return RefusalReason.ADDRESS
    for prefix, reason in _REASON_BY_STATUS:
        if f"{status}.".startswith(prefix):
            return reason
    return RefusalReason.OTHER


_ANY_STATUS = re.compile(r"(?<![\d.])5\.\d{1,3}\.\d{1,3}(?![\d.])")
_CODE = re.compile(r"(?:^|[:;] ?)(5\d\d)\b")
_REASON_BY_STATUS = (
    *(("5.1.7.", RefusalReason.OTHER), ("5.1.8.", RefusalReason.OTHER), ("5.1.", RefusalReason.ADDRESS)),
    *(("5.2.3.", RefusalReason.SIZE), ("5.2.4.", RefusalReason.OTHER), ("5.2.", RefusalReason.MAILBOX)),
    *(("5.3.4.", RefusalReason.SIZE), ("5.6.", RefusalReason.POLICY), ("5.7.", RefusalReason.POLICY)),
)
_REASON_BY_CODE = {
    **dict.fromkeys(_NO_SUCH_MAILBOX, RefusalReason.ADDRESS),
    552: RefusalReason.MAILBOX,
    554: RefusalReason.POLICY,
}


def judge_connect_error(settings: MailSettings, error: Exception, code: int | None) -> Attempt:
    """Return the attempt that ends without a connection. Its reply is written for an administrator."""
    server = f"{settings.host}:{settings.port}"
    reason = clean(getattr(error, "smtp_error", b"") or getattr(error, "strerror", None) or str(error))
    if isinstance(error, ssl.SSLCertVerificationError):
        fault, event, reason = ConnectFault.CERTIFICATE, f"certificate of {server} is not trusted", error.verify_message
    elif code is None:
        fault, event = ConnectFault.CONNECTION, f"no connection to {server}"
    elif code in _LOG_IN_CODES:
        fault, event, reason = (
            ConnectFault.LOG_IN,
            f"{server} refused the log-in of {settings.user}",
            f"{code} {reason}",
        )
    else:
        fault, event, reason = ConnectFault.REFUSAL, f"{server} refused the connection", f"{code} {reason}"
    reply = clean(f"{event}: {reason}")
    return Attempt(SendOutcome.TEMPORARY, code, reply, of_server=True, fault=fault, reason=reason)


def clean(words: bytes | str) -> str:
    """Return a server's words as one printable line (PostgreSQL takes no NUL, a table no 10,000 characters)."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return _CONTROL.sub(" ", text).strip()[:REPLY_LENGTH]
