"""The front page: that the installation runs, and how much is open. No names, no units."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import func
from sqlmodel import Session, col, select

from models.engine_reads import last_tick
from models.letter import Letter, LetterState
from models.localtime import at_local, local_date
from models.session import reading
from models.task import OPEN_STATUSES, Task
from web import mail_pages
from web.site import TheSite, language_of

router = APIRouter()


@dataclass(frozen=True)
class Counts:
    """What is open now; letters of this local day. Drills are not counted."""

    open: int
    overdue: int
    undated: int
    letters_today: int
    letters_waiting: int
    letters_uncertain: int
    last_tick: datetime | None


@router.api_route("/", methods=["GET", "HEAD"])
def front_page(request: Request, site: TheSite) -> HTMLResponse:
    """The counts, in a calm page."""
    moment = site.now()
    with reading(site.engine) as session:
        counts = count(session, moment)
    language = language_of(request, site.settings.language)
    return site.page(
        "front.html", language, request, counts=counts, now=moment, has_mailbox=mail_pages.may_show(site.settings)
    )


def count(session: Session, now: datetime) -> Counts:
    """Counts as of `now` (UTC)."""

    def tasks(*where: object) -> int:
        query = select(func.count()).select_from(Task)
        is_open = (col(Task.status).in_(OPEN_STATUSES), col(Task.is_drill).is_(False))
        return session.exec(query.where(*is_open, *where)).one()  # type: ignore[arg-type]

    def letters(*where: object) -> int:
        return session.exec(select(func.count()).select_from(Letter).where(*where)).one()  # type: ignore[arg-type]

    today = at_local(local_date(now), time(0, 0))
    sent_today = (col(Letter.sent_at) >= today, col(Letter.sent_at) < today + timedelta(days=1))
    return Counts(
        open=tasks(),
        overdue=tasks(col(Task.due_at) <= now),
        undated=tasks(col(Task.due_at).is_(None)),
        letters_today=letters(*sent_today),
        letters_waiting=letters(col(Letter.state).in_((LetterState.QUEUED, LetterState.CLAIMED))),
        letters_uncertain=letters(col(Letter.state) == LetterState.UNCERTAIN),
        last_tick=last_tick(session, now),
    )
