"""Launching and simulating from the command line."""

from pathlib import Path

import pytest

from tests.commands.terminal import Cli


def test_launching_twice_makes_nothing_new(cli: Cli, data: Path) -> None:
    first = cli.json("launch", "ct-06-2004", "--on", "2004-05-17", "--due", "2004-06-30")
    second = cli.json("launch", "ct-06-2004", "--on", "2004-05-17", "--due", "2004-06-30")
    assert first["created"] > 26 and first["existing"] == 0 and "2.a" in first["armed"]
    assert second["created"] == 0 and second["existing"] == first["created"] and second["armed"] == []
    assert len(cli.json("task", "list")) == first["created"]


def test_a_day_means_eight_in_the_morning_local(cli: Cli, data: Path) -> None:
    cli.json("launch", "ct-06-2004", "--duty", "4", "--on", "2004-05-17")
    assert cli.task("4")["assigned_at"] == "2004-05-17T01:00:00+00:00"


def test_a_moment_keeps_its_zone(cli: Cli, data: Path) -> None:
    cli.json("launch", "ct-06-2004", "--duty", "4", "--on", "2004-05-17T09:30+07:00")
    assert cli.task("4")["assigned_at"] == "2004-05-17T02:30:00+00:00"


def test_a_date_on_a_day_off_is_said_at_launch_and_by_why(cli: Cli, data: Path) -> None:
    options = ("--duty", "4", "--on", "2004-05-17", "--due", "2004-06-26")
    said = "deadline on a day off: item 4, 2004-06-26, a Saturday, a day off; the date stays as set"
    for command in (("launch", "ct-06-2004", *options, "--dry-run"), ("simulate", "ct-06-2004", *options)):
        err = " ".join(cli(*command).err.split())
        assert f"{said}; another date: --due 2004-06-25 or --due 2004-06-28" in err
    told = cli.json("launch", "ct-06-2004", *options)
    assert told["days_off"] == [{"duty": "4", "day": "2004-06-26", "why": "a Saturday"}]
    assert cli.json("why", cli.task("4")["id"])["day_off"] == "a Saturday"
    assert cli.json("why", cli.task("4")["id"], "-L", "vi")["day_off"] == "thứ Bảy"
    assert "(a Saturday, a day off; the date stays as set)" in " ".join(cli("why", cli.task("4")["id"]).out.split())


def test_a_dry_run_counts_and_keeps_nothing(cli: Cli, data: Path) -> None:
    assert cli.json("launch", "ct-06-2004", "--duty", "2", "--on", "2004-05-17", "--dry-run")["created"] == 25
    assert cli.json("task", "list") == []


def test_the_coordinators_date_is_the_tasks_original_date(cli: Cli, launched: Path) -> None:
    task = cli.task("4")
    assert task["due_on"] == task["original_due_on"] == "2004-06-30"


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("option", "value"), [("--on", "2004-02-30"), ("--on", "17/05/2004"), ("--due", "soon"), ("--due", "20040517")]
)
def test_a_wrong_date_names_the_option_the_value_and_the_right_form(
    cli: Cli, data: Path, language: str, option: str, value: str
) -> None:
    options = {"--on": "2004-05-17", "--due": "2004-06-30"} | {option: value}
    answer = cli("launch", "ct-06-2004", *(word for pair in options.items() for word in pair), "-L", language)
    assert answer.code == 2
    assert answer.out == ""
    assert option in answer.err and value in answer.err and "2026-11-05" in answer.err


@pytest.mark.parametrize("on", ["2062-11-25", "2098-12-31", "2004-05-06", "1975-01-01"])
@pytest.mark.parametrize("command", [["launch"], ["launch", "--dry-run"], ["simulate"]], ids=" ".join)
def test_a_wrong_year_is_refused_by_every_command(cli: Cli, data: Path, command: list[str], on: str) -> None:
    answer = cli(command[0], "ct-06-2004", "--duty", "4", "--on", on, *command[1:], "-L", "en")
    assert answer.code == 2
    assert "date of launch" in answer.err and "expected a day from 07/05/2004 to " in answer.err
    assert cli.json("task", "list") == []


def test_a_launch_may_be_dated_back_by_a_year_before_the_last(cli: Cli, data: Path) -> None:
    cli.json("launch", "ct-06-2004", "--duty", "4", "--on", "2006-05-17")
    assert cli("launch", "ct-06-2004", "--duty", "2", "--on", "2005-05-15").code == 2
    assert cli.json("launch", "ct-06-2004", "--duty", "2", "--on", "2005-05-16")["created"] == 25


def test_a_launch_is_taken_back_and_given_anew(cli: Cli, data: Path) -> None:
    wrong = cli.json("launch", "ct-06-2004", "--duty", "4", "--on", "2004-05-16", "--due", "2005-06-30")
    take = ("take-back", "ct-06-2004", wrong["launch"][-8:], "--as", "le.thi.c", "--now", "2004-05-16T09:00")
    assert cli(*take, "--reason", " ").code == 2
    assert cli.json(*take, "--reason", "Sai năm")["withdrawn"] == 1
    assert cli(*take, "--reason", "Sai năm").code == 1
    right = cli.json("launch", "ct-06-2004", "--duty", "4", "--on", "2004-05-17", "--due", "2004-06-30")
    assert (right["created"], cli.task("4")["due_on"]) == (1, "2004-06-30")
    stranger = ("take-back", "ct-06-2004", right["launch"], "--as", "luong.thi.ngan", "--reason", "x")
    assert cli(*stranger).code == 1
    assert cli("take-back", "ct-06-2004", "00000000", "--as", "le.thi.c", "--reason", "x").code == 2


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(("name", "duty"), [("ct-99-2099", "2"), ("ct-06-2004", "9.z")])
def test_an_unknown_directive_or_duty_is_wrong_input(cli: Cli, data: Path, language: str, name: str, duty: str) -> None:
    answer = cli("launch", name, "--duty", duty, "--on", "2004-05-17", "--language", language)
    assert answer.code == 2
    assert (name if name != "ct-06-2004" else duty) in answer.err


def test_a_date_before_the_launch_is_wrong_input(cli: Cli, data: Path) -> None:
    assert cli("launch", "ct-06-2004", "--on", "2004-05-17", "--due", "2004-05-16").code == 2
    assert cli.json("task", "list") == []


def test_a_unit_whose_head_cannot_be_written_to_stops_the_launch_unless_overridden(
    cli: Cli, data: Path, tmp_path: Path
) -> None:
    people = tmp_path / "people.csv"
    people.write_text("code,email\nluong.thi.ngan,\n", encoding="utf-8")
    cli.json("person", "import", people)
    refused = cli("launch", "ct-06-2004", "--duty", "4", "--on", "2004-05-17", "--json")
    assert refused.code == 1
    assert "VU-KHTC" in refused.err and "VU-KHTC" in refused.json["error"]
    assert cli.json("task", "list") == []
    done = cli.json("launch", "ct-06-2004", "--duty", "4", "--on", "2004-05-17", "--override")
    assert done["created"] == 1
    assert [gap["unit"] for gap in done["gaps"]] == ["VU-KHTC"]


def test_a_simulation_lists_tasks_and_letters_and_keeps_nothing(cli: Cli, data: Path) -> None:
    seen = cli.json("simulate", "ct-06-2004", "--duty", "4", "--on", "2004-05-17", "--due", "2004-05-31", "--days", 8)
    assert [task["duty"] for task in seen["tasks"]] == ["4"]
    assert {"date", "recipient", "rungs", "subject"} <= seen["letters"][0].keys()
    assert cli.json("task", "list") == cli.json("outbox", "list") == []
