"""Letters that need a person: why each stands, sent again or put aside, one by one, several, or all alike."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from pydantic import Field
from sqlmodel import Session

from models.database.paging import Paging
from models.errors import BadInput, DondocError
from models.i18n import Words, _
from models.letters.letter import DEAD, LetterKind, LetterState
from models.letters.letter_reads import list_letters
from models.words import rung_words
from notifications.outbox.explain import reason_words
from web.request.form_input import FormInput
from web.request.having_right import MayRunJobs
from web.request.page_frame import admin_page
from web.request.request_context import RequestContext
from workflows.delivery.resend import LetterGroup, dead_groups, drop_letters, letters_alike, resend

router = APIRouter()
_MARKS = {LetterState.FAILED: "late", LetterState.UNCERTAIN: "waiting", LetterState.HELD: "undated"}


class ToDealWith(FormInput):
    """`alike`: the key of all that stand for one reason, instead of those ticked. `state`: the list to go back to."""

    deed: str = ""
    state: str = ""
    alike: str = ""
    letters: tuple[str, ...] = Field(default=(), alias="letter")


@router.get("/admin/letters")
def letters_page(context: MayRunJobs, state: str = "", page: int = 1) -> HTMLResponse:
    return _page(context, state, page)


@router.post("/admin/letters")
def deal_with(context: MayRunJobs, given: Annotated[ToDealWith, Depends(ToDealWith.sent)]) -> Response:
    """Send again or put aside what was ticked, or all that stand for one reason: all of them, or none."""
    is_drop, state = given.deed == "drop", given.state
    with context.submit(lambda error: _page(context, state, 1, error)) as session:
        ids = _chosen(session, given)
        if is_drop:
            done = drop_letters(session, ids, context.now, context.hand)
        else:
            done = resend(session, context.settings, ids, context.now, context.hand)
    said = _("Set aside: {count}.") if is_drop else _("They go out with the next delivery: {count}.")
    return context.go(
        f"/admin/letters?state={state}" if state in set(DEAD) else "/admin/letters", said, count=len(done)
    )


def _chosen(session: Session, given: ToDealWith) -> list[UUID]:
    if given.alike:
        return letters_alike(session, given.alike)
    try:
        ids = [UUID(one) for one in given.letters]
    except ValueError:
        raise BadInput("there is no such page") from None
    if not ids:
        raise BadInput(_("letters: select at least one"))
    return ids


def _page(context: RequestContext, state: str, page: int, error: DondocError | None = None) -> HTMLResponse:
    states = [LetterState(state)] if state in set(DEAD) else list(DEAD)
    with context.reading() as session:
        groups = dead_groups(session)
        counts = {one: sum(group.count for group in groups if group.state is one) for one in DEAD}
        paging = Paging.of(page, sum(counts[one] for one in states))
        rows = list_letters(session, states=states, limit=paging.per_page, offset=paging.offset)
    return admin_page(
        context,
        "letters.html",
        letters=[_line(context, row) for row in rows],
        paging=paging,
        state=state if state in set(DEAD) else "",
        tabs=[(one.value, one.label, counts[one]) for one in DEAD],
        all_count=sum(counts.values()),
        dead_groups=[(group, _why(group)) for group in groups if group.count > 1 and group.state in states],
        marks=_MARKS,
        error=error,
    )


def _line(context: RequestContext, row: dict[str, Any]) -> dict[str, Any]:
    why, todo = reason_words(row)
    kind, rungs = context.words(LetterKind(row["kind"]).label), [context.words(rung_words(one)) for one in row["rungs"]]
    subject = row["subject"] or (f"{kind}: {', '.join(rungs)}" if rungs else kind)
    return row | {"why": why, "todo": todo, "title": subject, "state": LetterState(row["state"])}


def _why(group: LetterGroup) -> Words:
    """How often each was tried may differ among them."""
    row = {"state": group.state, "error": group.error, "last_outcome": None, "attempts": 0}
    return reason_words(row)[0]
