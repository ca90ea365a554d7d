"""Units and people on the administration's pages."""

import re
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import select

from models.database.session import reading
from models.organization.audit import Audit
from models.organization.person import Absence, Person, PersonRole, Role
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Handover, Unit, UnitTag
from models.tasks.task import Task
from models.text.localtime import local_date
from tests.page import Page
from tests.web.site import Office, Reader

ADMINISTRATOR = "dang.thu.thuy"
PAGES = (
    "/admin/units",
    "/admin/units/new",
    "/admin/units/CTY-H",
    "/admin/units/CTY-H/edit",
    "/admin/units/CTY-H/offices/head",
    "/admin/people",
    "/admin/people/new",
    "/admin/people/le.thi.c",
    "/admin/people/le.thi.c/edit",
    "/admin/people/le.thi.c/tasks",
    "/admin/register",
)


@pytest.fixture
def administrator(office: Office) -> Reader:
    return office.sign_in(ADMINISTRATOR)


def unit(office: Office, code: str) -> Unit:
    with reading(office.engine) as session:
        return resolve_unit(session, code)


def person(office: Office, code: str) -> Person:
    with reading(office.engine) as session:
        return resolve_person(session, code)


def lines(office: Office) -> list[str]:
    with reading(office.engine) as session:
        return [one.action for one in session.exec(select(Audit).order_by(Audit.id))]  # type: ignore[arg-type]


def seen_on(page: str) -> str:
    """What the forms of a page have seen."""
    seen = Page(page).value("seen")
    return str(seen)


@pytest.mark.parametrize("path", PAGES)
def test_the_register_is_for_administrators_only(office: Office, path: str) -> None:
    assert office.sign_in(ADMINISTRATOR).get(path).status_code == 200
    for code in ("le.thi.c", "ngo.van.loc", "nguyen.minh.quan"):
        assert office.sign_in(code).get(path).status_code == 403


@pytest.mark.parametrize(
    "action",
    ["/admin/units/CTY-H/retire", "/admin/people/le.thi.c/retire", "/admin/people/le.thi.c/roles", "/admin/register"],
)
def test_no_form_of_it_can_be_sent_by_others(office: Office, action: str) -> None:
    assert office.sign_in("le.thi.c").send("/help", action, role="administrator", unit="VP").status_code == 403
    assert lines(office) == []


def test_units_are_found_without_marks_by_alias_and_code_and_stay_filtered(administrator: Reader) -> None:
    shown = administrator.get("/admin/units", params={"q": "vu vien thong"}).text
    assert "Vụ Viễn thông" in shown and "Vụ Bưu chính" not in shown
    assert "Vụ Viễn thông" in administrator.get("/admin/units?q=vu-vt").text
    enterprises = administrator.get("/admin/units?kind=enterprise&tag=post").text
    assert 'value="enterprise" selected' in enterprises and 'href="/admin/units/VU-VT"' not in enterprises
    assert "No units match" in administrator.get("/admin/units?q=%25&lang=en").text


def test_a_long_list_is_paged_and_the_pages_keep_the_filters(administrator: Reader) -> None:
    first = administrator.get("/admin/units?state=all&lang=en").text
    assert "1 to 50 of 55" in first
    assert 'href="/admin/units?state=all&amp;lang=en&amp;page=2"' in first
    assert "51 to 55 of 55" in administrator.get("/admin/units?state=all&page=2&lang=en").text


@pytest.mark.parametrize("path", ["/admin/units", "/admin/units/VU-VT", "/admin/people", "/admin/people/le.thi.c"])
def test_the_number_of_queries_does_not_grow_with_the_list(office: Office, administrator: Reader, path: str) -> None:
    def count() -> int:
        asked: list[str] = []

        def listen(*given: Any) -> None:
            asked.append(given[2])

        event.listen(office.engine, "before_cursor_execute", listen)
        assert administrator.get(path).status_code == 200
        event.remove(office.engine, "before_cursor_execute", listen)
        return len([one for one in asked if one.startswith("SELECT")])

    count()  # the first page reads the installation's key
    before = count()
    for number in range(3):
        administrator.send(
            "/admin/people/new",
            full_name=f"Người {number}",
            unit="VU-VT",
            address_form="Ông",
            unit_address="đơn vị",
            language="vi",
        )
        administrator.send("/admin/units/new", code=f"U{number}", name=f"Đơn vị {number}", kind="other")
    assert count() == before


