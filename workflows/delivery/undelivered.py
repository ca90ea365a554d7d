"""Tells coordinators, deputies or administrators of a letter that was refused for good or may not have arrived."""

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
from notifications.smtp.replies import RefusalReason, refusal_reason
from notifications.smtp.transport import Attempt, SendOutcome
from workflows.access.roster import Roster
from workflows.queue.alerts import raise_alert
from workflows.rules.calendar.workdays import WorkCalendar

_UNREACHABLE = {"retired": "retired", "no address": "no_address"}
_UNIT_ROLES = frozenset({"head", "focal_point", "officer"})
"""Roles within the reader's unit. Its deputy can see to their letters that come back."""


def tell_undelivered(
    session: Session, claim: Claim, attempt: Attempt, now: datetime, calendar: WorkCalendar, *, deputy_too: bool = False
) -> None:
    """Tell the coordinator which rungs could not be delivered, and mark an address that was refused for good.

    Administrators hear of a letter that was given up, and of one that nobody else can be told of. `deputy_too`: also
    tell the deputy of the reader's own unit, who can correct the address.
    """
    if attempt.of_address:
        # Only if the person still has the address that the letter went to.
        tried_address = select(Letter.address).where(Letter.id == claim.letter_id).scalar_subquery()
        is_theirs = (col(Person.id) == claim.recipient_id, col(Person.email) == tried_address)
        session.execute(update(Person).where(*is_theirs).values(email_refused_at=now, email_doubted_at=None))
    is_filtered = refusal_reason(attempt.reply, attempt.code) is RefusalReason.POLICY
    why = _UNREACHABLE.get(attempt.reply, "filtered" if is_filtered else "refused")
    _tell(session, claim, attempt, now, calendar, rung=UNDELIVERABLE, why=why, deputy_too=deputy_too)


def tell_uncertain(session: Session, claim: Claim, attempt: Attempt, now: datetime, calendar: WorkCalendar) -> None:
    """Tell the same people, once, which rungs may not have arrived and are not sent again by themselves."""
    _tell(session, claim, attempt, now, calendar, rung=UNCERTAIN, why=UNCERTAIN)


def _tell(
    session: Session,
    claim: Claim,
    attempt: Attempt,
    now: datetime,
    calendar: WorkCalendar,
    *,
    rung: str,
    why: str,
    deputy_too: bool = False,
) -> None:
    state = NoticeState.PENDING if rung == UNCERTAIN else NoticeState.FAILED
    notices = session.exec(select(Notice).where(Notice.letter_id == claim.letter_id, Notice.state == state)).all()
    tasks = session.exec(select(Task).where(col(Task.id).in_({notice.task_id for notice in notices}))).all()
    roster = Roster.for_tasks(session, tasks, local_date(now))
    by_id = {task.id: task for task in tasks}
    recipient = session.get_one(Person, claim.recipient_id)
    deputy = roster.deputy_of(recipient.unit_id) if deputy_too and recipient.unit_id is not None else None
    to_notify = {
        (notice.id, holder.role, holder.person_id): notice
        for notice in notices
        if notice.rung not in LETTER_RUNGS
        for holder in (
            *roster.recipients("coordinator", by_id[notice.task_id]),
            *([deputy] if deputy is not None and notice.role in _UNIT_ROLES else []),
        )
        if holder.person_id != claim.recipient_id
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
            **_letter_of(by_id[notice.task_id], now, calendar),
            "state": NoticeState.PENDING,
            "undeliverable": why,
            "reason": "",
            "template_version_id": notice.template_version_id,
        }
        for (_notice_id, role, person_id), notice in to_notify.items()
    ]
    insert_new(session, table_of(Notice), rows)
    told_ids = {notice_id for notice_id, _role, _person_id in to_notify}
    is_told = bool(notices) and {notice.id for notice in notices} == told_ids
    # A summary for somebody who has left is no loss. A report's draft is one.
    is_needless = not notices and attempt.reply in _UNREACHABLE and claim.kind is not LetterKind.COMPILED
    is_unknown = not (is_told or is_needless or _was_asked_for(session, claim))
    if claim.kind is not LetterKind.ALERT and (is_unknown or attempt.outcome is SendOutcome.TEMPORARY):
        facts: dict[str, Any] = {"uncertain": True} if rung == UNCERTAIN else {}
        raise_alert(
            session,
            AlertKind.LETTER_GIVEN_UP,
            str(claim.letter_id),
            now=now,
            calendar=calendar,
            facts={"reason": attempt.reply, "recipient": recipient.code, "attempts": claim.attempts, **facts},
        )


def _was_asked_for(session: Session, claim: Claim) -> bool:
    """Return whether the reader will miss the letter by themselves, as one does who asked for a code.

    Nobody misses a checkpoint or an invitation.
    """
    if claim.kind is not LetterKind.ACCOUNT:
        return False
    topic = session.exec(select(Letter.topic).where(Letter.id == claim.letter_id)).one()
    if topic.startswith(REPLY_TOPIC):
        return True  # the task shows the sender of a reply what came of it
    if topic.startswith(SECRET_TOPIC):
        secret = session.get(MailedSecret, UUID(topic.removeprefix(SECRET_TOPIC)))
        return secret is None or secret.purpose is not MailedPurpose.INVITATION
    return not topic.startswith(CHECKPOINT_TOPIC)


def _letter_of(task: Task, now: datetime, calendar: WorkCalendar) -> dict[str, object]:
    """Return slot, kind and topic of the letter that tells it. News of an incident does not wait for the morning."""
    if task.incident_id is not None:
        return {"slot": now, "kind": LetterKind.INCIDENT, "topic": f"incident:{task.incident_id.hex}"}
    slot = calendar.event_slot(now)
    return {"slot": slot, "kind": LetterKind.EVENT if slot == now else LetterKind.DIGEST, "topic": ""}
