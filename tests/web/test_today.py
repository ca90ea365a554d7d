"""Today: each role sees first what it must do, and every number leads to what it counts."""

import re
from datetime import date

import pytest

from models.tasks.task import TaskStatus, WaitKind
from models.text.localtime import at_local
from tests.page import Page, words_of
from tests.rooms import of_room
from tests.web.more_tasks import due, more
from tests.web.site import LAUNCHED, Office
from workflows.rules.tasks.actions import Action

DATABASES = ("sqlite", "postgresql")
COORDINATOR, OBSERVER, CLERK, ADMINISTRATOR = "le.thi.c", "nguyen.minh.quan", "ngo.van.loc", "dang.thu.thuy"


def tiles(text: str) -> dict[str, tuple[str, str]]:
    """The words of each tile, with its number and where it leads."""
    found = Page(text).all("a.tile")
    return {
        words_of(one.cssselect("strong + span")[0]): (words_of(one.cssselect("strong")[0]), one.get("href"))
        for one in found
    }


def test_a_coordinator_sees_whom_to_call_and_what_to_decide(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    more(office, task, 1, status=TaskStatus.ACCEPTED, **due(date(2026, 10, 29)))
    office.act(task, Action.ACCEPT, head.id, LAUNCHED)
    office.act(task, Action.SUBMIT, head.id, LAUNCHED, number="1", date=LAUNCHED.date(), subject="a", signer="b")
    text = office.sign_in(COORDINATOR).get("/?lang=en").text
    shown = tiles(text)
    assert shown["Waiting for your decision"] == ("1", "/inbox")
    assert shown["Late"] == ("1", "/tasks?show=late")
    assert "Late: whom to call" in text and head.full_name in text and 'href="tel:' in text


def test_nobody_is_called_about_a_result_that_waits_for_a_decision(office: Office) -> None:
    task = office.task("4")
    late = due(date(2026, 10, 29))
    more(office, task, 1, status=TaskStatus.SUBMITTED, wait_kind=WaitKind.DECISION, wait_since=LAUNCHED, **late)
    reader = office.sign_in(COORDINATOR)
    text = reader.get("/?lang=en").text
    assert tiles(text)["Late"][0] == "1" and "No unit to call" in text and 'href="tel:' not in text
    more(office, task, 1, status=TaskStatus.ACCEPTED, **late)
    assert 'href="tel:' in reader.get("/?lang=en").text


def test_nothing_late_is_said_and_not_red(office: Office) -> None:
    text = office.sign_in(OBSERVER).get("/?lang=en").text
    assert tiles(text)["Late"][0] == "0" and "Nothing is late." in text
    assert 'class="tile late"' not in text


def test_a_head_sees_their_tasks_by_what_they_need(office: Office) -> None:
    task = office.task("4")
    more(office, task, 1, status=TaskStatus.RETURNED, **due(date(2026, 12, 30)))
    text = office.sign_in(office.head(task).code).get("/?lang=en").text
    shown = tiles(text)
    assert shown["Returned for completion"] == ("1", "/work?show=returned")
    assert shown["To accept"] == ("1", "/work?show=accept")
    assert f"/tasks/{task.id.hex}/accept" in text
    assert "Late: whom to call" not in text


def test_a_clerk_finds_an_arrival_at_once(office: Office) -> None:
    text = office.sign_in(CLERK).get("/?lang=en").text
    assert re.search(r'<form[^>]*action="/receipts"', text)


def test_an_administrator_sees_alerts_and_letters_that_wait(office: Office) -> None:
    shown = tiles(office.sign_in(ADMINISTRATOR).get("/?lang=en").text)
    assert shown["Open alerts"] == ("0", "/admin/alerts?state=open")
    assert shown["Letters that need attention"] == ("0", "/admin/letters")


def test_an_administrator_is_asked_for_the_days_off_that_nobody_entered(office: Office) -> None:
    office.now = at_local(date(2027, 10, 29))
    assert "Enter the days off of 2028" not in office.sign_in(ADMINISTRATOR).get("/?lang=en").text
    office.now = at_local(date(2027, 11, 2))
    text = office.sign_in(ADMINISTRATOR).get("/?lang=en").text
    assert "Enter the days off of 202" in text and 'href="/admin/calendar?year=202' in text


@pytest.mark.parametrize("who", [COORDINATOR, OBSERVER, CLERK, ADMINISTRATOR])
def test_the_menu_has_at_most_six_entries(office: Office, who: str) -> None:
    text = office.sign_in(who).get("/?lang=en").text
    menu = re.search(r'<nav class="menu".*?</nav>', text, re.S)
    assert menu
    entries = re.findall(r"^<li>$", menu[0], re.M)
    assert 2 <= len(entries) <= 6


@of_room("papers")
def test_bars_lead_to_the_tasks_of_their_day(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    text = reader.get("/?lang=en").text
    assert "/tasks?due=2026-11-20" in text
    assert reader.get("/tasks?due=2026-11-20").status_code == 200


def test_an_observer_sees_where_it_is_late_and_each_number_is_its_list(office: Office) -> None:
    for path, count in (("4", 3), ("2", 1)):
        one = office.task(path)
        more(office, one, count, status=TaskStatus.ACCEPTED, **due(date(2026, 10, 29)))
    reader = office.sign_in(OBSERVER)
    text = reader.get("/?lang=en").text
    table = re.search(r'<table class="late-map">.*?</table>', text, re.S)
    assert table
    cells = re.findall(r'<a class="warm-\d" href="([^"]+)">(\d+)', table[0])
    assert sorted(int(number) for _href, number in cells) == [1, 3]
    for href, number in cells:
        listed = reader.get(href.replace("&amp;", "&") + "&lang=en").text
        assert f"<caption>{number} task" in listed, href
    assert '<table class="late-map">' not in office.sign_in(COORDINATOR).get("/?lang=en").text


@of_room("papers")
def test_late_tasks_by_week_end_with_those_of_today(office: Office) -> None:
    task = office.task("4")
    open_one = {"status": TaskStatus.ACCEPTED, "assigned_at": at_local(date(2026, 9, 1))}
    closed = open_one | {"closed_at": at_local(date(2026, 10, 20)), "next_check_at": None}
    more(office, task, 2, **open_one | due(date(2026, 10, 29)))
    more(office, task, 1, **open_one | due(date(2026, 9, 30)))
    more(office, task, 1, **closed | due(date(2026, 9, 30)) | {"status": TaskStatus.APPROVED})
    more(office, task, 1, **closed | due(date(2026, 9, 30)) | {"status": TaskStatus.WITHDRAWN})
    text = office.sign_in(OBSERVER).get("/?lang=en").text
    chart = text[text.index("Late tasks week by week") :]
    rows = re.findall(r'<th scope="row">([^<]+)</th><td[^>]*>(?:<a[^>]*>)?(\d+)', chart[: chart.index("</figure>")])
    assert [int(number) for _day, number in rows][-6:] == [0, 2, 2, 2, 1, 3]
