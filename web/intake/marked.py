"""The document's text cut where duties and findings begin and end, so that a page can light them up."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.directives.intake import ProposalState, ProposedDuty
from models.i18n import _

FIELD_WORDS = {
    "addressees": _("who must act"),
    "lead": _("leads"),
    "coordinating": _("takes part"),
    "deadlines": _("date"),
    "reports_to": _("reported to"),
    "supervisor": _("watches over it"),
    "conditional": _("condition"),
    "unread_time": _("time not understood"),
    "unclear": _("unclear number"),
    "number": _("number"),
    "issued_on": _("date of the document"),
    "issuer": _("issuer"),
    "subject": _("subject"),
    "urgency": _("urgency"),
    "kind": _("kind of document"),
    "signer": _("signer"),
    "receivers": _("receivers"),
    "answers": _("answers the document"),
    "due_on": _("deadline proposed"),
}


@dataclass(frozen=True)
class Piece:
    """A stretch of text: the duty it belongs to ("" for none), whether that one is chosen, the fields read from it."""

    text: str
    path: str
    is_chosen: bool
    fields: tuple[str, ...]


def cut(text: str, duties: Sequence[ProposedDuty], chosen: ProposedDuty | None) -> list[Piece]:
    """Return all of the text in order. Only the chosen duty's findings are lit, those inherited from above it too."""
    shown = [one for one in duties if one.state is not ProposalState.DROPPED or one is chosen]
    findings = [(one["begins"], one["ends"], str(one["field"])) for one in (chosen.findings if chosen else [])]
    edges = {0, len(text), *(edge for one in shown for edge in (one.begins, one.ends))}
    edges |= {edge for begins, ends, _field in findings for edge in (begins, ends)}
    ordered = sorted(edge for edge in edges if 0 <= edge <= len(text))
    pieces = []
    for begins, ends in pairwise(ordered):
        inside = [one for one in shown if one.begins <= begins and ends <= one.ends]
        of_chosen = chosen is not None and chosen in inside
        owner = chosen if of_chosen else inside[-1] if inside else None
        fields = tuple(dict.fromkeys(field for first, last, field in findings if first <= begins and ends <= last))
        pieces.append(Piece(text[begins:ends], owner.path if owner else "", of_chosen, fields))
    return pieces
