"""A site over the bundled directive, launched to two units, with links as letters carry them."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import open_engine, transaction
from models.directives.directive import find_directive
from models.organization.person import Person
from models.settings import MailSettings, Settings
from models.text.localtime import local_date
from tests.keys import KEYS
from tests.postgres import PostgresServer
from tests.tampering import empty_audit
from tests.web.api.programs import Make, Program
from tests.web.site import ADDRESS, DUE, LAUNCHED, Office, Reader
from web.app import create_app
from workflows.access.access_tokens import Scope, make_token
from workflows.access.rights import read_principal
from workflows.launch.launch_plan import default_coordinator
from workflows.launch.launch_tasks import launch
from workflows.operations.setup import set_up
from workflows.organization.working_calendar import load_calendar


@pytest.fixture(scope="session")
def launched_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the office in it, to be copied."""
    path = tmp_path_factory.mktemp("office") / "launched.sqlite"
    shutil.copyfile(migrated_sqlite, path)
    _furnish(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def launched_postgresql(request: pytest.FixtureRequest) -> str:
    """A PostgreSQL database with the office in it, to be copied."""
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create_database()
    _furnish(server.url(name))
    return name


def _furnish(url: str) -> None:
    engine = open_engine(url, KEYS)
    set_up(engine, now=LAUNCHED, example=True)
    empty_audit(engine)
    with transaction(engine) as session:
        directive = find_directive(session, "ct-06-2004")
        launch(
            session,
            directive,
            on=LAUNCHED,
            coordinator_id=default_coordinator(session, directive),
            calendar=load_calendar(session),
            paths=["2", "4"],
            due_on=DUE,
            override=True,
        )
    engine.dispose()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Pages are tested on SQLite, and on what else their module names; the queries under them on both, elsewhere."""
    if "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", getattr(metafunc.module, "DATABASES", ("sqlite",)), indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database, with the office in it where a test asks for one."""
    has_office = "office" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "test.sqlite"
        shutil.copyfile(request.getfixturevalue("launched_sqlite" if has_office else "migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create_database(like=request.getfixturevalue("launched_postgresql") if has_office else None)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """The office: rows 2 and 4 launched."""
    settings = Settings(
        data=tmp_path, base_url=ADDRESS, mail=MailSettings(mode="local"), language="vi", requests_per_minute=10**6
    )
    app = create_app(engine, settings)
    office = Office(engine, settings, Reader(app), app)
    app.state.site.now = lambda: office.now
    return office


@pytest.fixture
def program(office: Office) -> Make:
    """Makes a program of somebody, with scopes (all where none are named)."""

    def make(code: str, *scopes: Scope) -> Program:
        with transaction(office.engine) as session:
            person = session.exec(select(Person).where(Person.code == code)).one()
            principal = read_principal(session, person, local_date(office.now))
            until = office.now + timedelta(days=30)
            _token, text = make_token(session, principal, "test", scopes or list(Scope), until, now=office.now)
        return Program(office, text)

    return make