def test_a_unit_is_added_changed_retired_and_brought_back(office: Office, administrator: Reader) -> None:
    given = {"code": "SGT", "name": "Công ty Sài Gòn", "kind": "enterprise", "supervising_unit": "vụ viễn thông"}
    page = administrator.follow(
        administrator.send("/admin/units/new", **given, tags="telecom, internet", aliases="Saigontel\n")
    )
    assert "Công ty Sài Gòn" in page.text and "Saigontel" in page.text
    assert unit(office, "saigontel").supervising_unit_id == unit(office, "VU-VT").id
    changed = {"name": "Công ty Sài Gòn Mới", "kind": "enterprise", "tags": "telecom", "aliases": ""}
    administrator.send("/admin/units/SGT/edit", **changed, seen=seen(administrator, "/admin/units/SGT/edit"))
    assert unit(office, "SGT").name == "Công ty Sài Gòn Mới"
    assert administrator.send("/admin/units/SGT", "/admin/units/SGT/retire").status_code == 303
    assert not unit(office, "SGT").is_active
    assert administrator.send("/admin/units/SGT", "/admin/units/SGT/restore").status_code == 303
    assert lines(office) == ["unit_added", "unit_changed", "unit_changed", "unit_changed"]


def test_a_new_unit_with_a_wrong_head_leaves_nothing_behind(office: Office, administrator: Reader) -> None:
    given = {"code": "SGT", "name": "Công ty Sài Gòn", "kind": "enterprise"}
    wrong = administrator.send("/admin/units/new?lang=en", **given, head="Nobody At All")
    assert wrong.status_code == 422 and "there is no person Nobody At All" in wrong.text
    wrong = administrator.send("/admin/units/new?lang=en", **given, head_name="Lý Văn Sài", head_email="sai")
    assert wrong.status_code == 422 and 'value="Lý Văn Sài"' in wrong.text
    assert "E-mail address of the head: &#39;sai&#39; is not an e-mail address" in wrong.text
    assert lines(office) == []
    with reading(office.engine) as session:
        assert session.exec(select(Unit).where(Unit.code == "SGT")).first() is None


def test_a_unit_without_a_head_says_what_is_left(office: Office, administrator: Reader) -> None:
    given = {"code": "SGT", "name": "Công ty Sài Gòn", "kind": "enterprise"}
    page = administrator.follow(administrator.send("/admin/units/new", **given)).text
    assert "Chưa có thủ trưởng" in page and 'href="/admin/units/SGT/offices/head"' in page
    named = {"head_name": "Lý Văn Sài", "head_email": "sai@sgt.example"}
    other = given | {"code": "SG2", "name": "B"} | named
    page = administrator.follow(administrator.send("/admin/units/new", **other)).text
    assert "Chưa có thủ trưởng" not in page and "Lý Văn Sài" in page
    police = {"code": "CA", "name": "Công an tỉnh", "kind": "police"}
    assert "Chưa có thủ trưởng" not in administrator.follow(administrator.send("/admin/units/new", **police)).text


def test_tags_are_read_and_written_in_the_readers_words(office: Office, administrator: Reader) -> None:
    given = {"code": "SGT", "name": "Công ty Sài Gòn", "kind": "enterprise", "tags": "Viễn thông, internet, rieng"}
    page = administrator.follow(administrator.send("/admin/units/new", **given)).text
    assert "Internet, rieng, viễn thông" in page and "telecom" not in page
    form = administrator.get("/admin/units/SGT/edit").text
    assert 'value="Internet, rieng, viễn thông"' in form
    with reading(office.engine) as session:
        tags = session.exec(select(UnitTag.tag).where(UnitTag.unit_id == unit(office, "SGT").id)).all()
    assert sorted(tags) == ["internet", "rieng", "telecom"]


def seen(reader: Reader, path: str) -> str:
    return Page(reader.get(path).text).value("seen")


def test_a_wrong_form_comes_back_with_what_was_typed_and_what_is_wrong(office: Office, administrator: Reader) -> None:
    answer = administrator.send(
        "/admin/units/new?lang=en",
        code="SGT",
        name="Công ty Sài Gòn",
        kind="enterprise",
        email="nobody",
        supervising_unit="VU-XY",
    )
    assert answer.status_code == 422
    assert "Supervising unit: there is no unit VU-XY" in answer.text
    assert 'value="Công ty Sài Gòn"' in answer.text and 'value="VU-XY"' in answer.text
    assert lines(office) == []


def test_an_edit_upon_an_old_look_is_refused(administrator: Reader) -> None:
    old = seen(administrator, "/admin/units/CTY-H/edit")
    given = {"name": "Công ty A", "kind": "enterprise", "tags": "", "aliases": ""}
    assert administrator.send("/admin/units/CTY-H/edit", **given, seen=old).status_code == 303
    again = administrator.send("/admin/units/CTY-H/edit?lang=en", **given | {"name": "B"}, seen=old)
    assert again.status_code == 409 and "somebody else" in again.text


