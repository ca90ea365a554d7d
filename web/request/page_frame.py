"""Frames around pages that belong together: the administration's navigation, and a directive's name and tabs."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from fastapi.responses import HTMLResponse

from models.directives.directive import Directive, directive_name
from models.i18n import _
from models.rooms import is_missing
from web.request.navigation import MenuPage, menu_items
from web.request.request_context import RequestContext
from workflows.rules.rights_table import Right

_Choice = TypeVar("_Choice", bound=StrEnum)
_SECTIONS = (
    MenuPage("/admin", _("Overview"), Right.RUN_JOBS),
    MenuPage("/admin/units", _("All units"), Right.EDIT_REGISTER),
    MenuPage("/admin/people", _("People"), Right.EDIT_REGISTER),
    MenuPage("/admin/register", _("Spreadsheets"), Right.EDIT_REGISTER),
    MenuPage("/admin/templates", _("Workflow templates"), Right.EDIT_TEMPLATES),
    MenuPage("/admin/letter-texts", _("Letter texts"), Right.EDIT_LETTER_TEXTS),
    MenuPage("/admin/calendar", _("Calendar"), Right.EDIT_CALENDAR),
    MenuPage("/admin/jobs", _("Schedules"), Right.RUN_JOBS),
    MenuPage("/papers/schedules", _("Report schedules"), Right.SCHEDULE_REPORTS),
    MenuPage("/admin/letters", _("Undelivered letters"), Right.RUN_JOBS),
    MenuPage("/admin/alerts", _("Alerts"), Right.RUN_JOBS),
    MenuPage("/admin/mail", _("Mail"), Right.EDIT_MAIL),
    MenuPage("/admin/replies", _("Replies to letters"), Right.EDIT_MAIL),
    MenuPage("/admin/channels", _("Other channels"), Right.EDIT_CHANNELS),
    MenuPage("/admin/webhooks", _("Webhooks"), Right.EDIT_WEBHOOKS),
    MenuPage("/admin/roots", _("Digital signatures"), Right.TRUST_ROOTS),
    MenuPage("/admin/audit", _("Audit"), Right.SEE_AUDIT),
    MenuPage("/admin/check-up", _("Check-up"), Right.RUN_JOBS),
)
"""The sections in their order. A page belongs to the section with which its path begins."""
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


def admin_page(context: RequestContext, template: str, code: int | None = None, **facts: Any) -> HTMLResponse:
    """Fill a template that extends admin/layout.html."""
    sections = menu_items(_SECTIONS, context.principal, context.request.url.path)
    return context.page(f"admin/{template}", code, sections=sections, **facts)


def choice_or(kind: type[_Choice], given: str, otherwise: _Choice) -> _Choice:
    """Return the member of that value. An unknown value of a filter counts as not given."""
    return kind(given) if given in set(kind) else otherwise


def options(words: Iterable[tuple[object, str]], context: RequestContext) -> list[tuple[object, str]]:
    """Return values with their translated words, as `ui.choice` takes them."""
    return [(value, context.words(message)) for value, message in words]


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
    """Return what `directive_head.html` shows. `here` is the page's tab, such as "board"."""
    name = directive_name(directive.kind, directive.number, directive.subject)
    tabs = [
        Tab(href.format(code=directive.code), words, key == here)
        for key, href, words, right in _TABS
        if context.principal.may(right) and not is_missing(href)
    ]
    return DirectiveHead(directive.code, name, directive.subject if directive.number else "", tabs)
