"""A secret is sealed to its column with a key outside the database; and the file of that key is looked after."""

import os
import subprocess
import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from models.database.rows import insert_new, table_of
from models.database.run import LINK_KEY, Installation, installation_secret, link_key
from models.database.sealed import (
    NAMED_KEY,
    KeyMissing,
    Locked,
    Sealed,
    SealedBytes,
    check_keys,
    keys_in,
    name_key,
    seal,
    stored_secrets,
    unseal,
)
from models.database.secret_keys import Key, Keys, keys_of
from models.database.session import open_engine, transaction
from models.errors import BadInput
from models.settings import Settings

pytestmark = pytest.mark.both

CLEAR = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HERE = "account.totp_secret"


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    made = Keys(tmp_path / "secrets.key")
    made.make()
    return made


@pytest.fixture
def engine(database_url: str, keys: Keys) -> Iterator[Engine]:
    engine = open_engine(database_url, keys)
    yield engine
    engine.dispose()


def put(engine: Engine, value: str) -> None:
    with transaction(engine) as session:
        session.merge(Installation(name=LINK_KEY, secret=value))


def stored(engine: Engine) -> str:
    with engine.connect() as connection:
        found: str = connection.execute(text("SELECT secret FROM installation WHERE name = 'link_key'")).scalar_one()
        return found


def test_each_sealed_column_says_its_own_name() -> None:
    found = [
        (f"{table.name}.{column.name}", column.type.place)
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed | SealedBytes)
    ]
    assert len(found) == 7 and all(name == place for name, place in found)


def test_it_stands_in_the_database_as_a_token_and_is_read_in_clear(engine: Engine) -> None:
    put(engine, CLEAR)
    assert stored(engine).startswith("gAAAAA") and CLEAR not in stored(engine)
    with transaction(engine) as session:
        assert link_key(session) == CLEAR
        column = table_of(Installation).c.secret
        assert session.execute(select(column).where(column.is_not(None))).scalar_one() == CLEAR


def test_the_same_secret_reads_otherwise_each_time_it_is_sealed(engine: Engine) -> None:
    put(engine, CLEAR)
    before = stored(engine)
    with transaction(engine) as session:
        [one] = stored_secrets(session.connection())
        one.write(session.connection(), one.read(session.connection()))
    assert stored(engine) != before
    with transaction(engine) as session:
        assert link_key(session) == CLEAR


def test_put_into_another_column_it_opens_nothing(keys: Keys) -> None:
    token = seal(CLEAR.encode(), HERE, keys)
    assert unseal(token, HERE, keys).decode() == CLEAR
    for elsewhere in ("webhook.secret", "account.password_hash", "account.totp", "installation.secret"):
        with pytest.raises(Locked, match="cannot be opened with the keys that are here"):
            unseal(token, elsewhere, keys)


