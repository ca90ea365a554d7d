"""Troubles of the engine itself: those that last, and those that ended lately. They end by themselves once mended."""

from dataclasses import fields

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from models.operations.alert import Alert, AlertKind, list_alerts
from models.operations.engine_reads import open_alerts
from notifications.composing.facts import AlertItem
from notifications.composing.troubles import read_trouble
from web.request.having_right import MayRunJobs
from web.request.page_frame import admin_page
from workflows.operations.doctor.engine import ALERT_WORDS

router = APIRouter()
_PLACES = {
    AlertKind.CLOCK_STOPPED: "/admin/jobs",
    AlertKind.CLOCK_AHEAD: "/admin/jobs",
    AlertKind.CLOCK_WAS_AHEAD: "/admin/jobs",
    AlertKind.WORK_BEHIND: "/admin/jobs",
    AlertKind.JOB_FAILED: "/admin/jobs",
    AlertKind.MAIL_FAILING: "/admin/mail/connection",
    AlertKind.MAIL_SLOW: "/admin/mail/connection",
    AlertKind.LETTER_UNWRITABLE: "/letters/{subject}",
    AlertKind.LETTER_GIVEN_UP: "/letters/{subject}",
    AlertKind.TASK_STUCK: "/tasks/{id}",
    AlertKind.PERIOD_STUCK: "/admin/jobs",
    AlertKind.REPORT_STUCK: "/papers/schedules/{subject}",
    AlertKind.LAUNCH_FAILED: "/background-jobs/{subject}",
    AlertKind.BACKUP_FAILED: "/admin",
}
"""Where one sees to each."""


@router.get("/admin/alerts")
def alerts_page(context: MayRunJobs, state: str = "", page: int = 1) -> HTMLResponse:
    open_only = state == "open"
    with context.reading() as session:
        found, paging = list_alerts(session, context.now, page=page, open_only=open_only)
        lasting = sum(open_alerts(session).values())
        troubles = [(row, read_trouble(alert_item(row), context.language)) for row in found]
    return admin_page(
        context,
        "alerts.html",
        alerts=[
            (alert, trouble, _PLACES[alert.kind].format(subject=alert.subject, id=trouble.id))
            for alert, trouble in troubles
        ],
        lasting=lasting,
        open_only=open_only,
        paging=paging,
        words=ALERT_WORDS,
    )


def alert_item(row: Alert) -> AlertItem:
    return AlertItem(**{one.name: getattr(row, one.name) for one in fields(AlertItem)})
