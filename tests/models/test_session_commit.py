"""A transaction that fails is over: nobody waits for it, and its connection sees what others do afterwards."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.database.session import open_engine, reading, transaction, transactions

pytestmark = pytest.mark.both

ORPHAN = text("INSERT INTO part (whole) VALUES (7)")


@pytest.fixture
def parts(engine: Engine) -> Engine:
    """With a table whose rows are held against another's at the commit."""
    with transaction(engine) as session:
        session.execute(text("CREATE TABLE whole (id INTEGER PRIMARY KEY)"))
        session.execute(text("CREATE TABLE part (whole INTEGER REFERENCES whole (id) DEFERRABLE INITIALLY DEFERRED)"))
    return engine


def test_after_a_failed_commit_another_connection_may_write_at_once(parts: Engine) -> None:
    """Else who settles a letter on a new connection waits for its own process, and everybody with it."""
    with transactions(parts) as begin, parts.connect() as other:
        if parts.dialect.name == "sqlite":
            other.exec_driver_sql("PRAGMA busy_timeout=0")
            other.rollback()
        with pytest.raises(IntegrityError), begin() as session:
            session.execute(ORPHAN)
        with other.begin():
            other.execute(text("INSERT INTO whole VALUES (1)"))


def test_after_a_failed_commit_the_same_connection_goes_on(parts: Engine) -> None:
    with transactions(parts) as begin:
        with pytest.raises(IntegrityError), begin() as session:
            session.execute(ORPHAN)
        with begin() as session:
            assert session.execute(text("SELECT count(*) FROM part")).scalar_one() == 0


ONE_MORE, ALL = text("INSERT INTO whole (id) SELECT max(id) + 1 FROM whole"), text("SELECT id FROM whole")


@pytest.fixture
def wholes(parts: Engine) -> Engine:
    """With three rows."""
    with transaction(parts) as session:
        session.execute(text("INSERT INTO whole VALUES (1), (2), (3)"))
    return parts


def look(session: Session) -> None:
    """Fail with a result in hand of which not all rows are read."""
    found = session.execute(ALL)
    raise RuntimeError(next(iter(found)))


@pytest.mark.parametrize("unit_of_work", [transaction, reading])
def test_a_result_that_an_error_holds_keeps_no_connection_in_the_past(
    wholes: Engine, database_url: str, unit_of_work: Callable[[Engine], AbstractContextManager[Session]]
) -> None:
    with pytest.raises(RuntimeError) as held, unit_of_work(wholes) as session:
        look(session)
    goes_on_from(wholes, database_url)
    assert held.tb is not None


def test_nor_the_connection_of_a_batch(wholes: Engine, database_url: str) -> None:
    with transactions(wholes) as begin:
        with pytest.raises(RuntimeError) as held, begin() as session:
            look(session)
        other = open_engine(database_url)
        with transaction(other) as session:
            session.execute(ONE_MORE)
        other.dispose()
        with begin() as session:
            session.execute(ONE_MORE)
            assert session.execute(ALL).scalars().all() == [1, 2, 3, 4, 5]
    assert held.tb is not None


def goes_on_from(engine: Engine, url: str) -> None:
    """See and change what another process has written meanwhile."""
    other = open_engine(url)
    with transaction(other) as session:
        session.execute(ONE_MORE)
    other.dispose()
    with reading(engine) as session:
        assert session.execute(ALL).scalars().all() == [1, 2, 3, 4]
    with transaction(engine) as session:
        session.execute(ONE_MORE)
