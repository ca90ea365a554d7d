"""The workbook: names are text whatever they begin with, numbers are numbers, the same figures give the same bytes."""

import io
from fractions import Fraction

import openpyxl  # type: ignore[import-untyped]
import pytest
from sqlmodel import Session

from tests.ministry import CUTOFF, Ministry, day
from workflows.reports.report_book import NUMBERS, write_book
from workflows.reports.report_figures import Breakdown, report
from workflows.rules.tasks.classification import Figures

EVIL = ("=1+1", "+84 24", "-2", "@SUM(A1)", '=HYPERLINK("x","y")', "{=1}", "\t=1")


@pytest.fixture
def ministry(session: Session) -> Ministry:
    ministry = Ministry(session)
    ministry.done(ministry.task(due=day(10)), day(10), approved=day(20))
    ministry.done(ministry.task(due=day(10), unit="DAI"), day(11))
    ministry.task("ct06/4", unit="DUNG", due=day(20))
    ministry.task("kl/1", unit="DUNG", due=None)
    return ministry


def sheets(content: bytes) -> dict[str, list[tuple[object, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


@pytest.mark.parametrize("name", EVIL)
def test_a_name_that_looks_like_a_formula_stays_a_name(ministry: Ministry, name: str) -> None:
    ministry.units["AN"].name = ministry.duties["ct06/2"].title = name
    ministry.session.flush()
    content = write_book(report(ministry.session, cutoff=CUTOFF), "vi")
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert not [cell.coordinate for cell in cells if cell.hyperlink]
    assert sum(cell.value == name for cell in cells) == 2, "the unit's and the duty's, word for word"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_its_numbers_are_the_reports_by_both_dates(ministry: Ministry, language: str) -> None:
    told = report(ministry.session, cutoff=CUTOFF)
    _summary, *tables = sheets(write_book(told, language)).values()
    for breakdown, (heads, *rows) in zip(Breakdown, tables, strict=True):
        width, lines = len(NUMBERS) + 2, told.lines(breakdown)
        assert [row[1] for row in rows] == [line.code for line in lines]
        for row, line in zip(rows, lines, strict=True):
            for first, figures in ((3, line.figures), (3 + width, line.on_original)):
                assert row[first : first + len(NUMBERS)] == tuple(getattr(figures, name) for name in NUMBERS)
                for cell, rate in zip(row[first + len(NUMBERS) : first + width], rates(figures), strict=True):
                    assert cell == (None if rate is None else pytest.approx(float(rate)))
        assert len(heads) == len(set(heads)), "every heading names one column"


def rates(figures: Figures) -> tuple[Fraction | None, ...]:
    return figures.completion.rate, figures.completion.of_all


def test_units_stand_in_vietnamese_order_and_the_same_figures_give_the_same_bytes(ministry: Ministry) -> None:
    told = report(ministry.session, cutoff=CUTOFF)
    content = write_book(told, "vi")
    units = list(sheets(content).values())[1 + list(Breakdown).index(Breakdown.UNIT)]
    assert [row[2] for row in units[1:]] == ["Công ty An", "Công ty Dũng", "Công ty Đại"]
    assert content == write_book(report(ministry.session, cutoff=CUTOFF), "vi")
    assert content != write_book(told, "en")


def test_who_sees_a_part_reads_whose_it_is(ministry: Ministry) -> None:
    summary = next(
        iter(sheets(write_book(report(ministry.session, cutoff=CUTOFF), "vi", only=["Vụ Bưu chính"])).values())
    )
    assert "Vụ Bưu chính" in {row[0] for row in summary}


def test_the_first_sheet_names_the_directive_as_its_paper_does(ministry: Ministry) -> None:
    told = report(ministry.session, cutoff=CUTOFF, directive="ct06")
    summary = next(iter(sheets(write_book(told, "vi")).values()))
    assert summary[1][0] == told.by_directive[0].name != "ct06"
