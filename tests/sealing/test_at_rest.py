"""Secrets at rest: what a thief of the database has, what a hand in the rows comes to."""

from pathlib import Path

import pytest
from sqlalchemy import text

from models.database.sealed import KeyMissing, Locked
from models.database.secret_keys import Keys
from models.database.session import open_engine, reading, transaction
from models.organization.account import Account
from tests.sealing.safe import HEAD, NOW, Safe, dump, url_of
from workflows.access.accounts.totp import has_totp, is_totp_code
from workflows.operations.secret_upkeep import check_secrets


def test_a_dump_holds_none_of_the_secrets_in_clear(safe: Safe, tmp_path: Path) -> None:
    safe.office.tick(NOW)
    taken = dump(safe.engine, tmp_path)
    assert b"https://example.vn/" in taken  # the rows are there, in clear
    assert [name for name, clear in safe.clear.items() if clear.encode() in taken] == []
    assert safe.keys.read()[0].raw not in taken and safe.keys.read()[0].raw.hex().encode() not in taken
    assert safe.opened() == safe.clear


# A hand in the database


def test_a_second_step_moved_from_another_column_lets_nobody_in(safe: Safe) -> None:
    mine = safe.office.person(HEAD)
    with transaction(safe.engine) as session:
        session.execute(text("UPDATE account SET totp_secret = (SELECT secret FROM webhook)"))
        session.execute(text("UPDATE account SET totp_last_step = 0"))
    with pytest.raises(Locked, match="put there from another column"), transaction(safe.engine) as session:
        is_totp_code(session, mine.id, safe.app(HEAD).at(NOW), now=NOW)
    with reading(safe.engine) as session:
        assert has_totp(session, mine.id)  # it is asked for all the same
        found = check_secrets(session.connection())
        assert found.fault is None and found.lost == {"account": 2}


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
