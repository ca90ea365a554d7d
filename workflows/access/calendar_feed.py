"""A person's calendar feed: the deadlines of their open tasks at a secret address, which they can void."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty
from models.errors import NotFound
from models.i18n import translate
from models.organization.access import CalendarFeed
from models.organization.person import Person
from models.settings import Settings
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import local_date
from models.words import duty_words
from notifications.composing.ics import FeedEntry, calendar_feed
from notifications.composing.keys import read_feed, sign_feed
from workflows.access.audit_log import note
from workflows.access.rights import Principal, read_principal
from workflows.rules.rights_table import Right

MOST = 1000
"""Entries in a feed, the nearest dates first. No calendar program shows more."""
_TITLE = {"vi": "Thời hạn nhiệm vụ", "en": "Dates of tasks"}


def feed_path(session: Session, person_id: UUID, key: str) -> str | None:
    """Return the path of the person's feed on the site; None if they have none."""
    feed = session.get(CalendarFeed, person_id)
    if feed is None or feed.revoked_at is not None:
        return None
    return f"/calendar/{sign_feed(key, person_id, feed.turn)}.ics"


def open_feed(session: Session, principal: Principal, *, now: datetime) -> None:
    """Give a person a new address; an older one is void."""
    principal.require(Right.ASK_API)
    feed = session.get(CalendarFeed, principal.person.id)
    if feed is None:
        session.add(CalendarFeed(person_id=principal.person.id, made_at=now))
    else:
        feed.turn, feed.made_at, feed.revoked_at = feed.turn + 1, now, None
    note(session, "calendar_opened", now=now, actor_id=principal.person.id)


def close_feed(session: Session, person_id: UUID, *, now: datetime) -> None:
    """Void a person's address. Raises NotFound if there is none."""
    feed = session.get(CalendarFeed, person_id)
    if feed is None or feed.revoked_at is not None:
        raise NotFound("there is no calendar address to end")
    feed.revoked_at = now
    note(session, "calendar_closed", now=now, actor_id=person_id)


def read_calendar(session: Session, key: str, token: str, *, settings: Settings, now: datetime) -> bytes:
    """Return the feed as iCalendar. Raises NotFound for a void or forged address, and for a retired person."""
    person_id, turn = read_feed(key, token)
    feed, person = session.get(CalendarFeed, person_id), session.get(Person, person_id)
    if feed is None or person is None or not person.is_active or feed.revoked_at is not None or feed.turn != turn:
        raise NotFound("this calendar address is no longer valid")
    principal = read_principal(session, person, local_date(now))
    sender = settings.mail.sender
    return calendar_feed(
        _entries(session, principal, settings),
        title=_TITLE[person.language],
        domain=sender.rpartition("@")[2],
        organiser=sender,
        language=person.language,
    )


def _entries(session: Session, principal: Principal, settings: Settings) -> list[FeedEntry]:
    """Return the open tasks with a deadline of the person and of those for whom they stand in."""
    rows = session.exec(
        select(Task, Duty.path, Directive.number, Directive.code)
        .join(Duty, col(Duty.id) == Task.duty_id)
        .join(Directive, col(Directive.id) == Task.directive_id)
        .where(
            or_(col(Task.lead_unit_id).in_(principal.serves), col(Task.officer_id).in_(principal.people)),
            col(Task.status).in_(OPEN_STATUSES),
            col(Task.due_at).is_not(None),
        )
        .order_by(col(Task.due_at), col(Task.id))
        .limit(MOST)
    )
    return [
        FeedEntry(
            task_id=task.id,
            name=f"{translate(duty_words(path), principal.person.language)}, {number or code}",
            due_at=task.due_at,
            by_the_hour=task.incident_id is not None,
            revision=task.due_revision,
            set_at=task.due_set_at or task.assigned_at,
            url=f"{settings.base_url}/tasks/{task.id}",
            is_drill=task.is_drill,
        )
        for task, path, number, code in rows
        if task.due_at is not None
    ]
