"""The launch wizard: its way to the end, back and again; what is wrong is said; who may not go it does not get in."""

import html
import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from models.database.ids import new_id
from models.database.session import reading
from models.directives.launch import Launch
from models.directives.template import FixedDeadline, NoDeadline
from models.errors import Refused
from models.operations.background_job import BackgroundJob, BackgroundJobState
from models.organization.audit import Audit
from models.organization.calendar import DayKind
from models.organization.person import Person, PersonRole, Role
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Unit
from models.tasks.task import Task
from models.text.localtime import at_local
from tests.page import Page
from tests.web.forms import fill, form_of, press
from tests.web.site import LAUNCHED, Office, Reader, one_more_unit
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick
from workflows.launch import launch_tasks
from workflows.tasks.edit_calendar import edit_calendar

WIZARD = "/launch/ct-06-2004"
CHOSEN = "duty=1&duty=2.a&duty=3&coordinator=le.thi.c"


@pytest.fixture
def coordinator(office: Office) -> Reader:
    return office.sign_in("le.thi.c")


def tasks(office: Office) -> int:
    with reading(office.engine) as session:
        return session.scalar(select(func.count()).select_from(Task)) or 0


def seen_on(page: str) -> str:
    """What the form of the last step has seen; "" where there is none."""
    found = Page(page).values("seen")
    return found[0] if found else ""


def launch(reader: Reader, *duties: str, nonce: str = "", **more: str) -> str:
    """Sends the last step's form; gives the page it leads to."""
    fields = {"duty": list(duties), "coordinator": "le.thi.c"} | more
    page = f"{WIZARD}/check?duty={duties[0]}&coordinator=le.thi.c"
    seen = seen_on(reader.get(f"{WIZARD}/check", params=fields).text)
    answer = reader.send(page, WIZARD, nonce=nonce or new_id().hex, seen=seen, **fields)
    return str(answer.headers["location"]) if answer.status_code == 303 else answer.text


def test_the_wizard_leads_from_the_directive_to_the_board(office: Office, coordinator: Reader) -> None:
    assert f'href="{WIZARD}"' in coordinator.get("/launch?lang=en").text
    duties = coordinator.get(WIZARD).text
    for words in (
        "Every half-year, by day 6 of its last month (enterprise); by day 8",
        "No task now: ready",
        "One task for each unit, at once",
        "24 hours after an incident is declared",
    ):
        assert words in duties
    assert "các doanh nghiệp bưu chính, viễn thông và Internet" in coordinator.get(f"{WIZARD}/audience?duty=1").text
    assert 'name="coordinator"' in coordinator.get(f"{WIZARD}/dates?{CHOSEN}").text
    assert "Create the preview" in coordinator.get(f"{WIZARD}/preview?{CHOSEN}").text
    check = coordinator.get(f"{WIZARD}/check?{CHOSEN}").text
    expected = int(re.search(r"(\d+) new tasks", check)[1])  # type: ignore[index]
    before = tasks(office)
    end = coordinator.get(launch(coordinator, "1", "2.a", "3")).text
    assert tasks(office) == before + expected > before
    assert f"Launched: {expected} new tasks." in end and 'href="/directives/ct-06-2004"' in end
    with reading(office.engine) as session:
        newest = session.scalars(select(Launch).order_by(col(Launch.launched_at).desc(), col(Launch.id).desc())).first()
    assert newest is not None and newest.id.hex[-8:] in end


def test_no_open_period_is_spoken_of_where_none_is_open(office: Office, coordinator: Reader) -> None:
    """On 10 December the quarter of the enterprises is over, and the next opens on 1 February."""
    begins = "a period open on the day of the launch begins at once"
    assert begins in coordinator.get(f"{WIZARD}?lang=en").text
    check = coordinator.get(f"{WIZARD}/check?duty=3&coordinator=le.thi.c&lang=en").text
    assert "25 new tasks" in check and begins not in check
    late = f"{WIZARD}/check?duty=3&coordinator=le.thi.c&on=2026-12-10&lang=en"
    check = coordinator.get(late).text
    said = "No task now: the next period begins by itself on 1 February 2027"
    assert "0 new tasks" in check and said in check and begins not in check
    office.now = at_local(date(2026, 12, 10))
    coordinator = office.sign_in("le.thi.c")
    assert "Launched: 0 new tasks" in coordinator.get(launch(coordinator, "3") + "?lang=en").text
    assert said in coordinator.get(f"{WIZARD}/check?duty=3&coordinator=le.thi.c&lang=en").text, "it stands ready now"


