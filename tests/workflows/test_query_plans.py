"""What a tick costs follows what is due: on SQLite no statement of it walks through a table that only ever grows."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from models.database.session import open_engine, reading
from models.errors import NotFound
from models.letters.letter import DEAD
from models.letters.letter_reads import list_letters
from models.operations.engine_reads import first_due, last_tick, letters_by_state, oldest_waiting, quota_used, tasks_due
from tests.keys import KEYS
from tests.office import ON, at, furnish
from tests.plans import walks
from workflows.access.rights import read_principal
from workflows.jobs.clock.clock_watch import count_late
from workflows.worklists.my_work import read_work
from workflows.worklists.task_view import read_sheet

pytestmark = pytest.mark.long


@pytest.fixture
def engine(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Engine]:
    path = tmp_path / "test.sqlite"
    shutil.copyfile(migrated_sqlite, path)
    engine = open_engine(f"sqlite:///{path}", KEYS)
    yield engine
    engine.dispose()


@pytest.fixture
def statements(engine: Engine) -> dict[str, Any]:
    """What is asked of the database from now on, with the values of the first time."""
    asked: dict[str, Any] = {}

    def keep(_connection: Connection, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        asked.setdefault(statement, values[0] if many else values)

    event.listen(engine, "before_cursor_execute", keep)
    return asked


def test_no_statement_of_a_tick_walks_through_what_was_done_over_the_years(
    engine: Engine, tmp_path: Path, statements: dict[str, Any]
) -> None:
    office = furnish(engine, tmp_path)
    office.launch("4", "1", "3", due=date(2004, 6, 16))
    statements.clear()
    office.days(ON, at(28))
    walked = [walk for statement, values in list(statements.items()) for walk in walks(engine, statement, values)]
    assert not walked, "\n".join(walked)
    assert len(statements) > 30, "assignments, digests, summaries and upward letters are among them"
    assert any(statement.startswith("UPDATE notice SET state") for statement in statements), "settled ones too"


def test_no_statement_of_those_who_watch_the_engine_walks_through_them_either(
    engine: Engine, tmp_path: Path, statements: dict[str, Any]
) -> None:
    office = furnish(engine, tmp_path)
    office.launch("4", due=date(2004, 6, 16))
    office.days(ON, at(7))
    statements.clear()
    with reading(engine) as session:
        for ask in (tasks_due, first_due, oldest_waiting, last_tick, quota_used):
            ask(session, at(7))
        letters_by_state(session)
        count_late(session, at(5), at(7))
        list_letters(session, states=DEAD)
    walked = [walk for statement, values in list(statements.items()) for walk in walks(engine, statement, values)]
    assert not walked, "\n".join(walked)


def test_nobodys_own_work_and_no_task_is_found_by_walking_through_them(
    engine: Engine, tmp_path: Path, statements: dict[str, Any]
) -> None:
    office = furnish(engine, tmp_path)
    office.launch("4", "2", due=date(2004, 6, 16))
    task = office.task("4")
    statements.clear()
    with reading(engine) as session:
        for code in ("luong.thi.ngan", "le.thi.c", "le.thi.d"):
            person = office.person(code)
            principal = read_principal(session, person, date(2004, 6, 7))
            read_work(session, principal, now=at(7), calendar=office.calendar)
            with suppress(NotFound):
                read_sheet(session, principal, task.id, now=at(7), calendar=office.calendar)
    walked = [walk for statement, values in list(statements.items()) for walk in walks(engine, statement, values)]
    assert not walked, "\n".join(walked)
    assert any("FROM contribution" in statement for statement in statements)
