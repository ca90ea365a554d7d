"""Lists of units and people: searched, filtered, and sorted by the Vietnamese alphabet."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.database.paging import Paging
from models.organization.person import Person, PersonRole, Role
from models.organization.unit import Unit, UnitAlias, UnitKind, UnitTag
from models.text.vietnamese import fold


class UnitState(StrEnum):
    ACTIVE = "active"
    NO_HEAD = "no-head"  # active and inside, but without a head
    RETIRED = "retired"
    ALL = "all"


class PersonState(StrEnum):
    ACTIVE = "active"
    NO_ADDRESS = "no-address"
    REFUSED = "refused"  # a mail server refused their address permanently
    RETIRED = "retired"
    ALL = "all"


@dataclass(frozen=True)
class ListPart:
    """The part of a list: by name, or in the order of creation, which can begin `after` a row (ids follow time)."""

    most: int | None = None
    offset: int = 0
    after: UUID | None = None
    in_order_of_coming: bool = False

    def of(self, query: Any, table: type[Unit] | type[Person]) -> Any:
        order = (col(table.id),) if self.in_order_of_coming else (col(table.sort_key), col(table.code))
        if self.after is not None:
            query = query.where(col(table.id) > self.after)
        return query.order_by(*order).limit(self.most).offset(self.offset)


WHOLE = ListPart()


@dataclass(frozen=True)
class UnitLine:
    unit: Unit
    parent: Unit | None
    supervisor: Unit | None
    head: Person | None
    deputy: Person | None
    focal_point: Person | None
    tags: tuple[str, ...]


@dataclass(frozen=True)
class PersonLine:
    """A person in a list. `roles` are pairs of a role and its unit's code."""

    person: Person
    unit: Unit | None
    roles: tuple[tuple[Role, str], ...]


@dataclass(frozen=True)
class UnitFilter:
    """The filter of a list of units. It ignores marks and case of `text`."""

    text: str = ""
    kind: UnitKind | None = None
    tag: str = ""
    state: UnitState = UnitState.ALL

    def conditions(self) -> list[ColumnElement[bool]]:
        where = [*_unit_text(self.text), *_unit_state(self.state)]
        if self.kind is not None:
            where.append(col(Unit.kind) == self.kind)
        if self.tag:
            where.append(col(Unit.id).in_(select(col(UnitTag.unit_id)).where(col(UnitTag.tag) == self.tag)))
        return where


@dataclass(frozen=True)
class PersonFilter:
    """The filter of a list of people. It ignores marks and case of `text`."""

    text: str = ""
    unit_id: UUID | None = None
    role: Role | None = None
    state: PersonState = PersonState.ALL

    def conditions(self) -> list[ColumnElement[bool]]:
        where = [*_person_text(self.text), *_person_state(self.state)]
        if self.unit_id is not None:
            where.append(col(Person.unit_id) == self.unit_id)
        if self.role is not None:
            holders = select(col(PersonRole.person_id)).where(col(PersonRole.role) == self.role)
            where.append(col(Person.id).in_(holders))
        return where


def list_units(session: Session, wanted: UnitFilter, part: ListPart = WHOLE) -> list[UnitLine]:
    parent, supervisor = aliased(Unit), aliased(Unit)
    head, deputy, focal = aliased(Person), aliased(Person), aliased(Person)
    query: Any = (
        select(Unit, parent, supervisor, head, deputy, focal)
        .outerjoin(parent, col(parent.id) == col(Unit.parent_id))
        .outerjoin(supervisor, col(supervisor.id) == col(Unit.supervising_unit_id))
        .outerjoin(head, col(head.id) == col(Unit.head_id))
        .outerjoin(deputy, col(deputy.id) == col(Unit.deputy_id))
        .outerjoin(focal, col(focal.id) == col(Unit.focal_point_id))
        .where(*wanted.conditions())
    )
    rows = session.execute(part.of(query, Unit)).all()
    tags: dict[UUID, list[str]] = {}
    unit_tags = select(col(UnitTag.unit_id), col(UnitTag.tag)).where(
        col(UnitTag.unit_id).in_([unit.id for unit, *_others in rows])
    )
    for unit_id, tag in session.execute(unit_tags.order_by(col(UnitTag.tag))):
        tags.setdefault(unit_id, []).append(tag)
    return [
        UnitLine(unit, parent_, supervisor_, head_, deputy_, focal_point, tuple(tags.get(unit.id, ())))
        for unit, parent_, supervisor_, head_, deputy_, focal_point in rows
    ]


def list_people(session: Session, wanted: PersonFilter, part: ListPart = WHOLE) -> list[PersonLine]:
    query: Any = select(Person, Unit).outerjoin(Unit, col(Unit.id) == col(Person.unit_id)).where(*wanted.conditions())
    rows = session.execute(part.of(query, Person)).all()
    roles = _roles(session, [person.id for person, _unit in rows])
    return [PersonLine(person, unit, tuple(roles.get(person.id, ()))) for person, unit in rows]


