"""Somebody with the database's password rewrites the history, and lets the product seal what they wrote."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, delete, select, text, update
from sqlmodel import col

from models.database.rows import table_of
from models.database.seal_keys import SealHead, seal_keys_of, sign
from models.database.secret_keys import keys_of
from models.database.session import open_engine, reading
from models.errors import DondocError
from models.settings import Settings
from models.tasks.history import History, HistorySeal
from models.tasks.sealed_lines import ROW_COLUMNS, line_digest, row_hash
from tests.keys import KEYS
from tests.office import Office, at, furnish
from tests.tampering import unguarded
from workflows.history.seal import HeadLost, seal
from workflows.history.seal_chain import SEAL_COLUMNS, line_of
from workflows.history.verify_history import verify
from workflows.jobs.tick import tick_parts
from workflows.operations.doctor.database import triggers
from workflows.operations.doctor.finding import CheckedInstallation, Finding, State
from workflows.operations.doctor.seals import signatures
from workflows.operations.secret_upkeep import rotate_seals
from workflows.operations.setup import set_up
from workflows.rules.chain import ChainFault

pytestmark = pytest.mark.long

NOW = at(5)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def office(database_url: str, settings: Settings) -> Iterator[Office]:
    """Three days of work under signed seals."""
    settings.data.mkdir()
    engine = open_engine(database_url, keys_of(settings))
    made = furnish(engine, settings.data)
    set_up(engine, now=at(1))
    made.launch("4", "2")
    seal(engine, now=at(1, minute=1))
    task = made.task("4")
    made.act(task, "accept", "luong.thi.ngan", at(2))
    seal(engine, now=at(2, minute=1))
    made.act(task, "progress", "luong.thi.ngan", at(3), note="Đang dự thảo đề án")
    seal(engine, now=at(3, minute=1))
    assert verify(engine).broken is None and verify(engine).signed == 3
    yield made
    engine.dispose()


def cut(connection: Connection, after: int) -> None:
    """The seals after that number go, and their lines are as if they had never been sealed."""
    gone = select(col(HistorySeal.id)).where(col(HistorySeal.number) > after)
    connection.execute(update(History).where(col(History.seal_id).in_(gone)).values(seal_id=None))
    connection.execute(delete(HistorySeal).where(col(HistorySeal.number) > after))


def edit(connection: Connection, event: str = "accepted") -> None:
    done = connection.execute(update(History).where(col(History.event) == event).values(relation="clerk"))
    assert done.rowcount


def seal_by_hand(connection: Connection, signature: Callable[[int, str], str | None]) -> None:
    """The unsealed lines under one more seal, as the sealer writes it, with a signature of one's own making."""
    lines = select(*ROW_COLUMNS).where(col(History.seal_id).is_(None))
    rows = connection.execute(lines.order_by(col(History.recorded_at), col(History.id))).cursor.fetchall()
    head = connection.execute(select(table_of(HistorySeal)).order_by(col(HistorySeal.number).desc()).limit(1)).first()
    made = HistorySeal(
        number=head.number + 1 if head else 1,
        previous_id=head.id if head else None,
        sealed_at=NOW,
        upto=NOW,
        row_count=len(rows),
        digest="",
        row_ids=b"".join(bytes.fromhex(row[1]) for row in rows),
        row_hashes=b"".join(map(row_hash, rows)),
    )
    connection.execute(table_of(HistorySeal).insert().values(**made.model_dump()))
    mine = col(HistorySeal.number) == made.number
    written = connection.execute(select(*SEAL_COLUMNS).where(mine)).one()
    digest = line_digest(line_of(written, head.digest if head else None))
    values = {"digest": digest, "signature": signature(made.number, digest)}
    connection.execute(update(HistorySeal).where(mine).values(**values))
    connection.execute(update(History).where(col(History.seal_id).is_(None)).values(seal_id=made.id))


def found(engine: Engine) -> tuple[ChainFault, int | None]:
    broken = verify(engine).broken
    assert broken is not None
    return broken.fault, broken.seal


@pytest.mark.parametrize("after", [0, 1, 2])
def test_what_was_cut_off_and_edited_is_not_sealed_again(office: Office, after: int) -> None:
    with unguarded(office.engine) as connection:
        cut(connection, after)
        edit(connection, "accepted" if after < 2 else "progress")
    with pytest.raises(HeadLost):
        tick_parts(office.engine, office.settings)["seal"](NOW)
    assert found(office.engine) == (ChainFault.HEAD_LOST, 3)
    with reading(office.engine) as session:
        assert signatures(case(office), session).state is State.BROKEN


