"""Inspections from the browser: planned once, recorded without JavaScript, corrected, sent; each sees theirs."""

import re
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from sqlmodel import col

from models.database.ids import new_id
from models.database.session import reading
from models.inspections.inspection import Inspection, InspectionCorrection, InspectionFinding, InspectionState
from models.letters.letter import Notice
from models.tasks.task import Task
from tests.page import Page
from tests.web.forms import fill, form_of, press
from tests.web.site import Office, Reader
from workflows.rules.tasks.actions import Action

PLAN = [
    ("directive", "ct-06-2004"),
    ("title", "Kiểm tra việc thực hiện Chỉ thị 06"),
    ("starts", "2026-11-16"),
    ("ends", "18/11/2026"),
    ("lead", "duong.thanh.tung"),
    ("members", "quach.viet.hung\nho.thi.mai"),
    ("names", "CTY-L\nCTY-M"),
    ("duty", "2"),
    ("own", "Lưu hồ sơ ở đâu?"),
]
CHECK = f"/inspections/check?{urlencode(PLAN)}"
DEMAND = {"text": "Xây dựng phương án", "title": "Xây dựng phương án", "result": "Phương án", "due": "2026-11-30"}
HEAD, OTHER_HEAD = "dinh.hoang.long", "ta.chi.thanh"  # of CTY-L, of CTY-M


@pytest.fixture
def coordinator(office: Office) -> Reader:
    return office.sign_in("le.thi.c")


def fields(**more: object) -> dict[str, object]:
    given: dict[str, object] = dict(PLAN)
    return given | {"unit": ["CTY-L", "CTY-M"], "visit-CTY-M": "2026-11-17", "nonce": new_id().hex} | more


@pytest.fixture
def planned(coordinator: Reader) -> str:
    answer = coordinator.send(CHECK, "/inspections", **fields())
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def state(office: Office) -> InspectionState:
    with reading(office.engine) as session:
        return session.scalars(select(Inspection)).one().state


def told(office: Office) -> int:
    """How many notices units and team have."""
    with reading(office.engine) as session:
        return len(session.scalars(select(Notice)).all())


def kept_finding(office: Office) -> InspectionFinding:
    with reading(office.engine) as session:
        return session.scalars(select(InspectionFinding)).one()


def record(reader: Reader, page: str, unit: str, **given: str) -> str:
    """`v1="met"`, `w1="…"`: what the form of a unit's page sends."""
    names = {"v": "verdict", "w": "words", "s": "settled", "r": "seen"}
    sent = {f"{names[name[0]]}-{name[1:]}": value for name, value in given.items()}
    answer = reader.send(f"{page}/units/{unit}", **sent)
    return reader.follow(answer).text if answer.status_code == 303 else answer.text


def seen_on(page: str) -> str:
    """What the forms of a question's page have seen."""
    return Page(page).value("seen")


def test_planned_from_the_form_once_and_every_unit_told(office: Office, coordinator: Reader) -> None:
    assert "ct-06-2004" in coordinator.get("/inspections/plan").text
    form = coordinator.get("/inspections/plan?directive=ct-06-2004")
    assert form.status_code == 200 and 'name="duty"' in form.text
    seen = coordinator.get(CHECK).text
    assert "Đinh Hoàng Long" in seen and 'name="visit-CTY-L"' in seen and seen.count('name="unit"') == 2
    with reading(office.engine) as session:
        assert session.scalars(select(Inspection)).first() is None, "looking plans nothing"
    nonce = new_id().hex
    first = coordinator.send(CHECK, "/inspections", **fields(nonce=nonce))
    again = coordinator.send(CHECK, "/inspections", **fields(nonce=nonce))
    assert first.headers["location"] == again.headers["location"]
    page = coordinator.get(first.headers["location"]).text
    assert "16/11/2026" in page and "17/11/2026" in page and "Dương Thanh Tùng" in page
    with reading(office.engine) as session:
        inspection = session.scalars(select(Inspection)).one()
        assert len(session.scalars(select(Task).where(col(Task.directive_id) == inspection.document_id)).all()) == 2
    listed = coordinator.get("/inspections?directive=ct-06-2004").text
    assert "Kiểm tra việc thực hiện Chỉ thị 06" in listed and "/directives/ct-06-2004/incidents" in listed


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"starts": ""}, "ngày đầu"),
        ({"lead": "khong.co"}, "khong.co"),
        ({"names": "Không Có"}, "Không Có"),
        ({"names": "VU-VT"}, "không ai tự kiểm tra"),
        ({"own": "", "duty": ""}, "nội dung"),
        ({"kind": "nonsense"}, "ít nhất một"),
    ],
)
def test_a_faulty_plan_goes_back_to_the_form_with_what_was_typed(
    office: Office, coordinator: Reader, changed: dict[str, str], says: str
) -> None:
    given = [(name, changed.get(name, value)) for name, value in PLAN] + [
        (name, value) for name, value in changed.items() if name not in dict(PLAN)
    ]
    answer = coordinator.get(f"/inspections/check?{urlencode([one for one in given if one[1]])}")
    assert answer.status_code in (404, 409, 422)
    assert says.casefold() in answer.text.casefold() and 'action="/inspections/check"' in answer.text
    assert "quach.viet.hung" in answer.text


