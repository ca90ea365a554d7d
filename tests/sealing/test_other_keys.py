"""Another key, and no key: a rotation that is killed, a key that is lost, a restored back-up, a second machine."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import String, literal, update
from sqlmodel import select

from models.database.rows import table_of
from models.database.run import LINK_KEY, WEB_PUSH_KEY, installation_secret, link_key
from models.database.sealed import KeyMissing, Locked, check_keys, unseal
from models.database.secret_keys import Key, Keys
from models.database.session import open_engine, reading, transaction
from models.errors import BadInput, Refused
from models.organization.access import Webhook
from models.organization.account import Account
from models.settings import Settings
from notifications.composing.keys import read_mailed, sign_mailed
from tests.office import at
from tests.sealing.safe import HEAD, NOW, OTHER, Safe, kept, url_of
from tests.serve.serving import ROOT
from workflows.access.accounts.totp import has_totp
from workflows.operations.backups.make_backup import back_up
from workflows.operations.backups.restore import restore
from workflows.operations.secret_upkeep import check_secrets, give_up, renew_link_key, rotate
from workflows.operations.setup import set_up
from workflows.organization.audit_words import DEED_WORDS

pytestmark = pytest.mark.long


def test_rotated_everything_opens_with_the_new_key_alone(safe: Safe) -> None:
    """The key of before stays in the file until the next time, for what a running program was writing."""
    before = safe.keys.read()
    new, done, left = rotate(safe.engine, now=NOW)
    assert safe.keys.read() == [new, *before] and new != before[0] and (done, left) == (6, [])
    assert safe.opened(Keys(safe.keys.file.with_name("new.key"), new.raw.hex())) == safe.clear
    assert safe.keys.file.stat().st_mode & 0o777 == 0o600
    assert safe.opened() == safe.clear
    with pytest.raises(Locked):
        safe.opened(Keys(safe.keys.file.with_name("old.key"), before[0].raw.hex()))
    newest, *_done = rotate(safe.engine, now=NOW)
    assert safe.keys.read() == [newest, new]


ROTATE = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from models.database.secret_keys import Keys
from models.database.session import open_engine
from workflows.operations import secret_upkeep

url, file, step = sys.argv[1:]

def die(*_given, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

replace, done = Keys.replace, []

def once(keys, given):
    if done:
        die()
    done.append(replace(keys, given))

if step == "added":
    secret_upkeep.transaction = die
elif step == "sealing":
    secret_upkeep.note = die  # the last thing in the transaction
else:
    Keys.replace = once
secret_upkeep.rotate(open_engine(url, Keys(Path(file))), now=datetime.now(UTC))
"""


@pytest.mark.parametrize("step", ["added", "sealing", "sealed"])
def test_killed_key_rotation_is_ended_by_the_next(safe: Safe, step: str) -> None:
    old = safe.keys.read()[0]
    told = [sys.executable, "-c", ROTATE, url_of(safe.engine), str(safe.keys.file), step]
    killed = subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    added, kept_on = safe.keys.read()
    assert kept_on == old != added
    there = added if step == "sealed" else old
    assert safe.opened(Keys(safe.keys.file, there.raw.hex())) == safe.opened() == safe.clear
    new, *_done = rotate(safe.engine, now=NOW)
    assert safe.keys.read() == [new, added]
    assert safe.opened(Keys(safe.keys.file, new.raw.hex())) == safe.opened() == safe.clear


def test_a_program_that_ran_on_meanwhile_reads_and_writes_under_the_new_key(safe: Safe) -> None:
    running = open_engine(url_of(safe.engine), Keys(safe.keys.file))
    with reading(running) as session:
        link_key(session)
    new, *_done = rotate(safe.engine, now=NOW)
    with transaction(running) as session:
        assert link_key(session) == safe.clear[LINK_KEY]
        renew_link_key(session, now=NOW)
    [stored] = kept(safe.engine, "installation", "secret", "name = 'link_key'")
    assert unseal(stored.encode(), "installation.secret", Keys(safe.keys.file, new.raw.hex()))
    running.dispose()


def test_keys_of_the_environment_are_gone_over_to_and_never_made(safe: Safe) -> None:
    old, new = safe.keys.read()[0], Keys.fresh()
    alone = open_engine(url_of(safe.engine), Keys(safe.keys.file, old.raw.hex()))
    with pytest.raises(Refused, match="put a new key first in DONDOC_SECRETS_KEY"):
        rotate(alone, now=NOW)
    both = open_engine(url_of(safe.engine), Keys(safe.keys.file, f"{new.raw.hex()},{old.raw.hex()}"))
    assert rotate(both, now=NOW)[0] == new
    for one in (alone, both):
        one.dispose()
    assert safe.keys.read() == [old]  # the file was nobody's business
    assert safe.opened(Keys(safe.keys.file, new.raw.hex())) == safe.clear


def break_second_step(safe: Safe) -> None:
    """A hand in the database changes what somebody's second step is."""
    with transaction(safe.engine) as session:
        mine = update(table_of(Account)).where(table_of(Account).c.person_id == safe.office.person(OTHER).id)
        session.execute(mine.values(totp_secret=literal("gAAAAAbroken", String())))


