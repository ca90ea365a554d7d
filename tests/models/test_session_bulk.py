"""Bulk reading and changing: the driver's speed, the columns' types, the guards kept."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import select as select_all

from models.database.rows import insert_new, read_plain, table_of
from models.database.run import Run
from models.database.session import reading, transaction

pytestmark = pytest.mark.both

THEN, NOW = datetime(2004, 6, 1, 1, tzinfo=UTC), datetime(2004, 6, 2, 1, tzinfo=UTC)
_RUN = table_of(Run)


def test_plain_rows_have_the_values_that_the_columns_types_give(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add_all([Run(key="a", started_at=THEN), Run(key="b", started_at=THEN, finished_at=NOW)])
    with reading(engine) as session:
        rows = read_plain(session, select(_RUN.c.key, _RUN.c.started_at, _RUN.c.finished_at).order_by(_RUN.c.key))
    assert [tuple(row) for row in rows] == [("a", THEN, None), ("b", THEN, NOW)]
    assert rows[1].finished_at == NOW


def test_no_rows_are_no_trouble(engine: Engine) -> None:
    with transaction(engine) as session:
        assert read_plain(session, select(_RUN.c.key)) == []


_AWKWARD = ['"', "\\", "{a,b}", "NULL", "", " ", "'", "đôn\tđốc\n", "%s"]


def test_words_that_mean_something_to_the_database_arrive_as_they_are(engine: Engine) -> None:
    rows = [{"key": f"{word}", "started_at": THEN, "outcome": {word: [word, None, 1.5]}} for word in _AWKWARD]
    with transaction(engine) as session:
        assert insert_new(session, _RUN, rows, {"finished_at": None}) == len(rows)
        assert insert_new(session, _RUN, rows) == 0, "those that are there are passed over"
    with reading(engine) as session:
        found = {run.key: (run.outcome, run.started_at, run.finished_at) for run in session.exec(select_all(Run))}
    assert found == {row["key"]: (row["outcome"], THEN, None) for row in rows}


def test_words_too_long_for_their_column_are_refused_and_not_cut_off(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return  # keeps words of any length
    with pytest.raises(DBAPIError), transaction(engine) as session:
        insert_new(session, _RUN, [{"key": "x" * 101, "started_at": THEN, "outcome": {}}])
