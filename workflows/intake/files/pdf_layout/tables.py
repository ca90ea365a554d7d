"""Find the tables of a PDF by their ruled lines, and the characters of each cell."""

from bisect import bisect_right
from dataclasses import dataclass, field

from workflows.intake.files.pdf_layout.joining import joined
from workflows.intake.files.pdf_layout.page import PageLayout, PageLine, PlacedCharacter, Rule, make_line

_TOUCHING_DISTANCE = 3.0
"""Ruled lines within this distance, in points, touch."""
_MAX_GRID = 10_000
_MAX_RULES = 3_000


@dataclass
class PageTable:
    """A grid: its vertical and horizontal lines (from the top down), and the lines of each cell by row and column."""

    across: list[float]
    down: list[float]
    owners: dict[tuple[int, int], tuple[int, int]]
    page: int
    cells: dict[tuple[int, int], list[str]] = field(default_factory=dict)

    def place(self, character: PlacedCharacter) -> tuple[int, int] | None:
        x, y = (character.left + character.right) / 2, (character.bottom + character.top) / 2
        column = bisect_right(self.across, x) - 1
        row = bisect_right(self.down, -y) - 1
        return self.owners.get((row, column))

    def add(self, line: PageLine) -> list[PlacedCharacter]:
        """Take the characters that stand in the table's cells, and return the others."""
        left_over: list[PlacedCharacter] = []
        last: tuple[int, int] | None = None
        for character in line.characters:
            place = self.place(character)
            if place is None:
                left_over.append(character)
            else:
                pieces = self.cells.setdefault(place, [])
                if place != last:
                    pieces.append("")
                pieces[-1] += character.char
            last = place
        return left_over

    def rows(self) -> list[list[str]]:
        """Return the texts row by row. A cell that another one covers is empty."""
        return [
            [
                joined([" ".join(piece.split()) for piece in self.cells.get((row, column), [])])
                for column in range(len(self.across) - 1)
            ]
            for row in range(len(self.down) - 1)
        ]


def find_tables(page: PageLayout) -> list[PageTable]:
    """Return the tables of a page: ruled lines that touch, with at least two cells."""
    if len(page.rules) > _MAX_RULES:
        return []
    tables = (_table(rules, page.number) for rules in _touching_groups(page.rules))
    return [table for table in tables if table is not None]


def _touching_groups(rules: list[Rule]) -> list[list[Rule]]:
    groups: list[list[Rule]] = []
    for rule in rules:
        touched = [group for group in groups if any(_touch(rule, other) for other in group)]
        groups = [group for group in groups if not any(group is other for other in touched)]
        groups.append([rule, *(other for group in touched for other in group)])
    return groups


def _touch(one: Rule, other: Rule) -> bool:
    return (
        one.left <= other.right + _TOUCHING_DISTANCE
        and other.left <= one.right + _TOUCHING_DISTANCE
        and one.bottom <= other.top + _TOUCHING_DISTANCE
        and other.bottom <= one.top + _TOUCHING_DISTANCE
    )


def _table(rules: list[Rule], number: int) -> PageTable | None:
    upright = [rule for rule in rules if rule.top - rule.bottom > rule.right - rule.left]
    level = [rule for rule in rules if rule.top - rule.bottom <= rule.right - rule.left]
    across = _distinct([rule.left for rule in upright])
    down = _distinct([-rule.top for rule in level])
    if len(across) < 2 or len(down) < 2 or not 1 < (len(across) - 1) * (len(down) - 1) <= _MAX_GRID:
        return None
    return PageTable(across, down, _owners(across, down, upright, level), number)


def _distinct(places: list[float]) -> list[float]:
    """Return the places in order, without those that touch the one before."""
    distinct_places: list[float] = []
    for place in sorted(places):
        if not distinct_places or place - distinct_places[-1] > _TOUCHING_DISTANCE:
            distinct_places.append(place)
    return distinct_places


def _owners(
    across: list[float], down: list[float], upright: list[Rule], level: list[Rule]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the cell of each place of the grid. Places without a line between them are one cell."""
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
    return any(
        abs(rule.left - x) <= _TOUCHING_DISTANCE
        and rule.bottom - _TOUCHING_DISTANCE <= y <= rule.top + _TOUCHING_DISTANCE
        for rule in upright
    )


def _lies(level: list[Rule], y: float, x: float) -> bool:
    return any(
        abs(rule.top - y) <= _TOUCHING_DISTANCE
        and rule.left - _TOUCHING_DISTANCE <= x <= rule.right + _TOUCHING_DISTANCE
        for rule in level
    )


def split_page(page: PageLayout) -> list[PageLine | PageTable]:
    """Return the lines and tables of a page in order. A table stands at the place of its first character."""
    tables = find_tables(page)
    parts: list[PageLine | PageTable] = []
    for line in page.lines:
        characters = list(line.characters)
        for table in tables:
            left_over = characters
            if any(character.char.strip() for character in characters):
                left_over = table.add(make_line(characters, line.font, line.page))
            if len(left_over) < len(characters) and not any(table is part for part in parts):
                parts.append(table)
            characters = left_over
        if len(characters) == len(line.characters):
            parts.append(line)
        elif any(character.char.strip() for character in characters):
            parts.append(make_line(characters, line.font, line.page))
    return parts
