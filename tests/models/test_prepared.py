"""Single statements run thousands of times: they change what they say, and break as SQLAlchemy's own do."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, bindparam, insert, update
from sqlalchemy.exc import IntegrityError

from models.database.prepared import Prepared
from models.database.rows import table_of
from models.database.run import Run
from models.database.session import reading, transaction

_RUN = table_of(Run).c
ADDED = Prepared(insert(Run).values(key=bindparam("the_key"), started_at=bindparam("the_start"), outcome={"seen": 1}))
FINISHED = Prepared(update(Run).where(_RUN.key == bindparam("the_key")).values(finished_at=bindparam("the_end")))
START, END = datetime(2004, 6, 1, 1, tzinfo=UTC), datetime(2004, 6, 1, 2, tzinfo=UTC)


def test_a_statement_changes_what_it_names_and_tells_how_many_rows(engine: Engine) -> None:
    with transaction(engine) as session:
        assert ADDED.run(session.connection(), the_key="a", the_start=START) == 1
        assert FINISHED.run(session.connection(), the_key="a", the_end=END) == 1
        assert FINISHED.run(session.connection(), the_key="nobody's", the_end=END) == 0
    with reading(engine) as session:
        run = session.get_one(Run, "a")
        assert (run.started_at, run.finished_at, run.outcome) == (START, END, {"seen": 1})


def test_a_broken_rule_is_told_as_everywhere(engine: Engine) -> None:
    with transaction(engine) as session:
        ADDED.run(session.connection(), the_key="a", the_start=START)
    with transaction(engine) as session, pytest.raises(IntegrityError):
        ADDED.run(session.connection(), the_key="a", the_start=START)
