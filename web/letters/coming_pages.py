"""Pages of the forecast: the letters that will leave on each of the next days, with their words."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import AfterValidator, BeforeValidator

from models.database.paging import Paging
from models.i18n import _
from models.letters.letter import LetterKind
from models.text.localtime import read_day
from models.text.vietnamese import fold
from web.letters.day_strip import strip_days
from web.letters.letter_frame import letter_frame
from web.request.form_input import Posted
from web.request.given_values import AddressQuery
from web.request.having_right import MaySeeLetters
from web.request.request_context import RequestContext, Signed
from workflows.jobs.coming_letters import DAYS, MOST_LISTED, ask_coming, coming_on, coming_words, find_coming
from workflows.queue.background_jobs import STATE_WORDS
from workflows.queue.send_hold import read_send_hold
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/letters/coming")


class ComingQuery(AddressQuery):
    """Without a day it is tomorrow. `q` are words of the recipient's name or unit."""

    day: Annotated[date | None, BeforeValidator(lambda text: read_day(_("Day"), text))] = None
    q: Annotated[str, AfterValidator(lambda text: text.strip()[:200])] = ""
    page: int = 1


@router.get("")
def coming_page(context: MaySeeLetters, asked: Annotated[ComingQuery, Query()]) -> Response:
    """Show the letters of a day. The first visit of a day queues the forecast."""
    today = context.today
    with context.reading() as session:
        coming = find_coming(session, context.principal)
    is_old = coming.result is None or coming.first < today
    if is_old and coming.under_way is None and coming.failed is None and context.request.method == "GET":
        with context.transaction() as session:
            ask_coming(session, context.principal, now=context.now)
    day, words = asked.day or today + timedelta(days=1), asked.q
    with context.reading() as session:
        coming = find_coming(session, context.principal)
        letters = coming_on(session, coming, day)
        calendar, is_held = context.calendar(session), read_send_hold(session) is not None
    if words:
        letters = [row for row in letters if fold(words) in fold(f"{row['recipient']} {row['unit'] or ''}")]
    paging = Paging.of(asked.page, len(letters))
    counts = dict(coming.days)
    # an older result does not reach as many days ahead
    days = strip_days(today, min(today + timedelta(days=DAYS), coming.last), counts, calendar) if coming.result else []
    return context.page(
        "coming_letters.html",
        coming=coming,
        days=days,
        day=day,
        total=coming.count(day),
        later=next((later for later in sorted(counts) if later > day), None),
        off=calendar.why_off(day),
        letters=letters[paging.rows],
        paging=paging,
        words=words,
        is_held=is_held,
        most=MOST_LISTED,
        job_states=STATE_WORDS,
        address=lambda shown_day: asked.address("/letters/coming", day=shown_day, page=1),
        **_WORDS,
    )


@router.post("")
def compute_again(context: MaySeeLetters, form: Posted) -> Response:
    with context.transaction() as session:
        ask_coming(session, context.principal, now=context.now, again=True)
    return context.go("/letters/coming")


@router.get("/{job_id}/{number}")
def coming_letter_page(job_id: UUID, number: int, context: Signed) -> Response:
    content = _find(context, job_id, number)
    return context.page(
        "coming_letter.html",
        content=content,
        letter=content["letter"],
        day=date.fromisoformat(content["letter"]["day"]),
        path=f"/letters/coming/{job_id.hex}/{number}",
        **_WORDS,
    )


@router.get("/{job_id}/{number}/html")
def coming_letter_html(job_id: UUID, number: int, context: Signed) -> Response:
    return letter_frame(_find(context, job_id, number)["html"])


def _find(context: RequestContext, job_id: UUID, number: int) -> dict[str, Any]:
    context.require(Right.SEE_LETTERS)
    with context.reading() as session:
        return coming_words(session, context.principal, job_id, number)


_WORDS: dict[str, Any] = {"moment": datetime.fromisoformat, "kinds": LetterKind.labels()}
