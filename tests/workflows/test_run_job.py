"""A job's run: its parts by whatever calls them, and letters of accounts beside it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database.session import transaction
from models.letters.letter import LetterKind
from models.operations.alert import AlertKind
from models.operations.system_job import JobName, JobState
from tests.office import Office, at, furnish
from tests.workflows.job_rows import alerts, row
from workflows.access.accounts.mailed import queue_test
from workflows.delivery.mail_lines import MailLines
from workflows.jobs.run_job import run_job, send_account_letters
from workflows.jobs.system_jobs import pause, set_cron
from workflows.jobs.tick import Call, Counts, parts_there_are


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def run(office: Office, name: JobName, call: Call) -> Counts:
    return run_job(office.engine, office.settings, name, now=at(1), sender=lambda: office.sender, call=call)


class Called:
    """Calls parts as they come, and notes their names; `fails` names one that fails."""

    def __init__(self, fails: str = "") -> None:
        self.names: list[str] = []
        self._fails = fails

    def __call__(self, name: str, part: Callable[[], Counts]) -> Counts:
        self.names.append(name)
        if name == self._fails:
            raise OSError("on purpose")
        return part()


def test_each_part_is_called_once_in_order_but_for_those_with_a_job_of_their_own(office: Office) -> None:
    with transaction(office.engine) as session:
        pause(session, JobName.DELIVER, at(1))
    called = Called()
    for name in (JobName.TICK, JobName.DELIVER):
        run(office, name, called)
    parts = ["incoming", "open_periods", "sweep", "compile_reports", "summaries", "messages", "seal"]
    there = [part for part in parts if part in parts_there_are()]  # "incoming" is of the room of replies
    assert called.names == [*there, "deliver"], "by hand it still runs"
    assert row(office.engine, JobName.TICK).last_outcome["without_deliver"] == 1


def test_a_part_that_fails_holds_up_no_other_and_the_job_fails(office: Office) -> None:
    office.launch("4")
    called = Called(fails="sweep")
    with pytest.raises(OSError, match="on purpose"):
        run(office, JobName.TICK, called)
    assert called.names[-1] == "seal"
    (alert,) = alerts(office.engine, AlertKind.JOB_FAILED)
    assert alert.times == 1 and row(office.engine, JobName.TICK).last_state is JobState.FAILED
    assert run(office, JobName.TICK, Called())["sealed"] == 0, "the same moment goes on, and seals nothing twice"


def test_after_a_tick_letters_are_due_at_once_unless_they_have_hours_of_their_own(office: Office) -> None:
    run(office, JobName.TICK, Called())
    tick, letters = row(office.engine, JobName.TICK), row(office.engine, JobName.DELIVER)
    assert letters.next_run_at == tick.last_finished_at
    with transaction(office.engine) as session:
        set_cron(session, JobName.DELIVER, "0 9 * * *", at(1))
    run_job(office.engine, office.settings, JobName.TICK, now=at(1, minute=5))
    assert row(office.engine, JobName.DELIVER).next_run_at is None


def hurry(office: Office, now: datetime) -> None:
    send_account_letters(office.engine, office.settings, lambda: office.sender, MailLines(waits=True), now)


def test_who_waits_for_a_code_waits_for_no_other_letter(office: Office) -> None:
    office.launch("4")
    with transaction(office.engine) as session:
        queue_test(session, office.person("le.thi.c").id, at(2, hour=22))
    hurry(office, at(2, hour=22))
    assert [letter.kind for letter in office.letters()] == [LetterKind.ACCOUNT]
    assert len(office.sent("le.thi.c")) == 1


def test_nothing_leaves_in_a_hurry_while_the_delivery_is_paused(office: Office) -> None:
    with transaction(office.engine) as session:
        pause(session, JobName.DELIVER, at(2))
        queue_test(session, office.person("le.thi.c").id, at(2))
    hurry(office, at(2))
    assert office.sender.letters == []
