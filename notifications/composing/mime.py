"""Writes the bytes of a letter: headers, text, HTML and files. docs/decisions/0006 says why it does not use `email`.

All bytes are ASCII with CRLF. No line is longer than 998 octets (RFC 5322, 2.1.1). Lines that can be folded have at
most 78.
"""

import hashlib
import re
from binascii import b2a_base64, b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, formataddr

from models.i18n import Words
from models.letters.letter import LetterKind
from models.text.localtime import local
from notifications.composing.facts import LetterFacts
from notifications.composing.keys import RETURN_HEADER, TASKS_HEADER, thread_id

MOST_NUMBERED = 60
"""A reply can name this many tasks of a letter by their numbers."""
MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")
_THREADED = frozenset({LetterKind.ASSIGNED, LetterKind.EVENT, LetterKind.INCIDENT})
CRLF = "\r\n"
_WIDTH = 76
_FRAME = len("=?utf-8?b??=")
# A header may hold this without encoding: printable ASCII with single spaces.
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_ID = re.compile(r"[ -~]{1,900}")
_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,149}")


@dataclass(frozen=True)
class File:
    """An enclosed file. `name` is plain ASCII, `kind` a content type with its parameters but without charset."""

    name: str
    kind: str
    content: bytes


def sender_domain(facts: LetterFacts) -> str:
    return facts.sender_address.rpartition("@")[2]


def write_headers(facts: LetterFacts, subject: str) -> list[str]:
    domain = sender_domain(facts)
    tasks = {item.task_id for item in facts.items}
    root = thread_id(tasks.pop(), domain) if facts.kind in _THREADED and len(tasks) == 1 and not facts.is_test else None
    answers = facts.answers if MESSAGE_ID.fullmatch(facts.answers) and len(facts.answers) < 500 else ""
    root = answers or root
    return [
        mailbox("From", facts.sender_name, facts.sender_address),
        # a test greets another person than its reader
        mailbox("To", "" if facts.is_test else facts.recipient.name, facts.recipient.email),
        *([mailbox("Reply-To", "", facts.reply_to)] if facts.reply_to else []),
        unstructured("Subject", subject),
        moment("Date", local(facts.written_at or facts.slot)),
        identifier("Message-ID", facts.message_id),
        *([identifier("In-Reply-To", root), identifier("References", root)] if root else []),
        identifier("List-Id", f"Don doc <dondoc.{domain}>"),
        *_unsubscribe_headers(facts),
        f"Auto-Submitted: {'auto-replied' if facts.account and facts.account.answer else 'auto-generated'}",
        f"Content-Language: {facts.recipient.language}",
        *([f"{TASKS_HEADER}: {_task_ids(facts)}"] if facts.reply_to and facts.items else []),
        *([f"{RETURN_HEADER}: {facts.return_token}"] if facts.return_token else []),
    ]


def _task_ids(facts: LetterFacts) -> str:
    """Return the ids of the tasks in the order of their numbers, for replies that name a number (“#2”)."""
    return f"{CRLF} ".join(item.task_id.hex for item in facts.items[:MOST_NUMBERED])


def _unsubscribe_headers(facts: LetterFacts) -> list[str]:
    """Return the headers for a mail program's own button, which unsubscribes without signing in (RFC 8058)."""
    if not facts.fewer_url:
        return []
    return [identifier("List-Unsubscribe", f"<{facts.fewer_url}>"), "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]


def unstructured(name: str, value: str) -> str:
    """Return a folded header of free words, such as a subject. Other text than plain ASCII is encoded as UTF-8."""
    if _is_plain(value) and (folded := _fold(f"{name}: {value}")):
        return folded
    return f"{name}: {_encode(value, len(name) + 2)}"


def mailbox(name: str, display_name: str, address: str) -> str:
    """Return a header with one person and one address. `address_fault` must have checked the address."""
    spec = _checked_id(f"<{address}>")
    if not display_name:
        return f"{name}: {spec}"
    if _is_plain(display_name) and len(display_name) < _WIDTH - len(name) - 4:
        quoted = formataddr((display_name, address)).removesuffix(f" {spec}")
        return f"{name}: {quoted}{CRLF} {spec}"
    return f"{name}: {_encode(display_name, len(name) + 2)}{CRLF} {spec}"


def identifier(name: str, value: str) -> str:
    """Return a header with an id. It is never encoded or folded, as mail programs would not recognise it then."""
    return f"{name}: {_checked_id(value)}"


def moment(name: str, at: datetime) -> str:
    """Return a header with an instant in its own time zone."""
    return f"{name}: {format_datetime(at)}"


def assemble(headers: Sequence[str], text: str, html: str, files: Sequence[File], seed: str) -> bytes:
    """Return the whole letter. Its boundaries depend on `seed`, so that the same letter gets the same bytes."""
    inner = _boundary(seed, 1 if files else 0)
    parts = [_body("plain", text), _body("html", html)]
    kind, content = f'multipart/alternative;{CRLF} boundary="{inner}"', _multipart(inner, parts)
    if files:
        outer = _boundary(seed, 0)
        body = f"Content-Type: {kind}{CRLF}{CRLF}".encode() + content
        kind, content = f'multipart/mixed;{CRLF} boundary="{outer}"', _multipart(outer, [body, *map(_attached, files)])
    head = CRLF.join([*headers, "MIME-Version: 1.0", f"Content-Type: {kind}", CRLF])
    return head.encode("ascii") + content


def _is_plain(value: str) -> bool:
    return _PLAIN.fullmatch(value) is not None and "=?" not in value  # mail programs would decode what follows


def _fold(line: str) -> str:
    """Break a plain line at its spaces. Return an empty text if a word is too long."""
    if len(line) <= _WIDTH:
        return line
    lines: list[str] = [""]
    for word in line.split(" "):
        if len(word) > _WIDTH - 1:
            return ""
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _WIDTH:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] or len(lines) > 1 else word
    return CRLF.join(lines)


