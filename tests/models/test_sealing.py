"""A secret is sealed to its place with a key outside the database; and the file of that key is looked after."""

import os
import subprocess
import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from models.database.run import LINK_KEY, Installation
from models.database.sealed_rows import establish, write_mark
from models.database.sealing import (
    MARK,
    KeyMissing,
    Locked,
    SecretPlace,
    answer_place,
    installation_value,
    is_sealed,
    is_token,
    link_key,
    put,
    seal,
    take,
    totp_place,
    unseal,
    value_place,
    webhook_place,
)
from models.database.secret_keys import Key, Keys, keys_of
from models.database.session import open_engine, transaction
from models.errors import BadInput
from models.settings import Settings

CLEAR = b"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HERE = totp_place(uuid4())


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "secrets.key")


def test_a_secret_opens_where_it_was_put_and_reads_otherwise_each_time_it_is_sealed(keys: Keys) -> None:
    key = keys.make()
    one, other = seal(CLEAR, HERE, key), seal(CLEAR, HERE, key)
    assert one != other and is_token(one) and is_sealed(one)
    assert CLEAR not in one and key.raw.hex().encode() not in one
    assert unseal(one, HERE, keys) == unseal(other, HERE, keys) == CLEAR


@pytest.mark.parametrize(
    "elsewhere",
    [
        totp_place(uuid4()),
        SecretPlace("webhook", "totp_secret", HERE.row),
        SecretPlace("account", "password_hash", HERE.row),
        webhook_place(uuid4()),
        answer_place(uuid4(), "a"),
        value_place(LINK_KEY),
    ],
    ids=lambda one: f"{one.table}.{one.column}",
)
def test_put_into_another_row_table_or_column_it_opens_nothing(keys: Keys, elsewhere: SecretPlace) -> None:
    with pytest.raises(Locked, match="cannot be opened with the keys that are here"):
        unseal(seal(CLEAR, HERE, keys.make()), elsewhere, keys)


def test_no_byte_of_a_sealed_text_can_be_changed(keys: Keys) -> None:
    sealed = seal(CLEAR, HERE, keys.make())
    data = urlsafe_b64decode(sealed)
    for at in range(5, len(data)):  # those before tell that it is sealed
        changed = urlsafe_b64encode(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(Locked):
            unseal(changed, HERE, keys)
    for length in (6, 40, len(sealed) - 4):
        with pytest.raises(Locked):
            unseal(sealed[:length], HERE, keys)


@pytest.mark.parametrize("given", [None, "cd" * 32], ids=["no keys", "another key"])
def test_another_key_opens_nothing(keys: Keys, given: str | None) -> None:
    with pytest.raises(Locked):
        unseal(seal(CLEAR, HERE, keys.make()), HERE, Keys(keys.file, given) if given else None)


def test_several_keys_all_open_and_the_one_of_the_mark_seals(database_url: str, keys: Keys) -> None:
    old, new = Key(bytes(32)), Key(bytes(range(32)))
    before = seal(CLEAR, HERE, old)
    both = Keys(keys.file, f"{new.raw.hex()},{old.raw.hex()}")
    engine = open_engine(database_url, both)
    for mark in (old, new):
        with transaction(engine) as session:
            write_mark(session.connection(), mark.id)
            fresh = put(session, HERE, CLEAR.decode())
            assert take(session, HERE, before.decode()) == take(session, HERE, fresh) == CLEAR.decode()
        assert unseal(fresh.encode(), HERE, Keys(keys.file, mark.raw.hex())) == CLEAR
    engine.dispose()


def test_a_sealed_database_names_the_key_that_is_missing(database_url: str, keys: Keys, tmp_path: Path) -> None:
    engine = open_engine(database_url, keys)
    with transaction(engine) as session:
        establish(session.connection())
        session.add(Installation(name=LINK_KEY, value=put(session, value_place(LINK_KEY), "first")))
    other = Keys(tmp_path / "other" / "secrets.key")
    other.make()
    for given in (other, None):
        stranger = open_engine(database_url, given)
        with pytest.raises(KeyMissing, match=keys.make().id), transaction(stranger) as session:
            link_key(session)
        stranger.dispose()
    engine.dispose()


@pytest.mark.parametrize("clear", ["JBSWY3DPEHPK3PXP", "whsec_abc+/=", "a.b-c_d", "s1.", "s1.xyz.abc", '{"at": 1}'])
def test_what_an_older_release_wrote_in_clear_is_read_as_it_is(clear: str) -> None:
    assert not is_sealed(clear.encode()) and unseal(clear.encode(), HERE, None).decode() == clear


def test_a_database_writes_in_clear_until_it_is_sealed_and_never_after(database_url: str, keys: Keys) -> None:
    engine = open_engine(database_url, keys)
    with transaction(engine) as session:
        session.add(Installation(name=LINK_KEY, value=put(session, value_place(LINK_KEY), "first")))
    assert stored(engine) == "first" and not keys.file.exists()
    with transaction(engine) as session:
        assert establish(session.connection()) == 1
        assert establish(session.connection()) == 0
    assert is_token(stored(engine).encode())
    with transaction(engine) as session:
        assert installation_value(session, LINK_KEY) == "first"
        session.get_one(Installation, LINK_KEY).value = put(session, value_place(LINK_KEY), "second")
    assert is_token(stored(engine).encode()) and "second" not in stored(engine)
    engine.dispose()


def stored(engine: Engine) -> str:
    with engine.connect() as connection:
        found: str = connection.execute(text("SELECT value FROM installation WHERE name = 'link_key'")).scalar_one()
        return found


@pytest.mark.parametrize("is_marked", [True, False], ids=["marked", "the mark was taken away"])
def test_no_fresh_key_is_made_over_what_is_sealed(
    database_url: str, keys: Keys, tmp_path: Path, is_marked: bool
) -> None:
    engine = open_engine(database_url, keys)
    with transaction(engine) as session:
        session.add(Installation(name=LINK_KEY, value="first"))
        session.flush()
        establish(session.connection())
        if not is_marked:
            session.execute(text(f"DELETE FROM installation WHERE name = '{MARK}'"))
    elsewhere = Keys(tmp_path / "elsewhere" / "secrets.key")
    stranger = open_engine(database_url, elsewhere)
    with pytest.raises(KeyMissing if is_marked else Locked), transaction(stranger) as session:
        establish(session.connection())
    assert not elsewhere.file.exists()
    for one in (engine, stranger):
        one.dispose()


def test_without_its_key_a_sealed_database_takes_no_new_secret(database_url: str, keys: Keys) -> None:
    engine = open_engine(database_url, keys)
    with transaction(engine) as session:
        establish(session.connection())
    keys.file.unlink()
    for given in (Keys(keys.file), None):
        stranger = open_engine(database_url, given)
        with pytest.raises(KeyMissing), transaction(stranger) as session:
            put(session, HERE, "new")
        stranger.dispose()
    engine.dispose()


def test_a_mark_that_somebody_wrote_is_not_believed(database_url: str, keys: Keys) -> None:
    engine = open_engine(database_url, keys)
    with transaction(engine) as session:
        establish(session.connection())
        write_mark(session.connection(), "open")
        with pytest.raises(KeyMissing):
            put(session, HERE, "new")
    engine.dispose()


# The file


def test_the_file_is_for_its_owner_alone_and_is_made_once(keys: Keys) -> None:
    old = os.umask(0)
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
