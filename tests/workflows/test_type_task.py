"""A task typed by hand: one transaction from the document to the letter, done once, and never of a secret document."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import SQLModel, col

from models.database.ids import new_id
from models.database.session import reading, transaction
from models.directives.directive import Directive, Duty, Urgency
from models.directives.template import TemplateState, TemplateVersion
from models.errors import BadInput, BadRows, NotFound, Refused
from models.organization.unit import Unit
from models.tasks.task import Contribution, DueFixedBy, Task
from models.text.localtime import due_date
from tests.office import COORDINATOR, ON, Office, at, furnish
from workflows.launch.launch_tasks import Uncovered
from workflows.launch.type_task import TypedResult, type_task, typed_documents
from workflows.reports.report_figures import report
from workflows.rules.tasks.actions import Action
from workflows.templates.typed_task import TypedTask

CONCLUSION = TypedTask(
    kind="kết luận",
    number="45/KL-BBCVT",
    issued_on=date(2004, 5, 28),
    issuer="Thứ trưởng Trần Đức Lai",
    subject="Kết luận cuộc họp giao ban tháng 5",
    quote="Giao Vụ Kế hoạch – Tài chính  báo cáo tình hình giá cước trước ngày 20/6.",
    title="Báo cáo tình hình giá cước",
    lead="Vụ Kế hoạch – Tài chính",
    result="Báo cáo của Vụ",
    follows="VU-VT",
    due_on=date(2004, 6, 18),
)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def give(office: Office, typed: TypedTask = CONCLUSION, *, launch_id: Any = None, **changes: Any) -> TypedResult:
    with transaction(office.engine) as session:
        return type_task(
            office.acting(session, office.person(COORDINATOR), ON),
            replace(typed, **changes),
            launch_id=launch_id or new_id(),
        )


def count(office: Office, model: type[SQLModel]) -> int:
    with reading(office.engine) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_document_duty_template_and_task_are_there_at_once(office: Office) -> None:
    done = give(office, partners=("VU-PC", "Vụ Khoa học Công nghệ"))
    assert (done.directive.code, done.directive.number) == ("45-kl-bbcvt", "45/KL-BBCVT")
    assert done.directive.issuer_office_id == office.unit("VP").id
    assert (done.duty.path, done.duty.quote) == (
        "1",
        "Giao Vụ Kế hoạch – Tài chính báo cáo tình hình giá cước trước ngày 20/6.",
    )
    assert done.task is not None and done.task.due_at is not None
    assert done.task.lead_unit_id == office.unit("VU-KHTC").id
    assert (due_date(done.task.due_at), done.task.due_fixed_by) == (date(2004, 6, 18), DueFixedBy.ASSIGNER)
    with reading(office.engine) as session:
        version = session.scalars(select(TemplateVersion).where(col(TemplateVersion.duty_id) == done.duty.id)).one()
        assert version.state is TemplateState.PUBLISHED and version.read_spec().ladder == "default"
        partners = session.scalars(
            select(col(Unit.code))
            .join(Contribution, col(Contribution.unit_id) == col(Unit.id))
            .order_by(col(Unit.code))
        ).all()
    assert partners == ["VU-KHCN", "VU-PC"]
    office.tick(ON)
    told = [letter.subject for letter in office.letters()]
    assert any("45/KL-BBCVT" in (subject or "") for subject in told)


def test_it_lives_as_every_task_does(office: Office) -> None:
    done = give(office)
    assert done.task is not None
    office.act(done.task, Action.ACCEPT, "luong.thi.ngan", at(2))
    office.submit(done.task, "luong.thi.ngan", at(16))
    office.act(done.task, Action.APPROVE, COORDINATOR, at(17))
    with reading(office.engine) as session:
        assert report(session, cutoff=date(2004, 6, 30), directive="45-kl-bbcvt").figures.done_on_time == 1


def test_the_same_form_twice_is_one_task(office: Office) -> None:
    same = new_id()
    first, second = give(office, launch_id=same), give(office, launch_id=same)
    assert first.is_new and not second.is_new
    assert (second.directive.id, second.task and second.task.id) == (first.directive.id, first.task and first.task.id)
    assert count(office, Task) == 1


def test_a_further_task_of_the_same_document(office: Office) -> None:
    first = give(office)
    more: dict[str, Any] = {"quote": "Vụ Pháp chế rà soát văn bản.", "title": "Rà soát văn bản", "lead": "VU-PC"}
    second = give(office, document=first.directive.code, **more)
    assert second.directive.id == first.directive.id and second.duty.path == "2"
    with reading(office.engine) as session:
        assert session.get_one(Directive, first.directive.id).text.count("\n\n") == 1
    with pytest.raises(Refused, match="here already"):
        give(office, **more)
    with pytest.raises(NotFound, match="not one that was typed by hand"):
        give(office, document="ct-06-2004", **more)
    with reading(office.engine) as session:
        found = typed_documents(session, frozenset({office.unit("VU-VT").id}))
    assert [one.code for one in found] == ["45-kl-bbcvt"]


def test_documents_without_a_number_are_told_apart_by_their_day(office: Office) -> None:
    codes = [give(office, kind="bút phê", number="", issued_on=None).directive.code for _time in range(3)]
    assert codes == ["bp-2004-06-01", "bp-2004-06-01-2", "bp-2004-06-01-3"]


def test_a_date_that_the_document_fixes_is_the_issuers_to_extend(office: Office) -> None:
    task = give(office, fixed_by_document=True).task
    assert task is not None and task.due_fixed_by is DueFixedBy.DIRECTIVE
    undated = give(office, number="46/KL-BBCVT", due_on=None).task
    assert undated is not None and undated.due_at is None


@pytest.mark.parametrize(
    "secret",
    [
        {"secrecy": "mật"},
        {"secrecy": "tuyệt mật"},
        {"subject": "TỐI MẬT\nKết luận"},
        {"quote": "M Ậ T\nGiao Vụ Kế hoạch – Tài chính báo cáo."},
    ],
)
def test_of_a_secret_document_nothing_is_stored(office: Office, secret: dict[str, Any]) -> None:
    before = count(office, Directive)
    with pytest.raises(Refused, match="follow it up on paper, by classified mail"):
        give(office, **secret)
    assert (count(office, Directive), count(office, Duty), count(office, Task)) == (before, 11, 0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"quote": " "}, "the assigning sentence: it may not be empty"),
        ({"title": "Chống bạo loạn"}, "“bạo loạn” may not be used there"),
        ({"number": "", "subject": "Về gây rối trật tự"}, "“gây rối” may not be used there"),
        ({"number": "1" * 65}, "number: 65 characters; expected at most 64"),
        ({"kind": "thơ"}, "kind thơ: expected one of"),
        ({"issued_on": date(2004, 6, 2)}, "cannot be dated after today"),
        ({"fixed_by_document": True, "due_on": None}, "give the deadline that the document fixes"),
        ({"due_on": date(2004, 5, 31)}, "before the launch itself"),
        ({"lead": "Vụ Không Có"}, "there is no unit"),
        ({"lead": "CA-DP"}, "an outside or retired unit cannot lead"),
        ({"partners": ("VU-KHTC",)}, "leads the task already"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(office: Office, change: dict[str, Any], told: str) -> None:
    before = count(office, Directive)
    with pytest.raises(BadInput, match=told):
        give(office, **change)
    assert (count(office, Directive), count(office, Task)) == (before, 0)


def test_several_faults_are_told_together(office: Office) -> None:
    with pytest.raises(BadRows) as told:
        give(office, quote="", title="", issuer="")
    assert len(told.value.faults) == 3


def test_a_lead_that_cannot_be_written_to_is_overridden_with_a_reason_only(office: Office) -> None:
    office.change_unit("VU-KHTC", head_id=None)
    with pytest.raises(Uncovered):
        give(office)
    with pytest.raises(BadInput, match="say why"):
        give(office, override=True)
    assert give(office, override=True, reason="Báo qua điện thoại").task is not None


def test_an_express_document_is_told_at_any_hour(office: Office) -> None:
    give(office, urgency=Urgency.EXPRESS)
    office.tick(ON)
    assert office.letters()
