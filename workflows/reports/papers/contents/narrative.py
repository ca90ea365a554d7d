"""The parts of a report that people may edit: plain text, and how its lines become paragraphs, items and quotations.

A line is a paragraph; one that begins with "- " an item; one that begins with "> " somebody's own words, with their
source behind the last " — ". Nothing else means anything.
"""

from collections.abc import Iterable, Iterator

from workflows.reports.papers.paper import Block, Paragraph, Quotation

_QUOTE, _ITEM, _SOURCE = "> ", "- ", " — "
LONGEST = 40_000
"""Letters of one part."""


def quote_line(text: str, source: str) -> str:
    """Return a unit's own words as one line, however they were written."""
    said = " ".join(text.split()).replace(_SOURCE, " – ")
    return f"{_QUOTE}{said}{_SOURCE}{' '.join(source.split()).replace(_SOURCE, ' – ')}"


def item_line(text: str) -> str:
    return f"{_ITEM}{' '.join(text.split())}"


def to_blocks(text: str, nothing: str) -> Iterator[Block]:
    """Yield the blocks of a part; the words for nothing where it is empty."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines or [nothing]:
        if line.startswith(_QUOTE) and _SOURCE in line:
            said, _dash, source = line.removeprefix(_QUOTE).rpartition(_SOURCE)
            yield Quotation(said.strip().strip("“”"), source.strip())
        elif line.startswith(_ITEM):
            yield Paragraph(line, "item")
        else:
            yield Paragraph(line)


def join(lines: Iterable[str]) -> str:
    return "\n".join(lines)
