"""Scorecards and warnings in the browser: the units one oversees by name, one's own beside nobody's name."""

import re
from datetime import timedelta

import pytest

from tests.rooms import of_room
from tests.web.site import LAUNCHED, Office
from workflows.rules.tasks.actions import Action

DATABASES = ("sqlite", "postgresql")

COORDINATOR, OBSERVER, HEAD = "le.thi.c", "nguyen.minh.quan", "luong.thi.ngan"
OF_NOVEMBER = "every=month&cutoff=2026-11-30&lang=en"


@pytest.fixture
def late(office: Office) -> Office:
    """The end of November: everything that was due on the 20th is overdue, but for one task done on time."""
    task = office.task("4")
    head = office.head(task).id
    given = {"number": "12/KHTC", "date": "2026-11-10", "subject": "Báo cáo", "signer": "Lương Thị Ngân"}
    office.act(task, Action.ACCEPT, head, LAUNCHED + timedelta(days=1))
    office.act(task, Action.SUBMIT, head, LAUNCHED + timedelta(days=8), **given)
    office.act(task, Action.APPROVE, task.coordinator_id, LAUNCHED + timedelta(days=9))
    office.now = LAUNCHED + timedelta(days=29)
    return office


def units(text: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/scorecards/units/([^?"]+)', text)


def test_the_units_stand_in_alphabetical_order_with_the_notes_that_make_it_fair(late: Office) -> None:
    text = late.sign_in(OBSERVER).get(f"/scorecards?{OF_NOVEMBER}").text
    assert len(units(text)) == 26 and "this is no ranking" in text
    names = re.findall(r'<th scope="row"><a [^>]+>([^<]+)</a>', text)
    assert names.index("Công ty Viễn thông E") < names.index("Vụ Kế hoạch – Tài chính")
    for words in (
        "Small numbers",
        "Moved deadlines",
        "Waiting on others",
        "Weight",
        "Without a deadline",
        "Change of lead",
    ):
        assert words in text
    assert "sort" not in text.lower() and "order=" not in text
    assert "0/1" in text and "0/1 (0%)" not in text, "of one task there is no percentage"


@of_room("papers")
def test_a_units_page_tells_its_periods_in_a_picture_and_in_a_table(late: Office) -> None:
    text = late.sign_in(COORDINATOR).get(f"/scorecards/units/VU-KHTC?{OF_NOVEMBER}").text
    assert 'class="chart roomy"' in text and "Deadlines met over time" in text
    assert re.search(r"November 2026.*?</th>.*?1/1", text, re.S)
    assert "measured tasks: 1, too few for a comparison" in text.lower().replace("measured tasks", "measured tasks")
    assert late.sign_in(COORDINATOR).get("/scorecards/units/NONE").status_code == 404


def test_a_head_sees_their_own_unit_and_the_name_of_no_other(late: Office) -> None:
    head = late.sign_in(HEAD)
    text = head.get(f"/scorecards?{OF_NOVEMBER}").text
    assert re.findall(r'href="/scorecards/units/([^?"]+)', text) == ["VU-KHTC"]
    assert "too few units of this kind" in text
    assert head.get(f"/scorecards/units/VU-KHTC?{OF_NOVEMBER}").status_code == 200
    for code in ("CTY-E", "VU-VT", "CTY-L"):
        assert head.get(f"/scorecards/units/{code}?{OF_NOVEMBER}").status_code == 404


@pytest.mark.parametrize(
    ("person", "own"), [("tran.manh.cuong", "T-DD"), ("ho.anh.kiet", "TCT-T"), ("nguyen.thanh.tung", "CTY-E")]
)
def test_an_enterprise_never_sees_another_enterprises_lateness(late: Office, person: str, own: str) -> None:
    """The head of one, the coordinator and focal point of another, and the head of one that supervises its own."""
    reader = late.sign_in(person)
    text = reader.get(f"/scorecards?{OF_NOVEMBER}").text
    seen = set(re.findall(r'href="/scorecards/units/([^?"]+)', text))
    assert seen == {own}
    for code in ("CTY-M", "CTY-L", "VU-KHTC"):
        assert reader.get(f"/scorecards/units/{code}?{OF_NOVEMBER}").status_code in (403, 404)
    assert "CTY-M" not in reader.get("/warnings").text


def test_a_supervisor_sees_a_part_and_is_told_whose(late: Office) -> None:
    text = late.sign_in("ly.ngoc.anh").get(f"/scorecards?{OF_NOVEMBER}").text
    assert "This list is partial" in text and "Công ty Viễn thông E" not in text


def test_a_cut_off_to_come_is_refused_and_another_directive_is_not_there(late: Office) -> None:
    coordinator = late.sign_in(COORDINATOR)
    assert coordinator.get("/scorecards?cutoff=2027-01-01").status_code == 422
    assert coordinator.get("/scorecards?directive=none").status_code == 404
    assert coordinator.get("/warnings?directive=none").status_code == 404


def test_the_warnings_say_why(office: Office) -> None:
    office.now = LAUNCHED + timedelta(days=15)
    text = office.sign_in(COORDINATOR).get("/warnings?lang=en").text
    assert "Not accepted 11 working days after it was given" in text
    assert "11 of 14 working days are used, no progress reported" in text
    assert "How the rule works" in text
    assert text.count("+2)") >= 50, "each sign with its points"
    assert "by judgement, not a machine" in text


def test_a_clerk_sees_neither(late: Office) -> None:
    clerk = late.sign_in("ngo.van.loc")
    assert {clerk.get(path).status_code for path in ("/scorecards", "/warnings")} == {403}
