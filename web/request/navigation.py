"""Where a reader is: the main menu, and the list that led to a page, the first step of its breadcrumb."""

from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fastapi import Request

from models.i18n import _
from models.rooms import is_missing
from workflows.access.rights import Principal
from workflows.rules.rights_table import Right
from workflows.rules.tasks.lifecycle import Relation

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
class MenuItem:
    """One entry: where it leads, its words (a message id), and whether the reader is there.

    `pages` are the entries under it, where there are several; `icon` names a file of web/static/icons.
    """

    href: str
    words: str
    is_here: bool
    icon: str = ""
    pages: list["MenuItem"] = field(default_factory=list)


def navigation(principal: Principal | None, path: str) -> list[MenuItem]:
    if principal is None:
        return []
    return [item for icon, words, pages in _MENU if (item := _entry(principal, path, icon, words, pages)) is not None]


def _entry(principal: Principal, path: str, icon: str, words: str, pages: tuple[_Page, ...]) -> MenuItem | None:
    may = [(href, said) for href, said, right in pages if principal.may(right) and not is_missing(href)]
    here = max((href for href, _said in may if f"{path}/".startswith(f"{href}/")), key=len, default="")
    mine = [MenuItem(href, said, href == here) for href, said in may]
    if not mine:
        return None
    if len(mine) == 1:
        return MenuItem(mine[0].href, mine[0].words, mine[0].is_here, icon)
    return MenuItem(mine[0].href, words, any(page.is_here for page in mine), icon, mine)


_LISTS: tuple[tuple[str, str], ...] = (
    ("/", _("Today")),
    ("/work", _("My work")),
    ("/tasks", _("All tasks")),
    ("/inbox", _("To decide")),
    ("/search", _("Search")),
    ("/receipts", _("Receipts")),
    ("/letters", _("Letters")),
    ("/reports/tasks", _("Report")),
)
_UNDER: tuple[tuple[str, str], ...] = (
    ("/directives/", _("Directive")),
    ("/inspections/", _("Inspection")),
    ("/letters/", _("Letter")),
)
TODAY = ("/", _("Today"))
MY_WORK = ("/work", _("My work"))
ALL_TASKS = ("/tasks", _("All tasks"))
_OVERSEE = frozenset({Relation.COORDINATOR, Relation.RECEIVER, Relation.ISSUER_OFFICE, Relation.SUPERVISOR})


def address_of(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def local_path(to: str) -> str:
    """A path of this site, whatever was asked for: "/" for anything else."""
    parts = urlsplit(to)
    ours = not parts.scheme and not parts.netloc and to.startswith("/") and not to.startswith(("//", "/\\"))
    return to if ours and not any(char in to for char in "\r\n\t\\") else "/"


def oversees(principal: Principal, relations: Collection[Relation]) -> bool:
    """Somebody looks after the task, rather than works on it."""
    sees = principal.may(Right.SEE_EVERYTHING) or not _OVERSEE.isdisjoint(relations)
    return principal.may(Right.SEE_REPORT) and sees


def came_to_task(request: Request, principal: Principal, relations: Collection[Relation]) -> tuple[str, str]:
    """The list above a task: the one from which the reader came, or all tasks, or their own work."""
    return came_from(request, ALL_TASKS if oversees(principal, relations) else MY_WORK)


def address_before(request: Request) -> str | None:
    """The page of ours from which the reader came, with its query; None where there was none or it was this."""
    came = urlsplit(request.headers.get("referer", ""))
    ours = came.netloc == request.headers.get("host") and came.path == local_path(came.path)
    if not ours or (came.path == request.url.path and request.method == "GET"):
        return None
    return came.path + (f"?{came.query}" if came.query else "")


def came_from(request: Request, otherwise: tuple[str, str]) -> tuple[str, str]:
    """The list from which the reader came: its address as they left it, and its words (a message id)."""
    before = address_before(request)
    if before is None:
        return otherwise
    path = urlsplit(before).path
    words = dict(_LISTS).get(path) or next((said for start, said in _UNDER if path.startswith(start)), None)
    return (before, words) if words else otherwise