def test_no_byte_of_a_sealed_text_can_be_changed(keys: Keys) -> None:
    sealed = seal(CLEAR.encode(), HERE, keys)
    data = urlsafe_b64decode(sealed)
    for at in range(len(data)):
        changed = urlsafe_b64encode(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(Locked):
            unseal(changed, HERE, keys)
    for length in (0, 6, 40, len(sealed) - 4):
        with pytest.raises(Locked):
            unseal(sealed[:length], HERE, keys)


def test_what_stands_in_clear_is_no_secret(engine: Engine) -> None:
    put(engine, CLEAR)
    with transaction(engine) as session:
        session.execute(text("UPDATE installation SET secret = 'in clear' WHERE name = 'link_key'"))
    with pytest.raises(Locked), transaction(engine) as session:
        link_key(session)


def test_several_keys_all_open_and_the_first_seals(database_url: str, keys: Keys) -> None:
    old, new = keys.read()[0], Key(bytes(range(32)))
    engine = open_engine(database_url, Keys(keys.file, f"{new.raw.hex()},{old.raw.hex()}"))
    token = seal(CLEAR.encode(), "installation.secret", keys).decode()
    put(engine, "another")
    with transaction(engine) as session:
        session.execute(text("UPDATE installation SET secret = :token"), {"token": token})
    with transaction(engine) as session:
        assert link_key(session) == CLEAR
    put(engine, "third")
    assert unseal(stored(engine).encode(), "installation.secret", Keys(keys.file, new.raw.hex())) == b"third"
    engine.dispose()


def test_two_engines_of_one_process_have_their_own_keys(database_url: str, keys: Keys, tmp_path: Path) -> None:
    other = Keys(tmp_path / "other" / "secrets.key")
    other.make()
    mine, theirs, bare = open_engine(database_url, keys), open_engine(database_url, other), open_engine(database_url)
    assert (keys_in(mine), keys_in(theirs), keys_in(bare)) == (keys, other, None)
    assert keys_in(mine.execution_options(reading_only=True)) is keys
    put(mine, CLEAR)
    for stranger, why in ((theirs, Locked), (bare, KeyMissing)):
        with pytest.raises(why), transaction(stranger) as session:
            link_key(session)
    with transaction(mine) as session:
        assert link_key(session) == CLEAR
    for one in (mine, theirs, bare):
        one.dispose()


def test_without_a_key_no_secret_is_written(database_url: str, tmp_path: Path) -> None:
    for given in (Keys(tmp_path / "none"), None):
        stranger = open_engine(database_url, given)
        with pytest.raises(KeyMissing), transaction(stranger) as session:
            session.add(Installation(name=LINK_KEY, secret="new"))
        with transaction(stranger) as session:
            assert installation_secret(session, LINK_KEY) is None
        stranger.dispose()
    assert list(tmp_path.glob("none*")) == []


def test_a_row_whose_secret_cannot_be_opened_can_be_read_and_changed(engine: Engine) -> None:
    put(engine, CLEAR)
    with transaction(engine) as session:
        session.execute(text("UPDATE installation SET secret = 'broken'"))
    with transaction(engine) as session:
        row = session.get_one(Installation, LINK_KEY)
        assert row.value == ""
        with pytest.raises(Locked):
            _unread = row.secret
        row.secret = "anew"
    with transaction(engine) as session:
        assert link_key(session) == "anew"


def test_bulk_writing_takes_no_secret_in_clear(engine: Engine) -> None:
    row = {"name": LINK_KEY, "value": "", "secret": CLEAR}
    try:
        with transaction(engine) as session:
            insert_new(session, table_of(Installation), [row])
    except KeyMissing:
        return  # PostgreSQL: arrays are written without an engine's keys
    assert stored(engine).startswith("gAAAAA")


def test_the_key_that_is_missing_is_named(engine: Engine, database_url: str, tmp_path: Path) -> None:
    with transaction(engine) as session:
        check_keys(session.connection())  # nothing is sealed yet
        name_key(session.connection(), keys_in(engine).read()[0].id)  # type: ignore[union-attr]
        check_keys(session.connection())
    other = Keys(tmp_path / "other" / "secrets.key")
    other.make()
    for given in (other, None):
        stranger = open_engine(database_url, given)
        with pytest.raises(KeyMissing) as missing, transaction(stranger) as session:
            check_keys(session.connection())
        assert missing.value.facts["key"] == keys_in(engine).read()[0].id  # type: ignore[union-attr]
        stranger.dispose()


def test_a_value_is_a_secret_or_none(engine: Engine) -> None:
    put(engine, CLEAR)
    with transaction(engine) as session:
        session.merge(Installation(name=NAMED_KEY, value="0123"))
    with Session(engine) as session:
        rows = session.execute(select(col(Installation.name), col(Installation.value)).order_by("name")).all()
    assert [tuple(row) for row in rows] == [(LINK_KEY, ""), (NAMED_KEY, "0123")]


# The file


def test_the_file_is_for_its_owner_alone_and_is_made_once(tmp_path: Path) -> None:
    keys, old = Keys(tmp_path / "data" / "secrets.key"), os.umask(0)
    try:
        key = keys.make()
    finally:
        os.umask(old)
    assert keys.file.stat().st_mode & 0o777 == 0o600
    assert keys.make() == key == Keys(keys.file).read()[0]
    assert [path.name for path in keys.file.parent.iterdir()] == ["secrets.key"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_made_or_replaced_by_root_it_belongs_to_whoever_runs_the_programs(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12346)
    keys = Keys(tmp_path / "secrets.key")
    keys.make()
    assert (keys.file.stat().st_uid, keys.file.stat().st_gid) == (12345, 12346)
    os.chown(tmp_path, 0, 0)
    keys.replace([Keys.fresh()])
    assert (keys.file.stat().st_uid, keys.file.stat().st_mode & 0o777) == (12345, 0o600)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_that_others_may_read_or_write_is_refused_by_name(keys: Keys, mode: int) -> None:
    keys.make()
    keys.file.chmod(mode)
    with pytest.raises(BadInput, match=rf"{keys.file}.*chmod 600"):
        Keys(keys.file).read()


@pytest.mark.parametrize("wrong", ["", "# nothing\n", "abc", "0" * 63, "g" * 64, f"{'0' * 64}\nhalf"])
def test_what_is_no_key_is_refused_without_being_told(keys: Keys, wrong: str) -> None:
    keys.file.write_text(wrong)
    keys.file.chmod(0o600)
    with pytest.raises(BadInput, match="64 hexadecimal digits") as refused:
        keys.make()
    assert not wrong.strip("# \n") or wrong not in str(refused.value)
    assert keys.file.read_text() == wrong


def test_the_name_of_a_key_does_not_tell_it() -> None:
    key = Key(bytes(range(32)))
    assert len(key.id) == 16 and key.raw.hex() not in repr(key) and key.id not in key.raw.hex()


@pytest.mark.long
def test_of_several_processes_that_start_at_once_all_have_the_one_key(tmp_path: Path) -> None:
    words = (
        "import sys; from pathlib import Path; from models.database.secret_keys import Keys; sys.stdin.readline();"
        "print(Keys(Path(sys.argv[1])).make().raw.hex())"
    )
    file = tmp_path / "data" / "secrets.key"
    begun = [
        subprocess.Popen(
            [sys.executable, "-c", words, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _number in range(6)
    ]
    for process in begun:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate()[0].strip() for process in begun]
    assert len(set(told)) == 1 and told[0] == Keys(file).read()[0].raw.hex()
    assert [path.name for path in file.parent.iterdir()] == ["secrets.key"]


# The environment


def test_the_environment_goes_before_the_file_and_takes_several_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path))
    Keys(tmp_path / "secrets.key").make()
    monkeypatch.setenv("DONDOC_SECRETS_KEY", f"{'0' * 64}, {'1' * 64}")
    keys = keys_of(Settings())
    assert [key.raw.hex() for key in keys.read()] == ["0" * 64, "1" * 64]
    assert keys.place == "DONDOC_SECRETS_KEY" and not keys.may_change
    monkeypatch.setenv("DONDOC_SECRETS_KEY", "")
    assert keys_of(Settings()).place == str(tmp_path / "secrets.key")


def test_several_machines_are_asked_for_one_key_before_anything_is_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path))
    monkeypatch.setenv("DONDOC_PREFECT_API_URL", "http://10.0.0.5:4200/api")
    with pytest.raises(BadInput, match="DONDOC_SECRETS_KEY on each of them first"):
        keys_of(Settings()).make()
    assert list(tmp_path.iterdir()) == []


def test_the_key_is_refused_in_the_settings_file_which_is_in_every_back_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path))
    (tmp_path / "dondoc.toml").write_text(f'secrets_key = "{"0" * 64}"\n')
    with pytest.raises(BadInput, match=r"does not belong into dondoc\.toml"):
        Settings()
