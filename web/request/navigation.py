"""The main menu, and the list from which a reader came to a page, the first step of its breadcrumb."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import urlsplit

from fastapi import Request

from models.i18n import _
from models.rooms import is_missing
from workflows.access.rights import Principal
from workflows.rules.rights_table import Right
from workflows.rules.tasks.actions import Relation


class MenuPage(NamedTuple):
    """A page of a menu, its words (a message id) and the right that it needs."""

    href: str
    words: str
    right: Right


class _Section(NamedTuple):
    """An entry of the main menu. `icon` names a file of web/static/icons."""

    icon: str
    words: str
    pages: tuple[MenuPage, ...]


_MENU = (
    _Section("house", _("Today"), (MenuPage("/", _("Today"), Right.SEE_WORK),)),
    _Section(
        "list-checks",
        _("Work"),
        (MenuPage("/work", _("My work"), Right.SEE_WORK), MenuPage("/tasks", _("All tasks"), Right.SEE_WORK)),
    ),
    _Section("inbox", _("To decide"), (MenuPage("/inbox", _("To decide"), Right.SEE_INBOX),)),
    _Section(
        "file-text",
        _("Directives"),
        (
            MenuPage("/directives", _("Directives"), Right.SEE_BOARD),
            MenuPage("/launch", _("Launch"), Right.LAUNCH),
            MenuPage("/inspections", _("Inspections"), Right.SEE_INSPECTIONS),
            MenuPage("/receipts", _("Receipts"), Right.RECORD_RECEIPTS),
        ),
    ),
    _Section(
        "chart-column",
        _("Reports"),
        (
            MenuPage("/reports", _("Reports"), Right.SEE_REPORT),
            MenuPage("/papers", _("Documents"), Right.WRITE_PAPERS),
            MenuPage("/scorecards", _("Scorecards"), Right.SEE_SCORECARDS),
            MenuPage("/letters/coming", _("Letters to come"), Right.SEE_LETTERS),
            MenuPage("/letters", _("Letters sent"), Right.SEE_LETTERS),
        ),
    ),
    _Section("settings", _("Administration"), (MenuPage("/admin", _("Administration"), Right.RUN_JOBS),)),
)


@dataclass(frozen=True)
class MenuItem:
    """A link of a menu, with its words (a message id). An item with `pages` is a group of links."""

    href: str
    words: str
    is_here: bool
    icon: str = ""
    pages: list["MenuItem"] = field(default_factory=list)


def navigation(principal: Principal | None, path: str) -> list[MenuItem]:
    if principal is None:
        return []
    items: list[MenuItem] = []
    for section in _MENU:
        pages = menu_items(section.pages, principal, path)
        if len(pages) == 1:
            items.append(replace(pages[0], icon=section.icon))
        elif pages:
            is_here = any(page.is_here for page in pages)
            items.append(MenuItem(pages[0].href, section.words, is_here, section.icon, pages))
    return items


def menu_items(pages: Iterable[MenuPage], principal: Principal, path: str) -> list[MenuItem]:
    """Return the links that the reader may follow. The reader is at the page with the longest matching address."""
    allowed = [page for page in pages if principal.may(page.right) and not is_missing(page.href)]
    here = max((page.href for page in allowed if f"{path}/".startswith(f"{page.href}/")), key=len, default="")
    return [MenuItem(page.href, page.words, page.href == here) for page in allowed]


_LISTS = {
    "/": _("Today"),
    "/work": _("My work"),
    "/tasks": _("All tasks"),
    "/inbox": _("To decide"),
    "/search": _("Search"),
    "/receipts": _("Receipts"),
    "/letters": _("Letters"),
    "/reports/tasks": _("Report"),
}
_PAGES_UNDER = {"/directives/": _("Directive"), "/inspections/": _("Inspection"), "/letters/": _("Letter")}
TODAY = ("/", _("Today"))
MY_WORK = ("/work", _("My work"))
ALL_TASKS = ("/tasks", _("All tasks"))
_OVERSEE = frozenset({Relation.COORDINATOR, Relation.RECEIVER, Relation.ISSUER_OFFICE, Relation.SUPERVISOR})


def address_of(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def local_path(address: str) -> str:
    """Return the address if it is a path of this site, else "/"."""
    parts = urlsplit(address)
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    is_safe = not any(char in address for char in "\r\n\t\\")
    return address if is_path and is_safe and not parts.scheme and not parts.netloc else "/"


def oversees(principal: Principal, relations: Collection[Relation]) -> bool:
    """Return True for a person who looks after the task rather than works on it."""
    sees = principal.may(Right.SEE_EVERYTHING) or not _OVERSEE.isdisjoint(relations)
    return principal.may(Right.SEE_REPORT) and sees


def came_to_task(request: Request, principal: Principal, relations: Collection[Relation]) -> tuple[str, str]:
    """Return the list from which the reader came to a task; by default all tasks, or their own work."""
    return came_from(request, ALL_TASKS if oversees(principal, relations) else MY_WORK)


def address_before(request: Request) -> str | None:
    """Return the address of our page from which the reader came. None if there was none, or it was this page."""
    referer = urlsplit(request.headers.get("referer", ""))
    is_ours = referer.netloc == request.headers.get("host") and referer.path == local_path(referer.path)
    if not is_ours or (referer.path == request.url.path and request.method == "GET"):
        return None
    return referer.path + (f"?{referer.query}" if referer.query else "")


def came_from(request: Request, otherwise: tuple[str, str]) -> tuple[str, str]:
    """Return the list from which the reader came: its address with the query, and its words (a message id)."""
    before = address_before(request)
    if before is None:
        return otherwise
    path = urlsplit(before).path
    words = _LISTS.get(path) or next((words for start, words in _PAGES_UNDER.items() if path.startswith(start)), None)
    return (before, words) if words else otherwise
