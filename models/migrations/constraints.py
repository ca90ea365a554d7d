"""Constraints that migrations change, in each database's own way."""

from collections.abc import Callable

from alembic import op


def allow(table: str, name: str, column: str, before: str, after: str) -> None:
    """Changes the values a column may have."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} IN ({after})")
        return

    def changed(create: str) -> str:
        if before not in create:
            raise RuntimeError(f"{table}: its constraint on {column} reads otherwise than expected")
        return create.replace(f"({before})", f"({after})", 1)

    make_anew(table, changed)


def make_anew(table: str, changed: Callable[[str], str]) -> None:
    """Makes an SQLite table anew from its own words, changed: it cannot alter a constraint.

    As its manual says (lang_altertable, "making other kinds of table schema changes"); foreign keys are off while
    migrating.
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
