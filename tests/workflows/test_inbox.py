"""What waits for whom: every kind of decision, for who may make it and for nobody else, the oldest first."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading
from models.directives.directive import Directive
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.tasks.task import DueFixedBy, Task
from models.text.localtime import local_date
from tests.ministry import Counted
from tests.office import COORDINATOR, Office, at, furnish
from tests.workflows.conversing import say
from workflows.access.rights import read_principal
from workflows.worklists.inbox import Inbox, InboxFilter, open_ask, read_inbox
from workflows.worklists.inbox_asks import Ask, count_by_directive, count_inbox

NOW = at(9, hour=10)  # a Wednesday
HEAD, SECOND = "luong.thi.ngan", "le.thi.d"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("2", "4")
    return office


def inbox(office: Office, who: str = COORDINATOR, now: Any = NOW, page: int = 1, **wanted: Any) -> Inbox:
    with reading(office.engine) as session:
        principal = read_principal(session, resolve_person(session, who), local_date(now))
        return read_inbox(session, principal, InboxFilter(**wanted), now=now, calendar=office.calendar, page=page)


def kinds(office: Office, who: str, **more: Any) -> list[tuple[str, str]]:
    return [(one.kind.value, one.unit_code) for one in inbox(office, who, **more).items]


def head(office: Office, unit: str) -> str:
    with reading(office.engine) as session:
        return session.get_one(Person, office.unit(unit).head_id).code


def everything(office: Office) -> None:
    """One of each kind."""
    office.submit(office.task("4"), HEAD, at(2))
    office.act(
        office.task("2", "T-LT"), "ask-extension", head(office, "T-LT"), at(3), due=date(2004, 7, 15), note="chờ"
    )
    office.act(office.task("2", "CTY-M"), "raise-obstacle", head(office, "CTY-M"), at(3), note="thiếu hướng dẫn")
    office.act(office.task("2", "CTY-L"), "not-ours", head(office, "CTY-L"), at(4), note="không phải", to="T-LT")
    task = office.task("2", "T-DD")
    office.act(task, "ask-extension", head(office, "T-DD"), at(3), due=date(2004, 8, 15), note="chờ")
    office.act(task, "counter-extension", COORDINATOR, at(4), due=date(2004, 7, 7), note="một tuần")
    say(office, office.task("2", "T-DD"), head(office, "T-DD"), at(4), "Báo cáo theo mẫu nào?", question=True)


def test_the_coordinator_has_every_kind_the_oldest_first_with_what_was_asked(office: Office) -> None:
    everything(office)
    found = inbox(office)
    assert [(one.kind, one.unit_code) for one in found.items] == [
        (Ask.RESULT, "VU-KHTC"),
        (Ask.EXTENSION, "T-LT"),
        (Ask.OBSTACLE, "CTY-M"),
        (Ask.LEAD_CHANGE, "CTY-L"),
        (Ask.QUESTION, "T-DD"),
    ]
    result, extension, obstacle, lead, question = found.items
    assert result.details["number"] == "12/BC"
    assert extension.details["asked_due_on"] == date(2004, 7, 15)
    assert obstacle.details["text"] == "thiếu hướng dẫn"
    assert (lead.details["to"], lead.details["reason"]) == ("T-LT", "không phải")
    assert (question.details["text"], question.reminded_on) == ("Báo cáo theo mẫu nào?", None)
    assert (result.waits, result.reminded_on, result.superior_on) == (5, date(2004, 6, 7), date(2004, 6, 9))
    assert (extension.reminded_on, extension.superior_on) == (date(2004, 6, 8), date(2004, 6, 10))
    assert found.counts == {Ask.RESULT: 1, Ask.EXTENSION: 1, Ask.OBSTACLE: 1, Ask.LEAD_CHANGE: 1, Ask.QUESTION: 1}


def test_a_request_near_the_date_says_that_it_is_reminded_before_it(office: Office) -> None:
    office.act(
        office.task("2", "T-LT"), "ask-extension", head(office, "T-LT"), at(28), due=date(2004, 7, 15), note="chờ"
    )
    [extension] = inbox(office, now=at(28, hour=10)).items
    assert (extension.reminded_on, extension.superior_on) == (date(2004, 6, 29), date(2004, 6, 30))


def test_a_unit_has_what_was_proposed_to_it_and_others_have_nothing(office: Office) -> None:
    everything(office)
    assert kinds(office, head(office, "T-DD")) == [("counter", "T-DD")]
    assert kinds(office, head(office, "T-LT")) == []
    assert kinds(office, "cao.gia.huy") == []


def test_what_was_decided_is_gone(office: Office) -> None:
    everything(office)
    office.act(office.task("4"), "approve", COORDINATOR, at(7))
    office.act(office.task("2", "T-LT"), "refuse-extension", COORDINATOR, at(7), note="đủ thời gian")
    office.act(office.task("2", "CTY-L"), "keep-lead", COORDINATOR, at(7), note="đúng chức năng")
    office.act(office.task("2", "CTY-M"), "answer-obstacle", SECOND, at(7), note="đã có hướng dẫn")
    office.act(office.task("2", "T-DD"), "agree-extension", head(office, "T-DD"), at(7))
    assert kinds(office, COORDINATOR) == [("question", "T-DD")]
    asked = inbox(office).items[0]
    say(office, office.task("2", "T-DD"), COORDINATOR, at(7), "Theo mẫu số 1.", answers=asked.ref)
    assert inbox(office).items == []
    assert kinds(office, head(office, "T-DD")) == []


def test_a_question_on_a_closed_task_waits_no_more(office: Office) -> None:
    task = office.task("2", "T-LT")
    say(office, task, head(office, "T-LT"), at(4), "Báo cáo theo mẫu nào?", question=True)
    office.act(task, "withdraw", COORDINATOR, at(5), note="không cần nữa")
    assert inbox(office).items == []


def test_a_question_on_a_directive_waits_for_who_may_answer_it(office: Office) -> None:
    asker = head(office, "T-LT")
    asked = say(office, None, asker, at(4), "Ai trả lời báo chí?", question=True)
    say(office, office.task("2", "T-DD"), head(office, "T-DD"), at(3), "Báo cáo theo mẫu nào?", question=True)
    assert kinds(office, COORDINATOR) == [("question", "T-DD"), ("question", "T-LT")]
    issuers_office = "tran.duc.thinh"  # it coordinates the directive too, but did not give out the task
    assert kinds(office, issuers_office) == [("question", "T-LT")]
    assert [kinds(office, who) for who in (asker, head(office, "CTY-M"), "cao.gia.huy")] == [[], [], []]
    waiting = inbox(office, q="lien tinh").items[0]
    assert (waiting.ref, waiting.task_id, waiting.seen, waiting.path) == (asked.message_id, None, None, "")
    assert (waiting.directive_code, waiting.due_at, waiting.is_late) == ("ct-06-2004", None, False)
    assert waiting.details["text"] == "Ai trả lời báo chí?"
    with reading(office.engine) as session:
        principal = read_principal(session, resolve_person(session, COORDINATOR), local_date(NOW))
        given: Any = {"now": NOW, "calendar": office.calendar}
        opened = open_ask(session, principal, asked.message_id, **given)
        assert opened is not None and opened.item == waiting
        assert count_inbox(session, principal, **given) == {Ask.QUESTION: 2}
        assert count_by_directive(session, principal, **given) == {"ct-06-2004": 2}
    say(office, None, SECOND, at(7), "Văn phòng Bộ trả lời.", answers=asked.message_id)
    assert kinds(office, COORDINATOR) == [("question", "T-DD")]
    assert kinds(office, issuers_office) == []


def test_a_date_that_the_directive_fixes_is_the_issuers_office_to_move(office: Office) -> None:
    task = office.task("2", "T-LT")
    office.change_task(task, due_fixed_by=DueFixedBy.DIRECTIVE)
    office.act(task, "ask-extension", head(office, "T-LT"), at(3), due=date(2004, 7, 15), note="chờ")
    assert kinds(office, COORDINATOR) == []
    assert kinds(office, "tran.duc.thinh") == [("extension", "T-LT")], "the head of Văn phòng Bộ"


def test_nobody_decides_on_their_own_units_work(office: Office) -> None:
    task = office.task("2", "T-LT")
    with reading(office.engine) as session:
        coordinating = session.exec(select(Directive.coordinating_unit_id)).one()
    office.change_task(task, lead_unit_id=coordinating)
    office.act(task, "accept", SECOND, at(2))
    office.act(task, "submit", SECOND, at(3), number="3/BC", date=date(2004, 6, 3))
    assert kinds(office, COORDINATOR) == []
    assert kinds(office, "tran.duc.thinh") == [("result", "VU-VT")]


def test_a_head_decides_on_what_was_handed_down(office: Office) -> None:
    task = office.task("2", "T-LT")
    office.act(task, "cascade", head(office, "T-LT"), at(2), units=["T-LT-KV1"])
    with reading(office.engine) as session:
        child = session.exec(select(Task).where(Task.parent_id == task.id)).one()
    office.act(child, "submit", head(office, "T-LT-KV1"), at(3), number="3/BC", date=date(2004, 6, 3))
    assert kinds(office, head(office, "T-LT")) == [("result", "T-LT-KV1")]
    assert kinds(office, COORDINATOR) == []


def test_tasks_without_a_date_are_asked_about_after_two_working_days(engine: Engine, tmp_path: Path) -> None:
    office = furnish(engine, tmp_path)
    office.launch("4", due=None, on=at(1))
    assert kinds(office, COORDINATOR, now=at(2, hour=17)) == []
    assert kinds(office, COORDINATOR, now=at(3)) == [("no_date", "VU-KHTC")]
    office.act(office.task("4"), "set-date", COORDINATOR, at(3), due=date(2004, 7, 1))
    assert kinds(office, COORDINATOR, now=at(4)) == []


def test_filters_and_pages(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    everything(office)
    assert kinds(office, COORDINATOR, kind=Ask.OBSTACLE) == [("obstacle", "CTY-M")]
    assert kinds(office, COORDINATOR, q="vien thong lien tinh") == [("extension", "T-LT")]
    assert kinds(office, COORDINATOR, q="cty-m") == [("obstacle", "CTY-M")]
    assert kinds(office, COORDINATOR, directive="other") == []
    monkeypatch.setattr("workflows.worklists.inbox.PER_PAGE", 3)
    assert [len(inbox(office, page=page).items) for page in (1, 2, 3)] == [3, 2, 2]
    assert inbox(office).paging.pages == 2


def test_as_many_queries_for_many_as_for_none(office: Office) -> None:
    def queries() -> int:
        with reading(office.engine) as session:
            principal = read_principal(session, resolve_person(session, COORDINATOR), local_date(NOW))
            with Counted(session) as statements:
                read_inbox(session, principal, InboxFilter(), now=NOW, calendar=office.calendar)
            return len(statements)

    before = queries()
    everything(office)
    for unit in ("T-LT", "T-DD", "CTY-M"):
        say(office, None, head(office, unit), at(4), "Ai trả lời báo chí?", question=True)
    assert queries() == before <= 9
