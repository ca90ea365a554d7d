"""Pages for administrators: the replies to letters that were read, their outcomes, and the messages that are kept."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from pydantic import BeforeValidator

from models.database.paging import Paging
from models.errors import NotFound
from models.i18n import _
from models.replies.reply import ReplyState, ReplyWhy
from models.text.localtime import read_day
from notifications.composing.wording import first_up
from web.request.given_values import AddressQuery, SearchWords
from web.request.having_right import MayEditMail
from web.request.page_frame import admin_page
from workflows.replies.replies_view import (
    ReplyFilter,
    count_replies,
    count_states,
    list_replies,
    open_reply,
    read_original,
)
from workflows.rules.tasks.actions import Action

router = APIRouter()
_COLOURS = {
    ReplyState.DONE: "done",
    ReplyState.POSTED: "done",
    ReplyState.WAITS: "waiting",
    ReplyState.REFUSED: "late",
    ReplyState.LAPSED: "late",
    ReplyState.ASIDE: "calm",
}
_WITH_REASON = frozenset({ReplyState.ASIDE, ReplyState.WAITS, ReplyState.REFUSED})
"""States whose reason is shown."""


class ReplyQuery(AddressQuery, ReplyFilter):
    q: SearchWords = ""
    first: Annotated[date | None, BeforeValidator(lambda value: read_day(_("First day"), value))] = None
    last: Annotated[date | None, BeforeValidator(lambda value: read_day(_("Last day"), value))] = None
    page: int = 1


@router.get("/admin/replies")
def replies_page(context: MayEditMail, wanted: Annotated[ReplyQuery, Query()]) -> HTMLResponse:
    with context.reading() as session:
        paging = Paging.of(wanted.page, count_replies(session, wanted))
        rows = list_replies(session, wanted, limit=paging.per_page, offset=paging.offset)
        counts = count_states(session)
    return admin_page(
        context,
        "replies.html",
        rows=rows,
        total=paging.total,
        wanted=wanted,
        is_filtered=bool(wanted.parameters(page=1)),
        paging=paging,
        states=[(state.value, first_up(context.words(state.label)), counts.get(state, 0)) for state in ReplyState],
        whys=[(why.value, first_up(context.words(why.label))) for why in ReplyWhy if why],
        **_WORDS,
    )


@router.get("/admin/replies/{reply_id}")
def reply_page(reply_id: UUID, context: MayEditMail) -> HTMLResponse:
    with context.reading() as session:
        details = open_reply(session, reply_id)
    return admin_page(context, "reply.html", details=details, reply=details.reply, **_WORDS)


@router.get("/admin/replies/{reply_id}/eml")
def reply_bytes(reply_id: UUID, context: MayEditMail) -> Response:
    with context.reading() as session:
        content = read_original(session, context.settings, reply_id)
    if content is None:
        raise NotFound("there is no such page")
    headers = {"Content-Disposition": f'attachment; filename="{reply_id.hex}.eml"'}
    return Response(content, media_type="message/rfc822", headers=headers)


_WORDS: dict[str, Any] = {"marks": _COLOURS, "reasoned": _WITH_REASON, "actions": Action.labels()}
