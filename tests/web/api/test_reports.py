"""The report, the tasks behind its numbers, the giao ban list and the board, for programs: the pages' own numbers."""

from datetime import timedelta

import pytest

from models.database.session import reading
from tests.web.api.programs import Make
from tests.web.site import LAUNCHED, Office
from workflows.reports.report_figures import report
from workflows.rules.tasks.actions import Action

DATABASES = ("sqlite", "postgresql")

COORDINATOR, OBSERVER, CODE = "le.thi.c", "nguyen.minh.quan", "ct-06-2004"
CUTOFF = {"cutoff": "2026-11-30"}


@pytest.fixture
def late(office: Office) -> Office:
    """The end of November: what was due on the 20th is overdue, but for one task that waits for more time."""
    task = office.task("4")
    office.act(task, Action.ACCEPT, office.head(task).id, LAUNCHED + timedelta(days=1))
    office.now = LAUNCHED + timedelta(days=29)
    return office


def test_the_report_is_the_pages_report(late: Office, program: Make) -> None:
    with reading(late.engine) as session:
        figures = report(session, cutoff=late.now.date(), directive=CODE).figures
    told = program(COORDINATOR).get("/report", params=CUTOFF | {"directive": CODE}).json()
    assert (told["total"], told["open_overdue"]) == (figures.total, figures.open_overdue)
    assert (told["only"], told["cutoff"], told["on_original"]["total"]) == ([], "2026-11-30", figures.total)


def test_who_oversees_a_part_gets_that_part_and_is_told_so(late: Office, program: Make) -> None:
    """Without a directive a coordinator sees what their unit gave out or supervises."""
    told = program(COORDINATOR).get("/report").json()
    assert told["only"] and told["total"] > 0
    assert program(OBSERVER).get("/report").json()["only"] == []
    head = late.head(late.task("4")).code
    assert program(head).get("/report").status_code == 403
    assert program(head).get(f"/directives/{CODE}/briefing").status_code in (403, 404)


@pytest.mark.parametrize("path", ["/report", "/report/tasks?figure=total", f"/directives/{CODE}/briefing"])
def test_a_cut_off_that_is_to_come_is_refused(late: Office, program: Make, path: str) -> None:
    mark = "&" if "?" in path else "?"
    answer = program(COORDINATOR).get(f"{path}{mark}cutoff=2027-01-01")
    assert (answer.status_code, "still to come" in answer.json()["detail"]) == (422, True)
    assert program(COORDINATOR).get("/report", params={"directive": "none"}).status_code == 404


def test_each_number_has_exactly_its_tasks_behind_it(late: Office, program: Make) -> None:
    mine, asked = program(COORDINATOR), CUTOFF | {"directive": CODE}
    told = mine.get("/report", params=asked).json()
    for figure in ("total", "done", "open", "open_overdue", "no_deadline"):
        behind = mine.get("/report/tasks", params=asked | {"figure": figure}).json()
        assert (figure, behind["total"]) == (figure, told[figure])
    unit = told["by_unit"][0]
    of_unit = mine.get("/report/tasks", params=asked | {"figure": "total", "unit": unit["code"]}).json()
    assert of_unit["total"] == unit["total"]
    assert {one["unit_code"] for one in of_unit["items"]} == {unit["code"]}


@pytest.mark.parametrize("by", ["duty", "kind", "unit", "period"])
def test_each_line_of_each_breakdown_has_its_tasks_behind_it(late: Office, program: Make, by: str) -> None:
    mine, asked = program(COORDINATOR), CUTOFF | {"directive": CODE}
    told = mine.get("/report", params=asked).json()
    assert sum(line["total"] for line in told[f"by_{by}"]) == told["total"]
    line = told[f"by_{by}"][-1]
    for figure in ("total", "open_overdue"):
        behind = mine.get("/report/tasks", params=asked | {"figure": figure, by: line["code"]}).json()
        assert behind["total"] == line[figure]
    assert mine.get("/report/tasks", params=asked | {"figure": "total", "kind": "castle"}).status_code == 422


