"""The main menu: at most six entries for anybody, each with the pages that belong together."""

from dataclasses import dataclass, field

from models.i18n import _
from workflows.access.rights import Principal
from workflows.rules.rights_table import Right

_Page = tuple[str, str, Right]
_MENU: tuple[tuple[str, str, tuple[_Page, ...]], ...] = (
    ("house", _("Today"), (("/", _("Today"), Right.SEE_WORK),)),
    ("list-checks", _("Work"), (("/work", _("My work"), Right.SEE_WORK), ("/tasks", _("All tasks"), Right.SEE_WORK))),
    ("inbox", _("To decide"), (("/inbox", _("To decide"), Right.SEE_INBOX),)),
    (
        "file-text",
        _("Directives"),
        (
            ("/directives", _("Directives"), Right.SEE_BOARD),
            ("/launch", _("Launch"), Right.LAUNCH),
            ("/inspections", _("Inspections"), Right.SEE_INSPECTIONS),
            ("/receipts", _("Receipts"), Right.RECORD_RECEIPTS),
        ),
    ),
    (
        "chart-column",
        _("Reports"),
        (
            ("/reports", _("Reports"), Right.SEE_REPORT),
            ("/papers", _("Documents"), Right.WRITE_PAPERS),
            ("/scorecards", _("Scorecards"), Right.SEE_SCORECARDS),
            ("/letters/coming", _("Letters to come"), Right.SEE_LETTERS),
            ("/letters", _("Letters sent"), Right.SEE_LETTERS),
        ),
    ),
    ("settings", _("Administration"), (("/admin", _("Administration"), Right.RUN_JOBS),)),
)


@dataclass(frozen=True)
class Item:
    """One entry: where it leads, its words (a message id), and whether the reader is there.

    `pages` are the entries under it, where there are several; `icon` names a file of web/static/icons.
    """

    href: str
    words: str
    is_here: bool
    icon: str = ""
    pages: list["Item"] = field(default_factory=list)


def navigation(principal: Principal | None, path: str) -> list[Item]:
    if principal is None:
        return []
    return [item for icon, words, pages in _MENU if (item := _entry(principal, path, icon, words, pages)) is not None]


def _entry(principal: Principal, path: str, icon: str, words: str, pages: tuple[_Page, ...]) -> Item | None:
    may = [(href, said) for href, said, right in pages if principal.may(right)]
    here = max((href for href, _said in may if _is_under(path, href)), key=len, default="")
    mine = [Item(href, said, href == here) for href, said in may]
    if not mine:
        return None
    if len(mine) == 1:
        return Item(mine[0].href, mine[0].words, mine[0].is_here, icon)
    return Item(mine[0].href, words, any(page.is_here for page in mine), icon, mine)


def _is_under(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(f"{href}/"))