@pytest.mark.parametrize(("chosen", "is_whole"), [("duty=1&duty=3", False), ("", False), ("all", True)])
def test_the_box_of_all_items_is_ticked_when_they_all_are(coordinator: Reader, chosen: str, is_whole: bool) -> None:
    if chosen == "all":
        paths = Page(coordinator.get(WIZARD).text).values("duty")
        chosen = "&".join(f"duty={path}" for path in paths)
    box = re.search(r'<input type="checkbox" id="all-duties"[^>]*>', coordinator.get(f"{WIZARD}?{chosen}").text)
    assert box is not None and ("checked" in box[0]) is is_whole


def test_the_form_sent_twice_launches_once(office: Office, coordinator: Reader) -> None:
    nonce = new_id().hex
    first, second = launch(coordinator, "3", nonce=nonce), launch(coordinator, "3", nonce=nonce)
    assert first == second
    with reading(office.engine) as session:
        assert session.scalar(select(func.count()).select_from(Launch)) == 2  # the office's own, and this one


@pytest.mark.parametrize("meanwhile", ["a unit less", "another date", "a gap more"])
def test_no_launch_makes_anything_else_than_its_check_page_showed(
    office: Office, coordinator: Reader, meanwhile: str
) -> None:
    more = "override=on&reason=x" if meanwhile == "a gap more" else ""
    if more:
        office.change(lambda session: setattr(resolve_unit(session, "CTY-L"), "head_id", None))
    old = fill(coordinator, f"{WIZARD}/check?duty=3&coordinator=le.thi.c&lang=en&{more}", "ct-06-2004")

    def change(session: Session) -> None:
        if meanwhile == "a unit less":
            resolve_unit(session, "CTY-M").is_active = False
        elif meanwhile == "a gap more":
            resolve_unit(session, "CTY-E").head_id = None
        else:
            boss = resolve_person(session, "dang.thu.thuy").id
            edit_calendar(session, boss, {date(2026, 12, 4): DayKind.OFF}, "QĐ 1", office.now)

    office.change(change)
    before = tasks(office)
    for filled in (old, (old[0], old[1] | {"seen": ""})):
        answer = press(coordinator, filled)
        assert answer.status_code == 409 and "has changed while the page was open" in answer.text
        assert tasks(office) == before
    assert press(coordinator, form_of(answer.text, "ct-06-2004")).status_code == 303, "it has been looked at now"
    assert tasks(office) == before + (24 if meanwhile == "a unit less" else 25)


def test_launching_again_says_that_nothing_changed(office: Office, coordinator: Reader) -> None:
    launch(coordinator, "3")
    before = tasks(office)
    assert "There is nothing to launch" in coordinator.get(f"{WIZARD}/check?duty=3&coordinator=le.thi.c&lang=en").text
    again = coordinator.get(launch(coordinator, "3")).text
    assert "Nothing was changed: everything was there already (25 tasks)." in again
    assert tasks(office) == before


def test_every_step_can_be_gone_back_to_with_what_was_chosen(coordinator: Reader) -> None:
    text = coordinator.get(f"{WIZARD}/check?duty=4&duty=2.a&due=2026-12-18&coordinator=le.thi.c&lang=en").text
    back = re.search(rf'href="({WIZARD}/dates[^"]+)"', text)
    assert back is not None
    query = parse_qs(urlsplit(back[1].replace("&amp;", "&")).query)
    assert query == {"duty": ["4", "2.a"], "due": ["2026-12-18"], "coordinator": ["le.thi.c"]}
    assert 'value="2026-12-18"' in coordinator.get(back[1].replace("&amp;", "&")).text


