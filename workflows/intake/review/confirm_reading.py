"""Make a directive of the confirmed duties, with published templates, ready to be launched."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from models.directives.directive import Directive
from models.errors import BadInput, Refused
from models.i18n import _
from models.intake.intake import Intake, IntakeState, ProposalState, ProposedDuty
from models.organization.person import Person
from models.organization.unit import Unit
from models.text.localtime import local_date
from models.words import duty_words
from workflows.history.record import NewHistoryLine, record
from workflows.intake.review.correct_reading import refuse_unsettled
from workflows.intake.review.match import load_matcher
from workflows.intake.review.propose_template import propose
from workflows.intake.review.store_reading import proposed_duties
from workflows.intake.review.unclear import refuse_unseen_head
from workflows.templates.new_document import check_document, document_code, issuer_office
from workflows.templates.pack_file import DirectiveSpec, Pack, PackSpec
from workflows.templates.packs import import_directive
from workflows.templates.publish import publish_all

_TEXT = "directive.txt"


def confirm_reading(session: Session, intake: Intake, *, actor: Person, now: datetime) -> Directive:
    """Store the directive with its confirmed duties, each with a published template. Nothing is launched.

    Refused where the intake has ended already. BadInput, with field or duty, where something is undecided or missing.
    """
    if intake.state is not IntakeState.OPEN:
        raise Refused("this document has been dealt with already")
    duties = proposed_duties(session, intake)
    undecided = [duty_words(duty.path) for duty in duties if duty.state is ProposalState.PROPOSED]
    if undecided:
        raise BadInput("confirm or drop each duty first: {duties}", duties=undecided)
    confirmed = [duty for duty in duties if duty.state is ProposalState.CONFIRMED]
    if not confirmed:
        raise BadInput("no duty is confirmed: there is nothing to make of this document")
    for duty in confirmed:
        refuse_unsettled(duty)
    refuse_unseen_head(intake)
    for name, value in ((_("issuer"), intake.issuer), (_("subject"), intake.subject)):
        if not value.strip():
            raise BadInput("{field}: it is missing; fill it in above", field=name)
    document_fields = {name: getattr(intake, name) or "" for name in ("kind", "number", "issuer", "subject")}
    check_document(
        document_fields, intake.issued_on, local_date(now)
    )  # nobody may have looked at the fields that were read
    matcher = load_matcher(session)
    coordinating_unit = session.get_one(Unit, intake.coordinating_unit_id)
    paths = frozenset(duty.path for duty in confirmed)
    templates = tuple(propose(intake, duty, paths, matcher, coordinating_unit.code) for duty in confirmed)
    office = session.get_one(Unit, issuer_office(session, coordinating_unit))
    spec = DirectiveSpec(
        code=document_code(session, intake.kind, intake.number, intake.issued_on or local_date(now)),
        kind=intake.kind,
        number=intake.number,
        issued_on=intake.issued_on,
        issuer=intake.issuer,
        subject=intake.subject,
        urgency=intake.urgency,
        legal_bases=tuple(intake.legal_bases),
        sources={"text": intake.filename},
        text=_TEXT,
        coordinating_unit=coordinating_unit.code,
        issuer_office=office.code,
    )
    pack = Pack(Path(_TEXT), PackSpec(directive=spec, templates=templates), intake.text)
    directive = import_directive(session, pack, now=now, actor_id=actor.id).directive
    publish_all(session, directive.id, now=now, actor_id=actor.id)
    intake.state, intake.ended_at, intake.directive_id = IntakeState.CONCLUDED, now, directive.id
    facts = {"intake": intake.id.hex, "duties": len(confirmed)} | _times(confirmed)
    record(session, NewHistoryLine("intake_concluded", directive.id, actor.id, "coordinator", facts), now)
    session.flush()
    return directive


def _times(duties: Sequence[ProposedDuty]) -> dict[str, int]:
    """Return the number of words of time whose meaning a person settled. The duties store which."""
    count = sum("settled" in finding for duty in duties for finding in duty.findings)
    return {"times_settled": count} if count else {}


def drop_intake(session: Session, intake: Intake, *, now: datetime) -> None:
    """Put a document aside. Its text and its reading are kept for later questions."""
    if intake.state is not IntakeState.OPEN:
        raise Refused("this document has been dealt with already")
    intake.state, intake.ended_at = IntakeState.DROPPED, now
    session.flush()
