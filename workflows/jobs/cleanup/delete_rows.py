"""Deletes many rows a batch a transaction: nobody waits long for a lock, and two at once share what there is."""

from typing import Any

from sqlalchemy import ColumnElement, Engine, delete, tuple_
from sqlmodel import select

from models.database.rows import count_changed
from models.database.session import transaction

BATCH = 1000


def delete_rows(engine: Engine, keys: tuple[Any, ...], *which: ColumnElement[bool], batch: int | None = None) -> int:
    """Delete the rows of the table of `keys` (the columns of its primary key) that are found; returns how many.

    `batch`: fewer in a transaction, where rows are large. What another process is deleting is passed over.
    """
    deleted, size = 0, batch or BATCH
    table = keys[0].class_
    while True:
        with transaction(engine) as session:
            query = select(*keys).where(*which).limit(size).with_for_update(skip_locked=True)
            found = [one if len(keys) > 1 else (one,) for one in session.exec(query).all()]
            if found:
                named = tuple_(*keys).in_([tuple(one) for one in found])
                done = count_changed(session, delete(table).where(named).execution_options(synchronize_session=False))
                deleted += done
        if len(found) < size:
            return deleted
