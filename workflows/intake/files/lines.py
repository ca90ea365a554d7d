"""Collect what the readers find: paragraphs and table rows, one a line, within bounds."""

import re
from collections.abc import Callable
from typing import ParamSpec

from workflows.bounded_process.limits import MOST_CELLS, Unreadable

_BLANKS = re.compile(r"[ \t\u00a0\u2002-\u200a\u202f\u3000]+")
_LETTER = re.compile(r"[^\W\d_]")
_WHOLE = re.compile(r"\d{1,6}")
_Given = ParamSpec("_Given")
WIDEST = 64
"""The most columns that a cell spans."""


def squeezed(text: str) -> str:
    """Replace runs of blanks by one space. Line ends stay."""
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.split("\n"))


Row = list[tuple[str, int]]
"""The cells of a row: the text of each, and the number of columns that it spans."""
_LAYOUT_ROWS, _LAYOUT_COLUMNS = 4, 2


class Lines:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.cells = 0

    def paragraph(self, text: str) -> None:
        """Add a paragraph. An empty text gives an empty line."""
        self.lines.append(squeezed(text))

    def gap(self) -> None:
        """Add an empty line between blocks, unless there is one."""
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def take_gap(self) -> None:
        """Remove empty lines at the end, so that the next line follows directly."""
        while self.lines and not self.lines[-1]:
            self.lines.pop()

    def take_row(self) -> None:
        if self.lines:
            self.lines.pop()

    def table(self, rows: list[Row], *, drawn: bool) -> None:
        """A table, set off by empty lines. A small one without drawn lines only sets a letterhead or a signature side
        by side: its cells are written one after the other, each with its lines.
        """
        self.gap()
        if drawn or not _is_layout(rows):
            for row in rows:
                self.row(row)
        else:
            for text, _span in (cell for row in rows for cell in row if cell[0].strip()):
                self.paragraph(text)
        self.gap()

    def row(self, cells: Row) -> None:
        """Add a table row. A row of one cell is a paragraph."""
        texts = [" ".join(text.split()).replace("|", "/") for text, _span in cells]
        if not any(texts):
            return
        if len(cells) == 1:
            self.paragraph(cells[0][0])
            return
        wide: list[str] = []
        for text, (_text, span) in zip(texts, cells, strict=True):
            wide += [text, *[""] * (min(span, WIDEST) - 1)]
        self.lines.append(f"| {' | '.join(wide)} |")

    def count_cells(self, count: int) -> None:
        self.cells += count
        if self.cells > MOST_CELLS:
            raise Unreadable("file {file}: its tables have more than {most} cells; send it in parts", most=MOST_CELLS)

    def text(self) -> str:
        return "\n".join(self.lines)


class DocumentWalker:
    def __init__(self) -> None:
        self.lines = Lines()

    def apart(self, write: Callable[_Given, object], *given: _Given.args, **named: _Given.kwargs) -> str:
        """Return the text of a cell, a note or a box, written separately. Its cells count with the others."""
        kept, self.lines = self.lines, Lines()
        write(*given, **named)
        text = self.lines.text()
        kept.count_cells(self.lines.cells)
        self.lines = kept
        return text

    def end_header(self) -> None:
        """Separate the header from the text. A header without letters, such as a page number, is removed."""
        if not _LETTER.search(self.lines.text()):
            self.lines.lines.clear()
        self.lines.gap()


def whole(text: str | None, otherwise: int) -> int:
    """Return a whole number of at most six digits, else another."""
    return int(text) if text is not None and _WHOLE.fullmatch(text) else otherwise


def _is_layout(rows: list[Row]) -> bool:
    """Return whether a table is so small that it may only set things side by side, with an empty column between."""
    filled = [sum(bool(text.strip()) for text, _span in row) for row in rows]
    return (
        len(rows) <= _LAYOUT_ROWS
        and all(count <= _LAYOUT_COLUMNS for count in filled)
        and max(map(len, rows), default=0) <= 3
    )
