"""What a field for a unit, a person or a directive offers while one types."""

from sqlalchemy import update
from sqlmodel import col

from models.database.session import transaction
from models.organization.unit import Unit
from tests.page import Page
from tests.rooms import of_room
from tests.web.site import Office


def offered(office: Office, who: str, of: str, words: str) -> list[tuple[str, str]]:
    answer = office.sign_in(who).get(f"/suggest/{of}?q={words}")
    assert answer.status_code == 200, answer.text
    return [(one["value"], one["beside"]) for one in answer.json()]


def test_units_are_offered_by_name_code_and_alias_whatever_their_marks(office: Office) -> None:
    assert ("Vụ Viễn thông", "VU-VT") in offered(office, "dang.thu.thuy", "units", "vien thong")
    assert ("Vụ Viễn thông", "VU-VT") in offered(office, "dang.thu.thuy", "units", "vu-vt")
    assert offered(office, "dang.thu.thuy", "units", "bo")[0][0].startswith(("Bộ", "Bo")), "it begins so"
    assert offered(office, "dang.thu.thuy", "units", " ") == []
    assert offered(office, "dang.thu.thuy", "units", "%") == []
    assert len(offered(office, "dang.thu.thuy", "units", "v")) == 8


def test_outside_units_are_offered_as_partners_and_never_as_leads(office: Office) -> None:
    with transaction(office.engine) as session:
        session.execute(update(Unit).where(col(Unit.code) == "VU-VT").values(is_outside=True))
    for who in ("dang.thu.thuy", "le.thi.c"):
        assert offered(office, who, "units", "vu-vt")
        assert not offered(office, who, "leads", "vu-vt")
    assert not offered(office, "luong.thi.ngan", "units", "vu-vt")


def test_people_are_offered_to_who_may_choose_anybody(office: Office) -> None:
    (found,) = offered(office, "le.thi.c", "people", "dang thu thuy")
    assert found[0] == "dang.thu.thuy" and found[1].startswith("Đặng Thu Thuỷ")
    assert office.sign_in("luong.thi.ngan").get("/suggest/people?q=dang").status_code == 403


def test_directives_are_offered_to_who_may_open_them(office: Office) -> None:
    (found,) = offered(office, "dang.thu.thuy", "directives", "06/2004")
    assert found[0] == "06/2004/CT-BBCVT"
    assert office.sign_in("luong.thi.ngan").get("/suggest/directives?q=06").status_code == 403


def wrong_at(page: str, field: str) -> str:
    """What stands beneath a field, which names it as its description."""
    assert Page(page).one(f"#f-{field}[aria-describedby~=w-{field}]").get("aria-invalid") == "true"
    return Page(page).words(f"p.wrong#w-{field}")[0]


def test_an_unknown_name_is_told_at_its_field_with_who_may_be_meant(office: Office) -> None:
    administrator, coordinator = office.sign_in("dang.thu.thuy"), office.sign_in("le.thi.c")
    typed = {"full_name": "Nguyễn Văn A", "unit": "Vụ Viễn thôn"}
    page = administrator.send("/admin/people/new", **typed).text
    assert "Vụ Viễn thông" in wrong_at(page, "unit") and 'value="Nguyễn Văn A"' in page
    page = administrator.get("/admin/people?unit=Vụ Viễn thôn").text
    assert "Vụ Viễn thông" in wrong_at(page, "unit")
    page = administrator.send("/admin/units/VU-VT", "/admin/units/VU-VT/offices/head", to="Đặng Thu Thủyy", on="x").text
    assert "dang.thu.thuy" in wrong_at(page, "to")
    typed = {
        "lead": "CTY-E",
        "partners": "VU-PC\nVụ Không Có",
        "quote": "Đề nghị",
        "title": "Việc",
        "result": "Báo cáo",
    }
    document = {"kind": "công văn", "subject": "Việc", "issuer": "Bộ trưởng", "follows": "VU-VT", "step": "check"}
    page = coordinator.send("/launch/by-hand", **typed | document).text
    assert "Vụ Không Có" in wrong_at(page, "partners") and 'id="w-lead"' not in page


@of_room("channels")
def test_an_unknown_directive_is_told_at_its_field(office: Office) -> None:
    typed = {"name": "A", "url": "https://a.example", "directive": "06/2004"}
    page = office.sign_in("dang.thu.thuy").send("/admin/webhooks", **typed).text
    assert "06/2004" in wrong_at(page, "directive")
