"""`dondoc tick` by a clock that is far ahead, or at a moment of somebody's choice: held, asked, and confirmed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.text.localtime import local_date
from notifications.smtp.mailbox import read_mailbox
from tests.commands.terminal import Cli
from workflows.jobs.clock import clock_ahead

WEEKS = timedelta(days=41)


@pytest.fixture(autouse=True)
def without_ntp(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing keeps this machine's clock, whatever the machine is."""
    monkeypatch.setattr(clock_ahead, "kept_by_ntp", lambda: False)


def ago(span: timedelta) -> str:
    return (datetime.now(UTC) - span).isoformat()


def letters(data: Path) -> int:
    return len(read_mailbox(data / "mailbox")) if (data / "mailbox").exists() else 0


def test_a_tick_weeks_after_the_last_one_is_held_and_administrators_are_written_to(cli: Cli, launched: Path) -> None:
    cli.json("tick", "--now", ago(WEEKS))
    before = letters(launched)
    answer = cli("tick")
    assert answer.code == 1 and "held: this machine's clock says" in answer.err
    assert "dondoc tick --today YYYY-MM-DD" in answer.err and "Traceback" not in answer.err
    assert {one.subject.partition("]")[0] for one in read_mailbox(launched / "mailbox")[before:]} <= {
        "[System alert",
        "[Cảnh báo hệ thống",
    }
    assert "held: this machine's clock is far ahead of the last tick" in cli("doctor").out


def test_whoever_says_which_day_it_is_lets_it_go_on(cli: Cli, launched: Path) -> None:
    cli.json("tick", "--now", ago(WEEKS))
    assert cli("tick").code == 1
    wrong = cli("tick", "--today", "2026-01-01")
    assert wrong.code == 2 and "set the clock right" in wrong.err
    today = local_date(datetime.now(UTC)).isoformat()
    assert cli("tick", "--today", today).code == 0
    assert cli("tick").code == 0


def test_a_tick_that_lies_ahead_is_refused_where_there_are_tasks(cli: Cli, launched: Path) -> None:
    moment = (datetime.now(UTC) + WEEKS).isoformat()
    answer = cli("tick", "--now", moment)
    assert answer.code == 1 and "lies ahead" in answer.out and "--yes" in answer.err
    assert letters(launched) == 0
    assert cli("tick", "--now", moment, "--yes").code == 0


def test_where_nothing_is_open_any_moment_may_be_tried(cli: Cli, data: Path) -> None:
    assert cli("tick", "--now", (datetime.now(UTC) + WEEKS).isoformat()).code == 0


def test_a_person_says_when_it_is_or_plays_with_a_moment(cli: Cli, launched: Path) -> None:
    answer = cli("tick", "--now", "2004-05-17", "--today", "2004-05-17")
    assert answer.code == 2 and "not both" in answer.err
