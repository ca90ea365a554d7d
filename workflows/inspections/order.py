"""The plan of an inspection as a form or a program gives it, and its checks."""

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
    """One line of the checklist: a duty of the directive by its path, or a question in the team's own words."""

    text: str
    duty: str | None = None


@dataclass(frozen=True)
class InspectionOrder:
    """The plan of an inspection. `visits` holds the local day of each unit's visit."""

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
    """Return the active units inside the ministry that match a kind and a tag, and those named.

    Without kinds or without tags, the other alone decides. BadInput names what no unit is called.
    """
    kinds_or_any: list[UnitKind | None] = list(kinds) or [None]
    tags_or_any: list[tuple[str, ...]] = [(tag,) for tag in tags] or [()]
    selectors = [Selector(kind=kind, tags=tag) for kind in kinds_or_any for tag in tags_or_any if kind or tag]
    if names:
        selectors.append(Selector(named=tuple(names)))
    if not selectors:
        return []
    audience = load_register(session).resolve(AudienceRule(any=tuple(selectors)))
    unknown_names = [selector for selector in audience.unmatched if isinstance(selector, str)]
    if unknown_names:
        raise BadInput("units: no unit is called {names}", names=unknown_names)
    ids = [unit.id for unit in audience.units if not unit.is_outside]
    return list(
        session.exec(select(Unit).where(col(Unit.id).in_(ids)).order_by(col(Unit.sort_key), col(Unit.code))).all()
    )


def check_order(session: Session, order: InspectionOrder, follow_up_unit_id: UUID, today: date) -> None:
    """Raise Refused for text with a secrecy stamp, BadInput for one fault of the form, and BadRows for several."""
    refuse_classified(stamped_secrecy("\n".join([order.title, *(question.text for question in order.questions)])))
    faults = [
        *_find_text_faults(order),
        *_find_day_faults(order, today),
        *_find_unit_faults(session, order, follow_up_unit_id),
        *_find_team_faults(session, order),
    ]
    if faults:
        raise faults[0] if len(faults) == 1 else BadRows(_("the plan of the inspection"), faults)


def _find_text_faults(order: InspectionOrder) -> Iterator[BadInput]:
    if not order.title.strip():
        yield BadInput("{field}: it may not be empty", field=_("what is inspected"))
    phrase = sensitive_phrase(order.title)
    if phrase:
        yield BadInput(
            "{field}: “{phrase}” may not be used there, as it goes into subject lines; use calmer words",
            field=_("what is inspected"),
            phrase=phrase,
        )
    texts = [
        (_("what is inspected"), "title", order.title),
        (_("number"), "number", order.decision_number),
        *((_("question of the checklist"), "question", question.text) for question in order.questions),
    ]
    for label, name, text in texts:
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
    if any(not question.text.strip() for question in order.questions):
        yield BadInput("{field}: it may not be empty", field=_("question of the checklist"))


def _find_day_faults(order: InspectionOrder, today: date) -> Iterator[BadInput]:
    first, last = write_date(order.starts_on), write_date(order.ends_on)
    if order.ends_on < order.starts_on:
        yield BadInput("last day {last}: before the first, {first}", first=first, last=last)
    visit_days = sorted(set(order.visits.values()))
    for day in visit_days:
        if order.starts_on <= day <= order.ends_on:
            continue
        yield BadInput(
            "visit {day}: outside the inspection, {first} to {last}", day=write_date(day), first=first, last=last
        )
    for day in visit_days:
        if day < today:
            yield BadInput("visit {day}: the day is past", day=write_date(day))
    if order.decision_on is not None and not order.decision_number.strip():
        yield BadInput("decision: a date without a number")
    if order.decision_on is not None and order.decision_on > today:
        yield BadInput("date {date}: a document cannot be dated after today", date=write_date(order.decision_on))


def _find_unit_faults(session: Session, order: InspectionOrder, follow_up_unit_id: UUID) -> Iterator[BadInput]:
    if not order.visits:
        yield BadInput("units: choose at least one to inspect")
    for unit in session.exec(select(Unit).where(col(Unit.id).in_(order.visits))):
        if unit.is_outside or not unit.is_active:
            yield BadInput("unit {unit}: an outside or retired unit is not inspected", unit=unit.name)
        if unit.id == follow_up_unit_id:
            yield BadInput(
                "unit {unit}: it follows the inspection up itself; nobody inspects themselves", unit=unit.name
            )


def _find_team_faults(session: Session, order: InspectionOrder) -> Iterator[BadInput]:
    team = {order.lead_id, *order.member_ids}
    for person in session.exec(select(Person).where(col(Person.id).in_(team)).order_by(col(Person.code))):
        if not person.is_active:
            yield BadInput("{person} is retired: choose another for the team", person=person.full_name)
        if person.unit_id in order.visits:
            yield BadInput(
                "{person} belongs to an inspected unit: choose another for the team", person=person.full_name
            )


def find_follow_up_unit(directive: Directive, speaks_for: frozenset[UUID]) -> UUID | None:
    """Return the unit on whose behalf somebody plans an inspection: the coordinating unit, else the issuer's office."""
    offices = (directive.coordinating_unit_id, directive.issuer_office_id)
    return next((unit_id for unit_id in offices if unit_id in speaks_for), None)
