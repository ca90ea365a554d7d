"""The administration's first page: how the installation runs, and what in it waits for a person."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import Session, col

from models.engine_reads import letters_by_state, open_alerts, read_pulse
from models.letter import TO_SEND, Letter, LetterState
from models.localtime import at_local, local_date
from models.task import IS_OPEN, Task
from web import mail_pages
from web.admin.frame import admin_page
from web.visit import Signed
from workflows.first_steps import is_under_way
from workflows.rules.rights import Right

router = APIRouter()
_TRIED = timedelta(days=7)


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
        counts, set_up = count(session, visit.now, visit.settings.tick_seconds), is_under_way(session)
    has_mailbox = mail_pages.may_show(visit.settings)
    return admin_page(visit, "overview.html", counts=counts, has_mailbox=has_mailbox, is_set_up=not set_up)


def count(session: Session, now: datetime, tick_seconds: int) -> Counts:
    """Counts as of `now` (UTC)."""

    def letters(*where: Any) -> int:
        return session.scalar(select(func.count()).select_from(Letter).where(*where)) or 0

    of_open = (func.count(), _sum(col(Task.due_at) <= now), _sum(col(Task.due_at).is_(None)))
    query: Any = select(*of_open).where(IS_OPEN, col(Task.is_drill).is_(False))
    open_, overdue, undated = session.execute(query).one()
    today = at_local(local_date(now), time(0, 0))
    # by their slots, of which there is an index: a letter is tried for some days at most
    sent_today = (col(Letter.slot) > today - _TRIED, col(Letter.sent_at) >= today, col(Letter.sent_at) <= now)
    by_state = letters_by_state(session)
    pulse = read_pulse(session, now=now, tick_seconds=tick_seconds)
    return Counts(
        open=open_,
        overdue=overdue,
        undated=undated,
        letters_today=letters(*sent_today),
        letters_waiting=letters(TO_SEND, col(Letter.state).in_((LetterState.QUEUED, LetterState.CLAIMED))),
        letters_dead=sum(by_state[one] for one in (LetterState.FAILED, LetterState.UNCERTAIN, LetterState.HELD)),
        alerts=sum(open_alerts(session).values()),
        last_tick=pulse.last_at,
        clock=pulse.state(now),
    )


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
