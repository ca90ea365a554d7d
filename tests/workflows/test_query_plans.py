"""What a tick costs follows what is due: on SQLite no statement of it walks through a table that only ever grows."""

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from models.engine_reads import first_due, last_tick, letters_by_state, oldest_waiting, quota_used, tasks_due
from models.errors import NotFound
from models.letter import DEAD
from models.letter_reads import list_letters
from models.session import open_engine, reading
from tests.office import ON, at, furnish
from workflows.clock_watch import count_late
from workflows.rights import read_place
from workflows.task_sheet import read_sheet
from workflows.work import read_work

GROWING = {
    "task", "notice", "letter", "letter_content", "letter_attempt", "history", "history_note", "contribution", "result",
    "extension", "obstacle", "lead_change", "evidence", "telephone_note", "signed_press", "run",
}  # fmt: skip
_STEP = re.compile(r"(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?(?: \((.*)\))?")
_SMALL = {"ix_letter_leased", "ix_letter_to_send", "ix_letter_stopped", "ix_notice_to_group", "ix_task_due_for_check"}
"""Partial indexes of what is still to be done: walking through one reads that and nothing else."""


@pytest.fixture
def engine(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Engine]:
    path = tmp_path / "test.sqlite"
    shutil.copyfile(migrated_sqlite, path)
    engine = open_engine(f"sqlite:///{path}")
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
    walks = [walk for statement, values in list(statements.items()) for walk in _walks(engine, statement, values)]
    assert not walks, "\n".join(walks)
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
    walks = [walk for statement, values in list(statements.items()) for walk in _walks(engine, statement, values)]
    assert not walks, "\n".join(walks)


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
            place = read_place(session, person, date(2004, 6, 7))
            read_work(session, place, now=at(7), calendar=office.calendar)
            with suppress(NotFound):
                read_sheet(session, place, task.id, now=at(7), calendar=office.calendar)
    walks = [walk for statement, values in list(statements.items()) for walk in _walks(engine, statement, values)]
    assert not walks, "\n".join(walks)
    assert any("FROM contribution" in statement for statement in statements)


def _walks(engine: Engine, statement: str, values: Any) -> Iterator[str]:
    """Steps of the database's plan that read a growing table from end to end, up to now, or by what holds for most."""
    if not statement.startswith(("SELECT", "UPDATE", "DELETE")):
        return
    with engine.connect() as connection:
        for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
            found = _STEP.match(step.detail)
            if found is None or found[2] not in GROWING:
                continue
            by = found[4] or ""
            is_end_to_end = found[1] == "SCAN" or ("<" in by and "=" not in by and ">" not in by)
            if (is_end_to_end and found[3] not in _SMALL) or by == "incident_id=?":
                yield f"{step.detail}: {' '.join(statement.split())[:400]}"
