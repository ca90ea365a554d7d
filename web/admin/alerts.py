"""Troubles of the engine itself: those that last, and those that ended lately. They end by themselves once mended."""

from collections.abc import Sequence
from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from models.alert import Alert, AlertKind
from notifications.facts import AlertItem
from notifications.troubles import Trouble, read_trouble
from web.admin.frame import admin_page, leaf
from web.visit import Signed
from workflows.doctor.engine import ALERT_WORDS
from workflows.rules.rights import Right

router = APIRouter()
PER_PAGE = 50
_LATELY = timedelta(days=30)
_PLACES = {
    AlertKind.CLOCK_STOPPED: "/admin/jobs",
    AlertKind.JOB_FAILED: "/admin/jobs",
    AlertKind.MAIL_FAILING: "/admin/mail/connection",
    AlertKind.LETTER_UNWRITABLE: "/letters/{subject}",
    AlertKind.LETTER_GIVEN_UP: "/letters/{subject}",
    AlertKind.TASK_STUCK: "/tasks/{id}",
    AlertKind.PERIOD_STUCK: "/admin/jobs",
}
"""Where one sees to each."""


@router.api_route("/admin/alerts", methods=["GET", "HEAD"])
def alerts_page(visit: Signed, page: int = 1) -> HTMLResponse:
    """Those that last first, then the newest."""
    visit.require(Right.RUN_JOBS)
    shown = max(page, 1)
    with visit.reading() as session:
        lately = or_(col(Alert.ended_at).is_(None), col(Alert.ended_at) > visit.now - _LATELY)
        total = session.scalar(select(func.count()).select_from(Alert).where(lately)) or 0
        found = _read(session, lately, shown)
    return admin_page(
        visit,
        "alerts.html",
        alerts=[
            (alert, trouble, _PLACES[alert.kind].format(subject=alert.subject, id=trouble.id))
            for alert, trouble in found
        ],
        leaf=leaf(visit, shown, total, PER_PAGE),
        words=ALERT_WORDS,
    )


def _place(alert: Alert, trouble: Trouble) -> str:
    return _PLACES[alert.kind].format(subject=alert.subject, id=trouble.id)


def _read(session: Session, where: object, page: int) -> Sequence[tuple[Alert, Trouble]]:
    order = (col(Alert.ended_at).is_(None).desc(), col(Alert.raised_at).desc(), col(Alert.id).desc())
    query = select(Alert).where(where).order_by(*order)  # type: ignore[arg-type]
    rows = session.scalars(query.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    return [(row, read_trouble(_item(row))) for row in rows]


def _item(row: Alert) -> AlertItem:
    return AlertItem(
        kind=row.kind, subject=row.subject, raised_at=row.raised_at, last_seen_at=row.last_seen_at, times=row.times,
        ended_at=row.ended_at, facts=row.facts,
    )  # fmt: skip
