"""A coordinator sends the office's table in, says which column holds what, sees every row's fate, and launches."""

import pytest
from sqlmodel import col, select

from models.database.session import reading
from models.directives.directive import Directive
from models.intake.intake import IntakeState
from models.intake.intake_table import IntakeTable
from models.tasks.task import Task
from tests.page import Page
from tests.review.sheets import QUY_CHE, csv, workbook
from tests.web.follow_up_tables import ADMINISTRATOR, COORDINATOR, HEAD, TWO, XLSX, send_in
from tests.web.forms import fill, form_of, press
from tests.web.site import Office

pytestmark = pytest.mark.long

CHANGED = "đã thay đổi trong lúc trang đang mở"
DATABASES = ("sqlite", "postgresql")
DOCUMENT = {
    "do": "document",
    "kind": "kết luận",
    "number": "9/TB-BBCVT",
    "issued_on": "2026-10-20",
    "issuer": "Bộ trưởng",
    "subject": "Giao ban tháng 10",
}


def table(office: Office) -> IntakeTable:
    with reading(office.engine) as session:
        return session.exec(select(IntakeTable)).one()


def tasks(office: Office) -> list[Task]:
    with reading(office.engine) as session:
        return list(session.exec(select(Task).where(col(Task.launch_id) == session.exec(select(IntakeTable.id)).one())))


def test_a_workbook_is_mapped_tried_out_and_launched(office: Office) -> None:
    reader, here = send_in(office, workbook(), "theo-doi.xlsx")
    columns = Page(reader.get(f"{here}/columns?lang=en").text)
    assert columns.one('[name="column-2"] option[selected]').get("value") == "lead"
    fields = {f"column-{place}": name for name, place in table(office).mapping.items()}
    assert press(reader, fill(reader, f"{here}/columns", "columns"), **fields).headers["location"] == here
    page = reader.get(f"{here}?lang=en").text
    assert page.count("<tr id=") == 5 and "new: duty and task" in page and "said to be done: left out" in page
    assert "the task is overdue from its first day" in page and not tasks(office)
    answer = press(reader, fill(reader, here, "conclude"), shown="", row=[])
    assert answer.status_code == 422 and "issuer: it is missing" in answer.text.lower()
    assert press(reader, fill(reader, here, "document"), **DOCUMENT).status_code == 303
    filled = fill(reader, here, "conclude")
    answer = press(reader, filled, shown="7,8,9,10", row=["7", "8"], override="on", reason="đã báo")
    assert answer.status_code == 303, answer.text
    assert len(tasks(office)) == 2, "row 9 was not ticked"
    assert "2 duties, 2 tasks" in reader.get(answer.headers["location"] + "?lang=en").text
    again = press(reader, filled, shown="7,8,9,10", row=["7", "8", "9"])
    assert again.headers["location"] == answer.headers["location"] and len(tasks(office)) == 2
    assert "has been dealt with" in reader.get(f"{here}?lang=en").text


def test_known_headings_lead_straight_to_the_rows(office: Office) -> None:
    reader, here = send_in(office, csv(TWO[0]))
    fields = {f"column-{place}": name for name, place in table(office).mapping.items()}
    assert press(reader, fill(reader, f"{here}/columns", "columns"), **fields).status_code == 303
    answer = reader.send(
        "/intake/tables?lang=en", "/intake/tables", files={"file": ("b.csv", csv(TWO[1]), "text/csv")}, unit="VU-VT"
    )
    assert not answer.headers["location"].endswith("/columns")
    assert f'"{here}"' in reader.get("/intake/tables").text and "/intake/tables" in reader.get("/intake").text


