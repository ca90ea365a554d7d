"""Who decides on a result: the unit that the template's `reports_to` names, where it can; else the assigner."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from models.database.session import reading, transaction
from models.directives.directive import Duty
from models.directives.template import TemplateVersion
from models.errors import NotFound, Refused
from models.letters.letter_preference import Pace
from models.organization.person import Absence, Person
from models.organization.unit import Unit
from models.tasks.history import RECORDED, History
from models.tasks.task import OPEN_STATUSES, Extension, Task, TaskStatus, WaitKind
from models.text.localtime import local_date
from tests.office import COORDINATOR, ON, Office, at, body, furnish
from workflows.access.receiver import received_by
from workflows.access.relations import relations_of
from workflows.access.rights import open_directive, read_principal, visible_tasks
from workflows.access.roster import Roster
from workflows.access.task_access import look_at
from workflows.escalation.explanation import explain_task
from workflows.rules.rights_table import Right
from workflows.rules.tasks.actions import Relation
from workflows.templates.draft import new_draft
from workflows.templates.publish import publish
from workflows.worklists.inbox import InboxFilter, read_inbox
from workflows.worklists.inbox_asks import Ask
from workflows.worklists.work_lines import read_work_line, select_work_lines

pytestmark = pytest.mark.long

PEER, PEERS_HEAD = "VU-BC", "ly.ngoc.anh"
OFFICE, OFFICES_HEAD, OFFICES_DEPUTY, OFFICES_COORDINATOR = "VP", "tran.duc.thinh", "pham.thi.hanh", "hoang.quoc.bao"
LAW, LAWS_HEAD, LAWS_OFFICER = "VU-PC", "quach.viet.hung", "ung.thi.le"
"""A department that has to do with nothing here, unless results go to it."""
SENT = at(2, hour=9)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    for person in (COORDINATOR, OFFICES_HEAD, LAWS_HEAD):
        office.choose(person, requests=Pace.TWO_HOURS)
    return office


def reports_to(office: Office, path: str, code: str | None, *, migrate_open: bool = False) -> None:
    """Publish a version of the duty's template whose results go to a unit."""
    with transaction(office.engine) as session:
        duty = session.exec(select(Duty).where(Duty.path == path)).one()
        version = session.exec(
            select(TemplateVersion).where(TemplateVersion.duty_id == duty.id, TemplateVersion.state == "published")
        ).one()
        spec = version.read_spec().model_copy(update={"reports_to": code})
        draft = new_draft(session, duty, spec, now=SENT)
        publish(session, draft.id, now=SENT, migrate_open=migrate_open)


def sent_by_the_peer(office: Office) -> Task:
    """Vụ Bưu chính has sent its report on the oversight."""
    office.launch("oversight")
    office.tick(ON)
    task = office.task("oversight", PEER)
    office.submit(task, PEERS_HEAD, SENT)
    return task


def sent_by_the_planners(office: Office) -> Task:
    """Vụ Kế hoạch – Tài chính has sent the study of duty 4, which Vụ Viễn thông assigned."""
    office.launch("4")
    office.tick(ON)
    task = office.task("4")
    office.submit(task, "luong.thi.ngan", SENT)
    return task


def _cast(session: Session) -> Sequence[Person]:
    """Those who could decide at all: of the units that are spoken of, and the heads of a few others."""
    units = select(Unit.id).where(
        col(Unit.code).in_(("VP", "VU-VT", "VU-BC", "VU-KHTC", "VU-PC", "TTRA", "T-LT", "T-LT-KV1"))
    )
    return session.exec(select(Person).where(Person.is_active, col(Person.unit_id).in_(units))).all()


def may_decide(office: Office, task: Task, now: Any = SENT) -> set[str]:
    """Everybody whom the transition table lets decide on the result."""
    with reading(office.engine) as session:
        own = session.get_one(Task, task.id)
        day = local_date(now)
        return {one.code for one in _cast(session) if Relation.RECEIVER in relations_of(session, own, one, day)}


