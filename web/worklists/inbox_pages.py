"""Decisions that wait for the reader: a list by duty, the chosen one opened beside it, many results at once.

The forms of one decision go to the task's own actions.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from models.directives.directive import directive_name
from models.errors import DondocError, Refused
from models.i18n import _, _n
from models.tasks.act_inputs import LONGEST_MESSAGE
from models.text.localtime import due_date
from notifications.composing.wording import WrittenWords, first_up
from web.request.form_input import FormInput
from web.request.given_values import AddressQuery, SearchWords, id_or_none
from web.request.having_right import MaySeeInbox
from web.request.navigation import local_path
from web.request.request_context import RequestContext
from web.request.word_filters import period_name
from web.worklists.file_view import FRAMED, PICTURES
from workflows.access.actor_context import ActorContext
from workflows.rules.tasks.lifecycle import UNDO_WITHIN, Action
from workflows.tasks.act import act
from workflows.worklists.inbox import LISTED, InboxFilter, Waiting, open_ask, read_inbox, read_results
from workflows.worklists.inbox_asks import Ask

router = APIRouter()
ASK_WORDS = {
    Ask.RESULT: _("Result to approve or return"),
    Ask.EXTENSION: _("Request for more time"),
    Ask.OBSTACLE: _("Obstacle to answer"),
    Ask.LEAD_CHANGE: _("Request for another lead unit"),
    Ask.QUESTION: _("Question to answer"),
    Ask.COUNTER: _("Other deadline proposed to your unit"),
    Ask.NO_DATE: _("Task still without a deadline"),
}
SHORT_WORDS = {
    Ask.RESULT: _("Result"),
    Ask.EXTENSION: _("More time"),
    Ask.OBSTACLE: _("Obstacle reported"),
    Ask.LEAD_CHANGE: _("Another lead unit"),
    Ask.QUESTION: _("Question"),
    Ask.COUNTER: _("Other deadline"),
    Ask.NO_DATE: _("Without a deadline"),
}
COUNTED_WORDS = {
    Ask.RESULT: _n("{count} result to approve or return", "{count} results to approve or return"),
    Ask.EXTENSION: _n("{count} request for more time", "{count} requests for more time"),
    Ask.OBSTACLE: _n("{count} obstacle to answer", "{count} obstacles to answer"),
    Ask.LEAD_CHANGE: _n("{count} request for another lead unit", "{count} requests for another lead unit"),
    Ask.QUESTION: _n("{count} question to answer", "{count} questions to answer"),
    Ask.COUNTER: _n("{count} deadline proposed to your unit", "{count} deadlines proposed to your unit"),
    Ask.NO_DATE: _n("{count} task still without a deadline", "{count} tasks still without a deadline"),
}


class InboxQuery(AddressQuery, InboxFilter):
    """What the address asks for. `open`: the decision that stands beside the list."""

    q: SearchWords = ""
    page: int = 1
    open: str = ""

    def address(self, path: str = "/inbox", **changes: Any) -> str:
        """Leave out the decision that is open in the list."""
        return super().address(path, **{"open": ""} | changes)


@router.get("/inbox")
def inbox_page(context: MaySeeInbox, asked: Annotated[InboxQuery, Query()]) -> Response:
    with context.reading() as session:
        given = context.moment(session)
        found = read_inbox(session, context.principal, asked, page=asked.page, is_grouped=True, **given)
        wanted = id_or_none(asked.open)
        chosen = wanted or (found.items[0].ref if found.items else None)
        opened = open_ask(session, context.principal, chosen, **given) if chosen else None
        if opened is None and found.items:
            opened = open_ask(session, context.principal, found.items[0].ref, **given)
    query = asked.model_copy(update={"page": found.paging.page})
    here = query.address()
    after = _next(found.items, opened.item.ref) if opened else None
    return context.page(
        "inbox.html",
        found=found,
        groups=_groups(found.items),
        wanted=asked,
        address=query.address,
        opened=opened,
        is_page_of_one=bool(asked.open) and opened is not None,
        is_gone=bool(asked.open) and (opened is None or opened.item.ref != wanted),
        here=here,
        before=query.address(page=found.paging.before) if found.paging.before else None,
        after=query.address(page=found.paging.after) if found.paging.after else None,
        then=query.address(open=after.hex) if after else here,
        asks=ASK_WORDS,
        short=SHORT_WORDS,
        counted=COUNTED_WORDS,
        actions=Action.labels(),
        directives=[(one[0], directive_name(*one[1:])) for one in found.directives],
        framed=FRAMED,
        pictures=PICTURES,
        due_day=due_date,
        longest=LONGEST_MESSAGE,
        signed=context.signatures_of(opened.files if opened else ()),
        **_words(context),
    )


class TickedLines(FormInput):
    lines: tuple[str, ...] = Field(default=(), alias="t")
    then: str = ""

    @property
    def back(self) -> str:
        """The list with its filter, as an address."""
        here = local_path(self.then)
        return here if urlsplit(here).path == "/inbox" else "/inbox"


SentLines = Annotated[TickedLines, Depends(TickedLines.sent)]


@router.get("/inbox/approve")
def approve_page(context: MaySeeInbox, asked: Annotated[TickedLines, Depends(TickedLines.asked)]) -> HTMLResponse:
    refs = [ref for one in asked.lines if (ref := id_or_none(one))][:LISTED]
    with context.reading() as session:
        given = context.moment(session)
        items = read_results(session, context.principal, refs, **given) if refs else []
    return context.page(
        "inbox_approve.html",
        items=items,
        missing=len(set(refs)) - len(items),
        refused=None,
        then=asked.back,
        **_words(context),
    )


@router.post("/inbox/approve")
def approve_results(context: MaySeeInbox, ticked: SentLines) -> Response:
    chosen, then = [_choice(one) for one in ticked.lines][:LISTED], ticked.back
    if not chosen:
        return context.go(then, _("No result was selected: nothing was approved."), is_repeated=True)
    with context.reading() as session:
        given = context.moment(session)
        items = read_results(session, context.principal, [ref for ref, _task, _seen in chosen], **given)
    seen = {task: line for _ref, task, line in chosen}
    refused = _act(context, Action.APPROVE, seen, letters_at=context.now + UNDO_WITHIN)
    approved = len(chosen) - len(refused)
    if not refused:
        said = WrittenWords(context.language).count(approved)
        return context.go(then, _("Results approved: {count}."), count=said, undo=seen, is_repeated=True)
    named = {item.task_id: item.unit for item in items}
    return context.page(
        "inbox_approve.html",
        409,
        items=[],
        missing=0,
        refused=[(task, named.get(task), error) for task, error in refused.items()],
        approved=approved,
        then=then,
        **_words(context),
    )


@router.post("/inbox/undo")
def undo_approvals(context: MaySeeInbox, ticked: SentLines) -> Response:
    """Undo the approvals of a moment ago, each by the ordinary action; count those that cannot be undone any more."""
    chosen = {task: None for one in ticked.lines if (task := id_or_none(one))}
    refused = _act(context, Action.UNDO_APPROVAL, dict(list(chosen.items())[:LISTED]))
    write, then = WrittenWords(context.language), ticked.back
    undone = write.count(len(chosen) - len(refused))
    if not refused:
        return context.go(then, _("Approvals undone: {count}."), count=undone, is_repeated=True)
    return context.go(
        then,
        _("Approvals undone: {count}. Not undone, as their 60 seconds are over or others know of them: {left}."),
        count=undone,
        left=write.count(len(refused)),
        is_repeated=True,
    )


def _act(
    context: RequestContext, action: Action, chosen: Mapping[UUID, UUID | None], letters_at: datetime | None = None
) -> dict[UUID, DondocError]:
    """Act on each task in its own transaction, and return the errors of those that were refused, by task.

    `chosen` gives each task with the newest line of its history that the reader saw. Their letters share a moment.
    """
    refused: dict[UUID, DondocError] = {}
    with context.reading() as session:
        calendar = context.calendar(session)  # read once for all: each action would read the calendar anew
    for task_id in sorted(chosen):
        try:
            with context.transaction() as session:
                acting = ActorContext(session, context.person, context.now, calendar, context.settings)
                act(acting, task_id, action, {}, letters_at=letters_at, seen=chosen[task_id])
        except DondocError as error:
            refused[task_id] = error
    return refused


def _words(context: RequestContext) -> dict[str, Any]:
    return {"period_name": lambda period: first_up(period_name(period, {}, context.language))}


def _groups(items: Sequence[Waiting]) -> list[tuple[str, list[tuple[Waiting, list[Waiting]]]]]:
    """Return the items by directive, and in it by duty, as they stand; each duty with its first item."""
    groups = []
    for directive, of_directive in groupby(items, key=lambda one: one.directive):
        duties = [list(of_duty) for _path, of_duty in groupby(of_directive, key=lambda one: one.path)]
        groups.append((directive, [(duty[0], duty) for duty in duties]))
    return groups


def _next(items: Sequence[Waiting], ref: UUID) -> UUID | None:
    """Return what opens after a decision on `ref`: the following of the list, else the one before."""
    refs = [one.ref for one in items]
    if ref not in refs:
        return refs[0] if refs else None
    at = refs.index(ref)
    return refs[at + 1] if at + 1 < len(refs) else refs[at - 1] if at else None


def _choice(given: str) -> tuple[UUID, UUID, UUID]:
    """Return a ticked result as the page wrote it: the result, its task, the newest line of its history."""
    parts = [id_or_none(one) for one in given.split(".")]
    if len(parts) != 3 or None in parts:
        raise Refused("this form is too old, or came from another site: open the page again and repeat it")
    ref, task, seen = (one for one in parts if one is not None)
    return ref, task, seen
