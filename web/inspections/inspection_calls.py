"""The API's calls on inspections: plan one, record findings, demand corrections, send the findings, close it."""

from datetime import date
from io import BytesIO
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from sqlmodel import Session

from models.database.ids import new_id
from models.organization.register_reads import resolve_person, resolve_unit
from models.tasks.evidence_files import GivenFile
from web.api.caller import Acts, Caller, Coordinates, Reads
from web.api.files import BYTES, SAFE
from web.api.repeats import OnceRoute
from web.inspections.inspection_shapes import (
    CorrectionGiven,
    Demanded,
    FindingFile,
    FindingsGiven,
    FindingWords,
    InspectionWhole,
    ListedShape,
    MovedTo,
    Planned,
    Planning,
    Recorded,
    Settled,
    Stands,
    show_inspection,
)
from web.request.cursor_paging import Cursor, Limit, Page, read_cursor, write_cursor
from workflows.access.rights import open_directive
from workflows.inspections.correct_finding import Demand, demand_correction
from workflows.inspections.findings import NewFinding, find_unit, record_findings, settle_finding
from workflows.inspections.inspection_access import InspectionAccess, open_inspection
from workflows.inspections.inspection_steps import cancel_inspection, close_inspection, move_visit, send_findings
from workflows.inspections.inspection_view import open_inspection_file, read_inspection_sheet
from workflows.inspections.listing import list_inspections
from workflows.inspections.order import InspectionOrder, OrderedQuestion, choose_units
from workflows.inspections.plan import plan_inspection
from workflows.launch.launch_plan import duties_of
from workflows.rules.rights_table import Right

router = APIRouter(tags=["inspections"], route_class=OnceRoute)


@router.get("/inspections")
def inspections(
    caller: Reads,
    directive: Annotated[str, Query(description="A directive's code", examples=["ct-06-2004"])] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ListedShape]:
    """Return the inspections the caller has to do with, the newest first."""
    with caller.reading() as session:
        listed = list_inspections(
            session, caller.principal, directive=directive, before=read_cursor(cursor), limit=limit + 1
        )
    items = [ListedShape.model_validate(inspection) for inspection in listed[:limit]]
    return Page[ListedShape](items=items, next=write_cursor(items[-1].id) if len(listed) > limit else None)


@router.post("/directives/{code}/inspections", status_code=201)
def plan(code: str, body: Planning, caller: Coordinates) -> Planned:
    """Plan an inspection of how a directive is carried out."""
    with caller.dry_run() if body.dry_run else caller.transaction() as session:
        directive = open_directive(session, caller.principal, code, Right.INSPECT)
        units = choose_units(session, kinds=body.kinds, tags=body.tags, names=body.units)
        visits: dict[UUID, date] = {unit.id: body.starts_on for unit in units}
        visits |= {resolve_unit(session, visit.unit).id: visit.on for visit in body.visits}
        duties = duties_of(session, directive, body.duties) if body.duties else []
        questions = [OrderedQuestion(duty.title, duty.path) for duty in duties]
        questions += [OrderedQuestion(question) for question in body.questions]
        order = InspectionOrder(
            title=body.title,
            starts_on=body.starts_on,
            ends_on=body.ends_on,
            lead_id=resolve_person(session, body.lead).id,
            member_ids=[resolve_person(session, member).id for member in body.members],
            visits=visits,
            questions=questions,
            decision_number=body.decision_number,
            decision_on=body.decision_on,
            override=body.override,
            reason=body.reason,
        )
        inspection = plan_inspection(caller.acting(session), caller.principal, directive, order, inspection_id=new_id())
        sheet = read_inspection_sheet(session, _access(session, caller, inspection.id), now=caller.now)
    return Planned(id=inspection.id, units=[unit.code for unit in sheet.units])


@router.get("/inspections/{inspection_id}")
def inspection(inspection_id: UUID, caller: Reads) -> InspectionWhole:
    """Return one inspection as the caller may see it; a unit finds itself alone, and its findings once they are
    sent.
    """
    with caller.reading() as session:
        sheet = read_inspection_sheet(session, _access(session, caller, inspection_id), now=caller.now)
    return show_inspection(sheet)


