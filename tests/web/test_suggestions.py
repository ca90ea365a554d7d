"""What a field for a unit, a person or a directive offers while one types."""

from sqlalchemy import update
from sqlmodel import col

from models.database.session import transaction
from models.organization.unit import Unit
from tests.web.conftest import Office


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
