"""Nobody waits for the database without an end: not for a lock, nor for a server that says nothing."""

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from models.database import session as session_module
from models.database.rows import insert_new, table_of
from models.database.run import Run
from models.database.session import is_database_unavailable, open_engine, transaction
from models.text.localtime import read_instant

KEY = "summary:2004-W20"


def test_who_needs_what_another_holds_is_told_in_the_end(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "WAIT_SECONDS", 1)
    engine = open_engine(database_url)
    with transaction(engine) as session:
        insert_new(session, table_of(Run), [{"key": KEY, "started_at": read_instant("2004-05-10"), "outcome": {}}])
    change = update(Run).where(col(Run.key) == KEY).values(finished_at=read_instant("2004-05-11"))
    with transaction(engine) as holder:
        holder.execute(change)
        with pytest.raises(OperationalError) as caught, transaction(engine) as other:
            other.execute(change)
    assert is_database_unavailable(caught.value), "a page says that it should be tried again"
    engine.dispose()


@pytest.mark.parametrize(("given", "seconds"), [("", "10"), ("?connect_timeout=3", "3")])
def test_a_server_that_says_nothing_is_left(given: str, seconds: str) -> None:
    engine = open_engine(f"postgresql+psycopg://somebody@192.0.2.1/dondoc{given}")
    assert engine.url.query["connect_timeout"] == seconds
