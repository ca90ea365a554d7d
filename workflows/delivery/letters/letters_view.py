"""The letters that somebody may look at: those about tasks they oversee, all of them for administrators.

A letter with a code or an invitation is nobody's but its recipient's. One that also speaks of tasks that the reader
does not oversee is listed without its words.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select, true
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty
from models.errors import BadInput, NotFound, need
from models.letters.letter import Letter, LetterKind, LetterState, Notice, NoticeState
from models.letters.letter_reads import letter_content, rungs_of
from models.organization.person import Absence, Person
from models.organization.unit import Unit
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import at_local, end_of_day
from models.text.vietnamese import fold
from workflows.access.rights import Principal, overseen_tasks
from workflows.rules.rights_table import Right

PER_PAGE = 50
_OF_EVERYTHING = frozenset({LetterKind.DIGEST, LetterKind.SUMMARY})
"""Kinds that list more of the recipient's tasks than they have notices of."""


class LetterFilter(BaseModel):
    """What is looked for; an empty field asks for nothing. Days are local, both included."""

    model_config = ConfigDict(frozen=True)

    q: str = ""  # in the recipient's name, or their unit's name or code; marks do not matter
    directive: str = ""  # a code
    unit: str = ""  # the code of the lead unit of a task it speaks of
    person: str = ""  # the recipient's code
    task: UUID | None = None
    kind: LetterKind | None = None
    state: LetterState | None = None  # without one: all but those that were never written
    first: date | None = None
    last: date | None = None
    sent: date | None = None  # left on this day, whatever day it was for


@dataclass(frozen=True)
class SeenLetter:
    """One letter of a list. `rungs` as "overdue@4"; `subject` None where its words are not the reader's to see."""

    id: UUID
    slot: datetime
    sent_at: datetime | None
    kind: LetterKind
    state: LetterState
    subject: str | None
    is_drill: bool
    recipient: str
    recipient_code: str
    unit: str | None
    rungs: Sequence[str]


@dataclass(frozen=True)
class LetterPage:
    """The newest first; `older` is the cursor of the next page, None on the last."""

    letters: Sequence[SeenLetter]
    older: str | None


def list_seen(
    session: Session,
    principal: Principal,
    wanted: LetterFilter,
    *,
    cursor: str = "",
    limit: int | None = None,
    with_lists: bool = False,
) -> LetterPage:
    """Four queries, whatever there is. BadInput for a cursor that is none of ours.

    `with_lists`: also those that the clock opened for people who now have tasks which the reader oversees.
    """
    limit = limit or PER_PAGE
    conditions = [_is_seen(principal, with_lists=with_lists), *_wanted(principal, wanted)]
    if cursor:
        slot, letter_id = _read_cursor(cursor)
        conditions.append(or_(col(Letter.slot) < slot, and_(col(Letter.slot) == slot, col(Letter.id) < letter_id)))
    query: Any = select(
        *(col(Letter.id), col(Letter.slot), col(Letter.sent_at), col(Letter.kind), col(Letter.state)),
        *(col(Letter.subject), col(Letter.is_drill), col(Letter.recipient_id)),
        *(col(Person.full_name), col(Person.code), col(Unit.name)),
    )
    query = query.join(Person, col(Person.id) == col(Letter.recipient_id))
    query = query.outerjoin(Unit, col(Unit.id) == col(Person.unit_id)).where(*conditions)
    query = query.order_by(col(Letter.slot).desc(), col(Letter.id).desc()).limit(limit + 1)
    rows = session.execute(query).all()
    shown = rows[:limit]
    withheld = _withheld(session, principal, {row.id: (row.kind, row.recipient_id) for row in shown})
    rungs = rungs_of(session, [row.id for row in shown])
    letters = [
        SeenLetter(
            row.id,
            row.slot,
            row.sent_at,
            row.kind,
            row.state,
            None if row.id in withheld else row.subject,
            row.is_drill,
            row.full_name,
            row.code,
            row.name,
            rungs.get(row.id, []),
        )
        for row in shown
    ]
    older = f"{shown[-1].slot.isoformat()}~{shown[-1].id.hex}" if len(rows) > limit else None
    return LetterPage(letters, older)


def open_seen(
    session: Session, principal: Principal, letter_id: UUID, *, with_lists: bool = False
) -> tuple[Letter, bool]:
    """With whether its words are the reader's to see. NotFound for one they have nothing to do with."""
    is_seen = _is_seen(principal, with_lists=with_lists)
    letter = session.scalars(select(Letter).where(col(Letter.id) == letter_id, is_seen)).first()
    if letter is None:
        raise NotFound("there is no such letter")
    return letter, not _withheld(session, principal, {letter.id: (letter.kind, letter.recipient_id)})


def seen_content(session: Session, principal: Principal, letter_id: UUID) -> bytes:
    """Only of a letter whose words are the reader's to see: else Forbidden, or NotFound."""
    principal.require(Right.SEE_LETTERS)
    letter, is_whole = open_seen(session, principal, letter_id)
    return need(letter_content(session, letter) if is_whole else None, NotFound("there is no such letter"))


@dataclass(frozen=True)
class Spoken:
    """One thing a letter tells: the task it is about, as the reader oversees it, and what became of the notice."""

    task_id: UUID
    directive: str
    path: str
    unit: str
    rung: str
    offset: int
    state: NoticeState
    reason: str


