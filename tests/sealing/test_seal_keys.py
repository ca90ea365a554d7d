"""The key that signs seals: begun once, kept through a restore, replaced, and missed where it is not there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.seal_keys import SealKeyMissing, SealKeys, begin_signing, read_signing_key, seal_keys_of
from models.database.secret_keys import keys_of
from models.database.session import open_engine, reading, transaction
from models.errors import BadInput
from models.settings import Settings
from models.tasks.history import HistorySeal
from tests.office import Office, at, furnish
from workflows.history.seal import seal
from workflows.history.verify_history import verify
from workflows.operations.backups.make_backup import back_up
from workflows.operations.backups.restore import restore
from workflows.operations.doctor.finding import CheckedInstallation, State
from workflows.operations.doctor.seals import signatures
from workflows.operations.secret_upkeep import rotate_seals


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    folder = tmp_path / "office"
    folder.mkdir()
    monkeypatch.setenv("DONDOC_DATA", str(folder))
    return Settings()


@pytest.fixture
def office(migrated_sqlite: Path, settings: Settings) -> Iterator[Office]:
    (settings.data / "dondoc.sqlite").write_bytes(migrated_sqlite.read_bytes())
    made = furnish(opened(settings), settings.data)
    with transaction(made.engine) as session:
        begin_signing(session.connection())
    made.settings = settings
    made.launch("4")
    seal(made.engine, now=at(1, minute=1))
    yield made
    made.engine.dispose()


def opened(settings: Settings) -> Engine:
    return open_engine(settings.url, keys_of(settings))


def work(office: Office, day: int) -> None:
    office.act(office.task(), "progress" if day > 2 else "accept", "luong.thi.ngan", at(day), note="Đang làm")
    seal(office.engine, now=at(day, minute=1))


def state(office: Office) -> State:
    with reading(office.engine) as session:
        return signatures(CheckedInstallation(office.settings, at(5), office.engine), session).state


def test_a_restored_office_goes_on_with_its_key(office: Office, tmp_path: Path) -> None:
    back_up(office.engine, office.settings, tmp_path / "saved.tar", now=at(1, hour=9))
    work(office, 2)
    rotate_seals(office.engine, seal_keys_of(office.settings), now=at(2, hour=9))
    work(office, 3)
    assert verify(office.engine).signed == 3 and state(office) is State.OK
    office.engine.dispose()
    for file in office.settings.data.glob("dondoc.sqlite*"):
        file.unlink()
    restore(tmp_path / "saved.tar", office.settings, now=at(4))
    office.engine = opened(office.settings)
    told = verify(office.engine)
    assert (told.broken, told.signed) == (None, 1), "what is not in the back-up is gone on purpose"
    with pytest.raises(SealKeyMissing):
        work(office, 2)
    rotate_seals(office.engine, seal_keys_of(office.settings), now=at(4))  # the newer key takes its place
    seal(office.engine, now=at(4))
    assert verify(office.engine).broken is None and verify(office.engine).signed == 2 and state(office) is State.OK


def test_a_restore_elsewhere_checks_and_seals_nothing_without_the_key(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(office.engine, office.settings, tmp_path / "saved.tar", now=at(1, hour=9))
    here = seal_keys_of(office.settings).private.file
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path / "new"))
    new = Office(opened(Settings()), Settings(), calendar=office.calendar)
    restore(tmp_path / "saved.tar", new.settings, now=at(4))
    assert not (tmp_path / "new" / "seals.key").exists()
    assert verify(new.engine).signed == 1 and state(new) is State.BROKEN
    with pytest.raises(SealKeyMissing):
        work(new, 2)
    seal_keys_of(new.settings).private.file.write_bytes(here.read_bytes())
    seal_keys_of(new.settings).private.file.chmod(0o600)
    assert seal(new.engine, now=at(4)) > 0 and state(new) is State.OK


def test_a_change_of_the_key_that_was_broken_off_goes_on(office: Office) -> None:
    keys = seal_keys_of(office.settings)
    (old,), new = keys.private.read(), keys.private.fresh()
    keys.private.replace([new, old])  # killed before anything else
    work(office, 2)
    mark = rotate_seals(office.engine, keys, now=at(2))
    assert keys.private.read() == [new] and mark.digits in keys.public_halves() and mark.first == 3
    keys.write_public_keys(keys.public_keys()[:1])  # killed before the last step: the next start writes it
    assert state(office) is State.BROKEN
    with transaction(office.engine) as session:
        begin_signing(session.connection())
    work(office, 3)
    assert verify(office.engine).signed == 3 and state(office) is State.OK


def test_several_machines_share_a_key_that_a_person_made(migrated_sqlite: Path, settings: Settings) -> None:
    """Without it nothing is signed; with it each machine writes the public key down for itself."""
    (settings.data / "dondoc.sqlite").write_bytes(migrated_sqlite.read_bytes())
    shared = settings.model_copy(update={"prefect_api_url": "http://10.0.0.5:4210/api", "secrets_key": "ab" * 32})
    shared = Settings.model_validate(shared.model_dump() | {"database_url": None})
    bare = opened(shared)
    with transaction(bare) as session:
        begin_signing(session.connection())
        assert read_signing_key(session.connection()) is None
    bare.dispose()
    given = Settings.model_validate(shared.model_dump() | {"seals_key": "cd" * 32})
    one = furnish(opened(given), settings.data)
    with transaction(one.engine) as session:
        begin_signing(session.connection())
    one.launch("4")
    seal(one.engine, now=at(1, minute=1))
    with reading(one.engine) as session:
        assert session.exec(select(HistorySeal)).one().signature
    other = given.model_copy(update={"data": settings.data / "other", "database_url": None})
    (settings.data / "other").mkdir()
    there = open_engine(given.url, keys_of(other))
    with transaction(there) as session:
        begin_signing(session.connection())
    assert seal_keys_of(other).public_keys() == seal_keys_of(given).public_keys()
    assert verify(there).signed == 1
    for engine in (there, one.engine):
        engine.dispose()


@pytest.mark.parametrize("words", ["", "1", "0 " + "a" * 64, "1 " + "g" * 64])
def test_a_damaged_file_of_public_keys_is_said(tmp_path: Path, words: str) -> None:
    keys = SealKeys(tmp_path)
    keys.public_file.write_text(words)
    with pytest.raises(BadInput, match=r"seals\.pub"):
        keys.public_keys()
    keys.head_file.write_text(words)
    with pytest.raises(BadInput, match=r"seals\.head"):
        keys.head()


def test_a_database_set_back_by_its_own_means_goes_on_with_the_newer_key(office: Office) -> None:
    """As by a recovery to a point in time: nothing of the program was asked."""
    office.engine.dispose()
    saved = (office.settings.data / "dondoc.sqlite").read_bytes()
    keys = seal_keys_of(office.settings)
    office.engine = opened(office.settings)
    work(office, 2)
    rotate_seals(office.engine, keys, now=at(2))
    work(office, 3)
    office.engine.dispose()
    (office.settings.data / "dondoc.sqlite").write_bytes(saved)
    office.engine = opened(office.settings)
    assert verify(office.engine).broken is not None and state(office) is State.BROKEN
    keys.head_file.unlink()
    rotate_seals(office.engine, keys, now=at(4))
    work(office, 2)
    told = verify(office.engine)
    assert (told.broken, told.signed) == (None, 2) and state(office) is State.OK
