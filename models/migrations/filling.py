"""Rows that get what a new column holds of them: by migrations, and once more when the last old program has ended."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from models.vietnamese import search_text, search_words

MANY = 1000
"""Rows in one transaction: those who want to change the same rows wait some 50 ms."""
SEARCHED = {"directive": ("number", "code", "subject"), "duty": ("path", "title", "quote")}


def fill_search_words(connection: sa.Connection, commit: Callable[[], None]) -> None:
    """What search compares, for the rows that have none: of directives, duties and results' numbers."""
    for table, columns in SEARCHED.items():
        for rows in _chunks(connection, table, columns, "search_text"):
            first = "mục {}" if table == "duty" else "{}"
            _write(
                connection,
                table,
                "search_text",
                [(row[0], search_text(first.format(row[1] or ""), row[2], row[3])) for row in rows],
            )
            commit()
    for rows in _chunks(connection, "result", ("number",), "number_words"):
        _write(connection, "result", "number_words", [(row[0], search_words(row[1])) for row in rows])
        commit()


def copy_letters(connection: sa.Connection, commit: Callable[[], None]) -> None:
    """The bytes of letters into their table, for those that are not there."""
    letter = sa.table("letter", sa.column("id", sa.Uuid()))
    last = None
    while True:
        asked = sa.select(letter.c.id).where(sa.text("content IS NOT NULL")).order_by(letter.c.id).limit(MANY)
        ids = connection.execute(asked if last is None else asked.where(letter.c.id > last)).scalars().all()
        if not ids:
            return
        connection.execute(
            sa.text(
                "INSERT INTO letter_content SELECT id, content FROM letter"
                " WHERE id >= :first AND id <= :last AND content IS NOT NULL ON CONFLICT DO NOTHING"
            ).bindparams(sa.bindparam("first", ids[0], sa.Uuid()), sa.bindparam("last", ids[-1], sa.Uuid()))
        )
        last = ids[-1]
        commit()


def fill_checks(connection: sa.Connection, commit: Callable[[], None]) -> None:
    """A check for each task that wants a look and has none.

    The tasks are held meanwhile: one that is closed just then must not get a check from what it was before.
    """
    task = sa.table("task", sa.column("id", sa.Uuid()), sa.column("next_check_at", sa.DateTime(timezone=True)))
    wanted = sa.select(task).where(task.c.next_check_at.is_not(None)).order_by(task.c.id).limit(MANY)
    checked = sa.text("INSERT INTO task_check (task_id, at) VALUES (:the_id, :moment) ON CONFLICT DO NOTHING")
    checked = checked.bindparams(
        sa.bindparam("the_id", type_=sa.Uuid()), sa.bindparam("moment", type_=sa.DateTime(timezone=True))
    )
    last = None
    while True:
        asked = wanted if last is None else wanted.where(task.c.id > last)
        rows = connection.execute(asked.with_for_update(read=True)).all()
        if not rows:
            return
        connection.execute(checked, [{"the_id": id_, "moment": moment} for id_, moment in rows])
        last = rows[-1][0]
        commit()


def _chunks(connection: sa.Connection, name: str, columns: Sequence[str], empty: str) -> Iterator[Sequence[Any]]:
    """Rows in the order of their ids in which a column is still empty."""
    table = sa.table(name, sa.column("id", sa.Uuid()), *(sa.column(one) for one in (*columns, empty)))
    last = None
    while True:
        asked = sa.select(table.c.id, *(table.c[one] for one in columns)).where(table.c[empty] == "")
        if last is not None:
            asked = asked.where(table.c.id > last)
        rows = connection.execute(asked.order_by(table.c.id).limit(MANY)).all()
        if not rows:
            return
        last = rows[-1][0]
        yield rows


def _write(connection: sa.Connection, name: str, column: str, values: list[tuple[object, str]]) -> None:
    table = sa.table(name, sa.column("id", sa.Uuid()), sa.column(column))
    connection.execute(
        sa.update(table).where(table.c.id == sa.bindparam("the_id")).values({column: sa.bindparam("the_text")}),
        [{"the_id": id_, "the_text": text} for id_, text in values],
    )
