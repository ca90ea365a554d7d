"""What a mail server's replies mean for a letter, and how they are told; no connection is needed to read it."""

import re
import ssl

from models.settings import MailSettings
from notifications.transport import Attempt, Outcome

REPLY_LENGTH = 500  # characters kept of a server's words
LOST = 0  # stands for a reply's code where the connection ended, or spoke something that is not SMTP

# RFC 4954: "log in first", "mechanism too weak", "credentials invalid", "encrypt first": our fault, no letter's.
_LOG_IN_CODES = frozenset({530, 534, 535, 538})
_TOO_LARGE = 552
_NO_SUCH_MAILBOX = frozenset({550, 551, 553})
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def refused(verb: str, code: int, reply: str) -> Attempt:
    """What a refusal means for the letter. 5xx is for good, unless it speaks of our log-in or our sender address."""
    if code in (LOST, 421):
        return Attempt(Outcome.TEMPORARY, code or None, reply, of_server=True)
    ours = code in _LOG_IN_CODES or (verb == "MAIL" and code != _TOO_LARGE)
    status = _STATUS.match(reply)
    if verb == "RCPT" and status is not None and status[0].startswith("5.7."):
        ours = True  # RFC 3463: policy; we are blacklisted, or may not send there
    if 500 <= code < 600 and not ours:
        no_such = code in _NO_SUCH_MAILBOX and (status is None or status[0].startswith(("5.1.", "5.2.1")))
        return Attempt(Outcome.PERMANENT, code, reply, of_address=verb == "RCPT" and no_such)
    return Attempt(Outcome.TEMPORARY, code, reply, of_server=ours)


def connect_words(settings: MailSettings, error: Exception, code: int | None) -> str:
    """What an administrator should read when no conversation came about."""
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
    """A server's words as one printable line (PostgreSQL takes no NUL, a table no 10,000 characters)."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return _CONTROL.sub(" ", text).strip()[:REPLY_LENGTH]
