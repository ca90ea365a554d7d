"""Pass waiting notices on to another person: to the successor in an office, or back from a stand-in."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models.letters.letter import IS_PENDING, MOVED, Letter, LetterState, Notice, NoticeState
from models.organization.register_reads import stand_in_for
from models.tasks.task import Task
from models.text.localtime import local_date
from workflows.access.roster import Roster
from workflows.rules.escalation.ladder import OF_THE_UNIT

_NAMED = "event:assigned_on"


def pass_on(session: Session, notices: Iterable[Notice], receiver_id: UUID, now: datetime) -> None:
    """Give notices to a receiver, in letters of their own. Notices that the receiver has already are dropped."""
    for notice in notices:
        if notice.recipient_id == receiver_id:
            continue
        if _already_told(session, notice, receiver_id):
            notice.state, notice.reason = NoticeState.DROPPED, "handover: the successor is told already"
        else:
            notice.recipient_id, notice.slot = receiver_id, _free_slot(session, notice, receiver_id, now)
        notice.letter_id = None
        session.add(notice)
        session.flush()


def pass_on_to_officer(session: Session, task: Task, officer_id: UUID, now: datetime) -> None:
    """Pass on the notices of the task's former officer. Notices that named the former officer are dropped."""
    today = local_date(now)
    if task.officer_id is None or task.officer_id == officer_id:
        return
    former_stand_in = stand_in_for(session, task.officer_id, today)
    stand_in = stand_in_for(session, officer_id, today)
    people = [task.officer_id, *([former_stand_in.id] if former_stand_in else [])]
    query = select(Notice).where(
        IS_PENDING, Notice.task_id == task.id, col(Notice.recipient_id).in_(people), col(Notice.undeliverable).is_(None)
    )
    waiting = session.exec(query.order_by(col(Notice.fired_at), col(Notice.id))).all()
    for notice in waiting:
        if notice.rung == _NAMED:
            notice.state, notice.reason, notice.letter_id = NoticeState.DROPPED, MOVED, None
    moving = [notice for notice in waiting if notice.role == "officer" and notice.state is NoticeState.PENDING]
    pass_on(session, moving, stand_in.id if stand_in else officer_id, now)


def pass_on_to_follower(session: Session, task: Task, former_id: UUID, now: datetime) -> None:
    """Pass on the notices of a task's former follower that go to another person by today's roster."""
    query = select(Notice).where(
        IS_PENDING, Notice.task_id == task.id, Notice.recipient_id == former_id, Notice.role != "named"
    )
    roster = Roster.for_tasks(session, [task], local_date(now))
    for notice in session.exec(query.order_by(col(Notice.fired_at), col(Notice.id))).all():
        recipients = [recipient.person_id for recipient in roster.recipients(notice.role, task)]
        if recipients and former_id not in recipients:
            pass_on(session, [notice], recipients[0], now)


def hand_back(session: Session, absent_id: UUID, stand_in_id: UUID, now: datetime) -> None:
    """Give a person who is back early the notices that wait for the stand-in in their place."""
    query = select(Notice).where(IS_PENDING, Notice.recipient_id == stand_in_id)
    waiting = session.exec(query.order_by(col(Notice.fired_at), col(Notice.id))).all()
    tasks = session.exec(select(Task).where(col(Task.id).in_({notice.task_id for notice in waiting}))).all()
    by_id = {task.id: task for task in tasks}
    roster = Roster.for_tasks(session, tasks, local_date(now))

    def recipients(notice: Notice, *roles: str) -> set[UUID]:
        task = by_id[notice.task_id]
        return {recipient.person_id for role in roles for recipient in roster.recipients(role, task)}

    moving = [
        notice
        for notice in waiting
        if absent_id in recipients(notice, notice.role)
        and stand_in_id not in recipients(notice, notice.role, *OF_THE_UNIT)
    ]
    pass_on(session, moving, absent_id, now)


def _already_told(session: Session, notice: Notice, to_id: UUID) -> bool:
    """Return whether the successor has the same notice: its key is unique."""
    return (
        session.exec(
            select(Notice.id).where(
                Notice.task_id == notice.task_id,
                Notice.anchor_id == notice.anchor_id,
                Notice.rung == notice.rung,
                Notice.offset == notice.offset,
                Notice.recipient_id == to_id,
            )
        ).first()
        is not None
    )


def _free_slot(session: Session, notice: Notice, to_id: UUID, now: datetime) -> datetime:
    """Return the notice's slot; now, if the successor's letter of that slot has left, as letters are never reopened."""
    has_left = session.exec(
        select(Letter.id).where(
            Letter.recipient_id == to_id,
            Letter.slot == notice.slot,
            Letter.kind == notice.kind,
            Letter.topic == notice.topic,
            Letter.state != LetterState.QUEUED,
        )
    ).first()
    return now if has_left else notice.slot
