"""Access tokens and the calendar's address, from the page to the program that uses them."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from models.text.localtime import at_local
from tests.web.site import LAUNCHED, Office, Reader
from workflows.rules.tasks.actions import Action


def make_token(reader: Reader, **fields: Any) -> str:
    given = {"name": "Bảng tính", "scope": ["read"], "days": "90"} | fields
    answer = reader.send("/account/tokens", **given)
    found = re.search(r"dondoc_[\w-]+", answer.text)
    return found[0] if found else answer.text


def test_a_token_is_shown_once_and_opens_the_api_until_it_is_ended(office: Office) -> None:
    reader = office.sign_in("le.thi.c")
    token = make_token(reader)
    headers = {"authorization": f"Bearer {token}"}
    assert Reader(office.app).get("/api/v1/me", headers=headers).json()["code"] == "le.thi.c"
    page = reader.get("/account/tokens").text
    assert "Bảng tính" in page and token not in page
    end = re.search(r"/account/tokens/[\w-]+/end", page)
    assert end
    assert reader.send("/account/tokens", end[0]).status_code == 303
    assert Reader(office.app).get("/api/v1/me", headers=headers).status_code == 401


def test_somebody_elses_token_cannot_be_ended(office: Office) -> None:
    make_token(office.sign_in("le.thi.c"))
    page = office.sign_in("le.thi.c").get("/account/tokens").text
    end = re.search(r"/account/tokens/[\w-]+/end", page)
    assert end
    assert office.sign_in("ngo.van.loc").send("/account/tokens", end[0]).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"scope": []}, "scopes"), ({"scope": ["all"]}, "scopes all"), ({"name": " "}, "name"), ({"days": "9"}, "days 9")],
)
def test_a_token_that_cannot_be_is_refused_with_what_would_be_right(
    office: Office, fields: dict[str, object], said: str
) -> None:
    reader = office.sign_in("le.thi.c")
    reader.get("/account/tokens?lang=en")
    assert said in make_token(reader, **fields).lower()


def address(reader: Reader) -> str:
    found = re.search(r"(/calendar/[\w.-]+\.ics)", reader.get("/account/calendar").text)
    assert found
    return found[1]


def test_the_calendar_holds_the_dates_of_ones_open_tasks_and_moves_with_them(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    reader = office.sign_in(head.code)
    reader.send("/account/calendar")
    path = address(reader)

    def dates() -> list[date]:
        answer = Reader(office.app).get(path)
        assert answer.headers["content-type"].startswith("text/calendar")
        return [event.decoded("dtstart") for event in Calendar.from_ical(answer.content).walk("VEVENT")]

    assert date(2026, 11, 20) in dates()
    office.act(
        task,
        Action.SET_DATE,
        task.coordinator_id,
        LAUNCHED + timedelta(hours=1),
        due=date(2026, 12, 4),
        note="Chờ số liệu",
    )
    assert date(2026, 12, 4) in dates()
    office.act(task, Action.WITHDRAW, task.coordinator_id, LAUNCHED + timedelta(hours=2), note="Trùng")
    assert date(2026, 12, 4) not in dates()


def test_the_calendar_says_nothing_of_what_is_to_be_done(office: Office) -> None:
    reader = office.sign_in(office.head(office.task("2")).code)
    reader.send("/account/calendar")
    said = Reader(office.app).get(address(reader)).text.replace("\r\n ", "")
    assert re.search("SUMMARY:.*(mục|item) 2", said)
    assert "phương án" not in said


def test_a_new_address_voids_the_old_one_and_ending_voids_both(office: Office) -> None:
    reader = office.sign_in(office.head(office.task("4")).code)
    reader.send("/account/calendar")
    first = address(reader)
    reader.send("/account/calendar")
    second = address(reader)
    assert [Reader(office.app).get(path).status_code for path in (first, second)] == [404, 200]
    reader.send("/account/calendar", "/account/calendar/end")
    assert Reader(office.app).get(second).status_code == 404
    assert Reader(office.app).get(second.replace("/calendar/A", "/calendar/B")).status_code == 404


def test_a_retired_persons_calendar_is_empty_of_everything(office: Office) -> None:
    head = office.head(office.task("4"))
    reader = office.sign_in(head.code)
    reader.send("/account/calendar")
    path = address(reader)
    office.change(lambda session: setattr(session.get_one(type(head), head.id), "is_active", False))
    office.now = at_local(date(2026, 11, 3))
    assert Reader(office.app).get(path).status_code == 404


def test_what_the_api_offers_stands_on_a_page(office: Office) -> None:
    page = office.get("/api/v1/docs?lang=en").text
    assert "POST /tasks/{name}/accept" in page
    assert "Idempotency-Key" in page
