"""A paper's tables as .xlsx: numbers, days and rates as what they are, filters, frozen heads, ready for A4 landscape.

Text is written as text only: what begins with "=" stays a string, and addresses do not become links.
"""

import io
from datetime import datetime
from typing import Any

import xlsxwriter

from models.text.localtime import local
from workflows.papers.formats.text_cells import NOTHING, heading_rows
from workflows.papers.paper import Cell, Paper, PaperColumn, Table, legible, read_date, read_rate

_A4 = 9
_LETTERS = 130  # about so many letters of size 11 stand side by side on an A4 landscape
_SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}


def render_xlsx(paper: Paper, *, written_at: datetime) -> bytes:
    """Each table has a sheet; the same paper and moment (UTC) give the same bytes."""
    paper, made = legible(paper), io.BytesIO()
    book = xlsxwriter.Workbook(made, _SAFE)
    book.set_properties(
        {"title": paper.title[:250], "author": paper.author[:250], "created": local(written_at).replace(tzinfo=None)}
    )
    form = _Formats(book, paper.language)
    for number, table in enumerate(paper.tables, 1):
        _write(book.add_worksheet(_sheet_name(table.caption or paper.title, number)), table, paper, form)
    book.close()
    return made.getvalue()


class _Formats:
    def __init__(self, book: Any, language: str) -> None:
        plain = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
        boxed = plain | {"border": 1, "text_wrap": True}
        self.title = book.add_format(plain | {"bold": True, "font_size": 14})
        self.note = book.add_format(plain | {"italic": True})
        self.head = book.add_format(boxed | {"bold": True, "align": "center", "bg_color": "#E7E6E6"})
        # the file's own separators follow the reader's machine
        day = "dd/mm/yyyy" if language == "vi" else "d mmmm yyyy"
        looks: dict[str, dict[str, object]] = {
            "text": {"num_format": "@", "align": "left"},
            "number": {"num_format": "#,##0", "align": "right"},
            "date": {"num_format": day, "align": "center"},
            "rate": {"num_format": "0.00%", "align": "right"},
        }
        self.cells = {
            (kind, strong): book.add_format(boxed | look | {"bold": strong})
            for kind, look in looks.items()
            for strong in (False, True)
        }


def _write(sheet: Any, table: Table, paper: Paper, form: _Formats) -> None:
    sheet.write_string(0, 0, paper.title, form.title)
    sheet.write_string(1, 0, table.caption or paper.subject or paper.title, form.note)
    heads = heading_rows(table)
    top = 3
    for n, row in enumerate(heads):
        for one in row:
            if one.columns > 1 or one.rows > 1:
                corner = (top + n + one.rows - 1, one.column + one.columns - 1)
                sheet.merge_range(top + n, one.column, *corner, one.text, form.head)
            else:
                sheet.write_string(top + n, one.column, one.text, form.head)
    first = top + len(heads)
    for n, cells in enumerate(table.rows):
        for column, (cell, described) in enumerate(zip(cells, table.columns, strict=True)):
            _write_cell(sheet, first + n, column, cell, described, form.cells[described.kind, n in table.strong])
    last = first + len(table.rows)
    if table.note:
        sheet.write_string(last + 1, 0, table.note, form.note)
    _set_up(sheet, table, first, last)


def _write_cell(sheet: Any, row: int, column: int, cell: Cell, described: PaperColumn, look: Any) -> None:
    day, rate = (
        (read_date(cell) if described.kind == "date" else None),
        (read_rate(cell) if described.kind == "rate" else None),
    )
    if day is not None:
        sheet.write_datetime(row, column, datetime(day.year, day.month, day.day), look)  # noqa: DTZ001
    elif rate is not None:
        sheet.write_number(row, column, float(rate), look)
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell, look)
    else:
        sheet.write_string(row, column, cell or NOTHING, look)


def _set_up(sheet: Any, table: Table, first: int, last: int) -> None:
    """Filters, frozen and repeated heads, A4 landscape, one page wide."""
    if table.rows:
        # totals stand beneath the filtered rows, not among them
        filtered = last - 1 - sum(1 for n in table.strong if n == len(table.rows) - 1)
        sheet.autofilter(first - 1, 0, max(filtered, first), len(table.columns) - 1)
    sheet.freeze_panes(first, 0)
    sheet.repeat_rows(first - len(heading_rows(table)), first - 1)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.6, right=0.6, top=0.6, bottom=0.6)
    sheet.set_footer("&C&P / &N")
    whole = sum(column.part for column in table.columns)
    for n, column in enumerate(table.columns):
        sheet.set_column(n, n, max(6, round(_LETTERS * column.part / whole)))


def _sheet_name(words: str, number: int) -> str:
    """Return a sheet's name: 31 letters at most that Excel takes, its number first so that no two agree."""
    plain = "".join(" " if letter in "[]:*?/\\'" else letter for letter in words)
    return f"{number}. {' '.join(plain.split())}"[:31].strip()
