"""A result taken back or replaced by the unit that sent it, until somebody decides on it."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.errors import Refused
from models.letters.letter import Notice, NoticeState
from models.organization.person import Absence, Person
from models.tasks.history import RECORDED, History
from models.tasks.task import Result, Task, TaskStatus, WaitKind
from models.text.localtime import local_date
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt
from tests.office import COORDINATOR, ON, Office, at, body, furnish
from workflows.access.conflict import Conflict
from workflows.jobs.simulate import RecordedSender
from workflows.reports.report_figures import report
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.classification import HistoryRow, fold
from workflows.rules.tasks.task_life import LIFE_EVENTS, Life
from workflows.tasks.act import act

HEAD, CLERK, STRANGER = "luong.thi.ngan", "ngo.van.loc", "dinh.hoang.long"
SENT = at(2, hour=9)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


@pytest.fixture
def task(office: Office) -> Task:
    """Submitted in the morning of 2 June; its letter has not left."""
    office.launch("4")
    office.tick(ON)
    task = office.task()
    office.submit(task, HEAD, SENT)
    return task


def correct(office: Office, task: Task, now: datetime, by: str = HEAD, **more: Any) -> None:
    given = {"number": "13/BC", "date": local_date(now), "subject": "Báo cáo (đính chính)", "signer": "Lương Thị Ngân"}
    office.act(task, "correct", by, now, **{**given, **more})


def results(office: Office) -> list[Result]:
    with reading(office.engine) as session:
        return list(session.exec(select(Result).order_by(col(Result.submitted_at), col(Result.id))))


def lines(office: Office, task: Task) -> list[History]:
    with reading(office.engine) as session:
        return list(session.exec(select(History).where(History.task_id == task.id).order_by(*RECORDED)))


def life(office: Office, task: Task) -> Life:
    told = Life()
    for one in lines(office, task):
        if one.event in LIFE_EVENTS:
            told.add_row(HistoryRow(one.recorded_at, one.event, one.occurred_on, one.to_status, one.facts))
    return told


def test_the_task_is_under_way_again_and_the_result_stays_as_taken_back(office: Office, task: Task) -> None:
    office.act(task, "take-back", HEAD, at(2, hour=10), note="nhầm phụ lục")
    again = office.task()
    assert (again.status, again.submitted_on, again.wait_kind) == (TaskStatus.ACCEPTED, None, None)
    (result,) = results(office)
    assert (result.decision, result.decided_at) == ("taken_back", at(2, hour=10))
    assert result.decided_by == office.person(HEAD).id
    last = lines(office, task)[-1]
    assert (last.event, last.from_status, last.to_status) == ("taken_back", "submitted", "accepted")


def test_a_result_that_had_been_returned_goes_back_to_be_completed(office: Office, task: Task) -> None:
    office.act(task, "return", COORDINATOR, at(3), note="thiếu phụ lục")
    office.submit(task, HEAD, at(4))
    correct(office, task, at(4, hour=9))
    office.act(task, "take-back", HEAD, at(4, hour=10))
    assert office.task().status is TaskStatus.RETURNED
    assert [one.decision for one in results(office)] == ["returned", "replaced", "taken_back"]


def test_a_corrected_result_replaces_the_one_that_waits_and_waits_itself(office: Office, task: Task) -> None:
    correct(office, task, at(3, hour=9))
    again = office.task()
    assert (again.status, again.submitted_on) == (TaskStatus.SUBMITTED, date(2004, 6, 3))
    assert (again.wait_kind, again.wait_since) == (WaitKind.DECISION, at(3, hour=9))
    former, new = results(office)
    assert (former.number, former.decision, new.number, new.decision) == ("12/BC", "replaced", "13/BC", None)
    office.act(task, "approve", COORDINATOR, at(4))
    assert [one.decision for one in results(office)] == ["replaced", "approved"]
    assert office.task().status is TaskStatus.APPROVED


def test_an_approval_of_a_corrected_result_can_be_undone(office: Office, task: Task) -> None:
    correct(office, task, at(3, hour=9))
    office.act(task, "approve", COORDINATOR, at(3, hour=9), letters_at=at(3, hour=10))
    office.act(task, "undo-approval", COORDINATOR, at(3, hour=9))
    assert [one.decision for one in results(office)] == ["replaced", None]
    assert office.task().wait_since == at(3, hour=9)


def test_the_coordinator_does_not_hear_of_what_was_taken_back_before_its_letter(office: Office, task: Task) -> None:
    office.act(task, "take-back", HEAD, at(2, hour=9, minute=5))
    office.tick(at(2, hour=10))
    assert not {"event:submitted", "event:taken_back"} & {rung for rung, _at in office.told(task, COORDINATOR)}
    with reading(office.engine) as session:
        (notice,) = session.exec(select(Notice).where(Notice.rung == "event:submitted")).all()
    assert (notice.state, notice.reason) == (NoticeState.DROPPED, "taken back")


def test_the_coordinator_who_was_told_hears_that_it_was_taken_back(office: Office, task: Task) -> None:
    office.tick(at(3))  # news is gathered for the morning
    office.act(task, "take-back", HEAD, at(3, hour=9, minute=5), note="nhầm phụ lục")
    office.tick(at(4))
    told = [rung for rung, _at in office.told(task, COORDINATOR) if rung.startswith("event:")]
    assert told == ["event:submitted", "event:taken_back"]
    assert "rút lại" in body(office.sent(COORDINATOR)[-1])


class Meanwhile(RecordedSender):
    """The unit takes its result back while the letter that tells of it is under way."""

    office: Office
    is_done = False

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        if not self.is_done and to_address == self.office.person(COORDINATOR).email:
            self.is_done = True
            self.office.act(self.office.task(), "take-back", HEAD, at(3, hour=9, minute=5), note="nhầm phụ lục")
        return super().send(to_address, content)


def test_the_coordinator_whose_letter_was_under_way_hears_that_it_was_taken_back(office: Office, task: Task) -> None:
    office.sender = sender = Meanwhile()
    sender.office = office
    office.days(at(3), at(4))
    told = [rung for rung, _at in office.told(task, COORDINATOR) if rung.startswith("event:")]
    assert sender.is_done and told == ["event:submitted", "event:taken_back"]


def test_a_corrected_result_is_told_once(office: Office, task: Task) -> None:
    correct(office, task, at(2, hour=9, minute=5))
    office.tick(at(3))
    told = [rung for rung, _at in office.told(task, COORDINATOR) if rung.startswith("event:")]
    assert told == ["event:corrected"]


def test_reminders_begin_again_and_the_decider_is_not_reminded(office: Office, task: Task) -> None:
    office.act(task, "take-back", HEAD, at(3))
    office.days(at(4), at(30))
    assert "decide" not in {rung for rung, _at in office.told(task, COORDINATOR)}
    assert {"before", "due"} & {rung for rung, _at in office.told(task, HEAD)} or office.told(task, HEAD)


@pytest.mark.parametrize("action", ["take-back", "correct"])
@pytest.mark.parametrize("by", [COORDINATOR, CLERK, STRANGER])
def test_only_the_unit_that_sent_it_may(office: Office, task: Task, action: str, by: str) -> None:
    with pytest.raises(Refused, match="may not do"):
        correct(office, task, at(3), by) if action == "correct" else office.act(task, action, by, at(3))


def test_a_stand_in_may(office: Office, task: Task) -> None:
    head, stand_in = office.person(HEAD), office.person(STRANGER)
    with transaction(office.engine) as session:
        session.add(
            Absence(person_id=head.id, stand_in_id=stand_in.id, starts_on=date(2004, 6, 1), ends_on=date(2004, 6, 30))
        )
    office.act(task, "take-back", STRANGER, at(3))
    assert lines(office, task)[-1].relation == "stand_in"


@pytest.mark.parametrize("decision", ["approve", "return"])
def test_a_decision_made_meanwhile_wins(office: Office, task: Task, decision: str) -> None:
    office.act(task, decision, COORDINATOR, at(3), note="đã xem")
    before = office.rows()
    with pytest.raises(Refused, match="not possible while"):
        office.act(task, "take-back", HEAD, at(3, hour=9))
    assert office.rows() == before


def test_who_decides_on_a_page_from_before_the_correction_looks_again(office: Office, task: Task) -> None:
    seen = lines(office, task)[-1].id
    correct(office, task, at(3))
    with transaction(office.engine) as session, pytest.raises(Conflict, match="replaced by a corrected one"):
        act(
            office.acting(session, session.get_one(Person, office.person(COORDINATOR).id), at(3, hour=9)),
            task.id,
            Action.APPROVE,
            {},
            seen=seen,
        )


@pytest.mark.parametrize("action", ["take-back", "correct"])
def test_a_report_that_came_on_paper_is_not_the_units_to_take_back(office: Office, task: Task, action: str) -> None:
    office.act(task, "receive", CLERK, at(3), number="12/BC", date=date(2004, 6, 2), received_on=date(2004, 6, 3))
    with pytest.raises(Refused, match="records clerk"):
        correct(office, task, at(4)) if action == "correct" else office.act(task, action, HEAD, at(4))


def test_the_figures_take_it_as_not_sent(office: Office, task: Task) -> None:
    office.act(task, "take-back", HEAD, at(3))
    told = life(office, task)
    assert (told.status, told.sent_on) == (TaskStatus.ACCEPTED, None)
    office.submit(task, HEAD, at(5))
    correct(office, task, at(7))
    office.act(task, "approve", COORDINATOR, at(8))
    told = life(office, task)
    assert told.counts_on == date(2004, 6, 7)
    rows = (HistoryRow(o.recorded_at, o.event, o.occurred_on, o.to_status, o.facts) for o in lines(office, task))
    assert fold(rows, date(2004, 6, 8)).submitted_on == date(2004, 6, 7)


def test_the_report_counts_the_day_of_the_correction(office: Office, task: Task) -> None:
    correct(office, task, at(1, 7))  # a day after the date
    office.act(task, "approve", COORDINATOR, at(2, 7))
    with reading(office.engine) as session:
        found = report(session, cutoff=date(2004, 7, 2)).figures
        before = report(session, cutoff=date(2004, 6, 30)).figures
    assert (found.done_on_time, found.done_late) == (0, 1)
    assert (before.done, before.open_in_time) == (0, 1)