def have_it_in_their_inbox(office: Office, task: Task, now: Any = SENT) -> set[str]:
    found = set()
    with reading(office.engine) as session:
        for person in _cast(session):
            principal = read_principal(session, person, local_date(now))
            if not principal.may(Right.SEE_INBOX):
                continue
            inbox = read_inbox(session, principal, InboxFilter(kind=Ask.RESULT), now=now, calendar=office.calendar)
            if task.id in {one.task_id for one in inbox.items}:
                found.add(person.code)
    return found


def asked(office: Office, task: Task, role: str = "decider") -> list[str]:
    """Who is reminded to decide."""
    with reading(office.engine) as session:
        own = session.get_one(Task, task.id)
        found = Roster.for_tasks(session, [own], date(2004, 6, 8)).recipients(role, own)
        return [session.get_one(Person, one.person_id).code for one in found]


OF_THE_OFFICE = {OFFICES_HEAD, OFFICES_DEPUTY, OFFICES_COORDINATOR}
OF_THE_ASSIGNER = {"le.thi.d", "bui.cong.hoan", COORDINATOR, "ho.thi.mai"}
OF_THE_LAW = {LAWS_HEAD, "thai.duy.khanh"}


def test_the_peers_report_is_decided_by_the_ministers_office(office: Office) -> None:
    task = sent_by_the_peer(office)
    for stranger in (COORDINATOR, "le.thi.d", PEERS_HEAD, "dinh.thuc.quyen"):
        with pytest.raises(Refused, match="that is for: the unit that gets the result"):
            office.act(task, "approve", stranger, SENT)
    office.act(task, "return", OFFICES_COORDINATOR, at(3, hour=9), note="Thiếu số liệu")
    office.submit(task, PEERS_HEAD, at(4, hour=9))
    office.act(task, "approve", OFFICES_HEAD, at(7, hour=9))
    assert office.task("oversight", PEER).status is TaskStatus.APPROVED
    with reading(office.engine) as session:
        last = session.exec(select(History).where(History.task_id == task.id).order_by(*RECORDED)).all()[-1]
        assert (last.event, last.relation) == ("approved", "receiver")


def test_head_deputy_coordinators_and_stand_in_decide_for_the_unit(office: Office) -> None:
    task = sent_by_the_peer(office)
    assert may_decide(office, task) == have_it_in_their_inbox(office, task) == OF_THE_OFFICE
    with transaction(office.engine) as session:
        away, instead = office.person(OFFICES_HEAD).id, office.person("vu.huu.phuoc").id
        session.add(Absence(person_id=away, stand_in_id=instead, starts_on=date(2004, 6, 1), ends_on=date(2004, 6, 4)))
    assert may_decide(office, task) == have_it_in_their_inbox(office, task) == OF_THE_OFFICE | {"vu.huu.phuoc"}


def _nobody(office: Office) -> None:
    reports_to(office, "4", None)


def _without_head(office: Office) -> None:
    reports_to(office, "4", LAW)
    office.change_unit(LAW, head_id=None)


def _retired(office: Office) -> None:
    reports_to(office, "4", LAW)
    office.change_unit(LAW, is_active=False)


def _outside(office: Office) -> None:
    reports_to(office, "4", LAW)
    office.change_unit(LAW, is_outside=True)


def _the_lead(office: Office) -> None:
    reports_to(office, "4", "VU-KHTC")


def _below_the_lead(office: Office) -> None:
    reports_to(office, "4", LAW)
    office.change_unit(LAW, parent_id=office.unit("VU-KHTC").id)


def _two_levels_below_the_lead(office: Office) -> None:
    reports_to(office, "4", LAW)
    office.change_unit("VU-HTQT", parent_id=office.unit("VU-KHTC").id)
    office.change_unit(LAW, parent_id=office.unit("VU-HTQT").id)


def _police(office: Office) -> None:
    reports_to(office, "4", "CA-NV")


