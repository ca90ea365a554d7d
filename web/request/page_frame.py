"""Frames around pages that belong together: the administration's navigation, and a directive's name and tabs."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from fastapi.responses import HTMLResponse

from models.directives.directive import Directive, directive_name
from models.i18n import _
from models.rooms import is_missing
from web.request.navigation import MenuItem
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
_TABS = (
    ("board", "/directives/{code}", _("Board"), Right.SEE_BOARD),
    ("timeline", "/directives/{code}/timeline", _("Timeline"), Right.SEE_BOARD),
    ("text", "/directives/{code}/text", _("Text and duties"), Right.SEE_BOARD),
    ("conversation", "/directives/{code}/conversation", _("Conversation"), Right.SEE_WORK),
    ("launches", "/directives/{code}/launches", _("Launches"), Right.SEE_BOARD),
    ("incidents", "/directives/{code}/incidents", _("Incidents and drills"), Right.SEE_BOARD),
    ("inspections", "/inspections?directive={code}", _("Inspections"), Right.SEE_BOARD),
    ("briefing", "/directives/{code}/briefing", _("Briefing list"), Right.SEE_REPORT),
    ("warnings", "/warnings?directive={code}", _("Likely to be late"), Right.SEE_WARNINGS),
    ("letters", "/letters?directive={code}", _("Letters"), Right.SEE_LETTERS),
    ("wall", "/directives/{code}/wall", _("Wall screen"), Right.SEE_BOARD),
    ("pictures", "/reports/pictures?directive={code}", _("Charts"), Right.SEE_PICTURES),
)


def sections(principal: Principal, path: str) -> list[MenuItem]:
    mine = [entry for entry in _SECTIONS if principal.may(entry[2]) and not is_missing(entry[0])]
    here = max((href for href, _words, _right in mine if f"{path}/".startswith(f"{href}/")), key=len, default="")
    return [MenuItem(href, words, href == here) for href, words, _right in mine]


def admin_page(context: RequestContext, template: str, code: int | None = None, **facts: Any) -> HTMLResponse:
    """`template` extends admin/layout.html."""
    shown = sections(context.principal, context.request.url.path)
    return context.page(f"admin/{template}", code, sections=shown, **facts)


def chosen(kind: type[_Choice], given: str, otherwise: _Choice) -> _Choice:
    """What a filter cannot be is as if it were not given."""
    return kind(given) if given in set(kind) else otherwise


def options(words: Iterable[tuple[object, str]], context: RequestContext) -> list[tuple[object, str]]:
    """As `ui.choice` takes them."""
    return [(value, context.words(said)) for value, said in words]


@dataclass(frozen=True)
class Tab:
    """One page of a directive; `words` is a message id."""

    href: str
    words: str
    is_here: bool


@dataclass(frozen=True)
class DirectiveHead:
    code: str
    name: str
    subject: str
    tabs: list[Tab]


def directive_head(context: RequestContext, directive: Directive, here: str) -> DirectiveHead:
    """The page's template includes `directive_head.html`; `here`: its tab, such as "board"."""
    name = directive_name(directive.kind, directive.number, directive.subject)
    tabs = [
        Tab(href.format(code=directive.code), words, key == here)
        for key, href, words, right in _TABS
        if context.principal.may(right) and not is_missing(href)
    ]
    return DirectiveHead(directive.code, name, directive.subject if directive.number else "", tabs)
