"""Named reads of the register: a unit or person by what users call them, and who stands in on a day."""

import difflib
from collections.abc import Collection, Iterable, Sequence
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

_ABSENCES = (  # asked several times in every tick
    select(Absence.person_id, Absence.stand_in_id)
    .join(Person, col(Absence.stand_in_id) == Person.id)
    .where(col(Absence.starts_on) <= bindparam("day"), col(Absence.ends_on) >= bindparam("day"), Person.is_active)
    .order_by(col(Absence.starts_on))
)


def resolve_person(session: Session, code: str) -> Person:
    """The person with this code, active or not; else the only active one of this name, marks do not matter.

    Raises NotFound with up to three near codes, BadInput where several have the name.
    """
    text = code.strip()
    found = session.exec(select(Person).where(func.lower(Person.code) == text.lower())).first()
    if found is not None:
        return found
    called = select(Person).where(Person.name_folded == fold(text), Person.is_active).order_by(Person.code).limit(5)
    named = session.exec(called).all()
    if len(named) == 1:
        return named[0]
    if named:
        codes = ", ".join(one.code for one in named)
        raise BadInput("several people are called {name}: give one of the codes {codes}", name=text, codes=codes)
    names = {fold(name): person for person, name in session.exec(select(Person.code, Person.full_name))}
    names |= {known.lower(): known for known in names.values()}
    raise NotFound("there is no person {code}{near}", code=code, near=_near(fold(text), names))


def resolve_unit(session: Session, text: str) -> Unit:
    """The unit with this code, name or alias; marks and capitals do not matter. An active one goes first.

    Raises NotFound with up to three near names, BadInput when several units are called so.
    """
    folded = fold(text)
    exact = session.exec(select(Unit).where(Unit.code == text.strip())).first()
    if exact is not None:
        return exact
    called = select(UnitAlias.unit_id).where(UnitAlias.alias_folded == folded)
    found = session.exec(
        select(Unit)
        .where(or_(func.lower(Unit.code) == folded, Unit.name_folded == folded, col(Unit.id).in_(called)))
        .order_by(col(Unit.is_active).desc(), col(Unit.code))
    ).all()
    best = [unit for unit in found if unit.is_active == found[0].is_active]
    if len(best) == 1:
        return best[0]
    if best:
        codes = ", ".join(unit.code for unit in best)
        raise BadInput("several units are called {name}: give one of the codes {codes}", name=text, codes=codes)
    names = {name_folded: name for name_folded, name in session.exec(select(Unit.name_folded, Unit.name))}
    names |= {fold_: alias for fold_, alias in session.exec(select(UnitAlias.alias_folded, UnitAlias.alias))}
    names |= {code.lower(): code for code in session.exec(select(Unit.code))}
    raise NotFound("there is no unit {name}{near}", name=text, near=_near(folded, names))


def unit_names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """By code; what is no code has none. One query."""
    query = select(Unit.code, Unit.name).where(col(Unit.code).in_(codes))
    return dict(session.exec(query).all()) if codes else {}


def people_of(session: Session, unit_id: UUID) -> list[Person]:
    """The active ones, by name."""
    query = select(Person).where(Person.unit_id == unit_id, Person.is_active).order_by(col(Person.sort_key))
    return list(session.exec(query))


def coordinators_of(session: Session, unit_ids: Collection[UUID]) -> list[Person]:
    """The active people who speak for any of these units: heads, deputies in charge, coordinators; by name."""
    in_role = select(PersonRole.person_id).where(
        PersonRole.role == Role.COORDINATOR, col(PersonRole.unit_id).in_(unit_ids)
    )
    heads = [select(one).where(col(Unit.id).in_(unit_ids)) for one in (Unit.head_id, Unit.deputy_id)]
    holds = or_(*(col(Person.id).in_(one) for one in (in_role, *heads)))
    return list(session.exec(select(Person).where(col(Person.is_active), holds).order_by(col(Person.sort_key))))


def units_below(session: Session, unit_id: UUID) -> list[Unit]:
    """The active ones, directly or further down, by name; outside contacts are none."""
    below = select(col(Unit.id)).where(Unit.parent_id == unit_id).cte(recursive=True)
    below = below.union(select(col(Unit.id)).where(col(Unit.parent_id) == below.c.id))
    query = select(Unit).where(col(Unit.id).in_(select(below.c.id)), Unit.is_active, col(Unit.is_outside).is_(False))
    return list(session.exec(query.order_by(col(Unit.sort_key))))


def names_of_leads(session: Session, most: int) -> list[str]:
    """The names of units that may lead a task, in their order."""
    query = select(Unit.name).where(Unit.is_active, col(Unit.is_outside).is_(False)).order_by(col(Unit.sort_key))
    return list(session.exec(query.limit(most)))


def stand_in_for(session: Session, person_id: UUID, on: date) -> Person | None:
    """On a local day; None when they are there, or their stand-in has retired."""
    return session.exec(
        select(Person)
        .join(Absence, col(Absence.stand_in_id) == Person.id)
        .where(Absence.person_id == person_id, Absence.starts_on <= on, Absence.ends_on >= on, Person.is_active)
        .order_by(col(Absence.starts_on).desc())
    ).first()


def absences_on(session: Session, day: date) -> dict[UUID, UUID]:
    """Person → active stand-in, for everyone absent on a local day."""
    return dict(session.exec(_ABSENCES, params={"day": day}).all())


def _near(folded: str, names: dict[str, str] | Iterable[str]) -> str:
    """ " (A, B?)" or nothing: the names that a slip of the hand could have meant."""
    known = names if isinstance(names, dict) else {fold(name): name for name in names}
    found = list(dict.fromkeys(known[key] for key in difflib.get_close_matches(folded, list(known), n=3)))
    return f" ({', '.join(found)}?)" if found else ""


_MOST = 200


@dataclass(frozen=True)
class Away:
    """An absence: of whom, who stands in, the local days, and whether it can still be ended."""

    id: UUID
    person: Person
    stand_in: Person
    starts_on: date
    ends_on: date
    reason: str
    is_over: bool


def absences_of(session: Session, person_id: UUID, today: date) -> Sequence[Away]:
    """Theirs, and those in which they stand in for others: what lies ahead and the last year's, newest first."""
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
        Away(absence.id, who, other, absence.starts_on, absence.ends_on, absence.reason, absence.ends_on < today)
        for absence, who, other in session.execute(query)
    ]


def people_of_units(session: Session, unit_ids: Collection[UUID], most: int) -> list[Person]:
    """The active ones, by name."""
    query = select(Person).where(col(Person.unit_id).in_(unit_ids), Person.is_active)
    return list(session.exec(query.order_by(col(Person.full_name)).limit(most)))


def units_among(session: Session, unit_ids: Collection[UUID]) -> list[Unit]:
    """By name."""
    return list(session.exec(select(Unit).where(col(Unit.id).in_(unit_ids)).order_by(col(Unit.sort_key))))


def names_of_people(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    return dict(session.exec(select(Person.id, Person.full_name).where(col(Person.id).in_(ids))).all())
