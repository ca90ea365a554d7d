"""Where no room is installed, every page and call of the core answers, and those of rooms say that they are missing."""

import re
import sys
from collections import deque
from datetime import timedelta
from functools import partial
from html import unescape
from importlib import import_module
from io import BytesIO
from itertools import product

import pytest

from models.i18n import translate
from models.rooms import NOT_INSTALLED, ROOMS, is_missing, room
from models.tasks.evidence_files import GivenFile
from models.text.localtime import local_date
from tests.page import Page
from tests.web.api.programs import Make, submit
from tests.web.site import Office, Reader
from workflows.rules.tasks.actions import Action

COORDINATOR, OBSERVER, CLERK, ADMINISTRATOR = "le.thi.c", "nguyen.minh.quan", "ngo.van.loc", "dang.thu.thuy"
MOST = 150
"""Pages that one person opens."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_LEFT_OUT = re.compile(r"/(static|sign-out|mail|prefect)")
_IDS = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|\d{4}-\d\d-\d\d")


@pytest.fixture
def core(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr("models.rooms._added", lambda _place: [])
    for asking in ("models.rooms", "web.request.missing_rooms"):
        monkeypatch.setattr(f"{asking}.missing", lambda: tuple(map(room, ROOMS)))
    for name in ("web.admin", "web.api.app", "web.app"):  # when they are imported, they take in the rooms' pages
        monkeypatch.setattr(name, sys.modules[name])
        monkeypatch.delitem(sys.modules, name)
    office.app = import_module("web.app").create_app(office.engine, office.settings)
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


def test_the_first_page_counts_nothing_for_charts_that_are_not_drawn(
    core: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("read_progress", "count_late_at", "count_due"):
        monkeypatch.setattr(f"web.worklists.today_pages.{name}", lambda *_args, name=name, **_given: pytest.fail(name))
    assert core.sign_in(OBSERVER).get("/").status_code == 200


def test_the_first_page_leads_to_the_months_deadlines_without_a_chart(core: Office) -> None:
    assert 'href="/calendar"' in core.sign_in(COORDINATOR).get("/").text


@pytest.mark.parametrize("name", [name for name in ROOMS if room(name).addresses])
def test_a_missing_rooms_addresses_say_so_however_they_are_asked(core: Office, name: str) -> None:
    reader = core.sign_in(COORDINATOR)
    said = translate(NOT_INSTALLED, "vi", what=room(name).title, extra=room(name).extra)
    for start, below, method in product(room(name).addresses, ("", "/7/x"), METHODS):
        address = ((start.rstrip("/") + below) if below else start).format(code="ct-06-2004")
        answer = reader.ask(method, address, headers={"accept-language": "vi"})
        asked = (method, address)
        assert (asked, answer.status_code) == (asked, 404)
        assert method == "HEAD" or said.casefold() in unescape(answer.text).casefold()


def test_the_inbox_offers_a_results_document_to_save_where_nothing_reads_documents(core: Office) -> None:
    task = core.task("4")
    document = GivenFile("Báo cáo.pdf", partial(BytesIO, b"%PDF-1.7\n%%EOF\n"))
    result = {"number": "12/BC", "date": local_date(core.now), "subject": "a", "signer": "b", "file": (document,)}
    core.act(task, Action.SUBMIT, core.head(task).id, core.now, **result)
    reader = core.sign_in(COORDINATOR)
    inbox = Page(reader.get("/inbox").text)
    assert inbox.all("iframe") == []
    (address,) = inbox.links('.file a[href*="/files/"]')
    assert reader.get(address).status_code == 200
    answer = reader.get(f"{address}/view", headers={"accept-language": "vi"})
    said = translate(NOT_INSTALLED, "vi", what=room("intake").title, extra="dondoc[intake]")
    assert answer.status_code == 404 and said.casefold() in unescape(answer.text).casefold()


def test_programs_get_their_answers(core: Office, program: Make) -> None:
    task = core.task("4")
    assert submit(program(core.head(task).code), task).status_code == 200
    caller = program(COORDINATOR)
    for call in (f"/tasks/{task.id}", f"/tasks/{task.id}/why", "/tasks", "/directives/ct-06-2004", "/report"):
        assert caller.get(call).status_code == 200, call