def test_a_date_may_be_typed_as_offices_write_it(coordinator: Reader) -> None:
    check = coordinator.get(f"{WIZARD}/check?duty=4&coordinator=le.thi.c&due=18/12/2026&lang=vi")
    assert check.status_code == 200 and "18/12/2026" in check.text
    wrong = coordinator.get(f"{WIZARD}/check?duty=4&coordinator=le.thi.c&due=31-11-2026&lang=vi").text
    assert "Thời hạn 31-11-2026: không phải là ngày có trong lịch; đề nghị viết dạng 05/11/2026" in wrong


@pytest.mark.parametrize("step", ["preview", "check"])
def test_a_date_on_a_day_off_is_told_with_the_days_to_take_instead(
    office: Office, coordinator: Reader, step: str
) -> None:
    page = f"{WIZARD}/{step}?duty=4&coordinator=le.thi.c&due=2026-12-19&lang=en"
    assert "Deadlines on a day off" not in coordinator.get(page).text, "the one unit has its task"
    office.change(lambda session: one_more_unit(session, NoDeadline()))
    text = html.unescape(coordinator.get(page).text)
    assert "Item 4: Saturday, 19 December 2026 (a day off; the date stays as set)" in text
    others = dict(re.findall(rf'href="({WIZARD}/{step}\?[^"]+)">Set ([^<]+) instead', text))
    assert list(others.values()) == ["Friday 18 December 2026", "Monday 21 December 2026"]
    for other in others:
        assert "Deadlines on a day off" not in coordinator.get(other).text


def test_a_templates_fixed_date_on_a_day_off_is_told_before_and_after(office: Office, coordinator: Reader) -> None:
    office.change(lambda session: one_more_unit(session, FixedDeadline(on=date(2027, 2, 28))))
    text = html.unescape(coordinator.get(f"{WIZARD}/check?duty=4&coordinator=le.thi.c&lang=en").text)
    assert "Item 4: Sunday, 28 February 2027 (a day off; the date stays as set)" in text
    assert "An administrator can let it move" in text
    launch(coordinator, "4")
    with reading(office.engine) as session:
        task = session.scalars(select(Task).order_by(col(Task.id).desc()).limit(1)).one()
    assert "Chủ nhật, ngày nghỉ; thời hạn ấn định giữ nguyên" in coordinator.get(f"/tasks/{task.id.hex}?lang=vi").text


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("coordinator=le.thi.c", "Duty: choose at least one to launch"),
        ("duty=4&coordinator=le.thi.c&due=2026-10-01", "Due 01/10/2026: before the launch itself"),
        ("duty=4&coordinator=le.thi.c&due=31/11/2026", "Deadline 31/11/2026: not a day of the calendar"),
        ("duty=4&coordinator=le.thi.c&on=2026-10-01", "Date of launch 01/10/2026: expected a day from 02/11/2026"),
        ("duty=4&coordinator=le.thi.c&on=2027-11-04", "expected a day from 02/11/2026 to 03/11/2027"),
        ("duty=4&coordinator=luong.thi.ngan", "does not coordinate for Vụ Viễn thông"),
        ("duty=4&coordinator=nobody", "There is no person nobody"),
    ],
)
def test_what_is_wrong_is_said_where_it_can_be_put_right(coordinator: Reader, query: str, told: str) -> None:
    answer = coordinator.get(f"{WIZARD}/check?{query}&lang=en")
    assert answer.status_code in (409, 422, 404)
    assert told in answer.text and "<form" in answer.text


def test_gaps_stop_the_wizard_until_they_are_overridden_with_a_reason(office: Office, coordinator: Reader) -> None:
    def lose_head(session: Session) -> None:
        unit = session.scalars(select(Unit).where(col(Unit.code) == "CTY-E")).one()
        unit.head_id = None

    office.change(lose_head)
    gap = "Unit CTY-E, item 3: it has no acting head (none entered)"
    assert gap in coordinator.get(f"{WIZARD}/audience?duty=3&lang=en").text
    refused = coordinator.get(f"{WIZARD}/dates?duty=3&lang=en")
    assert refused.status_code == 422 and "tick the box and say why" in refused.text
    assert coordinator.get(f"{WIZARD}/dates?duty=3&override=on").status_code == 422
    before = tasks(office)
    assert "tick the box" in launch(coordinator, "3")
    assert tasks(office) == before
    override = {"override": "on", "reason": "Đã báo Phòng Tổ chức"}
    page = f"{WIZARD}/check?duty=3&coordinator=le.thi.c&override=on&reason=x"
    fields = {"duty": "3", "coordinator": "le.thi.c", "nonce": new_id().hex} | override
    seen = seen_on(coordinator.get(page).text)
    assert coordinator.send(page, WIZARD, seen=seen, **fields).status_code == 303
    assert tasks(office) == before + 25


