"""Changes that leave those alone who work meanwhile; on SQLite, where nobody does, the plain ones.

On PostgreSQL each of these is committed by itself, so a migration that is broken off begins again at its first line:
every one of them may be repeated. What must be whole (tables, triggers) stands in a transaction between two of them.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

_MODES = {"writes": "SHARE ROW EXCLUSIVE", "everything": "ACCESS EXCLUSIVE"}


def on_postgresql() -> bool:
    """Return whether others may be at work meanwhile."""
    return op.get_bind().dialect.name == "postgresql"


def commit() -> None:
    """Keep what has been done so far, and give its locks back. On SQLite a migration is one transaction."""
    if on_postgresql():
        with op.get_context().autocommit_block():
            pass


def hold(*tables: str, against: str = "writes") -> None:
    """Take the locks that the next statements need, before they do anything: new references need `writes` held back.

    Only the first is waited for with patience. Who waits while holding others may close a ring of waiting with a
    program at work, and PostgreSQL would end one of the two: we give up long before it looks (deadlock_timeout, 1 s).
    """
    if not on_postgresql():
        return
    for number, table in enumerate(tables):
        if number == 1:
            op.execute("SET LOCAL lock_timeout = '100ms'")
        op.execute(f"LOCK TABLE {table} IN {_MODES[against]} MODE")


def has_table(name: str) -> bool:
    """Return whether it is there already."""
    return sa.inspect(op.get_bind()).has_table(name)


def has_column(table: str, name: str) -> bool:
    """Return whether it is there already."""
    return name in {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}


def add_column(table: str, column: sa.Column[Any]) -> None:
    """A column that old programs need not know: nullable, or with a default of the server's."""
    if column.nullable is False and column.server_default is None:
        raise ValueError(f"{table}.{column.name}: old programs write rows without it, it needs a server default")
    if on_postgresql():
        if not has_column(table, column.name):
            op.add_column(table, column)
        commit()
    else:
        op.add_column(table, column)


def add_reference(table: str, column: str, other: str) -> None:
    """A reference to another table's id. On PostgreSQL the rows there are looked through while others write."""
    constraint, words = f"fk_{table}_{column}", f"FOREIGN KEY({column}) REFERENCES {other} (id)"
    if not on_postgresql():
        remake(table, lambda create: f"{create[: create.rindex(')')].rstrip()}, \n\tCONSTRAINT {constraint} {words}\n)")
        return
    hold(other, table)
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {words} NOT VALID")
    with _patiently():
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}")


def add_index(name: str, table: str, columns: Sequence[Any], where: str | None = None) -> None:
    """An index, built while others write."""
    condition = sa.text(where) if where else None
    if not on_postgresql():
        op.create_index(name, table, columns, sqlite_where=condition)
        return
    with _patiently():
        half_built = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid"
        if op.get_bind().execute(sa.text(half_built), {"name": name}).first():
            op.drop_index(name, table, postgresql_concurrently=True)
        op.create_index(
            name, table, columns, postgresql_where=condition, postgresql_concurrently=True, if_not_exists=True
        )


def drop_index(name: str, table: str) -> None:
    """An index that no query of ours wants any more."""
    if not on_postgresql():
        op.drop_index(name, table)
        return
    with _patiently():
        op.drop_index(name, table, postgresql_concurrently=True, if_exists=True)


def replace_index(name: str, table: str, columns: Sequence[Any], where: str | None = None) -> None:
    """An index of the same name with other columns or another condition; there is one at every moment."""
    if not on_postgresql():
        op.drop_index(name, table)
        add_index(name, table, columns, where)
        return
    add_index(f"{name}_anew", table, columns, where)
    hold(table, against="everything")
    op.drop_index(name, table, if_exists=True)
    op.execute(f"ALTER INDEX {name}_anew RENAME TO {name}")
    commit()


def allow(table: str, name: str, column: str, before: str, after: str) -> None:
    """More values for a column."""
    widen(table, name, f"{column} IN ({before})", f"{column} IN ({after})")


def widen(table: str, name: str, before: str, after: str) -> None:
    """A wider condition. On PostgreSQL the rows that are there are looked through while others write."""
    if not on_postgresql():
        remake(table, lambda create: replaced(create, f"({before})", f"({after})"))
        return
    constraint = f"ck_{table}_{name}"
    op.execute(
        f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint},"
        f" ADD CONSTRAINT {constraint} CHECK ({after}) NOT VALID"
    )
    with _patiently():
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}")


def narrow(table: str, name: str, column: str, before: str, after: str) -> None:
    """Fewer values for a column, for the way back: in the one transaction of a downgrade."""
    if not on_postgresql():
        remake(table, _other_values(before, after))
        return
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} IN ({after})")


def _other_values(before: str, after: str) -> Callable[[str], str]:
    return lambda create: replaced(create, f"({before})", f"({after})")


def replaced(create: str, before: str, after: str) -> str:
    """Return a table's words with a part changed that must be there. RuntimeError where it is not, and nothing is
    done.
    """
    if before not in create:
        raise RuntimeError(f"a constraint reads otherwise than expected: {before} is not in {create}")
    return create.replace(before, after, 1)


def remake(table: str, changed: Callable[[str], str]) -> None:
    """SQLite cannot alter a constraint: the table is made anew from its own words, changed, as its manual says.

    (lang_altertable, "making other kinds of table schema changes"); foreign keys are off while migrating.
    """
    bind = op.get_bind()
    words = bind.exec_driver_sql(
        "SELECT type, sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL", (table,)
    ).all()
    create = next(sql for kind, sql in words if kind == "table")
    bind.exec_driver_sql(changed(create).replace(table, f"{table}_anew", 1))
    bind.exec_driver_sql(f"INSERT INTO {table}_anew SELECT * FROM {table}")
    bind.exec_driver_sql(f"DROP TABLE {table}")
    bind.exec_driver_sql(f"ALTER TABLE {table}_anew RENAME TO {table}")
    for kind, sql in words:
        if kind != "table":
            bind.exec_driver_sql(sql)


@contextmanager
def _patiently() -> Iterator[None]:
    """Outside a transaction, waiting as long as it takes: what is done so holds up nobody who reads or writes."""
    with op.get_context().autocommit_block():
        bind = op.get_bind()
        before = bind.exec_driver_sql("SHOW lock_timeout").scalar_one()
        bind.exec_driver_sql("SET lock_timeout = 0")
        try:
            yield
        finally:
            bind.exec_driver_sql(f"SET lock_timeout = '{before}'")
