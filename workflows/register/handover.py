"""Handover: a new head, deputy, focal point or officer takes the office and the letters that wait for the old one."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, update
from sqlmodel import Session, and_, col, or_, select

from models.errors import BadInput, Refused
from models.history import History
from models.letter import Letter, LetterState, Notice, NoticeState
from models.localtime import local_date, write_date
from models.person import Person
from models.register_reads import resolve_person, resolve_unit, stand_in_for
from models.task import OPEN_STATUSES, Contribution, Task
from models.template import RecipientRole
from models.unit import Handover, Unit

OFFICES = ("head", "deputy", "focal_point", "officer")
_COLUMN = {"head": "head_id", "deputy": "deputy_id", "focal_point": "focal_point_id"}
_ABOVE = (RecipientRole.COORDINATING, RecipientRole.SUPERVISOR, RecipientRole.PARENT_ORGANISATION)


def hand_over(
    session: Session,
    *,
    unit_code: str,
    office: str,
    to_code: str,
    from_code: str | None = None,
    effective_on: date,
    now: datetime,
    actor_id: UUID | None = None,
) -> Handover:
    """Gives an office of a unit to another person, from a local day that is today or earlier.

    An officer hands over their open tasks of the unit, so `from_code` is needed there; elsewhere it is checked.
    Raises BadInput for an unknown office, person or unit, Refused when it does not fit what is recorded.
    """
    if office not in OFFICES:
        raise BadInput("office {office}: right would be one of {allowed}", office=office, allowed=", ".join(OFFICES))
    unit, to = resolve_unit(session, unit_code), resolve_person(session, to_code)
    old = resolve_person(session, from_code) if from_code else None
    _check(unit, office, old, to, effective_on, now)
    if office == "officer":
        assert old is not None
        _hand_over_tasks(session, unit, old, to, effective_on, now, actor_id)
        old_id: UUID | None = old.id
    else:
        old_id = getattr(unit, _COLUMN[office])
        setattr(unit, _COLUMN[office], to.id)
        session.add(unit)
    session.flush()
    return record_handover(
        session, unit_id=unit.id, office=office, from_id=old_id, to_id=to.id, effective_on=effective_on, now=now
    )


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
        held: UUID | None = old.id
    else:
        held = getattr(unit, _COLUMN[office])
        if old is not None and held != old.id:
            raise Refused("{person} is not the {office} of {unit}", person=old.code, office=office, unit=unit.code)
    if held == to.id:
        raise Refused("{person} is the {office} of {unit} already", person=to.code, office=office, unit=unit.code)


def _hand_over_tasks(
    session: Session, unit: Unit, old: Person, to: Person, effective_on: date, now: datetime, actor_id: UUID | None
) -> None:
    mine = and_(col(Task.lead_unit_id) == unit.id, col(Task.officer_id) == old.id, col(Task.status).in_(OPEN_STATUSES))
    tasks = session.exec(select(Task.id, Task.directive_id).where(mine)).all()
    session.execute(update(Task).where(mine).values(officer_id=to.id, revision=Task.revision + 1))
    facts = {"office": "officer", "from": str(old.id), "to": str(to.id)}
    for task_id, directive_id in tasks:
        session.add(
            History(
                recorded_at=now,
                occurred_on=effective_on,
                directive_id=directive_id,
                task_id=task_id,
                event="handed_over",
                actor_id=actor_id,
                relation="system",
                facts=facts,
            )
        )


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
    """Writes the handover of an office that has changed hands and moves the notices that wait for the old holder."""
    handover = Handover(
        unit_id=unit_id,
        office=office,
        from_person_id=from_id,
        to_person_id=to_id,
        effective_on=effective_on,
        recorded_at=now,
    )
    session.add(handover)
    if from_id is not None:
        _move_notices(session, unit_id, office, from_id, to_id, now)
    session.flush()
    return handover


def _move_notices(session: Session, unit_id: UUID, office: str, from_id: UUID, to_id: UUID, now: datetime) -> None:
    """Letters on their way (claimed, uncertain) are left alone; queued ones lose the notice and are made anew."""
    stand_in = stand_in_for(session, from_id, local_date(now))
    # whoever stands in for the old holder acts for them, not for the new one
    old_ids = [from_id, *([stand_in.id] if stand_in else [])]
    scope = and_(Notice.role == office, Task.lead_unit_id == unit_id)
    if office == "head":
        scope = or_(scope, _as_head_above(session, unit_id, from_id))
    notices = session.exec(
        select(Notice)
        .join(Task, col(Task.id) == Notice.task_id)
        .outerjoin(Letter, col(Letter.id) == Notice.letter_id)
        .where(Notice.state == NoticeState.PENDING, col(Notice.recipient_id).in_(old_ids), scope)
        .where(or_(col(Notice.letter_id).is_(None), Letter.state == LetterState.QUEUED))
        .order_by(col(Notice.fired_at), col(Notice.id))
    ).all()
    letters = {notice.letter_id for notice in notices if notice.letter_id}
    for notice in notices:
        if _already_told(session, notice, to_id):
            notice.state, notice.reason = (NoticeState.DROPPED, "handover: the successor is told already")
        else:
            notice.recipient_id, notice.slot = (to_id, _free_slot(session, notice, to_id, now))
        notice.letter_id = None
        session.add(notice)
        session.flush()
    _empty_letters(session, letters)


def _as_head_above(session: Session, unit_id: UUID, from_id: UUID) -> ColumnElement[bool]:
    """Notices to the old head as supervisor, parent or partner; only this unit's, if they still head another."""
    above = col(Notice.role).in_(_ABOVE)
    heads_another = session.exec(select(Unit.id).where(Unit.head_id == from_id, Unit.id != unit_id)).first()
    if heads_another is None:
        return above
    below = select(Unit.id).where(or_(Unit.supervising_unit_id == unit_id, Unit.parent_id == unit_id))
    partner = select(Contribution.task_id).where(Contribution.unit_id == unit_id)
    return and_(
        above,
        or_(
            and_(Notice.role == RecipientRole.COORDINATING, col(Notice.task_id).in_(partner)),
            and_(Notice.role != RecipientRole.COORDINATING, col(Task.lead_unit_id).in_(below)),
            and_(Notice.role != RecipientRole.COORDINATING, Task.assigner_unit_id == unit_id),
        ),
    )