def test_a_unit_with_open_tasks_is_not_retired(office: Office, administrator: Reader) -> None:
    answer = administrator.send("/admin/units/VU-KHTC?lang=en", "/admin/units/VU-KHTC/retire")
    assert answer.status_code == 422 and "VU-KHTC" in answer.text
    assert unit(office, "VU-KHTC").is_active


def test_an_office_is_handed_over_and_the_history_is_kept(office: Office, administrator: Reader) -> None:
    head = person(office, "luong.thi.ngan")
    day = local_date(office.now).isoformat()
    path = "/admin/units/VU-KHTC/offices/head"
    page = administrator.follow(administrator.send(path, to="Tạ Bá Toàn", on=day, seen="luong.thi.ngan"))
    assert "Lương Thị Ngân → Tạ Bá Toàn" in page.text
    with reading(office.engine) as session:
        handover = session.exec(select(Handover)).one()
    assert (handover.from_person_id, handover.to_person_id) == (head.id, person(office, "ta.ba.toan").id)
    assert lines(office) == ["office_handed_over"]
    seen = {"seen": "ta.ba.toan"}
    assert "Tạ Bá Toàn" in administrator.send(path, to="ta.ba.toan", on=day, **seen).text
    assert administrator.send(path, to="ta.ba.toan", on="2098-01-01", **seen).status_code == 409
    assert administrator.send(path, to="", on=day, **seen).status_code == 422
    assert administrator.send(path, vacant="1", **seen).status_code == 409


def test_second_handover_at_once_takes_nothing_from_the_new_holder(office: Office, administrator: Reader) -> None:
    path, on = "/admin/units/VU-KHTC/offices/deputy", local_date(office.now).isoformat()
    old = seen_on(administrator.get(path).text)
    assert old == "ta.ba.toan"
    assert administrator.send(path, to="luong.thi.ngan", on=on, seen=old).status_code == 303
    for given in ({"to": "ngo.van.loc", "on": on}, {"vacant": "1"}):
        refused = administrator.send(path, seen=old, **given)
        assert refused.status_code == 409 and "đã thay đổi trong lúc trang đang mở" in refused.text
        assert "Lương Thị Ngân" in refused.text and seen_on(refused.text) == "luong.thi.ngan"
    assert unit(office, "VU-KHTC").deputy_id == person(office, "luong.thi.ngan").id
    assert administrator.send(path, vacant="1", seen="luong.thi.ngan").status_code == 303
    old = seen_on(administrator.get(path).text)
    assert administrator.send(path, to="ta.ba.toan", on=on, seen=old).status_code == 303
    assert administrator.send(path, to="luong.thi.ngan", on=on, seen=old).status_code == 409
    assert unit(office, "VU-KHTC").deputy_id == person(office, "ta.ba.toan").id


def test_a_head_hands_over_before_retiring(office: Office, administrator: Reader) -> None:
    page = "/admin/people/luong.thi.ngan"
    refused = administrator.send(f"{page}?lang=en", f"{page}/retire")
    assert refused.status_code == 409 and "VU-KHTC" in refused.text
    administrator.send(
        "/admin/units/VU-KHTC/offices/head",
        to="ta.ba.toan",
        on=local_date(office.now).isoformat(),
        seen="luong.thi.ngan",
    )
    assert administrator.send(page, f"{page}/retire").status_code == 303
    assert not person(office, "luong.thi.ngan").is_active
    assert administrator.send(page, f"{page}/restore").status_code == 303
    assert person(office, "luong.thi.ngan").is_active


def test_a_person_is_added_and_gets_a_code(office: Office, administrator: Reader) -> None:
    given = {"full_name": "Đoàn Thị Ánh", "unit": "VU-VT", "email": "anh@mpt.example", "language": "vi"}
    answer = administrator.send("/admin/people/new", **given, address_form="Bà", unit_address="Vụ")
    assert answer.headers["location"] == "/admin/people/doan.thi.anh"
    assert person(office, "doan.thi.anh").unit_id == unit(office, "VU-VT").id


def test_a_role_is_given_and_taken_back_but_not_the_last_administrators(office: Office, administrator: Reader) -> None:
    page = "/admin/people/le.thi.c"
    assert administrator.send(page, f"{page}/roles", role="administrator", unit="VP").status_code == 303
    assert office.sign_in("le.thi.c").get("/admin/units").status_code == 200
    assert administrator.send(page, f"{page}/roles/administrator/VP/end").status_code == 303
    mine = f"/admin/people/{ADMINISTRATOR}"
    with reading(office.engine) as session:
        held = session.exec(select(PersonRole).where(PersonRole.role == Role.ADMINISTRATOR)).one()
        code = session.get_one(Unit, held.unit_id).code
    assert administrator.send(mine, f"{mine}/roles/administrator/{code}/end").status_code == 422
    assert administrator.get("/admin/units").status_code == 200


