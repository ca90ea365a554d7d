"""The front door: to the page where a person's work begins; and for administrators, how the installation runs."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import func
from sqlmodel import Session, col, select

from models.engine_reads import last_tick
from models.letter import Letter, LetterState
from models.localtime import at_local, local_date
from models.task import OPEN_STATUSES, Task
from web import mail_pages
from web.visit import Signed
from workflows.rules.rights import Right, Standing

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
def front_page(visit: Signed) -> Response:
    """To where the reader's work begins."""
    place = visit.the_place
    if Standing.HEAD in place.standings and Standing.COORDINATOR not in place.standings:
        return visit.go("/work")
    for right, path in _HOMES:
        if place.may(right):
            return visit.go(path)
    return visit.go("/work")


_HOMES = (
    (Right.RUN_JOBS, "/admin"),
    (Right.LAUNCH, "/directives"),
    (Right.RECORD_RECEIPTS, "/receipts"),
    (Right.SEE_EVERYTHING, "/directives"),
)


@router.api_route("/admin", methods=["GET", "HEAD"])
def engine_page(visit: Signed) -> Response:
    """How the engine runs, in a calm page."""
    visit.require(Right.RUN_JOBS)
    with visit.reading() as session:
        counts = count(session, visit.now)
    return visit.page("front.html", counts=counts, now=visit.now, has_mailbox=mail_pages.may_show(visit.settings))


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
