"""Every action: by whom and when, refused otherwise and twice, written whole or not at all."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import SQLModel

from models.database.ids import new_id
from models.database.session import open_engine, reading
from models.errors import BadInput, DondocError, NotFound, Refused
from models.settings import Settings
from models.tasks.task import OPEN_STATUSES, Task, TaskStatus, WaitKind
from tests.keys import KEYS
from tests.office import COORDINATOR, Office, at, furnish
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.lifecycle import SPECS

HEAD, DEPUTY, FOCAL, OFFICER = "luong.thi.ngan", "ta.ba.toan", "phan.ngoc.son", "chu.bich.dao"
CLERK, AUTHORITY, OUTSIDER = "ngo.van.loc", "le.thi.d", "cao.gia.huy"
NOW = at(2, hour=9)
DOCUMENT = {"number": "12/BC", "date": date(2004, 6, 2), "subject": "Báo cáo", "signer": "Lương Thị Ngân"}

GIVEN: dict[Action, tuple[str, dict[str, Any]]] = {
    Action.ACCEPT: (HEAD, {}),
    Action.ASSIGN: (HEAD, {"to": OFFICER}),
    Action.SET_DATE: (COORDINATOR, {"due": date(2004, 7, 15), "note": "Bộ đồng ý"}),
    Action.PROGRESS: (HEAD, {"note": "đang lấy số liệu"}),
    Action.SUBMIT: (HEAD, DOCUMENT),
    Action.TAKE_BACK: (HEAD, {"note": "nhầm phụ lục"}),
    Action.CORRECT: (HEAD, {**DOCUMENT, "number": "13/BC"}),
    Action.RECEIVE: (CLERK, {"number": "12/BC", "date": date(2004, 6, 1), "received_on": date(2004, 6, 2)}),
    Action.RETURN: (COORDINATOR, {"note": "thiếu phụ lục"}),
    Action.APPROVE: (COORDINATOR, {}),
    Action.UNDO_APPROVAL: (COORDINATOR, {}),
    Action.NOT_OURS: (HEAD, {"note": "không thuộc chức năng", "to": "VU-PC"}),
    Action.CHANGE_LEAD: (COORDINATOR, {"to": "VU-PC", "note": "đúng chức năng"}),
    Action.KEEP_LEAD: (COORDINATOR, {"note": "vẫn là Vụ KHTC"}),
    Action.CHANGE_COORDINATOR: (COORDINATOR, {"to": "le.thi.d"}),
    Action.REMIND: (COORDINATOR, {"note": "sắp đến hạn"}),
    Action.TELEPHONE: (COORDINATOR, {"answered_by": "Chị Ngân"}),
    Action.ASK_EXTENSION: (HEAD, {"due": date(2004, 7, 15), "note": "cần thêm số liệu"}),
    Action.GRANT_EXTENSION: (COORDINATOR, {}),
    Action.REFUSE_EXTENSION: (COORDINATOR, {"note": "đủ thời gian"}),
    Action.COUNTER_EXTENSION: (COORDINATOR, {"due": date(2004, 7, 7), "note": "một tuần"}),
    Action.AGREE_EXTENSION: (HEAD, {}),
    Action.DECLINE_EXTENSION: (HEAD, {}),
    Action.RAISE_OBSTACLE: (HEAD, {"note": "thiếu số liệu"}),
    Action.ANSWER_OBSTACLE: (AUTHORITY, {"note": "đã gửi số liệu"}),
    Action.CONTRIBUTE: ("quach.viet.hung", {"note": "đã góp ý"}),
    Action.CASCADE: ("duong.trong.nghia", {"units": ["T-LT-KV1"]}),
    Action.PRESS_SIGNED: (COORDINATOR, {"number": "5/BBCVT", "date": date(2004, 6, 2), "signer": "Lê Thị Duyên"}),
    Action.WITHDRAW: (COORDINATOR, {"note": "nhầm"}),
    Action.REOPEN: (COORDINATOR, {"note": "làm tiếp"}),
}
BEFORE: dict[Action, list[Action]] = {
    Action.TAKE_BACK: [Action.SUBMIT],
    Action.CORRECT: [Action.SUBMIT],
    Action.RETURN: [Action.SUBMIT],
    Action.APPROVE: [Action.SUBMIT],
    Action.UNDO_APPROVAL: [Action.SUBMIT, Action.APPROVE],
    Action.KEEP_LEAD: [Action.NOT_OURS],
    Action.GRANT_EXTENSION: [Action.ASK_EXTENSION],
    Action.REFUSE_EXTENSION: [Action.ASK_EXTENSION],
    Action.COUNTER_EXTENSION: [Action.ASK_EXTENSION],
    Action.AGREE_EXTENSION: [Action.ASK_EXTENSION, Action.COUNTER_EXTENSION],
    Action.DECLINE_EXTENSION: [Action.ASK_EXTENSION, Action.COUNTER_EXTENSION],
    Action.ANSWER_OBSTACLE: [Action.RAISE_OBSTACLE],
    Action.REOPEN: [Action.WITHDRAW],
}
AGAIN = {Action.ASSIGN, Action.CORRECT, Action.PROGRESS, Action.TELEPHONE, Action.PRESS_SIGNED}
"""What may be said more than once."""


@pytest.fixture(scope="module")
def furnished(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set-up SQLite file, to be copied."""
    folder = tmp_path_factory.mktemp("furnished")
    shutil.copyfile(migrated_sqlite, folder / "act.sqlite")
    engine = open_engine(f"sqlite:///{folder / 'act.sqlite'}", KEYS)
    furnish(engine, folder)
    engine.dispose()
    return folder / "act.sqlite"


