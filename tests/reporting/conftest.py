"""The two published years, rebuilt from generated history: each in a database of its own, for all tests of a module."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bench.reporting.filling import fill
from models.database.session import open_engine, transaction
from models.organization.account import Proof
from models.organization.person import Person, PersonRole, Role
from models.settings import MailSettings, Settings
from models.text.localtime import at_local
from tests.keys import KEYS
from tests.postgres import PostgresServer
from tests.reporting.published import Published, Year
from tests.web.site import ADDRESS, Reader
from web.app import create_app
from workflows.access.accounts.sessions import open_session

YEARS = {
    "8/2016": Published(date(2016, 8, 31), 1_310, 429, 1_812, 175, 1_739, 1_987, 3_726, 204, "1739/1914", "90,86%"),
    "2017": Published(
        date(2017, 12, 25), 14_068, 1_983, 5_640, 223, 16_051, 5_863, 21_914, 760, "16051/16274", "98,63%"
    ),
}


@pytest.fixture(scope="module", params=[(year, kind) for year in YEARS for kind in ("sqlite", "postgresql")], ids=str)
def year(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path
) -> Iterator[Year]:
    """A published year, on SQLite and on PostgreSQL."""
    name, kind = request.param
    published, folder = YEARS[name], tmp_path_factory.mktemp("year")
    path, server, database = folder / "year.sqlite", None, ""
    if kind == "sqlite":
        path.write_bytes(migrated_sqlite.read_bytes())
        url = f"sqlite:///{path}"
    else:
        server = request.getfixturevalue("postgres_server")
        assert isinstance(server, PostgresServer)
        database = server.create_database()
        url = server.url(database)
    maker = open_engine(url, KEYS)
    fill(maker, published.fates, published.cutoff.toordinal(), directives=12)
    maker.dispose()
    engine = open_engine(url, KEYS)
    yield Year(published, engine, url, _observer(engine, folder, published.cutoff))
    engine.dispose()
    if server is not None:
        server.drop_database(database)


def _observer(engine: Engine, folder: Path, day: date) -> Reader:
    app = create_app(
        engine,
        Settings(
            data=folder, base_url=ADDRESS, mail=MailSettings(mode="local"), language="vi", requests_per_minute=10**6
        ),
    )
    app.state.site.now = lambda: at_local(day)
    with transaction(engine) as session:
        key = open_session(session, _who(session), Proof.PASSWORD, now=at_local(day))
    return Reader(app, key)


def _who(session: Session) -> Person:
    query = select(Person).join(PersonRole, col(PersonRole.person_id) == col(Person.id))
    return session.exec(query.where(PersonRole.role == Role.OBSERVER)).one()
