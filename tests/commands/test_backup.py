"""`dondoc backup`, `restore` and `fence`: what they say, and how they end."""

import random
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.commands.terminal import Cli

pytestmark = pytest.mark.long


@pytest.fixture
def saved(launched: Path, cli: Cli, tmp_path: Path) -> Path:
    """Saved while the assignments of two duties still wait; then they leave."""
    file = tmp_path / "saved.tar"
    answer = cli("backup", file)
    assert answer.code == 0 and "saved:" in answer.err and file.is_file()
    assert cli.json("tick", "--now", "2004-05-18")["sent"] > 0
    return file


def test_a_restored_office_says_what_it_holds_back_and_sends_it_only_when_told(
    launched: Path, saved: Path, cli: Cli, tmp_path: Path
) -> None:
    head = cli.json("verify")["head"]
    there = tmp_path / "new"

    def at_new(*args: object) -> list[object]:
        return ["--data", there, *args]

    answer = cli(*at_new("restore", saved))
    assert answer.code == 0, answer.err
    for name in ("secrets.key", "seals.key"):  # they are in no back-up
        shutil.copy(launched / name, there)
    assert "as many as were saved" in answer.err and "no letter leaves yet: see `dondoc fence`" in answer.err
    shown = cli(*at_new("fence", "--checkpoint", head[:16]))
    assert shown.code == 0 and "the checkpoint is NOT in this history" in shown.out
    assert cli.json(*at_new("tick", "--now", "2004-05-18"))["sent"] == 0

    missing = cli(*at_new("fence", "--lift"))
    assert missing.code == 2 and "--stopped-at is missing" in missing.err
    refused = cli(*at_new("fence", "--lift", "--stopped-at", "2098-01-01", "--lost"))
    assert refused.code == 2 and "--stopped-at 2098-01-01T08:00:00+07:00: expected between" in refused.err
    earliest = re.findall(r"\(([-0-9T:]+)\+07:00\)", refused.err)
    assert len(earliest) == 1 and cli(*at_new("fence", "--lift", "--stopped-at", earliest[0], "--lost")).code == 0


def test_without_the_checkpoint_the_fence_is_not_lifted(saved: Path, cli: Cli, tmp_path: Path) -> None:
    head = cli.json("verify")["head"]
    there = tmp_path / "new"
    assert cli("--data", there, "restore", saved).code == 0
    moment = cli.json("--data", there, "fence")["made_at"]
    asked = ("--data", there, "fence", "--lift", "--stopped-at", moment)
    assert cli(*asked).code == 1
    refused = cli(*asked, "--checkpoint", head)
    assert refused.code == 1 and "does not hold the checkpoint" in refused.err
    assert cli(*asked, "--checkpoint", "short").code == 2
    done = cli(*asked, "--checkpoint", head, "--lost")
    assert done.code == 0 and "wait for a person" in done.err
    assert "letters leave as usual" in cli("--data", there, "fence").out
    assert cli("--data", there, "fence", "--lift", "--stopped-at", moment, "--lost").code == 1


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_no_back_up_is_refused_in_words(cli: Cli, tmp_path: Path, language: str) -> None:
    wrong = tmp_path / "letter.tar"
    wrong.write_text("Kính gửi")
    for file in (wrong, tmp_path / "absent.tar"):
        answer = cli("--data", tmp_path / "new", "restore", file, "--language", language)
        assert answer.code == 2 and str(file) in answer.err.replace("\n", "")
    assert not (tmp_path / "new" / "dondoc.sqlite").exists()


def test_a_back_up_is_not_written_over_another(saved: Path, cli: Cli) -> None:
    before = saved.read_bytes()
    answer = cli("backup", saved)
    assert answer.code == 2 and "already" in answer.err and saved.read_bytes() == before
    assert cli("backup", saved.parent / "nowhere" / "x.tar").code == 2


def test_a_back_up_for_which_there_is_no_room_says_so_and_leaves_nothing(
    launched: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect

    def no_room(path: Path, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(path, **options)
        if Path(path).is_relative_to(tmp_path / "small"):
            connection.execute("PRAGMA max_page_count=1")
        return connection

    (tmp_path / "small").mkdir()
    monkeypatch.setattr("workflows.operations.backups.dumps.sqlite3.connect", no_room)
    file = tmp_path / "small" / "saved.tar"
    answer = cli("backup", file)
    assert answer.code == 2 and f"file {file}: " in answer.err and "full" in answer.err
    assert not list((tmp_path / "small").iterdir())


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE schema_version SET version_num = '2099'", "the schema is newer than this program"),
        ("DELETE FROM schema_version", "a restore into it was broken off"),
    ],
)
def test_no_command_advises_what_would_be_refused_next(launched: Path, cli: Cli, statement: str, words: str) -> None:
    with closing(sqlite3.connect(launched / "dondoc.sqlite")) as connection, connection:
        connection.execute(statement)
    for command in ("task list", "tick", "backup", "init", "upgrade", "serve"):
        answer = cli(*command.split())
        assert answer.code == 1 and words in answer.err, command


PAGE = 4096  # bytes


def test_a_damaged_database_is_never_called_saved(launched: Path, cli: Cli, tmp_path: Path) -> None:
    """Whichever page is overwritten: either the back-up is refused, or restoring takes it."""
    file = launched / "dondoc.sqlite"
    sound, chance = file.read_bytes(), random.Random(22)
    refused = 0
    for page in sorted(chance.sample(range(len(sound) // PAGE), 24)):
        file.write_bytes(sound[: page * PAGE] + chance.randbytes(PAGE) + sound[(page + 1) * PAGE :])
        for log in launched.glob("dondoc.sqlite-*"):
            log.unlink()
        saved, there = tmp_path / f"{page}.tar", tmp_path / f"there-{page}"
        answer = cli("backup", saved)
        assert "Traceback" not in answer.err and answer.code in (0, 1), page
        if answer.code:
            refused += 1
            assert "damaged" in answer.err or "cannot be used" in answer.err, page
            assert not saved.exists() and not list(tmp_path.glob(".*"))
            checked = cli("verify")
            assert checked.code == 1 and ("damaged" in checked.err or "cannot be used" in checked.err), page
            assert cli("doctor").code == 1, page
        else:
            assert cli("--data", there, "restore", saved).code == 0, page
    assert refused > 12


def test_a_failed_back_up_at_night_is_told_until_one_succeeds(launched: Path, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "saved.tar").write_text("an earlier one")
    assert cli("backup", tmp_path / "saved.tar").code == 2
    told = cli("doctor", "--json").json["checks"]
    (alert,) = [one for one in told if one["name"] == "alerts"]
    assert "the last back-up failed" in alert["words"]
    assert cli("backup", tmp_path / "another.tar").code == 0
    assert "back-up" not in str([one for one in cli("doctor", "--json").json["checks"] if one["name"] == "alerts"])
