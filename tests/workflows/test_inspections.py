"""An inspection from its plan to its end: told, found, corrected under the ladder, closed; and what is refused."""

import threading
from dataclasses import asdict, replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from models.database.ids import new_id
from models.database.session import reading, transaction
from models.directives.directive import find_directive
from models.errors import BadInput, BadRows, NotFound, Refused
from models.inspections.inspection import (
    InspectedUnit,
    Inspection,
    InspectionCorrection,
    InspectionFinding,
    InspectionItem,
    InspectionState,
    Verdict,
)
from models.tasks.evidence_files import GivenFile, evidence_path
from models.tasks.history import History
from models.tasks.task import Task, TaskStatus
from models.text.localtime import due_date
from tests.inspecting import DEMAND, FIRST, LEAD, MEMBER, QUESTIONS, Team, order, person
from tests.office import COORDINATOR, ON, Office, at, attachments, body, furnish
from workflows.access.rights import Forbidden, read_principal
from workflows.inspections.findings import NewFinding
from workflows.inspections.inspection_rows import SentDocument
from workflows.inspections.order import OrderedQuestion, choose_units
from workflows.inspections.plan import plan_inspection
from workflows.jobs.cleanup.purge import delete_left_files
from workflows.operations.setup import BUNDLED

HEAD, OTHER_HEAD = "dinh.hoang.long", "ta.chi.thanh"  # of CTY-L, of CTY-M
S = InspectionState


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


@pytest.fixture
def team(office: Office) -> Team:
    return Team.plan(office)


def found(team: Team) -> None:
    """Every question answered; one shortcoming at CTY-L."""
    team.find("CTY-L", at(15, hour=10), q1="not_met", q2="met", q3="met")
    team.find("CTY-M", at(16, hour=10), q1="met", q2="not_applicable", q3="met")


def test_the_whole_story(office: Office, team: Team) -> None:
    office.tick(ON + timedelta(minutes=1))
    letter = office.sent(HEAD)[-1]
    assert "Dương Thanh Tùng" in body(letter) and "1) mục 2: Phương án bảo đảm thông tin" in " ".join(
        body(letter).split()
    )
    assert attachments(letter), "the visit's day comes with its calendar entry"

    team.move("CTY-L", date(2004, 6, 17), at(7, hour=9))
    office.tick(at(7, hour=14))
    assert "17/06/2004" in body(office.sent(HEAD)[-1])
    assert team.row().state is S.PLANNED

    found(team)
    assert team.row().state is S.UNDER_WAY
    task = team.correct("CTY-L", 1, at(17, hour=15))
    office.tick(at(17, hour=15, minute=1))
    assert any("Hoàn thiện phương án" in body(letter) for letter in office.sent(HEAD)[-2:])  # beside the day's digest
    team.send(at(18, hour=9))
    office.tick(at(18, hour=14))
    assert "đã gửi kết quả kiểm tra" in body(office.sent(HEAD)[-1])
    assert "đã gửi kết quả kiểm tra" in body(office.sent(OTHER_HEAD)[-1])
    assert team.visit("CTY-L").status is TaskStatus.WITHDRAWN, "nobody is pressed for a report after the visit"

    office.days(at(19), at(23, month=7))  # due on 25 June: late, and pressed as any other task
    rungs = {(rung, offset) for rung, offset, _who, _state in office.notices(task)}
    assert {("overdue", 1), ("overdue", 4), ("pressed_1", 7), ("pressed_2", 15)} <= rungs, rungs
    with pytest.raises(Refused, match="correction of question 1 is neither approved nor withdrawn"):
        team.close(at(23, month=7))

    office.submit(task, HEAD, at(26, month=7))
    with pytest.raises(Refused, match="cannot be closed yet"):
        team.close(at(26, month=7))
    office.act(task, "approve", COORDINATOR, at(27, month=7))
    team.close(at(28, month=7))
    sheet = team.sheet(now=at(28, month=7))
    assert (sheet.state, sheet.summary, sheet.points) == (S.CLOSED, "Các đơn vị đã khắc phục", ())
    assert [line.event for line in sheet.history][:2] == ["inspection_closed", "approved"]
    told = [line.event for line in sheet.history]
    assert (told.count("visit_moved"), told.count("due_moved"), told.count("findings_sent")) == (1, 0, 1)
    assert "assigned" not in told and "inspection_findings" not in told, "each thing is told once"
    (unit, answer, fix) = sheet.corrections[0]
    assert (unit.code, answer.question.duty, fix.result) == ("CTY-L", "2", SentDocument("12/BC", date(2004, 7, 26)))


