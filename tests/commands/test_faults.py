"""Whatever goes wrong, the command line answers in a line of words; a traceback goes into `errors.log`."""

import json
from pathlib import Path

import pytest

from tests.commands.terminal import Cli
from workflows.jobs import tick as tick_module

FAR = ["0001-01-01", "1900-01-01", "2100-01-01", "9999-12-31"]


def lines(words: str) -> list[str]:
    return [line for line in words.splitlines() if line.strip()]


@pytest.mark.parametrize("day", FAR)
@pytest.mark.parametrize("command", ["tick --now", "launch ct-06-2004 --on", "simulate ct-06-2004 --on"])
def test_far_moments_are_refused_in_one_line(cli: Cli, data: Path, command: str, day: str) -> None:
    answer = cli(*command.split(), day)
    assert answer.code == 2 and len(lines(answer.err)) == 1
    assert day in answer.err and "expected" in answer.err


@pytest.mark.parametrize(
    "command", ["tick", "task list", "outbox list", "verify", "report", "serve --port 1", "backup x.tar"]
)
def test_an_overwritten_database_is_told_in_one_line(cli: Cli, data: Path, command: str) -> None:
    file = data / "dondoc.sqlite"
    file.write_bytes(b"garbage " * 16 + file.read_bytes()[128:])
    answer = cli(*command.split())
    assert answer.code == 1 and len(lines(answer.err)) == 1
    assert "the database cannot be used now" in answer.err and "dondoc doctor" in answer.err


@pytest.mark.parametrize("command", ["tick", "verify", "doctor", "secrets list"])
def test_a_key_that_is_no_text_is_no_key(cli: Cli, data: Path, command: str) -> None:
    (data / "secrets.key").write_bytes(b"\xff\xfe\x00")
    answer = cli(*command.split())
    assert "not a key" in answer.err + answer.out


def test_an_unforeseen_fault_is_one_line_and_its_traceback_is_kept(
    cli: Cli, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object, **_more: object) -> object:
        raise LookupError("someone@mpt.example")

    monkeypatch.setattr(tick_module, "begin_tick", broken)
    answer = cli("tick", "--now", "2004-05-18", "--json")
    assert answer.code == 1 and len(lines(answer.err)) == 1
    assert "LookupError" in answer.err and str(data / "errors.log") in answer.err
    assert json.loads(answer.out)["error"] == answer.err.strip()
    kept = (data / "errors.log").read_text(encoding="utf-8")
    assert "Traceback" in kept and "broken" in kept and "someone@" not in kept
    assert (data / "errors.log").stat().st_mode & 0o077 == 0


def test_a_part_that_fails_leaves_its_traceback_in_the_file(
    cli: Cli, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object, **_more: object) -> object:
        raise LookupError("a part")

    monkeypatch.setattr(tick_module, "sweep", broken)
    answer = cli("tick", "--now", "2004-05-18")
    assert answer.code == 1 and "Traceback" not in answer.err and "part_failed" in answer.err
    assert "Traceback" in (data / "errors.log").read_text(encoding="utf-8")


def test_full_traces_are_set_aside(cli: Cli, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.operations.logs._MOST_TRACES", 10)
    monkeypatch.setattr(tick_module, "begin_tick", None)
    for _time in range(3):
        assert cli("tick", "--now", "2004-05-18").code == 1
    assert {path.name for path in data.glob("errors.log*")} == {"errors.log", "errors.log.1"}
