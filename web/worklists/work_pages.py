"""The page "My work": the reader's own tasks, the most urgent first."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from web.request.having_right import MaySeeWork
from web.worklists.inbox_pages import COUNTED_WORDS
from workflows.rules.rights_table import OfficeRole, Right
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.need import Need
from workflows.worklists.my_work import read_work

router = APIRouter()
CONTRIBUTE = "contribute"


@router.get("/work")
def work_page(context: MaySeeWork, show: str = "", page: int = 1) -> HTMLResponse:
    """Show all own tasks, those with the need `show`, or for `contribute` the contributions that are owed."""
    shown = Need(show) if show in set(Need) else None
    contributions_only = show == CONTRIBUTE
    with context.reading() as session:
        work = read_work(
            session,
            context.principal,
            shown=shown,
            page=page,
            contributions_only=contributions_only,
            **context.moment(session),
        )
    return context.page(
        "work.html",
        work=work,
        show=show if shown or contributions_only else "",
        is_whole=page <= 1 and not shown and not contributions_only,
        needs=Need.labels(),
        decisions=COUNTED_WORDS,
        steps=Action.labels(),
        may_decide=context.principal.may(Right.SEE_INBOX),
        heads=OfficeRole.HEAD in context.principal.standings,
    )
