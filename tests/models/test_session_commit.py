"""A transaction whose commit fails is over, and nobody waits for it."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from models.database.session import transaction, transactions

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
