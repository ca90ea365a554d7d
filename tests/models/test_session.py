"""Bulk rows: what is there already is passed over, and the number of new ones is told."""

import pytest
from sqlalchemy import Engine

from models.database.rows import insert_new, table_of
from models.database.run import Run
from models.database.session import transaction
from models.text.localtime import read_instant

pytestmark = pytest.mark.both

NOW = read_instant("2004-05-10")


def test_insert_new_tells_how_many_rows_were_new(engine: Engine) -> None:
    rows = [{"key": f"summary:2004-W{week}", "started_at": NOW, "outcome": {}} for week in (20, 21)]
    table = table_of(Run)
    with transaction(engine) as session:
        assert insert_new(session, table, rows[:1]) == 1
        assert insert_new(session, table, rows) == 1
        assert insert_new(session, table, rows) == 0
        assert insert_new(session, table, []) == 0
