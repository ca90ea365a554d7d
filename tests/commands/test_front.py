"""The front door as a shell sees it: exit codes, pure JSON, colours, settings."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from models.rooms import Room
from tests.commands.terminal import ROOT, Cli, shell

READS = [
    "unit list",
    "person list",
    "directive list",
    "directive show ct-06-2004",
    "template list",
    "template schema",
    "template show ct-06-2004 2",
    "task list",
    "outbox list",
    "report",
    "calendar show",
    "config",
]


@pytest.mark.parametrize("command", READS)
def test_json_is_all_there_is_on_standard_output(cli: Cli, launched: Path, command: str) -> None:
    answer = cli(*command.split(), "--json")
    assert answer.code == 0
    assert answer.json is not None
    assert answer.err == ""


@pytest.mark.parametrize("command", READS)
def test_without_json_there_is_something_to_read(cli: Cli, launched: Path, command: str) -> None:
    answer = cli(*command.split())
    assert answer.code == 0 and answer.out.strip()


@pytest.mark.long
def test_a_shell_gets_the_three_exit_codes_and_json_only(launched: Path) -> None:
    done = shell("task", "list", "--duty", "4", "--json")
    task = json.loads(done.stdout)[0]["id"]
    assert done.returncode == 0 and done.stderr == ""
    refused = shell("task", "act", task, "approve", "--as", "luong.thi.ngan", "--json")
    assert refused.returncode == 1 and json.loads(refused.stdout)["error"] == refused.stderr.strip()
    wrong = shell("task", "act", task, "accept")
    assert wrong.returncode == 2 and wrong.stdout == "" and "--as" in wrong.stderr


def test_the_installed_command_is_the_same(launched: Path) -> None:
    script = Path(sys.executable).parent / "dondoc"
    done = subprocess.run([script, "report", "--cutoff", "2004-06-30", "--json"], capture_output=True, text=True)
    figures = json.loads(done.stdout)
    assert {"total", "done_on_time", "done_late", "open_in_time", "open_overdue", "no_deadline"} <= figures.keys()


@pytest.mark.long
def test_no_colour_where_none_is_wanted(launched: Path) -> None:
    for args in (("unit", "list"), ("launch", "x", "--on", "2004-05-17")):
        done = shell(*args, NO_COLOR="1", FORCE_COLOR="1")
        assert "\x1b[3" not in done.stdout + done.stderr


def test_the_front_door_opens_with_nothing_behind_it_loaded() -> None:
    ours = "{'commands', 'models', 'notifications', 'workflows', 'web'}"
    asked = f"import sys, dondoc; print(*sorted(one for one in sys.modules if one.partition('.')[0] in {ours}))"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["commands", "commands.help"]


@pytest.mark.parametrize(("typed", "meant"), [("tikc", "tick"), ("servee", "serve"), ("unti", "unit")])
def test_of_a_command_that_is_not_there_the_nearest_is_named(cli: Cli, typed: str, meant: str) -> None:
    answer = cli(typed)
    assert answer.code == 2 and f"is it {meant}" in answer.err


def test_the_data_folder_can_be_given_ahead_of_the_environment(tmp_path: Path) -> None:
    done = shell("--data", str(tmp_path / "other"), "config", "--json")
    assert json.loads(done.stdout)["data"] == str(tmp_path / "other")


def test_settings_are_shown_without_their_secrets(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_DATABASE_URL", "postgresql://dd:hush@db.example/dondoc?password=hush&sslmode=require")
    monkeypatch.setenv("DONDOC_MAIL_PASSWORD", "hush")
    for args in (("config",), ("config", "--json")):
        answer = cli(*args)
        assert answer.code == 0 and "hush" not in answer.out and "db.example" in answer.out


@pytest.mark.parametrize(
    ("name", "value", "told"), [("DONDOC_LANGUAGE", "fr", "language"), ("DONDOC_TICK_SECONDS", "often", "tick_seconds")]
)
def test_a_wrong_setting_is_named(cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str) -> None:
    monkeypatch.setenv(name, value)
    answer = cli("task", "list")
    assert answer.code == 2 and told in answer.err


def test_a_broken_settings_file_is_named(cli: Cli, data: Path) -> None:
    (data / "dondoc.toml").write_text("language = ")
    answer = cli("task", "list")
    assert answer.code == 2 and "dondoc.toml" in answer.err


def test_an_unknown_language_is_wrong_input(cli: Cli, data: Path) -> None:
    answer = cli("task", "list", "-L", "fr")
    assert answer.code == 2 and "vi, en" in answer.err


@pytest.mark.parametrize("url", ["nonsense", "postgresql://u:hush@127.0.0.1:1/none"])
def test_a_database_that_cannot_be_reached_is_told_without_its_password(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DONDOC_DATABASE_URL", url)
    answer = cli("task", "list", "--json")
    assert answer.code in (1, 2)
    assert answer.json["error"] and "hush" not in answer.out + answer.err


def test_a_command_whose_room_is_not_installed_is_not_listed_and_says_so(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Room, "is_installed", False)
    front = cli("--help")
    assert front.code == 0 and "template" in front.out and "paper" not in front.out
    for words in (("paper",), ("paper", "--help"), ("import", "chi-thi.docx")):
        answer = cli(*words)
        assert answer.code == 1 and "pip install 'dondoc[" in answer.err
