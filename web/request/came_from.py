"""The list that led to a page, as the first step of its breadcrumb."""

from collections.abc import Collection
from urllib.parse import urlsplit

from fastapi import Request

from models.i18n import _
from web.request.request_context import local_path
from workflows.access.rights import Principal
from workflows.rules.rights_table import Right
from workflows.rules.tasks.lifecycle import Relation

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


def oversees(principal: Principal, relations: Collection[Relation]) -> bool:
    """Return whether somebody looks after a task, rather than works on it."""
    sees = principal.may(Right.SEE_EVERYTHING) or not _OVERSEE.isdisjoint(relations)
    return principal.may(Right.SEE_REPORT) and sees


def came_to_task(request: Request, principal: Principal, relations: Collection[Relation]) -> tuple[str, str]:
    """Return the list above a task: the one from which the reader came, or all tasks, or their own work."""
    return came_from(request, ALL_TASKS if oversees(principal, relations) else MY_WORK)


def address_before(request: Request) -> str | None:
    """Return the page of ours from which the reader came, with its query; None where there was none or it was this."""
    came = urlsplit(request.headers.get("referer", ""))
    ours = came.netloc == request.headers.get("host") and came.path == local_path(came.path)
    if not ours or (came.path == request.url.path and request.method == "GET"):
        return None
    return came.path + (f"?{came.query}" if came.query else "")


def came_from(request: Request, otherwise: tuple[str, str]) -> tuple[str, str]:
    """Return the list from which the reader came: its address as they left it, and its words (a message id)."""
    before = address_before(request)
    if before is None:
        return otherwise
    path = urlsplit(before).path
    words = dict(_LISTS).get(path) or next((said for start, said in _UNDER if path.startswith(start)), None)
    return (before, words) if words else otherwise
