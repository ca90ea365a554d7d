"""The report in the browser: the official figures, the tasks behind each number, only what the reader oversees."""

import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from models.database.session import reading
from models.organization.unit import Unit
from models.tasks.history import History
from models.tasks.task import Contribution
from tests.rooms import of_room
from tests.web.site import LAUNCHED, Office
from web.reports.briefing_pages import ON_PAPER
from workflows.reports.report_figures import report
from workflows.rules.tasks.actions import Action

DATABASES = ("sqlite", "postgresql")

CUTOFF = "2026-11-30"
OBSERVER = "nguyen.minh.quan"


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


def test_the_page_shows_the_reports_own_figures_with_formula_and_mark(late: Office) -> None:
    with reading(late.engine) as session:
        figures = report(session, cutoff=late.now.date(), directive="ct-06-2004").figures
    text = late.sign_in("le.thi.c").get(f"/reports?directive=ct-06-2004&cutoff={CUTOFF}&lang=en").text
    row = re.search(r"Open overdue</th>\s*<td class=\"number\"><a[^>]*>(\d+)</a>", text)
    assert row is not None and int(row[1]) == figures.open_overdue == 25
    assert "3.85%" in text and "done / (done + not done and overdue)" in text and "provisional" in text
    assert "this is no ranking" in text


@of_room("papers")
def test_a_report_over_all_directives_is_offered_to_whoever_speaks_for_a_unit(late: Office) -> None:
    """It is written in a unit's name; one directive's is written in its coordinating unit's."""
    for who, code, offered in (("le.thi.c", "all", True), (OBSERVER, "all", False), (OBSERVER, "ct-06-2004", True)):
        page = late.sign_in(who).get(f"/reports?directive={code}&cutoff={CUTOFF}").text
        links = re.findall(r'href="(/papers/make/report\?[^"]+)"', page.replace("&amp;", "&"))
        assert bool(links) is offered
        assert all(late.sign_in(who).get(link).status_code == 200 for link in links)


def test_each_number_leads_to_its_tasks_and_counts_them(late: Office) -> None:
    coordinator = late.sign_in("le.thi.c")
    text = coordinator.get(f"/reports?directive=ct-06-2004&cutoff={CUTOFF}&lang=en").text
    links = re.findall(r'href="(/reports/tasks\?[^"]+)">(\d+)</a>', text.replace("&amp;", "&"))
    assert len(links) > 20
    for address, number in links[:12]:
        page = coordinator.get(address).text
        assert f": {number}</h1>" in page.replace("\n", ""), address
    assert coordinator.get("/reports/tasks?figure=nothing").status_code == 404


