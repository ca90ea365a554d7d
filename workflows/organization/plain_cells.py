"""Cells of a CSV that a spreadsheet would run: marked as text when they are written, and read without the mark."""

import csv
import io
import re
from collections.abc import Iterable

_RUNS = re.compile(r"[=+\-@\t\r]")  # what begins a formula
_NUMBER = re.compile(r"[+-][\d ().-]*")  # a telephone number stays as every program reads it
_MARKED = re.compile(r"'+[=+\-@\t\r]")


def plain_cell(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    runs = _RUNS.match(cell) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if runs or _MARKED.match(cell) else cell


def told_cell(cell: str) -> str:
    return cell[1:] if _MARKED.match(cell) else cell


def plain_line(cells: Iterable[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(map(plain_cell, cells))
    return line.getvalue()
