"""The page behind a letter's link: read only, for one task and one person. Opening it changes nothing."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from models.errors import NotFound
from models.run import LINK_KEY, Installation
from models.session import reading
from notifications.keys import read_link
from web.site import TheSite, language_of
from web.task_page import View, read_page
from web.words import PATH_WORDS, WAIT_WORDS, period_words
from workflows.rules.lifecycle import STATUS_WORDS

router = APIRouter()


@router.api_route("/v/{token}", methods=["GET", "HEAD"])
def task_page(token: str, request: Request, site: TheSite) -> HTMLResponse:
    """The task as the link's person may see it, in their language unless `?lang=` asks for another."""
    moment = site.now()
    with reading(site.engine) as session:
        key = session.get(Installation, LINK_KEY)
        if key is None:
            raise NotFound("this link is not valid: open it again from the letter")
        page = read_page(session, *read_link(key.value, token), now=moment)
    task = page.task
    return site.page(
        "moved_on.html" if page.view is View.NOTHING else "task.html",
        language_of(request, page.reader.language),
        request,
        page=page,
        task=task,
        now=moment,
        is_whole=page.view is View.WHOLE,
        status=STATUS_WORDS[task.status],
        waiting=WAIT_WORDS[task.wait_kind] if task.wait_kind else None,
        path=PATH_WORDS.get(page.duty.path),
        period=period_words(task.occurrence),
    )
