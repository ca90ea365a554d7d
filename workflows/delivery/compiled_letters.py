"""The letters that tell of a compiled report: who gets one, and what it says. Each office's head gets one."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from models.directives.directive import Directive, Duty, directive_name
from models.errors import Refused
from models.letters.letter import COMPILED_TOPIC, TO_SEND, Letter, LetterKind, LetterState
from models.organization.person import Person
from models.organization.register_reads import coordinators_of, stand_in_for
from models.organization.unit import Unit, UnitKind
from models.papers.issued_report import IssuedReport
from models.papers.report_schedule import CompiledReport, ReportSchedule
from models.text.localtime import local_date
from notifications.composing.facts import CollectedItem, CompiledItem
from notifications.outbox.grouping import queue_letters


def topic_of(compiled_id: UUID) -> str:
    return f"{COMPILED_TOPIC}{compiled_id.hex}"


def head_of(session: Session, unit: Unit) -> Person:
    """Return the head in whose name the unit's report is drafted. Raises Refused where the unit has no head."""
    head = session.get(Person, unit.head_id) if unit.head_id else None
    if head is None or not head.is_active:
        raise Refused("{unit} has no head in office: name one in the register", unit=unit.name)
    return head


def readers(session: Session, schedule: ReportSchedule, today: date) -> list[UUID]:
    """Return for each office its head or the head's stand-in, else its deputy, else its first coordinator.

    The ministry itself gets no letter: what goes to the Minister, a person sends. Raises Refused where an office has
    nobody with an address.
    """
    offices = [session.get_one(Unit, schedule.office_unit_id)]
    if schedule.to_issuer:
        directive = session.get_one(Directive, session.get_one(Duty, schedule.duty_id).directive_id)
        offices.append(session.get_one(Unit, directive.issuer_office_id))
    recipients = [
        _reader(session, unit, today)
        for unit in offices
        if unit.kind is not UnitKind.MINISTRY and not unit.is_outside and unit.is_active
    ]
    return list(dict.fromkeys(recipients))


def _reader(session: Session, unit: Unit, today: date) -> UUID:
    stand_in = stand_in_for(session, unit.head_id, today) if unit.head_id else None
    candidates = [stand_in.id if stand_in else unit.head_id, unit.deputy_id]
    people = [session.get(Person, person_id) for person_id in candidates if person_id]
    for person in (*people, *coordinators_of(session, [unit.id])):
        if person is not None and person.is_active and person.email and person.email_refused_at is None:
            return person.id
    raise Refused("{unit}: neither its head nor anybody beside can be written to", unit=unit.name)


def tell_present_readers(session: Session, *, now: datetime) -> None:
    """Readdress waiting letters to the people who read the office's post today."""
    query = select_rows(Letter).where(
        TO_SEND, Letter.state == LetterState.QUEUED, Letter.kind == LetterKind.COMPILED, col(Letter.slot) <= now
    )
    waiting = session.exec(query.order_by(col(Letter.topic), col(Letter.id)).with_for_update(skip_locked=True)).all()
    for topic, letters in groupby(waiting, key=attrgetter("topic")):
        _tell_present_readers(session, topic, list(letters), local_date(now))


def _tell_present_readers(session: Session, topic: str, letters: list[Letter], today: date) -> None:
    compiled = session.get_one(CompiledReport, UUID(topic.removeprefix(COMPILED_TOPIC)))
    try:
        recipients = readers(session, session.get_one(ReportSchedule, compiled.schedule_id), today)
    except Refused:  # the letter is tried as it is; administrators hear that it cannot arrive
        return
    moved = [letter for letter in letters if letter.recipient_id not in recipients]
    if not moved or not recipients:
        return
    for letter in moved:
        letter.state, letter.error = LetterState.EMPTY, "handover"
    session.flush()
    queue_letters(session, [(person_id, moved[0].slot, LetterKind.COMPILED, topic) for person_id in recipients])


def read_compiled(session: Session, letters: Iterable[Letter], base_url: str) -> dict[str, CompiledItem]:
    """Return what the letters tell, by topic. A letter whose draft was deleted tells nothing."""
    topics = {letter.topic for letter in letters if letter.topic.startswith(COMPILED_TOPIC)}
    if not topics:
        return {}
    query: Any = (
        select(CompiledReport, IssuedReport, Directive, col(Unit.name))
        .join(IssuedReport, col(IssuedReport.id) == col(CompiledReport.report_id))
        .join(Unit, col(Unit.id) == col(IssuedReport.office_unit_id))
        .outerjoin(Directive, col(Directive.id) == col(IssuedReport.directive_id))
        .where(col(CompiledReport.id).in_([UUID(topic.removeprefix(COMPILED_TOPIC)) for topic in topics]))
    )
    return {
        topic_of(compiled.id): _item(compiled, report, directive, office, base_url)
        for compiled, report, directive, office in session.execute(query)
    }


def _item(
    compiled: CompiledReport, report: IssuedReport, directive: Directive | None, office: str, base_url: str
) -> CompiledItem:
    return CompiledItem(
        period=compiled.period,
        directive=directive_name(directive.kind, directive.number, directive.subject) if directive else "",
        office=office,
        due_on=compiled.due_on,
        data_from=compiled.data_from,
        data_to=compiled.data_to,
        cutoff=compiled.cutoff,
        is_estimate=compiled.is_estimate,
        units=tuple(
            CollectedItem(unit["name"], unit["came"], _day(unit["due_on"]), _day(unit["came_on"]))
            for unit in compiled.units
        ),
        url=f"{base_url}/papers/{report.id.hex}",
    )


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None
