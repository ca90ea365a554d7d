"""Where no room adds anything to them, every page and call of the core answers.

The rooms' own pages are served here: `web.app` takes them in when it is imported. `make test-core` has none of them.
"""

import re
from collections import deque
from datetime import timedelta

import pytest

from models.rooms import ROOMS, is_missing, room
from tests.page import Page
from tests.web.api.programs import Make, submit
from tests.web.site import Office, Reader
from web.app import create_app
from workflows.rules.tasks.lifecycle import Action

COORDINATOR, OBSERVER, CLERK, ADMINISTRATOR = "le.thi.c", "nguyen.minh.quan", "ngo.van.loc", "dang.thu.thuy"
MOST = 150
"""Pages that one person opens."""
_LEFT_OUT = re.compile(r"/(static|sign-out|mail|prefect)")
_IDS = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|\d{4}-\d\d-\d\d")


@pytest.fixture
def core(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr("models.rooms._added", lambda _place: [])
    monkeypatch.setattr("models.rooms.missing", lambda: tuple(map(room, ROOMS)))
    office.app = create_app(office.engine, office.settings)
    office.app.state.site.now = lambda: office.now
    return office


def walk(reader: Reader) -> dict[str, int]:
    """The status of each page to which links lead from the first one; of what differs by an id or a filter, one.

    No page offers what a missing room would answer.
    """
    found: dict[str, int] = {}
    seen, left = {"/"}, deque(["/"])
    while left and len(found) < MOST:
        page = left.popleft()
        answer = reader.get(page)
        found[page] = answer.status_code
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for link in Page(answer.text).links('a[href^="/"]'):
            assert not is_missing(link), f"{page} leads to {link}"
            kind = _IDS.sub("…", re.split("[?#]", link)[0])
            if kind not in seen and not _LEFT_OUT.match(link):
                seen.add(kind)
                left.append(link)
    return found


@pytest.mark.parametrize("who", [COORDINATOR, OBSERVER, CLERK, ADMINISTRATOR, "head"])
def test_every_page_that_links_lead_to_answers(core: Office, who: str) -> None:
    task = core.task("4")
    core.act(task, Action.ACCEPT, core.head(task).id, core.now)
    core.now += timedelta(days=29)  # what was due is overdue, and counts
    found = walk(core.sign_in(core.head(task).code if who == "head" else who))
    assert len(found) > 10
    assert {page: status for page, status in found.items() if status not in (200, 303)} == {}


def test_the_first_page_leads_to_the_months_deadlines_without_a_chart(core: Office) -> None:
    assert 'href="/calendar"' in core.sign_in(COORDINATOR).get("/").text


def test_programs_get_their_answers(core: Office, program: Make) -> None:
    task = core.task("4")
    assert submit(program(core.head(task).code), task).status_code == 200
    caller = program(COORDINATOR)
    for call in (f"/tasks/{task.id}", f"/tasks/{task.id}/why", "/tasks", "/directives/ct-06-2004", "/report"):
        assert caller.get(call).status_code == 200, call
