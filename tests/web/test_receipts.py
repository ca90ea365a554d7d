"""A records clerk records that a report arrived: one field, the number, Enter."""

from datetime import timedelta
from html import unescape

import pytest

from models.organization.unit import Unit
from models.tasks.task import TaskStatus
from tests.web.site import LAUNCHED, Office

CLERK = "ngo.van.loc"


def unit_code(office: Office, duty: str) -> str:
    codes: list[str] = []
    office.change(lambda session: codes.append(session.get_one(Unit, office.task(duty).lead_unit_id).code))
    return codes[0]


def test_the_only_task_that_fits_is_opened_at_once_and_its_receipt_recorded(office: Office) -> None:
    office.now = LAUNCHED + timedelta(days=2)
    clerk = office.sign_in(CLERK)
    opened = clerk.get("/receipts", params={"q": f"{unit_code(office, '4')} 4"})
    page = opened.headers["location"]
    assert page == f"/receipts/{office.task('4').id}"
    answer = clerk.send(page, number="12/BC", date="2026-11-03", received_on="2026-11-04")
    said = unescape(clerk.follow(answer).text)
    assert "Đã ghi nhận: 12/BC của Vụ Kế hoạch – Tài chính, mục 4" in said
    assert office.task("4").id.hex[:8] not in said, "an id is no name of a task"
    task = office.task("4")
    assert (task.status, str(task.submitted_on)) == (TaskStatus.SUBMITTED, "2026-11-04")


def test_several_that_fit_are_listed_with_unit_and_item(office: Office) -> None:
    page = office.sign_in(CLERK).get("/receipts?lang=en&q=06/2004")
    assert page.status_code == 200
    assert page.text.count('href="/receipts/') > 10


def test_nothing_that_fits_is_said_so(office: Office) -> None:
    page = office.sign_in(CLERK).get("/receipts?lang=en&q=qwertyuiop")
    assert "No open task matches “qwertyuiop”" in page.text


def test_days_are_typed_and_told_as_the_clerk_writes_them(office: Office) -> None:
    clerk, task = office.sign_in(CLERK), office.task("4")
    page = f"/receipts/{task.id}"
    late = clerk.send(page, number="12/BC", date="04/11/2026", received_on="3/11/2026")
    assert "Ngày nhận 03/11/2026, ngày văn bản 04/11/2026: ngày văn bản phải trước hoặc trùng ngày nhận" in late.text
    assert "Số, ký hiệu: cần có giá trị" in clerk.send(page, date="02/11/2026", received_on="02/11/2026").text
    slip = clerk.send(page, number="12/BC", date="02/11/2026", received_on="02/11/2999").text
    assert "Ngày nhận" in slip and "không được lớn hơn 31/12/2098" in slip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"number": "", "date": "2026-11-02", "received_on": "2026-11-02"}, "number"),
        ({"number": "1", "date": "someday", "received_on": "2026-11-02"}, "date"),
        ({"number": "1", "date": "2026-11-02", "received_on": "2027-01-01"}, "received_on"),
    ],
)
def test_a_wrong_receipt_keeps_what_was_typed_and_writes_nothing(
    office: Office, given: dict[str, str], said: str
) -> None:
    task = office.task("4")
    clerk = office.sign_in(CLERK)
    clerk.get("/receipts?lang=en")
    answer = clerk.send(f"/receipts/{task.id}", signer="Lương Thị Ngân", **given)
    assert answer.status_code == 422
    assert said in answer.text.lower() and "Lương Thị Ngân" in answer.text
    assert office.task("4").status is TaskStatus.ASSIGNED


def test_a_second_receipt_of_the_same_result_is_refused(office: Office) -> None:
    office.now = LAUNCHED + timedelta(days=2)
    clerk, page = office.sign_in(CLERK), f"/receipts/{office.task('4').id}"
    given = {"number": "12/BC", "date": "2026-11-03", "received_on": "2026-11-04"}
    assert clerk.send(page, **given).status_code == 303
    assert clerk.send(page, **given).status_code == 409


def test_nobody_but_the_clerk_of_the_assigner_records_receipts(office: Office) -> None:
    task = office.task("4")
    path = f"/receipts/{task.id}"
    assert office.sign_in(office.head(task).code).get("/receipts").status_code == 403
    assert office.sign_in("mai.trong.nghia").get(path).status_code == 404  # the clerk of another unit
    assert office.get(path).status_code == 303
