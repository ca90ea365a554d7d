"""Which inspections a person may see, and in which parts the person takes part in one."""

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
from workflows.rules.tasks.inspection_policy import (
    PARTS_BY_ACTION,
    STATES_BY_ACTION,
    InspectionAction,
    InspectionPart,
    may,
    possible_actions,
)


@dataclass(frozen=True)
class InspectionAccess:
    """A person's access to one inspection. `units` are the inspected units that the person serves."""

    principal: Principal
    inspection: Inspection
    document: Directive
    parts: frozenset[InspectionPart]
    units: frozenset[UUID]

    @property
    def sees_all(self) -> bool:
        return may(self.parts, InspectionAction.SEE_ALL)

    @property
    def may_now(self) -> frozenset[InspectionAction]:
        return possible_actions(self.parts, self.inspection.state)


def visible_inspections(principal: Principal) -> ColumnElement[bool]:
    """Return the condition for inspections that a person coordinates, takes part in, is inspected by, or oversees."""
    if principal.may(Right.SEE_EVERYTHING):
        return true()
    is_member = exists().where(
        col(InspectionMember.inspection_id) == col(Inspection.id),
        col(InspectionMember.person_id) == principal.person.id,
    )
    is_inspected = exists().where(
        col(InspectedUnit.inspection_id) == col(Inspection.id), col(InspectedUnit.unit_id).in_(_units_of(principal))
    )
    coordinated = columns(col(Directive.id)).where(runs_directive(principal))
    return or_(
        col(Inspection.lead_id) == principal.person.id,
        is_member,
        is_inspected,
        col(Inspection.document_id).in_(coordinated),
        col(Inspection.directive_id).in_(coordinated),
    )


def open_inspection(session: Session, principal: Principal, inspection_id: UUID) -> InspectionAccess:
    """Return a person's access to an inspection. NotFound also where it exists but the person may not see it."""
    inspection = need(
        session.exec(select(Inspection).where(Inspection.id == inspection_id, visible_inspections(principal))).first(),
        NotFound("there is no such inspection"),
    )
    document = session.get_one(Directive, inspection.document_id)
    query = select(InspectedUnit.unit_id).where(
        InspectedUnit.inspection_id == inspection.id, col(InspectedUnit.unit_id).in_(_units_of(principal))
    )
    own_units = frozenset(session.exec(query))
    parts = _find_parts(session, principal, inspection, document, own_units)
    return InspectionAccess(principal, inspection, document, parts, own_units)


def inspection_of(session: Session, principal: Principal, document_id: UUID) -> tuple[UUID, str] | None:
    """Return id and title of the inspection whose document this is; None where the principal may not see it."""
    row = session.execute(
        columns(col(Inspection.id), col(Inspection.title)).where(
            col(Inspection.document_id) == document_id, visible_inspections(principal)
        )
    ).first()
    return (row.id, row.title) if row else None


def require(access: InspectionAccess, action: InspectionAction) -> None:
    """Raise Forbidden where the person may never do this, Refused where the state does not allow it."""
    if not may(access.parts, action):
        raise Forbidden(
            "{person} may not do this: {right}; that is for: {by}",
            person=access.principal.person.full_name,
            right=action.label,
            by=[part.label for part in InspectionPart if part in PARTS_BY_ACTION[action]],
        )
    refuse_wrong_state(access.inspection, action)


def refuse_wrong_state(inspection: Inspection, action: InspectionAction) -> None:
    if inspection.state not in STATES_BY_ACTION[action]:
        raise Refused(
            "not possible now: {deed}; the state is: {state}", deed=action.label, state=inspection.state.label
        )


def _units_of(principal: Principal) -> frozenset[UUID]:
    return principal.serves | principal.speaks_for


def _find_parts(
    session: Session, principal: Principal, inspection: Inspection, document: Directive, own_units: frozenset[UUID]
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
    if own_units:
        parts.add(InspectionPart.INSPECTED)
    return frozenset(parts)
