"""Seeing tasks and acting on them from the command line."""

from pathlib import Path

import pytest

from commands.task import OPTIONS
from tests.commands.terminal import Cli
from workflows.rules.tasks.lifecycle import SPECS

HEAD = ("--as", "luong.thi.ngan")
COORDINATOR = ("--as", "le.thi.c")


def test_a_task_goes_from_launch_to_approval(cli: Cli, launched: Path) -> None:
    task = cli.task("4")["short_id"]
    cli.json("task", "act", task, "accept", *HEAD, "--now", "2004-05-18")
    paper = ("--number", "12/TTr", "--date", "2004-06-01", "--subject", "Tờ trình", "--signer", "Lương Thị Ngân")
    assert cli.json("task", "act", task, "submit", *HEAD, *paper, "--now", "2004-06-02")["waiting"] == "decision"
    assert cli.json("task", "act", task, "approve", *COORDINATOR, "--now", "2004-06-03")["status"] == "approved"
    shown = cli.json("task", "show", task)
    assert [row["event"] for row in shown["history"]] == ["assigned", "accepted", "submitted", "approved"]
    assert shown["results"][0]["number"] == "12/TTr"
    figures = cli.json("report", "--cutoff", "2004-06-30")
    assert figures["total"] == 26 and figures["done_on_time"] == 1 and figures["open_in_time"] == 25


@pytest.mark.parametrize(("language", "words"), [("vi", "“Tiếp nhận”; trạng thái"), ("en", "“Accept” done; it is")])
def test_an_action_is_called_by_its_name_once_it_is_done(cli: Cli, launched: Path, language: str, words: str) -> None:
    task = cli.task("4")["short_id"]
    done = cli("task", "act", task, "accept", "--as", "luong.thi.ngan", "--now", "2004-05-18", "--language", language)
    assert done.code == 0 and words in done.out


@pytest.mark.parametrize("language", ["vi", "en"])
def test_an_action_twice_or_by_the_wrong_person_is_refused(cli: Cli, launched: Path, language: str) -> None:
    task = cli.task("4")["id"]
    assert cli("task", "act", task, "accept", "--as", "ly.ngoc.anh", "-L", language).code == 1
    assert cli("task", "act", task, "accept", *HEAD).code == 0
    again = cli("task", "act", task, "accept", *HEAD, "-L", language, "--json")
    assert again.code == 1
    assert again.json == {"error": again.err.strip()}
    assert {"vi": "“Tiếp nhận”", "en": "“Accept”"}[language] in again.err


def test_every_field_of_an_action_has_its_option() -> None:
    assert OPTIONS.keys() == {name for spec in SPECS.values() for name in spec.input.model_fields}


def test_an_action_that_lacks_an_option_names_it(cli: Cli, launched: Path) -> None:
    answer = cli("task", "act", cli.task("4")["id"], "submit", *HEAD)
    assert answer.code == 2
    assert "--number" in answer.err and "--date" in answer.err


def test_an_action_that_does_not_take_an_option_names_what_it_takes(cli: Cli, launched: Path) -> None:
    answer = cli("task", "act", cli.task("4")["id"], "accept", *HEAD, "--received-on", "2004-05-18")
    assert answer.code == 2
    assert "--received-on" in answer.err and "--note" in answer.err


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("args", "named"),
    [
        (("frobnicate",), ("frobnicate", "set-date")),
        (("submit", "--number", "1", "--date", "2004-02-30"), ("--date", "2004-02-30", "2026-11-05")),
        (("ask-extension", "--due", "30.6", "--note", "x"), ("--due", "30.6")),
        (("telephone", "--answered-by", "A", "--at", "noon"), ("--at", "noon")),
        (("accept", "--now", "yesterday"), ("--now", "yesterday")),
    ],
)
def test_wrong_arguments_are_named_in_either_language(
    cli: Cli, launched: Path, language: str, args: tuple[str, ...], named: tuple[str, ...]
) -> None:
    answer = cli("task", "act", cli.task("4")["id"], args[0], *HEAD, *args[1:], "--language", language)
    assert answer.code == 2
    assert all(word in answer.err for word in named), answer.err


