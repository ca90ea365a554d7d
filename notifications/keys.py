"""Names that stay the same however often they are asked for: message ids, threads, calendar entries, links."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import partial
from uuid import UUID

from itsdangerous import BadSignature, Signer

from models.errors import NotFound

_SIGNATURE_BYTES = 12  # 96 bits: a forger has to try online, and the link stays short enough to be read out


def message_id(letter_id: UUID, domain: str) -> str:
    """The Message-ID of a letter, with angle brackets: a second attempt carries the same one."""
    return f"<letter.{letter_id.hex}@{domain}>"


def thread_id(task_id: UUID, domain: str) -> str:
    """A root that no message carries: mail readers gather under it all single-task letters about one task."""
    return f"<task.{task_id.hex}@{domain}>"


def calendar_uid(task_id: UUID, domain: str) -> str:
    """The UID of a task's one calendar entry: a moved date replaces the entry instead of adding another."""
    return f"task.{task_id.hex}@{domain}"


def sign_link(secret: str, task_id: UUID, person_id: UUID) -> str:
    """A URL-safe token for one task and one person (60 characters). It names them; acting still needs a session."""
    return _signer(secret).sign(urlsafe_b64encode(task_id.bytes + person_id.bytes).rstrip(b"=")).decode()


def read_link(secret: str, token: str) -> tuple[UUID, UUID]:
    """The task and the person a token names. Raises NotFound when it was cut short, altered or forged."""
    try:
        raw = urlsafe_b64decode(_signer(secret).unsign(token.encode()) + b"=")
        return UUID(bytes=raw[:16]), UUID(bytes=raw[16:])
    except (BadSignature, ValueError) as error:
        raise NotFound("this link is not valid: open it again from the letter") from error


def _signer(secret: str) -> Signer:
    digest = partial(hashlib.blake2b, digest_size=_SIGNATURE_BYTES)
    return Signer(secret, salt="dondoc.task-link", key_derivation="hmac", digest_method=digest)
