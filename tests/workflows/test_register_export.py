"""The register as a CSV: a spreadsheet runs none of it, and what was taken out comes back as it was."""

import csv
import io

from hypothesis import example, given
from hypothesis import strategies as st

from workflows.organization.register.spreadsheet.export_register import columns_of, write_sheet
from workflows.organization.register.spreadsheet.sheet import csv_rows

words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=40)
begun = st.tuples(st.sampled_from("=+-@'"), words).map("".join)
COLUMNS = columns_of("units")


def row(cell: str) -> list[str]:
    return ["X", cell, *("" for _column in COLUMNS[2:])]


@given(st.one_of(words, begun))
@example('=HYPERLINK("http://evil.example","x")')
@example("+84 24 3822 6688")
@example("'=1+1")
@example("-2+3+cmd|' /C calc'!A0")
@example("@SUM(1)")
def test_a_cell_that_a_spreadsheet_would_run_is_text_and_comes_back_as_it_was(cell: str) -> None:
    content = write_sheet("units", [row(cell)], "csv", "en")
    (written,) = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[1:]
    shown = written[1]
    assert shown[:1] not in ("=", "@") and (shown[:1] not in ("+", "-") or set(shown[1:]) <= set("0123456789 ().-"))
    assert csv_rows("units.csv", content)[1][1] == cell


def test_a_telephone_number_is_written_as_it_is() -> None:
    content = write_sheet("units", [row("+84 24 3822 6688")], "csv", "en").decode("utf-8-sig")
    assert "X,+84 24 3822 6688" in content