@pytest.mark.parametrize(
    "place",
    [_nobody, _without_head, _retired, _outside, _the_lead, _below_the_lead, _two_levels_below_the_lead, _police],
)
def test_the_assigner_decides_where_the_unit_named_cannot(office: Office, place: Callable[[Office], None]) -> None:
    place(office)
    task = sent_by_the_planners(office)
    assert may_decide(office, task) == have_it_in_their_inbox(office, task) == OF_THE_ASSIGNER
    assert asked(office, task) == [COORDINATOR] and asked(office, task, "decider_superior") == ["le.thi.d"]
    office.act(task, "approve", COORDINATOR, at(3, hour=9))


def test_a_later_head_or_a_moved_version_is_followed(office: Office) -> None:
    task = sent_by_the_planners(office)
    assert may_decide(office, task) == OF_THE_ASSIGNER
    reports_to(office, "4", LAW)
    assert may_decide(office, task) == OF_THE_ASSIGNER  # an open task keeps its version …
    reports_to(office, "4", OFFICE)
    reports_to(office, "4", LAW, migrate_open=True)
    assert may_decide(office, task) == have_it_in_their_inbox(office, task) == OF_THE_LAW  # … unless it is moved
    assert asked(office, task) == [LAWS_HEAD]
    office.change_unit(LAW, head_id=office.person(LAWS_OFFICER).id)
    assert may_decide(office, task) == have_it_in_their_inbox(office, task) == {LAWS_OFFICER, "thai.duy.khanh"}
    assert asked(office, task) == [LAWS_OFFICER]
    office.change_task(task, lead_unit_id=office.unit(LAW).id)  # another lead: nobody decides on their own work
    assert may_decide(office, task) == have_it_in_their_inbox(office, task) == OF_THE_ASSIGNER


def test_letters_ask_the_unit_that_gets_the_result(office: Office) -> None:
    task = sent_by_the_peer(office)
    office.days(at(3), at(3))
    assert any("kết quả đề nghị phê duyệt" in letter["subject"] for letter in office.sent(OFFICES_HEAD))
    assert [rung for rung, _offset in office.told(task, COORDINATOR) if rung == "event:submitted"] == []
    office.days(at(4), at(9))
    assert ("decide", 3) in office.told(task, OFFICES_HEAD)
    assert ("decide", 3) not in office.told(task, COORDINATOR)
    assert asked(office, task, "decider_superior") == []  # above the office stands the Minister: never by itself


def test_the_superior_of_who_decides_is_the_supervising_unit(office: Office) -> None:
    reports_to(office, "4", LAW)
    office.change_unit(LAW, supervising_unit_id=office.unit("TTRA").id)
    task = sent_by_the_planners(office)
    assert (asked(office, task), asked(office, task, "decider_superior")) == ([LAWS_HEAD], ["ly.hai.dang"])
    office.change_unit(LAW, supervising_unit_id=office.unit("VU-KHTC").id)  # the lead itself
    assert asked(office, task, "decider_superior") == []
    office.change_unit(LAW, supervising_unit_id=office.unit("BO").id)
    office.change_unit("BO", head_id=office.person("nguyen.minh.quan").id)
    assert asked(office, task, "decider_superior") == []


def test_a_result_taken_back_is_told_to_who_heard_of_it(office: Office) -> None:
    task = sent_by_the_peer(office)
    office.days(at(3), at(3))
    office.act(task, "take-back", PEERS_HEAD, at(3, hour=9))
    told = [(rung, person) for rung, _offset, person, _state in office.notices(task) if rung == "event:taken_back"]
    assert told == [("event:taken_back", OFFICES_HEAD)]


def test_more_time_stays_with_who_set_the_date(office: Office) -> None:
    reports_to(office, "4", LAW)
    office.launch("4")
    task = office.task("4")
    office.act(task, "ask-extension", "luong.thi.ngan", SENT, due=date(2004, 7, 9), note="Chờ số liệu")
    with pytest.raises(Refused):
        office.act(task, "grant-extension", LAWS_HEAD, SENT)
    assert office.task("4").wait_kind is WaitKind.EXTENSION and asked(office, task) == [COORDINATOR]
    office.act(task, "grant-extension", COORDINATOR, SENT)
    with reading(office.engine) as session:
        assert session.exec(select(Extension.state)).one() == "accepted"


