"""Secrets as programs of the migrations 0017 to 0024 sealed them: `s1.KEY.DATA`, by AES-256-GCM, bound to their place.

They are read until finishing an upgrade has sealed them anew; and written as long as such programs work beside ours.
"""

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.database.secret_keys import Key

_SEALED = re.compile(rb"s1\.([0-9a-f]{16})\.([A-Za-z0-9_-]+)")
_NONCE = 12  # bytes


def old_key_id(stored: bytes) -> str | None:
    """Return the id of the key that an old text was sealed with; None for any other text."""
    found = _SEALED.fullmatch(stored)
    return found and found[1].decode()


def unseal_old(stored: bytes, place: tuple[str, ...], key: Key) -> bytes:
    """Return the secret. ValueError where it was changed, or belongs to another place."""
    encoded = stored.rpartition(b".")[2]
    data = urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4))
    try:
        return AESGCM(key.raw).decrypt(data[:_NONCE], data[_NONCE:], _bound(place))
    except InvalidTag as error:
        raise ValueError("not what was sealed there") from error


def seal_old(clear: bytes, place: tuple[str, ...], key: Key) -> bytes:
    """Return the text that a program of before can open."""
    nonce = secrets.token_bytes(_NONCE)
    data = urlsafe_b64encode(nonce + AESGCM(key.raw).encrypt(nonce, clear, _bound(place)))
    return b"s1.%b.%b" % (key.id.encode(), data.rstrip(b"="))


def _bound(place: tuple[str, ...]) -> bytes:
    return "\0".join(("dondoc.sealed.1", *place)).encode()
