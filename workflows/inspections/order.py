"""What a plan of an inspection says, and what may be wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from models.directives.directive import Directive
from models.directives.template import AudienceRule, Selector
from models.errors import BadInput, BadRows
from models.i18n import _
from models.organization.person import Person
from models.organization.unit import Unit, UnitKind
from models.text.localtime import write_date
from workflows.launch.coverage import load_register
from workflows.rules.secrecy import stamped_secrecy
from workflows.templates.template_check import refuse_classified, sensitive_phrase

MOST_ITEMS = 100
_LONGEST = {"title": 300, "number": 64, "question": 1000}


@dataclass(frozen=True)
class OrderedQuestion:
    """One line of the checklist: a duty of the directive by its path, or words of the team's own."""

    text: str
    duty: str | None = None


@dataclass(frozen=True)
class InspectionOrder:
    """`visits`: the local day of each unit."""

    title: str
    starts_on: date
    ends_on: date
    lead_id: UUID
    visits: Mapping[UUID, date]
    questions: Sequence[OrderedQuestion]
    member_ids: Sequence[UUID] = field(default_factory=tuple)
    decision_number: str = ""
    decision_on: date | None = None
    override: bool = False
    reason: str = ""


def choose_units(
    session: Session, *, kinds: Sequence[UnitKind] = (), tags: Sequence[str] = (), names: Sequence[str] = ()
) -> list[Unit]:
    """Return the units of these kinds and tags (both, where both are given), and those named; retired and outside ones
    never.

    BadInput names what no unit is called.
    """
    of_kinds: list[UnitKind | None] = list(kinds) or [None]
    of_tags: list[tuple[str, ...]] = [(tag,) for tag in tags] or [()]
    any_of = [Selector(kind=kind, tags=tag) for kind in of_kinds for tag in of_tags if kind or tag]
    if names:
        any_of.append(Selector(named=tuple(names)))
    if not any_of:
        return []
    found = load_register(session).resolve(AudienceRule(any=tuple(any_of)))
    missing = [one for one in found.unmatched if isinstance(one, str)]
    if missing:
        raise BadInput("units: no unit is called {names}", names=missing)
    ids = [unit.id for unit in found.units if not unit.is_outside]
    return list(
        session.exec(select(Unit).where(col(Unit.id).in_(ids)).order_by(col(Unit.sort_key), col(Unit.code))).all()
    )


def check_order(session: Session, order: InspectionOrder, document_unit: UUID, today: date) -> None:
    """Refused for words under a stamp of secrecy; BadInput, or BadRows of several, for what was filled in."""
    refuse_classified(stamped_secrecy("\n".join([order.title, *(one.text for one in order.questions)])))
    faults = [*_words(order), *_days(order, today), *_people_and_units(session, order, document_unit)]
    if faults:
        raise faults[0] if len(faults) == 1 else BadRows(_("the plan of the inspection"), faults)


def _words(order: InspectionOrder) -> Iterator[BadInput]:
    if not order.title.strip():
        yield BadInput("{field}: it may not be empty", field=_("what is inspected"))
    phrase = sensitive_phrase(order.title)
    if phrase:
        yield BadInput(
            "{field}: “{phrase}” may not be used there, as it goes into subject lines; use calmer words",
            field=_("what is inspected"),
            phrase=phrase,
        )
    said = [
        (_("what is inspected"), "title", order.title),
        (_("number"), "number", order.decision_number),
        *((_("question of the checklist"), "question", one.text) for one in order.questions),
    ]
    for label, name, text in said:
        if len(text) > _LONGEST[name]:
            yield BadInput(
                "{field}: {length} characters; expected at most {most}",
                field=label,
                length=len(text),
                most=_LONGEST[name],
            )
    if not order.questions:
        yield BadInput("checklist: choose duties of the directive, or write questions of your own")
    if len(order.questions) > MOST_ITEMS:
        yield BadInput("checklist: at most {most} questions", most=MOST_ITEMS)
    if any(not one.text.strip() for one in order.questions):
        yield BadInput("{field}: it may not be empty", field=_("question of the checklist"))


def _days(order: InspectionOrder, today: date) -> Iterator[BadInput]:
    first, last = write_date(order.starts_on), write_date(order.ends_on)
    if order.ends_on < order.starts_on:
        yield BadInput("last day {last}: before the first, {first}", first=first, last=last)
    for day in sorted({one for one in order.visits.values() if not order.starts_on <= one <= order.ends_on}):
        yield BadInput(
            "visit {day}: outside the inspection, {first} to {last}", day=write_date(day), first=first, last=last
        )
    for day in sorted({one for one in order.visits.values() if one < today}):
        yield BadInput("visit {day}: the day is past", day=write_date(day))
    if order.decision_on is not None and not order.decision_number.strip():
        yield BadInput("decision: a date without a number")
    if order.decision_on is not None and order.decision_on > today:
        yield BadInput("date {date}: a document cannot be dated after today", date=write_date(order.decision_on))


def _people_and_units(session: Session, order: InspectionOrder, document_unit: UUID) -> Iterator[BadInput]:
    if not order.visits:
        yield BadInput("units: choose at least one to inspect")
    for unit in session.exec(select(Unit).where(col(Unit.id).in_(order.visits))):
        if unit.is_outside or not unit.is_active:
            yield BadInput("unit {unit}: an outside or retired unit is not inspected", unit=unit.name)
        if unit.id == document_unit:
            yield BadInput(
                "unit {unit}: it follows the inspection up itself; nobody inspects themselves", unit=unit.name
            )
    team = {order.lead_id, *order.member_ids}
    for person in session.exec(select(Person).where(col(Person.id).in_(team)).order_by(col(Person.code))):
        if not person.is_active:
            yield BadInput("{person} is retired: choose another for the team", person=person.full_name)
        if person.unit_id in order.visits:
            yield BadInput(
                "{person} belongs to an inspected unit: choose another for the team", person=person.full_name
            )


def follow_up_unit(directive: Directive, speaks_for: frozenset[UUID]) -> UUID | None:
    """Return the unit on whose behalf somebody plans an inspection: the coordinating unit, else the issuer's office."""
    offices = (directive.coordinating_unit_id, directive.issuer_office_id)
    return next((unit_id for unit_id in offices if unit_id in speaks_for), None)
