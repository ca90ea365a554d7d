"""Many tasks at once: each for itself, each reason kept, nothing twice, and on after a kill."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models.database.ids import new_id
from models.database.session import open_engine, reading, transaction
from models.directives.directive import Directive
from models.errors import BadInput, Refused
from models.letters.letter import Letter, LetterKind
from models.operations.background_job import BackgroundJob, BackgroundJobState
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.tasks.history import History
from models.tasks.task import Task, TaskStatus
from models.text.localtime import local_date
from tests.keys import KEYS
from tests.office import COORDINATOR, Office, at, at_office, furnish
from tests.scenes import Play
from workflows.access.rights import Principal, read_principal
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.queue.background_jobs import Stopped, take_background_job
from workflows.rules.tasks.actions import Action
from workflows.worklists.board.board_rows import BoardFilter
from workflows.worklists.board.bulk_action import ask_bulk, bulk, read_refusals
from workflows.worklists.board.bulk_check import BulkCheck, Picked, check_bulk

NOW = at(2, hour=9)


def play(engine: Engine, folder: Path) -> None:
    office = furnish(engine, folder)
    office.launch("2", "4")
    office.tick(at(1))


@pytest.fixture
def engine(stage: Callable[[Play], str]) -> Iterator[Engine]:
    engine = open_engine(stage(play), KEYS)
    yield engine
    engine.dispose()


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return at_office(engine, tmp_path)


def place_of(session: Session, who: str = COORDINATOR) -> Principal:
    return read_principal(session, resolve_person(session, who), local_date(NOW))


def check(office: Office, action: Action, picked: Picked | None = None, **wanted: Any) -> BulkCheck:
    with reading(office.engine) as session:
        directive = session.exec(select(Directive)).one()
        return check_bulk(session, place_of(session), directive, BoardFilter(**wanted), picked or Picked(), action, NOW)


def ask(office: Office, checked: BulkCheck, job_id: UUID | None = None, **given: Any) -> BackgroundJob:
    with transaction(office.engine) as session:
        directive = session.exec(select(Directive)).one()
        return ask_bulk(session, place_of(session), directive, checked, given, job_id=job_id or new_id(), now=NOW)


def do(office: Office, job: BackgroundJob) -> BackgroundJob:
    run_background_jobs(office.engine, office.settings, now=NOW, only=job.id)
    with reading(office.engine) as session:
        return session.get_one(BackgroundJob, job.id)


def head(office: Office, unit: str) -> str:
    with reading(office.engine) as session:
        return session.get_one(Person, office.unit(unit).head_id).code


def test_reminding_many_is_one_letter_each_and_their_history_says_so(office: Office) -> None:
    checked = check(office, Action.REMIND, Picked(units=frozenset({"T-LT", "CTY-M", "CTY-E"})))
    job = do(office, ask(office, checked, note="họp giao ban thứ Sáu"))
    assert (job.state, job.outcome) == (BackgroundJobState.DONE, {"done": 3, "refused": 0})
    office.tick(at(2, hour=9, minute=5))
    with reading(office.engine) as session:
        told = session.exec(select(Letter.recipient_id).where(Letter.kind == LetterKind.EVENT)).all()
        rows = session.exec(select(History).where(History.event == "reminded")).all()
    assert len(told) == 3
    assert set(told) == {office.unit(code).head_id for code in ("T-LT", "CTY-M", "CTY-E")}
    assert {row.task_id for row in rows} == {one.id for one in checked.to_do}
    assert {row.actor_id for row in rows} == {office.person(COORDINATOR).id}


def test_one_unit_with_two_tasks_gets_one_letter_for_both(office: Office) -> None:
    with transaction(office.engine) as session:
        lead = office.unit("T-LT").id
        for task in session.exec(select(Task).where(Task.lead_unit_id == office.unit("VU-KHTC").id)):
            task.lead_unit_id = lead
    checked = check(office, Action.REMIND, Picked(units=frozenset({"T-LT"})))
    assert len(checked.to_do) == 2
    do(office, ask(office, checked))
    office.tick(at(2, hour=9, minute=5))
    with reading(office.engine) as session:
        assert len(session.exec(select(Letter).where(Letter.kind == LetterKind.EVENT)).all()) == 1


def test_what_waits_for_somebody_else_or_is_closed_is_left_out_with_the_reason(office: Office) -> None:
    office.act(office.task("2", "T-LT"), "raise-obstacle", head(office, "T-LT"), at(2), note="thiếu hướng dẫn")
    office.act(office.task("2", "CTY-M"), "withdraw", COORDINATOR, at(2), note="trùng")
    picked = Picked(units=frozenset({"T-LT", "CTY-M", "CTY-L"}))
    checked = check(office, Action.REMIND, picked)
    assert [one.unit_code for one in checked.to_do] == ["CTY-L"]
    assert {one.unit_code: one.why_not for one in checked.left_out} == {
        "T-LT": "waiting for the answer to an obstacle",
        "CTY-M": "withdrawn",
    }
    assert checked.digest != check(office, Action.REMIND).digest


def test_single_tasks_are_picked_by_the_last_digits_of_their_ids(office: Office) -> None:
    task = office.task("4")
    checked = check(office, Action.WITHDRAW, Picked(tasks=frozenset({task.id.hex[-12:]})))
    assert [one.id for one in checked.to_do] == [task.id]
    assert len(check(office, Action.WITHDRAW, duty=("2",)).to_do) > 20


def test_bulk_keeps_each_refusal_and_does_the_others(office: Office) -> None:
    checked = check(office, Action.REMIND, Picked(units=frozenset({"T-LT", "CTY-M"})))
    job = ask(office, checked)
    office.act(office.task("2", "T-LT"), "remind", "le.thi.d", at(2, hour=8, minute=30))
    job = do(office, job)
    assert job.outcome == {"done": 1, "refused": 1}
    with reading(office.engine) as session:
        refusals = read_refusals(session, job)
    assert list(refusals) == [office.task("2", "T-LT").id]
    assert "already" in refusals[office.task("2", "T-LT").id]["en"]
    assert "đã đôn đốc" in refusals[office.task("2", "T-LT").id]["vi"]


def test_the_same_form_twice_is_one_errand(office: Office) -> None:
    checked = check(office, Action.WITHDRAW, Picked(units=frozenset({"T-LT"})))
    nonce = new_id()
    first, second = (ask(office, checked, nonce, note="trùng") for _time in range(2))
    assert first.id == second.id
    do(office, first)
    do(office, second)
    assert office.task("2", "T-LT").status is TaskStatus.WITHDRAWN
    with reading(office.engine) as session:
        assert len(session.exec(select(History).where(History.event == "withdrawn")).all()) == 1


def test_after_a_kill_it_goes_on_with_the_next_task(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = check(office, Action.WITHDRAW, Picked(units=frozenset({"T-LT", "CTY-M", "CTY-L"})))
    job = ask(office, checked, note="trùng")
    turn = take_background_job(office.engine, office.settings, now=NOW, only=job.id)
    assert turn is not None
    asked = iter([False, False, True])
    turn.stop = lambda: next(asked)
    with pytest.raises(Stopped):
        bulk(turn)
    with transaction(office.engine) as session:
        turn.release(session)
    with reading(office.engine) as session:
        assert session.get_one(BackgroundJob, job.id).done == 2
    assert do(office, job).outcome == {"done": 3, "refused": 0}
    with reading(office.engine) as session:
        assert len(session.exec(select(History).where(History.event == "withdrawn")).all()) == 3


@pytest.mark.parametrize(
    ("action", "given"),
    [(Action.WITHDRAW, {"note": ""}), (Action.SET_DATE, {"due": "", "note": "x"}), (Action.CHANGE_LEAD, {"note": "x"})],
)
def test_what_is_missing_is_named_and_nothing_is_queued(office: Office, action: Action, given: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        ask(office, check(office, action, Picked(units=frozenset({"T-LT"}))), **given)
    with reading(office.engine) as session:
        assert not session.exec(select(BackgroundJob)).all()


def test_an_empty_choice_is_refused(office: Office) -> None:
    with pytest.raises(Refused):
        ask(office, check(office, Action.REMIND, q="không có"))


def test_dates_move_together_and_each_task_keeps_its_first(office: Office) -> None:
    checked = check(office, Action.SET_DATE, Picked(units=frozenset({"T-LT", "CTY-M"})))
    do(office, ask(office, checked, due="2004-07-15", note="Bộ đồng ý"))
    for unit in ("T-LT", "CTY-M"):
        task = office.task("2", unit)
        assert task.due_at != task.original_due_at
        assert task.due_reason == "Bộ đồng ý"


def test_another_coordinator_takes_many_over(office: Office) -> None:
    checked = check(office, Action.CHANGE_COORDINATOR, Picked(units=frozenset({"T-LT", "CTY-M"})))
    assert do(office, ask(office, checked, to="le.thi.d")).outcome["done"] == 2
    assert office.task("2", "T-LT").coordinator_id == office.person("le.thi.d").id