def test_a_later_day_is_waited_for_and_can_be_cancelled(office: Office, coordinator: Reader) -> None:
    before = tasks(office)
    place = launch(coordinator, "3", on="2026-11-05")
    assert "It begins by itself at 08:00 on 5 November 2026." in coordinator.get(place + "?lang=en").text
    cancelled = launch(coordinator, "1", on="2026-11-05")
    assert coordinator.send(cancelled, cancelled + "/cancel").status_code == 303
    office.now = LAUNCHED + timedelta(days=3)
    assert run_background_jobs(office.engine, office.settings, now=office.now)["background_jobs"] == 1
    assert tasks(office) == before + 25
    coordinator = office.sign_in("le.thi.c")  # three days later the first session is over
    assert "Launched: 25 new tasks." in coordinator.get(place + "?lang=en").text
    assert "cancelled before it began" in coordinator.get(cancelled + "?lang=en").text


def _move(session: Session, code: str, old: str, new: str) -> None:
    """A coordinator goes to another unit."""
    me, (here, there) = resolve_person(session, code), (resolve_unit(session, one) for one in (old, new))
    session.delete(session.get_one(PersonRole, (me.id, Role.COORDINATOR, here.id)))
    session.add(PersonRole(person_id=me.id, role=Role.COORDINATOR, unit_id=there.id))
    me.unit_id = there.id


def test_a_launch_that_failed_made_nothing_and_can_be_done_over(
    office: Office, coordinator: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: Any, **_named: Any) -> Any:
        raise Refused("the unit {unit} has gone", unit="CTY-M")

    before, place = tasks(office), launch(coordinator, "3", on="2026-11-05")
    office.now = LAUNCHED + timedelta(days=3)
    with monkeypatch.context() as broken:
        broken.setattr(launch_tasks, "create_tasks", fails)
        run_background_jobs(office.engine, office.settings, now=office.now)
    assert tasks(office) == before
    coordinator = office.sign_in("le.thi.c")  # three days later the first session is over
    text = coordinator.get(place + "?lang=en").text
    assert "The unit CTY-M has gone" in text and "Try again" in text and "had been made before" not in text
    office.change(lambda session: _move(session, "le.thi.c", "VU-VT", "CTY-M"))
    assert coordinator.send(place, place + "/resume").status_code == 403, "whoever has gone elsewhere launches no more"
    office.change(lambda session: _move(session, "le.thi.c", "CTY-M", "VU-VT"))
    assert coordinator.send(place, place + "/resume").status_code == 303
    run_background_jobs(office.engine, office.settings, now=office.now)
    assert "Launched: 25 new tasks." in coordinator.get(place + "?lang=en").text
    assert coordinator.send(place, place + "/resume").status_code == 409


def test_what_fails_before_the_eyes_of_who_launches_is_said_there(
    office: Office, coordinator: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: Any, **_named: Any) -> Any:
        raise Refused("the unit {unit} has gone", unit="CTY-M")

    before = tasks(office)
    monkeypatch.setattr(launch_tasks, "create_tasks", fails)
    text = launch(coordinator, "3")
    assert "The unit CTY-M has gone" in text and f'action="{WIZARD}"' in text
    with reading(office.engine) as session:
        assert session.scalar(select(func.count()).select_from(BackgroundJob)) == 0
    assert tasks(office) == before


