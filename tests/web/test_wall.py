"""A directive on a wall screen: faces that turn by themselves, and can be held."""

import re
from datetime import date, timedelta

import pytest

from models.tasks.task import TaskStatus
from models.text.localtime import at_local
from models.text.vietnamese import sort_key
from tests.web.more_tasks import due, more
from tests.web.site import DUE, Office
from web.board.wall_pages import Face

WALL, OBSERVER = "/directives/ct-06-2004/wall", "nguyen.minh.quan"
FACES = [one.value for one in Face]


def test_units_with_overdue_tasks_stand_by_name(office: Office) -> None:
    office.now = at_local(date(2026, 11, 26))
    page = office.sign_in(OBSERVER).get(f"{WALL}?face=units&lang=en").text
    assert "alphabetical order" in page
    listed = [one.split("</strong>")[0] for one in page.split('class="overdue')[1].split("<strong>")[1:]]
    assert len(listed) > 10
    assert listed == sorted(listed, key=sort_key)


def test_progress_shows_the_reports_figures(office: Office) -> None:
    office.now = at_local(date(2026, 11, 26))
    page = office.sign_in(OBSERVER).get(f"{WALL}?face=progress&lang=en").text
    assert "Not done, overdue" in page and "Done of all tasks" in page
    found = re.search(r"Not done, overdue</dt><dd>(\d+)", page)
    assert found and int(found[1]) > 20


def test_late_tasks_stand_by_unit_with_whom_to_call(office: Office) -> None:
    task = office.task("4")
    more(office, task, 2, status=TaskStatus.ACCEPTED, **due(date(2026, 10, 29)))
    page = office.sign_in(OBSERVER).get(f"{WALL}?lang=en").text
    assert "2 tasks are overdue" in page and "2 working days" in page
    (row,) = page.split("<tbody>")[1].split("</tbody>")[0].split("</tr>")[:-1]
    assert office.head(task).full_name in row and "0900 000" in row and row.count("Item 4") == 2


def test_what_is_due_stands_by_day_and_duty(office: Office) -> None:
    office.now = at_local(DUE - timedelta(days=3))
    page = office.sign_in(OBSERVER).get(f"{WALL}?face=week&lang=en").text
    found = re.search(r"(\d+) tasks are due within 7 days", page)
    counts = [int(one) for one in re.findall(r'soon big">(\d+)<', page)]
    assert found and sum(counts) == int(found[1]) > 20


def test_nothing_overdue_is_said_and_not_red(office: Office) -> None:
    reader = office.sign_in(OBSERVER)
    for face in FACES:
        assert '"late' not in reader.get(f"{WALL}?face={face}").text, face
    assert "Nothing is overdue." in reader.get(f"{WALL}?lang=en").text


def test_every_face_leads_to_the_next_until_it_is_held(office: Office) -> None:
    reader, seen, address = office.sign_in(OBSERVER), list[str](), f"{WALL}?face=late"
    for _turn in range(4):
        answer = reader.get(address)
        seconds, address = answer.headers["refresh"].split(";url=")
        assert answer.status_code == 200 and int(seconds) >= 20
        assert "dondoc-by-itself=1" in address, "it keeps no session"
        seen.append(re.findall("face=([a-z]+)", address)[0])
    assert seen == ["units", "week", "progress", "late"], "there is one directive only"
    held = reader.get(f"{WALL}?face=week&pause=1&lang=en")
    assert "face=week" in held.headers["refresh"] and "Go on turning" in held.text
    assert reader.get(f"{WALL}?face=weather").status_code == 404


def test_it_turns_without_a_script_a_style_or_a_menu(office: Office) -> None:
    page = office.sign_in(OBSERVER).get(WALL).text
    assert "<script" not in page and " style=" not in page and 'class="menu"' not in page


@pytest.mark.parametrize("face", FACES)
def test_it_is_for_those_who_oversee(office: Office, face: str) -> None:
    head = office.head(office.task("2"))
    assert office.sign_in(head.code).get(f"{WALL}?face={face}").status_code == 404
