"""All secrets of a database at once: sealed for the first time, or anew under another key or in another form."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from models.database.run import CHECKPOINT_KEY, LINK_KEY, WEB_PUSH_KEY
from models.database.sealing import (
    MARK,
    Locked,
    SecretPlace,
    is_sealed,
    is_token,
    keys_in,
    need,
    read_mark,
    seal,
    unseal,
)
from models.database.secret_keys import Key, Keys

SECRET_COLUMNS = (
    ("installation", "value", ("name",)),
    ("account", "totp_secret", ("person_id",)),
    ("webhook", "secret", ("id",)),
    ("kept_answer", "body", ("person_id", "key")),
    ("gateway", "headers", ("id",)),
    ("gateway", "secret", ("id",)),
    ("push_subscription", "keys", ("id",)),
)
"""Tables with their column and primary key, by name for migrations to use as well: an old schema lacks some."""
_MANY = 1000


@dataclass(frozen=True)
class Secret:
    """One secret as it stands in the database."""

    place: SecretPlace
    stored: bytes
    ids: dict[str, Any]
    """Its row's primary key, by column."""
    _of: sa.TableClause

    def opened(self, keys: Keys | None) -> bytes:
        """Return it in clear. Locked where no key that is here opens it."""
        return unseal(self.stored, self.place, keys)

    def is_open(self, keys: Keys | None) -> bool:
        """Return whether it can be read here: in clear, or by a key that is here."""
        try:
            self.opened(keys)
        except Locked:
            return False
        return True

    def write(self, connection: Connection, given: bytes) -> None:
        """Put another value there, unless somebody else has done so since."""
        column = self._of.c[self.place.column]
        is_binary = isinstance(column.type, sa.LargeBinary)
        before, value = (self.stored, given) if is_binary else (self.stored.decode(), given.decode())
        here = [self._of.c[name] == one for name, one in self.ids.items()]
        connection.execute(sa.update(self._of).where(*here, column == before).values({column.name: value}))


def standing(connection: Connection) -> Iterator[Secret]:
    """Yield every secret."""
    there = set(sa.inspect(connection).get_table_names())
    for table, column, names in SECRET_COLUMNS:
        if table not in there:
            continue
        ids = [sa.column(name, sa.Uuid() if name.endswith("id") else sa.Text()) for name in names]
        of = sa.table(table, *ids, sa.column(column, sa.LargeBinary() if table == "kept_answer" else sa.Text()))
        query = sa.select(of).where(of.c[column].is_not(None)).order_by(*ids)
        if table == "installation":
            query = query.where(of.c.name.in_((LINK_KEY, CHECKPOINT_KEY, WEB_PUSH_KEY)))
        for *key, stored in connection.execute(query).all():
            if stored:  # an answer that is under way has none yet
                place = SecretPlace(table, column, ".".join(getattr(one, "hex", one) for one in key))
                text = stored if isinstance(stored, bytes) else stored.encode()
                yield Secret(place, text, dict(zip(names, key, strict=True)), of)


def establish(connection: Connection, commit: Callable[[], None] = lambda: None) -> int:
    """From now on this database is sealed, in today's form; how many secrets were not. A repeat seals what is left.

    The key is made where there is none, and on the disk before anything is sealed by it; never over a database that is
    sealed with another: KeyMissing or Locked then. Without keys (a database by itself) nothing is done.
    """
    keys = keys_in(connection)
    if keys is None:
        return 0
    mark = read_mark(connection, hold="alone")
    if mark is None:
        for one in standing(connection):
            if is_sealed(one.stored):  # a mark that somebody took away is no reason for a new key
                one.opened(keys)
        write_mark(connection, keys.make().id, "NOTHING")
        mark = read_mark(connection, hold="alone")  # ours, or that of another machine which began at once
    key = need(mark.key_id if mark is not None else "–", keys)
    if mark is not None and mark.is_old:
        write_mark(connection, key.id)
    commit()  # whoever writes a secret from here on seals it as we do
    rows = [one for one in standing(connection) if not is_token(one.stored)]
    return len(rows) - len(reseal(connection, rows, keys, key, commit))


def reseal(
    connection: Connection, rows: Iterable[Secret], keys: Keys, key: Key, commit: Callable[[], None] = lambda: None
) -> list[SecretPlace]:
    """Seal secrets under this key; which ones stay as they are, for no key here opens them.

    With `commit`, what is broken off goes on where it was.
    """
    left = []
    for number, one in enumerate(rows, start=1):
        try:
            one.write(connection, seal(one.opened(keys), one.place, key))
        except Locked:
            left.append(one.place)
        if number % _MANY == 0:
            commit()
    return left


def write_mark(connection: Connection, value: str, where_there: str = "UPDATE SET value = excluded.value") -> None:
    """From now on the database is sealed with the key of this id."""
    words = f"INSERT INTO installation (name, value) VALUES (:name, :value) ON CONFLICT (name) DO {where_there}"
    connection.execute(sa.text(words), {"name": MARK, "value": value})


def lay_open(connection: Connection) -> None:
    """Everything in clear again, for programs of before: a downgrade. Locked where one cannot be opened."""
    for one in standing(connection):
        one.write(connection, one.opened(keys_in(connection)))
    connection.execute(sa.text("DELETE FROM installation WHERE name = :name"), {"name": MARK})