def test_an_unknown_person_or_task_is_wrong_input(cli: Cli, launched: Path) -> None:
    assert "nobody" in cli("task", "act", cli.task("4")["id"], "accept", "--as", "nobody").err
    for name in ("00000000", "xyz", "0" * 32):
        assert cli("task", "show", name).code == 2


def test_what_is_possible_now_is_listed_with_what_it_needs(cli: Cli, launched: Path) -> None:
    told = cli.json("task", "actions", cli.task("4")["id"], *HEAD)
    needs = {row["action"]: row["needs"] for row in told["actions"]}
    assert {row["action"]: row["name"] for row in told["actions"]}["accept"] == "Accept"
    assert needs["submit"] == ["number", "date"] and "approve" not in needs
    assert cli.json("task", "actions", cli.task("4")["id"], "--as", "ly.ngoc.anh")["actions"] == []


def test_the_list_is_filtered(cli: Cli, launched: Path) -> None:
    assert len(cli.json("task", "list")) == 26
    assert len(cli.json("task", "list", "--duty", "2", "--limit", 3)) == 3
    assert cli.json("task", "list", "--duty", "2", "--limit", 0) == cli.json("task", "list", "--duty", "2")
    assert cli.json("task", "list", "--limit", 3) == cli.json("task", "list")[:3]
    assert [row["duty"] for row in cli.json("task", "list", "--unit", "vụ kế hoạch – tài chính")] == ["4"]
    assert cli.json("task", "list", "--status", "approved,withdrawn") == []
    assert cli.json("task", "list", "--status", "overdue", "--now", "2004-06-30T23:59") == []
    late = cli.json("task", "list", "--status", "overdue", "--now", "2004-07-01T00:00")
    assert len(late) == 26 and all(row["overdue"] for row in late)
    assert cli("task", "list", "--status", "lost").code == 2


def test_an_extension_keeps_the_original_date(cli: Cli, launched: Path) -> None:
    task = cli.task("4")["id"]
    asked = ("--due", "2004-07-15", "--reason", "Cần thêm số liệu", "--now", "2004-06-01")
    cli.json("task", "act", task, "ask-extension", *HEAD, *asked)
    done = cli.json("task", "act", task, "grant-extension", *COORDINATOR, "--now", "2004-06-02")
    assert (done["due_on"], done["original_due_on"]) == ("2004-07-15", "2004-06-30")
    told = cli.json("why", task, "--now", "2004-06-03")
    assert told["original_due_on"] == "2004-06-30" and told["dates"][-1]["due_on"] == "2004-07-15"
    assert all(rung["rule"] for rung in told["rungs"])
    shown = " ".join(cli("why", task, "--now", "2004-06-03", "-L", "vi").out.split())
    assert "giao nhiệm vụ" in shown and "Project-Id-Version" not in shown


def test_a_file_goes_with_the_result_and_a_missing_one_is_wrong_input(cli: Cli, launched: Path, tmp_path: Path) -> None:
    paper = ("--number", "1", "--date", "2004-06-01", "--subject", "S", "--signer", "A", "--now", "2004-06-02")
    task = cli.task("4")["id"]
    assert cli("task", "act", task, "submit", *HEAD, *paper, "--file", tmp_path / "none.pdf").code == 2
    (tmp_path / "plan.pdf").write_bytes(b"%PDF-1.7 plan")
    cli.json("task", "act", task, "submit", *HEAD, *paper, "--file", tmp_path / "plan.pdf")
    assert cli.json("task", "show", task)["results"][0]["files"] == ["plan.pdf"]


def test_an_obstacle_with_the_whole_directive_is_raised(cli: Cli, data: Path) -> None:
    cli.json("launch", "ct-06-2004", "--duty", "obstacles", "--on", "2004-05-17")
    raised = ("raise", "ct-06-2004", "--note", "Thiếu thiết bị", "--now", "2004-05-18")
    assert cli.json(*raised, *HEAD)["created"] == 1
    assert cli(*raised, "--as", "phan.ngoc.son").code == 1
