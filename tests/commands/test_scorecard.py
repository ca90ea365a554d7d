"""Scorecards and warnings from the command line: tables with the notes beside, JSON alone."""

from pathlib import Path

import pytest

from tests.commands.terminal import Cli


def test_units_stand_in_alphabetical_order_with_formula_and_notes(cli: Cli, launched: Path) -> None:
    told = cli.json("scorecard", "--cutoff", "2004-08-31")
    assert len(told["units"]) == 26 and len(told["units"][0]["periods"]) == 6
    assert told["formula"].startswith("on-time rate =") and len(told["notes"]) >= 6
    assert sum(unit["whole"]["due"]["overdue"] for unit in told["units"]) == 26
    answer = cli("scorecard", "--cutoff", "2004-08-31")
    assert answer.code == 0 and "Change of lead" in answer.out


def test_one_unit_period_by_period(cli: Cli, launched: Path) -> None:
    told = cli.json("scorecard", "--unit", "VU-KHTC", "--every", "month", "--cutoff", "2004-08-31")
    [unit] = told["units"]
    by_period = {one["period"]: one["due"]["overdue"] for one in unit["periods"]}
    assert by_period["2004-06"] == 1 and sum(by_period.values()) == 1
    assert "June 2004" in cli("scorecard", "--unit", "VU-KHTC", "--every", "month", "--cutoff", "2004-08-31").out


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_ranking_that_no_leader_approved_is_refused(cli: Cli, launched: Path, language: str) -> None:
    answer = cli("scorecard", "--ranking", "0a1b2c3d", "-L", language)
    assert answer.code != 0 and "0a1b2c3d" in answer.err and answer.out == ""


def test_open_tasks_are_warned_of_and_explained(cli: Cli, launched: Path) -> None:
    told = cli.json("risk", "--day", "2004-06-15")
    assert told["looked_at"] == 26 and len(told["warned"]) == 26
    assert {reason["sign"] for reason in told["warned"][0]["reasons"]} == {"not_accepted", "silent"}
    assert "no progress reported" in " ".join(cli("risk", "--day", "2004-06-15").out.split())
    assert cli.json("risk", "--day", "2004-05-18")["warned"] == []


def test_the_back_test_says_what_it_cannot_say_and_what_it_can(cli: Cli, launched: Path) -> None:
    early = cli.json("risk", "--backtest", "--day", "2004-06-15")
    assert (early["cases"], early["verdict"], early["precision"]) == (0, "too_few", None)
    late = cli.json("risk", "--backtest", "--day", "2004-08-31")
    assert (late["cases"], late["late"], late["warned"], late["warned_late"]) == (26, 26, 26, 26)
    assert (late["precision"], late["recall"], late["base_rate"]) == (1.0, 1.0, 1.0)
    assert late["verdict"] == "chance", "where all are late, warning of all is no merit"
    assert [month["month"] for month in late["months"]] == ["2004-06"]
    answer = cli("risk", "--backtest", "--day", "2004-08-31", "-L", "en")
    assert answer.code == 0 and "no better than chance" in " ".join(answer.out.split())
