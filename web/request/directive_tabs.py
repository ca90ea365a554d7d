"""The pages of one directive: its name and the tabs between them, for whoever writes one of these pages.

A page passes `head=directive_head(...)` and its template includes `directive_head.html`.
"""

from dataclasses import dataclass

from models.directives.directive import Directive, directive_name
from models.i18n import _
from web.request.request_context import RequestContext
from workflows.rules.rights_table import Right

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
    """Return the head of a page; `here` is the name of its tab ("board", "text", "launches" …)."""
    name = directive_name(directive.kind, directive.number, directive.subject)
    tabs = [
        Tab(href.format(code=directive.code), words, key == here)
        for key, href, words, right in _TABS
        if context.principal.may(right)
    ]
    return DirectiveHead(directive.code, name, directive.subject if directive.number else "", tabs)
