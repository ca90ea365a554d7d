"""Write the register as spreadsheets that an import can read: CSV for programs, XLSX for offices, and empty forms."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import xlsxwriter
from sqlmodel import Session

from models.errors import NotFound
from models.i18n import _, translate
from models.text.vietnamese import person_sort_key, sort_key
from workflows.organization.plain_cells import plain_cell
from workflows.organization.register.spreadsheet.import_register import TABLES
from workflows.organization.register.spreadsheet.merged import MergedEntry, stored_register
from workflows.organization.register.spreadsheet.register_columns import COLUMN_HINTS, COLUMN_WORDS

FORMS = ("csv", "xlsx")
_WIDTH = 22  # of a column, in characters


def columns_of(table: str) -> tuple[str, ...]:
    """Return the columns of a table in their order. NotFound for an unknown table."""
    if table not in TABLES:
        raise NotFound("there is no such list")
    return tuple(TABLES[table][0].model_fields)


def read_table(session: Session, table: str) -> list[list[str]]:
    """Return the cells of a table, in the order of the Vietnamese alphabet."""
    columns = columns_of(table)
    entries: dict[str, MergedEntry] = getattr(stored_register(session), table)
    ordered = sorted(entries.values(), key=lambda entry: (_order(entry.after), entry.code))
    return [[_cell(entry, column) for column in columns] for entry in ordered]


def write_sheet(table: str, rows: Sequence[Sequence[str]], form: str, language: str) -> bytes:
    """Return a file of the rows. Without rows a workbook is a form, with a second sheet that explains the columns."""
    if form not in FORMS:
        raise NotFound("there is no such file format")
    heads = columns_of(table)
    return _csv(heads, rows) if form == "csv" else _xlsx(table, heads, rows, language)


def write_form(table: str, form: str, language: str) -> bytes:
    """Return an empty form with translated headings such as "Mã" and "Tên đơn vị". An import reads both kinds."""
    if form not in FORMS:
        raise NotFound("there is no such file format")
    heads = [translate(COLUMN_WORDS[column], language) for column in columns_of(table)]
    return _csv(heads, []) if form == "csv" else _xlsx(table, heads, [], language)


def _order(values: Mapping[str, Any]) -> str:
    if "full_name" in values:
        return person_sort_key(values["full_name"])
    return sort_key(values["name"]) if "name" in values else str(values["starts_on"])


def _cell(entry: MergedEntry, column: str) -> str:
    value = entry.code if column == "code" else entry.after[column]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "|".join("@".join(item) if isinstance(item, tuple) else item for item in value)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Return UTF-8 with a byte order mark, without which Excel assumes another encoding."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([columns, *([plain_cell(cell) for cell in row] for row in rows)])
    return out.getvalue().encode("utf-8-sig")


def _xlsx(table: str, heads: Sequence[str], rows: Sequence[Sequence[str]], language: str) -> bytes:
    """Return a workbook in which every cell is text: telephone numbers keep their zeros, and nothing is a formula."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        bold, as_text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(table)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(heads) - 1, _WIDTH, as_text)
        for number, row in enumerate([heads, *rows]):
            for position, cell in enumerate(row):
                sheet.write_string(number, position, cell, bold if number == 0 else as_text)
        if not rows:
            _explain(book, table, heads, language)
    return out.getvalue()


def _explain(book: xlsxwriter.Workbook, table: str, heads: Sequence[str], language: str) -> None:
    sheet = book.add_worksheet(translate(_("Columns"), language))
    sheet.set_column(0, 0, _WIDTH)
    sheet.set_column(1, 1, 4 * _WIDTH)
    for number, (head, column) in enumerate(zip(heads, columns_of(table), strict=True)):
        sheet.write_string(number, 0, head)
        sheet.write_string(number, 1, translate(COLUMN_HINTS[table][column], language))
