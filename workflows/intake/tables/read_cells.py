"""A table file's bytes as rows of text: merged cells filled, single spaces, within limits."""

import unicodedata
from collections.abc import Sequence

from models.errors import BadInput
from models.i18n import _n
from workflows.intake.tables.table_columns import find_headings
from workflows.organization.register.spreadsheet.sheet import MAX_BYTES, csv_rows
from workflows.organization.register.spreadsheet.workbook import Merged, read_sheets

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL, LONGEST_TABLE = 1_000, 60, 8_000, 500_000


def read_cells(name: str, content: bytes) -> list[list[str]]:
    """Return the cells of a CSV file, or of the first sheet of an XLSX workbook that has headings (else of the first
    one).

    BadInput for another kind of file, for one without words, and for one that is too large.
    """
    if len(content) > MAX_BYTES:
        raise BadInput("{file}: larger than {limit} MB", file=name, limit=MAX_BYTES // 1_000_000)
    ending = name.rpartition(".")[2].casefold()
    if ending == "csv":
        sheets = [_tidy(csv_rows(name, content), [])]
    elif ending == "xlsx":
        sheets = [_tidy(rows, merged) for rows, merged in read_sheets(name, content)]
    else:
        raise BadInput("{file}: neither .csv nor .xlsx; open it in a spreadsheet program and save it so", file=name)
    filled = [cells for cells in sheets if cells]
    if not filled:
        raise BadInput("{file}: there are no words in it", file=name)
    cells = next((cells for cells in filled if find_headings(cells)), filled[0])
    if len(cells) > MOST_ROWS or len(cells[0]) > MOST_COLUMNS:
        raise BadInput(
            "{file}: {rows} and {columns}; at most {most_rows} and {most_columns}: send it in parts",
            file=name,
            rows=_n("{count} row", "{count} rows", count=len(cells)),
            columns=_n("{count} column", "{count} columns", count=len(cells[0])),
            most_rows=MOST_ROWS,
            most_columns=MOST_COLUMNS,
        )
    length = sum(len(cell) for row in cells for cell in row)
    if length > LONGEST_TABLE:
        raise BadInput(
            "{file}: {length} characters; at most {most}: send it in parts",
            file=name,
            length=length,
            most=LONGEST_TABLE,
        )
    for number, row in enumerate(cells, start=1):
        longest = max(map(len, row))
        if longest > LONGEST_CELL:
            raise BadInput(
                "{file}, row {row}: a cell of {length} characters; at most {most}",
                file=name,
                row=number,
                length=longest,
                most=LONGEST_CELL,
            )
    return cells


def _tidy(rows: Sequence[Sequence[str]], merged: Sequence[Merged]) -> list[list[str]]:
    """Return all rows equally long, without what is empty at the end and on the right."""
    cells = [[clean(cell) for cell in row] for row in rows]
    for (top, left), (bottom, right) in merged:
        said = cells[top][left] if top < len(cells) and left < len(cells[top]) else ""
        for row in cells[top : bottom + 1] if said else ():
            for column in range(left, min(right + 1, len(row))):
                row[column] = row[column] or said
    while cells and not any(cells[-1]):
        cells.pop()
    width = max((n for row in cells for n, cell in enumerate(row, start=1) if cell), default=0)
    return [(row + [""] * width)[:width] for row in cells]


def clean(cell: str) -> str:
    """NFC, without invisible characters; lines stay, for a cell may hold one name a line."""
    text = unicodedata.normalize("NFC", cell).replace("\u00a0", " ").replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf"))
    return "\n".join(line for part in plain.split("\n") if (line := " ".join(part.split())))