def spoken_of(session: Session, principal: Principal, letter_id: UUID) -> list[Spoken]:
    """As far as the reader oversees the tasks."""
    query: Any = select(
        *(col(Notice.task_id), col(Directive.code), col(Duty.path), col(Unit.name)),
        *(col(Notice.rung), col(Notice.offset), col(Notice.state), col(Notice.reason)),
    )
    query = (
        query.join(Task, col(Task.id) == col(Notice.task_id))
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
        .where(col(Notice.letter_id) == letter_id, overseen_tasks(principal))
        .order_by(col(Unit.sort_key), col(Duty.position), col(Notice.rung), col(Notice.offset))
    )
    return [Spoken(*row) for row in session.execute(query)]


def _is_seen(principal: Principal, *, with_lists: bool = False) -> ColumnElement[bool]:
    is_account = col(Letter.kind) == LetterKind.ACCOUNT
    if principal.may(Right.SEE_EVERYTHING):
        return not_(is_account)
    told: ColumnElement[bool] = exists().where(
        col(Notice.letter_id) == col(Letter.id), col(Task.id) == col(Notice.task_id), overseen_tasks(principal)
    )
    if with_lists:
        told = or_(told, and_(col(Letter.kind).in_(_OF_EVERYTHING), col(Letter.recipient_id).in_(_listed(principal))))
    return and_(not_(is_account), told)


def _listed(principal: Principal) -> Any:
    """The people whose lists hold tasks that somebody oversees, and those who stand in for them."""
    theirs = and_(col(Task.status).in_(OPEN_STATUSES), overseen_tasks(principal))
    heads = select(col(Unit.head_id)).join(Task, col(Task.lead_unit_id) == col(Unit.id)).where(theirs)
    holders = heads.union(select(col(Task.officer_id)).where(theirs), select(col(Task.coordinator_id)).where(theirs))
    people = select(holders.subquery().c[0])
    return people.union(select(col(Absence.stand_in_id)).where(col(Absence.person_id).in_(people)))


def _withheld(
    session: Session, principal: Principal, letters: Mapping[UUID, tuple[LetterKind, UUID]]
) -> Collection[UUID]:
    """Letters that speak of tasks the reader does not oversee, or may do so. Two queries."""
    if principal.may(Right.SEE_EVERYTHING):
        return ()
    others = not_(overseen_tasks(principal))
    told: Any = (
        select(col(Notice.letter_id))
        .join(Task, col(Task.id) == col(Notice.task_id))
        .where(col(Notice.letter_id).in_(list(letters)), others)
        .distinct()
    )
    found = set(session.scalars(told))
    listing = {recipient for kind, recipient in letters.values() if kind in _OF_EVERYTHING}
    # a list holds what its reader stood in for as well; of whichever days, so that a letter that left late is no gap
    own: Any = select(col(Person.id).label("reader"), col(Person.id).label("holder"))
    stood_in: Any = select(col(Absence.stand_in_id), col(Absence.person_id))
    pairs = own.where(col(Person.id).in_(listing)).union(stood_in.where(col(Absence.stand_in_id).in_(listing)))
    of = pairs.subquery()
    offices = (col(Unit.head_id), col(Unit.deputy_id), col(Unit.focal_point_id))
    units = select(col(Unit.id)).where(or_(*(one == of.c.holder for one in offices))).correlate(of)
    theirs = (
        exists().where(col(Task.officer_id) == of.c.holder, others),
        exists().where(col(Task.coordinator_id) == of.c.holder, others),
        exists().where(col(Task.lead_unit_id).in_(units), others),
    )
    elsewhere = set(session.scalars(select(of.c.reader).where(or_(*theirs))))
    return found | {one for one, (kind, who) in letters.items() if kind in _OF_EVERYTHING and who in elsewhere}


def _wanted(principal: Principal, wanted: LetterFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if folded := fold(wanted.q):
        named = (col(Person.name_folded), col(Unit.name_folded), func.lower(col(Unit.code)))
        conditions.append(or_(*(name.contains(folded, autoescape=True) for name in named)))
    about: list[ColumnElement[bool]] = []
    if wanted.directive:
        code = select(col(Directive.id)).where(col(Directive.code) == wanted.directive)
        about.append(col(Task.directive_id).in_(code))
    if wanted.unit:
        about.append(col(Task.lead_unit_id).in_(select(col(Unit.id)).where(col(Unit.code) == wanted.unit)))
    if wanted.task is not None:
        about.append(col(Task.id) == wanted.task)
    if about:
        overseen = true() if principal.may(Right.SEE_EVERYTHING) else overseen_tasks(principal)
        conditions.append(
            exists().where(
                col(Notice.letter_id) == col(Letter.id), col(Task.id) == col(Notice.task_id), overseen, *about
            )
        )
    if wanted.person:
        conditions.append(col(Person.code) == wanted.person)
    if wanted.kind is not None:
        conditions.append(col(Letter.kind) == wanted.kind)
    state = col(Letter.state)
    conditions.append(state == wanted.state if wanted.state is not None else state != LetterState.EMPTY)
    if wanted.first is not None:
        conditions.append(col(Letter.slot) >= at_local(wanted.first, time(0, 0)))
    if wanted.last is not None:
        conditions.append(col(Letter.slot) < end_of_day(wanted.last))
    if wanted.sent is not None:
        conditions += [col(Letter.sent_at) >= at_local(wanted.sent, time(0, 0))]
        conditions += [col(Letter.sent_at) < end_of_day(wanted.sent)]
    return conditions


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    slot, _tilde, letter_id = cursor.partition("~")
    try:
        moment = datetime.fromisoformat(slot)
        if moment.tzinfo is None:
            raise ValueError(slot)
        return moment.astimezone(UTC), UUID(letter_id)
    except (ValueError, OverflowError) as error:
        raise BadInput("older {cursor}: take the address of the link to older letters", cursor=cursor) from error