def test_the_giao_ban_list_holds_as_many_lines_as_its_numbers_count(late: Office, program: Make) -> None:
    told = program(COORDINATOR).get(f"/directives/{CODE}/briefing", params=CUTOFF).json()
    assert told["report"]["open_overdue"] == len(told["overdue"]) > 20
    assert {one["place"] for one in told["overdue"]} == {"open_overdue"}
    assert all(one["days_late"] > 0 and one["next_step"] for one in told["overdue"])


def test_the_cells_of_the_board_are_those_of_its_figures(late: Office, program: Make) -> None:
    mine = program(COORDINATOR)
    board, cells = mine.get(f"/directives/{CODE}/board").json(), mine.get(f"/directives/{CODE}/cells").json()
    flat = [cell for row in cells["items"] for cell in row["cells"]]
    assert len(flat) == board["figures"]["total"] and cells["units"] == len(cells["items"])
    assert [one["code"] for one in board["units"]] == [row["unit_code"] for row in cells["items"]]
    overdue = [one for one in flat if one["place"] == "open_overdue"]
    assert len(overdue) == board["figures"]["open_overdue"]
    first = mine.get(f"/tasks/{flat[0]['task_id']}").json()
    assert (first["duty"], first["due_on"]) == (flat[0]["duty"], flat[0]["due_on"])


@pytest.mark.parametrize(
    "asked",
    [
        {"duty": "4"},
        {"unit": "TCT-T"},
        {"q": "tct-t"},
        {"kind": "enterprise"},
        {"state": "not_accepted"},
        {"period": "once"},
    ],
)
def test_the_board_is_filtered_as_on_the_page(late: Office, program: Make, asked: dict[str, str]) -> None:
    mine = program(COORDINATOR)
    cells = mine.get(f"/directives/{CODE}/cells", params=asked).json()
    flat = [cell for row in cells["items"] for cell in row["cells"]]
    board = mine.get(f"/directives/{CODE}/board", params=asked).json()
    assert board["figures"]["total"] == len(flat) > 0
    if "duty" in asked:
        assert {one["duty"] for one in flat} == {"4"}
    if "unit" in asked:
        assert [row["unit_code"] for row in cells["items"]] == ["TCT-T"]
    if "state" in asked:
        assert all("not_accepted" in one["marks"] for one in flat)
    assert mine.get(f"/directives/{CODE}/cells", params={"state": "sideways"}).status_code == 422


def test_a_units_part_says_whom_to_telephone(late: Office, program: Make) -> None:
    told = program(COORDINATOR).get(f"/directives/{CODE}/units/TCT-T").json()
    assert told["head"]["full_name"] and [one["duty"] for one in told["tasks"]]
    assert program(COORDINATOR).get(f"/directives/{CODE}/units/NONE").status_code == 404


def test_a_board_shows_who_supervises_only_their_units(late: Office, program: Make) -> None:
    """Somebody who heads an enterprise opens no board at all, whatever they guess."""
    head = program(late.head(late.task("4")).code)
    for path in ("board", "cells", "units/TCT-T", "briefing"):
        assert head.get(f"/directives/{CODE}/{path}").status_code in (403, 404), path


def test_directives_say_how_their_tasks_stand(late: Office, program: Make) -> None:
    mine = program(COORDINATOR)
    (line,) = mine.get("/directives", params={"q": "06/2004"}).json()["items"]
    board = mine.get(f"/directives/{CODE}/board").json()["figures"]
    assert (line["code"], line["tally"]["total"]) == (CODE, board["total"])
    assert line["tally"]["overdue"] == board["open_overdue"]
    for asked in ({"mine": True}, {"open": True}):
        assert [one["code"] for one in mine.get("/directives", params=asked).json()["items"]] == [CODE]
    assert mine.get("/directives", params={"q": "99/1999"}).json()["items"] == []
