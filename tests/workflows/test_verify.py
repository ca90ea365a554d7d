"""Verify: whatever is done to the history behind the product's back is found, and the first break is named."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, delete, select, update
from sqlmodel import col

from models.database.ids import new_id
from models.database.rows import table_of
from models.database.session import open_engine, reading, transaction
from models.errors import BadInput
from models.tasks.history import History, HistoryNote, HistorySeal
from models.tasks.task import Task
from tests.keys import KEYS
from tests.office import Office, at, at_office, furnish
from tests.scenes import Play
from tests.tampering import unguarded
from workflows.history.verify_history import verify
from workflows.rules.chain import Break, ChainFault


def play(engine: Engine, folder: Path) -> None:
    """A launch, three days of work with words in it, each day sealed, and a tail."""
    made = furnish(engine, folder)
    made.launch("4", "2")
    made.tick(at(1, minute=1))
    task = made.task("4")
    made.act(task, "accept", "luong.thi.ngan", at(2))
    made.act(task, "progress", "luong.thi.ngan", at(2, hour=9), note="Đang dự thảo đề án")
    made.act(task, "progress", "luong.thi.ngan", at(2, hour=10), note="Đã xong dự thảo")
    made.tick(at(2, hour=11))
    made.submit(task, "luong.thi.ngan", at(3))
    made.tick(at(3, minute=1))
    made.act(task, "return", "le.thi.c", at(4), note="Bổ sung số liệu")


@pytest.fixture
def engine(stage: Callable[[Play], str]) -> Iterator[Engine]:
    engine = open_engine(stage(play), KEYS)
    yield engine
    engine.dispose()


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """That office, to be tampered with."""
    return at_office(engine, tmp_path)


def rows(office: Office, seal: int | None) -> list[History]:
    """The rows of a seal, or of the tail, in their order."""
    with reading(office.engine) as session:
        one = select(col(HistorySeal.id)).where(col(HistorySeal.number) == seal).scalar_subquery()
        wanted = col(History.seal_id).is_(None) if seal is None else col(History.seal_id) == one
        order = (col(History.recorded_at), col(History.id))
        return list(session.scalars(select(History).where(wanted).order_by(*order)))


def seals(office: Office) -> list[Any]:
    with reading(office.engine) as session:
        return list(session.execute(select(table_of(HistorySeal)).order_by(col(HistorySeal.number))))


def found(office: Office, **given: Any) -> Break:
    broken = verify(office.engine, **given).broken
    assert broken is not None
    return broken


def _hex(given: UUID | None) -> str | None:
    return None if given is None else given.hex


def change(connection: Connection, row: History, **values: Any) -> None:
    connection.execute(update(History).where(col(History.id) == row.id).values(**values))


def test_what_was_played_is_whole(office: Office) -> None:
    told = verify(office.engine)
    assert told.broken is None
    assert told.seals == len(seals(office)) >= 3
    assert told.rows == sum(one.row_count for one in seals(office))
    assert told.head == seals(office)[-1].digest
    assert (told.notes, told.erased, told.tail, told.late) == (3, 0, 1, 0)
    assert told.tail_since == at(4)


def test_a_changed_fact_is_found_and_its_row_named(office: Office) -> None:
    row = rows(office, 2)[1]
    with unguarded(office.engine) as connection:
        change(connection, row, facts={"due_on": "2004-12-31"})
    assert found(office) == Break(ChainFault.ROW_CHANGED, 2, 2, row.id.hex, _hex(row.task_id))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("event", "approved"),
        ("relation", "clerk"),
        ("from_status", "returned"),
        ("to_status", None),
        ("occurred_on", at(1).date()),
        ("actor_id", None),
        ("task_id", None),
        ("note_hash", "0" * 64),
    ],
)
def test_whatever_column_is_changed_is_found(office: Office, column: str, value: Any) -> None:
    row = rows(office, 2)[0]
    with unguarded(office.engine) as connection:
        change(connection, row, **{column: value})
    broken = found(office)
    assert (broken.fault, broken.seal, broken.position, broken.row_id) == (ChainFault.ROW_CHANGED, 2, 1, row.id.hex)


def test_a_flipped_byte_of_the_file_is_found(engine: Engine, office: Office) -> None:
    """One bit of a text on the disk, with no statement at all; it need not be text any more."""
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's own checksums are its business")
    row = rows(office, 3)[0]
    engine.dispose()
    path = Path(str(engine.url.database))
    raw = bytearray(path.read_bytes())
    places = [one.start() for one in re.finditer(row.id.hex.encode(), raw)]
    event = [place for at_ in places if (place := raw.find(b"submitted", at_, at_ + 400)) > 0]
    assert event
    for place in event:
        raw[place] ^= 0x80
    path.write_bytes(raw)
    broken = found(Office(open_engine(str(engine.url), KEYS), office.settings))
    assert (broken.fault, broken.seal, broken.position, broken.row_id) == (ChainFault.ROW_CHANGED, 3, 1, row.id.hex)


def test_a_page_that_is_none_any_more_is_told(engine: Engine, office: Office) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's own checksums are its business")
    row = rows(office, 2)[0]
    engine.dispose()
    path = Path(str(engine.url.database))
    raw = bytearray(path.read_bytes())
    for one in list(re.finditer(row.id.hex.encode(), raw)):
        page = one.start() // 4096 * 4096
        raw[page : page + 4096] = b"\xff" * 4096
    path.write_bytes(raw)
    broken = verify(open_engine(str(engine.url), KEYS)).broken
    assert broken is not None
    assert broken.fault in (ChainFault.UNREADABLE, ChainFault.ROW_MISSING)
    assert broken.seal


def test_a_deleted_row_is_found_and_its_task_named(office: Office) -> None:
    row = rows(office, 2)[2]
    with unguarded(office.engine) as connection:
        connection.execute(delete(HistoryNote).where(col(HistoryNote.history_id) == row.id))
        connection.execute(delete(History).where(col(History.id) == row.id))
    broken = found(office)
    assert (broken.fault, broken.seal, broken.position, broken.row_id) == (ChainFault.ROW_MISSING, 2, 3, row.id.hex)


def test_of_a_deleted_row_the_task_is_named_by_what_points_at_it(office: Office) -> None:
    task = office.task("4")
    with unguarded(office.engine) as connection:
        connection.execute(delete(History).where(col(History.id) == task.assigned_anchor_id))
    broken = found(office)
    assert (broken.fault, broken.row_id, broken.task_id) == (
        ChainFault.ROW_MISSING,
        task.assigned_anchor_id.hex,
        task.id.hex,
    )


def test_two_rows_whose_moments_were_exchanged_are_found(office: Office) -> None:
    first, second = rows(office, 2)[1:3]
    with unguarded(office.engine) as connection:
        change(connection, first, recorded_at=second.recorded_at)
        change(connection, second, recorded_at=first.recorded_at)
    broken = found(office)
    assert (broken.fault, broken.seal, broken.position, broken.found_at) == (ChainFault.ROW_OUT_OF_ORDER, 2, 2, 3)
    assert broken.row_id == first.id.hex


def test_a_row_that_was_put_into_another_seal_is_found(office: Office) -> None:
    row = rows(office, 2)[0]
    with unguarded(office.engine) as connection:
        change(connection, row, seal_id=seals(office)[2].id)
    broken = found(office)
    assert (broken.fault, broken.seal, broken.position, broken.row_id) == (
        ChainFault.ROW_OUT_OF_ORDER,
        2,
        1,
        row.id.hex,
    )


@pytest.mark.parametrize("hour", [1, 9, 23])
def test_an_added_row_is_found(office: Office, hour: int) -> None:
    like = rows(office, 2)[1]
    added = new_id()
    values = like.model_dump() | {"id": added, "recorded_at": at(2, hour=hour), "note_hash": None}
    with unguarded(office.engine) as connection:
        connection.execute(table_of(History).insert().values(**values))
    broken = found(office)
    assert (broken.fault, broken.seal, broken.row_id) == (ChainFault.ROW_ADDED, 2, added.hex)
    assert broken.task_id == (like.task_id and like.task_id.hex)


def test_a_deleted_seal_is_found(office: Office) -> None:
    for number, place in ((2, 1), (1, 0)):
        with unguarded(office.engine) as connection:
            connection.execute(delete(HistorySeal).where(col(HistorySeal.number) == number))
        assert found(office) == Break(ChainFault.SEAL_MISSING, seal=place + 1)


def test_the_newest_seal_deleted_leaves_rows_that_name_it(office: Office) -> None:
    last = len(seals(office))
    row = rows(office, last)[0]
    with unguarded(office.engine) as connection:
        connection.execute(delete(HistorySeal).where(col(HistorySeal.number) == last))
    broken = found(office)
    assert (broken.fault, broken.row_id) == (ChainFault.SEAL_MISSING, row.id.hex)


@pytest.mark.parametrize("column", ["digest", "row_hashes", "row_ids", "sealed_at", "upto", "previous_id"])
def test_a_changed_seal_is_found(office: Office, column: str) -> None:
    one = seals(office)[1]
    value: Any = {
        "digest": "0" * 64,
        "row_hashes": bytes(32 * one.row_count),
        "row_ids": bytes(16 * one.row_count),
        "sealed_at": at(2),
        "upto": at(2),
        "previous_id": new_id(),
    }[column]
    with unguarded(office.engine) as connection:
        connection.execute(update(HistorySeal).where(col(HistorySeal.number) == 2).values(**{column: value}))
    assert found(office) == Break(ChainFault.SEAL_CHANGED, seal=2)


def test_a_row_and_its_seal_changed_alike_break_the_chain_at_the_next(office: Office) -> None:
    """Who computes one seal anew would have to do so with every seal after it."""
    from models.tasks.sealed_lines import ROW_COLUMNS, line_digest, row_hash
    from workflows.history.seal_chain import SEAL_COLUMNS, line_of

    row = rows(office, 1)[0]
    with unguarded(office.engine) as connection:
        change(connection, row, event="approved")
        held = connection.execute(
            select(*ROW_COLUMNS)
            .where(col(History.seal_id) == row.seal_id)
            .order_by(col(History.recorded_at), col(History.id))
        ).cursor.fetchall()
        hashes = b"".join(map(row_hash, held))
        mine = update(HistorySeal).where(col(HistorySeal.number) == 1)
        connection.execute(mine.values(row_hashes=hashes))
        seal = connection.execute(select(*SEAL_COLUMNS).where(col(HistorySeal.number) == 1)).one()
        connection.execute(mine.values(digest=line_digest(line_of(seal, None))))
    assert found(office) == Break(ChainFault.SEAL_CHANGED, seal=2)


def test_a_chain_written_anew_is_found_by_a_head_that_was_kept(office: Office) -> None:
    from workflows.history.seal import seal

    head = verify(office.engine).head
    assert head is not None
    assert verify(office.engine, head=head[:16]).broken is None
    with unguarded(office.engine) as connection:
        connection.execute(update(History).values(seal_id=None))
        connection.execute(delete(HistorySeal))
        change(connection, rows(office, None)[0], facts={})
    seal(office.engine, now=at(5))
    assert verify(office.engine).broken is None, "from inside it is whole"
    assert found(office, head=head).fault is ChainFault.HEAD_UNKNOWN
    with pytest.raises(BadInput, match="not the digest"):
        verify(office.engine, head="abc")


def test_changed_words_are_found_and_erased_ones_are_told(office: Office) -> None:
    row = rows(office, 2)[1]
    with transaction(office.engine) as session:
        session.execute(delete(HistoryNote).where(col(HistoryNote.history_id) == rows(office, 2)[2].id))
    told = verify(office.engine)
    assert (told.broken, told.notes, told.erased) == (None, 2, 1)
    with transaction(office.engine) as session:
        session.execute(update(HistoryNote).where(col(HistoryNote.history_id) == row.id).values(text="Đã xong"))
    broken = found(office)
    assert (broken.fault, broken.seal, broken.position, broken.row_id) == (ChainFault.NOTE_CHANGED, 2, 2, row.id.hex)


def test_changed_words_of_the_tail_are_found(office: Office) -> None:
    (row,) = rows(office, None)
    with transaction(office.engine) as session:
        session.execute(update(HistoryNote).where(col(HistoryNote.history_id) == row.id).values(text="Đạt"))
    assert found(office) == Break(ChainFault.NOTE_CHANGED, row_id=row.id.hex, task_id=_hex(row.task_id))


def test_a_row_deleted_before_it_was_sealed_is_found_by_what_points_at_it(office: Office) -> None:
    (row,) = rows(office, None)
    with unguarded(office.engine) as connection:
        connection.execute(delete(History).where(col(History.id) == row.id))
    broken = found(office)
    assert (broken.fault, broken.row_id) == (ChainFault.ROW_MISSING, row.id.hex)
    assert broken.task_id == (_hex(row.task_id))


def test_a_task_that_is_gone_is_found(office: Office) -> None:
    task = office.task("4")
    with unguarded(office.engine) as connection:
        connection.execute(delete(Task).where(col(Task.id) == task.id))
    broken = found(office)
    assert (broken.fault, broken.task_id) == (ChainFault.TASK_MISSING, task.id.hex)


def test_of_one_directive_only_its_own_contents_are_looked_at(office: Office) -> None:
    row = rows(office, 2)[0]
    other = UUID(int=7)
    assert verify(office.engine, directive_id=row.directive_id).broken is None
    with unguarded(office.engine) as connection:
        change(connection, row, event="approved")
    assert found(office, directive_id=row.directive_id).fault is ChainFault.ROW_CHANGED
    assert verify(office.engine, directive_id=other).broken is None
    with unguarded(office.engine) as connection:
        connection.execute(delete(History).where(col(History.id) == row.id))
    assert found(office, directive_id=other).fault is ChainFault.ROW_MISSING, "that they are there is looked at of all"


def test_the_first_of_two_breaks_is_the_one_named(office: Office) -> None:
    early, late = rows(office, 1)[0], rows(office, 3)[0]
    with unguarded(office.engine) as connection:
        change(connection, late, event="approved")
        change(connection, early, event="approved")
    assert found(office).seal == 1
