"""Warnings from the command line: a table, or JSON alone."""

from pathlib import Path

from tests.commands.terminal import Cli


def test_open_tasks_are_warned_of_and_explained(cli: Cli, launched: Path) -> None:
    told = cli.json("risk", "--day", "2004-06-15")
    assert told["looked_at"] == 26 and len(told["warned"]) == 26
    assert {reason["sign"] for reason in told["warned"][0]["reasons"]} == {"not_accepted", "silent"}
    assert "no progress reported" in " ".join(cli("risk", "--day", "2004-06-15").out.split())
    assert cli.json("risk", "--day", "2004-05-18")["warned"] == []


def test_the_back_test_counts_correct_warnings_and_missed_tasks(cli: Cli, launched: Path) -> None:
    early = cli.json("risk", "--backtest", "--day", "2004-06-15")
    assert (early["cases"], early["warned"], early["months"]) == (0, 0, [])
    late = cli.json("risk", "--backtest", "--day", "2004-08-31")
    assert [late[name] for name in ("cases", "late", "warned", "warned_late", "missed")] == [26, 26, 26, 26, 0]
    assert [month["month"] for month in late["months"]] == ["2004-06"]
    answer = cli("risk", "--backtest", "--day", "2004-08-31", "-L", "en")
    assert answer.code == 0 and "26 of 26" in " ".join(answer.out.split())
