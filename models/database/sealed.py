"""Secrets in the database: a column of type `Sealed` holds Fernet tokens, and is read and written in clear.

The first key of an installation seals, all of its keys open (MultiFernet). A token holds the name of its column before
the secret, so that it opens nothing in another column. In another row it does, as a type knows no row: the threat model
says so.

A type is the same object for the whole process, while keys belong to an engine; tests, simulations and upgrades have
several. SQLAlchemy hands the type the dialect, and each engine has one of its own: by that the keys are found. A
variable of the context would have to be set around each session, thread and bare connection.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import (
    Column,
    Connection,
    Dialect,
    Engine,
    LargeBinary,
    String,
    Table,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.orm import declared_attr, deferred
from sqlalchemy.types import TypeDecorator

from models.database.all_tables import all_tables
from models.database.secret_keys import Keys
from models.errors import DondocError
from models.i18n import _

NAMED_KEY = "secrets_key"
"""The installation value that names the key with which everything was sealed last: to say which one is missing."""
_KEYS: WeakKeyDictionary[Dialect, Keys] = WeakKeyDictionary()


class Locked(DondocError, DontWrapMixin):
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


class Sealed(TypeDecorator[str]):
    """A text, sealed. `place` is "table.column"."""

    impl = String
    cache_ok = True

    def __init__(self, place: str, length: int | None = None) -> None:
        super().__init__(length)
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else seal(value.encode(), self.place, _KEYS.get(dialect)).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else unseal(value.encode(), self.place, _KEYS.get(dialect)).decode()


class SealedBytes(TypeDecorator[bytes]):
    """Bytes, sealed. `place` is "table.column"."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else seal(value, self.place, _KEYS.get(dialect))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else unseal(value, self.place, _KEYS.get(dialect))


def seal(clear: bytes, place: str, keys: Keys | None) -> bytes:
    """The token opens in this column only. KeyMissing without any key."""
    found = _fernet(keys)
    if found is None:
        raise KeyMissing("–", keys.place if keys is not None else "–")
    return found.encrypt(place.encode() + b"\0" + clear)


def unseal(token: bytes, place: str, keys: Keys | None) -> bytes:
    """KeyMissing without any key; Locked where no key here opens it, or it is another column's."""
    found, prefix = _fernet(keys), place.encode() + b"\0"
    if found is None:
        raise KeyMissing("–", keys.place if keys is not None else "–")
    try:
        opened = found.decrypt(token)
        if opened.startswith(prefix):
            return opened.removeprefix(prefix)
    except InvalidToken:
        pass
    raise Locked(
        _(
            "a secret in {column} cannot be opened with the keys that are here: it was changed, put there from another "
            "column, or sealed with another key"
        ),
        column=place,
    )


def _fernet(keys: Keys | None) -> MultiFernet | None:
    found = keys.read() if keys is not None else []
    return MultiFernet([Fernet(urlsafe_b64encode(key.raw)) for key in found]) if found else None


def give_keys(engine: Engine, keys: Keys | None) -> None:
    """From now on what goes over this engine is sealed and opened with these keys."""
    if keys is not None:
        _KEYS[engine.dialect] = keys


def keys_in(bind: Engine | Connection) -> Keys | None:
    return _KEYS.get(bind.dialect)


@declared_attr.directive
def secrets_when_asked(cls: Any) -> dict[str, Any]:
    """The `__mapper_args__` of a model with secrets: no query of rows loads one; it is read when a row is asked for it.

    So a row whose secret cannot be opened can still be read, switched off and deleted.
    """
    secret = [one for one in cls.__table__.columns if isinstance(one.type, Sealed | SealedBytes)]
    return {"properties": {one.key: deferred(one) for one in secret}}


class StoredSecret(NamedTuple):
    column: Column[Any]
    kind: Sealed | SealedBytes
    ids: dict[str, Any]
    """Its row's primary key, by column."""
    token: Any

    @property
    def table(self) -> Table:
        return self.column.table

    @property
    def place(self) -> str:
        """As "webhook.secret 0193…"."""
        return f"{self.table.name}.{self.column.name} {' '.join(str(part) for part in self.ids.values())}"

    def opened(self, connection: Connection) -> Any:
        """Locked where it cannot be opened."""
        return self.kind.process_result_value(self.token, connection.dialect)

    def is_open(self, connection: Connection) -> bool:
        try:
            self.opened(connection)
        except Locked:
            return False
        return True

    def write(self, connection: Connection, clear: Any) -> None:
        """Seal a value in its place, with the first key, unless somebody has put another there since."""
        here = [self.table.c[name] == one for name, one in self.ids.items()]
        as_it_was = type_coerce(self.column, self.kind.impl_instance) == self.token
        connection.execute(update(self.table).where(*here, as_it_was).values({self.column.key: clear}))


def stored_secrets(connection: Connection) -> Iterator[StoredSecret]:
    for table in all_tables().sorted_tables:
        for column in table.columns:
            kind = column.type
            if isinstance(kind, Sealed | SealedBytes):
                ids = list(table.primary_key)
                token = type_coerce(column, kind.impl_instance).label("token")
                query = select(*ids, token).where(column.is_not(None)).order_by(*ids)
                for *key, stored in connection.execute(query).all():
                    named = {one.name: part for one, part in zip(ids, key, strict=True)}
                    yield StoredSecret(column, kind, named, stored)


def named_key(connection: Connection) -> str | None:
    """The id of the key with which everything was sealed last; None before a database is set up."""
    query = text("SELECT value FROM installation WHERE name = :name")
    found: str | None = connection.execute(query, {"name": NAMED_KEY}).scalar_one_or_none()
    return found


def name_key(connection: Connection, key_id: str) -> None:
    words = "INSERT INTO installation (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = "
    connection.execute(text(f"{words}excluded.value"), {"name": NAMED_KEY, "value": key_id})


def check_keys(connection: Connection) -> None:
    """KeyMissing where the key of this database is not here. BadInput where keys are here that may not be used."""
    key_id, keys = named_key(connection), keys_in(connection)
    if key_id is not None and key_id not in {key.id for key in (keys.read() if keys is not None else [])}:
        raise KeyMissing(key_id, keys.place if keys is not None else "–")
