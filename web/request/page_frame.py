"""The frame around the administration's pages: their own navigation beside what they show, and what they share."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeVar

from fastapi.responses import HTMLResponse

from models.i18n import _
from web.request.navigation import Item
from web.request.request_context import RequestContext
from workflows.access.rights import Principal
from workflows.rules.rights_table import Right

_Choice = TypeVar("_Choice", bound=StrEnum)
_SECTIONS = (
    ("/admin", _("Overview"), Right.RUN_JOBS),
    ("/admin/units", _("All units"), Right.EDIT_REGISTER),
    ("/admin/people", _("People"), Right.EDIT_REGISTER),
    ("/admin/register", _("Spreadsheets"), Right.EDIT_REGISTER),
    ("/admin/templates", _("Workflow templates"), Right.EDIT_TEMPLATES),
    ("/admin/letter-texts", _("Letter texts"), Right.EDIT_LETTER_TEXTS),
    ("/admin/calendar", _("Calendar"), Right.EDIT_CALENDAR),
    ("/admin/jobs", _("Schedules"), Right.RUN_JOBS),
    ("/papers/schedules", _("Report schedules"), Right.SCHEDULE_REPORTS),
    ("/admin/letters", _("Undelivered letters"), Right.RUN_JOBS),
    ("/admin/alerts", _("Alerts"), Right.RUN_JOBS),
    ("/admin/mail", _("Mail"), Right.EDIT_MAIL),
    ("/admin/replies", _("Replies to letters"), Right.EDIT_MAIL),
    ("/admin/channels", _("Other channels"), Right.EDIT_CHANNELS),
    ("/admin/webhooks", _("Webhooks"), Right.EDIT_WEBHOOKS),
    ("/admin/roots", _("Digital signatures"), Right.TRUST_ROOTS),
    ("/admin/audit", _("Audit"), Right.SEE_AUDIT),
    ("/admin/check-up", _("Check-up"), Right.RUN_JOBS),
)
"""In the order in which they stand. A page's section is the one whose path its own begins with."""


def sections(principal: Principal, path: str) -> list[Item]:
    mine = [entry for entry in _SECTIONS if principal.may(entry[2])]
    here = max((href for href, _words, _right in mine if f"{path}/".startswith(f"{href}/")), key=len, default="")
    return [Item(href, words, href == here) for href, words, _right in mine]


def admin_page(context: RequestContext, template: str, code: int | None = None, **facts: Any) -> HTMLResponse:
    """Return a page of the administration; `template` extends admin/layout.html."""
    shown = sections(context.principal, context.request.url.path)
    return context.page(f"admin/{template}", code, sections=shown, **facts)


def chosen(kind: type[_Choice], given: str, otherwise: _Choice) -> _Choice:
    """Return a filter of an address; what it cannot be is as if it were not given."""
    return kind(given) if given in set(kind) else otherwise


def options(words: Iterable[tuple[object, str]], context: RequestContext) -> list[tuple[object, str]]:
    """Return values and their words in the reader's language, as `ui.choice` takes them."""
    return [(value, context.words(said)) for value, said in words]
