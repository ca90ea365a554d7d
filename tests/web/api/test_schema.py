"""Thousands of requests made from the API's own description: it never falls over, and answers as it says."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlmodel import select

from models.database.session import open_engine, transaction
from models.organization.person import Person, PersonRole, Role
from models.settings import Settings
from models.text.localtime import local_date
from tests.keys import KEYS
from tests.office import ON, furnish
from web.app import create_app
from workflows.access.access_tokens import Scope, make_token
from workflows.access.rights import read_principal

pytestmark = pytest.mark.long

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


@pytest.fixture(scope="module")
def site(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    """An installation under way, and a token of somebody who may do everything."""
    folder = tmp_path_factory.mktemp("api")
    shutil.copyfile(migrated_sqlite, folder / "test.sqlite")
    engine = open_engine(f"sqlite:///{folder / 'test.sqlite'}", KEYS)
    office = furnish(engine, folder)
    office.launch("2", "2.a", "4", override=True)
    with transaction(engine) as session:
        person = session.exec(select(Person).where(Person.code == "le.thi.c")).one()
        assert person.unit_id is not None
        for role in set(Role) - {Role.COORDINATOR}:
            session.add(PersonRole(person_id=person.id, role=role, unit_id=person.unit_id))
        session.flush()
        principal = read_principal(session, person, local_date(ON))
        _token, text = make_token(session, principal, "schema", list(Scope), ON + timedelta(days=30), now=ON)
    app = create_app(engine, office.settings.model_copy(update={"base_url": "http://testserver"}))
    app.state.site.now = lambda: ON + timedelta(days=1)
    yield app, text
    engine.dispose()


@pytest.fixture(scope="module")
def described(site: tuple[Any, str]) -> Any:
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", site[0])


def _operations() -> list[tuple[str, str]]:
    """Every path and method of the API; its description needs no database."""
    paths = create_app(open_engine("sqlite://"), Settings()).state.api.openapi()["paths"]
    return [(path, method) for path, methods in paths.items() for method in methods]


@pytest.mark.parametrize(("path", "method"), _operations())
def test_whatever_is_asked_is_answered_as_described(
    path: str, method: str, described: Any, site: tuple[Any, str]
) -> None:
    _ask(described[path][method], site[1])


@pytest.mark.parametrize("status", [500, 418])
def test_an_answer_that_is_not_described_would_be_found(status: int) -> None:
    app = FastAPI()

    @app.get("/odd")
    def odd() -> Response:
        return JSONResponse({}, status)

    with pytest.raises(FailureGroup):
        _ask(schemathesis.openapi.from_asgi("/openapi.json", app)["/odd"]["get"], "none")


def _ask(operation: Any, token: str) -> None:
    @hypothesis.given(case=operation.as_strategy())
    @hypothesis.settings(
        max_examples=15,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    def ask(case: Any) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=list(CHECKS))

    ask()
