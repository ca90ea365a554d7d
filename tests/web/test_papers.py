"""Papers in the browser: links where they belong, rights respected, and the way from a draft to an issued report."""

import io
from datetime import timedelta

import openpyxl  # type: ignore[import-untyped]
import pytest
from sqlmodel import select

from models.database.session import reading
from models.papers.issued_report import IssuedReport
from tests.page import Page
from tests.papers.made import docx_text, flat, pdf_text
from tests.web.site import LAUNCHED, Office, Reader
from workflows.rules.tasks.actions import Action

DATABASES = ("sqlite", "postgresql")

COORDINATOR, OBSERVER, HEAD, ENTERPRISE = "le.thi.c", "nguyen.minh.quan", "luong.thi.ngan", "thai.thi.hanh"
OF = "directive=ct-06-2004&cutoff=2026-11-30"


@pytest.fixture
def late(office: Office) -> Office:
    """The end of November: what was due on the 20th is overdue, but for one task done on time."""
    task = office.task("4")
    head = office.head(task).id
    given = {"number": "12/KHTC", "date": "2026-11-10", "subject": "Báo cáo cơ chế", "signer": "Lương Thị Ngân"}
    office.act(task, Action.ACCEPT, head, LAUNCHED + timedelta(days=1))
    office.act(task, Action.SUBMIT, head, LAUNCHED + timedelta(days=8), **given)
    office.act(task, Action.APPROVE, task.coordinator_id, LAUNCHED + timedelta(days=9))
    office.now = LAUNCHED + timedelta(days=29)
    return office


def links(text: str) -> list[str]:
    return Page(text).links('a[href^="/papers/make/"]')


@pytest.mark.parametrize("page", [f"/reports?{OF}", "/directives/ct-06-2004/briefing?cutoff=2026-11-30"])
def test_every_link_to_a_paper_leads_to_a_file(late: Office, page: str) -> None:
    coordinator = late.sign_in(COORDINATOR)
    found = links(coordinator.get(page).text)
    assert len(found) >= 3
    for address in found:
        answer = coordinator.get(address)
        if "submission" in address:
            assert answer.status_code == 409, "nothing has come that far: it is said, no empty letter is made"
            continue
        assert answer.status_code == 200, address
        assert "attachment" in answer.headers["content-disposition"]
        assert answer.content[:4] in (b"PK\x03\x04", b"%PDF")


def test_the_files_hold_the_pages_numbers(late: Office) -> None:
    coordinator = late.sign_in(COORDINATOR)
    text = docx_text(coordinator.get(f"/papers/make/report?{OF}").content)
    assert "tổng số nhiệm vụ đã giao là 26" in text and "quá hạn 25" in text and "Báo cáo cơ chế" in text
    sheet = openpyxl.load_workbook(
        io.BytesIO(coordinator.get(f"/papers/make/report?{OF}&form=xlsx").content)
    ).worksheets[0]
    assert [cell.value for cell in sheet[6]][1:6] == [26, 1, 0, 0, 25]
    english = coordinator.get(f"/papers/make/report?{OF}&lang=en&form=pdf").content
    assert flat("SOCIALIST REPUBLIC OF VIET NAM") in flat(pdf_text(english))


def test_a_task_leads_to_its_slip_and_an_overdue_one_to_a_drafted_letter(late: Office) -> None:
    coordinator, task = late.sign_in(COORDINATOR), late.task("2")
    found = links(coordinator.get(f"/tasks/{task.id.hex}").text)
    kinds = {address.split("/")[3].split("?")[0] for address in found}
    assert kinds == {"assignment", "unit-outline", "unit-report", "press"}
    for address in found:
        assert coordinator.get(address).status_code == 200, address
    press = next(one for one in found if "press" in one)
    letter = docx_text(coordinator.get(press).content)
    assert "(lần 1)" in letter and "TL. BỘ TRƯỞNG" in letter
    assert docx_text(coordinator.get(f"{press}&lang=en").content) == letter, "a letter is Vietnamese whoever asks"
    own = links(late.sign_in(HEAD).get(f"/tasks/{late.task('4').id.hex}").text)
    assert {one.split("/")[3].split("?")[0] for one in own} == {"assignment", "unit-outline", "unit-report"}
    for address in own:
        assert late.sign_in(HEAD).get(address).status_code == 200, address