def test_a_planned_launch_that_failed_on_its_day_stands_first_until_it_is_seen_to(
    office: Office, coordinator: Reader
) -> None:
    place = launch(coordinator, "3", on="2026-11-05")
    for _turn in range(12):  # much else was asked for since
        launch(coordinator, "1", on="2026-11-25")

    def lose_head(session: Session) -> None:
        session.scalars(select(Unit).where(col(Unit.code) == "CTY-E")).one().head_id = None

    office.change(lose_head)
    assert "This did not go out" not in coordinator.get("/launch?lang=en").text
    office.now = LAUNCHED + timedelta(days=3)
    run_background_jobs(office.engine, office.settings, now=office.now)
    office.now += timedelta(minutes=1)
    coordinator = office.sign_in("le.thi.c")  # three days later the first session is over
    text = coordinator.get("/launch?lang=en").text
    assert "This did not go out" in text and f'href="{place}"' in text and "CTY-E" in text
    assert "No longer needed" in coordinator.get(place).text
    assert coordinator.send(place, place + "/dismiss").status_code == 303
    assert "This did not go out" not in coordinator.get("/launch").text
    text = coordinator.get(place).text
    assert "Try again" in text and "No longer needed" not in text
    assert coordinator.send(place, place + "/dismiss").status_code == 409
    with reading(office.engine) as session:
        line = session.scalars(select(Audit).where(col(Audit.action) == "failed_launch_dismissed")).one()
        assert line.actor_id == session.scalars(select(Person).where(col(Person.code) == "le.thi.c")).one().id


def test_trying_again_after_its_day_asks_for_a_day_anew(office: Office, coordinator: Reader) -> None:
    place = launch(coordinator, "3", on="2026-11-05")

    def lose_head(session: Session) -> None:
        session.scalars(select(Unit).where(col(Unit.code) == "CTY-E")).one().head_id = None

    office.change(lose_head)
    office.now = LAUNCHED + timedelta(days=3)
    run_background_jobs(office.engine, office.settings, now=office.now)
    office.now += timedelta(minutes=1)
    coordinator = office.sign_in("le.thi.c")
    assert 'href="/launch/ct-06-2004/audience?duty=3&amp;on=2026-11-05"' in coordinator.get(place).text
    office.now += timedelta(days=1)
    coordinator = office.sign_in("le.thi.c")
    assert 'href="/launch/ct-06-2004/audience?duty=3"' in coordinator.get(place).text


def preview(office: Office, coordinator: Reader, *duties: str) -> str:
    page = f"{WIZARD}/preview?duty={duties[0]}&coordinator=le.thi.c"
    fields = {"duty": list(duties), "coordinator": "le.thi.c", "due": "2026-12-18", "days": "30"}
    answer = coordinator.send(page, f"{WIZARD}/preview", **fields)
    place = str(answer.headers["location"])
    waiting = coordinator.get(place).text
    assert "<progress" in waiting and "background_jobs.js" in waiting
    run_background_jobs(office.engine, office.settings, now=office.now)
    return place


def test_the_preview_shows_who_gets_which_letter_on_which_day(office: Office, coordinator: Reader) -> None:
    place = preview(office, coordinator, "3", "2.a")
    before = tasks(office)
    led = re.search(r'href="(/launch/ct-06-2004/preview/[^"]+)"', coordinator.get(place + "?lang=en").text)
    assert led is not None
    days = coordinator.get(led[1]).text
    assert "25</dd>" in days and "Monday, 2 November 2026" in days
    day = coordinator.get(f"{led[1]}/day/2026-11-02").text
    with reading(office.engine) as session:
        viettel = session.scalars(select(Unit).where(col(Unit.code) == "CTY-E")).one()
        head = session.get_one(Person, viettel.head_id).full_name
    assert head in day and viettel.name in day
    assert coordinator.get(f"{led[1]}/day/2026-11-01").status_code == 404
    assert coordinator.get(f"{led[1]}/day/tomorrow").status_code == 422
    assert head in coordinator.get(f"{led[1]}/print").text
    csv = coordinator.get(f"{led[1]}/csv")
    assert csv.headers["content-type"].startswith("text/csv") and head in csv.text
    assert f"{WIZARD}/check?duty=3" in days, "on to the check page with what was chosen"
    assert tasks(office) == before


def test_the_progress_is_told_to_the_pages_script(office: Office, coordinator: Reader) -> None:
    place = preview(office, coordinator, "4")
    told = coordinator.get(place + "/state?lang=en").json()
    assert told == {"state": "done", "done": 30, "total": 30, "words": "Finished"}