def test_what_nobody_can_open_does_not_stand_in_the_way_of_a_rotation(safe: Safe) -> None:
    break_second_step(safe)
    _new, done, left = rotate(safe.engine, now=NOW)
    assert done == 5 and [one.ids["person_id"] for one in left] == [safe.office.person(OTHER).id]


def test_the_installations_key_is_changed_and_what_it_had_signed_is_void(safe: Safe) -> None:
    token = sign_mailed(safe.clear[LINK_KEY], safe.office.person(HEAD).id)
    with transaction(safe.engine) as session:
        renew_link_key(session, now=NOW)
    with reading(safe.engine) as session:
        key = link_key(session)
    assert key != safe.clear[LINK_KEY] and key not in kept(safe.engine, "installation", "secret")
    with pytest.raises(BadInput, match="not valid"):
        read_mailed(key, token)


# Without the key

NO_CHANNELS = {"gateway": 0, "push_subscription": 0}
"""This office has none; `test_sealed_channels` has some."""


def test_a_lost_key_is_given_up_only_by_word_and_what_it_opened_is_off(safe: Safe) -> None:
    safe.keys.file.unlink()
    lost = open_engine(url_of(safe.engine), Keys(safe.keys.file))
    with pytest.raises(KeyMissing), transaction(lost) as session:
        check_keys(session.connection())
    with pytest.raises(KeyMissing):
        set_up(lost, now=NOW)
    assert not safe.keys.file.exists()
    keys = Keys(safe.keys.file)
    with transaction(lost) as session:
        counts = give_up(session, now=NOW)
    assert counts == {"account": 2, "webhook": 1, "installation": 2, "kept_answer": 1} | NO_CHANNELS
    with reading(lost) as session:
        assert not has_totp(session, safe.office.person(HEAD).id)
        hook = session.exec(select(Webhook)).one()
        assert not hook.is_active and hook.secret != safe.clear["webhook"]
        assert link_key(session) != safe.clear[LINK_KEY]
        assert installation_secret(session, WEB_PUSH_KEY) is None
        found = check_secrets(session.connection())
    assert found.fault is None and not found.locked and keys.file.exists()
    assert safe.office.tick(at(3, hour=9)) is not None
    with pytest.raises(Refused, match="nothing to give up"), transaction(lost) as session:
        give_up(session, now=NOW)
    lost.dispose()


def test_with_the_key_only_what_was_tampered_with_is_given_up(safe: Safe) -> None:
    break_second_step(safe)
    with transaction(safe.engine) as session:
        counts = give_up(session, now=NOW)
    assert counts == {"account": 1, "webhook": 0, "installation": 0, "kept_answer": 0} | NO_CHANNELS
    with reading(safe.engine) as session:
        assert has_totp(session, safe.office.person(HEAD).id) and not has_totp(session, safe.office.person(OTHER).id)
        assert link_key(session) == safe.clear[LINK_KEY]


def test_a_back_up_names_its_key_and_does_not_hold_it_and_is_whole_again_with_it(
    safe: Safe, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, archive, there = safe.keys.read()[0], tmp_path / "saved.tar", tmp_path / "elsewhere"
    assert back_up(safe.engine, safe.office.settings, archive, now=NOW).secrets_key == key.id
    taken = archive.read_bytes()
    assert key.raw not in taken and key.raw.hex().encode() not in taken
    assert [name for name, clear in safe.clear.items() if clear.encode() in taken] == []
    monkeypatch.setenv("DONDOC_DATA", str(there))
    settings = Settings(data=there)
    if safe.engine.dialect.name == "postgresql":
        server = request.getfixturevalue("postgres_server")
        name = server.create_database(migrated=False)
        request.addfinalizer(lambda: server.drop_database(name))
        settings = Settings(data=there, database_url=SecretStr(server.url(name)))
    restore(archive, settings, now=NOW)
    assert not (there / "secrets.key").exists()
    new = open_engine(settings.url, Keys(there / "secrets.key"))
    with pytest.raises(KeyMissing):
        set_up(new, now=NOW)
    assert not (there / "secrets.key").exists()
    (there / "secrets.key").write_text(f"{key.raw.hex()}\n")
    (there / "secrets.key").chmod(0o600)
    set_up(new, now=NOW)
    with reading(new) as session:
        assert link_key(session) == safe.clear[LINK_KEY]
        assert check_secrets(session.connection()).locked == []
    new.dispose()


def test_a_second_machine_with_a_key_of_its_own_is_refused(safe: Safe, tmp_path: Path) -> None:
    Keys(tmp_path / "second.key").replace([Key(bytes(32))])
    second = open_engine(url_of(safe.engine), Keys(tmp_path / "second.key"))
    with pytest.raises(KeyMissing, match=safe.keys.read()[0].id):
        set_up(second, now=NOW)
    second.dispose()
    assert safe.opened() == safe.clear


def test_every_deed_with_secrets_has_its_words_in_the_audit() -> None:
    assert {"secrets_rotated", "secrets_given_up", "link_key_renewed"} <= DEED_WORDS.keys()
