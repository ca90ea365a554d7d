"""The working calendar on its pages: a year, a change seen beforehand, and who changed what."""

from datetime import date

import pytest
from sqlmodel import select

from models.database.session import reading, transaction
from models.directives.directive import find_directive
from models.organization.audit import Audit
from models.organization.calendar import CalendarDay, CalendarRevision
from models.text.localtime import due_date
from tests.page import Page
from tests.web.site import LAUNCHED, Office, Reader
from workflows.launch.launch_plan import default_coordinator
from workflows.launch.launch_tasks import launch
from workflows.organization.working_calendar import load_calendar

FORM = "/admin/calendar/edit"
DECISION = "Thông báo 15/TB-BNV"


@pytest.fixture
def administrator(office: Office) -> Reader:
    return office.sign_in("dang.thu.thuy")


def seen(page: str) -> str:
    return Page(page).value("seen")


def working(office: Office, day: date) -> bool:
    with reading(office.engine) as session:
        return load_calendar(session).is_working(day)


def test_the_calendar_is_for_administrators_only(office: Office) -> None:
    for code in ("le.thi.c", "ngo.van.loc", "nguyen.minh.quan"):
        for path in ("/admin/calendar", FORM):
            assert office.sign_in(code).get(path).status_code == 403


def test_a_year_shows_holidays_and_make_up_days_by_name(administrator: Reader) -> None:
    shown = administrator.get("/admin/calendar?year=2026&lang=en").text
    assert "Working calendar 2026" in shown
    assert 'title="Quốc khánh"' in shown and 'class="made-up"' in shown
    assert shown.count('<table class="month">') == 12


def test_one_day_is_changed_after_a_look_at_its_effect(office: Office, administrator: Reader) -> None:
    day = date(2026, 12, 24)
    answer = administrator.send(
        FORM, reason=DECISION, kind="off", first=day.isoformat(), last="", name="Nghỉ bù", days=""
    )
    page = answer.headers["location"]
    shown = administrator.get(f"{page}?lang=en").text
    assert DECISION in shown and "Nghỉ bù" in shown
    assert working(office, day)
    done = administrator.send(page, seen=seen(shown))
    assert done.headers["location"] == "/admin/calendar?year=2026"
    assert not working(office, day)
    after = administrator.follow(done).text
    assert DECISION in after and "Đặng Thu Thuỷ" in after
    with reading(office.engine) as session:
        assert session.exec(select(CalendarRevision.reason)).all()[-1] == DECISION
        line = session.exec(select(Audit)).one()
    assert (line.action, line.facts["days"], line.address) == ("calendar_edited", 1, "127.0.0.1")
    assert administrator.get(page).status_code == 404


def test_dates_that_move_are_named_before_they_do(office: Office, administrator: Reader) -> None:
    with transaction(office.engine) as session:  # row 3 is inspected every half year: its date follows the calendar
        directive = find_directive(session, "ct-06-2004")
        launch(
            session,
            directive,
            on=LAUNCHED,
            coordinator_id=default_coordinator(session, directive),
            calendar=load_calendar(session),
            paths=["3"],
            override=True,
        )
    task = office.task("3")
    due = due_date(task.due_at) if task.due_at else pytest.fail("no deadline")
    given = {"reason": DECISION, "kind": "off", "first": due.isoformat(), "last": "", "name": "", "days": ""}
    page = administrator.send(FORM, **given).headers["location"]
    shown = administrator.get(f"{page}?lang=en").text
    assert f"/tasks/{task.id.hex}" in shown
    administrator.send(page, seen=seen(shown))
    moved = office.task("3")
    assert moved.due_at and due_date(moved.due_at) < due and moved.original_due_at == task.due_at


def test_a_whole_decision_is_pasted_or_sent_as_a_file(office: Office, administrator: Reader) -> None:
    pasted = "day,kind,name\n05/02/2027–11/02/2027, off, Tết Đinh Mùi\n"
    sent = {"file": ("lich.csv", "22/08/2026;làm bù;Làm bù cho ngày 31/08\n".encode("utf-8-sig"), "text/csv")}
    given = {"reason": DECISION, "kind": "off", "first": "", "last": "", "name": ""}
    page = administrator.send(FORM, files=sent, **given, days=pasted).headers["location"]
    administrator.send(page, seen=seen(administrator.get(page).text))
    assert not working(office, date(2027, 2, 5)) and working(office, date(2026, 8, 22))


@pytest.mark.parametrize(
    "given",
    [
        {"reason": ""},
        {"first": "31/11/2026"},
        {"first": "2026-12-24", "last": "2026-12-01"},
        {"first": "", "days": ""},
        {"first": "", "days": "24/12/2026, maybe"},
        {"first": "2100-01-01"},
        {"first": "2026-12-24", "kind": "holiday"},
    ],
)
def test_a_wrong_form_says_what_is_wrong_and_changes_nothing(
    office: Office, administrator: Reader, given: dict[str, str]
) -> None:
    good = {"reason": DECISION, "kind": "off", "first": "2026-12-24", "last": "", "name": "", "days": ""}
    answer = administrator.send(FORM, **good | given)
    assert answer.status_code == 422
    with reading(office.engine) as session:
        assert session.exec(select(CalendarDay).where(CalendarDay.day >= date(2026, 12, 1))).all() == []


def test_what_is_no_news_is_said_to_be_none(administrator: Reader) -> None:
    given = {"reason": DECISION, "kind": "off", "first": "2026-12-24", "last": "", "name": "", "days": ""}
    for _time in range(2):
        page = administrator.send(FORM, **given).headers["location"]
        shown = administrator.get(f"{page}?lang=en").text
        administrator.send(page, seen=seen(shown))
    assert "there is nothing to change" in shown


def test_a_stranger_mark_is_shown_again_instead_of_done(office: Office, administrator: Reader) -> None:
    given = {"reason": DECISION, "kind": "off", "first": "2026-12-24", "last": "", "name": "", "days": ""}
    page = administrator.send(FORM, **given).headers["location"]
    assert administrator.send(page, seen="other").status_code == 409
    assert working(office, date(2026, 12, 24))
