"""An observer reads everything and writes nothing: every form and call that writes is refused, and changes no row.

What is their own they change as everybody does: their account, their absence, what they have read.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import event, select
from sqlmodel import SQLModel, col
from sqlmodel import select as select_rows

from models.database.ids import new_id
from models.database.session import reading
from models.organization.register_reads import resolve_person, resolve_unit
from models.tasks.conversation import ConversationMessage
from models.tasks.task import Task
from tests.page import Page
from tests.web.api.busy_task import BODIES, CODE, address, busy
from tests.web.api.programs import Make
from tests.web.conftest import (  # noqa: F401
    database_url,
    launched_postgresql,
    launched_sqlite,
    office,
    program,
    pytest_generate_tests,
)
from tests.web.site import ADDRESS, Office, Reader

__all__ = ["busy"]

pytestmark = pytest.mark.long

OBSERVER, COORDINATOR = "nguyen.minh.quan", "le.thi.c"
THEIR_OWN = re.compile(
    r"^(/account/.*|/sign-.*|/forgotten|/invitation/.*|/reset/.*|/tour/.*|/tasks/views.*|/absences.*|/fewer/.*"
    r"|/notifications/.*|.*/conversation/read|/setup.*|/(v|r)/.*|/me)$"
)
"""Forms and calls about oneself, or for whoever holds a letter's link."""
READS = re.compile(r"^(/directives/{code}/archive)$")
"""Asked by POST, since it is costly; writes nothing but that it was asked."""
WORDS = {
    **dict.fromkeys(
        ("text", "note", "reason", "title", "words", "subject", "result", "quote", "name", "answered_by"), "x"
    ),
    **{"question": "on", "number": "1", "signer": "x", "action": "withdraw", "deed": "save", "step": "send"},
    **{"date": "2026-11-02", "due": "2026-11-25", "received_on": "2026-11-02", "upto": "2026-11-02T01:00:00+00:00"},
    **{
        "directive": CODE,
        "unit": "TCT-T",
        "units": "TCT-T",
        "to": "le.thi.c",
        "kind": "directive",
        "cutoff": "2026-11-02",
    },
    **{"duty": "2", "lead": "TCT-T", "follows": "VU-VT", "confirmed": "on", "seen": "0", "language": "vi"},
}
"""What a form may ask for: enough to be taken from somebody who may send it."""
OF_THE_ASKER = {"web_session", "access_token", "audit", "throttle"}
"""Tables in which a request leaves its trace, whoever asks."""


def rows(office: Office) -> dict[str, list[Any]]:  # noqa: F811
    with reading(office.engine) as session:
        tables = [one for one in SQLModel.metadata.sorted_tables if one.name not in OF_THE_ASKER]
        return {one.name: sorted(map(repr, session.execute(select(one)))) for one in tables}


def send(reader: Reader, path: str, given: dict[str, str]) -> httpx.Response:
    """A form as one would make it up: with the mark of another page of theirs, and a number of its own."""
    csrf = Page(reader.get("/work").text).value("csrf")
    return reader.ask("POST", path, data={"csrf": csrf, "nonce": new_id().hex} | given, headers={"origin": ADDRESS})


def writes(app: Any) -> Iterator[tuple[str, str, str]]:
    """The methods and paths that may write, of the site and of its API."""
    for start, routes in (("", app.routes), ("/api/v1", app.state.api.routes)):
        for route in iter_route_contexts(routes):
            path = re.sub(r":\w+}", "}", route.path or "")
            for method in sorted(set(route.methods or ()) - {"GET", "HEAD", "OPTIONS"}):
                if not THEIR_OWN.match(path):
                    yield method, start, path


def test_an_observer_is_refused_every_form_and_every_call_that_writes(
    busy: tuple[Office, dict[str, str]],
    program: Make,  # noqa: F811
) -> None:
    office, names = busy  # noqa: F811
    reader, caller = office.sign_in(OBSERVER), program(OBSERVER)
    more = {"report_id": names["file_id"], "action": "progress", "token": "x", "of": "vi", "role": "observer"}
    more |= {
        "obligation": "x",
        "table_id": names["file_id"],
        "intake_id": names["file_id"],
        "duty_id": names["file_id"],
    }
    more |= dict.fromkeys(
        ("reply_id", "root_id", "gateway_id", "subscription_id", "token_id", "view_id"), names["file_id"]
    )
    taken: list[tuple[str, str, int]] = []
    before, wrote = rows(office), []

    def keep(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if re.match(r"\s*(INSERT|UPDATE|DELETE)", statement):
            wrote.append(statement)

    event.listen(office.engine, "before_cursor_execute", keep)
    asked = 0
    for method, start, route in writes(office.app):
        actions = ["progress", "approve", "grant-extension", "withdraw"] if "{action}" in route else [""]
        for action in actions:
            asked += 1
            path = address(route, more | names | ({"action": action} if action else {}))
            if start:
                answer = caller.ask(method, path, json=BODIES.get(f"{method.lower()} {route}"))
            else:
                answer = send(reader, path, WORDS)
            if answer.status_code < 400 and not READS.match(route):
                taken.append((f"{method} {start}{route}", answer.headers.get("location", ""), answer.status_code))
            if wrote:
                wrote.clear()
                after = rows(office)
                changed = [name for name in after if after[name] != before[name]]
                assert (method, start + route, changed) == (method, start + route, [])
    assert taken == []
    assert asked > 160


@pytest.mark.parametrize("person", [OBSERVER, "dang.thu.thuy"])
def test_who_only_looks_on_writes_in_no_conversation(office: Office, program: Make, person: str) -> None:  # noqa: F811
    """Neither as a question nor to all; not even a form is offered."""
    caller, reader, task = program(person), office.sign_in(person), office.task("2")
    choices: list[dict[str, Any]] = [{}, {"question": True}, {"to_all": True}, {"mention": [COORDINATOR]}]
    for place, given in product((f"/tasks/{task.id}/conversation", f"/directives/{CODE}/conversation"), choices):
        assert caller.get(place).status_code == 200
        assert caller.post(place, {"text": "x"} | given).status_code == 409
        assert send(reader, place, WORDS | {"question": ""} | dict.fromkeys(given, "on")).status_code == 409
        page = reader.get(place)
        assert (page.status_code, 'id="f-text"' in page.text) == (200, False)
    with reading(office.engine) as session:
        assert session.exec(select_rows(ConversationMessage)).all() == []


def test_an_observer_with_a_task_of_their_own_writes_on_that_one(office: Office, program: Make) -> None:  # noqa: F811
    """A role adds: who looks on everywhere goes on with what is theirs."""
    mine, other = office.task("4"), office.task("2")

    def charge(session: Any) -> None:
        session.get_one(Task, mine.id).officer_id = resolve_person(session, OBSERVER).id

    office.change(charge)
    caller = program(OBSERVER)
    assert caller.post(f"/tasks/{mine.id}/conversation", {"text": "x"}).status_code == 200
    assert caller.post(f"/tasks/{other.id}/conversation", {"text": "x"}).status_code == 409
    asked = caller.post(f"/directives/{CODE}/conversation", {"text": "x", "question": True})
    assert asked.status_code == 200
    assert caller.post(f"/directives/{CODE}/conversation", {"text": "x", "to_all": True}).status_code == 409


def test_the_names_that_stand_for_units_are_there(office: Office) -> None:  # noqa: F811
    with reading(office.engine) as session:
        leads = session.exec(select_rows(Task.lead_unit_id).where(col(Task.parent_id).is_(None))).all()
        assert resolve_unit(session, "TCT-T").id in leads
