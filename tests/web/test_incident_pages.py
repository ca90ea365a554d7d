"""Incidents from the browser: declared once, a drill never taken for real, followed, telephoned about, stood down."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from models.database.ids import new_id
from models.database.session import reading
from models.directives.directive import find_directive
from models.directives.launch import Incident
from models.letters.letter import Notice
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import Task, TaskStatus, TelephoneNote
from tests.ministry import Counted
from tests.page import Page
from tests.web.forms import fill, form_of, press
from tests.web.site import DUE, LAUNCHED, Office, Reader
from workflows.launch.launch_plan import default_coordinator
from workflows.launch.launch_tasks import launch
from workflows.organization.working_calendar import load_calendar
from workflows.rules.tasks.actions import Action

INCIDENTS = "/directives/ct-06-2004/incidents"


@pytest.fixture
def armed(office: Office) -> Office:
    """The contingency duties stand ready."""

    def arm(session: Session) -> None:
        directive = find_directive(session, "ct-06-2004")
        coordinator = default_coordinator(session, directive)
        calendar = load_calendar(session)
        launch(
            session,
            directive,
            on=LAUNCHED,
            coordinator_id=coordinator,
            calendar=calendar,
            paths=["2.a", "2.c"],
            due_on=DUE,
            override=True,
        )

    office.change(arm)
    return office


@pytest.fixture
def coordinator(armed: Office) -> Reader:
    return armed.sign_in("le.thi.c")


def declare(reader: Reader, *, kind: str = "drill", nonce: str = "", **more: object) -> str:
    """Sends the check page's form; gives the incident's page, or the text of the refusal."""
    fields: dict[str, object] = {"title": "Đứt cáp tuyến Bắc – Nam", "kind": kind, "duty": "2.a"}
    fields |= {"unit": ["CTY-E", "CTY-M"]} | more
    seen = Page(reader.get(f"{INCIDENTS}/check", params=fields).text).values("seen")
    given = {"nonce": nonce or new_id().hex, "seen": seen[0] if seen else ""}
    answer = reader.send(f"{INCIDENTS}/declare", INCIDENTS, **given | fields)
    return str(answer.headers["location"]) if answer.status_code == 303 else answer.text


def tasks(office: Office) -> list[Task]:
    with reading(office.engine) as session:
        return list(session.scalars(select(Task).where(col(Task.incident_id).is_not(None))))


def test_incident_check_page_shows_letters_clock_and_telephones(armed: Office, coordinator: Reader) -> None:
    assert 'value="CTY-E"' in coordinator.get(f"{INCIDENTS}/declare").text
    text = coordinator.get(f"{INCIDENTS}/check?title=Thử&kind=drill&duty=2.a&unit=CTY-E&unit=CTY-M&lang=en").text
    with reading(armed.engine) as session:
        units = session.scalars(select(Unit).where(col(Unit.code).in_(["CTY-E", "CTY-M"]))).all()
        heads = [session.get_one(Person, unit.head_id) for unit in units]
    for head in heads:
        assert head.full_name in text and (head.phone or "–") in text
    assert "08:00, 2 November 2026" in text and "09:00, 2 November 2026" in text  # now, and not accepted in an hour
    assert "08:00, 3 November 2026" in text and "12:00, 3 November 2026" in text  # due, and upward
    assert "2 tasks" in text
    assert tasks(armed) == []


def test_a_drill_says_so_on_every_page_and_in_every_letter(armed: Office, coordinator: Reader) -> None:
    band = "DRILL (DIỄN TẬP): part of an exercise"
    assert band in coordinator.get(f"{INCIDENTS}/check?title=T&kind=drill&duty=2.a&unit=CTY-M&lang=en").text
    earnest = coordinator.get(f"{INCIDENTS}/check?title=T&kind=earnest&duty=2.a&unit=CTY-M&lang=en").text
    assert band not in earnest and "REAL SITUATION" in earnest
    place = declare(coordinator)
    assert band in coordinator.get(place).text
    assert "DRILL (DIỄN TẬP)" in coordinator.get(INCIDENTS).text
    assert all(task.is_drill for task in tasks(armed))
    assert band not in coordinator.get(declare(coordinator, kind="earnest")).text


def test_the_form_sent_twice_declares_once(armed: Office, coordinator: Reader) -> None:
    nonce = new_id().hex
    assert declare(coordinator, nonce=nonce) == declare(coordinator, nonce=nonce)
    assert len(tasks(armed)) == 2
    with reading(armed.engine) as session:
        assert session.scalar(select(func.count()).select_from(Incident)) == 1


def test_two_who_declare_the_same_at_once_do_not_both_write_to_everybody(armed: Office, coordinator: Reader) -> None:
    """Both have looked at the check page before either has pressed."""
    query = "title=đứt cáp tuyến Bắc – Nam&kind=drill&duty=2.a&unit=CTY-E&unit=CTY-M"
    old = fill(coordinator, f"{INCIDENTS}/check?{query}&lang=vi", "incidents")
    other = fill(coordinator, f"{INCIDENTS}/check?{query.replace('Bắc', 'Đông')}&lang=vi", "incidents")
    earnest = fill(coordinator, f"{INCIDENTS}/check?{query.replace('drill', 'earnest')}", "incidents")
    colleague = armed.sign_in("le.thi.c")
    running = declare(colleague)
    both = {"unit": ["CTY-E", "CTY-M"]}
    for filled in (old, (old[0], old[1] | {"seen": ""})):
        refused = press(coordinator, filled, **both)
        assert refused.status_code == 409 and len(tasks(armed)) == 2
        assert "đã thay đổi trong lúc trang đang mở: Đứt cáp tuyến Bắc – Nam" in refused.text
        assert f'href="{running}"' in refused.text
    assert press(coordinator, other, **both).status_code == 303, "another one is nobody else's"
    assert press(coordinator, earnest, **both).status_code == 303, "what is in earnest waits for no drill"
    assert press(coordinator, form_of(refused.text, "incidents"), **both).status_code == 303, (
        "it has been looked at now"
    )
    assert len(tasks(armed)) == 8


def test_what_runs_under_the_same_name_is_told_before_it_is_declared_again(coordinator: Reader) -> None:
    """Who goes back in the browser and presses once more would write to everybody twice."""
    title = "Đứt cáp tuyến Bắc – Nam"
    check = f"{INCIDENTS}/check?title={title}&kind=drill&duty=2.a&unit=CTY-M&lang=en"
    warning = "was declared at 08:00 on 2 November 2026 by Lê Thị Cúc and is still going on"
    assert warning not in coordinator.get(check).text
    running = declare(coordinator)
    again = coordinator.get(check).text
    assert warning in again and f'href="{running}"' in again
    assert warning not in coordinator.get(check.replace(title, "Mất điện")).text
    coordinator.send(running, f"{running}/stand-down", reason="Kết thúc diễn tập")
    assert warning not in coordinator.get(check).text


def test_all_units_addressed_are_meant_with_one_tick(armed: Office, coordinator: Reader) -> None:
    declare(coordinator, every="on", unit=[])
    assert len(tasks(armed)) == 25


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"title": " "}, "Title: say in a few words what is declared"),
        ({"title": "x" * 301}, "Title: 301 characters; expected at most 300"),
        ({"kind": ""}, "Kind: choose a real situation or a drill"),
        ({"unit": []}, "Unit: choose at least one, or all of them"),
        ({"unit": ["VU-KHTC"]}, "Unit: choose at least one, or all of them"),
        ({"duty": []}, "Duty: choose at least one"),
        ({"duty": ["4"]}, "No contingency duty of this directive is armed"),
        ({"nonce": "?"}, "This form is too old"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_declared(
    armed: Office, coordinator: Reader, change: dict[str, object], told: str
) -> None:
    coordinator.get("/launch?lang=en")
    assert told in declare(coordinator, **change)  # type: ignore[arg-type]
    assert tasks(armed) == []


def test_units_that_no_letter_reaches_stand_at_the_top_to_be_telephoned(armed: Office, coordinator: Reader) -> None:
    def lose_address(session: Session) -> None:
        unit = session.scalars(select(Unit).where(col(Unit.code) == "CTY-M")).one()
        session.get_one(Person, unit.head_id).email = None

    armed.change(lose_address)
    text = coordinator.get(f"{INCIDENTS}/check?title=T&kind=drill&duty=2.a&unit=CTY-M&lang=en").text
    assert "No letter reaches these" in text and "its head has no e-mail address" in text


def test_the_running_incident_shows_who_accepted_the_calls_and_what_comes_next(
    armed: Office, coordinator: Reader
) -> None:
    place = declare(coordinator)
    with reading(armed.engine) as session:
        unit_id = session.scalars(select(col(Unit.id)).where(col(Unit.code) == "CTY-E")).one()
    task = next(task for task in tasks(armed) if task.lead_unit_id == unit_id)
    head = armed.head(task)
    armed.act(task, Action.ACCEPT, head.id, LAUNCHED + timedelta(minutes=20))
    armed.now = LAUNCHED + timedelta(hours=2)
    text = coordinator.get(place + "?lang=en").text
    assert re.search(r"<dt>accepted</dt><dd>1</dd>", text)
    assert f"accepted by {head.full_name} at 08:20" in text
    assert "22 hours left" in text
    assert text.count("(passed)") == 2  # assigned and not accepted; due, overdue and upward are to come

    other = next(one for one in tasks(armed) if one.id != task.id)
    call = {"task": other.id.hex, "answered_by": "Trực ban", "note": "Sẽ báo cáo lúc 11 giờ"}
    answer = coordinator.send(place, f"{place}/telephone", **call)
    assert answer.headers["location"].endswith("#calls")
    assert "reached Trực ban: Sẽ báo cáo lúc 11 giờ" in coordinator.get(place + "?lang=en").text
    with reading(armed.engine) as session:
        assert session.scalars(select(TelephoneNote)).one().called_at == armed.now
    missing = coordinator.send(place, f"{place}/telephone", task=other.id.hex, answered_by="")
    assert missing.status_code == 422 and "say who answered" in missing.text


def test_standing_down_needs_a_reason_and_withdraws_what_is_open(armed: Office, coordinator: Reader) -> None:
    place = declare(coordinator)
    coordinator.get("/launch?lang=en")
    refused = coordinator.send(place, f"{place}/stand-down", reason=" ")
    assert refused.status_code == 422 and "say why it is over" in refused.text
    assert {task.status for task in tasks(armed)} == {TaskStatus.ASSIGNED}
    done = coordinator.send(place, f"{place}/stand-down", reason="Đã khắc phục")
    assert "Stood down; 2 tasks withdrawn." in coordinator.follow(done).text
    assert {task.status for task in tasks(armed)} == {TaskStatus.WITHDRAWN}
    again = coordinator.send(place, f"{place}/stand-down", reason="Đã khắc phục")
    assert again.status_code == 409 and "stood down already" in again.text


def test_nothing_stands_ready_before_the_launch(office: Office) -> None:
    text = office.sign_in("le.thi.c").get(INCIDENTS + "?lang=en").text
    assert "No contingency duty of this directive is ready" in text and 'href="/launch/ct-06-2004"' in text


@pytest.mark.parametrize("person", ["luong.thi.ngan", "nguyen.thanh.tung", "ngo.van.loc"])
def test_heads_and_clerks_reach_none_of_it(armed: Office, coordinator: Reader, person: str) -> None:
    place = declare(coordinator)
    stranger = armed.sign_in(person)
    pages = [INCIDENTS, f"{INCIDENTS}/declare", f"{INCIDENTS}/check?title=T&kind=drill&duty=2.a&every=on", place]
    assert {stranger.get(page).status_code for page in pages} <= {403, 404}
    task = tasks(armed)[0].id.hex
    posts = [(INCIDENTS, {}), (f"{place}/telephone", {"task": task, "answered_by": "x"})]
    for page, fields in [*posts, (f"{place}/stand-down", {"reason": "x"})]:
        assert stranger.send("/account", page, **fields).status_code in (403, 404)
    assert {one.status for one in tasks(armed)} == {TaskStatus.ASSIGNED}


def test_the_observer_looks_and_may_do_nothing(armed: Office, coordinator: Reader) -> None:
    place = declare(coordinator)
    observer = armed.sign_in("nguyen.minh.quan")
    text = observer.get(place + "?lang=en").text
    assert "Stand down" not in text and "Record the call" not in text and "CTY-E" not in text.split("<main")[0]
    assert "<dt>tasks</dt><dd>2</dd>" in text
    assert observer.get(f"{INCIDENTS}/declare").status_code == 403
    assert observer.send("/account", f"{place}/stand-down", reason="x").status_code == 403


def test_of_another_directive_an_incident_is_not_there(armed: Office, coordinator: Reader) -> None:
    declare(coordinator)
    assert coordinator.get(f"{INCIDENTS}/{new_id()}").status_code == 404


def test_the_page_asks_as_much_for_two_units_as_for_all(armed: Office, coordinator: Reader) -> None:
    def asked(look: Callable[[], object]) -> int:
        with Session(armed.engine) as session, Counted(session) as seen:
            look()
            return len(seen)

    few, many = declare(coordinator), declare(coordinator, every="on")
    assert asked(lambda: coordinator.get(few)) == asked(lambda: coordinator.get(many))
    with reading(armed.engine) as session:
        assert session.scalar(select(func.count()).select_from(Notice).where(col(Notice.topic).like("incident:%")))