@router.get("/inspections/{inspection_id}/files/{file_id}", response_class=FileResponse, responses=BYTES)
def inspection_file(inspection_id: UUID, file_id: UUID, caller: Reads) -> FileResponse:
    """Return a file beside a finding."""
    with caller.reading() as session:
        access = _access(session, caller, inspection_id)
        evidence, path = open_inspection_file(session, access, file_id, caller.settings)
    return FileResponse(path, media_type=evidence.media_type, filename=evidence.filename, headers=SAFE)


@router.post("/inspections/{inspection_id}/units/{unit}/findings")
def find(inspection_id: UUID, unit: str, body: FindingsGiven, caller: Acts) -> Recorded:
    """Record what was found at a unit."""
    findings = {
        finding.question: NewFinding(
            finding.verdict, finding.words, finding.settled, [_file(file) for file in finding.files], finding.seen
        )
        for finding in body.findings
    }
    with caller.transaction() as session:
        access = _access(session, caller, inspection_id)
        inspected = find_unit(session, inspection_id, unit)
        changed = record_findings(caller.acting(session), access, inspected, findings)
    return Recorded(changed=changed)


def _file(file: FindingFile) -> GivenFile:
    return GivenFile(file.name, lambda: BytesIO(file.content))


@router.post("/inspections/{inspection_id}/units/{unit}/questions/{number}/corrections", status_code=201)
def correct(inspection_id: UUID, unit: str, number: int, body: Demanded, caller: Acts) -> CorrectionGiven:
    """Demand a correction: an ordinary task of the unit."""
    with caller.transaction() as session:
        access = _access(session, caller, inspection_id)
        inspected = find_unit(session, inspection_id, unit)
        demand = Demand(body.text, body.title, body.due, body.result, override=body.override, reason=body.reason)
        task = demand_correction(
            caller.acting(session), access, inspected, number, demand, correction_id=new_id(), seen=body.seen
        )
    return CorrectionGiven(task=task.id)


@router.post("/inspections/{inspection_id}/units/{unit}/questions/{number}/settle")
def settle_it(inspection_id: UUID, unit: str, number: int, body: Settled, caller: Acts) -> Stands:
    """Say how a shortcoming was put right without a task."""
    with caller.transaction() as session:
        access = _access(session, caller, inspection_id)
        inspected = find_unit(session, inspection_id, unit)
        settle_finding(caller.acting(session), access, inspected, number, body.words, seen=body.seen)
        return _stands(access, caller)


@router.post("/inspections/{inspection_id}/units/{unit}/move")
def move(inspection_id: UUID, unit: str, body: MovedTo, caller: Coordinates) -> Stands:
    """Move a visit; the unit is told."""
    with caller.transaction() as session:
        access = _access(session, caller, inspection_id)
        inspected = find_unit(session, inspection_id, unit)
        move_visit(caller.acting(session), access, inspected, body.on, body.reason)
        return _stands(access, caller)


@router.post("/inspections/{inspection_id}/send")
def send(inspection_id: UUID, caller: Acts) -> Stands:
    """Send the findings: they stand, and each unit is told."""
    with caller.transaction() as session:
        access = _access(session, caller, inspection_id)
        send_findings(caller.acting(session), access)
        return _stands(access, caller)


@router.post("/inspections/{inspection_id}/close")
def close(inspection_id: UUID, body: FindingWords, caller: Acts) -> Stands:
    """Close an inspection with its conclusion; 409 names what is still open."""
    with caller.transaction() as session:
        access = _access(session, caller, inspection_id)
        close_inspection(caller.acting(session), access, body.words)
        return _stands(access, caller)


@router.post("/inspections/{inspection_id}/cancel")
def cancel(inspection_id: UUID, body: FindingWords, caller: Coordinates) -> Stands:
    """Call an inspection off; every unit is told why."""
    with caller.transaction() as session:
        access = _access(session, caller, inspection_id)
        cancel_inspection(caller.acting(session), access, body.words)
        return _stands(access, caller)


def _access(session: Session, caller: Caller, inspection_id: UUID) -> InspectionAccess:
    return open_inspection(session, caller.principal, inspection_id)


def _stands(access: InspectionAccess, caller: Caller) -> Stands:
    return Stands(state=access.inspection.state, at=caller.now)
