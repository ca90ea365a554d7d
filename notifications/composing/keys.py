"""Makes and reads the stable ids and signed tokens of letters: message ids, threads, calendar entries and links."""

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
"""The header with a letter's token (`sign_return`). Servers that return anything return a letter's headers."""
TASKS_HEADER = "X-Dondoc-Tasks"
"""The header with the tasks of a letter in the order of their numbers. It is only read in our own copy."""
_STEP = 600  # seconds; three bytes of such steps reach the year 2288
_SIGNATURE_BYTES = 12  # 96 bits: a forger must guess online, and a link stays short enough to be read out


def message_id(letter_id: UUID, domain: str) -> str:
    """Return the Message-ID of a letter with angle brackets, the same for each attempt."""
    return f"<letter.{letter_id.hex}@{domain}>"


def thread_id(task_id: UUID, domain: str) -> str:
    """Return the root id under which mail programs group all letters about one task. No message carries it."""
    return f"<task.{task_id.hex}@{domain}>"


def calendar_uid(task_id: UUID, domain: str) -> str:
    """Return the UID of a task's calendar entry, the same for each date, so that a new date replaces the entry."""
    return f"task.{task_id.hex}@{domain}"


@dataclass(frozen=True)
class Link:
    """The contents of a link in letters from before there were short links (64 characters).

    It opens the same page for the same time. `made_at` is the slot of its letter, rounded down to ten minutes.
    """

    task_id: UUID
    person_id: UUID
    made_at: datetime


def read_link(secret: str, token: str) -> Link:
    """Raises NotFound for a damaged or forged token."""
    raw = _unsign(secret, _TASK_LINK, token)
    made_at = datetime.fromtimestamp(int.from_bytes(raw[32:], "big") * _STEP, UTC)
    return Link(UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), made_at)


_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's alphabet, without characters that look alike
_VALUES = {char: value for value, char in enumerate(_DIGITS)} | {"I": 1, "L": 1, "O": 0}
_CODE_DIGITS = 12
CODE_BITS = 5 * _CODE_DIGITS
"""The length of a short link's code. A thousand guesses a second for a thousand years find none of a million."""


def link_code(secret: str, letter_id: UUID, task_id: UUID) -> int:
    """Return the secret code of a letter's link to a task, the same each time the letter is written."""
    digest = hmac.digest(secret.encode(), b"dondoc.letter-link" + letter_id.bytes + task_id.bytes, "sha256")
    return int.from_bytes(digest[:8]) >> (64 - CODE_BITS)


def write_code(code: int) -> str:
    """Write a code as links show it: "3F7K-Q2MP-9TXW"."""
    digits = "".join(_DIGITS[code >> shift & 31] for shift in range(CODE_BITS - 5, -1, -5))
    return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def read_code(token: str) -> int | None:
    """Read the code of a short link in any way of typing it. Return None for anything else."""
    digits = token.replace("-", "").upper()
    if len(digits) != _CODE_DIGITS or not all(digit in _VALUES for digit in digits):
        return None
    code = 0
    for digit in digits:
        code = code << 5 | _VALUES[digit]
    return code


def sign_fewer(secret: str, person_id: UUID, kind: LetterKind) -> str:
    """Return a URL-safe token that can only switch off letters of one kind for one person."""
    return _sign(secret, _FEWER, person_id.bytes + kind.value.encode())


def read_fewer(secret: str, token: str) -> tuple[UUID, LetterKind]:
    """Return the person and the kind of letters. Raises NotFound for a damaged or forged token."""
    raw = _unsign(secret, _FEWER, token)
    return UUID(bytes=raw[:16]), LetterKind(raw[16:].decode())


def mailed_code(secret: str, mailed_id: UUID, digits: int = 6) -> str:
    """Derive the digits of a mailed secret from the installation's key and the secret's id. They are never stored."""
    digest = hmac.digest(secret.encode(), b"dondoc.mailed-code" + mailed_id.bytes, "sha256")
    return str(int.from_bytes(digest) % 10**digits).zfill(digits)


def sign_mailed(secret: str, mailed_id: UUID) -> str:
    """Return a URL-safe token of 39 characters. It proves that its owner has read the letter with the secret."""
    return _sign(secret, _MAILED_LINK, mailed_id.bytes)


def read_mailed(secret: str, token: str) -> UUID:
    """Raises NotFound for a damaged or forged token."""
    return UUID(bytes=_unsign(secret, _MAILED_LINK, token))


_TASK_LINK, _MAILED_LINK = "dondoc.task-link", "dondoc.mailed-link"
_DRAFT_LINK, _FEWER = "dondoc.reply-draft", "dondoc.fewer-letters"
# The purpose is part of each signature, so that a link of one kind is not valid as another.


def _sign(secret: str, purpose: str, content: bytes) -> str:
    return _signer(secret, purpose).sign(urlsafe_b64encode(content).rstrip(b"=")).decode()