def _encode(value: str, indent: int) -> str:
    """Return encoded words of at most 75 characters (RFC 2047, 2), cut between characters.

    `indent` is the number of characters before the first encoded word.
    """
    raw = value.encode("utf-8")
    lines, start = [], 0
    while start < len(raw):
        stop = start + (_WIDTH - 1 - indent - _FRAME) // 4 * 3
        while stop < len(raw) and raw[stop] & 0xC0 == 0x80:
            stop -= 1
        lines.append(f"=?utf-8?b?{b2a_base64(raw[start:stop], newline=False).decode()}?=")
        start, indent = stop, 1
    return f"{CRLF} ".join(lines)


def _checked_id(value: str) -> str:
    if not _ID.fullmatch(value):
        raise ValueError(f"no header can hold {value!r}")
    return value


def _boundary(seed: str, position: int) -> str:
    return "=_" + hashlib.sha256(f"{seed}/{position}".encode()).hexdigest()[:40]


def _multipart(boundary: str, parts: Sequence[bytes]) -> bytes:
    edge = f"--{boundary}".encode()
    return b"".join(b"%s\r\n%s\r\n" % (edge, part) for part in parts) + edge + b"--\r\n"


def _body(kind: str, text: str) -> bytes:
    """Return text as quoted-printable, which has short lines and passes servers that know only ASCII."""
    head = f'Content-Type: text/{kind}; charset="utf-8"{CRLF}Content-Transfer-Encoding: quoted-printable{CRLF}{CRLF}'
    text = with_crlf(text if text.endswith("\n") else f"{text}\n")  # the encoder keeps line ends
    return head.encode() + b2a_qp(text.encode("utf-8"), istext=True)


def _attached(file: File) -> bytes:
    if not _FILENAME.fullmatch(file.name):
        raise ValueError(f"no plain file name: {file.name!r}")
    head = (
        f'Content-Type: {_checked_id(file.kind)}; charset="utf-8"{CRLF}Content-Transfer-Encoding: base64{CRLF}'
        f'Content-Disposition: attachment;{CRLF} filename="{file.name}"{CRLF}{CRLF}'
    )
    lines = [b2a_base64(file.content[at : at + 57], newline=False) for at in range(0, len(file.content), 57)]
    return head.encode("ascii") + b"\r\n".join([*lines, b""])


def with_crlf(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\n", CRLF)


LONGEST = 254  # RFC 5321, 4.5.3.1.3: a path of 256 octets less its angle brackets

# A dot-string and a domain of RFC 5321 in plain ASCII. There are no quotes, comments or lists: of
# "a@x.example,b@x.example" a mail library would silently take only the first address.
_USABLE = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?"
)


def address_fault(address: str) -> Words | None:
    """Return why no letter can go to this address, or None."""
    if len(address) > LONGEST:
        return Words("the address is longer than {most} characters", most=LONGEST)
    if not _USABLE.fullmatch(address):
        return Words("{address} is not one plain mail address", address=ascii(address))
    return None


def mask_address(address: str) -> str:
    """Return "l…@v….example", which its owner recognises and which nobody else can write to."""
    name, _at, domain = address.rpartition("@")
    first, dot, rest = domain.partition(".")
    return f"{name[:1]}…@{first[:1]}…{dot}{rest}"
