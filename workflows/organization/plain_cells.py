"""Mark cells of a CSV file as text where a spreadsheet would take them for formulas, and read them without the mark."""

import csv
import io
import re
from collections.abc import Iterable

_FORMULA = re.compile(r"[=+\-@\t\r]")
_PHONE_NUMBER = re.compile(r"[+-][\d ().-]*")
_MARKED = re.compile(r"'+[=+\-@\t\r]")


def plain_cell(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula, but not before telephone numbers."""
    is_formula = _FORMULA.match(cell) and not _PHONE_NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula or _MARKED.match(cell) else cell


def unmark_cell(cell: str) -> str:
    return cell[1:] if _MARKED.match(cell) else cell


def plain_line(cells: Iterable[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(map(plain_cell, cells))
    return line.getvalue()