@pytest.mark.parametrize(
    "address",
    [
        f"report?{OF}",
        "report",
        f"briefing?{OF}",
        f"tracking?{OF}",
        f"press?{OF}&unit=T-DD",
        f"submission?{OF}",
        f"unit-report?{OF}&unit=T-DD",
        f"unit-outline?{OF}&unit=T-DD",
        "unit-report?unit=VU-KHTC",
    ],
)
def test_an_enterprise_has_no_paper_of_anybody_else(late: Office, address: str) -> None:
    assert late.sign_in(ENTERPRISE).get(f"/papers/make/{address}").status_code in (403, 404)


def test_an_enterprise_has_its_own_report_and_slip_alone(late: Office) -> None:
    enterprise = late.sign_in(ENTERPRISE)
    text = docx_text(enterprise.get(f"/papers/make/unit-report?{OF}&unit=CTY-N").content)
    assert "CÔNG TY INTERNET N" in text and "Công ty Thông tin di động T" not in text
    assert enterprise.get(f"/papers/make/assignment?task={late.task('4').id.hex}").status_code == 404


def test_a_supervisor_has_the_part_that_is_theirs(late: Office) -> None:
    post = late.sign_in("ly.ngoc.anh")
    text = docx_text(post.get(f"/papers/make/report?{OF}").content)
    assert "Công ty Viễn thông E" not in text
    assert post.get(f"/papers/make/press?{OF}&unit=CTY-E").status_code == 404


def test_an_observer_reads_reports_and_drafts_no_letter(late: Office) -> None:
    observer = late.sign_in(OBSERVER)
    assert observer.get(f"/papers/make/report?{OF}").status_code == 200
    assert observer.get(f"/papers/make/press?{OF}&unit=T-DD").status_code == 403
    assert "press?" not in observer.get(f"/tasks/{late.task('2').id.hex}").text


@pytest.mark.parametrize("who", [COORDINATOR, OBSERVER, HEAD, ENTERPRISE])
def test_a_page_speaks_of_a_form_above_only_where_there_is_one(office: Office, who: str) -> None:
    page = office.sign_in(who).get("/papers?lang=en").text
    assert ("above" in page) == ("A new report" in page)
    assert "No report has been written yet." in page


def test_the_page_of_a_unit_has_its_papers(late: Office) -> None:
    coordinator = late.sign_in(COORDINATOR)
    found = links(coordinator.get("/directives/ct-06-2004/units/CTY-N").text)
    assert {one.split("/")[3].split("?")[0] for one in found} == {"unit-outline", "unit-report", "tracking", "press"}
    for address in found:
        assert coordinator.get(address).status_code == 200, address


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("nothing", 404),
        (f"report?{OF}&form=exe", 404),
        ("report?cutoff=x", 422),
        ("report?cutoff=2027-01-01", 422),
        ("briefing", 404),
    ],
)
def test_what_is_not_there_is_said(late: Office, address: str, status: int) -> None:
    assert late.sign_in(COORDINATOR).get(f"/papers/make/{address}").status_code == status


