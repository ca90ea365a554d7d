"""Render a paper's tables as .xlsx, with typed cells, filters and frozen heads, ready to print on A4 landscape.

Text is written as text: a text that begins with "=" is no formula, and an address is no link.
"""

import io
from datetime import datetime
from typing import Any

import xlsxwriter

from models.text.localtime import local
from workflows.papers.formats.text_cells import EMPTY_CELL, heading_rows
from workflows.papers.paper import Cell, Paper, PaperColumn, Table, legible, read_date, read_rate

_A4 = 9
_CHARACTERS = 130  # of size 11 that fit side by side on A4 landscape
_SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}


def render_xlsx(paper: Paper, *, written_at: datetime) -> bytes:
    """Render each table as a sheet. The same paper and moment (UTC) give the same bytes."""
    paper, buffer = legible(paper), io.BytesIO()
    book = xlsxwriter.Workbook(buffer, _SAFE)
    book.set_properties(
        {"title": paper.title[:250], "author": paper.author[:250], "created": local(written_at).replace(tzinfo=None)}
    )
    formats = _Formats(book, paper.language)
    for number, table in enumerate(paper.tables, 1):
        _write(book.add_worksheet(_sheet_name(table.caption or paper.title, number)), table, paper, formats)
    book.close()
    return buffer.getvalue()


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


def _write(sheet: Any, table: Table, paper: Paper, formats: _Formats) -> None:
    sheet.write_string(0, 0, paper.title, formats.title)
    sheet.write_string(1, 0, table.caption or paper.subject or paper.title, formats.note)
    heads = heading_rows(table)
    top = 3
    for number, row in enumerate(heads):
        for head in row:
            if head.columns > 1 or head.rows > 1:
                corner = (top + number + head.rows - 1, head.column + head.columns - 1)
                sheet.merge_range(top + number, head.column, *corner, head.text, formats.head)
            else:
                sheet.write_string(top + number, head.column, head.text, formats.head)
    first = top + len(heads)
    for number, cells in enumerate(table.rows):
        for column, (cell, description) in enumerate(zip(cells, table.columns, strict=True)):
            _write_cell(
                sheet,
                first + number,
                column,
                cell,
                description,
                formats.cells[description.kind, number in table.strong],
            )
    last = first + len(table.rows)
    if table.note:
        sheet.write_string(last + 1, 0, table.note, formats.note)
    _set_up(sheet, table, first, last)


def _write_cell(sheet: Any, row: int, column: int, cell: Cell, description: PaperColumn, look: Any) -> None:
    day = read_date(cell) if description.kind == "date" else None
    rate = read_rate(cell) if description.kind == "rate" else None
    if day is not None:
        sheet.write_datetime(row, column, datetime(day.year, day.month, day.day), look)  # noqa: DTZ001
    elif rate is not None:
        sheet.write_number(row, column, float(rate), look)
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell, look)
    else:
        sheet.write_string(row, column, cell or EMPTY_CELL, look)


def _set_up(sheet: Any, table: Table, first: int, last: int) -> None:
    """Set filters, frozen and repeated heads, and printing on A4 landscape, one page wide."""
    if table.rows:
        # totals stand beneath the filtered rows, not among them
        filtered = last - 1 - sum(1 for position in table.strong if position == len(table.rows) - 1)
        sheet.autofilter(first - 1, 0, max(filtered, first), len(table.columns) - 1)
    sheet.freeze_panes(first, 0)
    sheet.repeat_rows(first - len(heading_rows(table)), first - 1)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.6, right=0.6, top=0.6, bottom=0.6)
    sheet.set_footer("&C&P / &N")
    parts_total = sum(column.part for column in table.columns)
    for position, column in enumerate(table.columns):
        sheet.set_column(position, position, max(6, round(_CHARACTERS * column.part / parts_total)))


def _sheet_name(words: str, number: int) -> str:
    """Return a name of at most 31 characters that Excel takes. It begins with a number, so that it is unique."""
    cleaned = "".join(" " if character in "[]:*?/\\'" else character for character in words)
    return f"{number}. {' '.join(cleaned.split())}"[:31].strip()
