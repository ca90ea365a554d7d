"""Write a table's cells as text, and arrange its headings in rows."""

from dataclasses import dataclass

from notifications.composing.wording import WrittenWords
from workflows.papers.paper import Cell, PaperColumn, Table, read_date, read_rate
from workflows.rules.tasks.classification import percent

EMPTY_CELL = "–"
SHORT_TABLE = 4
"""A table of this number of rows or fewer stays on one page. A longer one may break, and repeats its heads."""


def write_cell(cell: Cell, column: PaperColumn, language: str) -> str:
    """Write a cell. An empty one gets a dash, so that nobody takes it for a mistake."""
    write = WrittenWords(language)
    if cell is None or cell == "":
        return EMPTY_CELL
    if column.kind == "date":
        day = read_date(cell)
        return EMPTY_CELL if day is None else write.day(day)
    if column.kind == "rate":
        return percent(read_rate(cell), language)
    return write.count(cell) if isinstance(cell, int) else cell


def written_rows(table: Table, language: str) -> list[list[str]]:
    return [
        [write_cell(cell, column, language) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]


@dataclass(frozen=True)
class HeadCell:
    text: str
    column: int
    columns: int = 1
    rows: int = 1


def heading_rows(table: Table) -> list[list[HeadCell]]:
    """Return one row of headings, or two where columns are grouped."""
    if not any(column.group for column in table.columns):
        return [[HeadCell(column.title, start) for start, column in enumerate(table.columns)]]
    top_row: list[HeadCell] = []
    bottom_row: list[HeadCell] = []
    start = 0
    while start < len(table.columns):
        group = table.columns[start].group
        end = start + 1
        while group and end < len(table.columns) and table.columns[end].group == group:
            end += 1
        if group:
            top_row.append(HeadCell(group, start, end - start))
            bottom_row += [HeadCell(table.columns[position].title, position) for position in range(start, end)]
        else:
            top_row.append(HeadCell(table.columns[start].title, start, rows=2))
        start = end
    return [top_row, bottom_row]
