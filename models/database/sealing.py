"""Secrets in the database: sealed with a key that is not in it, each to its place (Fernet).

A sealed text is a Fernet token over place and secret, so that a token put into another row opens nothing. All keys
that are here open (MultiFernet); the one that seals is named by the row MARK of `installation`. Before that row is
there everything is written in clear, for programs of before 0017 may be at work; while it is an old seal itself, in
the form of models/migrations/old_seals.py. Old and clear values are read at any time.
"""

from base64 import urlsafe_b64encode
from typing import AnyStr, Literal, NamedTuple
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Connection, Engine, select
from sqlmodel import Session, col

from models.database.run import LINK_KEY, Installation
from models.database.secret_keys import Key, Keys
from models.errors import DondocError
from models.i18n import _
from models.migrations.old_seals import old_key_id, seal_old, unseal_old

MARK = "secrets_key"
"""The installation value that names the key that seals; without it this database is not sealed."""
_OPTION = "secret_keys"
_TOKEN = b"gAAAAA"  # how each Fernet token begins until the year 2106, and none of our secrets in clear


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


class SecretPlace(NamedTuple):
    """Where a secret stands; `row` is its primary key."""

    table: str
    column: str
    row: str

    @property
    def prefix(self) -> bytes:
        """Return what is sealed before the secret."""
        return "".join(f"{part}\0" for part in self).encode()


class Mark(NamedTuple):
    """How a database is sealed."""

    key_id: str
    is_old: bool
    """Whether in the form of before: programs that know no other may be at work."""


def totp_place(person_id: UUID) -> SecretPlace:
    """Return the place of a person's second step."""
    return SecretPlace("account", "totp_secret", person_id.hex)


def webhook_place(webhook_id: UUID) -> SecretPlace:
    """Return the place of what signs the calls of a webhook."""
    return SecretPlace("webhook", "secret", webhook_id.hex)


def gateway_place(gateway_id: UUID, column: str) -> SecretPlace:
    """Return the place of what signs the calls to a gateway (`secret`), or of their headers (`headers`)."""
    return SecretPlace("gateway", column, gateway_id.hex)


def push_place(subscription_id: UUID) -> SecretPlace:
    """Return the place of the keys of a browser that shows notifications."""
    return SecretPlace("push_subscription", "keys", subscription_id.hex)


def answer_place(person_id: UUID, key: str) -> SecretPlace:
    """Return the place of an answer of the API that is kept for a repeated request."""
    return SecretPlace("kept_answer", "body", f"{person_id.hex}.{key}")


def value_place(name: str) -> SecretPlace:
    """Return the place of an installation value."""
    return SecretPlace("installation", "value", name)


def keys_in(bind: Engine | Connection) -> Keys | None:
    """Return the keys that an engine was opened with."""
    found: Keys | None = bind.get_execution_options().get(_OPTION)
    return found


def with_keys(keys: Keys | None) -> dict[str, object]:
    """Return the execution options of an engine whose sessions may seal and open."""
    return {} if keys is None else {_OPTION: keys}


def is_token(stored: bytes) -> bool:
    """Return whether it is sealed in today's form."""
    return stored.startswith(_TOKEN)


def is_sealed(stored: bytes) -> bool:
    """Return whether it is a sealed text, in today's form or the old one."""
    return is_token(stored) or old_key_id(stored) is not None


def seal(clear: bytes, place: SecretPlace, key: Key) -> bytes:
    """Return the sealed text."""
    return _fernet(key).encrypt(place.prefix + clear)


def unseal(stored: bytes, place: SecretPlace, keys: Keys | None) -> bytes:
    """Return the secret; a clear value as it is. Locked where no key here opens it, or it does not belong there."""
    if not is_sealed(stored):
        return stored
    try:
        if old_id := old_key_id(stored):
            return unseal_old(stored, place, need(old_id, keys))
        opened = MultiFernet([_fernet(key) for key in (keys.known if keys else [])]).decrypt(stored)
        if opened.startswith(place.prefix):
            return opened.removeprefix(place.prefix)
    except (InvalidToken, ValueError):
        pass
    raise Locked(
        _(
            "{table}.{column} of {row} cannot be opened with the keys that are here: it was changed, put there from "
            "another row, or sealed with another key"
        ),
        **place._asdict(),
    )


def put(session: Session, place: SecretPlace, clear: AnyStr) -> AnyStr:
    """Return what is to be written there: sealed where this database is. KeyMissing where its key is not here.

    A rotation that is under way is waited for, so that nothing is sealed with the old key after it.
    """
    connection = session.connection()
    mark = read_mark(connection, hold="shared")
    if mark is None:
        return clear
    key = need(mark.key_id, keys_in(connection))
    sealed = (seal_old if mark.is_old else seal)(_bytes(clear), place, key)
    return sealed if isinstance(clear, bytes) else sealed.decode()


def take(session: Session, place: SecretPlace, stored: AnyStr) -> AnyStr:
    """Return what stands there, opened. KeyMissing without the key, Locked where it does not belong there."""
    connection = session.connection()
    keys = keys_in(connection)
    if is_sealed(_bytes(stored)) and (mark := read_mark(connection)) is not None:
        need(mark.key_id, keys)  # a running program reads a key that has come since
    opened = unseal(_bytes(stored), place, keys)
    return opened if isinstance(stored, bytes) else opened.decode()


def installation_value(session: Session, name: str) -> str | None:
    """Return an installation value that is a secret, opened; None where there is none."""
    row = session.get(Installation, name)
    return None if row is None else take(session, value_place(name), row.value)


def link_key(session: Session) -> str:
    """Return the installation's key, which signs. Raises where there is none."""
    return take(session, value_place(LINK_KEY), session.get_one(Installation, LINK_KEY).value)


def read_mark(connection: Connection, *, hold: Literal["shared", "alone"] | None = None) -> Mark | None:
    """Return how the database is sealed; None in clear. With `hold` its row is held until the transaction's end."""
    query = select(col(Installation.value)).where(col(Installation.name) == MARK)
    if hold:
        query = query.with_for_update(read=hold == "shared")
    value = connection.execute(query).scalar_one_or_none()
    if value is None:
        return None
    old_id = old_key_id(value.encode())
    return Mark(old_id or value, old_id is not None)


def need(key_id: str, keys: Keys | None) -> Key:
    """Return the key of this id. KeyMissing where it is not here."""
    key = keys.find(key_id) if keys is not None else None
    if key is None:
        raise KeyMissing(key_id, keys.place if keys is not None else "–")
    return key


def _fernet(key: Key) -> Fernet:
    return Fernet(urlsafe_b64encode(key.raw))


def _bytes(given: str | bytes) -> bytes:
    return given if isinstance(given, bytes) else given.encode()
