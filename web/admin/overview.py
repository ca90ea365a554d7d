"""The administration's first page: how the installation runs, and what in it waits for a person."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import func
from sqlmodel import Session, col, select

from models.engine_reads import letters_by_state, open_alerts, read_pulse
from models.letter import TO_SEND, Letter, LetterState
from models.localtime import at_local, local_date
from models.task import OPEN_STATUSES, Task
from web import mail_pages
from web.admin.frame import admin_page
from web.visit import Signed
from workflows.rules.rights import Right

router = APIRouter()


@dataclass(frozen=True)
class Counts:
    """What is open now; letters of this local day. Drills are not counted."""

    open: int
    overdue: int
    undated: int
    letters_today: int
    letters_waiting: int
    letters_dead: int
    alerts: int
    last_tick: datetime | None
    clock: str


@router.api_route("/admin", methods=["GET", "HEAD"])
def overview(visit: Signed) -> HTMLResponse:
    """How the engine runs, in a calm page."""
    visit.require(Right.RUN_JOBS)
    with visit.reading() as session:
        counts = count(session, visit.now, visit.settings.tick_seconds)
    return admin_page(visit, "overview.html", counts=counts, has_mailbox=mail_pages.may_show(visit.settings))


def count(session: Session, now: datetime, tick_seconds: int) -> Counts:
    """Counts as of `now` (UTC)."""

    def tasks(*where: object) -> int:
        query = select(func.count()).select_from(Task)
        is_open = (col(Task.status).in_(OPEN_STATUSES), col(Task.is_drill).is_(False))
        return session.exec(query.where(*is_open, *where)).one()  # type: ignore[arg-type]

    def letters(*where: object) -> int:
        return session.exec(select(func.count()).select_from(Letter).where(*where)).one()  # type: ignore[arg-type]

    today = at_local(local_date(now), time(0, 0))
    sent_today = (col(Letter.sent_at) >= today, col(Letter.sent_at) < today + timedelta(days=1))
    by_state = letters_by_state(session)
    pulse = read_pulse(session, now=now, tick_seconds=tick_seconds)
    return Counts(
        open=tasks(),
        overdue=tasks(col(Task.due_at) <= now),
        undated=tasks(col(Task.due_at).is_(None)),
        letters_today=letters(*sent_today),
        letters_waiting=letters(TO_SEND, col(Letter.state).in_((LetterState.QUEUED, LetterState.CLAIMED))),
        letters_dead=sum(by_state[one] for one in (LetterState.FAILED, LetterState.UNCERTAIN, LetterState.HELD)),
        alerts=sum(open_alerts(session).values()),
        last_tick=pulse.last_at,
        clock=pulse.state(now),
    )
