"""Letters that were not delivered: the reason of each, and buttons that send them again or set them aside.

A button applies to the ticked letters, or to all that have the same reason.
"""

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


class UndeliveredLetters(FormInput):
    """The letters to deal with: those ticked, or with `alike` all of one group. `state`: the list to go back to."""

    deed: str = ""
    state: str = ""
    alike: str = ""
    letters: tuple[str, ...] = Field(default=(), alias="letter")


@router.get("/admin/letters")
def letters_page(context: MayRunJobs, state: str = "", page: int = 1) -> HTMLResponse:
    return _page(context, state, page)


@router.post("/admin/letters")
def deal_with(context: MayRunJobs, form: Annotated[UndeliveredLetters, Depends(UndeliveredLetters.sent)]) -> Response:
    is_drop, state = form.deed == "drop", form.state
    with context.submit(lambda error: _page(context, state, 1, error)) as session:
        ids = _chosen_ids(session, form)
        if is_drop:
            done = drop_letters(session, ids, context.now, context.audit_actor)
        else:
            done = resend(session, context.settings, ids, context.now, context.audit_actor)
    message = _("Set aside: {count}.") if is_drop else _("They go out with the next delivery: {count}.")
    address = f"/admin/letters?state={state}" if state in set(DEAD) else "/admin/letters"
    return context.go(address, message, count=len(done))


def _chosen_ids(session: Session, form: UndeliveredLetters) -> list[UUID]:
    if form.alike:
        return letters_alike(session, form.alike)
    try:
        ids = [UUID(text) for text in form.letters]
    except ValueError:
        raise BadInput("there is no such page") from None
    if not ids:
        raise BadInput(_("letters: select at least one"))
    return ids


def _page(context: RequestContext, state: str, page: int, error: DondocError | None = None) -> HTMLResponse:
    states = [LetterState(state)] if state in set(DEAD) else list(DEAD)
    with context.reading() as session:
        groups = dead_groups(session)
        counts = {dead: sum(group.count for group in groups if group.state is dead) for dead in DEAD}
        paging = Paging.of(page, sum(counts[shown] for shown in states))
        rows = list_letters(session, states=states, limit=paging.per_page, offset=paging.offset)
    return admin_page(
        context,
        "letters.html",
        letters=[_line(context, row) for row in rows],
        paging=paging,
        state=state if state in set(DEAD) else "",
        tabs=[(dead.value, dead.label, counts[dead]) for dead in DEAD],
        all_count=sum(counts.values()),
        dead_groups=[(group, _why(group)) for group in groups if group.count > 1 and group.state in states],
        marks=_MARKS,
        error=error,
    )


def _line(context: RequestContext, row: dict[str, Any]) -> dict[str, Any]:
    why, todo = reason_words(row)
    title = row["subject"]
    if not title:
        kind = context.words(LetterKind(row["kind"]).label)
        rungs = [context.words(rung_words(rung)) for rung in row["rungs"]]
        title = f"{kind}: {', '.join(rungs)}" if rungs else kind
    return row | {"why": why, "todo": todo, "title": title, "state": LetterState(row["state"])}


def _why(group: LetterGroup) -> Words:
    """Return the reason of a group, without the number of attempts, which may differ among its letters."""
    row = {"state": group.state, "error": group.error, "last_outcome": None, "attempts": 0}
    why, _todo = reason_words(row)
    return why
