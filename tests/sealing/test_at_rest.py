"""Secrets at rest: what a thief of the database has, what an upgrade does, what a hand in the rows comes to."""

from pathlib import Path

import pytest

from models.database.schema import downgrade, migrate
from models.database.sealing import KeyMissing, Locked, is_token, read_mark
from models.database.secret_keys import Keys
from models.database.session import open_engine, reading, transaction
from models.organization.account import Account
from tests.sealing.conftest import HEAD, NOW, OTHER, Safe, dump, kept, now_with_keys, rows_of, url_of
from workflows.access.accounts.totp import has_totp, is_totp_code
from workflows.access.secret_upkeep import look, seal_rest
from workflows.jobs.cleanup.purge import purge
from workflows.operations.setup import set_up


def test_a_dump_holds_none_of_the_secrets_in_clear(safe: Safe, tmp_path: Path) -> None:
    safe.office.tick(NOW)
    taken = dump(safe.engine, tmp_path)
    assert b"https://example.vn/" in taken  # the rows are there, in clear
    assert [name for name, clear in safe.clear.items() if clear.encode() in taken] == []
    assert safe.keys.read()[0].raw not in taken and safe.keys.read()[0].raw.hex().encode() not in taken
    assert safe.opened() == safe.clear


def test_so_does_what_an_older_release_left_once_it_is_sealed(older: Safe, tmp_path: Path) -> None:
    taken = dump(older.engine, tmp_path)
    assert [name for name, clear in older.clear.items() if clear.encode() not in taken] == []
    now_with_keys(older)
    assert older.opened() == older.clear  # in clear they are read before, and by whoever has no key
    set_up(older.engine, now=NOW)  # `dondoc init`, and every start of `serve`
    taken = dump(older.engine, tmp_path)
    assert [name for name, clear in older.clear.items() if clear.encode() in taken] == []
    assert older.opened() == older.clear


def test_sealing_migration_waits_for_old_programs_on_postgresql(older: Safe) -> None:
    downgrade(older.engine, "0015")
    now_with_keys(older)
    if older.engine.dialect.name == "postgresql":
        set_up(older.engine, now=NOW)  # an upgrade beside old programs: they go on reading
        assert not any(map(is_token, rows_of(older.engine)))
        assert not older.keys.file.exists()
        with transaction(older.engine) as session:
            assert seal_rest(session) == 0
    migrate(older.engine)  # `dondoc upgrade --finish`; on SQLite every upgrade
    assert all(map(is_token, rows_of(older.engine)))
    assert older.opened() == older.clear


@pytest.mark.parametrize("revision", ["0024", "0015"])
def test_the_way_down_lays_everything_open_again_for_the_release_before(safe: Safe, revision: str) -> None:
    downgrade(safe.engine, revision)
    assert safe.clear[HEAD] in kept(safe.engine, "account", "totp_secret")
    assert safe.clear["webhook"] in kept(safe.engine, "webhook", "secret")
    with safe.engine.connect() as connection:
        assert read_mark(connection) is None
    migrate(safe.engine)
    assert safe.opened() == safe.clear


def test_what_an_old_program_still_wrote_in_clear_is_sealed_at_night(safe: Safe) -> None:
    person = safe.office.person(OTHER)
    with transaction(safe.engine) as session:
        session.get_one(Account, person.id).totp_secret = safe.clear[OTHER]
    assert safe.opened() == safe.clear
    purge(safe.engine, safe.office.settings, now=NOW)
    assert all(map(is_token, rows_of(safe.engine)))
    assert safe.opened() == safe.clear


# A hand in the database


def test_a_second_step_moved_from_another_person_lets_nobody_in(safe: Safe) -> None:
    mine, theirs = safe.office.person(HEAD), safe.office.person(OTHER)
    with transaction(safe.engine) as session:
        session.get_one(Account, theirs.id).totp_secret = session.get_one(Account, mine.id).totp_secret
        session.get_one(Account, theirs.id).totp_last_step = 0
    with pytest.raises(Locked, match="put there from another row"), transaction(safe.engine) as session:
        is_totp_code(session, theirs.id, safe.app(HEAD).at(NOW), now=NOW)
    with reading(safe.engine) as session:
        assert has_totp(session, theirs.id)  # it is asked for all the same
        found = look(session, safe.keys)
        assert found.fault is None and [one.place.row for one in found.locked] == [theirs.id.hex]


@pytest.mark.parametrize("code", ["", "000000"])
def test_without_the_key_no_code_is_right_and_the_second_step_is_still_asked_for(safe: Safe, code: str) -> None:
    stranger = open_engine(url_of(safe.engine), Keys(safe.keys.file.with_name("another.key")))
    person = safe.office.person(HEAD)
    with transaction(stranger) as session:
        assert has_totp(session, person.id)
        with pytest.raises(KeyMissing):
            is_totp_code(session, person.id, code or safe.app().at(NOW), now=NOW)
    stranger.dispose()


def test_an_account_whose_secret_was_taken_away_lets_nobody_in_either(safe: Safe) -> None:
    person = safe.office.person(HEAD)
    with transaction(safe.engine) as session:
        session.get_one(Account, person.id).totp_secret = None
        session.get_one(Account, person.id).totp_last_step = 0
        session.flush()
        assert has_totp(session, person.id)
        for code in ("", "000000", safe.app().at(NOW)):
            assert not is_totp_code(session, person.id, code, now=NOW)
