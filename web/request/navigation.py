"""The way around: what stands in the navigation of each place in the office."""

from dataclasses import dataclass

from models.i18n import _
from workflows.access.rights import Principal
from workflows.rules.rights_table import Right

_ITEMS = (
    ("/work", _("My work"), Right.SEE_WORK),
    ("/inbox", _("To decide"), Right.SEE_INBOX),
    ("/directives", _("Directives"), Right.SEE_BOARD),
    ("/launch", _("Launch"), Right.LAUNCH),
    ("/inspections", _("Inspections"), Right.SEE_INSPECTIONS),
    ("/receipts", _("Receipts"), Right.RECORD_RECEIPTS),
    ("/search", _("Search"), Right.SEE_WORK),
    ("/reports", _("Reports"), Right.SEE_REPORT),
    ("/papers", _("Documents"), Right.WRITE_PAPERS),
    ("/scorecards", _("Scorecards"), Right.SEE_SCORECARDS),
    ("/letters", _("Letters"), Right.SEE_LETTERS),
    ("/admin", _("Administration"), Right.RUN_JOBS),
    ("/help", _("Help"), Right.SEE_WORK),
)


@dataclass(frozen=True)
class Item:
    """One entry: where it leads, its words (a message id), and whether the reader is there."""

    href: str
    words: str
    is_here: bool


def navigation(principal: Principal | None, path: str) -> list[Item]:
    """Return the entries for somebody, none where nobody is signed in."""
    if principal is None:
        return []
    return [
        Item(href, words, path == href or path.startswith(f"{href}/"))
        for href, words, right in _ITEMS
        if principal.may(right)
    ]