@pytest.fixture
def office(furnished: Path, tmp_path: Path) -> Iterator[Office]:
    """The rules are the same on both databases; what differs, two acting at once, is tested on both."""
    shutil.copyfile(furnished, tmp_path / "act.sqlite")
    engine = open_engine(f"sqlite:///{tmp_path / 'act.sqlite'}", KEYS)
    yield Office(engine, Settings(data=tmp_path))
    engine.dispose()


def ready(office: Office, action: Action) -> Task:
    """A task on which the action is to come next."""
    if action is Action.CASCADE:
        office.launch("2")
        return office.task("2", "T-LT")
    office.launch("4")
    task = office.task()
    if action is Action.CONTRIBUTE:
        with office.engine.begin() as connection:
            table = SQLModel.metadata.tables["contribution"]
            connection.execute(table.insert().values(task_id=task.id, unit_id=office.unit("VU-PC").id, note=""))
    for earlier in BEFORE.get(action, []):
        do(office, task, earlier)
    return task


def do(office: Office, task: Task, action: Action, by: str | None = None, now: Any = NOW, **more: Any) -> None:
    person, given = GIVEN[action]
    office.act(task, action, by or person, now, **(given | more))


def unchanged(office: Office, attempt: Callable[[], object], error: type[DondocError]) -> None:
    """Refused, and not a row of any table is different in number; the task is as it was."""
    rows, tasks = office.rows(), sorted(str(row) for row in all_tasks(office))
    with pytest.raises(error):
        attempt()
    assert office.rows() == rows
    assert sorted(str(row) for row in all_tasks(office)) == tasks


def all_tasks(office: Office) -> list[Any]:
    with reading(office.engine) as session:
        return list(session.connection().exec_driver_sql("SELECT * FROM task").all())


@pytest.mark.parametrize("action", list(Action))
def test_an_action_by_whom_it_is_for_leaves_its_line_in_the_history(office: Office, action: Action) -> None:
    task = ready(office, action)
    before = office.rows()
    do(office, task, action)
    with reading(office.engine) as session:
        moved = session.get_one(Task, task.id)
        events = session.connection().exec_driver_sql("SELECT event FROM history ORDER BY recorded_at, id").scalars()
        expected = SPECS[action].rule.event
        assert expected in list(events) or action is Action.SET_DATE
    assert office.rows()["history"] > before["history"]
    if SPECS[action].rule.target is not None and action is not Action.REOPEN:
        assert moved.status is SPECS[action].rule.target
    assert (moved.next_check_at is None) == (moved.status not in OPEN_STATUSES)


