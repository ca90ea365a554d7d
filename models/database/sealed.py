"""Secrets in the database. A column of type `Sealed` stores Fernet tokens; the program reads and writes clear text.

The first key of an installation encrypts, and all of its keys decrypt (MultiFernet). A token contains the name of its
column, so it cannot be opened in another column. It can be opened in another row: the threat model says so.

A column type exists once in a process, but each engine has its own keys, and tests and upgrades open several engines.
SQLAlchemy gives the type the dialect, of which each engine has its own, so the keys are found by the dialect.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import suppress
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
"""The installation value with the id of the key that sealed everything last. Errors name that key if it is missing."""
_KEYS: WeakKeyDictionary[Dialect, Keys] = WeakKeyDictionary()


class Locked(DondocError, DontWrapMixin):
    """A secret cannot be opened here: its key is missing, or its token was changed. HTTP 503."""


class KeyMissing(Locked):
    """The key of this database is not on this machine."""

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
    """The type of a column with sealed text. `place` is "table.column"."""

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
    """The type of a column with sealed bytes. `place` is "table.column"."""

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
    """Return a token that can be opened in this column only. Raises KeyMissing without any key."""
    return _fernet(keys).encrypt(place.encode() + b"\0" + clear)


def unseal(token: bytes, place: str, keys: Keys | None) -> bytes:
    """Raise KeyMissing without any key; Locked where no key opens the token, or it belongs to another column."""
    fernet, prefix = _fernet(keys), place.encode() + b"\0"
    with suppress(InvalidToken):
        content = fernet.decrypt(token)
        if content.startswith(prefix):
            return content.removeprefix(prefix)
    raise Locked(
        _(
            "a secret in {column} cannot be opened with the keys that are here: it was changed, put there from another "
            "column, or sealed with another key"
        ),
        column=place,
    )


def _fernet(keys: Keys | None) -> MultiFernet:
    present_keys = keys.read() if keys is not None else []
    if not present_keys:
        raise KeyMissing("–", keys.place if keys is not None else "–")
    return MultiFernet([Fernet(urlsafe_b64encode(key.raw)) for key in present_keys])


def give_keys(engine: Engine, keys: Keys | None) -> None:
    """Let this engine's connections seal and open secrets with these keys."""
    if keys is not None:
        _KEYS[engine.dialect] = keys


def keys_in(bind: Engine | Connection) -> Keys | None:
    return _KEYS.get(bind.dialect)


@declared_attr.directive
def secrets_when_asked(cls: Any) -> dict[str, Any]:
    """Return the `__mapper_args__` of a model with secrets: a secret is loaded only when its attribute is read.

    So a row whose secret cannot be opened can still be read, switched off and deleted.
    """
    secret_columns = [column for column in cls.__table__.columns if isinstance(column.type, Sealed | SealedBytes)]
    return {"properties": {column.key: deferred(column) for column in secret_columns}}


class StoredSecret(NamedTuple):
    """One sealed value of a row. `ids` is the row's primary key by column names."""

    column: Column[Any]
    kind: Sealed | SealedBytes
    ids: dict[str, Any]
    token: Any

    @property
    def table(self) -> Table:
        return self.column.table

    @property
    def place(self) -> str:
        """Return for example "webhook.secret 0193…"."""
        return f"{self.table.name}.{self.column.name} {' '.join(str(part) for part in self.ids.values())}"

    def read(self, connection: Connection) -> Any:
        """Return the clear value. Raises Locked where it cannot be opened."""
        return self.kind.process_result_value(self.token, connection.dialect)

    def is_readable(self, connection: Connection) -> bool:
        try:
            self.read(connection)
        except Locked:
            return False
        return True

    def write(self, connection: Connection, clear: Any) -> None:
        """Seal the value again, with the first key, unless somebody has changed it since."""
        is_this_row = [self.table.c[name] == value for name, value in self.ids.items()]
        is_unchanged = type_coerce(self.column, self.kind.impl_instance) == self.token
        connection.execute(update(self.table).where(*is_this_row, is_unchanged).values({self.column.key: clear}))


def stored_secrets(connection: Connection) -> Iterator[StoredSecret]:
    for table in all_tables().sorted_tables:
        for column in table.columns:
            kind = column.type
            if not isinstance(kind, Sealed | SealedBytes):
                continue
            id_columns = list(table.primary_key)
            token_column = type_coerce(column, kind.impl_instance).label("token")
            query = select(*id_columns, token_column).where(column.is_not(None)).order_by(*id_columns)
            for *id_values, token in connection.execute(query).all():
                ids = {id_column.name: value for id_column, value in zip(id_columns, id_values, strict=True)}
                yield StoredSecret(column, kind, ids, token)


def named_key(connection: Connection) -> str | None:
    """Return the id of the key that sealed everything last; None before a database is set up."""
    query = text("SELECT value FROM installation WHERE name = :name")
    key_id: str | None = connection.execute(query, {"name": NAMED_KEY}).scalar_one_or_none()
    return key_id


def name_key(connection: Connection, key_id: str) -> None:
    write_installation_value(connection, NAMED_KEY, key_id)


def write_installation_value(connection: Connection, name: str, value: str) -> None:
    insert = "INSERT INTO installation (name, value) VALUES (:name, :value)"
    connection.execute(
        text(f"{insert} ON CONFLICT (name) DO UPDATE SET value = excluded.value"), {"name": name, "value": value}
    )


def check_keys(connection: Connection) -> None:
    """Raise KeyMissing where this database's key is not here, and BadInput where the key file may not be used."""
    key_id, keys = named_key(connection), keys_in(connection)
    present_keys = keys.read() if keys is not None else []
    if key_id is not None and key_id not in {key.id for key in present_keys}:
        raise KeyMissing(key_id, keys.place if keys is not None else "–")