def _unsign(secret: str, purpose: str, token: str) -> bytes:
    try:
        encoded = _signer(secret, purpose).unsign(token.encode())
        return urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4))
    except (BadSignature, ValueError) as error:
        raise NotFound("this link is not valid: open it again from the letter") from error


def _signer(secret: str, purpose: str) -> Signer:
    digest = partial(hashlib.blake2b, digest_size=_SIGNATURE_BYTES)
    return Signer(secret, salt=purpose, key_derivation="hmac", digest_method=digest)


_RETURN_MAC, _RETURN_TAG = 10, 4  # bytes; with the id 30 bytes, which are 48 characters without padding


@dataclass(frozen=True)
class Return:
    """The contents of an envelope's token: a letter, and a tag of the address that it went to."""

    letter_id: UUID
    address_tag: str


def sign_return(secret: str, letter_id: UUID, address: str) -> str:
    """Return 48 lower-case characters for a letter's envelope and for one of its headers, which come back with it.

    They do not depend on case, because mail servers may change the case of an address. Message-IDs can be guessed, this
    token cannot be made without the installation's key.
    """
    return _sign_letter(secret, _RETURN, letter_id, address)


def read_return(secret: str, token: str) -> Return:
    """Raises NotFound for a damaged or forged token."""
    return _read_letter_token(secret, _RETURN, token)


def sign_reply(secret: str, letter_id: UUID, address: str) -> str:
    """Return the token in the address for answers to a letter. It is not valid as the token of `sign_return`.

    It names a letter and the address that it went to, and gives no right: its sender must still be the letter's reader.
    """
    return _sign_letter(secret, _REPLY, letter_id, address)


def read_reply(secret: str, token: str) -> Return:
    """Raises NotFound for a damaged or forged token."""
    return _read_letter_token(secret, _REPLY, token)


def return_tag(secret: str, address: str) -> str:
    """Return eight digits that recognise an address but do not disclose it."""
    return _tag(secret, _RETURN, address)


def reply_tag(secret: str, address: str) -> str:
    """Return the tag of the address that a reply must come from."""
    return _tag(secret, _REPLY, address)


_RETURN, _REPLY = b"dondoc.return", b"dondoc.reply"


def token_address(address: str, token: str) -> str:
    """Put a token into an address of ours: bounce+TOKEN@office.example."""
    name, _at, domain = address.rpartition("@")
    return f"{name}+{token}@{domain}"


def _sign_letter(secret: str, purpose: bytes, letter_id: UUID, address: str) -> str:
    content = letter_id.bytes + bytes.fromhex(_tag(secret, purpose, address))
    return b32encode(content + _mac(secret, purpose, content)).decode().lower()


def _read_letter_token(secret: str, purpose: bytes, token: str) -> Return:
    try:
        raw = b32decode(token.upper())
    except ValueError:
        raw = b""
    content, mac = raw[: 16 + _RETURN_TAG], raw[16 + _RETURN_TAG :]
    if not hmac.compare_digest(mac, _mac(secret, purpose, content)):
        raise NotFound("this token was not made by this installation")
    return Return(UUID(bytes=content[:16]), content[16:].hex())


def _tag(secret: str, purpose: bytes, address: str) -> str:
    digest = hmac.digest(secret.encode(), purpose + b"-address\0" + address.lower().encode(), "sha256")
    return digest[:_RETURN_TAG].hex()


def _mac(secret: str, purpose: bytes, content: bytes) -> bytes:
    return hmac.digest(secret.encode(), purpose + b"\0" + content, "sha256")[:_RETURN_MAC]


def sign_draft(secret: str, draft_id: UUID) -> str:
    """Return a URL-safe token of 39 characters for a reply's draft. It proves that its owner has read our answer."""
    return _sign(secret, _DRAFT_LINK, draft_id.bytes)


def read_draft(secret: str, token: str) -> UUID:
    """Raises NotFound for a damaged or forged token."""
    return UUID(bytes=_unsign(secret, _DRAFT_LINK, token))


def sign_feed(secret: str, person_id: UUID, turn: int) -> str:
    """Return the secret part of a calendar feed's address. `turn` counts the person's addresses."""
    raw = person_id.bytes + turn.to_bytes(4, "big")
    return _signer(secret, "dondoc.calendar").sign(urlsafe_b64encode(raw).rstrip(b"=")).decode()


def read_feed(secret: str, token: str) -> tuple[UUID, int]:
    """Return the person and the turn. Raises NotFound for a damaged or forged token."""
    try:
        raw = urlsafe_b64decode(_signer(secret, "dondoc.calendar").unsign(token.encode()) + b"=")
        return UUID(bytes=raw[:16]), int.from_bytes(raw[16:20], "big")
    except (BadSignature, ValueError) as error:
        raise NotFound("this calendar address is no longer valid") from error