def test_what_a_unit_sent_is_shown_with_its_number_as_it_stands_on_the_paper(
    office: Office, coordinator: Reader, planned: str
) -> None:
    with reading(office.engine) as session:
        inspection = session.scalars(select(Inspection)).one()
        visits = session.scalars(select(Task).where(col(Task.directive_id) == inspection.document_id)).all()
        head_of = {office.head(one).code: one for one in visits}
        head_id = office.head(head_of[HEAD]).id
    given = {"number": "7/BC-CTY-L&SX", "date": "2026-11-02", "subject": "Báo cáo", "signer": "Đinh Hoàng Long"}
    office.act(head_of[HEAD], Action.SUBMIT, head_id, office.now, **given)
    for page in (planned, f"{planned}/units/CTY-L"):
        assert "7/BC-CTY-L&amp;SX, 02/11/2026" in coordinator.get(page).text


def test_no_unit_ticked_is_told_on_the_check_page(coordinator: Reader) -> None:
    answer = coordinator.send(CHECK, "/inspections", **fields(unit=[]))
    assert answer.status_code == 422 and 'name="visit-CTY-L"' in answer.text


def test_from_findings_to_the_end(office: Office, coordinator: Reader, planned: str) -> None:
    lead = office.sign_in("duong.thanh.tung")
    photo = {"file-1": ("ảnh.txt", "Biên bản".encode(), "text/plain")}
    sent = {"verdict-1": "not_met", "words-1": "Chưa có phương án", "seen-1": "0"}
    told = lead.follow(lead.send(f"{planned}/units/CTY-L", files=photo, **sent)).text
    assert "Chưa có phương án" in told and "ảnh.txt" in told
    kept = re.search(rf'href="({planned}/files/[^"]+)"', told)
    assert kept and lead.get(kept[1]).text == "Biên bản"
    assert state(office) is InspectionState.UNDER_WAY
    record(lead, planned, "CTY-L", v2="met")
    record(lead, planned, "CTY-M", v1="met", v2="not_applicable")

    question = f"{planned}/units/CTY-L/questions/1"
    nonce, seen = new_id().hex, seen_on(lead.get(question).text)
    for _time in range(2):
        answer = lead.send(question, f"{question}/correct", nonce=nonce, seen=seen, **DEMAND)
        assert answer.status_code == 303, answer.text
    with reading(office.engine) as session:
        task = session.scalars(select(Task).order_by(col(Task.id).desc())).first()
        assert task is not None
    assert task.id.hex in lead.get(planned).text
    assert lead.get(f"/tasks/{task.id.hex}").status_code == 200, "the team follows what it demanded"
    assert office.sign_in(OTHER_HEAD).get(f"/tasks/{task.id.hex}").status_code == 404

    assert office.sign_in(HEAD).get(kept[1]).status_code == 404, "not sent yet"
    assert press(lead, fill(lead, planned, "send")).status_code == 303
    assert office.sign_in(HEAD).get(kept[1]).status_code == 200
    assert office.sign_in(OTHER_HEAD).get(kept[1]).status_code == 404
    refused = press(coordinator, fill(coordinator, planned, "close"), summary="Đã kiểm tra")
    assert refused.status_code == 409 and "Đã kiểm tra" in refused.text
    settled = coordinator.send(f"/tasks/{task.id.hex}/withdraw", note="Đã sáp nhập", step="send")
    assert settled.status_code in (200, 303), settled.text
    assert office.sign_in(HEAD).get(f"/tasks/{task.id.hex}").text.count(planned) == 1, "the task leads to it"


