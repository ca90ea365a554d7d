"""My work: what needs the reader now, first."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from web.visit import Signed
from web.words import WAIT_WORDS, duty_words, period_words
from workflows.rules.lifecycle import ACTION_WORDS, STATUS_WORDS
from workflows.rules.need import NEED_WORDS, Need
from workflows.rules.rights import Right, Standing
from workflows.work import read_work

router = APIRouter()


@router.api_route("/work", methods=["GET", "HEAD"])
def work_page(visit: Signed, show: str = "", page: int = 1) -> HTMLResponse:
    """The reader's own tasks, by what they need; `show` is one of the needs."""
    visit.require(Right.SEE_WORK)
    shown = Need(show) if show in set(Need) else None
    with visit.reading() as session:
        work = read_work(
            session, visit.the_place, now=visit.now, calendar=visit.calendar(session), shown=shown, page=page
        )
    return visit.page(
        "work.html", work=work, needs=NEED_WORDS, steps=ACTION_WORDS, may_decide=visit.the_place.may(Right.SEE_INBOX),
        heads=Standing.HEAD in visit.the_place.standings, **LINE_WORDS,
    )  # fmt: skip


LINE_WORDS: dict[str, Any] = {
    "statuses": STATUS_WORDS,
    "waits": WAIT_WORDS,
    "duty_words": duty_words,
    "period_of": period_words,
}
"""What the macros of `task_macros.html` call a task's state, wait, duty and period."""