def test_a_history_rewritten_and_sealed_by_hand_is_found(office: Office) -> None:
    mine = Ed25519PrivateKey.generate()
    with unguarded(office.engine) as connection:
        cut(connection, 0)
        edit(connection)
        seal_by_hand(connection, lambda number, digest: sign(mine, number, digest))
    assert found(office.engine) == (ChainFault.SIGNATURE_WRONG, 1)


@pytest.mark.parametrize("signature", ["removed", "of_then", "of_another"])
def test_no_old_signature_fits_a_rewritten_seal(office: Office, signature: str) -> None:
    with reading(office.engine) as session:
        before = dict(session.execute(select(col(HistorySeal.number), col(HistorySeal.signature))).all())
    replayed = {"removed": None, "of_then": before[3], "of_another": before[1]}[signature]
    with unguarded(office.engine) as connection:
        cut(connection, 2)
        edit(connection, "progress")
        seal_by_hand(connection, lambda _number, _digest: replayed)
    fault = ChainFault.SIGNATURE_MISSING if signature == "removed" else ChainFault.SIGNATURE_WRONG
    assert found(office.engine) == (fault, 3)


@pytest.mark.parametrize("which", [1, 3])
def test_a_seal_without_its_signature_does_not_pass_for_an_old_one(office: Office, which: int) -> None:
    with unguarded(office.engine) as connection:
        connection.execute(update(HistorySeal).where(col(HistorySeal.number) == which).values(signature=None))
    assert found(office.engine) == (ChainFault.SIGNATURE_MISSING, which)


@pytest.mark.parametrize("mark", [None, "1", "9"])
def test_the_databases_word_for_the_key_opens_nothing(office: Office, mark: str | None) -> None:
    """The row that names the key is exchanged for the attacker's, moved on, or taken away."""
    mine = Ed25519PrivateKey.generate()
    words = f"{mark} {mine.public_key().public_bytes_raw().hex()}"
    with unguarded(office.engine) as connection:
        cut(connection, 0)
        edit(connection)
        seal_by_hand(connection, lambda number, digest: sign(mine, number, digest))
        if mark is None:
            connection.execute(text("DELETE FROM installation WHERE name = 'seals_key'"))
        else:
            connection.execute(text("UPDATE installation SET value = :one WHERE name = 'seals_key'"), {"one": words})
    set_up(office.engine, now=NOW)  # every start looks after the keys
    assert found(office.engine) == (ChainFault.SIGNATURE_WRONG, 1)
    office.act(office.task("4"), "progress", "luong.thi.ngan", at(4), note="Đã xong")
    with pytest.raises(DondocError, match="is not in"):
        seal(office.engine, now=NOW)


def test_without_the_mark_seals_are_signed_all_the_same(office: Office) -> None:
    with unguarded(office.engine) as connection:
        connection.execute(text("DELETE FROM installation WHERE name = 'seals_key'"))
    office.act(office.task("4"), "progress", "luong.thi.ngan", at(4), note="Đã xong")
    assert seal(office.engine, now=NOW) == 1
    assert verify(office.engine).signed == 4


def test_an_emptied_history_is_found_by_a_machine_that_only_looks(office: Office) -> None:
    """A machine that has the public keys alone, and has never sealed."""
    keys = seal_keys_of(office.settings)
    keys.head_file.unlink()
    rotate_seals(office.engine, keys, now=NOW)
    with unguarded(office.engine) as connection:
        cut(connection, 0)
    assert found(office.engine) == (ChainFault.HEAD_LOST, 3)


def test_an_old_key_signs_nothing_after_it_was_replaced(office: Office) -> None:
    keys = seal_keys_of(office.settings)
    (stolen,) = [keys.signer(one) for one in keys.public_halves()]
    rotate_seals(office.engine, keys, now=NOW)
    office.act(office.task("4"), "progress", "luong.thi.ngan", at(4), note="Đã xong")
    seal(office.engine, now=NOW)
    assert verify(office.engine).signed == 4 and len(keys.public_keys()) == 2
    with unguarded(office.engine) as connection:
        cut(connection, 3)
        edit(connection, "progress")
        seal_by_hand(connection, lambda number, digest: sign(stolen, number, digest))
    assert found(office.engine)[0] in (ChainFault.ROW_CHANGED, ChainFault.SIGNATURE_WRONG)
    with unguarded(office.engine) as connection:  # also with all that the old key has signed made anew
        cut(connection, 0)
        seal_by_hand(connection, lambda number, digest: sign(stolen, number, digest))
    assert found(office.engine) == (ChainFault.HEAD_LOST, 4)