def test_the_form_says_what_is_missing_and_keeps_what_was_typed(coordinator: Reader, planned: str) -> None:
    told = record(coordinator, planned, "CTY-L", v1="not_met", w2="chữ đã gõ")
    assert "chữ đã gõ" in told and 'role="alert"' in told
    assert "Không có gì thay đổi" in record(coordinator, planned, "CTY-L")


def test_somebody_elses_newer_finding_is_not_overwritten(office: Office, coordinator: Reader, planned: str) -> None:
    record(coordinator, planned, "CTY-L", v1="partly", w1="Thiếu phụ lục", r1="0")
    told = record(office.sign_in("quach.viet.hung"), planned, "CTY-L", v1="met", r1="0")
    assert 'role="alert"' in told
    assert 'role="alert"' in record(office.sign_in("quach.viet.hung"), planned, "CTY-L", v1="met", r1="9" * 5000)
    with reading(office.engine) as session:
        assert session.scalars(select(InspectionFinding)).one().words == "Thiếu phụ lục"


@pytest.mark.parametrize("meanwhile", ["settled", "found", "corrected"])
def test_who_has_an_old_page_settles_nothing_that_somebody_has_changed_meanwhile(
    office: Office, coordinator: Reader, planned: str, meanwhile: str
) -> None:
    record(coordinator, planned, "CTY-L", v1="partly", w1="Thiếu phụ lục", r1="0")
    lead, question = office.sign_in("duong.thanh.tung"), f"{planned}/units/CTY-L/questions/1"
    old = seen_on(lead.get(question).text)
    if meanwhile == "settled":
        answer = coordinator.send(question, f"{question}/settle", settled="Đã nộp phụ lục", seen=old)
        assert answer.status_code == 303, answer.text
    elif meanwhile == "found":
        record(coordinator, planned, "CTY-L", v1="met", r1="1")
    else:
        answer = coordinator.send(question, f"{question}/correct", nonce=new_id().hex, seen=old, **DEMAND)
        assert answer.status_code == 303, answer.text
    before = kept_finding(office)
    for seen in (old, "", "9" * 5000):
        refused = lead.send(question, f"{question}/settle", settled="Đã nhắc", seen=seen)
        assert refused.status_code == 409 and "người khác vừa ghi" in refused.text
    assert kept_finding(office) == before
    if meanwhile == "settled":
        assert "Đã nộp phụ lục" in refused.text and "Đã nhắc" in refused.text, "both are before their eyes now"
        again = lead.send(question, f"{question}/settle", settled="Đã nhắc", seen=seen_on(refused.text))
        assert again.status_code == 303 and kept_finding(office).settled == "Đã nhắc"


def test_a_slip_in_settling_does_not_count_as_having_looked(office: Office, coordinator: Reader, planned: str) -> None:
    record(coordinator, planned, "CTY-L", v1="partly", w1="Thiếu phụ lục", r1="0")
    question = f"{planned}/units/CTY-L/questions/1"
    old = seen_on(coordinator.get(question).text)
    lead = office.sign_in("duong.thanh.tung")
    assert lead.send(question, f"{question}/settle", settled="Đã nộp", seen=old).status_code == 303
    slip = coordinator.send(question, f"{question}/settle", settled=" ", seen=old)
    assert slip.status_code == 422 and seen_on(slip.text) == old
    slip = coordinator.send(question, f"{question}/correct", nonce=new_id().hex, seen=old, **DEMAND | {"due": ""})
    assert slip.status_code == 422 and seen_on(slip.text) == old


def test_two_of_a_team_do_not_each_demand_the_same_correction(
    office: Office, coordinator: Reader, planned: str
) -> None:
    record(coordinator, planned, "CTY-L", v1="partly", w1="Thiếu phụ lục", r1="0")
    lead, question = office.sign_in("duong.thanh.tung"), f"{planned}/units/CTY-L/questions/1"
    old = seen_on(lead.get(question).text)
    first = coordinator.send(question, f"{question}/correct", nonce=new_id().hex, seen=old, **DEMAND)
    assert first.status_code == 303, first.text
    second = DEMAND | {"title": "Bổ sung phụ lục"}
    refused = lead.send(question, f"{question}/correct", nonce=new_id().hex, seen=old, **second)
    assert refused.status_code == 409 and "người khác vừa ghi" in refused.text
    assert "Bổ sung phụ lục" in refused.text and "Xây dựng phương án" in refused.text
    with reading(office.engine) as session:
        assert len(session.scalars(select(InspectionCorrection)).all()) == 1