def test_what_is_handed_down_is_decided_by_who_handed_it_down(office: Office) -> None:
    reports_to(office, "3", LAW)
    office.launch("3")
    whole = office.task("3", "T-LT")
    office.act(whole, "cascade", "duong.trong.nghia", SENT, units=("T-LT-KV1",))
    part = office.task("3", "T-LT-KV1")
    office.submit(part, "duong.minh.quan", SENT)
    assert "duong.trong.nghia" in may_decide(office, part) == have_it_in_their_inbox(office, part)
    assert LAWS_HEAD not in may_decide(office, part)
    office.act(part, "approve", "duong.trong.nghia", SENT)
    office.submit(whole, "duong.trong.nghia", SENT)
    assert may_decide(office, whole) == OF_THE_LAW


def test_the_unit_sees_the_tasks_whose_results_go_to_it_and_no_other(office: Office) -> None:
    reports_to(office, "4", LAW)
    task = sent_by_the_planners(office)
    office.launch("5", on=at(3))
    with reading(office.engine) as session:
        principal = read_principal(session, office.person(LAWS_HEAD), date(2004, 6, 3))
        seen = session.exec(select(Task).where(visible_tasks(principal))).all()
        own = office.unit(LAW).id
        assert {one.id for one in seen if one.lead_unit_id != own} == {task.id}
        assert look_at(session, principal, task.id, date(2004, 6, 3)).is_whole
        other = office.task("5", "VU-HTQT")
        with pytest.raises(NotFound):
            look_at(session, principal, other.id, date(2004, 6, 3))
        with pytest.raises(NotFound):  # its head is neither coordinator nor supervisor: no board
            open_directive(session, principal, "ct-06-2004")


def test_the_clerk_of_the_unit_records_the_paper_that_arrived(office: Office) -> None:
    reports_to(office, "4", "VU-BC")
    office.launch("4")
    office.act(
        office.task("4"),
        "receive",
        "mai.trong.nghia",
        SENT,
        number="9/BC",
        date=date(2004, 6, 1),
        received_on=date(2004, 6, 2),
    )
    assert office.task("4").status is TaskStatus.SUBMITTED


def test_pages_and_why_name_the_unit_that_decides(office: Office) -> None:
    task = sent_by_the_peer(office)
    with reading(office.engine) as session:
        row = session.execute(select_work_lines().where(col(Task.id) == task.id)).one()
        assert read_work_line(row, now=SENT, calendar=office.calendar).with_whom == "Văn phòng Bộ"
        assert explain_task(session, task.id, now=SENT, calendar=office.calendar).result_goes_to == "Văn phòng Bộ"


def test_the_first_letter_says_where_the_result_goes(office: Office) -> None:
    sent_by_the_peer(office)
    words = body(office.sent(PEERS_HEAD)[0])
    assert "Nơi nhận kết quả: Văn phòng Bộ" in words


def test_a_task_that_is_open_stays_open_to_the_assigners_other_acts(office: Office) -> None:
    task = sent_by_the_peer(office)
    office.act(task, "withdraw", COORDINATOR, at(3, hour=9), note="Giao lại")
    assert office.task("oversight", PEER).status not in OPEN_STATUSES


def test_tasks_are_found_by_the_index_on_the_units_code(office: Office) -> None:
    if office.engine.dialect.name != "sqlite":
        return  # PostgreSQL plans by statistics, and has a handful of templates here
    query = select(Task.id).where(received_by(frozenset({office.unit(LAW).id})))
    words = str(query.compile(office.engine, compile_kwargs={"literal_binds": True}))
    with office.engine.connect() as connection:
        steps = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}")]
    assert any(one.startswith("SEARCH template_version USING INDEX ix_template_version_reports_to") for one in steps)
    assert any(one.startswith("SEARCH task USING") for one in steps) and not any("SCAN task" in one for one in steps)