@pytest.mark.parametrize("action", list(Action))
def test_an_action_by_somebody_else_is_refused_and_writes_nothing(office: Office, action: Action) -> None:
    task = ready(office, action)
    unchanged(office, lambda: do(office, task, action, by=OUTSIDER), Refused)


@pytest.mark.parametrize("action", [action for action in Action if action not in AGAIN])
def test_an_action_twice_is_refused_and_writes_nothing(office: Office, action: Action) -> None:
    task = ready(office, action)
    do(office, task, action)
    if action is Action.CHANGE_LEAD:
        unchanged(office, lambda: do(office, task, action), BadInput)
    else:
        unchanged(office, lambda: do(office, task, action), Refused)


@pytest.mark.parametrize("action", sorted(AGAIN))
def test_what_may_be_said_more_than_once_is_kept_each_time(office: Office, action: Action) -> None:
    task = ready(office, action)
    do(office, task, action)
    before = office.rows()["history"]
    do(office, task, action, now=at(2, hour=10))
    assert office.rows()["history"] == before + 1


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.REOPEN])
def test_nothing_but_reopening_is_possible_on_a_closed_task(office: Office, action: Action) -> None:
    office.launch("4")
    do(office, office.task(), Action.WITHDRAW)
    unchanged(office, lambda: do(office, office.task(), action), Refused)


@pytest.mark.parametrize(
    ("action", "given"),
    [
        (Action.SUBMIT, {"date": date(2004, 6, 3)}),
        (Action.SUBMIT, {"number": ""}),
        (Action.SUBMIT, {"subject": ""}),
        (Action.SUBMIT, {"unknown": "x"}),
        (Action.SUBMIT, {"link": "not a link"}),
        (Action.SUBMIT, {"file": ("/nowhere/a.pdf",)}),
        (Action.ASSIGN, {"to": "nobody.at.all"}),
        (Action.ASSIGN, {"to": OUTSIDER}),
        (Action.SET_DATE, {"due": date(2004, 5, 1)}),
        (Action.SET_DATE, {"due": "31/31/2004"}),
        (Action.SET_DATE, {"note": ""}),
        (Action.ASK_EXTENSION, {"due": date(2004, 6, 30)}),
        (Action.RECEIVE, {"received_on": date(2004, 6, 3)}),
        (Action.RECEIVE, {"date": date(2004, 6, 2), "received_on": date(2004, 6, 1)}),
        (Action.NOT_OURS, {"to": "VU-KHTC"}),
        (Action.CHANGE_LEAD, {"to": "KHONG-CO"}),
        (Action.CASCADE, {"units": ["T-SL-KV1"]}),
        (Action.CASCADE, {"due": date(2004, 7, 1)}),
        (Action.TELEPHONE, {"at": at(3)}),
        (Action.WITHDRAW, {"note": "  "}),
        (Action.PRESS_SIGNED, {"date": date(2004, 6, 3)}),
    ],
)
def test_bad_input_says_so_and_leaves_nothing_half_written(
    office: Office, action: Action, given: dict[str, Any]
) -> None:
    task = ready(office, action)
    unchanged(office, lambda: do(office, task, action, **given), DondocError)


def test_outside_contacts_lead_nothing(office: Office) -> None:
    office.launch("4")
    unchanged(office, lambda: do(office, office.task(), Action.CHANGE_LEAD, to="CA-HN"), Refused)


def test_an_unknown_task_is_not_found(office: Office) -> None:
    task = ready(office, Action.ACCEPT)
    with pytest.raises(NotFound):
        office.act(task.model_copy(update={"id": new_id()}), "accept", HEAD, NOW)


