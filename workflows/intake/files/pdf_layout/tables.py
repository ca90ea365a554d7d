"""Tables in a PDF, found by their ruled lines: which letters stand in which cell."""

from bisect import bisect_right
from dataclasses import dataclass, field

from workflows.intake.files.pdf_layout.joining import joined
from workflows.intake.files.pdf_layout.page import PageLayout, PageLine, PlacedLetter, Rule, make_line

_NEAR = 3.0
"""Points: ruled lines so near to one another touch."""
_MOST_GRID = 10_000
_MOST_RULES = 3_000


@dataclass
class PageTable:
    """A grid: its vertical and horizontal lines (from the top down), and the lines of each cell by row and column."""

    across: list[float]
    down: list[float]
    owners: dict[tuple[int, int], tuple[int, int]]
    page: int
    cells: dict[tuple[int, int], list[str]] = field(default_factory=dict)

    def place(self, letter: PlacedLetter) -> tuple[int, int] | None:
        x, y = (letter.left + letter.right) / 2, (letter.bottom + letter.top) / 2
        column = bisect_right(self.across, x) - 1
        row = bisect_right(self.down, -y) - 1
        return self.owners.get((row, column))

    def add(self, line: PageLine) -> list[PlacedLetter]:
        """Take the letters that stand in its cells; gives back the others."""
        left_over: list[PlacedLetter] = []
        last: tuple[int, int] | None = None
        for letter in line.letters:
            place = self.place(letter)
            if place is None:
                left_over.append(letter)
            else:
                pieces = self.cells.setdefault(place, [])
                if place != last:
                    pieces.append("")
                pieces[-1] += letter.char
            last = place
        return left_over

    def rows(self) -> list[list[str]]:
        """Row by row; a cell that another covers is empty."""
        return [
            [
                joined([" ".join(piece.split()) for piece in self.cells.get((row, column), [])])
                for column in range(len(self.across) - 1)
            ]
            for row in range(len(self.down) - 1)
        ]


def find_tables(page: PageLayout) -> list[PageTable]:
    """Return the tables of a page: ruled lines that touch, with at least two cells."""
    if len(page.rules) > _MOST_RULES:
        return []
    tables = (_table(rules, page.number) for rules in _touching(page.rules))
    return [table for table in tables if table is not None]


def _touching(rules: list[Rule]) -> list[list[Rule]]:
    groups: list[list[Rule]] = []
    for rule in rules:
        mine = [group for group in groups if any(_touch(rule, other) for other in group)]
        groups = [group for group in groups if not any(group is one for one in mine)]
        groups.append([rule, *(other for group in mine for other in group)])
    return groups


def _touch(one: Rule, other: Rule) -> bool:
    return (
        one.left <= other.right + _NEAR
        and other.left <= one.right + _NEAR
        and one.bottom <= other.top + _NEAR
        and other.bottom <= one.top + _NEAR
    )


def _table(rules: list[Rule], number: int) -> PageTable | None:
    upright = [rule for rule in rules if rule.top - rule.bottom > rule.right - rule.left]
    level = [rule for rule in rules if rule.top - rule.bottom <= rule.right - rule.left]
    across = _distinct([rule.left for rule in upright])
    down = _distinct([-rule.top for rule in level])
    if len(across) < 2 or len(down) < 2 or not 1 < (len(across) - 1) * (len(down) - 1) <= _MOST_GRID:
        return None
    return PageTable(across, down, _owners(across, down, upright, level), number)


def _distinct(places: list[float]) -> list[float]:
    """Places in their order, those that are near counted once."""
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > _NEAR:
            found.append(place)
    return found


def _owners(
    across: list[float], down: list[float], upright: list[Rule], level: list[Rule]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return for each place of the grid its cell: places that no line parts are one cell."""
    owners: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(len(down) - 1):
        y = -(down[row] + down[row + 1]) / 2
        for column in range(len(across) - 1):
            x = (across[column] + across[column + 1]) / 2
            if column and not _stands(upright, across[column], y):
                owners[row, column] = owners[row, column - 1]
            elif row and not _lies(level, -down[row], x):
                owners[row, column] = owners[row - 1, column]
            else:
                owners[row, column] = (row, column)
    return owners


def _stands(upright: list[Rule], x: float, y: float) -> bool:
    return any(abs(rule.left - x) <= _NEAR and rule.bottom - _NEAR <= y <= rule.top + _NEAR for rule in upright)


def _lies(level: list[Rule], y: float, x: float) -> bool:
    return any(abs(rule.top - y) <= _NEAR and rule.left - _NEAR <= x <= rule.right + _NEAR for rule in level)


def parted(page: PageLayout) -> list[PageLine | PageTable]:
    """Return the lines and tables of a page in their order; a table stands where its first letter was written."""
    tables = find_tables(page)
    found: list[PageLine | PageTable] = []
    for line in page.lines:
        letters = list(line.letters)
        for table in tables:
            left_over = (
                table.add(make_line(letters, line.font, line.page))
                if any(one.char.strip() for one in letters)
                else letters
            )
            if len(left_over) < len(letters) and not any(table is one for one in found):
                found.append(table)
            letters = left_over
        if len(letters) == len(line.letters):
            found.append(line)
        elif any(letter.char.strip() for letter in letters):
            found.append(make_line(letters, line.font, line.page))
    return found