def page_units(session: Session, wanted: UnitFilter, page: int) -> tuple[list[UnitLine], Paging]:
    paging = Paging.of(page, _count(session, select(col(Unit.id)).where(*wanted.conditions())))
    return list_units(session, wanted, ListPart(most=paging.per_page, offset=paging.offset)), paging


def page_people(session: Session, wanted: PersonFilter, page: int) -> tuple[list[PersonLine], Paging]:
    paging = Paging.of(page, _count(session, select(col(Person.id)).where(*wanted.conditions())))
    return list_people(session, wanted, ListPart(most=paging.per_page, offset=paging.offset)), paging


def suggest_units(session: Session, text: str, most: int, *, with_outside: bool) -> list[tuple[str, str]]:
    """Return names and codes of active units: first names that begin with the text, then short names."""
    where = [*_unit_text(text), *_unit_state(UnitState.ACTIVE)]
    if not with_outside:
        where.append(col(Unit.is_outside).is_(False))
    begins = col(Unit.name_folded).startswith(fold(text), autoescape=True)
    query = select(col(Unit.name), col(Unit.code)).where(*where)
    ordered = query.order_by(begins.desc(), func.length(col(Unit.name)), col(Unit.sort_key), col(Unit.code)).limit(most)
    return [(name, code) for name, code in session.execute(ordered)]


def suggest_people(session: Session, text: str, most: int) -> list[tuple[str, str, str]]:
    """Return codes, names and units of active people, sorted by given name."""
    query = (
        select(col(Person.code), col(Person.full_name), func.coalesce(col(Unit.name), ""))
        .outerjoin(Unit, col(Unit.id) == col(Person.unit_id))
        .where(*_person_text(text), *_person_state(PersonState.ACTIVE))
        .order_by(col(Person.sort_key), col(Person.code))
        .limit(most)
    )
    return [(code, name, unit) for code, name, unit in session.execute(query)]


def all_tags(session: Session) -> list[str]:
    return list(session.scalars(select(col(UnitTag.tag)).distinct().order_by(col(UnitTag.tag))))


def _unit_text(text: str) -> list[ColumnElement[bool]]:
    if not (folded := fold(text)):
        return []
    alias = select(col(UnitAlias.unit_id)).where(col(UnitAlias.alias_folded).contains(folded, autoescape=True))
    return [
        or_(
            col(Unit.name_folded).contains(folded, autoescape=True),
            func.lower(col(Unit.code)).contains(folded, autoescape=True),
            col(Unit.id).in_(alias),
        )
    ]


def _person_text(text: str) -> list[ColumnElement[bool]]:
    if not (folded := fold(text)):
        return []
    return [
        or_(
            col(Person.name_folded).contains(folded, autoescape=True),
            func.lower(col(Person.code)).contains(folded, autoescape=True),
            func.lower(col(Person.email)).contains(folded, autoescape=True),
        )
    ]


def _unit_state(state: UnitState) -> list[ColumnElement[bool]]:
    if state is UnitState.ALL:
        return []
    if state is UnitState.RETIRED:
        return [col(Unit.is_active).is_(False)]
    is_active: list[ColumnElement[bool]] = [col(Unit.is_active).is_(True)]
    if state is UnitState.ACTIVE:
        return is_active
    needs_head = col(Unit.kind) != UnitKind.MINISTRY
    return [*is_active, col(Unit.is_outside).is_(False), col(Unit.head_id).is_(None), needs_head]


def _person_state(state: PersonState) -> list[ColumnElement[bool]]:
    if state is PersonState.ALL:
        return []
    if state is PersonState.RETIRED:
        return [col(Person.is_active).is_(False)]
    is_active: list[ColumnElement[bool]] = [col(Person.is_active).is_(True)]
    if state is PersonState.NO_ADDRESS:
        return [*is_active, col(Person.email).is_(None)]
    if state is PersonState.REFUSED:
        return [*is_active, col(Person.email_refused_at).is_not(None)]
    return is_active


def _roles(session: Session, people: list[UUID]) -> dict[UUID, list[tuple[Role, str]]]:
    roles: dict[UUID, list[tuple[Role, str]]] = {}
    query = (
        select(col(PersonRole.person_id), col(PersonRole.role), col(Unit.code))
        .join(Unit, col(Unit.id) == col(PersonRole.unit_id))
        .where(col(PersonRole.person_id).in_(people))
        .order_by(col(PersonRole.role), col(Unit.code))
    )
    for person_id, role, unit in session.execute(query):
        roles.setdefault(person_id, []).append((role, unit))
    return roles


def _count(session: Session, query: Select[*tuple[Any, ...]]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0
