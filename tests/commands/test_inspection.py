"""An inspection on the command line: planned, found, corrected, sent, closed; and what is refused, in words."""

from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import DIRECTIVE
from tests.commands.terminal import Cli

AT, BY, LEAD = ("--now", "2004-06-01"), ("--as", "le.thi.c"), ("--as", "duong.thanh.tung")
PLAN = (
    "inspection",
    "plan",
    DIRECTIVE,
    "--title",
    "Kiểm tra",
    "--from",
    "2004-06-15",
    "--to",
    "2004-06-18",
    "--lead",
    "duong.thanh.tung",
    "--units",
    "ETC,FPT",
    "--visit",
    "FPT=2004-06-16",
    "--duty",
    "2",
    "--question",
    "Lưu hồ sơ?",
)


@pytest.fixture
def planned(data: Path, cli: Cli) -> str:
    answer = cli.json(*PLAN, *BY, *AT)
    assert answer["units"] and len(answer["units"]) == 2
    return str(answer["short_id"])


def test_from_the_plan_to_the_end(cli: Cli, planned: str) -> None:
    def do(verb: str, *given: str, by: tuple[str, ...] = LEAD, on: str = "2004-06-17") -> Any:
        return cli.json("inspection", verb, planned, *given, *by, "--now", on)

    do("move", "ETC", "2004-06-17", "--reason", "Trùng lịch", by=BY, on="2004-06-07")
    for unit, number, verdict in (("ETC", "2", "met"), ("FPT", "1", "met"), ("FPT", "2", "met")):
        assert do("find", unit, number, verdict)["changed"] == 1
    assert do("find", "ETC", "1", "not_met", "--words", "Chưa có phương án")["changed"] == 1
    task = do(
        "correct",
        "ETC",
        "1",
        "--text",
        "Xây dựng phương án",
        "--title",
        "Xây dựng phương án",
        "--result",
        "Phương án",
        "--due",
        "2004-06-30",
    )["short_id"]
    assert do("send", on="2004-06-18")["state"] == "findings_sent"
    refused = cli("inspection", "close", planned, "--summary", "Xong", *BY, "--now", "2004-06-21")
    assert refused.code == 1 and "neither approved nor withdrawn" in refused.err
    assert "open: " in cli("inspection", "show", planned).out
    cli.json("task", "act", task, "withdraw", "--reason", "Đã sáp nhập", *BY, "--now", "2004-06-22")
    assert do("close", "--summary", "Đã khắc phục", by=BY, on="2004-06-23")["state"] == "closed"
    shown = cli.json("inspection", "show", planned)
    assert (shown["summary"], shown["units"][0]["answers"][0]["corrections"][0]["status"]) == (
        "Đã khắc phục",
        "withdrawn",
    )
    assert [row["state"] for row in cli.json("inspection", "list")] == ["closed"]


def test_settling_and_cancelling(cli: Cli, planned: str) -> None:
    cli.json("inspection", "find", planned, "ETC", "1", "partly", "--words", "Thiếu", *LEAD, "--now", "2004-06-15")
    cli.json("inspection", "settle", planned, "ETC", "1", "--words", "Đã bổ sung", *LEAD, "--now", "2004-06-15")
    answer = cli.json("inspection", "cancel", planned, "--reason", "Hoãn", *BY, "--now", "2004-06-15")
    assert answer["state"] == "cancelled"


def test_a_dry_run_keeps_nothing(data: Path, cli: Cli) -> None:
    assert cli.json(*PLAN, *BY, *AT, "--dry-run")["units"]
    assert cli.json("inspection", "list") == []


def test_who_and_what_is_not_there_is_told(cli: Cli, planned: str) -> None:
    for given, code, says in (
        (("find", planned, "VNPT", "1", "met", *LEAD), 2, "does not inspect it"),
        (("find", planned, "ETC", "9", "met", *LEAD), 2, "1 to 2"),
        (("send", planned, *BY), 1, "not possible now"),
        (("show", "abcdef99"), 2, "0 inspections fit"),
        (("cancel", planned, "--reason", "x", *LEAD), 1, "may not do this"),
    ):
        answer = cli("inspection", *given, *(AT if given[0] != "show" else ()))
        assert (answer.code, says in answer.err) == (code, True), answer.err
    wrong = cli(*PLAN[:-2], *BY, *AT, "--visit", "FPT")
    assert wrong.code == 2 and "UNIT=YYYY-MM-DD" in wrong.err