def test_an_unknown_name_is_taught_on_the_page(office: Office) -> None:
    reader, here = send_in(office, csv(*TWO))
    press(reader, fill(reader, here, "document"), **DOCUMENT)
    page = reader.get(f"{here}?lang=en").text
    assert "“Trung tâm Sao Mai”" in page and "nobody in the register has this name" in page
    answer = press(reader, fill(reader, here, "conclude"), shown="2,3", row=["2", "3"])
    assert answer.status_code == 422 and "Faults in 1 row: 3" in answer.text and not tasks(office)
    assert reader.send(here, do="teach", phrase="Trung tâm Sao Mai", meant="CTY-M").status_code == 303
    answer = press(reader, fill(reader, here, "conclude"), shown="2", row=["2"])
    assert answer.status_code == 303 and len(tasks(office)) == 2, answer.text


def test_ticks_are_kept_and_rows_with_faults_left_out_when_asked(office: Office) -> None:
    reader, here = send_in(office, csv(*TWO))
    press(reader, fill(reader, here, "document"), **DOCUMENT)
    assert press(reader, fill(reader, here, "ticks"), shown="2", row=[]).status_code == 303
    assert table(office).left_out == [2] and "left out by you" in reader.get(f"{here}?lang=en").text
    answer = press(reader, fill(reader, here, "conclude"), shown="2", row=["2"], leave_faults="on")
    assert answer.status_code == 303 and len(tasks(office)) == 1, answer.text


def test_a_cell_is_put_right_on_the_page(office: Office) -> None:
    reader, here = send_in(office, csv(TWO[0].replace("30/12", "31/11")))
    press(reader, fill(reader, here, "document"), **DOCUMENT)
    page = reader.get(f"{here}?lang=en").text
    assert 'name="fix-2-due"' in page and "31/11/2026" in page
    answer = press(reader, fill(reader, here, "ticks"), shown="", **{"fix-2-due": "30/11/2026", "fix-9-due": "x"})
    assert answer.status_code == 422 and "there is no such cell" in answer.text
    assert press(reader, fill(reader, here, "ticks"), shown="", **{"fix-2-due": "30/11/2026"}).status_code == 303
    assert "new: duty and task" in reader.get(f"{here}?lang=en").text
    assert (
        press(reader, fill(reader, here, "conclude"), shown="2", row=["2"]).status_code == 303
        and len(tasks(office)) == 1
    )


def test_headings_in_other_rows_and_bad_columns_are_said(office: Office) -> None:
    reader, here = send_in(office, "Bảng\nViệc;Ai\nA;T-DD\n".encode())
    where = f"{here}/columns"
    assert press(reader, fill(reader, where, "headings"), first="2", last="2").status_code == 303
    assert (table(office).heads_from, table(office).heads_to) == (2, 2)
    for first, last in (("0", "2"), ("2", "99"), ("x", "2")):
        answer = press(reader, fill(reader, where, "headings"), first=first, last=last)
        assert answer.status_code == 422, answer.text
    answer = press(reader, fill(reader, where, "columns"), **{"column-0": "duty", "column-1": ""})
    assert answer.status_code == 422 and "say which column holds it" in answer.text
    answer = press(reader, fill(reader, where, "columns"), **{"column-0": "nonsense"})
    assert answer.status_code == 422 and "nonsense" in answer.text