def test_deputy_and_stand_in_act_for_the_head_an_officer_only_once_named(office: Office) -> None:
    office.launch("4")
    with pytest.raises(Refused):
        office.act(office.task(), "progress", OFFICER, NOW, note="x")
    office.act(office.task(), "assign", DEPUTY, NOW, to=OFFICER)
    office.act(office.task(), "progress", OFFICER, NOW, note="x")


def test_the_original_date_is_kept_through_every_extension(office: Office) -> None:
    task = ready(office, Action.GRANT_EXTENSION)
    do(office, task, Action.GRANT_EXTENSION)
    moved = office.task()
    assert moved.original_due_at == task.original_due_at
    assert moved.due_at == task.due_at + timedelta(days=15)  # type: ignore[operator]
    assert moved.wait_kind is None and moved.due_revision == task.due_revision + 1


def test_a_date_that_the_directive_fixes_is_the_issuers_sides_to_move(office: Office) -> None:
    task = ready(office, Action.ASK_EXTENSION)
    office.change_task(task, due_fixed_by="directive")
    do(office, task, Action.ASK_EXTENSION)
    unchanged(office, lambda: do(office, task, Action.GRANT_EXTENSION), Refused)
    unchanged(office, lambda: do(office, task, Action.SET_DATE), Refused)
    do(office, task, Action.GRANT_EXTENSION, by="hoang.quoc.bao")
    assert office.task().due_revision == 1


def test_a_returned_task_waits_for_its_unit_again_and_may_be_submitted_anew(office: Office) -> None:
    task = ready(office, Action.RETURN)
    assert office.task().wait_kind is WaitKind.DECISION
    do(office, task, Action.RETURN)
    assert (office.task().status, office.task().wait_kind) == (TaskStatus.RETURNED, None)
    do(office, task, Action.SUBMIT, number="13/BC")
    do(office, task, Action.APPROVE)
    assert office.task().status is TaskStatus.APPROVED and office.task().submitted_on == date(2004, 6, 2)


def test_a_withdrawn_task_is_reopened_under_its_own_key_not_made_again(office: Office) -> None:
    task = ready(office, Action.REOPEN)
    assert office.launch("4").created == 0
    do(office, task, Action.REOPEN)
    assert office.task().id == task.id and office.task().status is TaskStatus.ASSIGNED


def test_a_whole_is_not_submitted_while_a_part_is_open(office: Office) -> None:
    task = ready(office, Action.CASCADE)
    do(office, task, Action.CASCADE)
    unchanged(
        office, lambda: office.act(task, "submit", "duong.trong.nghia", NOW, number="1", date=date(2004, 6, 2)), Refused
    )
    child = office.task("2", "T-LT-KV1")
    do(office, child, Action.WITHDRAW, by="duong.trong.nghia")
    office.act(task, "submit", "duong.trong.nghia", NOW, number="1", date=date(2004, 6, 2))


def test_withdrawing_takes_what_was_handed_on_with_it(office: Office) -> None:
    task = ready(office, Action.CASCADE)
    do(office, task, Action.CASCADE)
    do(office, task, Action.WITHDRAW)
    assert office.task("2", "T-LT-KV1").status is TaskStatus.WITHDRAWN


def test_when_two_act_at_once_one_is_refused_and_its_move_leaves_no_trace(engine: Engine, tmp_path: Path) -> None:
    office = furnish(engine, tmp_path)
    task = ready(office, Action.APPROVE)
    barrier, ends = Barrier(2), []

    def decide(action: Action) -> None:
        barrier.wait()
        try:
            do(office, task, action)
            ends.append("done")
        except Refused:
            ends.append("refused")

    threads = [Thread(target=decide, args=(action,)) for action in (Action.APPROVE, Action.RETURN)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["done", "refused"]
    with reading(engine) as session:
        events = list(session.connection().exec_driver_sql("SELECT event FROM history").scalars())
    assert events.count("approved") + events.count("returned") == 1
    assert office.task().revision == 2, "submitted, then decided once"
