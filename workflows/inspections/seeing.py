"""Who sees which inspection, and what they are to it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, true
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.directives.directive import Directive
from models.errors import NotFound, Refused, need
from models.inspections.inspection import InspectedUnit, Inspection, InspectionMember
from workflows.access.rights import Forbidden, Principal, is_run_by, runs_directive
from workflows.rules.rights_table import Right
from workflows.rules.tasks.inspection_policy import DEEDS, WHILE, Deed, InspectionPart, may, possible


@dataclass(frozen=True)
class InspectionAccess:
    """`units`: those of the inspection that they serve."""

    principal: Principal
    inspection: Inspection
    document: Directive
    parts: frozenset[InspectionPart]
    units: frozenset[UUID]

    @property
    def sees_all(self) -> bool:
        return may(self.parts, Deed.SEE_ALL)

    @property
    def may_now(self) -> frozenset[Deed]:
        return possible(self.parts, self.inspection.state)


def visible_inspections(principal: Principal) -> ColumnElement[bool]:
    """Return the inspections that somebody coordinates, takes part in, is inspected by, or sees for their office."""
    if principal.may(Right.SEE_EVERYTHING):
        return true()
    member = exists().where(
        col(InspectionMember.inspection_id) == col(Inspection.id),
        col(InspectionMember.person_id) == principal.person.id,
    )
    inspected = exists().where(
        col(InspectedUnit.inspection_id) == col(Inspection.id), col(InspectedUnit.unit_id).in_(_own(principal))
    )
    run = columns(col(Directive.id)).where(runs_directive(principal))
    return or_(
        col(Inspection.lead_id) == principal.person.id,
        member,
        inspected,
        col(Inspection.document_id).in_(run),
        col(Inspection.directive_id).in_(run),
    )


def look_at_inspection(session: Session, principal: Principal, inspection_id: UUID) -> InspectionAccess:
    """NotFound where it is none of theirs, as if there were none."""
    found = need(
        session.exec(select(Inspection).where(Inspection.id == inspection_id, visible_inspections(principal))).first(),
        NotFound("there is no such inspection"),
    )
    document = session.get_one(Directive, found.document_id)
    units = session.exec(
        select(InspectedUnit.unit_id).where(
            InspectedUnit.inspection_id == found.id, col(InspectedUnit.unit_id).in_(_own(principal))
        )
    )
    own = frozenset(units)
    return InspectionAccess(principal, found, document, _parts(session, principal, found, document, own), own)


def inspection_of(session: Session, principal: Principal, document_id: UUID) -> tuple[UUID, str] | None:
    """Id and title of the inspection whose document this is, for those who may see it."""
    found = session.execute(
        columns(col(Inspection.id), col(Inspection.title)).where(
            col(Inspection.document_id) == document_id, visible_inspections(principal)
        )
    ).first()
    return (found[0], found[1]) if found else None


def require(sight: InspectionAccess, deed: Deed) -> None:
    """Forbidden where it is not for this person, Refused where the inspection is past it or not there yet."""
    if not may(sight.parts, deed):
        raise Forbidden(
            "{person} may not do this: {right}; that is for: {by}",
            person=sight.principal.person.full_name,
            right=deed.label,
            by=[part.label for part in InspectionPart if part in DEEDS[deed]],
        )
    refuse_unless_while(sight.inspection, deed)


def refuse_unless_while(inspection: Inspection, deed: Deed) -> None:
    if inspection.state not in WHILE[deed]:
        raise Refused("not possible now: {deed}; the state is: {state}", deed=deed.label, state=inspection.state.label)


def _own(principal: Principal) -> frozenset[UUID]:
    return principal.serves | principal.speaks_for


def _parts(
    session: Session, principal: Principal, inspection: Inspection, document: Directive, own: frozenset[UUID]
) -> frozenset[InspectionPart]:
    parts = set()
    directive = session.get_one(Directive, inspection.directive_id)
    if is_run_by(session, principal, document):
        parts.add(InspectionPart.COORDINATOR)
    elif principal.may(Right.SEE_EVERYTHING) or is_run_by(session, principal, directive):
        parts.add(InspectionPart.OBSERVER)
    if inspection.lead_id == principal.person.id:
        parts.add(InspectionPart.LEAD)
    if session.get(InspectionMember, (inspection.id, principal.person.id)) is not None:
        parts.add(InspectionPart.MEMBER)
    if own:
        parts.add(InspectionPart.INSPECTED)
    return frozenset(parts)
