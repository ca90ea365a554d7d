"""Read a file of the register as text cells: CSV in UTF-8, or the first sheet of an XLSX workbook."""

import csv
import difflib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from models.errors import BadInput, NotFound
from models.i18n import LANGUAGES, Words, _, _n, translate
from workflows.organization.plain_cells import unmark_cell
from workflows.organization.register.spreadsheet.workbook import MAX_ROWS, read_sheets, too_many_rows

MAX_BYTES = 20_000_000  # a register of 10,000 units has 2 MB

WRONG_ENCODING = _(
    "{file}: byte {byte}, row {row} is not UTF-8 (it looks like {seems}); save it as “CSV UTF-8” and import that"
)


@dataclass(frozen=True)
class Sheet:
    file: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]  # with their numbers in a spreadsheet, where the header is row 1
    faults: tuple[BadInput, ...] = ()
    headings: Mapping[str, str] = field(default_factory=dict)  # the file's own names of the columns


SPREADSHEETS = (".xlsx", ".csv")
Find = Callable[[str], str | None]
NamedFile = tuple[str, bytes]
"""A file's name and its content."""


def open_file(path: Path) -> NamedFile:
    """Read a file. NotFound where there is none, BadInput for one that is too large."""
    if not path.is_file():
        raise NotFound("{file}: there is no such file", file=str(path))
    with path.open("rb") as file:
        return path.name, bounded(path.name, file.read(MAX_BYTES + 1))


def bounded(name: str, content: bytes) -> bytes:
    """Return the content, or raise BadInput for a file that is too large to be a register."""
    if len(content) > MAX_BYTES:
        raise BadInput("{file}: larger than {limit} MB, not a register", file=name, limit=MAX_BYTES // 1_000_000)
    return content


def read_sheet(file: NamedFile, known: Mapping[str, str], required: tuple[str, ...], find: Find) -> Sheet:
    """Read a file whose first row names its columns, in any order. `known` has the labels of the columns.

    `find` returns the column of a heading, "" for one that only numbers the rows, None for an unknown one. Raises
    BadInput for a file that cannot be read; faults of single columns and rows are collected in the sheet.
    """
    name, content = file
    match Path(name).suffix.lower():
        case ".csv":
            table = csv_rows(name, content)
        case ".xlsx":
            table = next((rows for rows, _merged in read_sheets(name, content)), [])
        case _:
            raise BadInput("{file}: neither .csv nor .xlsx", file=name)
    if not table or not any(cell.strip() for cell in table[0]):
        raise BadInput("{file}: row 1 must name the columns: {known}", file=name, known=list(known.values()))
    return _with_header(name, table, known, required, find)


def csv_rows(name: str, content: bytes) -> list[list[str]]:
    """Read UTF-8 with commas, semicolons or tabs. BadInput names a wrong byte."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:2000]:
        raise BadInput(WRONG_ENCODING, file=name, byte=0, row=1, seems="UTF-16")
    mark = 3 if content.startswith(b"\xef\xbb\xbf") else 0
    try:
        text = content[mark:].decode("utf-8")
    except UnicodeDecodeError as error:
        position = mark + error.start
        row = content.count(b"\n", 0, position) + 1
        raise BadInput(WRONG_ENCODING, file=name, byte=position, row=row, seems="Windows-1258 / TCVN3") from None
    header = next((line for line in text.split("\n", 30)[:30] if any(mark in line for mark in ",;\t")), "")
    # Excel with Vietnamese regional settings writes semicolons, because the comma is its decimal mark
    delimiter = max(",;\t", key=header.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        table = [[unmark_cell(cell) for cell in row] for row in islice(rows, MAX_ROWS + 1)]
    except csv.Error as error:
        raise BadInput("{file}: not a CSV file ({why})", file=name, why=str(error)) from None
    if len(table) > MAX_ROWS:
        raise too_many_rows(name, len(table))
    return table


def _with_header(
    file: str, table: list[list[str]], known: Mapping[str, str], required: tuple[str, ...], find: Find
) -> Sheet:
    headings = [cell.strip() for cell in table[0]]
    while headings and not headings[-1]:
        headings.pop()
    header = [find(heading) for heading in headings]
    faults = _header_faults(file, headings, header, known, required)
    rows = []
    for number, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) < len(header) or any(cell.strip() for cell in cells[len(header) :]):
            faults.append(
                BadInput(
                    _n(
                        "{file}, row {row}: {count} cell under {columns}; put text with a comma in quotes",
                        "{file}, row {row}: {count} cells under {columns}; put text with a comma in quotes",
                    ),
                    file=file,
                    row=number,
                    count=len(cells),
                    columns=_n("{count} column", "{count} columns", count=len(header)),
                )
            )
            continue
        rows.append((number, {column: cell for column, cell in zip(header, cells, strict=False) if column}))
    heading_by_column = {column: heading for column, heading in zip(header, headings, strict=True) if column}
    return Sheet(file, tuple(heading_by_column), tuple(rows), tuple(faults), heading_by_column)


def _header_faults(
    file: str,
    headings: Sequence[str],
    header: Sequence[str | None],
    known: Mapping[str, str],
    required: tuple[str, ...],
) -> list[BadInput]:
    faults: list[BadInput] = []
    for position, (heading, column) in enumerate(zip(headings, header, strict=True)):
        if column is None:
            names = [name for code, words in known.items() for name in (code, *_in_all_languages(words))]
            names_by_fold = {name.casefold(): name for name in names}
            near = difflib.get_close_matches(heading.casefold(), names_by_fold, n=1)
            faults.append(
                BadInput(
                    "{file}, row 1: unknown column {column}; expected {right}",
                    file=file,
                    row=1,
                    column=heading or f"#{position + 1}",
                    right=names_by_fold[near[0]] if near else list(known.values()),
                )
            )
        elif column and column in header[:position]:
            faults.append(BadInput("{file}, row 1: column {column} stands twice", file=file, row=1, column=heading))
    for column in required:
        if column not in header:
            missing = Words("{words} ({column})", words=known[column], column=column)
            faults.append(BadInput("{file}, row 1: column {column} is missing", file=file, row=1, column=missing))
    return faults


def _in_all_languages(words: str) -> list[str]:
    return [translate(words, language) for language in LANGUAGES]
