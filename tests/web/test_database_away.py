"""While the database is away, pages and calls answer 503 with a sentence, and all is well once it is back."""

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from models.database.session import is_database_unavailable, reading
from tests.page import Page
from tests.postgres import PostgresServer
from tests.web.api.programs import Make
from tests.web.api.routes import every_route
from tests.web.site import Office

DATABASES = ("sqlite", "postgresql")
COORDINATOR = "le.thi.c"
Away = Callable[[], Any]


@pytest.fixture
def away(office: Office, request: pytest.FixtureRequest) -> Away:
    """While it lasts, SQLite's file is locked, or PostgreSQL takes nobody in and has sent everybody away."""
    if office.engine.dialect.name == "sqlite":
        return lambda: _locked(office.engine)
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return lambda: _gone(server, str(office.engine.url.database))


@contextmanager
def _locked(engine: Engine) -> Iterator[None]:
    def be_impatient(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=0")

    engine.dispose()
    event.listen(engine, "connect", be_impatient, insert=True)  # before anything that would wait half a minute
    with closing(sqlite3.connect(engine.url.database or "", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        yield
    event.remove(engine, "connect", be_impatient)
    engine.dispose()


@contextmanager
def _gone(server: PostgresServer, name: str) -> Iterator[None]:
    server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    yield
    server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def assert_put_off(answer: httpx.Response, *words: str) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"] == "10"
    assert all(word in answer.text for word in ("does not answer at this moment", *words))


@pytest.mark.parametrize(
    "path", ["/", "/tasks", "/tasks/csv", "/directives/ct-06-2004", "/live/directives/ct-06-2004", "/r/abc"]
)
def test_a_page_says_that_the_database_is_away(office: Office, away: Away, path: str) -> None:
    reader = office.sign_in(COORDINATOR)
    reader.get("/?lang=en")
    with away():
        answer = reader.get(path)
        assert_put_off(answer, "<h1>Not available at this moment</h1>", "try again in a minute")
        assert answer.headers["x-frame-options"] == "DENY"
    assert reader.get(path).status_code in (200, 404)


def test_no_page_or_call_breaks_down_meanwhile(office: Office, away: Away, program: Make) -> None:
    """`Reader` raises where the site would answer 500."""
    reader, calls = office.sign_in(COORDINATOR), program(COORDINATOR)
    with away():
        statuses = Counter(
            (calls.get(path.removeprefix("/api/v1")) if path.startswith("/api/") else reader.get(path)).status_code
            for path in (re.sub(r"{[^}]*}", "1", route) for route in every_route(office.app))
        )
    assert statuses[503] > 200 and max(statuses) == 503, statuses


def test_a_form_that_was_sent_is_told_to_look_first(office: Office, away: Away) -> None:
    reader = office.sign_in(COORDINATOR)
    csrf = Page(reader.get("/account?lang=en").text).value("csrf")
    headers = {"origin": "http://dondoc.example", "sec-fetch-site": "same-origin"}
    with away():
        answer = reader.ask("POST", "/account/language", data={"csrf": csrf, "language": "en"}, headers=headers)
        assert_put_off(answer, "look first whether what you sent was stored")


def test_a_call_says_so_as_a_problem(office: Office, away: Away, program: Make) -> None:
    calls = program(COORDINATOR)
    with away():
        told = calls.get("/tasks")
        assert_put_off(told)
        assert told.json()["type"] == "/problems/not-available"
        assert_put_off(calls.post(f"/tasks/{'0' * 32}/accept", headers={"Idempotency-Key": "once"}), "look first")
    assert calls.get("/tasks").status_code == 200


def test_a_wrong_statement_is_no_absence(office: Office) -> None:
    with pytest.raises(Exception, match="no_such") as raised, reading(office.engine) as session:
        session.execute(text("SELECT 1 FROM no_such"))
    assert not is_database_unavailable(raised.value)
    assert not is_database_unavailable(ValueError())
    assert isinstance(raised.value, OperationalError) is (office.engine.dialect.name == "sqlite")