def test_an_absence_is_recorded_and_ended(office: Office, administrator: Reader) -> None:
    page, today = "/admin/people/le.thi.c", local_date(office.now).isoformat()
    given = {"stand_in": "ngo.van.loc", "starts_on": today, "ends_on": "2026-11-20", "reason": "công tác"}
    assert "Ngô Văn Lộc" in administrator.follow(administrator.send(page, f"{page}/absences", **given)).text
    with reading(office.engine) as session:
        absence = session.exec(select(Absence).where(Absence.reason == "công tác")).one()
    other = f"/admin/people/ngo.van.loc/absences/{absence.id}/end"
    assert administrator.send(page, other).status_code == 404
    assert administrator.send(page, f"{page}/absences/{absence.id}/end").status_code == 303
    wrong = administrator.send(page, f"{page}/absences", **given | {"ends_on": "20/11"})
    assert wrong.status_code == 422 and "công tác" in wrong.text


def test_an_absence_to_come_is_taken_back_and_nobody_is_said_to_be_back_from_it(
    office: Office, administrator: Reader
) -> None:
    page, given = "/admin/people/le.thi.c", {"stand_in": "ngo.van.loc", "ends_on": "2026-11-20", "reason": "công tác"}
    told = administrator.follow(administrator.send(page, f"{page}/absences", starts_on="2026-11-18", **given)).text
    assert "Bỏ lần vắng mặt này" in told and "Đã trở lại" not in told
    (end,) = re.findall(rf'action="({page}/absences/[^"]+/end)"', told)
    assert "Ngô Văn Lộc" not in administrator.follow(administrator.send(page, end)).text
    today = local_date(office.now).isoformat()
    told = administrator.follow(administrator.send(page, f"{page}/absences", starts_on=today, **given)).text
    assert "Đã trở lại" in told and "Bỏ lần vắng mặt này" not in told


def test_a_refused_address_shows_and_may_be_trusted_again(office: Office, administrator: Reader) -> None:
    def refuse(session: object) -> None:
        found = resolve_person(session, "le.thi.c")  # type: ignore[arg-type]
        found.email_refused_at = office.now
        session.add(found)  # type: ignore[attr-defined]

    office.change(refuse)
    assert "le.thi.c" in administrator.get("/admin/people?state=refused").text
    page = "/admin/people/le.thi.c"
    assert "/admin/people/le.thi.c/trust-address" in administrator.get(page).text
    administrator.send(page, f"{page}/trust-address")
    assert person(office, "le.thi.c").email_refused_at is None


def test_an_address_in_doubt_shows_to_its_person_and_may_be_trusted(office: Office, administrator: Reader) -> None:
    def doubt(session: object) -> None:
        found = resolve_person(session, "le.thi.c")  # type: ignore[arg-type]
        found.email_doubted_at = office.now
        session.add(found)  # type: ignore[attr-defined]

    office.change(doubt)
    for page in ("/work", "/notifications"):
        assert "có báo cáo rằng thư không đến được" in office.sign_in("le.thi.c").get(page).text
        assert "có báo cáo rằng thư không đến được" not in office.sign_in("ngo.van.loc").get(page).text
    administrator = office.sign_in("dang.thu.thuy")
    page = "/admin/people/le.thi.c"
    assert "Chưa rõ ai gửi báo cáo đó" in administrator.get(page).text
    administrator.send(page, f"{page}/trust-address")
    assert person(office, "le.thi.c").email_doubted_at is None


@pytest.mark.parametrize("path", ["/admin/units/NONE", "/admin/people/nobody", "/admin/units/CTY-H/offices/king"])
def test_what_is_not_there_is_told(administrator: Reader, path: str) -> None:
    assert administrator.get(path).status_code in (404, 422)


def test_before_a_coordinator_retires_the_page_says_how_many_tasks_name_them(
    office: Office, administrator: Reader
) -> None:
    with reading(office.engine) as session:
        followed = len(
            session.exec(select(Task.id).where(Task.coordinator_id == resolve_person(session, "le.thi.c").id)).all()
        )
    assert followed > 1
    assert f"Follows up {followed} open tasks" in administrator.get("/admin/people/le.thi.c?lang=en").text
    assert "Follows up" not in administrator.get("/admin/people/ngo.van.loc?lang=en").text