def _draft(reader: Reader, **more: str) -> str:
    fields = {"kind": "directive", "directive": "ct-06-2004", "unit": "", "cutoff": "2026-11-30", "language": "vi"}
    answer = reader.send("/papers", **(fields | more))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_from_a_draft_to_an_issued_report(late: Office) -> None:
    coordinator = late.sign_in(COORDINATOR)
    page = _draft(coordinator)
    shown = coordinator.get(page).text
    assert "Báo cáo cơ chế" in shown and "Tổng số: <b>26</b>" in shown
    seen = {
        "seen": "0",
        "deed": "issue",
        "general": "Đã kiểm tra <b>hai</b> đơn vị.",
        "done": "",
        "not_done": "",
        "difficulties": "",
        "asked": "> Xin thêm người — Công ty X, văn bản số 1 ngày 02/11/2026",
    }
    on = coordinator.send(page, **seen).headers["location"]
    assert on == f"{page}/issue"
    refused = coordinator.send(on, seen="1")
    assert refused.status_code == 422 and "đánh dấu" in refused.text
    assert coordinator.send(on, seen="1", confirmed="on").headers["location"] == page
    issued = coordinator.get(page).text
    assert "Đã kiểm tra &lt;b&gt;hai&lt;/b&gt; đơn vị." in issued and "Soạn báo cáo đính chính" in issued
    file = coordinator.get(f"{page}/file?form=docx")
    text = docx_text(file.content)
    assert "Đã kiểm tra <b>hai</b> đơn vị." in text and "“Xin thêm người”" in text and "DỰ THẢO" not in text
    late.now += timedelta(days=3)
    coordinator = late.sign_in(COORDINATOR)
    assert coordinator.get(f"{page}/file?form=docx").content == file.content
    assert coordinator.send(page, **(seen | {"seen": "2"})).status_code == 409
    assert page in coordinator.get("/papers").text
    newer = coordinator.send(page, f"{page}/correct").headers["location"]
    assert newer != page and page.rsplit("/", 1)[1][-8:] in coordinator.get(newer).text


def test_a_draft_is_proposed_anew_or_thrown_away(late: Office) -> None:
    coordinator = late.sign_in(COORDINATOR)
    page = _draft(coordinator)
    coordinator.send(page, seen="0", deed="save", general="mới", done="")
    assert "Báo cáo cơ chế" not in coordinator.get(page).text
    coordinator.send(page, seen="1", deed="propose")
    assert "Báo cáo cơ chế" in coordinator.get(page).text
    assert coordinator.send(page, seen="2", deed="drop").headers["location"] == "/papers"
    assert coordinator.get(page).status_code == 404
    with reading(late.engine) as session:
        assert session.exec(select(IssuedReport)).first() is None


def test_what_was_typed_is_not_lost_when_somebody_was_first(late: Office) -> None:
    coordinator = late.sign_in(COORDINATOR)
    page = _draft(coordinator)
    coordinator.send(page, seen="0", deed="save", general="một")
    second = coordinator.send(page, seen="0", deed="save", general="chữ vừa gõ")
    assert second.status_code == 409 and "chữ vừa gõ" in second.text
    seen = Page(second.text).value("seen")
    again = coordinator.send(page, seen=seen, deed="save", general="chữ vừa gõ")
    assert again.status_code == 409, "what the other wrote has not been before their eyes"
    assert "một" in coordinator.get(page).text


def test_a_draft_that_somebody_else_has_edited_is_not_thrown_away_from_an_old_page(late: Office) -> None:
    coordinator = late.sign_in(COORDINATOR)
    page = _draft(coordinator)
    coordinator.send(page, seen="0", deed="save", general="một")
    for seen in ("0", ""):
        refused = coordinator.send(page, seen=seen, deed="drop")
        assert refused.status_code == 409 and "vừa được người khác sửa" in refused.text
    assert "một" in coordinator.get(page).text


def test_nobody_opens_the_drafts_of_another_office(late: Office) -> None:
    page = _draft(late.sign_in(COORDINATOR))
    enterprise = late.sign_in(ENTERPRISE)
    for address in (page, f"{page}/issue", f"{page}/file?form=pdf"):
        assert enterprise.get(address).status_code == 404, address
    assert page not in enterprise.get("/papers").text
    own = _draft(enterprise, kind="unit", unit="CTY-N")
    assert enterprise.get(own).status_code == 200
    assert late.sign_in("le.thi.d").get(page).status_code == 200, "the head of the same office"


def test_a_form_that_lacks_something_is_shown_again_with_what_is_wrong(late: Office) -> None:
    coordinator = late.sign_in(COORDINATOR)
    answer = coordinator.send("/papers", kind="", cutoff="2026-11-30")
    assert answer.status_code == 422 and "đề nghị chọn" in answer.text
    assert coordinator.send("/papers", kind="directive", cutoff="2026-11-30").status_code == 422
    assert coordinator.send("/papers", kind="consolidated", cutoff="31/11/2026").status_code == 422
