"""What a page refuses it explains, and nothing leads to what is refused."""

import re
from collections import Counter, deque
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from sqlmodel import select
from starlette.routing import compile_path

from models.database.session import reading, transaction
from models.organization.person import Person, PersonRole, Role
from models.organization.register_reads import resolve_unit
from tests.page import Page, words_of
from tests.web.site import Office

pytestmark = pytest.mark.long

ADMINISTRATOR, COORDINATOR, CLERK, OBSERVER = "dang.thu.thuy", "le.thi.c", "ngo.van.loc", "nguyen.minh.quan"
HOST = "http://dondoc.example"


@pytest.mark.parametrize("path", ["/launch", "/intake", "/launch/ct-06-2004", "/launch/by-hand", "/intake/tables"])
def test_an_administrator_reads_whose_launching_is_and_how_to_get_it(office: Office, path: str) -> None:
    answer = office.sign_in(ADMINISTRATOR).get(f"{path}?lang=en")
    assert answer.status_code == 403
    words = answer.text
    assert "You do not have the right to do this" in words and "Nothing to show here" not in words
    assert "may not do this: launch a directive; that is for: coordinator." in words
    assert "Lê Thị Cúc (Vụ Viễn thông)" in words
    assert f'href="/admin/people/{ADMINISTRATOR}"' in words
    assert "To your start page" in words


def test_others_are_told_whom_to_ask_and_no_names_of_strangers(office: Office) -> None:
    head = office.head(office.task("2"))
    words = office.sign_in(head.code).get("/launch?lang=en").text
    assert "that is for: coordinator." in words
    assert "An administrator of this system gives the role" in words
    assert "Lê Thị C" not in words and "/admin" not in words
    words = office.sign_in("vu.huu.phuoc").get("/admin?lang=en").text
    assert "that is for: administrator." in words
    assert "An administrator gives the role that it needs: Đặng Thu Thuỷ" in words, "they share an office"


def test_who_coordinates_another_directive_is_told_whose_this_one_is(office: Office) -> None:
    with transaction(office.engine) as session:
        stranger = session.exec(select(Person).where(Person.code == OBSERVER)).one()
        session.add(PersonRole(person_id=stranger.id, role=Role.COORDINATOR, unit_id=resolve_unit(session, "VU-PC").id))
    answer = office.sign_in(OBSERVER).get("/launch/ct-06-2004?lang=en")
    assert answer.status_code == 403
    assert "does not coordinate this directive; that is for: Vụ Viễn thông, Văn phòng Bộ." in answer.text


def test_an_error_leads_back_to_the_page_of_ours_it_came_from(office: Office) -> None:
    reader = office.sign_in(ADMINISTRATOR)
    came = reader.get("/launch", headers={"referer": f"{HOST}/admin/people?page=2"}).text
    assert 'href="/admin/people?page=2"' in came
    for referer in ("https://evil.example/admin", f"{HOST}/launch", f"{HOST}//evil.example", "javascript:alert(1)"):
        assert "Back to the page before" not in reader.get("/launch?lang=en", headers={"referer": referer}).text


@pytest.mark.parametrize(
    ("method", "path", "status", "heading"),
    [
        ("GET", "/nowhere", 404, "There is nothing at this address"),
        ("GET", "/tasks/none", 404, "There is nothing at this address"),
        ("POST", "/sign-out", 409, "This is not possible now"),
        ("DELETE", "/work", 405, "This address does not accept this request"),
        ("GET", "/search?q=a&q=b", 422, "Something entered is not right"),
    ],
)
def test_every_error_says_what_kind_it_is_and_leads_on(
    office: Office, method: str, path: str, status: int, heading: str
) -> None:
    reader = office.sign_in(COORDINATOR)
    reader.get("/work?lang=en")
    answer = reader.ask(method, path)
    assert answer.status_code == status
    assert f"<h1>{heading}</h1>" in answer.text
    assert 'href="/">To your start page' in answer.text


def test_too_much_says_so_and_when_to_come_back(office: Office) -> None:
    office.settings.requests_per_minute = 2
    reader = office.sign_in(COORDINATOR)
    answer = [reader.get("/work?lang=en") for _time in range(4)][-1]
    assert answer.status_code == 429 and answer.headers["retry-after"]
    assert "<h1>Too many requests</h1>" in answer.text


def _who(office: Office) -> dict[str, str]:
    with reading(office.engine) as session:
        clerk = session.exec(select(Person.code).join(PersonRole).where(PersonRole.role == Role.CLERK)).first()
    assert clerk is not None
    head = office.head(office.task("2"))
    return {
        "administrator": ADMINISTRATOR,
        "coordinator": COORDINATOR,
        "clerk": clerk,
        "observer": OBSERVER,
        "head": head.code,
    }


@pytest.mark.parametrize("role", ["administrator", "coordinator", "clerk", "observer", "head"])
def test_no_link_leads_to_what_is_refused(office: Office, role: str) -> None:
    """Every page that somebody comes to by links, at most twice by the same route."""
    office.settings.requests_per_minute = 100_000
    reader, refused, seen = office.sign_in(_who(office)[role]), [], Counter[str]()
    routes = [
        (compile_path(one.path or "")[0], one.path or "")
        for one in iter_route_contexts(office.app.routes)
        if "GET" in (one.methods or ())
    ]
    waiting, known = deque([("/", "")]), {"/"}
    while waiting:
        path, came_from = waiting.popleft()
        route = _route(routes, path)
        if seen[route] >= 2:
            continue
        seen[route] += 1
        answer = reader.get(path)
        if answer.status_code >= 400:
            refused.append((answer.status_code, path, came_from))
        for found in [answer.headers.get("location", ""), *_links(answer)]:
            target = urlsplit(urljoin(HOST + path, found))
            leads = target.path + (f"?{target.query}" if target.query else "")
            if target.netloc == "dondoc.example" and leads not in known and not leads.startswith(("/static", "/api")):
                known.add(leads)
                waiting.append((leads, path))
    assert refused == []
    assert len(seen) > 8


def _route(routes: list[tuple[re.Pattern[str], str]], path: str) -> str:
    return next((name for pattern, name in routes if pattern.match(urlsplit(path).path)), path)


def _links(answer: httpx.Response) -> list[str]:
    return Page(answer.text).links() if "html" in answer.headers.get("content-type", "") and answer.text else []


def test_a_breadcrumb_leads_to_the_list_one_came_from(office: Office) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    page = f"/tasks/{task.id.hex}"

    def first(referer: str) -> tuple[str, str]:
        text = reader.get(f"{page}?lang=en", headers={"referer": referer} if referer else {}).text
        link = Page(text).all("nav.crumbs a")[0]
        return link.get("href"), words_of(link)

    assert first("") == ("/work", "My work")
    assert first(f"{HOST}/tasks?show=late") == ("/tasks?show=late", "All tasks")
    assert first(f"{HOST}/search?q=a") == ("/search?q=a", "Search")
    assert first(f"{HOST}{page}/submit") == ("/work", "My work")
    assert first("https://evil.example/tasks") == ("/work", "My work")
