"""`dondoc report`: the figures by their parts, the tasks behind a number, the workbook."""

import errno
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest

from tests.commands.terminal import Cli

BREAKDOWNS = ("directive", "duty", "kind", "unit", "partner", "period")
CUTOFF = "2004-07-15"


@pytest.mark.usefixtures("launched")
def test_every_breakdown_stands_in_the_json_and_each_line_has_its_list(cli: Cli) -> None:
    told = cli.json("report", "--cutoff", CUTOFF)
    assert [name for name in told if name.startswith("by_")] == [f"by_{one}" for one in BREAKDOWNS]
    for breakdown in ("duty", "kind", "unit", "period"):
        line = told[f"by_{breakdown}"][0]
        behind = cli.json("report", "--cutoff", CUTOFF, "--tasks", "open_overdue", f"--{breakdown}", line["code"])
        assert len(behind) == line["open_overdue"]
    assert cli.json("report", "--cutoff", CUTOFF, "--tasks", "total", "--partner", "TCT-T") == []


@pytest.mark.usefixtures("launched")
def test_a_list_names_unit_duty_and_dates(cli: Cli) -> None:
    one = cli.json("report", "--cutoff", CUTOFF, "--tasks", "open_overdue", "--duty", "4")[0]
    assert (one["duty"], one["due_on"], one["original_due_on"], one["place"]) == (
        "4",
        "2004-06-30",
        "2004-06-30",
        "open_overdue",
    )
    shown = cli("report", "--cutoff", CUTOFF, "--tasks", "total", "--duty", "4")
    assert one["unit"] in shown.out


@pytest.mark.usefixtures("launched")
def test_a_part_without_a_number_is_refused_and_says_what_to_do(cli: Cli) -> None:
    refused = cli("report", "--unit", "TCT-T")
    assert refused.code == 2 and "--tasks" in refused.err


@pytest.mark.usefixtures("launched")
def test_the_workbook_is_written_beside_the_answer(cli: Cli, tmp_path: Path) -> None:
    told = cli.json("report", "--cutoff", CUTOFF, "--xlsx", tmp_path / "report.xlsx")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    units = book.worksheets[1 + BREAKDOWNS.index("unit")]
    assert units.max_row - 1 == len(told["by_unit"])
    assert sum(row[0] for row in units.iter_rows(2, min_col=4, max_col=4, values_only=True)) == told["total"]


@pytest.mark.usefixtures("launched")
def test_a_disk_without_room_is_told_without_the_systems_numbers(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_given: object) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("commands.report.write_book", no_room)
    answer = cli("report", "--cutoff", CUTOFF, "--xlsx", tmp_path / "report.xlsx")
    assert answer.code == 1 and answer.err.strip() == "the file system refuses: No space left on device"
