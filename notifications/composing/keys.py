"""Names that stay the same however often they are asked for: message ids, threads, calendar entries, links."""

import hashlib
import hmac
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from itsdangerous import BadSignature, Signer

from models.errors import NotFound
from models.letters.letter import LetterKind

RETURN_HEADER = "X-Dondoc-Return"
"""The header of a letter that holds its token (`sign_return`); servers send back a letter's headers, if anything."""
TASKS_HEADER = "X-Dondoc-Tasks"
"""The header that names the tasks of a letter in the order of their numbers. It is read in our own copy alone."""
_STEP = 600  # seconds: three bytes of them reach into the year 2288
_SIGNATURE_BYTES = 12  # 96 bits: a forger has to try online, and the link stays short enough to be read out


def message_id(letter_id: UUID, domain: str) -> str:
    """Return the Message-ID of a letter, with angle brackets: a second attempt carries the same one."""
    return f"<letter.{letter_id.hex}@{domain}>"


def thread_id(task_id: UUID, domain: str) -> str:
    """Return a root that no message carries: mail readers gather under it all single-task letters about one task."""
    return f"<task.{task_id.hex}@{domain}>"


def calendar_uid(task_id: UUID, domain: str) -> str:
    """Return the UID of a task's one calendar entry: a moved date replaces the entry instead of adding another."""
    return f"task.{task_id.hex}@{domain}"


@dataclass(frozen=True)
class Link:
    """What a link in a letter names. `made_at` is its letter's slot, to ten minutes; the earliest links carry none."""

    task_id: UUID
    person_id: UUID
    made_at: datetime


def sign_link(secret: str, task_id: UUID, person_id: UUID, slot: datetime) -> str:
    """Return the token that letters carried before they had short links (64 characters): it names a task, a person and
    the letter's `slot`.

    It opens what a short link opens for as long; acting still needs a session.
    """
    raw = task_id.bytes + person_id.bytes + int(slot.timestamp() // _STEP).to_bytes(3, "big")
    return _signed(secret, _TASK_LINK, raw)


def read_link(secret: str, token: str) -> Link:
    """Raises NotFound when the token was cut short, altered or forged."""
    try:
        raw = _unsigned(secret, _TASK_LINK, token)
        made_at = datetime.fromtimestamp(int.from_bytes(raw[32:], "big") * _STEP, UTC)
        return Link(UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), made_at)
    except (BadSignature, ValueError) as error:
        raise NotFound("this link is not valid: open it again from the letter") from error


_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none is taken for another when it is read out
_VALUES = {char: value for value, char in enumerate(_DIGITS)} | {"I": 1, "L": 1, "O": 0}
_CODE_DIGITS = 12
CODE_BITS = 5 * _CODE_DIGITS
"""Of a short link's code: a thousand tries a second for a thousand years find none of a million."""


def link_code(secret: str, letter_id: UUID, task_id: UUID) -> int:
    """Return the code of a letter's link to a task: the same for every writing of the letter, and not to be guessed."""
    made = hmac.digest(secret.encode(), b"dondoc.letter-link" + letter_id.bytes + task_id.bytes, "sha256")
    return int.from_bytes(made[:8]) >> (64 - CODE_BITS)


def write_code(code: int) -> str:
    """Return a code as it stands in a link: "3F7K-Q2MP-9TXW"."""
    digits = "".join(_DIGITS[code >> shift & 31] for shift in range(CODE_BITS - 5, -1, -5))
    return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def read_code(token: str) -> int | None:
    """Return the code of a short link, however it was typed; None for anything else."""
    digits = token.replace("-", "").upper()
    if len(digits) != _CODE_DIGITS or not all(digit in _VALUES for digit in digits):
        return None
    code = 0
    for digit in digits:
        code = code << 5 | _VALUES[digit]
    return code


def sign_fewer(secret: str, person_id: UUID, kind: LetterKind) -> str:
    """Return a URL-safe token that takes letters of one kind out of one person's post, and can do nothing else."""
    return _signed(secret, _FEWER, person_id.bytes + kind.value.encode())


def read_fewer(secret: str, token: str) -> tuple[UUID, LetterKind]:
    """Return whose letters of which kind a token names. Raises NotFound when it was cut short, altered or forged."""
    try:
        raw = _unsigned(secret, _FEWER, token)
        return UUID(bytes=raw[:16]), LetterKind(raw[16:].decode())
    except (BadSignature, ValueError) as error:
        raise NotFound("this link is not valid: open it again from the letter") from error


def mailed_code(secret: str, mailed_id: UUID, digits: int = 6) -> str:
    """Return the digits of a mailed secret, made from the installation's key and its id: they are stored nowhere."""
    made = hmac.digest(secret.encode(), b"dondoc.mailed-code" + mailed_id.bytes, "sha256")
    return str(int.from_bytes(made) % 10**digits).zfill(digits)


def sign_mailed(secret: str, mailed_id: UUID) -> str:
    """Return a URL-safe token of a mailed secret (39 characters): whoever has it has read the letter."""
    return _signed(secret, _MAILED_LINK, mailed_id.bytes)


def read_mailed(secret: str, token: str) -> UUID:
    """Raises NotFound when the token was cut short, altered or forged."""
    try:
        return UUID(bytes=_unsigned(secret, _MAILED_LINK, token))
    except (BadSignature, ValueError) as error:
        raise NotFound("this link is not valid: open it again from the letter") from error