@pytest.mark.parametrize("by", ["directive", "duty", "kind", "unit", "partner", "period"])
def test_each_number_of_each_breakdown_leads_to_as_many_tasks(late: Office, by: str) -> None:
    if by == "partner":
        _share(late)
    observer = late.sign_in("nguyen.minh.quan")
    text = observer.get(f"/reports?cutoff={CUTOFF}&by={by}&lang=en").text
    table = text[text.index("<caption>", text.index('class="tabs"')) :].replace("&amp;", "&")
    links = re.findall(r'href="(/reports/tasks\?[^"]+)">(\d+)</a>', table)
    assert links and all(f"&{by}=" in address or by == "directive" for address, _number in links)
    for address, number in links[:: max(1, len(links) // 8)]:
        assert f": {number}</h1>" in observer.get(address).text.replace("\n", ""), address


def _share(office: Office) -> None:
    """Two units contribute to the task of row 4; one has done so."""
    task = office.task("4")

    def do(session: Session) -> None:
        for code in ("VU-BC", "VU-VT"):
            unit = session.exec(select(Unit).where(Unit.code == code)).one()
            session.add(Contribution(task_id=task.id, unit_id=unit.id))
        session.add(
            History(
                recorded_at=LAUNCHED,
                occurred_on=LAUNCHED.date(),
                directive_id=task.directive_id,
                task_id=task.id,
                event="contributed",
                relation="partner",
                to_status="assigned",
                facts={"unit": unit.id.hex},
            )
        )

    office.change(do)


def test_a_coordinating_units_share_is_shown_and_led_to(late: Office) -> None:
    _share(late)
    observer = late.sign_in("nguyen.minh.quan")
    text = observer.get(f"/reports?cutoff={CUTOFF}&by=partner&lang=en").text.replace("&amp;", "&")
    given, awaited = (re.findall(rf'href="([^"]+contributed={said}[^"]*)">1</a>', text) for said in ("yes", "no"))
    assert len(given) == len(awaited) == 1
    assert "share recorded" in observer.get(given[0] + "&lang=en").text
    assert observer.get("/reports?by=weather").status_code == 404
    assert observer.get("/reports/tasks?figure=total&contributed=perhaps").status_code == 404


def test_a_cut_off_before_anything_happened_is_empty_and_one_to_come_is_refused(late: Office) -> None:
    coordinator = late.sign_in("le.thi.c")
    assert "Nothing was assigned by this day" in coordinator.get("/reports?cutoff=2026-10-01&lang=en").text
    refused = coordinator.get("/reports?cutoff=2027-01-01&lang=en")
    assert refused.status_code == 422 and "it is still to come" in refused.text
    assert coordinator.get("/reports?cutoff=31/11/2026").status_code == 422
    assert coordinator.get("/reports?directive=none").status_code == 404


def test_the_csv_holds_the_same_figures(late: Office) -> None:
    answer = late.sign_in("le.thi.c").get(f"/reports/csv?directive=ct-06-2004&cutoff={CUTOFF}&lang=en")
    assert answer.headers["content-type"].startswith("text/csv") and answer.text.startswith("\ufeff")
    assert "all of it,,,26,1,1,0,25,0,25,0,3.85%,3.85%,26,1,1,0,25,0,25,0,3.85%,3.85%" in answer.text
    assert "period,once," in answer.text and "kind of unit,enterprise,enterprise," in answer.text


def test_a_supervisor_sees_a_part_and_is_told_whose(late: Office) -> None:
    text = late.sign_in("ly.ngoc.anh").get(f"/reports?directive=ct-06-2004&cutoff={CUTOFF}&lang=en").text
    assert "This list is partial" in text and "Vụ Bưu chính" in text
    assert "Công ty Viễn thông E" not in text, "a telecom enterprise is not the postal department's"
    whole = late.sign_in("nguyen.minh.quan").get(f"/reports?directive=ct-06-2004&cutoff={CUTOFF}&lang=en").text
    assert "This list is partial" not in whole and "Công ty Viễn thông E" in whole


@pytest.mark.parametrize("person", ["tran.manh.cuong", "ngo.van.loc"])
def test_heads_of_enterprises_and_clerks_see_no_report(late: Office, person: str) -> None:
    stranger = late.sign_in(person)
    pages = [
        "/reports",
        "/reports/csv",
        "/reports/xlsx",
        "/reports/tasks?figure=total",
        "/directives/ct-06-2004/briefing",
    ]
    assert {stranger.get(page).status_code for page in pages} <= {403, 404}


def test_an_enterprise_that_supervises_its_own_units_sees_no_other_enterprise(late: Office) -> None:
    text = late.sign_in("nguyen.thanh.tung").get(f"/reports?cutoff={CUTOFF}&lang=en").text
    assert "Công ty Truyền thông M" not in text and "open_overdue" not in text
    assert late.sign_in("nguyen.thanh.tung").get("/directives/ct-06-2004/briefing").status_code == 404


def test_the_briefing_list_shows_the_same_numbers_as_the_report(late: Office) -> None:
    coordinator = late.sign_in("le.thi.c")
    query = f"cutoff={CUTOFF}&lang=en"
    report_text = coordinator.get(f"/reports?directive=ct-06-2004&{query}").text
    briefing = coordinator.get(f"/directives/ct-06-2004/briefing?{query}").text
    for words in ("Total", "Done on time", "Open overdue"):
        shown = re.search(rf"{words}</th>\s*<td class=\"number\">(?:<a[^>]*>)?(\d+)", report_text)
        listed = re.search(rf"{words}: <b>(\d+)</b>", briefing)
        assert shown is not None and listed is not None and shown[1] == listed[1], words
    overdue = 25
    assert f"<h2>Overdue: {overdue}</h2>" in briefing
    assert f"and {overdue - ON_PAPER[0]} more, on the board" in briefing
    assert "Telephone the unit, and agree on a day" in briefing
    assert coordinator.get("/directives/ct-06-2004/briefing?cutoff=2027-01-01").status_code == 422
