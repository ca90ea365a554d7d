"""What follows when a letter is refused for good, or may not have arrived and leaves no more: somebody hears of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.letters.letter import (
    CHECKPOINT_TOPIC,
    LETTER_RUNGS,
    REPLY_TOPIC,
    SECRET_TOPIC,
    UNCERTAIN,
    UNDELIVERABLE,
    Letter,
    LetterKind,
    Notice,
    NoticeState,
)
from models.operations.alert import AlertKind
from models.organization.account import MailedPurpose, MailedSecret
from models.organization.person import Person
from models.tasks.task import Task
from models.text.localtime import local_date
from notifications.outbox.attempts import Claim
from notifications.smtp.replies import RefusedFor, refused_for
from notifications.smtp.transport import Attempt, SendOutcome
from workflows.access.roster import Roster
from workflows.queue.alerts import raise_alert
from workflows.rules.calendar.workdays import WorkCalendar

_UNREACHABLE = {"retired": "retired", "no address": "no_address"}
_OF_THE_UNIT = frozenset({"head", "focal_point", "officer"})
"""Roles whose letters are the reader's unit's own affair: when they come back, its deputy can see to it."""


def tell_undelivered(
    session: Session, one: Claim, attempt: Attempt, now: datetime, calendar: WorkCalendar, *, deputy_too: bool = False
) -> None:
    """A rung that could not be delivered is told to the coordinator; an address refused for good is remembered.

    The administrators hear of one that was given up, and of one of which nobody else could be told.
    `deputy_too`: also to the deputy of the reader's own unit, who can put the address right, whoever leads by now.
    """
    if attempt.of_address:  # the one that the letter went to; there may be another by now
        tried = select(Letter.address).where(Letter.id == one.letter_id).scalar_subquery()
        refused = update(Person).where(col(Person.id) == one.recipient_id, col(Person.email) == tried)
        session.execute(refused.values(email_refused_at=now, email_doubted_at=None))
    is_filtered = refused_for(attempt.reply, attempt.code) is RefusedFor.POLICY
    why = _UNREACHABLE.get(attempt.reply, "filtered" if is_filtered else "refused")
    _tell(session, one, attempt, now, calendar, rung=UNDELIVERABLE, why=why, deputy_too=deputy_too)


def tell_uncertain(session: Session, one: Claim, attempt: Attempt, now: datetime, calendar: WorkCalendar) -> None:
    """A rung that may or may not have arrived, and is not sent again by itself, is told to the same people, once."""
    _tell(session, one, attempt, now, calendar, rung=UNCERTAIN, why=UNCERTAIN)


def _tell(
    session: Session,
    one: Claim,
    attempt: Attempt,
    now: datetime,
    calendar: WorkCalendar,
    *,
    rung: str,
    why: str,
    deputy_too: bool = False,
) -> None:
    state = NoticeState.PENDING if rung == UNCERTAIN else NoticeState.FAILED
    notices = session.exec(select(Notice).where(Notice.letter_id == one.letter_id, Notice.state == state)).all()
    tasks = session.exec(select(Task).where(col(Task.id).in_({notice.task_id for notice in notices}))).all()
    roster = Roster.for_tasks(session, tasks, local_date(now))
    by_id = {task.id: task for task in tasks}
    recipient = session.get_one(Person, one.recipient_id)
    deputy = roster.deputy_of(recipient.unit_id) if deputy_too and recipient.unit_id is not None else None
    to_notify = {
        (notice.id, holder.role, holder.person_id): notice
        for notice in notices
        if notice.rung not in LETTER_RUNGS
        for holder in (
            *roster.recipients("coordinator", by_id[notice.task_id]),
            *([deputy] if deputy is not None and notice.role in _OF_THE_UNIT else []),
        )
        if holder.person_id != one.recipient_id
    }
    rows = [
        {
            "id": new_id(),
            "task_id": notice.task_id,
            "anchor_id": notice.anchor_id,
            "rung": rung,
            "offset": notice.offset,
            "role": role,
            "recipient_id": person_id,
            "fired_at": now,
            **_place(by_id[notice.task_id], now, calendar),
            "state": NoticeState.PENDING,
            "undeliverable": why,
            "reason": "",
            "template_version_id": notice.template_version_id,
        }
        for (_notice_id, role, person_id), notice in to_notify.items()
    ]
    insert_new(session, table_of(Notice), rows)
    is_heard = bool(notices) and {notice.id for notice in notices} == {notice_id for notice_id, _role, _to in to_notify}
    # a list for somebody who needs it no more; of a report's draft somebody must know
    is_nobodys = not notices and attempt.reply in _UNREACHABLE and one.kind is not LetterKind.COMPILED
    is_unheard = not (is_heard or is_nobodys or _was_asked_for(session, one))
    if one.kind is not LetterKind.ALERT and (is_unheard or attempt.outcome is SendOutcome.TEMPORARY):
        facts: dict[str, Any] = {"uncertain": True} if rung == UNCERTAIN else {}
        raise_alert(
            session,
            AlertKind.LETTER_GIVEN_UP,
            str(one.letter_id),
            now=now,
            calendar=calendar,
            facts={"reason": attempt.reply, "recipient": recipient.code, "attempts": one.attempts, **facts},
        )


def _was_asked_for(session: Session, one: Claim) -> bool:
    """Anybody asks for codes anywhere, and sees that none comes; nobody misses a checkpoint or an invitation."""
    if one.kind is not LetterKind.ACCOUNT:
        return False
    topic = session.exec(select(Letter.topic).where(Letter.id == one.letter_id)).one()
    if topic.startswith(REPLY_TOPIC):
        return True  # who replied sees on the task what came of it
    if topic.startswith(SECRET_TOPIC):
        secret = session.get(MailedSecret, UUID(topic.removeprefix(SECRET_TOPIC)))
        return secret is None or secret.purpose is not MailedPurpose.INVITATION
    return not topic.startswith(CHECKPOINT_TOPIC)


def _place(task: Task, now: datetime, calendar: WorkCalendar) -> dict[str, object]:
    """In which letter it is told. An incident's clock does not wait for the morning, and a drill keeps to itself."""
    if task.incident_id is not None:
        return {"slot": now, "kind": LetterKind.INCIDENT, "topic": f"incident:{task.incident_id.hex}"}
    slot = calendar.event_slot(now)
    return {"slot": slot, "kind": LetterKind.EVENT if slot == now else LetterKind.DIGEST, "topic": ""}
