"""HEAD: every page and call answers it as it answers GET."""

import re

import pytest

from tests.web.api.programs import Make
from tests.web.api.routes import every_route
from tests.web.site import Office

pytestmark = pytest.mark.long

COORDINATOR = "le.thi.c"
VALUES = {"code": "ct-06-2004", "path": "2", "kind": "report"}


def test_every_page_and_call_answers_head_as_it_answers_get(office: Office, program: Make) -> None:
    reader, calls = office.sign_in(COORDINATOR), program(COORDINATOR)
    known = VALUES | {"name": office.task("2").id.hex}
    apart, found = [], set[int]()
    for route in every_route(office.app):
        path = re.sub(r"{(\w+)[^}]*}", lambda part: known.get(part[1], "1"), route)
        client, asked = (calls, path.removeprefix("/api/v1")) if path.startswith("/api/") else (reader, path)
        head, get = client.ask("HEAD", asked), client.ask("GET", asked)
        found.add(get.status_code)
        if (head.status_code, head.content) != (get.status_code, b""):
            apart.append((route, head.status_code, get.status_code, head.content[:40]))
    assert apart == []
    assert {200, 303, 403, 404} <= found


@pytest.mark.parametrize("path", ["/static/dondoc.css", "/api/v1/openapi.json", "/api/v1/docs", "/nowhere"])
def test_files_and_descriptions_answer_head_too(office: Office, path: str) -> None:
    reader = office.sign_in(COORDINATOR)
    head, get = reader.ask("HEAD", path), reader.ask("GET", path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


def test_what_only_takes_a_post_refuses_head(office: Office) -> None:
    assert office.sign_in(COORDINATOR).ask("HEAD", "/sign-out").status_code in (404, 405)
