"""Report schedules from the command line."""

import re
from pathlib import Path

import pytest

from tests.commands.terminal import Cli

NEW = ("report-schedule", "new", "ct-06-2004", "results", "--now", "2004-06-01")


def test_one_is_made_changed_paused_and_resumed(cli: Cli, launched: Path) -> None:
    made = cli.json(*NEW, "--as", "le.thi.c", "--to-issuer")
    assert (made["office"], made["next_period"], made["next_on"]) == ("VU-VT", "2004-Q2", "2004-06-18")
    assert made["turns"][0]["sends"] == {
        "enterprise": "2004-06-04",
        "department": "2004-06-08",
        "subordinate": "2004-06-08",
    }
    name = str(made["id"])[-8:]
    changed = cli.json("report-schedule", "edit", name, "--own-day", "22")
    assert (changed["own_day"], changed["to_issuer"], changed["next_on"]) == (22, True, "2004-06-22")
    assert cli.json("report-schedule", "edit", name, "--own-day", "template")["next_on"] == "2004-06-18"
    assert cli.json("report-schedule", "pause", name)["is_paused"] is True
    assert cli.json("report-schedule", "resume", name, "--now", "2004-06-19")["next_period"] == "2004-Q3"
    assert [one["id"] for one in cli.json("report-schedule", "list")] == [made["id"]]
    shown = cli("report-schedule", "show", name)
    assert shown.code == 0 and "2004-Q3" in shown.out
    assert not re.search(r"\d{4}-\d\d-\d\d", shown.out), "days as everywhere else"


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        ((*NEW, "--kind", "x"), 2, "right would be one of directive, consolidated"),
        ((*NEW, "--own-day", "x"), 2, "a day from 1 to 31"),
        ((*NEW, "--own-day", "25-x"), 2, "a day from 1 to 31"),
        ((*NEW, "--as", "ta.chi.thanh"), 1, "may not do this"),
        (("report-schedule", "new", "ct-06-2004", "4"), 2, "collects no reports"),
        (("report-schedule", "show", "00000000"), 2, "there is none of this id"),
    ],
)
def test_what_is_wrong_is_said(cli: Cli, launched: Path, args: tuple[str, ...], code: int, said: str) -> None:
    answer = cli(*args)
    assert answer.code == code and said in " ".join(answer.err.split())