def test_planning_twice_with_one_form_plans_once(office: Office) -> None:
    one, given = order(office), new_id()
    for _time in range(2):
        with transaction(office.engine) as session:
            principal = read_principal(session, person(session, COORDINATOR), ON.date())
            plan_inspection(
                office.acting(session, principal.person, ON),
                principal,
                find_directive(session, BUNDLED),
                one,
                inspection_id=given,
            )
    with reading(office.engine) as session:
        assert len(session.exec(select(Inspection)).all()) == 1
        assert len(session.exec(select(InspectedUnit)).all()) == len(session.exec(select(Task)).all()) == 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"title": " "}, "it may not be empty"),
        ({"title": "Kiểm tra việc chống bạo động"}, "may not be used there"),
        ({"questions": ()}, "choose duties of the directive"),
        ({"questions": (OrderedQuestion("x", duty="99"),)}, "not in this directive"),
        ({"units": {}}, "choose at least one to inspect"),
        ({"units": {"VU-VT": FIRST}}, "nobody inspects themselves"),
        ({"units": {"CTY-L": date(2004, 7, 1)}}, "outside the inspection"),
        ({"starts_on": date(2004, 5, 1), "units": {"CTY-L": date(2004, 5, 3)}}, "the day is past"),
        ({"ends_on": date(2004, 6, 1)}, "before the first"),
        ({"members": (HEAD,)}, "belongs to an inspected unit"),
        ({"decision_on": date(2004, 5, 1)}, "a date without a number"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_and_nothing_stays(office: Office, changes: dict[str, Any], says: str) -> None:
    before = office.rows()
    with pytest.raises((BadInput, BadRows)) as error:
        Team.plan(office, **changes)
    assert says in error.value.tell("en")
    assert office.rows() == before


def test_a_secret_question_is_refused(office: Office) -> None:
    with pytest.raises(Refused, match="MẬT"):
        Team.plan(office, questions=(OrderedQuestion("MẬT\nPhương án"),))


def test_who_does_not_coordinate_the_directive_plans_nothing(office: Office) -> None:
    with pytest.raises(Forbidden):
        Team.plan(office, by=HEAD)


def test_a_decision_gives_the_document_its_number(office: Office) -> None:
    team = Team.plan(office, decision_number="12/QĐ-BBCVT", decision_on=date(2004, 5, 31))
    office.tick(ON + timedelta(minutes=1))
    assert "12/QĐ-BBCVT" in str(office.sent(HEAD)[-1]["Subject"])
    assert team.sheet().decision_number == "12/QĐ-BBCVT"
    with pytest.raises(Refused, match="this document is here already"):
        Team.plan(office, decision_number="12/QĐ-BBCVT")


def test_the_board_of_the_inspected_directive_and_its_figures_stay_as_they_are(office: Office, team: Team) -> None:
    with reading(office.engine) as session:
        directive = find_directive(session, BUNDLED)
        assert session.exec(select(Task).where(Task.directive_id == directive.id)).first() is None
        assert (
            session.exec(select(History).where(History.directive_id == directive.id, History.event == "launched")).all()
            == []
        )


def test_a_unit_asks_for_another_day_as_for_any_task(office: Office, team: Team) -> None:
    task = team.visit("CTY-L")
    office.act(task, "ask-extension", HEAD, at(2), due=date(2004, 6, 18), note="Thủ trưởng đi công tác")
    office.act(task, "grant-extension", COORDINATOR, at(3))
    unit = team.sheet().units[0]
    assert (unit.visit_on, unit.first_visit_on) == (date(2004, 6, 18), FIRST)


def test_calling_off_is_told_with_its_reason_and_leaves_nothing_to_do(office: Office, team: Team) -> None:
    office.tick(ON + timedelta(minutes=1))
    office.submit(team.visit("CTY-M"), OTHER_HEAD, at(3))
    office.act(team.visit("CTY-M"), "approve", COORDINATOR, at(4))
    team.cancel(at(7, hour=9))
    office.tick(at(7, hour=14))
    assert "Hoãn theo chỉ đạo của Bộ" in body(office.sent(HEAD)[-1])
    assert "Đợt kiểm tra tại đơn vị đã được huỷ" in body(office.sent(OTHER_HEAD)[-1]), "also who had sent the report"
    assert team.visit("CTY-L").status is TaskStatus.WITHDRAWN
    with pytest.raises(Refused, match="not possible now"):
        team.find("CTY-L", at(15), q1="met")


def test_calling_off_waits_for_corrections_that_are_open(office: Office, team: Team) -> None:
    team.find("CTY-L", at(15), q1="partly")
    team.correct("CTY-L", 1, at(15))
    with pytest.raises(Refused, match="withdraw it first"):
        team.cancel(at(16))


def test_a_finding_on_a_unit_that_is_not_inspected_is_refused_also_by_the_database(office: Office, team: Team) -> None:
    with pytest.raises(NotFound, match="does not inspect it"):
        team.find("TCT-T", at(15), q1="met")
    with pytest.raises(BadInput, match="the checklist has 1 to 3"):
        team.find("CTY-L", at(15), q4="met")
    other = Team.plan(office, units={"CTY-E": FIRST})
    mine, foreign = (_question(office, one) for one in (team, other))
    for code, item_id in (("TCT-T", mine), ("CTY-L", foreign)):
        with pytest.raises(IntegrityError), transaction(office.engine) as session:
            session.add(
                InspectionFinding(
                    inspection_id=team.id,
                    unit_id=office.unit(code).id,
                    item_id=item_id,
                    verdict=Verdict.MET,
                    found_at=at(15),
                    found_by=office.person(LEAD).id,
                )
            )


def _question(office: Office, team: Team) -> UUID:
    with reading(office.engine) as session:
        query = select(InspectionItem.id).where(InspectionItem.inspection_id == team.id)
        return session.exec(query.order_by(col(InspectionItem.position))).first() or pytest.fail("no question")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (NewFinding(Verdict.NOT_MET), "say in words what is lacking"),
        (NewFinding(None, "x"), "choose met"),
        (NewFinding(Verdict.MET, settled="x"), "only a shortcoming"),
        (NewFinding(Verdict.NOT_MET, "x" * 4001), "at most 4000"),
    ],
)
def test_a_finding_says_what_it_must(team: Team, given: NewFinding, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        team.find("CTY-L", at(15), q1=given)


def test_two_who_record_the_same_question_do_not_overwrite_each_other(team: Team) -> None:
    assert team.find("CTY-L", at(15), q1=NewFinding(Verdict.PARTLY, "Thiếu phụ lục", seen=0)) == 1
    with pytest.raises(Refused, match="somebody else recorded it"):
        team.find("CTY-L", at(15), by=MEMBER, q1=NewFinding(Verdict.MET, seen=0))
    assert team.find("CTY-L", at(15), by=MEMBER, q1=NewFinding(Verdict.PARTLY, "Thiếu phụ lục", seen=0)) == 0, (
        "nothing new"
    )
    assert team.find("CTY-L", at(15), by=MEMBER, q1=NewFinding(Verdict.MET, seen=1)) == 1


def test_findings_stand_once_they_are_sent_and_are_sent_whole(team: Team) -> None:
    team.find("CTY-L", at(15), q1="met", q2="met")
    with pytest.raises(Refused) as error:
        team.send(at(16))
    assert "no answer yet to question 3" in error.value.tell("en") and "1, 2, 3" in error.value.tell("en")
    found(team)
    team.send(at(18))
    with pytest.raises(Refused, match="not possible now"):
        team.find("CTY-L", at(18), q1="met")


def test_a_shortcoming_needs_a_correction_or_how_it_was_settled(team: Team) -> None:
    found(team)
    team.send(at(18))
    with pytest.raises(Refused, match="question 1 lacks a correction"):
        team.close(at(19))
    with pytest.raises(Refused, match="nothing is lacking there"):
        team.correct("CTY-M", 1, at(19))
    team.settle("CTY-L", 1, "Đã bổ sung ngay trong ngày", at(19))
    team.close(at(20))
    assert team.row().state is S.CLOSED


def test_a_correction_withdrawn_with_its_reason_lets_the_inspection_close(office: Office, team: Team) -> None:
    found(team)
    task = team.correct("CTY-L", 1, at(17))
    team.send(at(18))
    office.act(task, "withdraw", COORDINATOR, at(19), note="Đơn vị đã giải thể bộ phận này")
    team.close(at(20))
    assert team.row().state is S.CLOSED


def test_a_correction_is_demanded_once_by_one_form_and_followed_up_by_a_coordinator(office: Office, team: Team) -> None:
    team.find("CTY-L", at(15), q1="not_met")
    given = new_id()
    first = team.correct("CTY-L", 1, at(15), by=MEMBER, correction_id=given)
    assert team.correct("CTY-L", 1, at(15), by=MEMBER, correction_id=given).id == first.id
    with reading(office.engine) as session:
        assert len(session.exec(select(InspectionCorrection)).all()) == 1
    assert (first.coordinator_id, due_date(first.due_at)) == (office.person(COORDINATOR).id, DEMAND.due_on)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="the day is past"):
        team.correct("CTY-L", 1, at(15), demand=replace(DEMAND, due_on=date(2004, 6, 1)))


