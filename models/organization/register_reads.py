"""Queries of the register: units and people by what users call them, and stand-ins on a day."""

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from models.errors import BadInput, NotFound
from models.organization.person import Absence, Person, PersonRole, Role
from models.organization.unit import Unit, UnitAlias
from models.text.vietnamese import fold

_ABSENCES = (  # every tick runs it several times, so it is built only once
    select(Absence.person_id, Absence.stand_in_id)
    .join(Person, col(Absence.stand_in_id) == Person.id)
    .where(col(Absence.starts_on) <= bindparam("day"), col(Absence.ends_on) >= bindparam("day"), Person.is_active)
    .order_by(col(Absence.starts_on))
)


def resolve_person(session: Session, code: str) -> Person:
    """Find the person with this code, active or not; else the only active one of this name, with any marks.

    Raises NotFound with up to three similar codes, and BadInput if several people have the name.
    """
    text = code.strip()
    person = session.exec(select(Person).where(func.lower(Person.code) == text.lower())).first()
    if person is not None:
        return person
    by_name = select(Person).where(Person.name_folded == fold(text), Person.is_active).order_by(Person.code).limit(5)
    people = session.exec(by_name).all()
    if len(people) == 1:
        return people[0]
    if people:
        codes = ", ".join(person.code for person in people)
        raise BadInput("several people are called {name}: give one of the codes {codes}", name=text, codes=codes)
    codes_by_name = {fold(name): person for person, name in session.exec(select(Person.code, Person.full_name))}
    codes_by_name |= {known_code.lower(): known_code for known_code in codes_by_name.values()}
    raise NotFound("there is no person {code}{near}", code=code, near=_suggest(fold(text), codes_by_name))


def resolve_unit(session: Session, text: str) -> Unit:
    """Find the unit with this code, name or alias, with any marks and case. An active unit wins over a retired one.

    Raises NotFound with up to three similar names, and BadInput if several units fit.
    """
    folded = fold(text)
    unit = session.exec(select(Unit).where(Unit.code == text.strip())).first()
    if unit is not None:
        return unit
    by_alias = select(UnitAlias.unit_id).where(UnitAlias.alias_folded == folded)
    units = session.exec(
        select(Unit)
        .where(or_(func.lower(Unit.code) == folded, Unit.name_folded == folded, col(Unit.id).in_(by_alias)))
        .order_by(col(Unit.is_active).desc(), col(Unit.code))
    ).all()
    best = [unit for unit in units if unit.is_active == units[0].is_active]
    if len(best) == 1:
        return best[0]
    if best:
        codes = ", ".join(unit.code for unit in best)
        raise BadInput("several units are called {name}: give one of the codes {codes}", name=text, codes=codes)
    names = {name_folded: name for name_folded, name in session.exec(select(Unit.name_folded, Unit.name))}
    names |= {
        alias_folded: alias for alias_folded, alias in session.exec(select(UnitAlias.alias_folded, UnitAlias.alias))
    }
    names |= {code.lower(): code for code in session.exec(select(Unit.code))}
    raise NotFound("there is no unit {name}{near}", name=text, near=_suggest(folded, names))


