"""Words that people type stay words: hostile ones in every field, and every page looked at by a parser."""

import re
from collections import Counter
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text
from sqlmodel import select

from models.database.session import reading
from models.tasks.task import Task
from tests.page import Page
from tests.web.api.busy_task import busy
from tests.web.api.programs import Make
from tests.web.site import Office, Reader
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick

__all__ = ["busy"]

pytestmark = pytest.mark.long

EVIL = "\"'><evil evil=1><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"
FIELDS = {
    "unit": ("name", "phone"),
    "person": ("full_name", "title", "address_form", "unit_address", "phone"),
    "absence": ("reason",),
    "directive": ("kind", "number", "issuer", "subject", "text"),
    "duty": ("title", "quote"),
    "task": ("due_reason",),
    "contribution": ("note",),
    "result": ("number", "subject", "signer"),
    "evidence": ("filename",),
    "extension": ("reason", "decision_reason"),
    "obstacle": ("text", "answer"),
    "lead_change": ("reason",),
    "telephone_note": ("answered_by", "note"),
    "incident": ("title",),
    "inspection": ("title", "decision_number", "summary", "reason"),
    "inspection_item": ("text",),
    "inspection_finding": ("words", "settled"),
    "inspection_file": ("filename",),
    "webhook": ("name",),
}
"""Free words by table: what coordinators, heads, clerks and administrators may type."""
MOST_OF_A_KIND = 4
"""Pages of one form that are looked at."""
_NAMES = re.compile(r"[0-9a-f]{8}-?[0-9a-f-]{4,}|\d+|(?<=/people/)[^/?]+|(?<=/units/)[^/?]+")


def faults_of(page: Page) -> list[str]:
    """Whatever could run."""
    found = []
    for one in page.all("*"):
        given = dict(one.attrib)
        runs = [name for name in given if name.startswith("on") or name in ("srcdoc", "evil")]
        is_ours = one.tag != "script" or given.get("src", "").startswith("/static/")
        if one.tag in ("evil", "object", "embed") or runs or not is_ours or given.get("src") == "x":
            found.append(f"<{one.tag} {given}>")
    return found


def links_of(page: Page) -> list[str]:
    named = ("href", "src", "action", "formaction")
    return [one.get(name) for one in page.all("*") for name in named if one.get(name) is not None]


def spoil(office: Office) -> None:
    """Puts hostile words after whatever stands in the fields."""
    with office.engine.begin() as connection:
        for table, fields in FIELDS.items():
            for field in fields:
                connection.execute(
                    text(f"UPDATE \"{table}\" SET {field} = substr({field}, 1, 40) || :evil WHERE {field} <> ''"),
                    {"evil": EVIL},
                )
        connection.execute(text("UPDATE result SET link = :link"), {"link": f"https://x.example/{EVIL}"})


def kind_of(path: str) -> str:
    return _NAMES.sub("*", urlsplit(path).path)


def walk(reader: Reader, start: str) -> tuple[dict[str, Page], list[str]]:
    """Every page that can be come to by links, a few of each kind; and what could run in them."""
    waiting, seen, kinds = [start], {start}, Counter[str]()
    pages: dict[str, Page] = {}
    faults: list[str] = []
    while waiting:
        path = waiting.pop(0)
        answer = reader.get(path)
        if answer.status_code == 303:
            waiting.append(answer.headers["location"])
            continue
        if "text/html" not in answer.headers["content-type"]:
            continue
        page = pages[path] = Page(answer.text)
        faults += [f"{path}: {fault}" for fault in faults_of(page)]
        for link in links_of(page):
            scheme = urlsplit(link.strip()).scheme
            if scheme not in ("", "http", "https", "tel", "mailto", "data"):
                faults.append(f"{path}: {link}")
            kind = kind_of(link)
            if link.startswith("/") and not link.startswith(("/static/", "/sign-out", "//")) and link not in seen:
                seen.add(link)
                kinds[kind] += 1
                if kinds[kind] <= MOST_OF_A_KIND:
                    waiting.append(link)
    return pages, faults


def test_words_of_people_stay_words_on_every_page(busy: tuple[Office, dict[str, str]], program: Make) -> None:
    office, names = busy
    spoil(office)
    with reading(office.engine) as session:
        tasks = session.exec(select(Task)).all()
    for task in tasks[:3]:
        head = program(office.head(task).code)
        head.post(f"/tasks/{task.id}/progress", {"note": EVIL})
        head.post(f"/tasks/{task.id}/ask-extension", {"due": "2026-12-20", "note": EVIL})
    office.now += timedelta(days=1)
    tick(office.engine, office.settings, now=office.now, sender=RecordedSender())
    shown, looked_at = 0, 0
    for who in ("dang.thu.thuy", "le.thi.c", office.head(tasks[0]).code):
        pages, faults = walk(office.sign_in(who), "/")
        assert faults == []
        looked_at += len(pages)
        shown += sum("<evil evil=1><script>alert(1)</script>" in page.words("html")[0] for page in pages.values())
    assert looked_at > 100 and shown > 50, (looked_at, shown)
    assert names


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x.example/"])
def test_a_results_link_is_one_of_the_web(office: Office, program: Make, link: str) -> None:
    task = office.task("4")
    given = {"number": "1", "date": "2026-11-02", "subject": "x", "signer": "x", "link": link}
    assert program(office.head(task).code).post(f"/tasks/{task.id}/submit", given).status_code == 422


@pytest.mark.parametrize("html", ["<evil evil=1>", "<a onclick=x>", "<script>1</script>", "<img src=x>"])
def test_what_could_run_would_be_found(html: str) -> None:
    assert faults_of(Page(html))
