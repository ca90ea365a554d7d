"""Secrets in the database: sealed with a key that is not in it, each to its place (AES-256-GCM).

A sealed text is `s1.KEY.DATA`: the key's id, and nonce, ciphertext and tag in base64url. Table, column and row are
part of what the tag vouches for, so that a secret put into another row opens nothing. Whether a database is sealed, and
with which key, says its row MARK of `installation`, which is sealed itself; before it is there everything is written in
clear, for programs of before 0017 may be at work. Clear values are read at any time.
"""

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Engine, select
from sqlmodel import Session, col

from models.database.run import LINK_KEY, Installation
from models.database.secret_keys import Key, Keys
from models.errors import DondocError
from models.i18n import _

MARK = "secrets_key"
"""The installation value that says that this database is sealed, and by the id in it with which key."""
_OPTION = "secret_keys"
_SEALED = re.compile(r"s1\.([0-9a-f]{16})\.([A-Za-z0-9_-]+)")
_NONCE = 12  # bytes, random: some thousand secrets under one key are far from 2^32


class Locked(DondocError):
    """A secret cannot be opened here: its key is missing, or it is not what was put there. HTTP 503."""


class KeyMissing(Locked):
    """The key that a database is sealed with is not here."""

    def __init__(self, key_id: str, place: str) -> None:
        super().__init__(
            _(
                "the secrets in this database are sealed with the key {key}, which is not in {place}: bring this "
                "installation's secrets.key there (chmod 600), or its line into DONDOC_SECRETS_KEY; if it is lost for "
                "good: `dondoc secrets give-up --dry-run`"
            ),
            key=key_id,
            place=place,
        )


@dataclass(frozen=True)
class SecretPlace:
    """Where a secret stands; `row` is its primary key."""

    table: str
    column: str
    row: str

    @property
    def bound(self) -> bytes:
        """Return what the tag vouches for beside the secret."""
        return "\0".join(("dondoc.sealed.1", self.table, self.column, self.row)).encode()


def totp_place(person_id: UUID) -> SecretPlace:
    """Of a person's second step."""
    return SecretPlace("account", "totp_secret", person_id.hex)


def webhook_place(webhook_id: UUID) -> SecretPlace:
    """Of what signs the calls of a webhook."""
    return SecretPlace("webhook", "secret", webhook_id.hex)


def answer_place(person_id: UUID, key: str) -> SecretPlace:
    """Of an answer of the API that is kept for a repeated request."""
    return SecretPlace("kept_answer", "body", f"{person_id.hex}.{key}")


def value_place(name: str) -> SecretPlace:
    """Of an installation value."""
    return SecretPlace("installation", "value", name)


def keys_in(bind: Engine | Connection) -> Keys | None:
    """Return the keys that an engine was opened with."""
    found: Keys | None = bind.get_execution_options().get(_OPTION)
    return found


def with_keys(keys: Keys | None) -> dict[str, object]:
    """Execution options of an engine whose sessions may seal and open."""
    return {} if keys is None else {_OPTION: keys}


def is_sealed(stored: str | bytes) -> bool:
    """Return whether it is a sealed text; no secret of ours in clear looks like one."""
    return _parts(stored) is not None


def key_id_of(stored: str | bytes) -> str | None:
    """Return by which key it was sealed; None for a clear one."""
    found = _parts(stored)
    return found[0] if found else None


def seal(clear: bytes, place: SecretPlace, key: Key) -> str:
    """Return the sealed text."""
    nonce = secrets.token_bytes(_NONCE)
    data = nonce + AESGCM(key.raw).encrypt(nonce, clear, place.bound)
    return f"s1.{key.id}.{urlsafe_b64encode(data).rstrip(b'=').decode()}"


def unseal(stored: str | bytes, place: SecretPlace, keys: Keys | None) -> bytes:
    """Return the secret; of a clear value, itself. KeyMissing without its key, Locked where it does not belong
    there.
    """
    found = _parts(stored)
    if found is None:
        return stored if isinstance(stored, bytes) else stored.encode()
    key_id, encoded = found
    key = keys.find(key_id) if keys is not None else None
    if key is None:
        raise KeyMissing(key_id, keys.place if keys is not None else "–")
    try:
        data = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        return AESGCM(key.raw).decrypt(data[:_NONCE], data[_NONCE:], place.bound)
    except (InvalidTag, ValueError) as error:
        raise Locked(
            _(
                "{table}.{column} of {row} cannot be opened, though its key is here: it was changed, or put there from "
                "another row"
            ),
            table=place.table,
            column=place.column,
            row=place.row,
        ) from error


def put(session: Session, place: SecretPlace, clear: str) -> str:
    """Return what is to be written there: sealed where this database is. KeyMissing where its key is not here."""
    return put_bytes(session, place, clear.encode()).decode()


def put_bytes(session: Session, place: SecretPlace, clear: bytes) -> bytes:
    """Return the same of bytes. A rotation that is under way is waited for, so that none of the old key's comes after
    it.
    """
    mark = read_mark(session.connection(), shared=True)
    if mark is None:
        return clear
    return seal(clear, place, need(mark, keys_in(session.connection()))).encode()


def take(session: Session, place: SecretPlace, stored: str) -> str:
    """Return what stands there, opened. Raises as `unseal`."""
    return unseal(stored, place, keys_in(session.connection())).decode()


def take_bytes(session: Session, place: SecretPlace, stored: bytes) -> bytes:
    """Return the same of bytes."""
    return unseal(stored, place, keys_in(session.connection()))


def installation_value(session: Session, name: str) -> str | None:
    """Return an installation value that is a secret, opened; None where there is none."""
    row = session.get(Installation, name)
    return None if row is None else take(session, value_place(name), row.value)


def link_key(session: Session) -> str:
    """Return the installation's key, which signs. Raises where there is none."""
    return take(session, value_place(LINK_KEY), session.get_one(Installation, LINK_KEY).value)


def read_mark(connection: Connection, *, shared: bool = False, alone: bool = False) -> str | None:
    """Return the row that says whether the database is sealed; held until the transaction's end, `shared` or
    `alone`.
    """
    query = select(col(Installation.value)).where(col(Installation.name) == MARK)
    if shared or alone:
        query = query.with_for_update(read=shared)
    return connection.execute(query).scalar_one_or_none()


def need(mark: str, keys: Keys | None) -> Key:
    """Return the key that a database is sealed with. KeyMissing where it is not here; Locked for a mark that is
    none.
    """
    key_id = key_id_of(mark) or "–"
    unseal(mark, value_place(MARK), keys)
    key = keys.find(key_id) if keys is not None else None
    if key is None:
        raise KeyMissing(key_id, keys.place if keys is not None else "–")
    return key


def _parts(stored: str | bytes) -> tuple[str, str] | None:
    """Return the key's id and the rest."""
    text = stored if isinstance(stored, str) else stored.decode("ascii", "replace")
    found = _SEALED.fullmatch(text)
    return None if found is None else (found[1], found[2])
