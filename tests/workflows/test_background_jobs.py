"""Background jobs: asked for once, done once, by one process at a time. A launch is made at once, or is such a job."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel, col

from models.database.ids import new_id
from models.database.leases import LostLease
from models.database.session import reading, transaction
from models.directives.directive import find_directive
from models.directives.launch import Launch
from models.errors import BadInput, NotFound, Refused
from models.operations.background_job import LAUNCH, PREVIEW, BackgroundJob, BackgroundJobState, JobPart
from models.tasks.history import History
from models.tasks.task import Task
from models.text.localtime import at_local
from tests.office import COORDINATOR, DUE, ON, Office, furnish
from tests.workflows.queued_jobs import look, order, queue_launch
from workflows.access.rights import read_principal
from workflows.jobs.cleanup.purge import KEEP_PREVIEWS, purge
from workflows.jobs.run_background_jobs import VERBS, run_background_jobs, verb_of
from workflows.jobs.simulate import simulate
from workflows.launch import launch_tasks
from workflows.launch.launch_order import ask_launch
from workflows.launch.launch_tasks import Uncovered
from workflows.operations.setup import BUNDLED
from workflows.queue.background_jobs import (
    ATTEMPTS,
    LEASE,
    ask,
    cancel,
    find_background_job,
    resume,
    take_background_job,
)
from workflows.tasks.assign import create_tasks

pytestmark = pytest.mark.both

DAY = date(2004, 6, 7)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def order_launch(office: Office, *paths: str, now: datetime = ON, job_id: UUID | None = None, **more: Any) -> UUID:
    """As the wizard and the API order it."""
    with transaction(office.engine) as session:
        return ask_launch(
            office.acting(session, office.person(COORDINATOR), now),
            order(office, *paths, **more),
            job_id=job_id or new_id(),
        ).id


def do(office: Office, now: datetime = ON) -> dict[str, int]:
    return run_background_jobs(office.engine, office.settings, now=now)


def tasks(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(Task)) or 0


def count(engine: Engine, model: type[SQLModel]) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("kind", VERBS)
def test_the_verb_of_each_kind_is_where_it_is_said_to_be(kind: str) -> None:
    assert callable(verb_of(kind))


def test_an_ordered_launch_is_made_at_once_and_says_what_it_made(office: Office) -> None:
    job_id = order_launch(office, "2", "2.a", "4")
    done = look(office, job_id)
    assert (done.state, done.done, done.lease_until) == (BackgroundJobState.DONE, done.total, None)
    assert done.outcome["created"] == done.total == tasks(office.engine) > 0
    assert done.outcome["armed"] == ["2.a"]
    assert UUID(done.outcome["launch"]) == job_id
    assert do(office) == {"background_jobs": 0, "background_jobs_failed": 0}
    with reading(office.engine) as session:
        launched = session.scalars(select(History).where(col(History.event) == "launched")).all()
    assert [row.facts["created"] for row in launched] == [done.total]


def test_a_launch_of_very_many_tasks_is_made_in_the_background(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.launch.launch_order.WITHIN_REQUEST", 5)
    job_id = order_launch(office, "2", "2.a", "4")
    waits = look(office, job_id)
    assert (waits.state, waits.done, tasks(office.engine)) == (BackgroundJobState.QUEUED, 0, 0)
    assert do(office) == {"background_jobs": 1, "background_jobs_failed": 0}
    done = look(office, job_id)
    assert done.outcome["created"] == waits.total == done.total == done.done == tasks(office.engine)
    assert (UUID(done.outcome["launch"]), done.outcome["armed"]) == (job_id, ["2.a"])
    assert do(office) == {"background_jobs": 0, "background_jobs_failed": 0}


def test_a_form_sent_twice_is_one_order(office: Office) -> None:
    same = new_id()
    assert order_launch(office, "4", job_id=same) == order_launch(office, "4", job_id=same) == same
    office.change_unit("VU-KHTC", head_id=None)  # what would refuse a new one
    assert order_launch(office, "4", job_id=same) == same
    assert (count(office.engine, BackgroundJob), count(office.engine, Launch), tasks(office.engine)) == (1, 1, 1)


def test_the_same_form_from_somebody_else_is_refused(office: Office) -> None:
    same = order_launch(office, "4")
    with transaction(office.engine) as session, pytest.raises(Refused):
        ask(session, LAUNCH, {}, asked_by=office.person("le.thi.d").id, now=ON, job_id=same)


def test_launching_again_changes_nothing_and_says_so(office: Office) -> None:
    first, second = order_launch(office, "2", "3"), order_launch(office, "2", "3")
    assert look(office, second).outcome == {
        "directive": BUNDLED,
        "created": 0,
        "existing": look(office, first).outcome["created"],
        "armed": [],
        "launch": None,
    }
    with reading(office.engine) as session:
        assert session.scalars(select(col(Launch.id))).all() == [first]


def test_a_launch_of_a_later_day_waits_for_its_morning_and_can_be_cancelled_before(office: Office) -> None:
    waits, cancelled = order_launch(office, "4", on=DAY), order_launch(office, "2", on=DAY)
    assert do(office, ON + timedelta(days=5))["background_jobs"] == 0
    with transaction(office.engine) as session:
        cancel(session, session.get_one(BackgroundJob, cancelled), now=ON)
    do(office, at_local(DAY))
    assert look(office, waits).state is BackgroundJobState.DONE
    assert look(office, cancelled).state is BackgroundJobState.CANCELLED
    assert office.task("4").assigned_at >= at_local(DAY)
    with transaction(office.engine) as session, pytest.raises(Refused, match="begun already"):
        cancel(session, session.get_one(BackgroundJob, waits), now=ON)


@pytest.mark.parametrize("on", [date(2004, 5, 31), date(2006, 1, 1)])
def test_a_launch_is_neither_of_yesterday_nor_of_a_far_year(office: Office, on: date) -> None:
    with pytest.raises(BadInput, match=r"expected a day from 01/06/2004"):
        order_launch(office, "4", on=on, due_on=None)


def test_gaps_are_launched_over_only_with_a_reason(office: Office) -> None:
    office.change_unit("VU-KHTC", head_id=None)
    with pytest.raises(Uncovered):
        order_launch(office, "4")
    with pytest.raises(BadInput, match="say why"):
        order_launch(office, "4", override=True)
    assert count(office.engine, BackgroundJob) == tasks(office.engine) == 0
    job_id = order_launch(office, "4", override=True, reason="Vụ trưởng mới sẽ được bổ nhiệm tuần sau")
    with reading(office.engine) as session:
        overridden = session.get_one(Launch, job_id).overridden
    assert overridden[0]["unit"] == "VU-KHTC" and overridden[0]["reason"].startswith("Vụ trưởng mới")


def test_what_fails_says_why_in_the_askers_language_and_holds_up_no_other(office: Office) -> None:
    failing, fine = order_launch(office, "4", on=DAY), order_launch(office, "2", on=DAY)
    office.change_unit("VU-KHTC", head_id=None)  # after it was ordered
    assert do(office, at_local(DAY)) == {"background_jobs": 2, "background_jobs_failed": 1}
    failed = look(office, failing)
    assert failed.state is BackgroundJobState.FAILED and "VU-KHTC" in failed.error
    assert look(office, fine).state is BackgroundJobState.DONE


def test_a_process_that_died_in_the_midst_leaves_nothing_and_the_next_makes_all(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, made, lines = queue_launch(office, "1", "2"), list[int](), count(office.engine, History)

    def dies(*given: Any, **named: Any) -> Any:
        if made:
            raise KeyboardInterrupt  # as sudden as it gets within a process
        created = create_tasks(*given, **named)
        made.append(created.created)
        return created

    monkeypatch.setattr(launch_tasks, "create_tasks", dies)
    with pytest.raises(KeyboardInterrupt):
        do(office)
    assert made[0] > 0 and tasks(office.engine) == count(office.engine, Launch) == 0
    assert count(office.engine, History) == lines
    assert look(office, job_id).state is BackgroundJobState.RUNNING
    monkeypatch.setattr(launch_tasks, "create_tasks", create_tasks)
    assert do(office, ON + timedelta(seconds=1))["background_jobs"] == 0, "its lease runs"
    assert do(office, ON + 2 * LEASE)["background_jobs"] == 1
    whole = look(office, job_id)
    assert whole.outcome["created"] == whole.total == tasks(office.engine)
    assert (whole.outcome["existing"], whole.attempts) == (0, 2)


def test_who_was_taken_for_dead_writes_nothing_more(office: Office) -> None:
    job_id = queue_launch(office, "4")
    first = take_background_job(office.engine, office.settings, now=ON)
    second = take_background_job(office.engine, office.settings, now=ON + 2 * LEASE)
    assert first is not None and second is not None and second.job.id == job_id
    assert take_background_job(office.engine, office.settings, now=ON + 2 * LEASE) is None
    with transaction(office.engine) as session:
        second.progress(session, 1, 2)
    with pytest.raises(LostLease), transaction(office.engine) as session:
        first.progress(session, 2, 2)
    assert look(office, job_id).done == 1


def test_an_errand_that_processes_die_of_is_given_up(office: Office) -> None:
    job_id = queue_launch(office, "4")
    moment = ON
    for _time in range(ATTEMPTS):
        assert take_background_job(office.engine, office.settings, now=moment) is not None
        moment += 2 * LEASE
    assert do(office, moment) == {"background_jobs": 1, "background_jobs_failed": 1}
    assert look(office, job_id).state is BackgroundJobState.FAILED
    assert tasks(office.engine) == 0


def test_a_process_that_is_told_to_stop_leaves_the_errand_to_the_next(office: Office) -> None:
    job_id = queue_launch(office, "4")
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 1  # once it has begun

    run_background_jobs(office.engine, office.settings, now=ON, stop=stop)
    left = look(office, job_id)
    assert (left.state, left.attempts, tasks(office.engine)) == (BackgroundJobState.QUEUED, 0, 0)
    do(office)
    assert look(office, job_id).state is BackgroundJobState.DONE


def test_only_who_asked_and_administrators_see_an_errand(office: Office) -> None:
    job_id = queue_launch(office, "4")

    def sees(code: str) -> bool:
        with reading(office.engine) as session:
            try:
                find_background_job(session, read_principal(session, office.person(code), ON.date()), job_id)
            except NotFound:
                return False
            return True

    assert {code: sees(code) for code in (COORDINATOR, "dang.thu.thuy", "le.thi.d", "luong.thi.ngan")} == {
        COORDINATOR: True,
        "dang.thu.thuy": True,
        "le.thi.d": False,
        "luong.thi.ngan": False,
    }


@pytest.mark.long
def test_a_preview_is_what_a_simulation_says_of_the_launchs_own_tasks_day_by_day(office: Office) -> None:
    before = office.launch("3").created  # another launch's tasks stand beside it, and are not spoken of
    given = {"order": order(office, "2", "4").model_dump(mode="json"), "days": 60}
    with transaction(office.engine) as session:
        job_id = ask(session, PREVIEW, given, asked_by=office.person(COORDINATOR).id, now=ON).id
    assert do(office)["background_jobs_failed"] == 0
    found = look(office, job_id).outcome
    with reading(office.engine) as session:
        parts = session.scalars(select(JobPart).order_by(col(JobPart.name))).all()
    letters = [letter for part in parts for letter in part.content["letters"]]
    alone = simulate(
        office.engine,
        office.settings,
        BUNDLED,
        on=datetime.fromisoformat(found["on"]),
        due_on=DUE,
        days=60,
        paths=["2", "4"],
        coordinator_id=office.person(COORDINATOR).id,
    )
    given_out = [one for one in alone.tasks if one["duty"] in ("2", "4")]
    ours = {one["duty"] + " " + one["unit"] for one in given_out}
    expected = [one for one in alone.letters if ours & set(one["tasks"])]
    assert found["tasks"] == len(given_out) and found["letters"] == len(letters)
    assert [one["subject"] for one in letters if one["tasks"]] == [one["subject"] for one in expected]
    assert {task for one in letters for task in one["tasks"]} <= ours
    assert sum(day[2] for day in found["days"]) == len(given_out), "each has its date"
    assert tasks(office.engine) == before, "nothing was kept"


def test_old_previews_are_purged_and_launches_are_not(office: Office) -> None:
    with transaction(office.engine) as session:
        given = {"order": order(office, "4").model_dump(mode="json"), "days": 30}
        ask(session, PREVIEW, given, asked_by=office.person(COORDINATOR).id, now=ON)
    order_launch(office, "4")
    do(office)
    later = ON + KEEP_PREVIEWS + timedelta(days=1)
    assert purge(office.engine, office.settings, now=later).previews == 1
    with reading(office.engine) as session:
        assert session.scalars(select(col(BackgroundJob.kind))).all() == [LAUNCH]
        assert session.scalar(select(func.count()).select_from(JobPart)) == 0


def fails(*_given: Any, **_named: Any) -> Any:
    raise Refused("the unit {unit} has gone", unit="CTY-M")


def test_a_failed_launch_made_nothing_and_can_be_done_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id, calls = queue_launch(office, "1", "2"), list[int]()

    def second_fails(*given: Any, **named: Any) -> Any:
        calls.append(1)
        return fails() if len(calls) == 2 else create_tasks(*given, **named)

    monkeypatch.setattr(launch_tasks, "create_tasks", second_fails)
    assert do(office) == {"background_jobs": 1, "background_jobs_failed": 1}
    failed = look(office, job_id)
    assert (failed.state, failed.done, tasks(office.engine)) == (BackgroundJobState.FAILED, 0, 0)
    assert failed.error == "the unit CTY-M has gone"
    with transaction(office.engine) as session:
        principal = read_principal(session, office.person(COORDINATOR), ON.date())
        resume(session, principal, session.get_one(BackgroundJob, job_id), now=ON)
    assert do(office) == {"background_jobs": 1, "background_jobs_failed": 0}
    whole = look(office, job_id)
    assert (whole.state, whole.outcome["existing"]) == (BackgroundJobState.DONE, 0)
    assert whole.outcome["created"] == whole.total == tasks(office.engine)
    with transaction(office.engine) as session:
        done = session.get_one(BackgroundJob, job_id)
        with pytest.raises(Refused, match="that failed"):
            resume(session, principal, done, now=ON)


def test_a_launch_goes_before_whatever_else_waits(office: Office) -> None:
    given = {"order": order(office, "4").model_dump(mode="json"), "days": 30}
    with transaction(office.engine) as session:
        ask(session, PREVIEW, given, asked_by=office.person(COORDINATOR).id, now=ON - timedelta(hours=1))
    job_id = queue_launch(office, "4")
    first = take_background_job(office.engine, office.settings, now=ON)
    assert first is not None and first.job.id == job_id


def test_nobody_waits_for_a_launch_but_another_of_its_directive(office: Office) -> None:
    if office.engine.dialect.name == "sqlite":
        pytest.skip("one writer at a time there")
    office.launch("4")
    with transaction(office.engine) as session:
        launch_tasks.lock_launches(session, find_directive(session, BUNDLED))
        office.act(office.task("4"), "accept", "luong.thi.ngan", ON)  # its line refers to the directive
        with transaction(office.engine) as other:
            other.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(OperationalError):
                launch_tasks.lock_launches(other, find_directive(other, BUNDLED))
        assert session.scalar(text("SHOW idle_in_transaction_session_timeout")) == "1min"


def test_in_the_background_as_at_once_the_same_tasks_are_made(office: Office) -> None:
    paths = ("1", "2", "2.a", "2.b", "3", "4", "obstacles", "oversight")
    queue_launch(office, *paths)
    do(office)
    made = all_tasks(office.engine)
    assert look(office, order_launch(office, *paths)).outcome["created"] == office.launch(*paths).created == 0
    assert all_tasks(office.engine) == made


def all_tasks(engine: Engine) -> list[tuple[Any, ...]]:
    with reading(engine) as session:
        query = select(col(Task.duty_id), col(Task.occurrence), col(Task.assigned_unit_id), col(Task.due_at))
        return sorted(tuple(map(str, row)) for row in session.execute(query))
