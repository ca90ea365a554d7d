"""The two tables that were published, rebuilt from history: equal to the last number on command line, page and file."""

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from python_calamine import CalamineWorkbook

from models.database.session import reading
from models.i18n import translate
from notifications.composing.wording import first_up
from tests.commands.terminal import Cli
from tests.reporting.published import Year
from workflows.reports.counted_places import CountQuery
from workflows.reports.report_figures import NUMBER_WORDS, RATES, Breakdown, report
from workflows.reports.report_tasks import Figure, page_behind

pytestmark = pytest.mark.long

WORDS = {first_up(translate(words, "vi")): name for name, words in NUMBER_WORDS.items() if name not in RATES}
SHEETS = 7


@pytest.fixture
def told(year: Year, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What `dondoc report --json` says of it."""
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path))
    monkeypatch.setenv("DONDOC_DATABASE_URL", year.url)
    monkeypatch.setenv("DONDOC_LANGUAGE", "vi")
    return Cli().json("report", "--cutoff", year.published.cutoff, "--xlsx", tmp_path / "report.xlsx")


def test_every_number_is_the_published_one_on_the_command_line(year: Year, told: Any) -> None:
    assert {name: told[name] for name in year.published.numbers} == year.published.numbers
    assert (told["rate_exact"], told["rate_text"]) == (year.published.rate_exact, year.published.rate_text)
    assert told["on_original"]["total"] == year.published.total
    assert told["on_original"]["open_overdue"] > year.published.open_overdue, "more time was given, and hides nothing"


def test_every_breakdown_but_that_of_coordinating_units_adds_up_to_it(year: Year, told: Any) -> None:
    for breakdown in Breakdown:
        lines = told[f"by_{breakdown}"]
        assert len(lines) > 1
        sums = {name: sum(line[name] for line in lines) for name in year.published.numbers}
        if breakdown is not Breakdown.PARTNER:
            assert sums == year.published.numbers, breakdown
    assert (
        0 < sum(line["contributed"] for line in told["by_partner"]) < sum(line["total"] for line in told["by_partner"])
    )


def test_every_number_is_the_published_one_on_the_page(year: Year) -> None:
    text = year.reader.get(f"/reports?cutoff={year.published.cutoff}&lang=vi").text
    cells = re.findall(r'<th scope="row">([^<]+)</th>\s*<td class="number">(?:<a[^>]*>)?([\d.]+)', text)
    shown = {WORDS[words]: int(number.replace(".", "")) for words, number in cells if words in WORDS}
    assert shown == year.published.numbers
    assert f"<strong>{year.published.rate_text}</strong>" in text


def test_every_number_is_the_published_one_in_the_workbook(year: Year, told: Any, tmp_path: Path) -> None:
    content = year.reader.get(f"/reports/xlsx?cutoff={year.published.cutoff}&lang=vi").content
    assert content == (tmp_path / "report.xlsx").read_bytes(), "the page's file and the command's are the same"
    summary, *sheets = CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    found = {WORDS[str(row[0])]: row[1] for row in book.get_sheet_by_name(summary).to_python() if row[0] in WORDS}
    assert found == year.published.numbers
    assert len(sheets) == SHEETS - 1
    for name, breakdown in zip(sheets, Breakdown, strict=True):
        heads, *rows = book.get_sheet_by_name(name).to_python()
        assert [row[1] for row in rows] == [line["code"] for line in told[f"by_{breakdown}"]]
        for words, field in WORDS.items():
            column = heads.index(words)
            numbers = [row[column] for row in rows]
            assert numbers == [line[field] for line in told[f"by_{breakdown}"]]
            if breakdown is not Breakdown.PARTNER:
                assert (
                    sum(int(str(number).removesuffix(".0")) for number in numbers) == year.published.numbers[field]
                ), "the workbook adds up to what was published"


def test_the_workbook_has_real_numbers_filters_and_frozen_heads_and_no_formula(year: Year) -> None:
    content = year.reader.get(f"/reports/xlsx?cutoff={year.published.cutoff}&lang=vi").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert len(book.worksheets) == SHEETS
    for sheet in book.worksheets:
        assert sheet.freeze_panes is not None
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    for sheet in book.worksheets[1:]:
        assert sheet.auto_filter.ref == sheet.dimensions
        last = sheet.max_row
        assert {sheet.cell(last, column).data_type for column in range(4, 12)} == {"n"}


def test_behind_every_number_stand_as_many_tasks(year: Year) -> None:
    cutoff = year.published.cutoff
    with reading(year.engine) as session:
        for figure in Figure:
            shown, in_all = page_behind(session, CountQuery(cutoff), figure, at_most=3)
            assert (len(shown), in_all) == (3, getattr(year.published, figure))


def test_a_later_cut_off_counts_what_was_recorded_meanwhile(year: Year) -> None:
    """The history goes on after the published day, so the published numbers are not simply all there is."""
    with reading(year.engine) as session:
        later = report(session, cutoff=year.published.cutoff + timedelta(days=30)).figures
    assert later.total > year.published.total and later.done != year.published.done
