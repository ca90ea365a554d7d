"""All secrets of a database at once: sealed for the first time, sealed anew under another key, counted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from models.database.run import CHECKPOINT_KEY, LINK_KEY
from models.database.sealing import (
    MARK,
    Locked,
    SecretPlace,
    is_sealed,
    key_id_of,
    keys_in,
    need,
    read_mark,
    seal,
    unseal,
    value_place,
)
from models.database.secret_keys import Key, Keys

_VOUCH = b"dondoc"


@dataclass(frozen=True)
class _Column:
    table: str
    column: str
    ids: tuple[str, ...]
    kind: Any = field(default_factory=sa.Text)
    only: tuple[str, ...] = ()


SECRET_COLUMNS = (
    _Column("installation", "value", ("name",), only=(LINK_KEY, CHECKPOINT_KEY)),
    _Column("account", "totp_secret", ("person_id",)),
    _Column("webhook", "secret", ("id",)),
    _Column("kept_answer", "body", ("person_id", "key"), sa.LargeBinary()),
)
"""Each by the name of its table, for migrations to use as well."""


@dataclass(frozen=True)
class SecretState:
    """One secret as it stands in the database."""

    place: SecretPlace
    stored: str | bytes
    ids: dict[str, Any]
    """Its row's primary key, by column."""
    _column: _Column

    def write(self, connection: Connection, given: bytes) -> None:
        """Put another value there."""
        of, value = _table(self._column), given if isinstance(self.stored, bytes) else given.decode()
        where = [of.c[name] == one for name, one in self.ids.items()]
        connection.execute(sa.update(of).where(*where).values({self._column.column: value}))


def standing(connection: Connection, *, to_change: bool = False) -> Iterator[SecretState]:
    """Yield every secret; with `to_change` nobody else writes these rows until the transaction's end."""
    for one in SECRET_COLUMNS:
        of = _table(one)
        query = sa.select(*of.c).where(of.c[one.column].is_not(None)).order_by(*(of.c[name] for name in one.ids))
        if one.only:
            query = query.where(of.c.name.in_(one.only))
        if isinstance(one.kind, sa.LargeBinary):
            query = query.where(of.c[one.column] != b"")  # an answer that is under way
        for row in connection.execute(query.with_for_update() if to_change else query).mappings().all():
            ids = {name: row[name] for name in one.ids}
            named = ".".join(getattr(value, "hex", value) for value in ids.values())
            stored = row[one.column]
            yield SecretState(
                SecretPlace(one.table, one.column, named),
                bytes(stored) if isinstance(stored, memoryview) else stored,
                ids,
                one,
            )


def establish(connection: Connection) -> int:
    """From now on this database is sealed; how many secrets stood in clear. A repeat seals what is clear still.

    The key is made where there is none, and on the disk before anything is sealed by it; never over a database that is
    sealed with another: KeyMissing then. Without keys (a database by itself) nothing is done.
    """
    keys = keys_in(connection)
    if keys is None:
        return 0
    mark = read_mark(connection, alone=True)
    if mark is None:
        _refuse_afresh(connection, keys)
        _insert_mark(connection, keys.make())
        mark = read_mark(connection, alone=True)  # ours, or that of another machine which began at once
    key = need(mark or "", keys)
    if all(is_sealed(one.stored) for one in standing(connection)):
        return 0  # nobody's row is held
    done = 0
    for one in standing(connection, to_change=True):
        if not is_sealed(one.stored):
            one.write(connection, seal(unseal(one.stored, one.place, keys), one.place, key).encode())
            done += 1
    return done


@dataclass(frozen=True)
class Resealed:
    """What sealing anew did."""

    sealed: int
    left: tuple[SecretPlace, ...]
    """Those that no key here opens: they stay as they are."""


def reseal(connection: Connection, keys: Keys, to: Key) -> Resealed:
    """Seal everything anew under a key that is in `keys`, in this transaction. KeyMissing without the present one."""
    mark = read_mark(connection, alone=True)
    need(mark or "", keys)
    sealed, left = 0, []
    for one in standing(connection, to_change=True):
        try:
            clear = unseal(one.stored, one.place, keys)
        except Locked:
            left.append(one.place)
            continue
        one.write(connection, seal(clear, one.place, to).encode())
        sealed += 1
    write_mark(connection, to)
    return Resealed(sealed, tuple(left))


def write_mark(connection: Connection, key: Key) -> None:
    """The database is sealed with this key."""
    _insert_mark(connection, key)
    table = _installation()
    connection.execute(sa.update(table).where(table.c.name == MARK).values(value=_mark(key)))


def lay_open(connection: Connection) -> None:
    """Everything in clear again, for programs of before: a downgrade. KeyMissing without the key."""
    keys = keys_in(connection)
    for one in standing(connection, to_change=True):
        if is_sealed(one.stored):
            one.write(connection, unseal(one.stored, one.place, keys))
    table = _installation()
    connection.execute(sa.delete(table).where(table.c.name == MARK))


@dataclass
class Count:
    """How the secrets of a database stand."""

    sealed: int = 0
    clear: int = 0
    locked: list[SecretPlace] = field(default_factory=list)
    """Sealed, and opened by no key that is here."""


def count(connection: Connection, keys: Keys | None) -> dict[str, Count]:
    """By table, after trying each."""
    counts = {one.table: Count() for one in SECRET_COLUMNS}
    for one in standing(connection):
        of = counts[one.place.table]
        if not is_sealed(one.stored):
            of.clear += 1
            continue
        of.sealed += 1
        if not is_open(one, keys):
            of.locked.append(one.place)
    return counts


def is_open(one: SecretState, keys: Keys | None) -> bool:
    """Return whether it can be read here: in clear, or by a key that is here."""
    try:
        unseal(one.stored, one.place, keys)
    except Locked:
        return False
    return True


def _refuse_afresh(connection: Connection, keys: Keys) -> None:
    """A mark that somebody took away is no reason for a new key."""
    for one in standing(connection):
        if key_id_of(one.stored) is not None:
            unseal(one.stored, one.place, keys)


def _mark(key: Key) -> str:
    return seal(_VOUCH, value_place(MARK), key)


def _insert_mark(connection: Connection, key: Key) -> None:
    words = "INSERT INTO installation (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING"
    connection.execute(sa.text(words), {"name": MARK, "value": _mark(key)})


def _installation() -> sa.TableClause:
    return sa.table("installation", sa.column("name", sa.Text()), sa.column("value", sa.Text()))


def _table(of: _Column) -> sa.TableClause:
    ids = [sa.column(name, sa.Uuid() if name.endswith("id") else sa.Text()) for name in of.ids]
    return sa.table(of.table, *ids, sa.column(of.column, of.kind))
