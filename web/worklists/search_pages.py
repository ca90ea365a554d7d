"""Search: one field, and the tasks that it finds."""

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from models.errors import BadInput
from web.request.having_right import MaySeeWork
from workflows.worklists.search import Results, search

router = APIRouter()


@router.get("/search")
def search_page(context: MaySeeWork, q: str = "", after: str = "") -> HTMLResponse:
    """Return the newest directives first; `after` is the end of the page before."""
    query, error, found = q.strip(), None, Results((), None)
    if query:
        try:
            with context.reading() as session:
                found = search(session, context.principal, query, now=context.now, after=after)
        except BadInput as fault:
            error = fault
    more = f"/search?{urlencode({'q': query, 'after': found.next})}" if found.next else None
    return context.page("search.html", query=query, found=found.tasks, more=more, is_first=not after, error=error)
