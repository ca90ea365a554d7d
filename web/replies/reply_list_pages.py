"""Replies to letters: every message that was read, what came of it and why; each as it came, where it is kept."""

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
    original_of,
)
from workflows.rules.tasks.lifecycle import Action

router = APIRouter()
MARKS = {
    ReplyState.DONE: "done",
    ReplyState.POSTED: "done",
    ReplyState.WAITS: "waiting",
    ReplyState.REFUSED: "late",
    ReplyState.LAPSED: "late",
    ReplyState.ASIDE: "calm",
}
REASONED = frozenset({ReplyState.ASIDE, ReplyState.WAITS, ReplyState.REFUSED})
"""States of which the reason is still of use: what was done needs none any more."""


class ReplyQuery(AddressQuery, ReplyFilter):
    q: SearchWords = ""
    first: Annotated[date | None, BeforeValidator(lambda given: read_day(_("First day"), given))] = None
    last: Annotated[date | None, BeforeValidator(lambda given: read_day(_("Last day"), given))] = None
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
        states=[(one.value, first_up(context.words(one.label)), counts.get(one, 0)) for one in ReplyState],
        whys=[(one.value, first_up(context.words(one.label))) for one in ReplyWhy if one],
        **_WORDS,
    )


@router.get("/admin/replies/{reply_id}")
def reply_page(reply_id: UUID, context: MayEditMail) -> HTMLResponse:
    with context.reading() as session:
        seen = open_reply(session, reply_id)
    return admin_page(context, "reply.html", seen=seen, reply=seen.reply, **_WORDS)


@router.get("/admin/replies/{reply_id}/eml")
def reply_bytes(reply_id: UUID, context: MayEditMail) -> Response:
    with context.reading() as session:
        content = original_of(session, context.settings, reply_id)
    if content is None:
        raise NotFound("there is no such page")
    headers = {"Content-Disposition": f'attachment; filename="{reply_id.hex}.eml"'}
    return Response(content, media_type="message/rfc822", headers=headers)


_WORDS: dict[str, Any] = {"marks": MARKS, "reasoned": REASONED, "actions": Action.labels()}
