"""The two published years, rebuilt from generated history: each in a database of its own, for all tests of a module."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bench.reporting.filling import fill
from bench.reporting.histories import Fate
from models.database.session import open_engine, transaction
from models.organization.account import Proof
from models.organization.person import Person, PersonRole, Role
from models.settings import MailSettings, Settings
from models.text.localtime import at_local
from tests.keys import KEYS
from tests.postgres import PostgresServer
from tests.web.conftest import ADDRESS, Reader
from web.app import create_app
from workflows.access.accounts.sessions import open_session


@dataclass(frozen=True)
class Published:
    """A table as it was published: "Figures to check a report against", and what must not get into it."""

    cutoff: date
    done_on_time: int
    done_late: int
    open_in_time: int
    open_overdue: int
    done: int
    open: int
    total: int
    no_deadline: int  # of our own making: the published tables do not say
    rate_exact: str
    rate_text: str

    @property
    def numbers(self) -> dict[str, int]:
        names = ("total", "done", "done_on_time", "done_late", "open", "open_in_time", "open_overdue", "no_deadline")
        return {name: getattr(self, name) for name in names}

    @property
    def fates(self) -> dict[Fate, int]:
        noise = {Fate.WITHDRAWN: 111, Fate.DRILL: 97, Fate.CHILD: 203, Fate.LATER: 59}
        return noise | {
            Fate.DONE_ON_TIME: self.done_on_time,
            Fate.DONE_LATE: self.done_late,
            Fate.OPEN_IN_TIME: self.open_in_time - self.no_deadline,
            Fate.OPEN_UNDATED: self.no_deadline,
            Fate.OPEN_OVERDUE: self.open_overdue,
        }


YEARS = {
    "8/2016": Published(date(2016, 8, 31), 1_310, 429, 1_812, 175, 1_739, 1_987, 3_726, 204, "1739/1914", "90,86%"),
    "2017": Published(
        date(2017, 12, 25), 14_068, 1_983, 5_640, 223, 16_051, 5_863, 21_914, 760, "16051/16274", "98,63%"
    ),
}


@dataclass
class Year:
    """One of them in a database, and a site over it that somebody who sees everything is signed in to."""

    published: Published
    engine: Engine
    url: str
    reader: Reader


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
