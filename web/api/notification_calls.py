"""Calls about the caller's notifications: what letters said about their tasks, and what they have read."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field, model_validator

from models.i18n import _, translate
from models.text.faults import invalid
from models.text.localtime import due_date
from models.words import rung_words
from web.api.caller import Acts, Caller, Reads
from web.api.repeats import OnceRoute
from web.api.shapes import Shape, StrictBody
from web.request.cursor_paging import Limit, TextCursor
from web.request.given_values import Instant
from workflows.rules.rights_table import Right
from workflows.worklists.notification_centre import (
    MOST_COUNTED,
    MOST_MARKED,
    Notification,
    count_unread,
    list_notifications,
    mark_all_read,
    mark_read,
)

router = APIRouter(prefix="/notifications", tags=["me"], route_class=OnceRoute)


class NotificationShape(Shape):
    """One thing that a letter told the caller about a task or a directive's conversation. Instants are UTC."""

    id: UUID
    at: datetime = Field(description="When it was told")
    happened_at: datetime = Field(description="When the event happened, or the rung's own moment")
    told: str = Field(description="The rung or event", examples=["overdue@4"])
    words: str = Field(description="The same in the caller's language", examples=["result returned for completion"])
    task: UUID | None = Field(
        description="null for a directive's own conversation; then duty, title and unit are empty"
    )
    directive: str = Field(examples=["Chỉ thị 06/2004/CT-BBCVT"])
    duty: str = Field(examples=["2.a"])
    title: str
    unit: str = Field(description="The lead unit")
    due_on: date | None = Field(examples=["2026-12-15"])
    is_drill: bool
    is_read: bool


class Notifications(Shape):
    """A page of notifications, the newest events first, and how many are unread."""

    items: list[NotificationShape]
    next: str | None = Field(description="Pass it as `cursor` for the next page")
    unread: int = Field(description=f"At most {MOST_COUNTED + 1}, which means more than {MOST_COUNTED}")


class Read(StrictBody):
    """Which notifications were read: some, or everything told up to an instant."""

    ids: list[UUID] = Field(default=[], max_length=MOST_MARKED)
    until: Instant | None = Field(default=None, description="An instant with its zone; instead of ids")

    @model_validator(mode="after")
    def _one_of_two(self) -> "Read":
        if bool(self.ids) == (self.until is not None):
            raise invalid(_("give either ids or until"))
        return self


class Unread(Shape):
    """How many notifications are unread."""

    unread: int


@router.get("")
def notifications(
    caller: Reads,
    unread: Annotated[bool, Query(description="Only those not read yet")] = False,
    cursor: TextCursor = None,
    limit: Limit = 50,
) -> Notifications:
    """Return what letters told the caller about their tasks in the last 90 days."""
    caller.require(Right.SEE_WORK)
    with caller.reading() as session:
        person_id = caller.person.id
        listed = list_notifications(
            session, person_id, caller.now, unread_only=unread, cursor=cursor or "", limit=limit
        )
        count = count_unread(session, person_id, caller.now)
    items = [_shape(notification, caller) for notification in listed.notifications]
    return Notifications(items=items, next=listed.older, unread=count)


@router.post("/read")
def read(body: Read, caller: Acts) -> Unread:
    """Mark notifications as read: some by their ids, or all that were told up to an instant."""
    caller.require(Right.SEE_WORK)
    with caller.transaction() as session:
        if body.until is not None:
            mark_all_read(session, caller.person.id, caller.now, until=body.until)
        else:
            mark_read(session, caller.person.id, body.ids, caller.now)
        return Unread(unread=count_unread(session, caller.person.id, caller.now))


def _shape(notification: Notification, caller: Caller) -> NotificationShape:
    words = rung_words(notification.told, hours=notification.by_the_hour)
    return NotificationShape.of(
        notification,
        words=translate(words, caller.person.language),
        task=notification.task_id,
        duty=notification.duty_path,
        title=notification.duty_title,
        due_on=due_date(notification.due_at) if notification.due_at else None,
    )
