"""Alerts: the engine's own troubles, open or ended within the last 30 days. An alert ends when its cause is over."""

from dataclasses import fields
from typing import NamedTuple

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from models.operations.alert import Alert, AlertKind, list_alerts
from models.operations.engine_reads import open_alerts
from notifications.composing.facts import AlertItem
from notifications.composing.troubles import Trouble, read_trouble
from web.request.having_right import MayRunJobs
from web.request.page_frame import admin_page
from workflows.operations.doctor.engine import ALERT_WORDS

router = APIRouter()
_REMEDY_PAGES = {
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
"""The page on which an administrator deals with each kind of alert."""


@router.get("/admin/alerts")
def alerts_page(context: MayRunJobs, state: str = "", page: int = 1) -> HTMLResponse:
    open_only = state == "open"
    with context.reading() as session:
        alerts, paging = list_alerts(session, context.now, page=page, open_only=open_only)
        open_count = sum(open_alerts(session).values())
        lines = [_line(alert, context.language) for alert in alerts]
    return admin_page(
        context, "alerts.html", alerts=lines, lasting=open_count, open_only=open_only, paging=paging, words=ALERT_WORDS
    )


class AlertLine(NamedTuple):
    alert: Alert
    trouble: Trouble
    href: str


def _line(alert: Alert, language: str) -> AlertLine:
    trouble = read_trouble(alert_item(alert), language)
    return AlertLine(alert, trouble, _REMEDY_PAGES[alert.kind].format(subject=alert.subject, id=trouble.id))


def alert_item(row: Alert) -> AlertItem:
    return AlertItem(**{field.name: getattr(row, field.name) for field in fields(AlertItem)})
