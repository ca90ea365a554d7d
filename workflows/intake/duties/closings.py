"""The orders behind the list, taken out of the last item that they were folded into."""

import re

from workflows.intake.duties.ordering_items import left_out
from workflows.intake.duties.sections import is_field_line
from workflows.intake.duties.unnumbered import grouped, is_closing, order_pieces, speaks_of_document
from workflows.intake.names.leaving_out import informs
from workflows.intake.names.named_headings import heading_actor
from workflows.intake.text.labels import Level, read_label
from workflows.intake.text.outline import Item, Outline
from workflows.intake.text.passage import Passage
from workflows.intake.text.shape import is_bare_heading

_OF_DOCUMENT = re.compile(
    r"\b(?:này|trên|quá trình thực hiện|vướng mắc|khó khăn|phát sinh|theo dõi|đôn đốc|báo cáo|yêu cầu|đề nghị)\b",
    re.IGNORECASE,
)
"""What a paragraph says that speaks of the whole document, not of the part that orders nobody it stands below."""


def take_closing(outline: Outline) -> list[Passage]:
    """Return the orders after the list, taken out of the last item that they were folded into."""
    items = list(outline.walk())
    if not items:
        return []
    last = items[-1]
    groups = list(grouped(last.folded))
    for place, group in enumerate(groups):
        passage = Passage.joined(one.passage for one in group)
        if read_label(group[0].text) is not None or _is_content(last, place) or is_field_line(group[0].text):
            continue
        pieces = order_pieces(group)
        if pieces and _is_of_item(last, pieces[0].text):
            continue
        if pieces and left_out(last) and not _OF_DOCUMENT.search(pieces[0].text):
            continue
        if pieces and is_closing(pieces[0], last, last=True):
            rest = groups[place:]
            last.folded = [one for kept in groups[:place] for one in kept]
            return [piece for one_group in rest for piece in order_pieces(one_group)]
        if informs(passage.text):
            last.folded = [one for kept in groups[:place] for one in kept]
            break
    return []


def _is_of_item(item: Item, text: str) -> bool:
    """Return whether an order below the last item goes on with its subject: below a mere heading, "Đối với …"."""
    if speaks_of_document(text):
        return False
    heading = item.label.level < Level.ARTICLE or (
        is_bare_heading(item.lead.text) and not heading_actor(item.lead, 0, len(item.lead.text))
    )
    return heading or text.startswith("Đối với ")


def _is_content(item: Item, place: int) -> bool:
    """Return whether the first paragraph below an item is what its heading announces."""
    return place == 0 and item.label.level >= Level.ARTICLE and is_bare_heading(item.lead.text)
