"""The first set-up, step by step: who may take it, and how far it is."""

from models.i18n import _
from web.request.faults import NotSignedIn
from web.request.request_context import RequestContext
from web.request.signed_cookies import SETUP, kept
from workflows.operations.first_steps import Progress, is_code, is_open, progress
from workflows.rules.rights_table import Right

STEPS = (
    ("organisation", "/setup/organisation", _("Your organisation")),
    ("administrator", "/setup/administrator", _("The first administrator")),
    ("units", "/setup/units", _("Units and people")),
    ("mail", "/setup/mail", _("Mail")),
    ("directive", "/setup/directive", _("The first directive")),
)
"""Each with the field of Progress that says whether it is done, its page, and its words."""


class NeedsCode(Exception):
    """The set-up is open, and this browser has not shown the code."""


def look(context: RequestContext) -> Progress:
    """How far the set-up is, for somebody who may take it.

    While there is no administrator: whoever has shown the code, else NeedsCode. Then administrators; NotSignedIn,
    Forbidden for others.
    """
    with context.reading() as session:
        if is_open(session):
            shown = (kept(context, SETUP) or {}).get("code", "")
            if not is_code(session, shown):
                raise NeedsCode
        elif context.principal_or_none is None:
            raise NotSignedIn
        else:
            context.require(Right.EDIT_REGISTER)
        return progress(session)