@pytest.mark.parametrize("do", ["send", "close", "move", "cancel"])
def test_units_are_told_nothing_by_a_page_that_is_older_than_what_the_team_has_done(
    office: Office, coordinator: Reader, planned: str, do: str
) -> None:
    record(coordinator, planned, "CTY-L", v1="partly", w1="Thiếu phụ lục", v2="met")
    record(coordinator, planned, "CTY-M", v1="met", v2="met")
    lead, question = office.sign_in("duong.thanh.tung"), f"{planned}/units/CTY-L/questions/1"
    if do == "close":
        assert press(lead, fill(lead, planned, "send")).status_code == 303
    typed: dict[str, dict[str, str]] = {
        "send": {},
        "close": {"summary": "Đã xong"},
        "cancel": {"reason": "Hoãn"},
        "move": {"unit": "CTY-L", "day": "2026-11-18", "reason": "Trùng lịch"},
    }
    mine, old = typed[do], fill(coordinator, planned, do)
    assert press(lead, fill(lead, question, "settle"), settled="Đã nộp phụ lục").status_code == 303
    before = state(office), told(office)
    for filled in (old, (old[0], old[1] | {"seen": ""})):
        answer = press(coordinator, filled, **mine)
        assert answer.status_code == 409 and "đã thay đổi trong lúc trang đang mở" in answer.text
        assert all(word in answer.text for word in mine.values()), "what was typed stays"
    assert (state(office), told(office)) == before
    assert press(coordinator, form_of(answer.text, do), **mine).status_code == 303, "it has been looked at now"


def test_a_visit_is_moved_and_an_inspection_called_off(office: Office, coordinator: Reader, planned: str) -> None:
    late = press(coordinator, fill(coordinator, planned, "move"), unit="CTY-L", day="2026-11-18", reason="")
    assert late.status_code == 422 and "2026-11-18" in late.text
    moved = press(coordinator, fill(coordinator, planned, "move"), unit="CTY-L", day="2026-11-18", reason="Trùng lịch")
    assert "18/11/2026" in coordinator.follow(moved).text
    assert press(coordinator, fill(coordinator, planned, "cancel"), reason="").status_code == 422
    assert press(coordinator, fill(coordinator, planned, "cancel"), reason="Hoãn").status_code == 303
    assert state(office) is InspectionState.CANCELLED


def test_each_reader_sees_what_is_theirs(office: Office, coordinator: Reader, planned: str) -> None:
    record(coordinator, planned, "CTY-L", v1="not_met", w1="Chưa có phương án", v2="met")
    head = office.sign_in(HEAD)
    page = head.get(planned).text
    assert "Chưa có phương án" not in page and "CTY-M" not in page
    assert "Chưa có phương án" not in head.get(f"{planned}/units/CTY-L").text
    assert head.get(f"{planned}/units/CTY-M").status_code == 404
    assert "Kiểm tra việc thực hiện" in head.get("/inspections").text
    for reader, statuses in (
        (office.sign_in("nguyen.thanh.tung"), (404, 404, 404)),  # another enterprise's head
        (office.sign_in("nguyen.minh.quan"), (200, 403, 403)),  # an observer
        (head, (200, 403, 403)),
    ):
        asked = (
            reader.get(planned),
            reader.send(planned if statuses[0] == 200 else "/inspections", f"{planned}/send"),
            reader.send("/inspections", f"{planned}/cancel", reason="x"),
        )
        assert tuple(one.status_code for one in asked) == statuses
    assert head.get("/inspections/plan").status_code == 403
    assert office.sign_in("nguyen.minh.quan").send("/inspections", "/inspections", **fields()).status_code == 403
    assert office.get(planned).status_code == 303, "sign in first"


def test_the_list_and_the_matrix_cost_the_same_however_many_there_are(
    office: Office, coordinator: Reader, planned: str
) -> None:
    few = office.queries(coordinator, "/inspections"), office.queries(coordinator, planned)
    for _time in range(3):
        assert coordinator.send(CHECK, "/inspections", **fields()).status_code == 303
    record(coordinator, planned, "CTY-L", v1="partly", w1="x", v2="met")
    assert (office.queries(coordinator, "/inspections"), office.queries(coordinator, planned)) == few
