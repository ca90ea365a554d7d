"""The margins of a scanned page, which lay crooked on the glass: laid where those of the other pages are, and straight.

What typesetting shows of paragraphs is then to be seen as in any PDF: lines that end short, and first lines set in.
"""

from collections.abc import Callable
from dataclasses import replace
from statistics import median, quantiles

from workflows.intake.files.pdf_layout.page import Line, Page, Rule, remade
from workflows.intake.files.pdf_layout.tables import find_tables

_LEFT, _RIGHT = 72.0, 523.0
"""Points: the margins that every page gets."""
_LONG = 0.85
"""Of the widest line: so long a line reaches both margins, or is a first line set in."""
_FEW = 6
"""Long lines: with fewer the margins of a page are not known."""
_NEAR_LEFT, _NEAR_RIGHT = 6.0, 12.0
"""Points: so near to a margin a line was meant to reach it."""


def with_straight_margins(page: Page) -> Page:
    """Return a page whose text begins and ends where that of other pages does; tables move with it, unstretched."""
    spans = [(table.down[0] * -1, table.down[-1] * -1) for table in find_tables(page)]
    free = [line for line in page.lines if not _in_table(line, spans)]
    widest = max((line.right - line.left for line in free), default=0.0)
    long = [line for line in free if line.right - line.left > _LONG * widest]
    if widest < page.width / 2 or len(long) < _FEW:
        return page
    left = quantiles([line.left for line in long], n=4)[0]
    right = median(line.right for line in long)
    scale = (_RIGHT - _LEFT) / max(right - left, 1.0)

    def moved(x: float) -> float:
        return _LEFT + (x - left) * scale

    lines = []
    for line in page.lines:
        there = _across(line, moved)
        lines.append(there if _in_table(line, spans) else _snapped(there))
    rules = [Rule(moved(one.left), one.bottom, moved(one.right), one.top) for one in page.rules]
    return Page(page.number, page.width, lines, rules, page.is_picture)


def _in_table(line: Line, spans: list[tuple[float, float]]) -> bool:
    middle = (line.bottom + line.top) / 2
    return any(bottom <= middle <= top for top, bottom in spans)


def _snapped(line: Line) -> Line:
    """Return a line that almost reaches a margin as one that does."""
    left = _LEFT if abs(line.left - _LEFT) < _NEAR_LEFT else line.left
    right = _RIGHT if abs(line.right - _RIGHT) < _NEAR_RIGHT else line.right
    if (left, right) == (line.left, line.right):
        return line
    stretch = (right - left) / max(line.right - line.left, 1.0)
    return _across(line, lambda x: left + (x - line.left) * stretch)


def _across(line: Line, moved: Callable[[float], float]) -> Line:
    return remade(line, [replace(one, left=moved(one.left), right=moved(one.right)) for one in line.letters])
