"""The checks agree with what the tasks ask for, whoever writes the tasks and however; the sweep moves them on alone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, literal, select, text, update
from sqlmodel import Session

from models.database.rows import insert_new, table_of
from models.tasks.task import Task, TaskStatus
from models.tasks.task_check import TaskCheck, look_again
from tests.models.world import NOW, World, a_task, make_world

pytestmark = pytest.mark.both

TASK: Any = table_of(Task)
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(days=7)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def checks(session: Session) -> dict[UUID, datetime]:
    return {check.task_id: check.at for check in session.scalars(select(TaskCheck))}


def asked(session: Session) -> dict[UUID, datetime]:
    """What the tasks ask for."""
    return dict(session.execute(select(TASK.c.id, TASK.c.next_check_at).where(TASK.c.next_check_at.is_not(None))).all())


def rows(like: Task, moments: Mapping[str, datetime | None]) -> list[dict[str, Any]]:
    """Tasks by their occurrence, each with the look that it asks for."""
    return [a_task(like, name).model_dump() | {"next_check_at": moment} for name, moment in moments.items()]


def ask(session: Session, task: Task, moment: datetime | None, **more: Any) -> None:
    session.execute(update(TASK).where(TASK.c.id == task.id).values(next_check_at=moment, **more))


def test_a_task_that_asks_for_no_look_has_no_check(session: Session, world: World) -> None:
    assert world.task.next_check_at is None and checks(session) == {}


def test_one_that_asks_has_one_and_it_follows_until_the_task_is_closed(session: Session, world: World) -> None:
    for moment in (SOON, LATER, NOW):
        ask(session, world.task, moment)
        assert checks(session) == {world.task.id: moment}
    ask(session, world.task, None, status=TaskStatus.APPROVED)
    assert checks(session) == {}


def test_a_launch_of_many_gives_each_that_asks_its_check(session: Session, world: World) -> None:
    session.add(Task(**rows(world.task, {"alone": SOON})[0]))
    session.flush()
    many = rows(world.task, {"2004-Q1": SOON, "2004-Q2": None, "2004-Q3": LATER})
    assert insert_new(session, TASK, many) == 3
    assert checks(session) == asked(session) and len(checks(session)) == 3


def test_a_launch_repeated_changes_no_check(session: Session, world: World) -> None:
    [one] = rows(world.task, {"2004-Q1": SOON})
    insert_new(session, TASK, [one])
    again = one | {"id": world.directive.id, "next_check_at": LATER}
    assert insert_new(session, TASK, [again]) == 0
    assert checks(session) == {one["id"]: SOON}


def test_rows_written_by_a_select_or_by_copy_are_heard_too(session: Session, world: World) -> None:
    ask(session, world.task, SOON)
    others = [column for column in TASK.c if column.name not in ("id", "occurrence")]
    copied = select(literal(world.unit.id, TASK.c.id.type), literal("2"), *others)
    session.execute(insert(TASK).from_select(["id", "occurrence", *(column.name for column in others)], copied))
    assert checks(session) == {world.task.id: SOON, world.unit.id: SOON}
    if session.get_bind().dialect.name == "postgresql":
        names = ", ".join(f'"{column.name}"' for column in TASK.c)
        session.execute(text(f"CREATE TEMPORARY TABLE elsewhere AS SELECT {names} FROM task WHERE occurrence = '2'"))
        session.execute(text("UPDATE elsewhere SET occurrence = '3', id = duty_id"))
        cursor = session.connection().connection.cursor()
        with cursor.copy("COPY elsewhere TO STDOUT") as out:
            copied_rows = b"".join(bytes(some) for some in out)
        with cursor.copy(f"COPY task ({names}) FROM STDIN") as back:
            back.write(copied_rows)
        assert checks(session)[world.duty.id] == SOON
    assert checks(session) == asked(session)


def test_all_tasks_woken_at_once_are_all_to_be_looked_at(session: Session, world: World) -> None:
    insert_new(session, TASK, rows(world.task, {"1": LATER, "2": LATER, "3": None}))
    session.execute(update(TASK).values(next_check_at=SOON))
    assert set(checks(session).values()) == {SOON} and len(checks(session)) == 4
    session.execute(update(TASK).values(next_check_at=None))
    assert checks(session) == {}


def test_a_task_that_is_gone_has_no_check(session: Session, world: World) -> None:
    insert_new(session, TASK, rows(world.task, {"1": SOON}))
    session.execute(delete(TASK).where(TASK.c.occurrence == "1"))
    assert checks(session) == {}


def test_moved_check_stays_until_asked_again(session: Session, world: World) -> None:
    ask(session, world.task, NOW)
    look_again(session, {LATER: [world.task.id]}, now=NOW)
    session.execute(update(TASK).values(due_reason="something else", revision=TASK.c.revision + 1))
    assert checks(session) == {world.task.id: LATER}
    ask(session, world.task, NOW)
    assert checks(session) == {world.task.id: NOW}


def test_the_sweep_moves_on_only_what_was_due_and_lets_go_of_what_needs_no_look(session: Session, world: World) -> None:
    insert_new(session, TASK, rows(world.task, {"1": NOW, "2": NOW, "3": SOON, "4": SOON}))
    ids = list(session.scalars(select(TASK.c.id).where(TASK.c.occurrence != "once").order_by(TASK.c.occurrence)))
    look_again(session, {LATER: [ids[0], ids[2]], None: [ids[1], ids[3]]}, now=NOW)
    assert checks(session) == {ids[0]: LATER, ids[2]: SOON, ids[3]: SOON}
