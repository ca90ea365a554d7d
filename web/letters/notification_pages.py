"""Pages of notifications: what happened to a person's tasks, marked as read singly or all at once."""

from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from models.i18n import _
from models.text.localtime import local_date
from web.request.form_input import FormInput
from web.request.given_values import read_id, read_instant
from web.request.having_right import MaySeeWork
from workflows.history.record import EVENT
from workflows.rules.conversation_policy import CONVERSATION_EVENTS
from workflows.worklists.notification_centre import (
    MessagePlace,
    find_message_place,
    find_notification,
    list_notifications,
    mark_all_read,
    mark_read,
)

router = APIRouter(prefix="/notifications")
UNREAD = "unread"
SPOKEN = frozenset(f"{EVENT}{event}@0" for event in CONVERSATION_EVENTS)
"""Notifications of a conversation. The list names their authors."""


@router.get("")
def notifications_page(context: MaySeeWork, show: str = "", older: str = "") -> Response:
    unread_only = show == UNREAD
    with context.reading() as session:
        listed = list_notifications(session, context.person.id, context.now, unread_only=unread_only, cursor=older)
    query = {"show": UNREAD} if unread_only else {}
    days = groupby(listed.notifications, key=lambda notification: local_date(notification.happened_at))
    return context.page(
        "notifications.html",
        days=[(day, list(members)) for day, members in days],
        unread_only=unread_only,
        older=f"/notifications?{urlencode(query | {'older': listed.older})}" if listed.older else None,
        newest=f"/notifications?{urlencode(query)}" if older else None,
        until=context.now.isoformat(),
        spoken=SPOKEN,
    )


class ReadForm(FormInput):
    """Names the notification that was read. Without one, all up to `until` were read."""

    notification: str = ""
    until: str = ""
    show: str = ""


@router.post("/read")
def read(context: MaySeeWork, given: Annotated[ReadForm, Depends(ReadForm.sent)]) -> Response:
    until = read_instant("until", given.until) if given.until else None
    back = f"/notifications?show={UNREAD}" if given.show == UNREAD else "/notifications"
    with context.transaction() as session:
        if not given.notification:
            mark_all_read(session, context.person.id, context.now, until=until)
            return context.go(back, _("All notifications are marked as read."), is_repeated=True)
        mark_read(session, context.person.id, [read_id("notification", given.notification)], context.now)
    return context.go(back, _("The notification is marked as read."), is_repeated=True)


@router.get("/{notice_id}")
def open_notification(notice_id: UUID, context: MaySeeWork) -> Response:
    """Redirect to the task. A visit from one of our own pages marks the notification as read."""
    with context.reading() as session:
        task_id = find_notification(session, context.person.id, notice_id, context.now)
        message = find_message_place(session, notice_id)
    if context.request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none"):
        with context.transaction() as session:
            mark_read(session, context.person.id, [notice_id], context.now)
    return RedirectResponse(_message_address(message, task_id) if message else f"/tasks/{task_id.hex}", 303)


def _message_address(place: MessagePlace, task_id: UUID) -> str:
    """Return the message's place. An answer published from another task is among the published answers."""
    above = f"/directives/{place.directive}" if place.directive else f"/tasks/{task_id.hex}"
    is_here = place.directive is not None or place.task_id == task_id
    return f"{above}/conversation{f'?m={place.message_id.hex}' if is_here else '#h-answers'}"
