"""Lists and opens the letters that a person may see: those about tasks they oversee, all of them for administrators.

Letters with codes or invitations are for their recipients alone. A letter that also names tasks that the person does
not oversee is listed without its words.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple
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
_LISTS = frozenset({LetterKind.DIGEST, LetterKind.SUMMARY})
"""Kinds that list more of the recipient's tasks than they have notices of."""


class LetterFilter(BaseModel):
    """An empty field does not filter. Days are local, both included."""

    model_config = ConfigDict(frozen=True)

    q: str = ""  # in the recipient's name, or their unit's name or code; diacritics do not matter
    directive: str = ""  # a code
    unit: str = ""  # the code of the lead unit of a task that it names
    person: str = ""  # the recipient's code
    task: UUID | None = None
    kind: LetterKind | None = None
    state: LetterState | None = None  # None: all but those that were never written
    first: date | None = None
    last: date | None = None
    sent: date | None = None  # it left on this day, whatever its slot


@dataclass(frozen=True)
class ListedLetter:
    """`rungs` are written as "overdue@4". `subject` is None where the person may not see the letter's words."""

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
    """Letters from the newest on. `older` is the cursor of the next page, None on the last."""

    letters: Sequence[ListedLetter]
    older: str | None


def list_visible_letters(
    session: Session,
    principal: Principal,
    wanted: LetterFilter,
    *,
    cursor: str = "",
    limit: int | None = None,
    with_lists: bool = False,
) -> LetterPage:
    """Read a page of letters in four queries. Raises BadInput for a cursor that this function did not return.

    `with_lists` adds digests and summaries of people who have tasks that the principal oversees.
    """
    limit = limit or PER_PAGE
    conditions = [_is_visible(principal, with_lists=with_lists), *_conditions(principal, wanted)]
    if cursor:
        slot, letter_id = _read_cursor(cursor)
        conditions.append(or_(col(Letter.slot) < slot, and_(col(Letter.slot) == slot, col(Letter.id) < letter_id)))
    query: Any = (
        select(
            *(col(Letter.id), col(Letter.slot), col(Letter.sent_at), col(Letter.kind), col(Letter.state)),
            *(col(Letter.subject), col(Letter.is_drill), col(Letter.recipient_id)),
            *(col(Person.full_name), col(Person.code), col(Unit.name)),
        )
        .join(Person, col(Person.id) == col(Letter.recipient_id))
        .outerjoin(Unit, col(Unit.id) == col(Person.unit_id))
        .where(*conditions)
        .order_by(col(Letter.slot).desc(), col(Letter.id).desc())
        .limit(limit + 1)
    )
    rows = session.execute(query).all()
    shown = rows[:limit]
    withheld = _find_withheld(session, principal, shown)
    rungs = rungs_of(session, [row.id for row in shown])
    letters = [
        ListedLetter(
            id=row.id,
            slot=row.slot,
            sent_at=row.sent_at,
            kind=row.kind,
            state=row.state,
            subject=None if row.id in withheld else row.subject,
            is_drill=row.is_drill,
            recipient=row.full_name,
            recipient_code=row.code,
            unit=row.name,
            rungs=rungs.get(row.id, []),
        )
        for row in shown
    ]
    older = f"{shown[-1].slot.isoformat()}~{shown[-1].id.hex}" if len(rows) > limit else None
    return LetterPage(letters, older)


class OpenedLetter(NamedTuple):
    letter: Letter
    shows_words: bool
    """The person may see its words."""


def open_letter(session: Session, principal: Principal, letter_id: UUID, *, with_lists: bool = False) -> OpenedLetter:
    """Raises NotFound for a letter that the person may not see."""
    is_visible = _is_visible(principal, with_lists=with_lists)
    letter = session.scalars(select(Letter).where(col(Letter.id) == letter_id, is_visible)).first()
    if letter is None:
        raise NotFound("there is no such letter")
    return OpenedLetter(letter, shows_words=not _find_withheld(session, principal, [letter]))


def read_letter_content(session: Session, principal: Principal, letter_id: UUID) -> bytes:
    """Raises Forbidden without the right, NotFound for a letter whose words the person may not see."""
    principal.require(Right.SEE_LETTERS)
    letter, shows_words = open_letter(session, principal, letter_id)
    return need(letter_content(session, letter) if shows_words else None, NotFound("there is no such letter"))


@dataclass(frozen=True)
class LetterNotice:
    """A notice that a letter tells, with its task."""

    task_id: UUID
    directive: str
    path: str
    unit: str
    rung: str
    offset: int
    state: NoticeState
    reason: str


def list_letter_notices(session: Session, principal: Principal, letter_id: UUID) -> list[LetterNotice]:
    """Leave out notices about tasks that the person does not oversee."""
    query: Any = (
        select(
            *(col(Notice.task_id), col(Directive.code), col(Duty.path), col(Unit.name)),
            *(col(Notice.rung), col(Notice.offset), col(Notice.state), col(Notice.reason)),
        )
        .join(Task, col(Task.id) == col(Notice.task_id))
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
        .where(col(Notice.letter_id) == letter_id, overseen_tasks(principal))
        .order_by(col(Unit.sort_key), col(Duty.position), col(Notice.rung), col(Notice.offset))
    )
    return [LetterNotice(*row) for row in session.execute(query)]