def _already_told(session: Session, notice: Notice, to_id: UUID) -> bool:
    """The unique key of notices is taken by the successor's own."""
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
    """The notice's slot, unless the successor's letter of that slot has left: a letter is never reopened."""
    taken = session.exec(
        select(Letter.id).where(
            Letter.recipient_id == to_id,
            Letter.slot == notice.slot,
            Letter.kind == notice.kind,
            Letter.topic == notice.topic,
            Letter.state != LetterState.QUEUED,
        )
    ).first()
    return now if taken else notice.slot


def _empty_letters(session: Session, letter_ids: set[UUID]) -> None:
    """A queued letter that lost its last notice must not leave: its reader has handed over."""
    waiting = exists().where(col(Notice.letter_id) == Letter.id, col(Notice.state) == NoticeState.PENDING)
    session.execute(
        update(Letter)
        .where(col(Letter.id).in_(letter_ids), col(Letter.state) == LetterState.QUEUED, ~waiting)
        .values(state=LetterState.EMPTY, error="handover")
    )


def retire_person(session: Session, code: str, now: datetime) -> Person:
    """They act no more and get no letter. Refused while they head an active unit. Repeating it changes nothing."""
    person = resolve_person(session, code)
    headed = session.exec(select(Unit.code).where(Unit.head_id == person.id, Unit.is_active).order_by(Unit.code)).all()
    if headed:
        raise Refused("{person} still heads {units}: hand over first", person=person.code, units=", ".join(headed))
    person.is_active = False
    session.add(person)
    session.flush()
    return person
