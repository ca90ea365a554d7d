"""`dondoc secrets`, and what the other commands say where the key of the secrets is not here."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
import typer
from sqlalchemy import Engine, Uuid, bindparam, text
from sqlmodel import Session

from models.database.run import link_key
from models.database.secret_keys import Keys
from models.database.session import open_engine, transaction
from models.organization.register_reads import resolve_person
from tests.commands.terminal import Answer, Cli
from tests.postgres import PostgresServer
from tests.serve.serving import ROOT
from workflows.access.accounts.totp import begin_totp, confirm_totp

HEAD, OTHER = "luong.thi.ngan", "ta.ba.toan"
NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)


@pytest.fixture
def sealed(data: Path) -> Path:
    """Two people have a second step."""
    engine = opened(data)
    with transaction(engine) as session:
        for who in (HEAD, OTHER):
            turn_on(session, who)
    engine.dispose()
    return data


def turn_on(session: Session, who: str) -> None:
    person = resolve_person(session, who)
    app = pyotp.TOTP(pyotp.parse_uri(begin_totp(session, person)).secret)
    assert confirm_totp(session, person, app.at(NOW), now=NOW)


def opened(data: Path) -> Engine:
    return open_engine(f"sqlite:///{data / 'dondoc.sqlite'}", Keys(data / "secrets.key"))


def signing_key(data: Path) -> str:
    engine = opened(data)
    with Session(engine) as session:
        found = link_key(session)
    engine.dispose()
    return found


def flat(answer: Answer) -> str:
    return " ".join((answer.out + answer.err).split())


def test_init_seals_from_the_first_day_and_says_where_the_key_is_once(folder: Path, cli: Cli) -> None:
    answer = cli("init", "--json")
    assert answer.code == 0 and f"is in {folder / 'secrets.key'}: keep a copy of it" in answer.err
    told = cli.json("secrets", "list")
    assert told["place"] == str(folder / "secrets.key") and told["fault"] is None
    assert {one["what"]: one["sealed"] for one in told["secrets"]}["the installation's own keys"] == 1
    again = cli("init")
    assert again.code == 0 and "secrets.key" not in again.err


def test_no_command_shows_a_secret_or_the_key(sealed: Path, cli: Cli) -> None:
    hidden = [(sealed / "secrets.key").read_text().split("\n")[1], signing_key(sealed)]
    assert all(len(one) > 40 for one in hidden)
    for words in ("secrets list", "doctor", "config", "verify", "secrets rotate --dry-run", "secrets rotate --yes"):
        answer = cli(*words.split())
        assert not any(one in answer.out + answer.err for one in hidden), words


@pytest.mark.parametrize(("language", "words"), [("en", "sealed with the key"), ("vi", "được mã hoá bằng khoá")])
@pytest.mark.parametrize(
    "command", ["serve --no-prefect", "tick", "schedule run purge", "init", "secrets rotate --yes"]
)
def test_nothing_begins_without_the_key_and_none_is_made(
    sealed: Path, cli: Cli, command: str, language: str, words: str
) -> None:
    name = cli.json("secrets", "list")["key"]
    (sealed / "secrets.key").unlink()
    answer = cli(*command.split(), "--language", language)
    assert answer.code == 1 and words in flat(answer)
    assert (
        name in answer.err and "DONDOC_SECRETS_KEY" in answer.err and "dondoc secrets give-up --dry-run" in answer.err
    )
    assert not (sealed / "secrets.key").exists()


@pytest.mark.long
@pytest.mark.parametrize("command", ["worker", "clock", "serve"])
def test_no_machine_of_many_begins_without_it(
    cli: Cli, folder: Path, command: str, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = postgres_server.create_database(migrated=False)
    monkeypatch.setenv("DONDOC_DATABASE_URL", postgres_server.url(name))
    monkeypatch.setenv("DONDOC_PREFECT_API_URL", "http://127.0.0.1:9/api")
    refused = cli("init")
    assert refused.code == 2 and "make one key for them all (openssl rand -hex 32)" in flat(refused)
    monkeypatch.setenv("DONDOC_SECRETS_KEY", "ab" * 32)
    assert cli("init").code == 0 and not (folder / "secrets.key").exists()
    for wrong in ("", "cd" * 32):
        monkeypatch.setenv("DONDOC_SECRETS_KEY", wrong)
        answer = cli(command)
        assert answer.code == 1 and "sealed with the key" in answer.err
    postgres_server.drop_database(name)


def test_another_key_is_told_from_a_missing_one_by_where_it_was_looked_for(sealed: Path, cli: Cli) -> None:
    (sealed / "secrets.key").write_text("0" * 64)
    answer = cli("tick")
    assert answer.code == 1 and f"which is not in {sealed / 'secrets.key'}" in answer.err
    (sealed / "secrets.key").chmod(0o644)
    answer = cli("tick")
    assert answer.code == 2 and "others on this machine may read it" in flat(answer) and "chmod 600" in answer.err


def test_verify_and_backup_need_no_key_and_say_what_is_missing(sealed: Path, cli: Cli, tmp_path: Path) -> None:
    saved = cli("backup", tmp_path / "with.tar")
    name = cli.json("secrets", "list")["key"]
    assert (
        saved.code == 0
        and f"not in it: the key {name} that opens its secrets, from {sealed / 'secrets.key'}" in saved.err
    )
    (sealed / "secrets.key").unlink()
    answer = cli("verify")
    assert answer.code == 0 and "whole: nothing" in answer.out and f"sealed with the key {name}" in answer.err
    assert cli("backup", tmp_path / "without.tar").code == 0


def test_a_restored_office_says_that_it_needs_the_key_and_what_is_lost_without(
    sealed: Path, cli: Cli, tmp_path: Path
) -> None:
    assert cli("backup", tmp_path / "saved.tar").code == 0
    there = tmp_path / "new"
    answer = cli("--data", there, "restore", tmp_path / "saved.tar")
    assert answer.code == 0, answer.err
    assert f"which is not in {there / 'secrets.key'}" in answer.err
    assert "without the key: 2 second steps are turned off" in answer.err and "is void" in answer.err
    assert cli("--data", there, "tick").code == 1 and not (there / "secrets.key").exists()

    for name in ("secrets.key", "seals.key"):
        shutil.copy(sealed / name, there / name)
    assert cli("--data", there, "tick").code == 0
    assert signing_key(there) == signing_key(sealed)
    second = tmp_path / "second"
    second.mkdir()
    shutil.copy(sealed / "secrets.key", second / "secrets.key")
    answer = cli("--data", second, "restore", tmp_path / "saved.tar")
    assert answer.code == 0 and "its secrets open with the key" in answer.err and "without the key" not in answer.err


def test_a_restored_office_goes_on_without_the_key_when_told_so(sealed: Path, cli: Cli, tmp_path: Path) -> None:
    before = signing_key(sealed)
    nothing = cli("secrets", "give-up", "--dry-run")
    assert nothing.code == 1 and "nothing to give up" in nothing.err and "void" not in nothing.out
    (sealed / "secrets.key").unlink()
    shown = flat(cli("secrets", "list"))
    assert "sealed with the key" in shown and ", in " not in shown  # it is not where it should be
    looked = cli("secrets", "give-up", "--dry-run")
    assert looked.code == 0 and "2 second steps are turned off" in flat(looked)
    assert cli("secrets", "give-up").code == 1  # nobody was there to be asked
    assert cli("tick").code == 1 and not (sealed / "secrets.key").exists()
    given_up = {"account": 2, "webhook": 0, "installation": 1, "kept_answer": 0, "gateway": 0, "push_subscription": 0}
    assert cli.json("secrets", "give-up", "--yes") == given_up
    assert signing_key(sealed) != before
    listed = {one["person"]: one["has_second_step"] for one in cli.json("account", "list")}
    assert not listed.get(HEAD) and cli("tick").code == 0
    nothing = cli("secrets", "give-up", "--yes")
    assert nothing.code == 1 and "nothing to give up" in nothing.err


def test_one_persons_second_step_is_turned_off_without_any_key(sealed: Path, cli: Cli) -> None:
    (sealed / "secrets.key").unlink()
    assert cli.json("account", "second-step", HEAD, "--off")["was_on"] is True


def test_a_rotation_shows_what_it_brings_and_asks(sealed: Path, cli: Cli) -> None:
    old = cli.json("secrets", "list")["key"]
    for words in (["--dry-run"], []):
        answer = cli("secrets", "rotate", *words)
        assert f"back-ups made until now open with the key {old} alone" in flat(answer)
    assert cli.json("secrets", "list")["key"] == old
    done = cli.json("secrets", "rotate", "--yes")
    assert done["sealed"] == 3 and done["left"] == [] and done["key"] != old
    assert cli.json("secrets", "list")["key"] == done["key"] and cli("tick").code == 0


@pytest.mark.parametrize(("language", "words"), [("en", "nothing was done"), ("vi", "chưa thực hiện")])
def test_a_question_broken_off_by_ctrl_c_says_that_nothing_was_done(
    sealed: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    def ctrl_c(*_given: object, **_options: object) -> bool:
        raise typer.Abort

    monkeypatch.setattr("commands.output.is_terminal", lambda _stream: True)
    monkeypatch.setattr("commands.context.typer.confirm", ctrl_c)
    answer = cli("secrets", "rotate", "--language", language)
    assert answer.code == 1 and words in answer.err and "Aborted" not in answer.err


def test_the_installations_key_is_changed_after_a_question(sealed: Path, cli: Cli) -> None:
    before = signing_key(sealed)
    assert cli("secrets", "renew-links").code == 1 and signing_key(sealed) == before
    shown = cli("secrets", "renew-links", "--dry-run")
    assert "become void" in flat(shown) and signing_key(sealed) == before
    assert cli("secrets", "renew-links", "--yes").code == 0 and signing_key(sealed) != before
    assert cli("doctor").out.count("secrets")


def test_doctor_tells_how_the_secrets_stand(sealed: Path, cli: Cli) -> None:
    data = sealed

    def found() -> tuple[str, str, str]:
        one = next(one for one in Answer(0, cli("doctor", "--json").out, "").json["checks"] if one["name"] == "secrets")
        return one["state"], one["words"], one["advice"] or ""

    assert found()[0] == "ok"
    engine = opened(data)
    with transaction(engine) as session:
        person_id = resolve_person(session, OTHER).id
        changed = "UPDATE account SET totp_secret = 'gAAAAAbroken' WHERE person_id = :person"
        session.execute(text(changed).bindparams(bindparam("person", person_id, Uuid())))
    engine.dispose()
    state, words, advice = found()
    assert state == "broken" and f"account.totp_secret {person_id}" in words and "changed or moved" in advice
    assert cli("account", "second-step", OTHER, "--off").code == 0
    key = (data / "secrets.key").read_text()
    (data / "secrets.key").write_text(f"{'0' * 64}\n{key}")
    assert found()[0] == "warning" and "another one stands first" in found()[1]
    (data / "secrets.key").chmod(0o640)
    assert found()[0] == "broken" and "others on this machine may read it" in found()[1]
    (data / "secrets.key").unlink()
    state, words, advice = found()
    assert state == "broken" and "sealed with the key" in words and "bring the key back" in advice


@pytest.mark.long
def test_of_several_processes_that_set_up_at_once_one_makes_the_key(folder: Path) -> None:
    begun = [
        subprocess.Popen(
            [sys.executable, "-c", "import dondoc; dondoc.main()", "init"],
            cwd=ROOT,
            env=dict(os.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _number in range(4)
    ]
    ends = [(process.communicate()[1], process.returncode) for process in begun]
    assert any(code == 0 for _words, code in ends), ends
    assert len(Keys(folder / "secrets.key").read()) == 1
    engine = opened(folder)
    with Session(engine) as session:
        assert link_key(session)
        query = text("SELECT secret FROM installation WHERE name = 'link_key'")
        [stored] = session.connection().execute(query).scalars()
    engine.dispose()
    assert stored.startswith("gAAAAA")
