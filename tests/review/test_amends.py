"""A document that amends or replaces one in force: found by its number, compared duty by duty; nothing is changed."""

import pytest
from sqlmodel import select

from models.database.session import transaction
from models.directives.directive import Directive
from models.tasks.task import Task
from models.text.localtime import local_date
from tests.office import Office
from tests.review.taken_in import NOW, SEED, coordinator, take_in
from workflows.access.rights import read_principal
from workflows.intake.review.amends import CitedDocument, DutyChange, cited_documents, compare_amendments
from workflows.intake.review.store_reading import proposed_duties


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("V/v sửa đổi, bổ sung Chỉ thị số 06/2004/CT-BBCVT ngày 07/5/2004", [CitedDocument("06/2004/CT-BBCVT", False)]),
        (
            "Chỉ thị này thay thế Chỉ thị số 15/2001/CT-TCBĐ và bãi bỏ Công văn số 1243/BBCVT-VT.",
            [CitedDocument("15/2001/CT-TCBĐ", True), CitedDocument("1243/BBCVT-VT", True)],
        ),
        ("Căn cứ Nghị định số 09/2019/NĐ-CP ngày 24/01/2019; xét đề nghị", []),
        ("bổ sung nhân lực cho các đơn vị.\n\nTheo Công văn số 12/BBCVT", []),
    ],
)
def test_the_document_it_speaks_of_is_found_by_its_number(text: str, found: list[CitedDocument]) -> None:
    assert cited_documents(text) == found


def test_each_duty_in_force_is_told_what_would_become_of_it_and_its_open_tasks(office: Office) -> None:
    office.launch("2", "4")
    changed = SEED.replace(
        "Vụ Kế hoạch – Tài chính nghiên cứu xây dựng", "Vụ Kế hoạch – Tài chính khẩn trương xây dựng"
    )
    with transaction(office.engine) as session:
        before = session.exec(select(Task.id, Task.status)).all()
        text = changed + "\nChỉ thị này thay thế Chỉ thị số 06/2004/CT-BBCVT.\n"
        intake = take_in(session, text)
        duties = proposed_duties(session, intake)
        principal = read_principal(session, coordinator(session), local_date(NOW))
        (amendment,) = compare_amendments(session, principal, intake, duties)
        fates = {one.path: (one.change, one.open_tasks) for one in amendment.changes}
        assert amendment.replaces and amendment.directive.number == "06/2004/CT-BBCVT"
        assert fates["2"] == (DutyChange.SAME, 25)
        assert fates["4"] == (DutyChange.CHANGED, 1)
        assert amendment.open_tasks == 1
        gone = [one for one in duties if one.path != "2"]
        (without,) = compare_amendments(session, principal, intake, gone)
        assert {one.path: one.change for one in without.changes}["2"] is not DutyChange.SAME
        assert session.exec(select(Task.id, Task.status)).all() == before
        assert len(session.exec(select(Directive)).all()) == 1


def test_what_an_amendment_does_not_speak_of_stays_out_of_the_list(office: Office) -> None:
    text = """CHỈ THỊ
V/v sửa đổi, bổ sung Chỉ thị số 06/2004/CT-BBCVT

Bộ trưởng yêu cầu các đơn vị thực hiện:

1. Vụ Hợp tác quốc tế lập danh mục thiết bị nhập khẩu trước ngày 30/9/2004.
"""
    with transaction(office.engine) as session:
        intake = take_in(session, text)
        principal = read_principal(session, coordinator(session), local_date(NOW))
        (amendment,) = compare_amendments(session, principal, intake, proposed_duties(session, intake))
    assert (amendment.replaces, list(amendment.changes), list(amendment.added)) == (False, [], ["1"])
