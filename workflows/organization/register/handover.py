"""Hand an office over: a new head, deputy, focal point or officer also gets the letters that wait for the old one."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, update
from sqlmodel import Session, and_, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from models.database.ids import new_id
from models.database.session import hold_table
from models.errors import BadInput, Refused
from models.i18n import Words
from models.letters.letter import (
    IS_PENDING,
    LETTER_RUNGS,
    MAY_LEAVE,
    TO_SEND,
    Letter,
    LetterKind,
    LetterState,
    Notice,
    NoticeState,
)
from models.organization.person import Person
from models.organization.register_reads import resolve_person, resolve_unit, stand_in_for
from models.organization.unit import Handover, Unit
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import local_date, write_date
from models.words import OFFICE_WORDS
from workflows.access.audit_log import AuditActor
from workflows.access.conflict import CHANGED, Conflict
from workflows.access.relations import speaks_for
from workflows.access.roster import Roster
from workflows.history.record import record_many
from workflows.organization.register.passing_on import pass_on
from workflows.organization.register.turns import hold_register

OFFICES = ("head", "deputy", "focal_point", "officer")
_COLUMN = {"head": "head_id", "deputy": "deputy_id", "focal_point": "focal_point_id"}
_CLOCKS_APART = timedelta(days=1)
"""More than the difference between the clocks of two machines."""


def hand_over(
    session: Session,
    *,
    unit_code: str,
    office: str,
    to_code: str,
    from_code: str | None = None,
    effective_on: date,
    now: datetime,
    audit_actor: AuditActor | None = None,
    seen: str | None = None,
) -> Handover:
    """Give an office of a unit to another person, from a local day that is today or earlier.

    An officer hands over their open tasks of the unit, so `from_code` is needed there; elsewhere it is checked.
    Raises BadInput for an unknown office, person or unit, Refused when it does not fit what is recorded. Without
    `audit_actor`, the audit names the command line or the system. `seen` as in `refuse_other_holder`.
    """
    if office not in OFFICES:
        raise BadInput("office {office}: expected one of {allowed}", office=office, allowed=", ".join(OFFICES))
    hold_register(session)
    audit_actor = audit_actor or AuditActor(now)
    unit, to = resolve_unit(session, unit_code), resolve_person(session, to_code)
    old = resolve_person(session, from_code) if from_code else None
    if office != "officer":
        refuse_other_holder(session, unit, office, seen)
    _check(unit, office, old, to, effective_on, now)
    if office == "officer":
        assert old is not None
        _hand_over_tasks(session, unit, old, to, effective_on, now, audit_actor.actor_id)
        old_id: UUID | None = old.id
    else:
        old_id = getattr(unit, _COLUMN[office])
        setattr(unit, _COLUMN[office], to.id)
        session.add(unit)
    session.flush()
    facts = {"office": office, "from": str(old_id) if old_id else None, "to": to.code, "on": str(effective_on)}
    audit_actor.note(session, "office_handed_over", unit.code, facts)
    return record_handover(
        session, unit_id=unit.id, office=office, from_id=old_id, to_id=to.id, effective_on=effective_on, now=now
    )


def refuse_other_holder(session: Session, unit: Unit, office: str, seen: str | None) -> None:
    """Raise Conflict where an office has another holder than `seen`, the code that the page showed.

    It is "" for nobody. With None nothing is checked.
    """
    if seen is None:
        return
    holder = select(Person.code).join(Unit, col(Person.id) == getattr(Unit, _COLUMN[office]))
    # read anew, because `unit` may have been read before the register was locked
    code = session.exec(holder.where(Unit.id == unit.id)).first()
    if (code or "") != seen:
        raise Conflict(CHANGED, what=Words("{office} of {unit}", office=OFFICE_WORDS[office], unit=unit.name))


def _check(unit: Unit, office: str, old: Person | None, to: Person, effective_on: date, now: datetime) -> None:
    if effective_on > local_date(now):
        raise Refused(
            "handover on {day}: that day has not come; record it on the day itself", day=write_date(effective_on)
        )
    if not to.is_active:
        raise Refused("{person} is not active and can take over no office", person=to.code)
    if office == "officer":
        if old is None:
            raise BadInput("handover of an officer: name the person whose tasks are handed over")
        if to.unit_id != unit.id:
            raise BadInput("{person} does not belong to {unit}; an officer must", person=to.code, unit=unit.code)
        holder_id: UUID | None = old.id
    else:
        holder_id = getattr(unit, _COLUMN[office])
        if old is not None and holder_id != old.id:
            raise Refused(
                "{person} is not the {office} of {unit}", person=old.code, office=OFFICE_WORDS[office], unit=unit.code
            )
    if holder_id == to.id:
        raise Refused(
            "{person} is the {office} of {unit} already", person=to.code, office=OFFICE_WORDS[office], unit=unit.code
        )


def _hand_over_tasks(
    session: Session, unit: Unit, old: Person, to: Person, effective_on: date, now: datetime, actor_id: UUID | None
) -> None:
    is_officers = and_(
        col(Task.lead_unit_id) == unit.id, col(Task.officer_id) == old.id, col(Task.status).in_(OPEN_STATUSES)
    )
    facts = {"office": "officer", "from": str(old.id), "to": str(to.id)}
    constant = {"event": "handed_over", "recorded_at": now, "occurred_on": effective_on, "actor_id": actor_id}
    _change_person(session, is_officers, {"officer_id": to.id}, facts, constant)


def _hand_over_followed(
    session: Session, unit_id: UUID, from_id: UUID, to_id: UUID, effective_on: date, now: datetime
) -> None:
    """Give the successor the tasks that the old holder followed up only because of the office."""
    if speaks_for(session, from_id, unit_id):
        return
    is_followed = and_(
        col(Task.assigner_unit_id) == unit_id, col(Task.coordinator_id) == from_id, col(Task.status).in_(OPEN_STATUSES)
    )
    constant = {"event": "coordinator_changed", "recorded_at": now, "occurred_on": effective_on, "actor_id": None}
    _change_person(session, is_followed, {"coordinator_id": to_id}, {"from": from_id.hex, "to": to_id.hex}, constant)


def _change_person(
    session: Session, condition: Any, values: dict[str, UUID], facts: dict[str, str], constant: dict[str, Any]
) -> None:
    """Change a person of the tasks that fulfil the condition, and record it in their history."""
    tasks = session.exec(select(Task.id, Task.directive_id).where(condition)).all()
    session.execute(update(Task).where(condition).values(**values, revision=Task.revision + 1))
    for task_id, directive_id in tasks:
        row = {"id": new_id(), "task_id": task_id, "facts": facts}
        record_many(session, [row], constant | {"directive_id": directive_id, "relation": "system"})


def record_handover(
    session: Session,
    *,
    unit_id: UUID,
    office: str,
    from_id: UUID | None,
    to_id: UUID,
    effective_on: date,
    now: datetime,
) -> Handover:
    """Record the handover of an office, and move the notices that wait for the old holder."""
    handover = Handover(
        unit_id=unit_id,
        office=office,
        from_person_id=from_id,
        to_person_id=to_id,
        effective_on=effective_on,
        recorded_at=now,
    )
    session.add(handover)
    if from_id is not None and office != "officer":
        _hand_over_followed(session, unit_id, from_id, to_id, effective_on, now)
    if from_id is not None:
        _move_notices(session, unit_id, office, from_id, to_id, now)
    session.flush()
    return handover


def follow_handovers(session: Session, *, now: datetime) -> None:
    """Readdress letters to a former holder of an office to the successor, if their delivery must be repeated.

    Call it before letters leave. An officer's letters stay, as each task names its own officer.
    """
    retried = select(func.min(Letter.slot)).where(MAY_LEAVE, col(Letter.kind).in_(LetterKind), Letter.attempts > 0)
    oldest = session.exec(retried).one()
    if oldest is None:
        return
    recent = select(Handover).where(Handover.recorded_at > oldest - _CLOCKS_APART, col(Handover.office).in_(_COLUMN))
    for handover in session.exec(recent.order_by(col(Handover.recorded_at), col(Handover.id))).all():
        unit_id, office, former_id = handover.unit_id, handover.office, handover.from_person_id
        holder_id = getattr(session.get_one(Unit, unit_id), _COLUMN[office])
        if former_id is None or holder_id is None or holder_id == former_id:
            continue
        if _has_pending_notices(session, former_id, local_date(now)):
            _move_notices(session, unit_id, office, former_id, holder_id, now)


def _has_pending_notices(session: Session, person_id: UUID, today: date) -> bool:
    people = _readers(session, person_id, today)
    return session.exec(select(Notice.id).where(IS_PENDING, col(Notice.recipient_id).in_(people))).first() is not None


def _readers(session: Session, person_id: UUID, today: date) -> list[UUID]:
    """Return the person and their stand-in of that day."""
    stand_in = stand_in_for(session, person_id, today)
    return [person_id, *([stand_in.id] if stand_in else [])]


def _move_notices(session: Session, unit_id: UUID, office: str, from_id: UUID, to_id: UUID, now: datetime) -> None:
    """Move the notices that wait for the old holder. Letters on their way (marked, uncertain) keep theirs."""
    today = local_date(now)
    # the lock keeps other processes from putting notices into letters meanwhile
    hold_table(session, "notice", mode="EXCLUSIVE")
    stand_in = stand_in_for(session, to_id, today)
    receiver_id = stand_in.id if stand_in else to_id
    moving = _waiting_notices(session, unit_id, office, from_id, today)
    if office in ("head", "deputy"):
        moving += _notices_from_above(session, from_id, receiver_id, today)
    letters = {notice.letter_id for notice in moving if notice.letter_id}
    pass_on(session, moving, receiver_id, now)
    _empty_letters(session, letters)


def _pending(session: Session, person_id: UUID, today: date) -> SelectOfScalar[Notice]:
    """Select the notices that wait for a person or for their stand-in, who acts in the person's place."""
    people = _readers(session, person_id, today)
    return (
        select(Notice)
        .join(Task, col(Task.id) == Notice.task_id)
        .where(col(Notice.recipient_id).in_(people))
        .where(IS_PENDING)
        .where(or_(col(Notice.letter_id).is_(None), col(Notice.letter_id).in_(_held_letters(session, people))))
        .order_by(col(Notice.fired_at), col(Notice.id))
    )


