"""The page of pictures: whose it is, what of others it hides, and that its numbers are the report's."""

import html
import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col

from models.database.session import reading
from models.tasks.task import Task, TaskStatus
from models.text.localtime import at_local
from tests.page import Page, words_of
from tests.web.more_tasks import due, more
from tests.web.site import DUE, LAUNCHED, Office
from web.papers import chart_pages
from workflows.reports import report_scope
from workflows.reports.report_figures import report
from workflows.rules.tasks.actions import Action
from workflows.worklists.task_filter import LateReason

pytestmark = pytest.mark.long

DATABASES = ("sqlite", "postgresql")

COORDINATOR, OBSERVER, ADMINISTRATOR = "le.thi.c", "nguyen.minh.quan", "dang.thu.thuy"
HEAD_OF_POST, HEAD_OF_M, HEAD_OF_L = "ly.ngoc.anh", "ta.chi.thanh", "dinh.hoang.long"
PAGE, LADDER = "/reports/pictures", "/reports/pictures/ladder?directive=ct-06-2004"


def rows(text: str, picture: str) -> list[list[str]]:
    """The rows of a picture's table."""
    found = Page(text).all(f"#picture-{picture} tbody tr")
    return [[words_of(cell) for cell in row.cssselect("th, td")] for row in found]


@pytest.mark.parametrize("who", [COORDINATOR, OBSERVER, ADMINISTRATOR])
def test_the_pictures_end_where_the_report_stands(office: Office, who: str) -> None:
    task = office.task("4")
    head = office.head(task)
    office.now = at_local(DUE + timedelta(days=3))
    given = {"number": "12/BC", "date": DUE, "subject": "Báo cáo", "signer": "Lương Thị Ngân"}
    office.act(task, Action.SUBMIT, head.id, at_local(DUE), **given)
    answer = office.sign_in(who).get(PAGE)
    assert answer.status_code == 200
    with reading(office.engine) as session:
        told = report(session, cutoff=DUE + timedelta(days=3))
    figures = told.figures
    assert figures.open_overdue == figures.total > 20, "sent in time, but nobody approved it"
    last = rows(answer.text, "completion")[-1]
    assert last == ["23/11/2026", f"{figures.total}", "0", "0", f"{figures.open_overdue}", "0", "0,00%", "0,00%"]
    assert rows(answer.text, "load") == [
        ["16/11/2026 – 22/11/2026", f"{figures.total}", "0", "0", f"{figures.open_overdue}", "0"]
    ]
    assert "tạm tính" in answer.text


def test_a_bar_leads_to_the_tasks_that_it_counts(office: Office) -> None:
    office.now = at_local(DUE + timedelta(days=3))
    coordinator = office.sign_in(COORDINATOR)
    text = coordinator.get(f"{PAGE}?directive=ct-06-2004").text
    found = re.findall(r'<a href="([^"]*)" tabindex="-1" aria-label="[^"]*: ([0-9]+)">', text)
    assert len(found) > 20
    for address, count in (found[0], found[-1]):
        listed = coordinator.get(html.unescape(address))
        assert listed.status_code == 200 and listed.text.count('<a href="/tasks/') == int(count)


def test_a_reason_for_delay_leads_to_the_tasks_that_have_it(office: Office) -> None:
    task, late = office.task("4"), due(date(2026, 11, 1))
    head, coordinator = office.head(task).id, office.sign_in(COORDINATOR)
    blocked, asked, sent, silent = more(office, task, 4, status=TaskStatus.ACCEPTED, **late)
    more(office, task, 2, status=TaskStatus.RETURNED, **late)
    told = more(office, task, 1, status=TaskStatus.ACCEPTED, **late)[0]
    office.act(blocked, Action.RAISE_OBSTACLE, head, LAUNCHED, note="thiếu số liệu")
    office.act(asked, Action.ASK_EXTENSION, head, LAUNCHED, due=DUE, note="thiếu người")
    office.act(sent, Action.SUBMIT, head, LAUNCHED, number="1", date=LAUNCHED.date(), subject="a", signer="b")
    office.act(told, Action.PROGRESS, head, LAUNCHED, note="đang làm")
    counts: dict[LateReason, int] = {}
    text = coordinator.get(f"{PAGE}?directive=ct-06-2004&lang=en").text
    for address, count in re.findall(r'<a href="(/tasks[^"]*)">([0-9]+)</a>', text.split('id="picture-reasons"')[1]):
        listed = coordinator.get(html.unescape(address)).text
        assert listed.count('<th scope="row"><a href="/tasks/') == int(count), address
        counts[LateReason(re.findall("reason=([a-z_]+)", address)[0])] = int(count)
    assert counts == {
        LateReason.OBSTACLE: 1,
        LateReason.EXTENSION: 1,
        LateReason.DECISION: 1,
        LateReason.RETURNED: 2,
        LateReason.UNDER_WAY: 1,
        LateReason.SILENT: 1,
    }
    assert silent and "Most often: the result was returned for completion (2 of 7 late tasks)" in text
    office.now = at_local(DUE + timedelta(days=60))
    text = office.sign_in(COORDINATOR).get(f"{PAGE}?directive=ct-06-2004&lang=en").text
    assert "reason=authority" in text and "reason=obstacle" not in text, "its answer is overdue too"