_TASK_LINK, _MAILED_LINK = "dondoc.task-link", "dondoc.mailed-link"
_DRAFT_LINK, _FEWER = "dondoc.reply-draft", "dondoc.fewer-letters"
# what a signature is for: a link of one kind is worth nothing as one of another


def _signed(secret: str, purpose: str, named: bytes) -> str:
    return _signer(secret, purpose).sign(urlsafe_b64encode(named).rstrip(b"=")).decode()


def _unsigned(secret: str, purpose: str, token: str) -> bytes:
    encoded = _signer(secret, purpose).unsign(token.encode())
    return urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4))


def _signer(secret: str, purpose: str) -> Signer:
    digest = partial(hashlib.blake2b, digest_size=_SIGNATURE_BYTES)
    return Signer(secret, salt=purpose, key_derivation="hmac", digest_method=digest)


_RETURN_MAC, _RETURN_TAG = 10, 4  # bytes: with the id 30, which are 48 characters without padding


@dataclass(frozen=True)
class Return:
    """What the token of an envelope names: a letter, and by its tag the address that it left for."""

    letter_id: UUID
    address_tag: str


def sign_return(secret: str, letter_id: UUID, address: str) -> str:
    """48 lower-case letters and digits that come back with a letter: part of its envelope, and one of its headers.

    Mail servers may fold the case of an address, so there is none to lose. Message-IDs are no secret (ids are in order
    of time); this cannot be made without the installation's key.
    """
    return _sign_named(secret, _RETURN, letter_id, address)


def read_return(secret: str, token: str) -> Return:
    """Raises NotFound when the token was cut short, altered or forged."""
    return _read_named(secret, _RETURN, token)


def sign_reply(secret: str, letter_id: UUID, address: str) -> str:
    """Return what the address that a letter is answered to carries: made alike, and worth nothing as the other.

    It names a letter and the address that it left for. It gives no power: who sends to it has still to be its reader.
    """
    return _sign_named(secret, _REPLY, letter_id, address)


def read_reply(secret: str, token: str) -> Return:
    """Raises NotFound when the token was cut short, altered or forged."""
    return _read_named(secret, _REPLY, token)


def return_tag(secret: str, address: str) -> str:
    """Eight digits by which an address is known again, and not found out."""
    return _tag(secret, _RETURN, address)


def reply_tag(secret: str, address: str) -> str:
    """Return the same for the address that a letter was to be answered from."""
    return _tag(secret, _REPLY, address)


_RETURN, _REPLY = b"dondoc.return", b"dondoc.reply"


def token_address(address: str, token: str) -> str:
    """Return an address of ours with a token in it: bounce+TOKEN@office.example."""
    name, _at, domain = address.rpartition("@")
    return f"{name}+{token}@{domain}"


def _sign_named(secret: str, purpose: bytes, letter_id: UUID, address: str) -> str:
    raw = letter_id.bytes + bytes.fromhex(_tag(secret, purpose, address))
    return b32encode(raw + _named_mac(secret, purpose, raw)).decode().lower()


def _read_named(secret: str, purpose: bytes, token: str) -> Return:
    try:
        raw = b32decode(token.upper())
    except ValueError:
        raw = b""
    named, mac = raw[: 16 + _RETURN_TAG], raw[16 + _RETURN_TAG :]
    if not hmac.compare_digest(mac, _named_mac(secret, purpose, named)):
        raise NotFound("this token was not made by this installation")
    return Return(UUID(bytes=named[:16]), named[16:].hex())


def _tag(secret: str, purpose: bytes, address: str) -> str:
    made = hmac.digest(secret.encode(), purpose + b"-address\0" + address.lower().encode(), "sha256")
    return made[:_RETURN_TAG].hex()


def _named_mac(secret: str, purpose: bytes, named: bytes) -> bytes:
    return hmac.digest(secret.encode(), purpose + b"\0" + named, "sha256")[:_RETURN_MAC]


def sign_draft(secret: str, draft_id: UUID) -> str:
    """Return a URL-safe token of what somebody asked for in a reply (39 characters): who has it has read the answer."""
    return _signed(secret, _DRAFT_LINK, draft_id.bytes)


def read_draft(secret: str, token: str) -> UUID:
    """Raises NotFound when the token was cut short, altered or forged."""
    try:
        return UUID(bytes=_unsigned(secret, _DRAFT_LINK, token))
    except (BadSignature, ValueError) as error:
        raise NotFound("this link is not valid: open it again from the letter") from error


def sign_feed(secret: str, person_id: UUID, turn: int) -> str:
    """Return the secret part of a calendar feed's address: it names a person and the turn of their address."""
    raw = person_id.bytes + turn.to_bytes(4, "big")
    return _signer(secret, "dondoc.calendar").sign(urlsafe_b64encode(raw).rstrip(b"=")).decode()


def read_feed(secret: str, token: str) -> tuple[UUID, int]:
    """NotFound when the token was altered or forged."""
    try:
        raw = urlsafe_b64decode(_signer(secret, "dondoc.calendar").unsign(token.encode()) + b"=")
        return UUID(bytes=raw[:16]), int.from_bytes(raw[16:20], "big")
    except (BadSignature, ValueError) as error:
        raise NotFound("this calendar address is no longer valid") from error