def test_a_unit_reads_only_what_was_found_of_itself_and_only_when_it_is_sent(office: Office, team: Team) -> None:
    found(team)
    own = team.sheet(by=HEAD)
    assert [unit.code for unit in own.units] == ["CTY-L"]
    assert all(one.verdict is None for one in own.units[0].answers), "not sent yet"
    team.correct("CTY-L", 1, at(17))
    team.send(at(18))
    assert [one.verdict for one in team.sheet(by=HEAD).units[0].answers] == [Verdict.NOT_MET, Verdict.MET, Verdict.MET]
    team.settle("CTY-L", 1, "xong", at(18))
    told = str(asdict(team.sheet(by=OTHER_HEAD)))
    assert "CTY-L" not in told and "Hoàn thiện phương án" not in told
    assert team.sheet(by=OTHER_HEAD).points == ()


def test_a_foreign_head_finds_nothing_and_an_observer_only_looks(office: Office, team: Team) -> None:
    with pytest.raises(NotFound):
        team.sheet(by="nguyen.thanh.tung")  # of CTY-E
    assert len(team.sheet(by="nguyen.minh.quan").units) == 2
    for deed in (lambda by: team.find("CTY-L", at(15), by=by, q1="met"), lambda by: team.cancel(at(15), by=by)):
        for by in ("nguyen.minh.quan", HEAD):
            with pytest.raises(Forbidden):
                deed(by)
    with pytest.raises(Forbidden):
        team.move("CTY-L", date(2004, 6, 17), at(7), by=MEMBER)
    with pytest.raises(Forbidden):
        team.send(at(18), by=MEMBER)


