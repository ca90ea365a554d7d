"""The page behind a letter's link: read only, for one task and one person. Opening it changes nothing."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from notifications.keys import read_link
from web.task_page import read_page
from web.visit import Guest
from web.words import PATH_WORDS, WAIT_WORDS, period_words
from workflows.rules.lifecycle import STATUS_WORDS
from workflows.rules.rights import View

router = APIRouter()


@router.api_route("/v/{token}", methods=["GET", "HEAD"])
def task_page(token: str, visit: Guest) -> HTMLResponse:
    """The task as the link's person may see it, in their language unless another was chosen."""
    with visit.reading() as session:
        page = read_page(session, *read_link(visit.site.key, token), now=visit.now)
    task = page.task
    if visit.place is None:
        visit.language = visit.request.query_params.get("lang") or page.reader.language
    return visit.page(
        "moved_on.html" if page.view is View.NOTHING else "task.html",
        page=page,
        task=task,
        now=visit.now,
        is_whole=page.view is View.WHOLE,
        status=STATUS_WORDS[task.status],
        waiting=WAIT_WORDS[task.wait_kind] if task.wait_kind else None,
        path=PATH_WORDS.get(page.duty.path),
        period=period_words(task.occurrence),
    )
