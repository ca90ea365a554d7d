"""`dondoc schedule …`: what an operator sees of the clock's jobs and changes in them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading
from models.operations.system_job import Job, JobName
from tests.commands.terminal import Cli
from workflows.jobs import run_job as running


@pytest.fixture(autouse=True)
def installed(data: Path) -> Path:
    return data


def test_the_jobs_are_listed_in_words_before_any_has_run(cli: Cli) -> None:
    listed = cli("schedule", "list").out
    for words in ("open-periods", "every 60 seconds", "daily at 00:01", "30 2 * * *", "has not run yet"):
        assert words in listed
    assert [job["name"] for job in cli.json("schedule", "list")] == list(JobName)


def test_the_list_fits_a_narrow_terminal_without_breaking_a_name_or_a_moment(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("schedule", "run", "tick")
    cli("schedule", "pause", "summaries")
    monkeypatch.setattr("commands.output._PIPE_WIDTH", 80)
    lines = cli("schedule", "list").out.splitlines()
    assert max(map(len, lines)) <= 80
    first = [line for line in lines if line[2:].startswith(("tick", "deliver", "open-periods", "summaries", "purge"))]
    assert len(first) == len(JobName)
    assert all(line.rstrip("│ ")[-3] == ":" for line in first if "summaries" not in line)
    assert "paused" in first[3]


def test_a_job_run_by_hand_is_recorded_and_told(cli: Cli) -> None:
    told = cli.json("schedule", "run", "tick")
    assert told["job"] == "tick"
    job = cli.json("schedule", "show", "tick")
    assert (job["last_state"], job["last_outcome"]) == ("done", told["outcome"])
    assert datetime.now(UTC) - datetime.fromisoformat(job["last_done_at"]) < timedelta(minutes=1)
    assert "nothing was due" in cli("schedule", "run", "open_periods").out


def test_one_that_fails_says_why_and_exits_1(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **more: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(running, "purge", broken)
    answer = cli("schedule", "run", "purge")
    assert answer.code == 1
    assert "purge failed: OSError: disk full" in answer.err
    assert "failed: OSError: disk full" in cli("schedule", "show", "purge").out


def test_pause_and_resume(cli: Cli) -> None:
    assert cli.json("schedule", "pause", "deliver")["is_paused"] is True
    assert cli.json("schedule", "show", "deliver")["next_run_at"] is None
    assert "paused: yes" in cli("schedule", "show", "deliver").out
    assert cli.json("schedule", "resume", "deliver")["next_run_at"] is not None


@pytest.mark.usefixtures("in_the_morning")
def test_a_pause_keeps_the_real_tick_from_the_work_and_the_list_says_so(cli: Cli, launched: Path) -> None:
    cli("schedule", "pause", "deliver")
    assert "paused, none leaves by the clock" in cli("schedule", "show", "deliver").out
    assert "letters left to their own job" in cli("tick").out
    assert cli.json("outbox", "list", "--state", "sent") == []
    assert "letters left to their own job" in cli("schedule", "show", "tick").out
    cli("schedule", "resume", "deliver")
    assert "left to" not in cli("tick").out
    assert cli.json("outbox", "list", "--state", "sent")


def test_an_expression_is_set_in_quotes_or_word_by_word_and_reset(cli: Cli, database: Engine) -> None:
    assert cli.json("schedule", "set", "purge", "0  3 * * 0")["cron"] == "0 3 * * 0"
    assert cli.json("schedule", "set", "open-periods", "5", "0", "*", "*", "1-5")["cron"] == "5 0 * * 1-5"
    assert "Monday to Friday at 00:05" in cli("schedule", "show", "open_periods").out
    with reading(database) as session:
        kept = {job.name: job.cron for job in session.exec(select(Job))}
    assert kept[JobName.PURGE] == "0 3 * * 0"
    assert cli.json("schedule", "reset", "purge")["cron"] == "30 2 * * *"
    assert cli.json("schedule", "set", "tick", "* * * * *")["cron"] == "* * * * *"
    assert cli.json("schedule", "reset", "tick")["cron"] is None


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        (("pause", "sweep"), "tick, deliver, open-periods, summaries, purge"),
        (("set", "purge", "0 25 * * *"), "minute hour day month weekday, such as 0 8 * * 1-5"),
        (("set", "purge", "hourly"), "0 8 * * 1-5"),
        (("set", "purge", "0 0 31 2 *"), "0 8 * * 1-5"),
        (("set", "summaries", "0 7 * * 1"), "0 9 * * 1"),
    ],
)
def test_what_is_wrong_is_refused_with_what_would_be_right(cli: Cli, arguments: tuple[str, ...], right: str) -> None:
    answer = cli("schedule", *arguments)
    assert answer.code == 2
    assert arguments[-1] in answer.err
    assert right in answer.err