def test_a_file_beside_a_finding_is_kept_as_long_as_the_finding(office: Office, team: Team) -> None:
    photo = GivenFile("biên bản.txt", lambda: BytesIO("Biên bản làm việc".encode()))
    team.find("CTY-L", at(15), q1=NewFinding(Verdict.MET, files=[photo]))
    (file,) = team.sheet().units[0].answers[0].files
    assert file.filename == "biên bản.txt"
    stored = [path for path in office.settings.evidence.glob("*/*") if path.is_file()]
    assert delete_left_files(office.engine, office.settings.evidence, now=at(1, month=12).replace(year=2100)) == 0
    assert stored == [evidence_path(office.settings.evidence, stored[0].name)]
    many = [photo] * 10
    with pytest.raises(BadInput, match="at most 10"):
        team.find("CTY-L", at(15), q1=NewFinding(Verdict.MET, files=many))


def test_a_closing_does_not_pass_a_finding_that_is_being_written(office: Office, team: Team) -> None:
    """Sending waits for who holds the row, and then sees what they wrote."""
    found(team)
    started, failures = threading.Event(), []

    def send() -> None:
        started.set()
        try:
            team.send(at(18))
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=send)
    with transaction(office.engine) as session:
        session.execute(text("UPDATE inspection SET revision = revision + 1"))
        session.execute(text("DELETE FROM inspection_finding WHERE words = ''"))
        thread.start()
        started.wait()
        thread.join(0.3)
        assert thread.is_alive(), "it waits"
    thread.join()
    assert [str(type(error).__name__) for error in failures] == ["Refused"]
    assert team.row().state is S.UNDER_WAY


def test_units_are_chosen_by_kind_tag_and_name(office: Office) -> None:
    with reading(office.engine) as session:
        posts = choose_units(session, kinds=(office.unit("TCT-T").kind,), tags=("post",))
        assert {"TCT-T", "BD-A"} <= {unit.code for unit in posts} and "CTY-M" not in {unit.code for unit in posts}
        assert [unit.code for unit in choose_units(session, names=("CTY-M",))] == ["CTY-M"]
        assert choose_units(session) == []
        with pytest.raises(BadInput, match="no unit is called"):
            choose_units(session, names=("Công ty Không Có",))


def test_the_letters_speak_of_questions_not_of_words_too_loud_for_a_subject(office: Office, team: Team) -> None:
    office.tick(ON + timedelta(minutes=1))
    subjects = [str(one["Subject"]) for one in office.sent(HEAD)]
    assert subjects and all("mục 1" in one for one in subjects)
    assert [one.text for one in team.sheet().questions] == [one.text for one in QUESTIONS]