def _is_visible(principal: Principal, *, with_lists: bool = False) -> ColumnElement[bool]:
    is_account = col(Letter.kind) == LetterKind.ACCOUNT
    if principal.may(Right.SEE_EVERYTHING):
        return not_(is_account)
    is_overseen: ColumnElement[bool] = exists().where(
        col(Notice.letter_id) == col(Letter.id), col(Task.id) == col(Notice.task_id), overseen_tasks(principal)
    )
    if with_lists:
        is_list = col(Letter.kind).in_(_LISTS) & col(Letter.recipient_id).in_(_overseen_recipients(principal))
        is_overseen = or_(is_overseen, is_list)
    return and_(not_(is_account), is_overseen)


def _overseen_recipients(principal: Principal) -> Any:
    """Return a query of the people whose lists hold tasks that the principal oversees, and of their stand-ins."""
    is_overseen = and_(col(Task.status).in_(OPEN_STATUSES), overseen_tasks(principal))
    heads = select(col(Unit.head_id)).join(Task, col(Task.lead_unit_id) == col(Unit.id)).where(is_overseen)
    officers = select(col(Task.officer_id)).where(is_overseen)
    coordinators = select(col(Task.coordinator_id)).where(is_overseen)
    people = select(heads.union(officers, coordinators).subquery().c[0])
    return people.union(select(col(Absence.stand_in_id)).where(col(Absence.person_id).in_(people)))


def _find_withheld(session: Session, principal: Principal, letters: Sequence[Any]) -> Collection[UUID]:
    """Find letters whose words name tasks that the principal does not oversee, or may name such. Two queries."""
    if principal.may(Right.SEE_EVERYTHING):
        return ()
    is_foreign = not_(overseen_tasks(principal))
    foreign: Any = (
        select(col(Notice.letter_id))
        .join(Task, col(Task.id) == col(Notice.task_id))
        .where(col(Notice.letter_id).in_([letter.id for letter in letters]), is_foreign)
        .distinct()
    )
    letter_ids = set(session.scalars(foreign))
    lists = [letter for letter in letters if letter.kind in _LISTS]
    readers = _readers_of_foreign_tasks(session, {letter.recipient_id for letter in lists}, is_foreign)
    return letter_ids | {letter.id for letter in lists if letter.recipient_id in readers}


def _readers_of_foreign_tasks(session: Session, reader_ids: set[UUID], is_foreign: ColumnElement[bool]) -> set[UUID]:
    """Find the readers whose own tasks, or those of people for whom they stood in on any day, include foreign ones."""
    own: Any = select(col(Person.id).label("reader"), col(Person.id).label("holder"))
    stood_in: Any = select(col(Absence.stand_in_id), col(Absence.person_id))
    holders = (
        own.where(col(Person.id).in_(reader_ids))
        .union(stood_in.where(col(Absence.stand_in_id).in_(reader_ids)))
        .subquery()
    )
    offices = (col(Unit.head_id), col(Unit.deputy_id), col(Unit.focal_point_id))
    is_of_office = or_(*(office == holders.c.holder for office in offices))
    unit_ids = select(col(Unit.id)).where(is_of_office).correlate(holders)
    has_foreign_task = or_(
        exists().where(col(Task.officer_id) == holders.c.holder, is_foreign),
        exists().where(col(Task.coordinator_id) == holders.c.holder, is_foreign),
        exists().where(col(Task.lead_unit_id).in_(unit_ids), is_foreign),
    )
    return set(session.scalars(select(holders.c.reader).where(has_foreign_task)))


def _conditions(principal: Principal, wanted: LetterFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if folded := fold(wanted.q):
        names = (col(Person.name_folded), col(Unit.name_folded), func.lower(col(Unit.code)))
        conditions.append(or_(*(name.contains(folded, autoescape=True) for name in names)))
    if task_conditions := _task_conditions(wanted):
        is_overseen = true() if principal.may(Right.SEE_EVERYTHING) else overseen_tasks(principal)
        is_told = col(Notice.letter_id) == col(Letter.id)
        conditions.append(exists().where(is_told, col(Task.id) == col(Notice.task_id), is_overseen, *task_conditions))
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
        conditions.append(col(Letter.sent_at) >= at_local(wanted.sent, time(0, 0)))
        conditions.append(col(Letter.sent_at) < end_of_day(wanted.sent))
    return conditions


def _task_conditions(wanted: LetterFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.directive:
        directives = select(col(Directive.id)).where(col(Directive.code) == wanted.directive)
        conditions.append(col(Task.directive_id).in_(directives))
    if wanted.unit:
        conditions.append(col(Task.lead_unit_id).in_(select(col(Unit.id)).where(col(Unit.code) == wanted.unit)))
    if wanted.task is not None:
        conditions.append(col(Task.id) == wanted.task)
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