def unit_names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Return names by code, without unknown codes."""
    query = select(Unit.code, Unit.name).where(col(Unit.code).in_(codes))
    return dict(session.exec(query).all()) if codes else {}


def people_of(session: Session, unit_id: UUID) -> list[Person]:
    """Return the active people of a unit by name."""
    query = select(Person).where(Person.unit_id == unit_id, Person.is_active).order_by(col(Person.sort_key))
    return list(session.exec(query))


def coordinators_of(session: Session, unit_ids: Collection[UUID]) -> list[Person]:
    """Return the active people who speak for any of these units, by name: heads, deputies, coordinators."""
    coordinators = select(PersonRole.person_id).where(
        PersonRole.role == Role.COORDINATOR, col(PersonRole.unit_id).in_(unit_ids)
    )
    heads = [select(office).where(col(Unit.id).in_(unit_ids)) for office in (Unit.head_id, Unit.deputy_id)]
    speaks = or_(*(col(Person.id).in_(ids) for ids in (coordinators, *heads)))
    return list(session.exec(select(Person).where(col(Person.is_active), speaks).order_by(col(Person.sort_key))))


def units_below(session: Session, unit_id: UUID) -> list[Unit]:
    """Return the active inside units at any level below a unit, by name."""
    below = select(col(Unit.id)).where(Unit.parent_id == unit_id).cte(recursive=True)
    below = below.union(select(col(Unit.id)).where(col(Unit.parent_id) == below.c.id))
    query = select(Unit).where(col(Unit.id).in_(select(below.c.id)), Unit.is_active, col(Unit.is_outside).is_(False))
    return list(session.exec(query.order_by(col(Unit.sort_key))))


def names_of_leads(session: Session, most: int) -> list[str]:
    """Return names of units that may lead a task, in alphabetical order."""
    query = select(Unit.name).where(Unit.is_active, col(Unit.is_outside).is_(False)).order_by(col(Unit.sort_key))
    return list(session.exec(query.limit(most)))


def stand_in_for(session: Session, person_id: UUID, on: date) -> Person | None:
    """Return a person's stand-in on a local day; None if the person is present, or the stand-in has retired."""
    return session.exec(
        select(Person)
        .join(Absence, col(Absence.stand_in_id) == Person.id)
        .where(Absence.person_id == person_id, Absence.starts_on <= on, Absence.ends_on >= on, Person.is_active)
        .order_by(col(Absence.starts_on).desc())
    ).first()


def absences_on(session: Session, day: date) -> dict[UUID, UUID]:
    """Return the active stand-ins by absent person on a local day."""
    return dict(session.exec(_ABSENCES, params={"day": day}).all())


def _suggest(folded: str, names: dict[str, str]) -> str:
    """Return " (A, B?)" with similar names that a typing mistake could have meant, else ""."""
    similar = list(dict.fromkeys(names[key] for key in difflib.get_close_matches(folded, list(names), n=3)))
    return f" ({', '.join(similar)}?)" if similar else ""


_MOST = 200


@dataclass(frozen=True)
class Away:
    """An absence: the person, the stand-in, the local days, and whether they are past."""

    id: UUID
    person: Person
    stand_in: Person
    starts_on: date
    ends_on: date
    reason: str
    is_over: bool


def absences_of(session: Session, person_id: UUID, today: date) -> Sequence[Away]:
    """Return a person's absences and those in which they stand in: future ones and the last year's, newest first."""
    person, stand_in = aliased(Person), aliased(Person)
    query = (
        columns(Absence, person, stand_in)
        .join(person, col(person.id) == col(Absence.person_id))
        .join(stand_in, col(stand_in.id) == col(Absence.stand_in_id))
        .where(
            or_(col(Absence.person_id) == person_id, col(Absence.stand_in_id) == person_id),
            col(Absence.ends_on) >= today - timedelta(days=366),
        )
        .order_by(col(Absence.starts_on).desc())
        .limit(_MOST)
    )
    return [
        Away(absence.id, absent, deputy, absence.starts_on, absence.ends_on, absence.reason, absence.ends_on < today)
        for absence, absent, deputy in session.execute(query)
    ]


def people_of_units(session: Session, unit_ids: Collection[UUID], most: int) -> list[Person]:
    """Return active people of these units by name."""
    query = select(Person).where(col(Person.unit_id).in_(unit_ids), Person.is_active)
    return list(session.exec(query.order_by(col(Person.full_name)).limit(most)))


def units_among(session: Session, unit_ids: Collection[UUID]) -> list[Unit]:
    return list(session.exec(select(Unit).where(col(Unit.id).in_(unit_ids)).order_by(col(Unit.sort_key))))


def names_of_people(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    return dict(session.exec(select(Person.id, Person.full_name).where(col(Person.id).in_(ids))).all())
