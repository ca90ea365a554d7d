"""The decisions that wait for the reader: a list by duty, one decision opened beside it, and approval of many results.

The forms of a single decision are sent to the actions of its task.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any, NamedTuple
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
from web.worklists.file_view import PICTURES, framed_media_types
from workflows.access.actor_context import ActorContext
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.lifecycle import UNDO_WITHIN
from workflows.tasks.act import act
from workflows.worklists.inbox import PER_GROUPED_PAGE, InboxFilter, Waiting, open_ask, read_inbox, read_results
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
    q: SearchWords = ""
    page: int = 1
    open: str = ""  # the decision that is opened beside the list

    def address(self, path: str = "/inbox", **changes: Any) -> str:
        """Return the address with these changes, without an opened decision unless `open` is given."""
        return super().address(path, **{"open": ""} | changes)


@router.get("/inbox")
def inbox_page(context: MaySeeInbox, asked: Annotated[InboxQuery, Query()]) -> Response:
    with context.reading() as session:
        moment = context.moment(session)
        inbox = read_inbox(session, context.principal, asked, page=asked.page, is_grouped=True, **moment)
        wanted_ref = id_or_none(asked.open)
        opened = open_ask(session, context.principal, wanted_ref, **moment) if wanted_ref else None
        if opened is None and inbox.items:
            opened = open_ask(session, context.principal, inbox.items[0].ref, **moment)
    query = asked.model_copy(update={"page": inbox.paging.page})
    here = query.address()
    next_ref = _next_ref(inbox.items, opened.item.ref) if opened else None
    return context.page(
        "inbox.html",
        inbox=inbox,
        groups=_groups(inbox.items),
        wanted=asked,
        address=query.address,
        opened=opened,
        is_page_of_one=bool(asked.open) and opened is not None,
        is_gone=bool(asked.open) and (opened is None or opened.item.ref != wanted_ref),
        here=here,
        before=query.address(page=inbox.paging.before) if inbox.paging.before else None,
        after=query.address(page=inbox.paging.after) if inbox.paging.after else None,
        then=query.address(open=next_ref.hex) if next_ref else here,
        asks=ASK_WORDS,
        short=SHORT_WORDS,
        counted=COUNTED_WORDS,
        actions=Action.labels(),
        directives=[(code, directive_name(kind, number, subject)) for code, kind, number, subject in inbox.directives],
        framed=framed_media_types(),
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
        """The address of the list with its filter."""
        address = local_path(self.then)
        return address if urlsplit(address).path == "/inbox" else "/inbox"


SentLines = Annotated[TickedLines, Depends(TickedLines.sent)]


@router.get("/inbox/approve")
def approve_page(context: MaySeeInbox, asked: Annotated[TickedLines, Depends(TickedLines.from_query)]) -> HTMLResponse:
    refs = [ref for ref in map(id_or_none, asked.lines) if ref][:PER_GROUPED_PAGE]
    with context.reading() as session:
        items = read_results(session, context.principal, refs, **context.moment(session)) if refs else []
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
    results = [_read_ticked(line) for line in ticked.lines][:PER_GROUPED_PAGE]
    if not results:
        return context.go(ticked.back, _("No result was selected: nothing was approved."), is_repeated=True)
    with context.reading() as session:
        refs = [result.ref for result in results]
        items = read_results(session, context.principal, refs, **context.moment(session))
    seen_by_task = {result.task_id: result.seen for result in results}
    errors = _act(context, Action.APPROVE, seen_by_task, letters_at=context.now + UNDO_WITHIN)
    approved = len(results) - len(errors)
    if not errors:
        count = WrittenWords(context.language).count(approved)
        message = _("Results approved: {count}.")
        return context.go(ticked.back, message, count=count, undo=seen_by_task, is_repeated=True)
    units = {item.task_id: item.unit for item in items}
    return context.page(
        "inbox_approve.html",
        409,
        items=[],
        missing=0,
        refused=[(task_id, units.get(task_id), error) for task_id, error in errors.items()],
        approved=approved,
        then=ticked.back,
        **_words(context),
    )


@router.post("/inbox/undo")
def undo_approvals(context: MaySeeInbox, ticked: SentLines) -> Response:
    """Undo approvals, each by the ordinary action, and count those that cannot be undone any more."""
    tasks = dict.fromkeys(task_id for task_id in map(id_or_none, ticked.lines) if task_id)
    errors = _act(context, Action.UNDO_APPROVAL, dict(list(tasks.items())[:PER_GROUPED_PAGE]))
    write = WrittenWords(context.language)
    undone = write.count(len(tasks) - len(errors))
    if not errors:
        return context.go(ticked.back, _("Approvals undone: {count}."), count=undone, is_repeated=True)
    return context.go(
        ticked.back,
        _("Approvals undone: {count}. Not undone, as their 60 seconds are over or others know of them: {left}."),
        count=undone,
        left=write.count(len(errors)),
        is_repeated=True,
    )


def _act(
    context: RequestContext,
    action: Action,
    seen_by_task: Mapping[UUID, UUID | None],
    letters_at: datetime | None = None,
) -> dict[UUID, DondocError]:
    """Act on each task in its own transaction, and return the errors of the refused ones by task.

    `seen_by_task` has the newest line of each task's history that the reader saw. All letters leave at one moment.
    """
    errors: dict[UUID, DondocError] = {}
    with context.reading() as session:
        calendar = context.calendar(session)  # read once, not by each action
    for task_id in sorted(seen_by_task):
        try:
            with context.transaction() as session:
                acting = ActorContext(session, context.person, context.now, calendar, context.settings)
                act(acting, task_id, action, {}, letters_at=letters_at, seen=seen_by_task[task_id])
        except DondocError as error:
            errors[task_id] = error
    return errors


def _words(context: RequestContext) -> dict[str, Any]:
    return {"period_name": lambda period: first_up(period_name(period, {}, context.language))}


def _groups(items: Sequence[Waiting]) -> list[tuple[str, list[tuple[Waiting, list[Waiting]]]]]:
    """Group the items by directive and duty in their order; each duty with its first item."""
    groups = []
    for directive, items_of_directive in groupby(items, key=lambda item: item.directive):
        duties = [list(items_of_duty) for _path, items_of_duty in groupby(items_of_directive, lambda item: item.path)]
        groups.append((directive, [(duty[0], duty) for duty in duties]))
    return groups


def _next_ref(items: Sequence[Waiting], ref: UUID) -> UUID | None:
    """Return the decision that opens after `ref`: the next one in the list, or after the last the one before it."""
    refs = [item.ref for item in items]
    if ref not in refs:
        return refs[0] if refs else None
    position = refs.index(ref)
    neighbours = refs[position + 1 : position + 2] or refs[max(position - 1, 0) : position]
    return neighbours[0] if neighbours else None


class _TickedResult(NamedTuple):
    ref: UUID
    task_id: UUID
    seen: UUID  # the newest line of the task's history that the page showed


def _read_ticked(value: str) -> _TickedResult:
    ids = [part_id for part_id in map(id_or_none, value.split(".")) if part_id is not None]
    if len(ids) != len(value.split(".")) or len(ids) != len(_TickedResult._fields):
        raise Refused("this form is too old, or came from another site: open the page again and repeat it")
    return _TickedResult(*ids)
