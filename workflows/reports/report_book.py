"""Write the report as a workbook: a summary and a sheet for each breakdown, with real numbers and filters.

Names are written as text, so that no name of a unit or a duty becomes a formula.
"""

import io
from collections.abc import Sequence
from datetime import datetime, time
from fractions import Fraction
from typing import Any

import xlsxwriter

from models.i18n import _, translate
from models.text.localtime import write_date
from notifications.composing.wording import first_up
from workflows.reports.report_figures import (
    BREAKDOWN_WORDS,
    FORMULA,
    NUMBER_WORDS,
    RATES,
    Breakdown,
    Report,
    ReportLine,
    line_name,
)
from workflows.rules.tasks.classification import Figures

NUMBERS = ("total", "done", "done_on_time", "done_late", "open", "open_in_time", "open_overdue", "no_deadline")
SUMMARY = _("summary")
_HEADING_ROWS, _NAME_WIDTH, _WIDTH = 1, 44, 13  # the widths of columns are in characters


def write_book(report: Report, language: str, *, only: Sequence[str] = ()) -> bytes:
    """Return the same bytes for the same figures. `only` names the units if the reader sees only their part."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": datetime.combine(report.cutoff, time())})
        _Book(book, language).write(report, only)
    return out.getvalue()


def _rates(figures: Figures) -> tuple[Fraction | None, ...]:
    return figures.completion.rate, figures.completion.of_all


class _Book:
    def __init__(self, book: Any, language: str) -> None:
        self._book, self._language = book, language
        self._bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1})
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._text = book.add_format({"text_wrap": True, "valign": "top"})
        self._number = book.add_format({"num_format": "#,##0", "valign": "top"})
        self._rate = book.add_format({"num_format": "0.00%", "valign": "top"})

    def write(self, report: Report, only: Sequence[str]) -> None:
        self._write_summary(report, only)
        for breakdown in Breakdown:
            self._write_lines(breakdown, report.lines(breakdown))

    def _write_summary(self, report: Report, only: Sequence[str]) -> None:
        sheet = self._sheet(SUMMARY)
        sheet.set_column(0, 0, _NAME_WIDTH)
        sheet.set_column(1, 2, 2 * _WIDTH)
        sheet.write_string(0, 0, self._words(_("Official classification")), self._title)
        day = self._words(_("as recorded by the end of {day}"), day=write_date(report.cutoff))
        state = self._words(_("provisional") if report.provisional else _("final"))
        notes = [f"{day} ({state})", *only, self._words(FORMULA)]
        if report.directive:  # its name if it has tasks, as an office does not know our codes
            notes[:0] = [line_name(line, self._language) for line in report.by_directive] or [report.directive]
        for row, note in enumerate(notes, 1):
            sheet.write_string(row, 0, note)
        row = len(notes) + 2
        for column, words in enumerate((_("figure"), _("by the current deadlines"), _("by the original deadlines"))):
            sheet.write_string(row, column, self._words(words), self._bold)
        sheet.freeze_panes(row + 1, 1)
        for name in NUMBERS:
            row += 1
            sheet.write_string(row, 0, self._words(NUMBER_WORDS[name]), self._text)
            for column, figures in enumerate((report.figures, report.on_original), 1):
                sheet.write_number(row, column, getattr(figures, name), self._number)
        for index, name in enumerate(RATES):
            row += 1
            sheet.write_string(row, 0, self._words(NUMBER_WORDS[name]), self._text)
            for column, figures in enumerate((report.figures, report.on_original), 1):
                self._write_percent(sheet, row, column, _rates(figures)[index])

    def _write_lines(self, breakdown: Breakdown, lines: Sequence[ReportLine]) -> None:
        sheet = self._sheet(BREAKDOWN_WORDS[breakdown])
        headings = self._headings(breakdown)
        sheet.set_column(0, 1, _WIDTH)
        sheet.set_column(2, 2, _NAME_WIDTH)
        sheet.set_column(3, len(headings) - 1, _WIDTH)
        sheet.freeze_panes(_HEADING_ROWS, 3)
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, self._bold)
        for row, line in enumerate(lines, _HEADING_ROWS):
            for column, text in enumerate((line.directive, line.code, line_name(line, self._language))):
                sheet.write_string(row, column, text, self._text)
            self._write_figures(sheet, row, 3, line.figures)
            self._write_figures(sheet, row, 3 + len(NUMBERS) + len(RATES), line.on_original)
            if line.contributed is not None:
                sheet.write_number(row, len(headings) - 1, line.contributed, self._number)
        sheet.autofilter(0, 0, max(len(lines), 1), len(headings) - 1)

    def _headings(self, breakdown: Breakdown) -> list[str]:
        names = (*NUMBERS, *RATES)
        by_original = [
            first_up(self._words(_("{what}, by the original deadlines"), what=NUMBER_WORDS[name])) for name in names
        ]
        line_headings = [self._words(words) for words in (_("directive"), _("code"), _("name"))]
        shares = [self._words(_("share recorded"))] if breakdown is Breakdown.PARTNER else []
        return [*line_headings, *(self._words(NUMBER_WORDS[name]) for name in names), *by_original, *shares]

    def _write_figures(self, sheet: Any, row: int, first: int, figures: Figures) -> None:
        for column, name in enumerate(NUMBERS, first):
            sheet.write_number(row, column, getattr(figures, name), self._number)
        for column, rate in enumerate(_rates(figures), first + len(NUMBERS)):
            self._write_percent(sheet, row, column, rate)

    def _write_percent(self, sheet: Any, row: int, column: int, rate: Fraction | None) -> None:
        if rate is not None:
            sheet.write_number(row, column, float(rate), self._rate)

    def _sheet(self, words: str) -> Any:
        return self._book.add_worksheet(self._words(words))

    def _words(self, words: str, **facts: object) -> str:
        return first_up(translate(words, self._language, **facts))