def test_nobody_else_gets_into_any_of_it(office: Office, coordinator: Reader) -> None:
    place = preview(office, coordinator, "4")
    steps = ["", "/audience", "/dates", "/preview", "/check"]
    shut = ["/launch", *(f"{WIZARD}{step}?{CHOSEN}" for step in steps), place, place + "/state"]
    shut += [
        f"{WIZARD}{place.replace('/background-jobs', '/preview')}{more}" for more in ("", "/day/2026-11-02", "/csv")
    ]
    before = tasks(office)
    for person in ("luong.thi.ngan", "nguyen.thanh.tung", "ngo.van.loc", "nguyen.minh.quan"):
        stranger = office.sign_in(person)
        assert {stranger.get(path).status_code for path in shut} <= {403, 404}, person
        fields = {"duty": "3", "coordinator": "le.thi.c", "nonce": new_id().hex}
        assert stranger.send("/work", WIZARD, **fields).status_code in (403, 404, 409), person
    assert tasks(office) == before
    with reading(office.engine) as session:
        assert session.scalar(select(func.count()).select_from(BackgroundJob)) == 1


def test_a_large_launch_goes_on_in_the_background(
    office: Office, coordinator: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.launch.launch_order.WITHIN_REQUEST", 5)
    place = launch(coordinator, "3")
    with reading(office.engine) as session:
        assert session.scalars(select(BackgroundJob)).one().state is BackgroundJobState.QUEUED
    text = coordinator.get(place + "?lang=en").text
    assert "You can leave this page" in text and "<progress" not in text
    assert "25 tasks are made in one piece: all of them or none." in text


def test_a_launch_is_taken_back_from_its_list(office: Office, coordinator: Reader) -> None:
    listed = "/directives/ct-06-2004/launches"
    place = re.search(rf'href="({listed}/[^"]+/take-back)"', coordinator.get(f"{listed}?lang=en").text)
    assert place is not None
    page = coordinator.get(place[1]).text
    assert "No letter of it has left" in page and "26</dd>" in page
    assert coordinator.send(place[1], reason="").status_code == 422
    said = coordinator.follow(coordinator.send(place[1], reason="Sai ngày")).text
    assert "Taken back; 26 tasks withdrawn" in said and "taken back on 2 November 2026" in said
    assert "take-back" not in said
    assert "this launch was taken back before" in coordinator.get(place[1]).text.lower()
    chosen = re.findall(r'value="(2|4)" [^>]*checked', coordinator.get(WIZARD).text)
    assert chosen == ["2", "4"], "they are to be launched again"
    check = coordinator.get(f"{WIZARD}/check?duty=2&duty=4&coordinator=le.thi.c").text
    assert "26 new tasks" in check


def test_a_launch_whose_letters_have_left_is_not_taken_back(office: Office, coordinator: Reader) -> None:
    tick(office.engine, office.settings, now=LAUNCHED, sender=RecordedSender())
    listed = coordinator.get("/directives/ct-06-2004/launches?lang=en").text
    assert "take-back" not in listed
    with reading(office.engine) as session:
        launch_id = session.scalars(select(col(Launch.id))).one()
    page = coordinator.get(f"/directives/ct-06-2004/launches/{launch_id}/take-back").text
    assert "It cannot be taken back" in page and "have left" in page and "<textarea" not in page


def test_the_day_of_the_launch_is_today_or_later_in_local_time(coordinator: Reader) -> None:
    today = date(2026, 11, 2)
    assert f'min="{today}"' in coordinator.get(f"{WIZARD}/dates?{CHOSEN}").text


def test_the_check_counts_the_six_things_of_a_clear_assignment(office: Office) -> None:
    reader = office.sign_in("le.thi.c")
    page = reader.get("/launch/ct-06-2004/check?lang=en&duty=4&duty=5&coordinator=le.thi.c").text
    told = re.search(r"A clear assignment says</dt><dd>(.*?)</dd>", page, re.S)
    assert told
    words = re.sub(r"<[^>]+>", "", told[1])
    assert "Who does it 2/2" in words and "By when" in words and "What result 2/2" in words
    dated = reader.get("/launch/ct-06-2004/check?lang=en&duty=4&duty=5&due=2026-12-18&coordinator=le.thi.c").text
    assert "By when 2/2" in re.sub(r"<[^>]+>", "", dated)
