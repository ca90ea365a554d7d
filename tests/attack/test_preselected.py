"""A document of names that are nearly ours: no page chooses a stranger, and nothing is remembered by pressing on."""

import pytest
from sqlmodel import select

from models.database.session import reading
from models.directives.directive import Directive
from models.intake.intake import AudiencePhrase, ProposalState, ProposedDuty
from tests.web.conftest import database_url, launched_postgresql, launched_sqlite, office, pytest_generate_tests  # noqa: F401
from tests.web.forms import fill, forms_on, press
from tests.web.site import Office, Reader
from workflows.intake.review.match import load_matcher

pytestmark = pytest.mark.long

NEARLY = (
    "Sở Bưu chính, Viễn thông",
    "Vụ Bưu chính, Viễn thông",
    "Cục Viễn thông",
    "Bưu điện các tỉnh, thành phố",
    "Chủ tịch UBND các xã, phường",
    "Sở Công an",
    "Công ty Kế hoạch - Tài chính",
)
"""Offices that the register does not know, each with a neighbour of another kind in it."""
LETTER = """CÔNG VĂN
V/v thử

Kính gửi: Các đơn vị

Bộ yêu cầu:

"""
OF_ALL = "^/intake/[0-9a-f]+$"


@pytest.mark.parametrize("name", NEARLY)
def test_no_select_has_a_stranger_chosen(office: Office, name: str) -> None:  # noqa: F811
    reader, review = sent_in(office, f"1. {name} rà soát hệ thống.\n\n2. Vụ Viễn thông phối hợp với {name} báo cáo.\n")
    for path in ("1", "2"):
        page = reader.get(f"{review}?duty={path}").text
        asked = [(address, fields) for address, fields in forms_on(page) if fields.get("do") == "teach"]
        assert asked and not any(fields["meant"] for _address, fields in asked)
        for filled in asked:
            answer = press(reader, filled)
            assert answer.status_code == 422, "a press on “Remember” without a choice"
    with reading(office.engine) as session:
        assert session.exec(select(AudiencePhrase)).all() == []


@pytest.mark.parametrize("name", NEARLY)
def test_a_stranger_is_confirmed_by_no_press_for_all(office: Office, name: str) -> None:  # noqa: F811
    reader, review = sent_in(office, f"1. {name} rà soát hệ thống.\n\n2. Vụ Viễn thông phối hợp với {name} báo cáo.\n")
    seen = fill(reader, review, "conclude", OF_ALL)[1]["seen"]
    for do in ("confirm-all", "confirm-certain", "conclude"):
        reader.send(review, review, do=do, seen=seen)
    (led,) = [filled for filled in forms_on(reader.get(f"{review}?duty=1").text) if "title" in filled[1]]
    assert press(reader, led, do="confirm").status_code == 422, "nor by itself, while nobody knows who must do it"
    with reading(office.engine) as session:
        assert {one.state for one in session.exec(select(ProposedDuty))} == {ProposalState.PROPOSED}
        assert len(session.exec(select(Directive)).all()) == 1, "the one that was there"


def test_two_kinds_of_office_never_match(office: Office) -> None:  # noqa: F811
    kinds = ("Sở", "Bộ", "Vụ", "Cục", "Phòng", "Ban", "Công ty", "Tổng công ty", "Trung tâm", "Viện", "Văn phòng")
    with reading(office.engine) as session:
        matcher = load_matcher(session)
    own = {unit.name for unit in matcher.units} | {alias for unit in matcher.units for alias in unit.aliases}
    for unit in matcher.units:
        kind = next((one for one in sorted(kinds, key=len, reverse=True) if unit.name.startswith(f"{one} ")), None)
        for other in kinds if kind else ():
            name = f"{other}{unit.name.removeprefix(kind or '')}"
            found = matcher.of(name, leading=False)
            if other != kind and name not in own:
                assert unit not in (*found.units, *found.near), name


def sent_in(office: Office, items: str) -> tuple[Reader, str]:  # noqa: F811
    reader = office.sign_in("le.thi.c")
    answer = reader.send("/intake", "/intake", pasted=LETTER + items, unit="VU-VT")
    assert answer.status_code == 303, answer.text
    return reader, answer.headers["location"]
