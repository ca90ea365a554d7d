"""A follow-up table from the command line: what becomes of each row, and then the tasks."""

from pathlib import Path

from tests.commands.terminal import Cli
from tests.review.sheets import csv
from tests.rooms import of_room

pytestmark = of_room("intake")

ROWS = (
    "1;Xây dựng quy chế;Vụ Viễn thông;Vụ Bưu chính;30/12/2026;;",
    "2;Hướng dẫn kỹ thuật;Trung tâm Sao Mai;;31/11/2026;;",
)
GIVEN = ("--unit", "VU-VT", "--as", "le.thi.c", "--issuer", "Bộ trưởng", "--subject", "Giao ban tháng 10")


def test_each_rows_fate_is_printed_and_nothing_kept_before_it_is_made(cli: Cli, data: Path, tmp_path: Path) -> None:
    file = tmp_path / "theo-doi.csv"
    file.write_bytes(csv(*ROWS))
    tried = cli.json("import-table", file, *GIVEN, "--dry-run", "-L", "en")
    assert [row["fate"] for row in tried["rows"]] == ["new", "fault"]
    assert len(tried["rows"][1]["faults"]) == 2 and "31/11/2026" in tried["rows"][1]["faults"][1]
    assert cli("import-table", file, *GIVEN).code == 2, "a row with faults is left out only when asked"
    made = cli.json("import-table", file, *GIVEN, "--leave-faults")
    assert (made["duties"], made["tasks"]) == (1, 1)
    assert cli.json("import-table", file, *GIVEN, "--dry-run")["rows"][0]["fate"] == "here"
    assert "nothing" in cli("import-table", file, *GIVEN, "--leave-faults", "-L", "en").err


def test_only_who_speaks_for_the_unit_makes_anything(cli: Cli, data: Path, tmp_path: Path) -> None:
    file = tmp_path / "theo-doi.csv"
    file.write_bytes(csv(ROWS[0]))
    for person in ("nguyen.thanh.tung", "dang.thu.thuy"):
        assert cli("import-table", file, "--unit", "VU-VT", "--as", person, "--issuer", "x").code in (1, 2)
    assert cli("import-table", tmp_path / "none.csv", *GIVEN).code == 2
