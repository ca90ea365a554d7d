"""The sealer: what it chains, in which order, once only, and what it costs when there is nothing."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, func, select, update
from sqlmodel import Session, col

from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.database.session import open_engine, reading, transaction
from models.tasks.history import History, HistorySeal
from models.tasks.sealed_lines import ROW_COLUMNS, pieces, row_hash, row_line
from models.text.localtime import at_local
from tests.keys import KEYS
from tests.models.world import make_world
from tests.office import at, furnish
from tests.tampering import unguarded
from workflows.history import seal as sealing
from workflows.history.seal import SETTLE, seal
from workflows.history.verify_history import verify
from workflows.reports.counted_history import is_provisional

pytestmark = pytest.mark.both

NOON = datetime(2026, 11, 5, 5, tzinfo=UTC)


@pytest.fixture
def rows(engine: Engine) -> Any:
    """Writes history rows, a second apart up to noon; gives their ids."""
    with transaction(engine) as session:
        world = make_world(session)
    directive = world.directive.id
    with unguarded(engine) as connection:
        for table in ("history", "task"):
            connection.exec_driver_sql(f"DELETE FROM {table}")

    def write(count: int, last: datetime = NOON, facts: dict[str, Any] | None = None) -> list[Any]:
        made = [
            {"id": new_id(), "recorded_at": last - timedelta(seconds=count - 1 - place), "facts": facts or {"n": place}}
            for place in range(count)
        ]
        with transaction(engine) as session:
            insert_new(
                session,
                table_of(History),
                made,
                {"occurred_on": last.date(), "directive_id": directive, "event": "progress", "relation": "head"},
            )
        return [one["id"] for one in made]

    return write


def seals(engine: Engine) -> Sequence[HistorySeal]:
    with reading(engine) as session:
        return session.scalars(select(HistorySeal).order_by(col(HistorySeal.number))).all()


def sealed_under(engine: Engine) -> dict[Any, int]:
    with reading(engine) as session:
        query = select(col(History.id), col(HistorySeal.number)).join(
            HistorySeal, col(HistorySeal.id) == History.seal_id
        )
        return {row.id: row.number for row in session.execute(query)}


def test_rows_are_chained_in_the_order_of_their_moments(engine: Engine, rows: Any) -> None:
    late = rows(2)
    early = rows(2, last=NOON - timedelta(minutes=1))
    assert seal(engine, now=NOON + timedelta(minutes=1)) == 4
    (one,) = seals(engine)
    assert [piece.hex() for piece in pieces(one.row_ids, 16)] == [row.hex for row in (*early, *late)]
    assert (one.number, one.previous_id, one.row_count) == (1, None, 4)
    assert verify(engine).broken is None


def test_what_was_recorded_just_now_waits_for_the_next_seal(engine: Engine, rows: Any) -> None:
    rows(3)
    assert seal(engine, now=NOON + SETTLE) == 2, "the newest was recorded at the cut"
    assert seal(engine, now=NOON + SETTLE) == 0
    assert seal(engine, now=NOON + SETTLE + timedelta(seconds=1)) == 1
    first, second = seals(engine)
    assert second.previous_id == first.id


def test_a_row_that_comes_late_goes_into_a_later_seal(engine: Engine, rows: Any) -> None:
    rows(2)
    seal(engine, now=NOON + timedelta(minutes=1))
    (late,) = rows(1, last=NOON - timedelta(hours=1))
    assert seal(engine, now=NOON + timedelta(minutes=2)) == 1
    assert sealed_under(engine)[late] == 2
    told = verify(engine)
    assert (told.broken, told.rows, told.late) == (None, 3, 1)


def test_many_rows_are_sealed_batch_by_batch(engine: Engine, rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 4)
    rows(10)
    assert seal(engine, now=NOON + timedelta(minutes=1)) == 10
    assert [one.row_count for one in seals(engine)] == [4, 4, 2]
    first, second, third = seals(engine)
    assert first.upto < second.upto < third.upto == NOON + timedelta(minutes=1) - SETTLE
    told = verify(engine)
    assert (told.broken, told.seals, told.rows, told.late) == (None, 3, 10, 0)


def test_rows_of_one_moment_are_split_between_two_seals(
    engine: Engine, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 3)
    for _one in range(5):
        rows(1)
    assert seal(engine, now=NOON + timedelta(minutes=1)) == 5
    assert [one.row_count for one in seals(engine)] == [3, 2]
    assert verify(engine).broken is None


def test_of_two_clocks_at_once_the_slower_does_nothing(
    engine: Engine, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other comes in between this one's reading and its writing."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets only one of them in")
    rows(3)
    read, other = sealing._read_unsealed, open_engine(str(engine.url.render_as_string(hide_password=False)), KEYS)

    def overtaken(session: Session, cut: datetime) -> Any:
        found = read(session, cut)
        monkeypatch.setattr(sealing, "_read_unsealed", read)
        assert seal(other, now=NOON + timedelta(minutes=1)) == 3
        return found

    monkeypatch.setattr(sealing, "_read_unsealed", overtaken)
    assert seal(engine, now=NOON + timedelta(minutes=1)) == 0
    other.dispose()
    assert [one.row_count for one in seals(engine)] == [3]
    assert verify(engine).broken is None


def test_a_row_that_comes_in_between_is_not_marked_unread(
    engine: Engine, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets nobody write meanwhile")
    rows(3)
    read, came = sealing._read_unsealed, list[Any]()

    def meanwhile(session: Session, cut: datetime) -> Any:
        found = read(session, cut)
        if not came:
            came.extend(rows(1, last=NOON - timedelta(hours=1)))
        return found

    monkeypatch.setattr(sealing, "_read_unsealed", meanwhile)
    assert seal(engine, now=NOON + timedelta(minutes=1)) == 4, "it begins again"
    assert len(seals(engine)) == 1
    assert verify(engine).broken is None


def test_a_day_that_ended_is_closed_by_a_seal_without_rows(engine: Engine, rows: Any) -> None:
    rows(1)
    seal(engine, now=NOON + timedelta(minutes=1))
    on = date(2026, 11, 5)
    midnight = at_local(on + timedelta(days=1)) - timedelta(hours=8)

    def provisional() -> bool:
        with reading(engine) as session:
            return is_provisional(session, on, None)

    seal(engine, now=midnight + SETTLE - timedelta(seconds=1))
    assert len(seals(engine)) == 1 and provisional()
    seal(engine, now=midnight + SETTLE)
    assert [one.row_count for one in seals(engine)] == [1, 0] and not provisional()
    seal(engine, now=midnight + timedelta(hours=5))
    assert len(seals(engine)) == 2, "one a day"
    rows(1)  # of yesterday, and comes today
    assert provisional()
    seal(engine, now=midnight + timedelta(hours=6))
    assert not provisional()


def test_a_clock_that_was_set_back_takes_nothing_back(engine: Engine, rows: Any) -> None:
    rows(1)
    seal(engine, now=NOON + timedelta(days=30))
    rows(1)
    seal(engine, now=NOON + timedelta(minutes=1))
    first, second = seals(engine)
    assert second.upto == first.upto
    assert verify(engine).broken is None


def test_an_idle_look_takes_no_write_lock_and_asks_twice(engine: Engine, rows: Any) -> None:
    rows(1)
    seal(engine, now=NOON + timedelta(minutes=1))
    asked: list[str] = []

    def keep(_connection: Connection, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", keep)
    assert seal(engine, now=NOON + timedelta(minutes=2)) == 0
    assert len([one for one in asked if one.startswith("SELECT")]) == 2
    assert not [one for one in asked if "IMMEDIATE" in one or one.startswith(("INSERT", "UPDATE"))]


def test_killed_between_two_batches_it_goes_on(engine: Engine, rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    rows(5)
    mark, marked = sealing._assign_seal, list[int]()

    def dies(session: Session, *given: Any) -> None:
        mark(session, *given)
        marked.append(1)
        if len(marked) == 2:
            raise OSError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(sealing, "_assign_seal", dies)
        with pytest.raises(OSError, match="killed"):
            seal(engine, now=NOON + timedelta(minutes=1))
    assert len(seals(engine)) == 1
    assert seal(engine, now=NOON + timedelta(minutes=1)) == 3
    assert verify(engine).broken is None


def test_both_databases_give_the_same_bytes(engine: Engine, rows: Any) -> None:
    facts = {"ý": 'gia hạn "đến" \\ ½', "b": [1, 2.0, 1e22, 0.1, True, None], "a": {"z": {}, "y": -0.0}}
    (row,) = rows(1, facts=facts)
    with reading(engine) as session:
        found = session.connection().execute(select(*ROW_COLUMNS).where(col(History.id) == row)).cursor.fetchone()
    assert found is not None
    directive = found[3]
    assert row_line(found).decode() == (
        f'["dondoc-history-1","2026-11-05T05:00:00.000000Z","{row.hex}","2026-11-05","{directive}",null,"progress",null,'
        '"head",null,null,null,{"a":{"y":0,"z":{}},"b":[1,2,10000000000000000000000,0.1,true,null],'
        '"ý":"gia hạn \\"đến\\" \\\\ ½"}]'
    )
    assert len(row_hash(found)) == 32


def test_the_tick_seals(engine: Engine, tmp_path: Path) -> None:
    office = furnish(engine, tmp_path)
    office.launch("4")
    assert office.tick(at(1, minute=5)).sealed > 0
    with reading(engine) as session:
        assert session.scalar(select(func.count()).where(col(History.seal_id).is_(None))) == 0
    assert office.tick(at(1, minute=6)).sealed == 0
    assert verify(engine).broken is None


def test_the_database_lets_no_seal_be_changed_or_deleted(engine: Engine, rows: Any) -> None:
    rows(1)
    seal(engine, now=NOON + timedelta(minutes=1))
    with pytest.raises(Exception, match="seals cannot be changed"), transaction(engine) as session:
        session.execute(update(HistorySeal).values(digest="0" * 64))
    with pytest.raises(Exception, match="seals cannot be deleted"), transaction(engine) as session:
        session.execute(table_of(HistorySeal).delete())