@pytest.mark.parametrize("lost", ["seals.key", "seals.key and the mark"])
def test_no_other_key_is_made_in_silence(office: Office, lost: str) -> None:
    keys = seal_keys_of(office.settings)
    keys.private.file.unlink()
    if "mark" in lost:
        with unguarded(office.engine) as connection:
            connection.execute(text("DELETE FROM installation WHERE name = 'seals_key'"))
    set_up(office.engine, now=NOW)
    assert not keys.private.file.exists()
    office.act(office.task("4"), "progress", "luong.thi.ngan", at(4), note="Đã xong")
    with pytest.raises(DondocError, match="the key that signs the history's seals is not in"):
        seal(office.engine, now=NOW)
    with reading(office.engine) as session:
        finding = signatures(case(office), session)
    assert finding.state is State.BROKEN and "rotate-seals" in str(finding.words)
    rotate_seals(office.engine, keys, now=NOW)
    assert seal(office.engine, now=NOW) == 1
    told = verify(office.engine)
    assert (told.broken, told.signed, [one.first for one in keys.public_keys()]) == (None, 4, [1, 4])


def test_seals_from_before_there_was_a_key_are_counted(database_url: str, settings: Settings) -> None:
    settings.data.mkdir()
    bare = open_engine(database_url, KEYS)
    made = furnish(bare, settings.data)
    made.launch("4")
    seal(bare, now=at(1, minute=1))
    bare.dispose()
    engine = open_engine(database_url, keys_of(settings))
    set_up(engine, now=at(2))
    made.engine = engine
    made.act(made.task("4"), "accept", "luong.thi.ngan", at(2))
    seal(engine, now=at(2, minute=1))
    told = verify(engine)
    assert (told.broken, told.unsigned, told.signed) == (None, 1, 1)
    with unguarded(engine) as connection:
        cut(connection, 0)
        edit(connection)
        seal_by_hand(connection, lambda _number, _digest: None)
        seal_by_hand(connection, lambda _number, _digest: None)
    assert found(engine) == (ChainFault.SIGNATURE_MISSING, 2), "the first signed seal covers those before it"
    engine.dispose()


def test_the_newest_signed_seal_may_be_younger_than_this_machine_knows(office: Office) -> None:
    """Killed between the commit and its own note of it, or another machine was at work."""
    keys = seal_keys_of(office.settings)
    kept = keys.head()
    office.act(office.task("4"), "progress", "luong.thi.ngan", at(4), note="Đã xong")
    seal(office.engine, now=NOW)
    assert kept is not None and keys.head() == SealHead(4, verify(office.engine).head or "")
    keys.keep_head(kept)
    assert verify(office.engine).broken is None
    office.act(office.task("4"), "progress", "luong.thi.ngan", at(4, hour=9), note="Đã xong")
    assert seal(office.engine, now=NOW + timedelta(minutes=1)) == 1


TAKEN = {"sqlite": "DROP TRIGGER {}", "postgresql": "DROP TRIGGER {} ON history"}
ALTERED = {
    "sqlite": (
        "DROP TRIGGER history_is_kept",
        "CREATE TRIGGER history_is_kept BEFORE DELETE ON history WHEN 0 BEGIN SELECT RAISE(ABORT, 'no'); END",
    ),
    "postgresql": ("ALTER TABLE history DISABLE TRIGGER history_is_kept",),
}


def test_doctor_names_the_triggers_that_are_gone_or_altered(office: Office) -> None:
    kind = office.engine.dialect.name
    assert triggers(case(office)).state is State.OK
    write(office.engine, TAKEN[kind].format("history_is_frozen"))
    assert named(triggers(case(office))) == ["history_is_frozen"]
    office.engine.dispose()


def test_doctor_names_an_altered_trigger(office: Office) -> None:
    write(office.engine, *ALTERED[office.engine.dialect.name])
    assert named(triggers(case(office))) == ["history_is_kept"]


def test_doctor_names_a_guard_whose_function_says_nothing(office: Office) -> None:
    if office.engine.dialect.name == "sqlite":
        pytest.skip("SQLite's triggers have no functions")
    write(
        office.engine,
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$",
    )
    assert "history_is_kept" in named(triggers(case(office)))


def write(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for one in statements:
            connection.exec_driver_sql(one)


def case(office: Office, now: datetime = NOW) -> CheckedInstallation:
    return CheckedInstallation(office.settings, now, office.engine)


def named(finding: Finding) -> Any:
    assert finding.state is State.BROKEN
    return finding.words.facts["names"]
