"""Rows of a table drawn with bars and blanks: each stands on several lines, its cells wrapped at their width."""

from collections import Counter

from workflows.intake.text.paragraphs import Paragraph
from workflows.intake.text.passage import Passage


def whole_rows(rows: list[Paragraph], columns: dict[str, int]) -> list[Paragraph]:
    """Return the rows that say something; in a drawn table the lines of one row joined cell by cell."""
    filled = [row for row in rows if row.cells and any(cell.text for cell in row.cells)]
    if not has_wrapped_rows(filled):
        return filled
    joined: list[Paragraph] = []
    parted = True
    for row in rows:
        if not row.cells:
            continue
        if not any(cell.text for cell in row.cells):
            parted = True  # a line left empty parts two rows
            continue
        single = sum(1 for cell in row.cells if cell.text) == 1 and len(row.cells) == 1
        if joined and not parted and not single and len(joined[-1].cells) > 1 and not _begins(row, joined[-1], columns):
            joined[-1] = _with_line(joined[-1], row)
        else:
            joined.append(row)
        parted = single
    return joined


def has_wrapped_rows(rows: list[Paragraph]) -> bool:
    """Return whether the bars of the rows stand below each other, and rows go on below themselves."""
    places = Counter(_bars(row) for row in rows if len(row.cells) > 2)
    if not places:
        return False
    count = max(places.values())
    broken = sum(1 for row in rows if any(not cell.text for cell in row.cells))
    return count >= 4 and count * 2 > len(rows) and broken >= 2


def _bars(row: Paragraph) -> tuple[int, ...]:
    """Return where the bars of a row stand, counted from its first character in the original text."""
    offsets = row.passage.offsets
    return tuple(offsets[at] - offsets[0] for at, char in enumerate(row.text) if char == "|")


def _begins(row: Paragraph, before: Paragraph, columns: dict[str, int]) -> bool:
    """Return whether a line begins another row: with a number, or with a task and its time where both are said."""
    index = columns.get("index", 0)
    if _text(row, index) and _text(before, index):
        return True
    duty, others = columns.get("duty", -1), [columns[name] for name in ("time", "lead", "doer") if name in columns]
    begun = _text(row, duty)[:1].isupper() and any(_text(row, place) for place in others)
    if _text(row, index):
        return bool(_text(before, duty)) and begun
    ended = any(_text(row, place) and _text(before, place) for place in others)
    return begun and ended and _text(before, duty)[-1:] not in (",", "-", "–")


def _text(row: Paragraph, place: int) -> str:
    return row.cells[place].text if 0 <= place < len(row.cells) else ""


def _with_line(above: Paragraph, row: Paragraph) -> Paragraph:
    """Return a row with the next of its lines, cell by cell."""
    size = max(len(above.cells), len(row.cells))
    cells = tuple(
        Passage.joined([one.cells[place] for one in (above, row) if place < len(one.cells)], " ")
        for place in range(size)
    )
    return Paragraph(Passage.joined([above.passage, row.passage], " "), cells, above.gap)