def test_no_bar_leads_to_a_list_that_would_lack_some_of_its_tasks(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report counts what somebody oversees, a chart also what their own unit does."""
    office.now = at_local(DUE + timedelta(days=3))
    monkeypatch.setattr(report_scope, "overseen_tasks", lambda place: col(Task.is_drill))
    text = office.sign_in(COORDINATOR).get(PAGE).text
    assert 'class="chart roomy"' in text and "/reports/tasks" not in text


@pytest.mark.parametrize("who", [HEAD_OF_L, "phan.ngoc.son", "vu.huu.phuoc"])
@pytest.mark.parametrize("address", [PAGE, f"{PAGE}?directive=ct-06-2004&unit=T-DD", LADDER])
def test_who_oversees_nothing_gets_no_picture(office: Office, who: str, address: str) -> None:
    answer = office.sign_in(who).get(address)
    assert answer.status_code == 403
    assert 'class="chart roomy"' not in answer.text
    assert "Công ty" not in answer.text.split("<main")[1]


def test_nobody_signed_in_is_asked_to_sign_in(office: Office) -> None:
    assert office.get(PAGE).status_code == 303


def test_a_supervising_unit_sees_the_units_it_supervises(office: Office) -> None:
    office.now = at_local(DUE + timedelta(days=3))
    head = office.sign_in(HEAD_OF_POST)
    units = [row[0] for row in rows(head.get(PAGE).text, "units")]
    assert "Công ty cổ phần Chuyển phát S" in units
    assert 2 < len(units) < 10
    text = head.get(PAGE).text
    assert "Công ty Thông tin di động T" not in text
    assert rows(text, "completion")[-1][1] == f"{len(units)}", "one task each, and no other's in the total"
    asked = head.get(f"{PAGE}?unit=T-DD")
    assert asked.status_code == 422
    assert "Công ty Thông tin di động T" not in asked.text


def test_an_enterprise_that_oversees_branches_sees_nothing_of_other_enterprises(office: Office) -> None:
    head = office.sign_in(HEAD_OF_M)
    for address in (PAGE, f"{PAGE}?directive=all", f"{PAGE}?unit=T-DD"):
        text = head.get(address).text
        assert 'class="chart roomy"' not in text
        assert "di động" not in text
    assert head.get(f"{PAGE}?directive=ct-06-2004").status_code == 404
    assert head.get(LADDER).status_code == 404


@pytest.mark.parametrize("unit", ["T-DD", "cong ty thong tin di dong t"])
def test_one_unit_alone(office: Office, unit: str) -> None:
    text = office.sign_in(COORDINATOR).get(f"{PAGE}?directive=ct-06-2004&unit={unit}").text
    assert 'value="Công ty Thông tin di động T"' in text
    assert [row[:2] for row in rows(text, "units")] == [["Công ty Thông tin di động T", "1"]]
    assert rows(text, "completion")[-1][1] == "1"


def test_units_come_a_page_at_a_time_the_latest_first_or_by_name(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = office.task("4")
    office.act(task, Action.SET_DATE, task.coordinator_id, LAUNCHED, due=DUE + timedelta(days=30), note="gia hạn")
    office.now = at_local(DUE + timedelta(days=3))
    monkeypatch.setattr(chart_pages, "UNITS_ON_A_PAGE", 5)
    coordinator = office.sign_in(COORDINATOR)

    def names(order: str) -> list[str]:
        found: list[str] = []
        for number in range(1, 20):
            answer = coordinator.get(f"{PAGE}?order={order}&page={number}")
            if answer.status_code == 404:
                return found
            found += [row[0] for row in rows(answer.text, "units")]
        raise AssertionError("the pages do not end")

    by_name, latest_first = names("name"), names("")
    with reading(office.engine) as session:
        lines = report(session, cutoff=DUE + timedelta(days=3)).by_unit
    assert by_name == [line.name for line in lines]
    assert sorted(latest_first) == sorted(by_name)
    assert latest_first[-1] == "Vụ Kế hoạch – Tài chính", "its date is still to come"
    assert "không phải bảng xếp hạng" in coordinator.get(PAGE).text


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("cutoff=31/12/2026", "Thời điểm chốt số liệu 31/12/2026"),
        ("cutoff=2026-12-31", "chưa đến"),
        ("unit=KHONG-CO", "Đơn vị KHONG-CO"),
    ],
)
def test_what_cannot_be_drawn_is_named_and_today_is_shown(office: Office, asked: str, says: str) -> None:
    answer = office.sign_in(COORDINATOR).get(f"{PAGE}?{asked}")
    assert answer.status_code == 422
    assert says in answer.text
    assert 'value="2026-11-02"' in answer.text
    assert 'class="chart roomy"' in answer.text


def test_before_anything_was_assigned_the_page_says_what_to_do(office: Office) -> None:
    answer = office.sign_in(COORDINATOR).get(f"{PAGE}?cutoff=2026-10-01")
    assert answer.status_code == 200
    assert "chưa giao nhiệm vụ nào" in answer.text


def test_too_many_tasks_are_drawn_directive_by_directive(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    coordinator = office.sign_in(COORDINATOR)
    assert coordinator.get(f"{PAGE}?directive=all").status_code == 200
    monkeypatch.setattr(report_scope, "MAY_DRAW", 3)
    refused = coordinator.get(f"{PAGE}?directive=all")
    assert refused.status_code == 422
    assert "hơn 3 nhiệm vụ" in refused.text
    assert '<option value="ct-06-2004" selected>' in refused.text


def test_the_number_of_queries_does_not_grow_with_the_tasks(office: Office) -> None:
    coordinator, seen = office.sign_in(COORDINATOR), list[str]()

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    coordinator.get(PAGE)  # the first one of a session notes that it is used
    event.listen(office.engine, "before_cursor_execute", note)
    coordinator.get(f"{PAGE}?unit=T-DD")
    of_one = len(seen)
    seen.clear()
    coordinator.get(PAGE)
    assert len(seen) == of_one < 26
    seen.clear()
    coordinator.get(LADDER)
    assert len(seen) < 26


def test_a_ladder_has_the_dates_of_the_working_calendar(office: Office) -> None:
    answer = office.sign_in(COORDINATOR).get(f"{LADDER}&duty=4&assigned=2026-11-02&due=2026-11-20")
    assert answer.status_code == 200
    told = {row[1] + row[2]: row[0] for row in rows(answer.text, "ladder")}
    assert told["Sắp đến hạntrước thời hạn 07 ngày làm việc"] == "Thứ Tư, 11/11/2026"
    assert told["Đến hạnđúng ngày đến hạn"] == "Thứ Sáu, 20/11/2026"
    assert "24/11" not in told["Quá hạnsau thời hạn 04 ngày làm việc"], "the 24th is a day off since 2026"
    assert "thời hạn ngày 20/11/2026" in answer.text


def test_where_no_dates_are_asked_for_the_ladder_has_those_of_the_last_launch(office: Office) -> None:
    office.now = at_local(date(2026, 12, 1))
    text = office.sign_in(COORDINATOR).get(f"{LADDER}&duty=4").text
    assert 'value="2026-11-02"' in text
    assert 'value="2026-11-20"' in text


def test_the_ladder_of_a_periodic_duty_has_the_date_of_its_period(office: Office) -> None:
    office.now = at_local(date(2026, 12, 1))
    text = office.sign_in(COORDINATOR).get(f"{LADDER}&duty=results").text
    assert 'value="2026-12-04"' in text  # the 6th is a Sunday, and report dates move back


def test_a_contingency_has_its_hours_and_takes_no_date(office: Office) -> None:
    text = office.sign_in(COORDINATOR).get(f"{LADDER}&duty=2.a&assigned=2026-11-02&due=2027-01-01").text
    assert "08 giờ 00 ngày 03/11/2026</text>" in text
    assert 'name="due"' not in text


@pytest.mark.parametrize(
    ("asked", "says"),
    [("due=31/11/2026", "Thời hạn 31/11/2026"), ("assigned=x", "Ngày giao x"), ("due=1066-01-01", "1066-01-01")],
)
def test_a_day_that_is_none_is_named(office: Office, asked: str, says: str) -> None:
    answer = office.sign_in(COORDINATOR).get(f"{LADDER}&duty=4&{asked}")
    assert answer.status_code == 422
    assert says in answer.text


def test_a_duty_that_is_none_is_not_found(office: Office) -> None:
    assert office.sign_in(COORDINATOR).get(f"{LADDER}&duty=99").status_code == 404
    assert office.sign_in(COORDINATOR).get(LADDER.replace("ct-06", "ct-99")).status_code == 404


def test_every_picture_is_drawn_once_for_a_day_in_the_past(office: Office) -> None:
    office.now = at_local(date(2027, 1, 4))
    text = office.sign_in(OBSERVER).get(f"{PAGE}?cutoff={DUE.isoformat()}&dates=original").text
    assert text.count('class="chart roomy"') == 4
    assert "theo thời hạn ban đầu" in text.lower()
    assert re.findall(r' style="', text) == []
