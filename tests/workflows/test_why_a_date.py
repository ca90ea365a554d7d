"""Why a task's date is what it is: kept as facts, with the history, and told to each reader in their language."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.due_facts import HoursFromAssignment, WholeMovedUp, read_due_facts, store_due_facts
from models.tasks.history import History, HistoryNote
from models.tasks.task import Task
from tests.office import COORDINATOR, Office, at, body, furnish
from workflows.history.archive.archived_records import columns_of
from workflows.history.seal import seal
from workflows.history.verify_history import verify

SENTENCE = "15 ngày kể từ ngày ký 07/05/2004"
MOVED_UP = {
    "vi": "thời hạn của nhiệm vụ cấp trên đã chuyển lên sớm hơn",
    "en": "the deadline of the task above moved to an earlier day",
}


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def lines(office: Office, task: Task, event: str) -> list[History]:
    with reading(office.engine) as session:
        return list(session.exec(select(History).where(History.task_id == task.id, History.event == event)))


def test_a_launch_keeps_why_as_facts_with_the_task_and_its_line(office: Office) -> None:
    office.launch("2.a")
    office.declare("CTY-E", now=at(3))
    task = office.task("2.a", "CTY-E")
    (fact,) = read_due_facts(task.due_facts)
    assert fact == HoursFromAssignment(hours=24, assigned_at=at(3)) and task.due_reason == ""
    (line,) = lines(office, task, "assigned")
    assert line.facts["due_facts"] == task.due_facts and "due_reason" not in line.facts


def test_a_date_without_a_reason_has_no_facts(office: Office) -> None:
    office.launch("4")
    task = office.task("4")
    assert (task.due_facts, task.due_reason) == ([], "")
    (line,) = lines(office, task, "assigned")
    assert "due_facts" not in line.facts


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_part_reads_in_its_own_language_why_its_date_moved(office: Office, language: str) -> None:
    office.launch("3")
    whole = office.task("3", "T-LT")
    office.act(whole, "set-date", COORDINATOR, at(1, hour=9), due=date(2004, 6, 30), note="theo quý")
    office.act(whole, "cascade", "duong.trong.nghia", at(1, hour=9), units=("T-LT-KV1",), due=date(2004, 6, 15))
    part = office.task("3", "T-LT-KV1")
    with reading(office.engine) as session:
        head = session.get_one(Person, session.get_one(Unit, part.lead_unit_id).head_id).code
    office.change_person(head, language=language)
    office.act(whole, "set-date", COORDINATOR, at(2, hour=9), due=date(2004, 6, 10), note="gấp")
    office.tick(at(3))
    with reading(office.engine) as session:
        part = session.get_one(Task, part.id)
        moved = session.exec(select(History.id).where(History.task_id == part.id, History.event == "due_moved")).one()
        assert session.get(HistoryNote, moved) is None, "no words are kept, only facts"
    assert read_due_facts(part.due_facts) == (WholeMovedUp(),)
    told = [" ".join(body(one).split()) for one in office.sent(head)]
    assert all(MOVED_UP[language] in one for one in told) and any(f"“{MOVED_UP[language]}”" in one for one in told)


def test_who_moves_a_date_puts_words_in_place_of_facts(office: Office) -> None:
    office.launch("4")
    task = office.task("4")
    office.change_task(task, due_facts=store_due_facts([WholeMovedUp()]))
    office.act(task, "set-date", COORDINATOR, at(2, hour=9), due=date(2004, 7, 15), note="Bộ đồng ý")
    task = office.task("4")
    assert (task.due_facts, task.due_reason) == ([], "Bộ đồng ý")


def test_the_database_takes_either_words_or_facts(office: Office) -> None:
    office.launch("4")
    facts = store_due_facts([WholeMovedUp()])
    for given in ({"due_reason": SENTENCE}, {"due_reason": "", "due_facts": facts}):
        with transaction(office.engine) as session:
            session.execute(update(Task).values(**given))
    with pytest.raises(IntegrityError, match="one_reason"), transaction(office.engine) as session:
        session.execute(update(Task).where(col(Task.due_reason) == "").values(due_reason=SENTENCE))


def test_an_archive_says_it_in_words_beside_the_facts(office: Office) -> None:
    office.launch("2.a")
    office.declare("CTY-E", now=at(3))
    told = columns_of(office.task("2.a", "CTY-E"))
    assert told["due_reason"] == "24 giờ kể từ khi giao (08 giờ 00 ngày 03/06/2004)"
    assert [one["code"] for one in told["due_facts"]] == ["hours"]


def test_a_history_of_sentences_and_of_facts_is_whole(office: Office) -> None:
    office.launch("2.a")
    office.declare("CTY-E", now=at(3))
    task = office.task("2.a", "CTY-E")
    with transaction(office.engine) as session:
        session.add(
            History(
                recorded_at=at(4),
                occurred_on=date(2004, 6, 4),
                directive_id=task.directive_id,
                task_id=task.id,
                event="due_moved",
                relation="system",
                facts={"due_on": "2004-06-05", "due_reason": SENTENCE},
            )
        )
    assert seal(office.engine, now=at(10)) > 0
    assert verify(office.engine).broken is None
