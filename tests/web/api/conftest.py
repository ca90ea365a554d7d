"""Programs that call the API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from models.database.session import transaction
from models.organization.person import Person
from models.text.localtime import local_date
from tests.web.conftest import Office, Reader
from workflows.access.access_tokens import Scope, make_token
from workflows.access.rights import read_principal


class Program:
    """A program with a personal access token."""

    def __init__(self, office: Office, token: str) -> None:
        self._reader, self.token = Reader(office.app), token

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **given: Any) -> httpx.Response:
        sent = {"authorization": f"Bearer {self.token}"} | (headers or {})
        return self._reader.ask(method, f"/api/v1{path}", headers=sent, **given)

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("GET", path, **given)

    def post(self, path: str, body: Any = None, **given: Any) -> httpx.Response:
        return self.ask("POST", path, json={} if body is None else body, **given)


Make = Callable[..., Program]


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