@pytest.mark.parametrize("meanwhile", ["columns", "document", "ticks", "teach"])
@pytest.mark.parametrize("do", ["conclude", "ticks"])
def test_outdated_table_page_gives_no_task(office: Office, do: str, meanwhile: str) -> None:
    reader, here = send_in(office, csv(*TWO, f"3;{QUY_CHE} lần 2;T-DD;;;;"))
    press(reader, fill(reader, here, "document"), **DOCUMENT)
    colleague, old = office.sign_in(COORDINATOR), fill(reader, f"{here}?lang=vi", do)
    columns = {f"column-{place}": name for name, place in table(office).mapping.items() if name != "partners"}
    answer = {
        "columns": lambda: press(colleague, fill(colleague, f"{here}/columns", "columns"), **columns),
        "document": lambda: press(colleague, fill(colleague, here, "document"), **DOCUMENT | {"fixed": "on"}),
        "ticks": lambda: press(colleague, fill(colleague, here, "ticks"), shown="2,4", row=["2"]),
        "teach": lambda: colleague.send(here, do="teach", phrase="Trung tâm Sao Mai", meant="CTY-M"),
    }[meanwhile]()
    assert answer.status_code == 303, answer.text
    before = table(office)
    sent = {"shown": "2,4", "row": ["4"], "leave_faults": "on", "fix-3-lead": "Trung tâm của tôi"}
    for filled in (old, (old[0], old[1] | {"seen": ""})):
        answer = press(reader, filled, **sent)
        assert answer.status_code == 409 and CHANGED in answer.text and not tasks(office)
    assert table(office) == before
    assert [row for row in ("2", "4") if f'name="row" value="{row}" checked' in answer.text] == ["4"]
    if meanwhile != "teach":
        assert "Trung tâm của tôi</textarea>" in answer.text, "what was ticked and typed stays in the form"
        sent["fix-3-lead"] = "CTY-M"
    else:
        sent.pop("fix-3-lead")
    assert press(reader, form_of(answer.text, do), **sent).status_code == 303, "it has been looked at now"


@pytest.mark.parametrize("do", ["document", "drop", "columns", "headings"])
def test_nothing_else_of_a_table_is_overwritten_from_an_old_page_either(office: Office, do: str) -> None:
    reader, here = send_in(office, csv(*TWO))
    page = f"{here}/columns" if do in ("columns", "headings") else here
    colleague, old = office.sign_in(COORDINATOR), fill(reader, f"{page}?lang=vi", do)
    assert press(colleague, fill(colleague, here, "ticks"), shown="2", row=[]).status_code == 303
    before = table(office)
    sent = {"document": DOCUMENT, "drop": {}, "columns": {"column-0": "duty"}, "headings": {"first": "2", "last": "2"}}
    for filled in (old, (old[0], old[1] | {"seen": ""})):
        answer = press(reader, filled, **sent[do])
        assert answer.status_code == 409 and CHANGED in answer.text and table(office) == before
    if do in ("document", "columns"):  # what was typed is shown, not what is there: that has to be opened
        assert do == "columns" or "Giao ban tháng 10" in answer.text
        again = press(reader, form_of(press(reader, old, **sent[do]).text, do), **sent[do])
        assert again.status_code == 409 and table(office) == before


def test_a_file_that_is_no_table_leaves_nothing_behind(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    for files, told in (
        (None, "choose the table"),
        ({"file": ("a.pdf", b"%PDF", "application/pdf")}, "neither .csv nor .xlsx"),
        ({"file": ("a.xlsx", b"%PDF", XLSX)}, "not an XLSX workbook"),
    ):
        answer = reader.send("/intake/tables?lang=en", "/intake/tables", files=files, unit="VU-VT")
        assert answer.status_code == 422 and told in answer.text
    with reading(office.engine) as session:
        assert session.exec(select(IntakeTable)).first() is None


def test_a_table_is_put_aside(office: Office) -> None:
    reader, here = send_in(office, csv(*TWO))
    assert press(reader, fill(reader, here, "drop")).headers["location"] == "/intake/tables"
    assert table(office).state is IntakeState.DROPPED and here not in reader.get("/intake/tables").text
    assert reader.send(here, "/intake/tables/" + here[-32:], do="conclude").status_code in (403, 409)
    with reading(office.engine) as session:
        assert len(session.exec(select(Directive)).all()) == 1


def test_strangers_see_and_send_nothing(office: Office) -> None:
    _reader, here = send_in(office, csv(*TWO))
    for who in (HEAD, ADMINISTRATOR):
        reader = office.sign_in(who)
        assert reader.get("/intake/tables").status_code == 403
        for page in (here, f"{here}/columns"):
            assert reader.get(page).status_code in (403, 404)
            assert reader.send("/account", page, do="conclude").status_code in (403, 404, 409)
    assert office.get(here).status_code == 303, "and whoever is not signed in is sent to sign in"
    assert table(office).state is IntakeState.OPEN and not tasks(office)
