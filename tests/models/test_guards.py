"""What the database itself refuses to forget, whoever asks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col

from models.database.guards import EXPECTED, GuardCheck, check_guards, guards_in
from models.directives.template import TemplateState, TemplateVersion
from models.tasks.history import History, HistoryNote, HistorySeal
from models.tasks.task import Task
from tests.models.world import NOW, World, make_world

pytestmark = pytest.mark.both


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def _set(session: Session, table: type[SQLModel], **values: Any) -> None:
    session.execute(update(table).values(**values))


def _seal(session: Session) -> HistorySeal:
    seal = HistorySeal(number=1, sealed_at=NOW, upto=NOW, row_count=0, digest="0" * 64)
    session.add(seal)
    session.flush()
    return seal


def test_a_history_row_cannot_be_deleted(session: Session, world: World) -> None:
    with pytest.raises(IntegrityError, match="history rows cannot be deleted"):
        session.execute(delete(History))


def test_history_cannot_be_emptied_at_one_stroke(session: Session, world: World) -> None:
    if session.get_bind().dialect.name == "sqlite":
        pytest.skip("SQLite knows no TRUNCATE")
    with pytest.raises(IntegrityError, match="history rows cannot be deleted"):
        session.execute(text("TRUNCATE history CASCADE"))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", lambda: uuid4()),
        ("recorded_at", lambda: NOW + timedelta(days=1)),
        ("occurred_on", lambda: NOW.date() - timedelta(days=1)),
        ("task_id", lambda: None),
        ("event", lambda: "approved"),
        ("relation", lambda: "head"),
        ("from_status", lambda: "assigned"),
        ("to_status", lambda: "approved"),
        ("facts", lambda: {"changed": True}),
        ("note_hash", lambda: "0" * 64),
    ],
)
def test_a_history_row_cannot_be_changed(
    session: Session, world: World, column: str, value: Callable[[], object]
) -> None:
    with pytest.raises(IntegrityError, match="history rows cannot be changed"):
        _set(session, History, **{column: value()})


def test_a_history_row_is_sealed_once(session: Session, world: World) -> None:
    seal = _seal(session)
    _set(session, History, seal_id=seal.id)
    _set(session, History, seal_id=seal.id)  # the same again is no change
    with pytest.raises(IntegrityError, match="sealed once"):
        _set(session, History, seal_id=None)


def test_a_sealed_row_does_not_move_to_another_seal(session: Session, world: World) -> None:
    first = _seal(session)
    second = HistorySeal(number=2, previous_id=first.id, sealed_at=NOW, upto=NOW, row_count=0, digest="1" * 64)
    session.add(second)
    session.flush()
    _set(session, History, seal_id=first.id)
    with pytest.raises(IntegrityError, match="sealed once"):
        _set(session, History, seal_id=second.id)


def test_the_words_beside_history_can_be_erased(session: Session, world: World) -> None:
    session.add(HistoryNote(history_id=world.history.id, salt="s", text="riêng tư"))
    session.flush()
    session.execute(delete(HistoryNote))


@pytest.mark.parametrize(
    ("column", "value"), [("spec", {"duty": "5"}), ("version", 2), ("digest", "f" * 64), ("state", None)]
)
def test_a_published_template_cannot_be_changed(session: Session, world: World, column: str, value: object) -> None:
    back_to_draft = {"state": TemplateState.DRAFT, "published_at": None}
    with pytest.raises(IntegrityError, match="published template cannot be changed"):
        _set(session, TemplateVersion, **(back_to_draft if column == "state" else {column: value}))


def test_a_retired_template_cannot_be_changed(session: Session, world: World) -> None:
    _set(session, TemplateVersion, state=TemplateState.RETIRED, retired_at=NOW)
    with pytest.raises(IntegrityError, match="published template cannot be changed"):
        _set(session, TemplateVersion, spec={"duty": "5"})


def test_a_draft_can_be_changed_and_published(session: Session, world: World) -> None:
    draft = TemplateVersion(duty_id=world.duty.id, version=2, spec={"duty": "4"}, digest="1" * 64, created_at=NOW)
    session.add(draft)
    session.flush()
    mine = update(TemplateVersion).where(col(TemplateVersion.id) == draft.id)
    session.execute(mine.values(spec={"duty": "4", "title": "t"}, digest="2" * 64))
    _set(session, TemplateVersion, retired_at=NOW, published_at=NOW, state=TemplateState.RETIRED)


def test_the_original_date_is_kept_for_ever(session: Session, world: World) -> None:
    first, later = NOW + timedelta(days=30), NOW + timedelta(days=60)
    _set(session, Task, original_due_at=first, due_at=first)  # an undated task gets its date
    _set(session, Task, due_at=later)  # and more time
    with pytest.raises(IntegrityError, match="original date of a task is kept"):
        _set(session, Task, original_due_at=later)


def test_the_original_date_cannot_be_taken_away(session: Session, world: World) -> None:
    first = NOW + timedelta(days=30)
    _set(session, Task, original_due_at=first, due_at=first)
    with pytest.raises(IntegrityError, match="original date of a task is kept"):
        _set(session, Task, original_due_at=None, due_at=None)


@pytest.mark.parametrize("column", ["duty_id", "assigned_unit_id", "occurrence", "parent_key"])
def test_the_identity_of_a_task_never_changes(session: Session, world: World, column: str) -> None:
    value = "2026-Q1" if column == "occurrence" else uuid4()
    with pytest.raises(IntegrityError, match="duty, assigned unit, occurrence and parent stay"):
        _set(session, Task, **{column: value})


def test_the_lead_of_a_task_may_change(session: Session, world: World) -> None:
    _set(session, Task, lead_unit_id=world.unit.id, status="accepted", revision=1)


def test_guards_of_a_new_database_are_the_expected_ones(session: Session) -> None:
    found = guards_in(session.connection())
    assert found == EXPECTED[session.get_bind().dialect.name], "put what is found into models/database/guards.py"
    assert check_guards(session.connection()) == GuardCheck([], [], [])
