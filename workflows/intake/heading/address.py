"""Whom a letter is addressed to: "Kính gửi: …", in one line, a list or a cell."""

import re
from dataclasses import dataclass

from workflows.intake.names.actors import name_end
from workflows.intake.names.name_lists import names
from workflows.intake.text.beginnings import begins_actor
from workflows.intake.text.labels import Level, read_label
from workflows.intake.text.paragraphs import Paragraph
from workflows.intake.text.passage import Passage
from workflows.intake.text.reading import Finding, Reason

_DEAR = re.compile(r"\W*k[íi]nh g[ửu]i\s*[:.]?\s*|[^.;:|]{3,90}\bđiện\s*:\s*", re.IGNORECASE)
_CUT = re.compile(r"\s*[;:]?\s+[-+–•]\s*|\s*;\s*")


@dataclass(frozen=True, slots=True)
class Address:
    """Those addressed, and the index of the paragraph behind them; 0 where nobody is."""

    names: tuple[Finding, ...] = ()
    end: int = 0


def read_address(head: list[Paragraph]) -> Address:
    """Return the names behind "Kính gửi"."""
    for index, paragraph in enumerate(head):
        row = Passage.joined(paragraph.cells, " ") if paragraph.cells else paragraph.passage
        match = _DEAR.match(row.text)
        if match is None:
            continue
        lines = [row.cut(match.end())]
        end = index + 1
        while end < len(head) and _is_listed(head[end], lines):
            lines.append(head[end].passage)
            end += 1
        found = tuple(name for line in lines for name in _names(line))
        return Address(found, end)
    return Address()


def _is_listed(paragraph: Paragraph, lines: list[Passage]) -> bool:
    """Return whether a line goes on with the list: a dash, or a name alone where none came yet."""
    text = paragraph.text
    if paragraph.cells or len(text) > 300:
        return False
    label = read_label(text)
    if label is not None:
        return label.level is Level.DASH and text[label.size :][:1].isupper()
    open_list = not lines[-1].text or lines[-1].text[-1:] in ",;"
    return open_list and begins_actor(text) and name_end(text, 0) >= len(text) - 2


def _names(line: Passage) -> list[Finding]:
    found: list[Finding] = []
    cuts = [match for match in _CUT.finditer(line.text) if begins_actor(line.text, match.end())]
    starts = [0, *(match.end() for match in cuts)]
    ends = [*(match.start() for match in cuts), len(line.text)]
    for start, end in zip(starts, ends, strict=True):
        for part in names(line.text, start, end):
            span = line.span(part.start, part.end)
            found.append(Finding(line.text[part.start : part.end], span, 0.85, Reason.ADDRESS))
    return found