def _held_letters(session: Session, people: list[UUID]) -> Sequence[UUID]:
    """Lock the queued letters of these people until the commit, but for letters that are being marked."""
    queued = select(Letter.id).where(TO_SEND, Letter.state == LetterState.QUEUED, col(Letter.recipient_id).in_(people))
    return session.exec(queued.order_by(col(Letter.id)).with_for_update(skip_locked=True)).all()


def _waiting_notices(session: Session, unit_id: UUID, office: str, from_id: UUID, today: date) -> list[Notice]:
    """Return notices to the office about the unit's own tasks, without those in place of an unreachable person."""
    is_own = or_(col(Notice.undeliverable).is_(None), col(Notice.rung).in_(LETTER_RUNGS))
    pending = _pending(session, from_id, today)
    return list(session.exec(pending.where(Notice.role == office, Task.lead_unit_id == unit_id, is_own)).all())


def _notices_from_above(session: Session, from_id: UUID, receiver_id: UUID, today: date) -> list[Notice]:
    """Return notices to the old holder as supervisor, parent, partner or decider that now go to the new one.

    A person may head two units: the roster knows for which of them each notice was.
    """
    notices = session.exec(_pending(session, from_id, today).where(col(Notice.role).not_in(OFFICES))).all()
    ids = {notice.task_id for notice in notices}
    tasks = {task.id: task for task in session.exec(select(Task).where(col(Task.id).in_(ids)))}
    roster = Roster.for_tasks(session, list(tasks.values()), today)
    moving = []
    for notice in notices:
        recipients = {recipient.person_id for recipient in roster.recipients(notice.role, tasks[notice.task_id])}
        if receiver_id in recipients and notice.recipient_id not in recipients:
            moving.append(notice)
    return moving


def _empty_letters(session: Session, letter_ids: set[UUID]) -> None:
    """Mark queued letters that have lost their last notice as empty, so that they do not leave."""
    has_notices = exists().where(col(Notice.letter_id) == Letter.id, col(Notice.state) == NoticeState.PENDING)
    session.execute(
        update(Letter)
        .where(col(Letter.id).in_(letter_ids), col(Letter.state) == LetterState.QUEUED, ~has_notices)
        .values(state=LetterState.EMPTY, error="handover")
    )
