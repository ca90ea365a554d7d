"""A database of the releases that sealed in another form: read at once, sealed anew when the upgrade is finished."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from models.database.run import LINK_KEY
from models.database.schema import downgrade, migrate
from models.database.schema_state import is_current
from models.database.sealed_rows import standing, write_mark
from models.database.sealing import (
    MARK,
    KeyMissing,
    Locked,
    SecretPlace,
    is_token,
    read_mark,
    totp_place,
    unseal,
    value_place,
)
from models.database.secret_keys import Keys
from models.database.session import open_engine, reading, transaction
from models.errors import Refused
from models.migrations.old_seals import old_key_id, seal_old
from models.organization.account import Account
from tests.sealing.conftest import HEAD, NOW, OTHER, Safe, rows_of, url_of
from tests.serve.serving import ROOT
from workflows.access.secret_upkeep import check_keys, give_up, look, renew_link_key, rotate, seal_rest
from workflows.operations.setup import set_up

BEFORE = "0024"
LITERAL = b"s1.0720ec35bdbf00e5.ENsfppJ2i1i2gxq8VcCratFWjPBLd1xcaEcQIO6-kQTMeyXeyrY6VNvW4mE"
"""What the release before wrote for a second step."""


@pytest.fixture
def old(safe: Safe) -> Safe:
    """As the release before left it."""
    downgrade(safe.engine, BEFORE)
    with transaction(safe.engine) as session:
        connection, key = session.connection(), safe.keys.read()[0]
        for one in standing(connection):
            one.write(connection, seal_old(one.stored, one.place, key))
        write_mark(connection, seal_old(b"dondoc", value_place(MARK), key).decode())
    assert len(rows_of(safe.engine)) == 6 and all(map(old_key_id, rows_of(safe.engine)))
    return safe


def is_old(safe: Safe) -> bool:
    with safe.engine.connect() as connection:
        mark = read_mark(connection)
    assert mark is not None and mark.key_id == safe.keys.read()[0].id
    return mark.is_old


def only_on_postgresql(safe: Safe) -> None:
    if safe.engine.dialect.name != "postgresql":
        pytest.skip("on SQLite no older program works beside this one")


def test_a_text_of_the_release_before_opens_where_it_was_put(tmp_path: Path) -> None:
    keys, place = Keys(tmp_path / "none", "ab" * 32), totp_place(UUID(int=1))
    assert unseal(LITERAL, place, keys) == b"JBSWY3DPEHPK3PXP"
    for elsewhere in (totp_place(UUID(int=2)), SecretPlace("webhook", "secret", place.row)):
        with pytest.raises(Locked):
            unseal(LITERAL, elsewhere, keys)
    for changed in (LITERAL[:-6] + b"AAAAAA", LITERAL[:40], LITERAL[:24]):
        with pytest.raises(Locked):
            unseal(changed, place, keys)
    with pytest.raises(KeyMissing, match="0720ec35bdbf00e5"):
        unseal(LITERAL, place, Keys(tmp_path / "none", "cd" * 32))


def test_the_new_program_reads_it_and_finishing_seals_it_anew(old: Safe) -> None:
    assert old.opened() == old.clear
    migrate(old.engine)  # `dondoc upgrade --finish`; on SQLite every upgrade
    assert all(map(is_token, rows_of(old.engine))) and not is_old(old)
    assert old.opened() == old.clear


def test_beside_older_programs_it_writes_what_they_read(old: Safe) -> None:
    only_on_postgresql(old)
    set_up(old.engine, now=NOW)  # an upgrade that is not finished
    with transaction(old.engine) as session:
        renew_link_key(session, now=NOW)
        assert seal_rest(session) == 0
    assert is_current(old.engine) and is_old(old) and all(map(old_key_id, rows_of(old.engine)))
    with pytest.raises(Refused, match="upgrade --finish"):
        rotate(old.engine, old.keys, now=NOW)
    found = old.opened()
    assert found.pop(LINK_KEY) != old.clear.pop(LINK_KEY) and found == old.clear


UPGRADE = """
import os, signal, sys
from pathlib import Path
from models.database import sealed_rows
from models.database.schema import migrate
from models.database.secret_keys import Keys
from models.database.session import open_engine

url, file, after = sys.argv[1:]
write, left = sealed_rows.Secret.write, int(after)

def dies(*given):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    write(*given)

sealed_rows.Secret.write, sealed_rows._MANY = dies, 1
migrate(open_engine(url, Keys(Path(file))))
"""


@pytest.mark.parametrize("after", [0, 1, 4])
def test_killed_anywhere_it_loses_nothing_and_goes_on(old: Safe, after: int) -> None:
    told = [sys.executable, "-c", UPGRADE, url_of(old.engine), str(old.keys.file), str(after)]
    killed = subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    on_postgresql = old.engine.dialect.name == "postgresql"
    assert sum(map(is_token, rows_of(old.engine))) == (after if on_postgresql else 0)
    assert is_old(old) is not on_postgresql  # on PostgreSQL whoever writes now does so in the new form
    assert old.opened() == old.clear
    migrate(old.engine)
    assert all(map(is_token, rows_of(old.engine)))
    assert old.opened() == old.clear


def test_a_value_that_changed_meanwhile_is_not_overwritten(old: Safe) -> None:
    with reading(old.engine) as session:
        stale = next(one for one in standing(session.connection()) if one.place.table == "account")
    with transaction(old.engine) as session:
        session.get_one(Account, stale.ids["person_id"]).totp_secret = None
        session.flush()
        stale.write(session.connection(), b"from before")
        session.expire_all()
        assert session.get_one(Account, stale.ids["person_id"]).totp_secret is None


def test_what_cannot_be_opened_stays_and_the_rest_is_sealed_anew(old: Safe) -> None:
    with transaction(old.engine) as session:
        mine, theirs = (session.get_one(Account, old.person_id(one)) for one in (HEAD, OTHER))
        theirs.totp_secret = mine.totp_secret
    migrate(old.engine)
    assert sum(map(is_token, rows_of(old.engine))) == 5
    with reading(old.engine) as session:
        assert [one.place.row for one in look(session, old.keys).locked] == [old.person_id(OTHER).hex]


def test_without_its_key_the_upgrade_ends_and_nothing_begins(old: Safe) -> None:
    kept = old.keys.file.with_name("copy")
    shutil.move(old.keys.file, kept)
    lost = open_engine(url_of(old.engine), Keys(old.keys.file))
    migrate(lost)
    assert not old.keys.file.exists() and all(map(old_key_id, rows_of(old.engine)))
    for refused in (check_keys, seal_rest):
        with pytest.raises(KeyMissing), transaction(lost) as session:
            refused(session)
    shutil.copy(kept, old.keys.file)
    set_up(lost, now=NOW)  # the key is back
    assert all(map(is_token, rows_of(old.engine))) and old.opened() == old.clear
    lost.dispose()


def test_lost_for_good_the_old_form_is_given_up_like_the_new(old: Safe) -> None:
    old.keys.file.unlink()
    lost = open_engine(url_of(old.engine), Keys(old.keys.file))
    migrate(lost)
    with transaction(lost) as session:
        assert sum(give_up(session, Keys(old.keys.file), now=NOW).values()) == 6
    with reading(lost) as session:
        check_keys(session)
    assert all(map(is_token, rows_of(lost)))
    lost.dispose()
