"""What waits for the reader's decision, with the ordinary decisions at hand; the forms go to the task's own actions."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from models.directives.directive import directive_name
from models.errors import BadInput
from models.i18n import _, _n
from notifications.composing.wording import first_up
from web.board.board_view import period_name
from web.request.paging import page_addresses
from web.request.request_context import Signed
from web.request.word_filters import duty_name
from workflows.rules.rights_table import Right
from workflows.rules.tasks.lifecycle import Action
from workflows.worklists.inbox import Ask, InboxFilter, read_inbox

router = APIRouter()
ASK_WORDS = {
    Ask.RESULT: _("Results to approve or return"),
    Ask.EXTENSION: _("Requests for more time"),
    Ask.OBSTACLE: _("Obstacles to answer"),
    Ask.LEAD_CHANGE: _("Requests for another lead unit"),
    Ask.COUNTER: _("Other dates proposed to your unit"),
    Ask.NO_DATE: _("Tasks still without a date"),
}
COUNTED_WORDS = {
    Ask.RESULT: _n("{count} result to approve or return", "{count} results to approve or return"),
    Ask.EXTENSION: _n("{count} request for more time", "{count} requests for more time"),
    Ask.OBSTACLE: _n("{count} obstacle to answer", "{count} obstacles to answer"),
    Ask.LEAD_CHANGE: _n("{count} request for another lead unit", "{count} requests for another lead unit"),
    Ask.COUNTER: _n("{count} date proposed to your unit", "{count} dates proposed to your unit"),
    Ask.NO_DATE: _n("{count} task still without a date", "{count} tasks still without a date"),
}


@router.api_route("/inbox", methods=["GET", "HEAD"])
def inbox_page(context: Signed, kind: str = "", directive: str = "", q: str = "", page: int = 1) -> Response:
    """Show the inbox by kind, in each kind the oldest first."""
    context.require(Right.SEE_INBOX)
    if kind and kind not in set(Ask):
        raise BadInput("{name} {value}: it can be {possible}", name="kind", value=kind, possible=", ".join(Ask))
    wanted = InboxFilter(Ask(kind) if kind else None, directive, q.strip()[:200])
    with context.reading() as session:
        calendar = context.calendar(session)
        found = read_inbox(session, context.principal, wanted, now=context.now, calendar=calendar, page=page)
    before, after = page_addresses(context.request, found.page, found.pages)

    def address(**changes: Any) -> str:
        given = {"kind": kind, "directive": directive, "q": wanted.words} | changes
        query = urlencode({name: value for name, value in given.items() if value})
        return f"/inbox?{query}" if query else "/inbox"

    url = context.request.url
    return context.page(
        "inbox.html",
        found=found,
        wanted=wanted,
        address=address,
        before=before,
        after=after,
        asks=ASK_WORDS,
        counted=COUNTED_WORDS,
        actions=Action.labels(),
        duty_name=duty_name,
        here=f"{url.path}?{url.query}" if url.query else url.path,
        period_name=lambda period: first_up(period_name(period, {}, context.language)),
        directives=[(one[0], directive_name(*one[1:])) for one in found.directives],
    )
