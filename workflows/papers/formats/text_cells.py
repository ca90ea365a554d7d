"""How a table's cells are written where they are text, and how its headings stand in rows."""

from dataclasses import dataclass

from notifications.composing.wording import WrittenWords
from workflows.papers.paper import Cell, PaperColumn, Table, read_date, read_rate
from workflows.rules.tasks.classification import percent

NOTHING = "–"
SHORT = 4
"""A table of so few rows stands on one page; a longer one goes on over the page, under its heads."""


def write_cell(cell: Cell, column: PaperColumn, language: str) -> str:
    """The text is never empty, so that nobody takes a gap for a slip."""
    write = WrittenWords(language)
    if cell is None or cell == "":
        return NOTHING
    if column.kind == "date":
        day = read_date(cell)
        return NOTHING if day is None else write.day(day)
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
        return [[HeadCell(column.title, n) for n, column in enumerate(table.columns)]]
    above: list[HeadCell] = []
    beneath: list[HeadCell] = []
    n = 0
    while n < len(table.columns):
        group = table.columns[n].group
        end = n + 1
        while group and end < len(table.columns) and table.columns[end].group == group:
            end += 1
        if group:
            above.append(HeadCell(group, n, end - n))
            beneath += [HeadCell(table.columns[k].title, k) for k in range(n, end)]
        else:
            above.append(HeadCell(table.columns[n].title, n, rows=2))
        n = end
    return [above, beneath]
