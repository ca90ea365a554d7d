"""What tests do with messages of the document exchange."""

from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from sqlmodel import Session, select

from models.database.session import transaction
from models.exchange.edxml import CameBy
from models.intake.intake import Intake, ProposalState
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from models.text.localtime import at_local
from tests.edxml.messages import sample
from tests.office import Office
from workflows.exchange.keep_message import TakenDocument, Taking, open_message, take_message
from workflows.intake.review.confirm_reading import confirm_reading
from workflows.intake.review.correct_reading import decide, settle_times
from workflows.intake.review.store_reading import NO_DATE, proposed_duties

NOW = at_local(date(2026, 3, 4))  # a Wednesday, 08:00
COORDINATOR, UNIT = "le.thi.c", "VU-VT"


def unit_id(session: Session, code: str = UNIT) -> UUID:
    return session.exec(select(Unit.id).where(Unit.code == code)).one()


def taking(session: Session, evidence: Path, now: datetime = NOW) -> Taking:
    """How the coordinator takes messages in for their unit."""
    return Taking(unit_id(session), resolve_person(session, COORDINATOR).id, now, CameBy.PAGE, evidence)


def take(office: Office, data: bytes | None = None, name: str = "m.edxml", now: datetime = NOW) -> TakenDocument:
    """Takes a message in; the directive's where none is given."""
    opened = open_message(name, sample() if data is None else data)
    with transaction(office.engine) as session:
        return take_message(session, opened, taking(session, office.settings.evidence, now))


def confirm_all(office: Office, intake: Intake) -> str:
    """Makes a directive of a document; its code."""
    with transaction(office.engine) as session:
        there = session.get_one(Intake, intake.id)
        duties = proposed_duties(session, there)
        person = resolve_person(session, COORDINATOR)
        for one in duties:
            settle_times(one, means=NO_DATE, person_id=person.id, now=NOW)
            one.addressees = ["TCT-T"]
            one.partners = []
        decide(duties, ProposalState.CONFIRMED)
        session.flush()
        return confirm_reading(session, there, actor=person, now=NOW).code


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
