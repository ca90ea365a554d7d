"""The pages of the findings at one unit: its answers by question, and the corrections that it must make."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

from models.errors import BadInput, DondocError, NotFound, need
from models.i18n import _
from models.inspections.inspection import Verdict
from models.tasks.evidence_files import GivenFile
from models.text.localtime import read_day
from web.actions.submitted_action import given_file
from web.inspections.wording import WORDING
from web.launch.launch_form import form_id
from web.request.form_input import FormInput, Posted, Revision, text
from web.request.given_values import int_or_none, read_revision
from web.request.request_context import NOTHING_CHANGED, RequestContext, Signed
from workflows.access.conflict import Conflict
from workflows.inspections.correct_finding import Demand, demand_correction
from workflows.inspections.findings import NewFinding, find_unit, record_findings, settle_finding
from workflows.inspections.inspection_access import open_inspection
from workflows.inspections.inspection_rows import InspectedSheet, InspectionAnswer
from workflows.inspections.inspection_view import read_inspection_sheet
from workflows.launch.launch_tasks import Uncovered
from workflows.templates.typed_task import LONGEST

router = APIRouter(prefix="/inspections/{inspection_id}/units/{unit}")


class CorrectionForm(FormInput):
    """A correction that the unit must make, or how it was settled without a task.

    `seen`: the revision that the page showed.
    """

    text: str = ""
    title: str = ""
    result: str = ""
    due: str = ""
    override: str = ""
    reason: str = ""
    settled: str = ""
    seen: Revision = -1
    nonce: str = ""


SentCorrection = Annotated[CorrectionForm, Depends(CorrectionForm.sent)]


@router.get("")
def unit_page(inspection_id: UUID, unit: str, context: Signed) -> HTMLResponse:
    return _unit_page(context, inspection_id, unit)


def _unit_page(
    context: RequestContext,
    inspection_id: UUID,
    code: str,
    error: DondocError | None = None,
    form: FormData | None = None,
) -> HTMLResponse:
    with context.reading() as session:
        access = open_inspection(session, context.principal, inspection_id)
        sheet = read_inspection_sheet(session, access, now=context.now)
    inspected = _find_sheet(sheet.units, code)
    return context.page(
        "inspections/unit.html",
        error=error,
        sheet=sheet,
        unit=inspected,
        signed=context.signatures_of([file for answer in inspected.answers for file in answer.files]),
        may=access.may_now,
        verdicts=list(Verdict),
        given=_given_texts(inspected, form),
        **WORDING,
    )


def _given_texts(unit: InspectedSheet, form: FormData | None) -> dict[int, dict[str, str]]:
    """Return the fields by question: those of the form, or the stored ones where there is none."""
    texts = {}
    for answer in unit.answers:
        number = answer.question.number
        stored = {
            "verdict": answer.verdict.value if answer.verdict else "",
            "words": answer.words,
            "settled": answer.settled,
            "seen": str(answer.revision),
        }
        texts[number] = stored if form is None else {name: text(form, f"{name}-{number}") for name in stored}
    return texts


@router.post("")
def record(inspection_id: UUID, unit: str, context: Signed, form: Posted) -> Response:
    """Record the questions that were filled in; the others stay open."""
    with context.again(lambda error: _unit_page(context, inspection_id, unit, error, form)):
        findings = _read_findings(form)
        with context.transaction() as session:
            access = open_inspection(session, context.principal, inspection_id)
            inspected = find_unit(session, inspection_id, unit)
            changed = record_findings(context.acting(session), access, inspected, findings)
    message = (
        _("Recorded: {count}") if changed else NOTHING_CHANGED
    )  # it counts findings: the inspection may have begun, too
    return context.go(f"/inspections/{inspection_id}/units/{unit}", message, count=changed)


def _read_findings(form: FormData) -> dict[int, NewFinding]:
    numbers = {int_or_none(name.rpartition("-")[2]) for name in form if "-" in name}
    findings = {}
    for number in sorted(number for number in numbers if number is not None):
        verdict, words, settled, seen = (
            text(form, f"{name}-{number}") for name in ("verdict", "words", "settled", "seen")
        )
        files = _files(form, number)
        if verdict not in ("", *Verdict):
            raise BadInput("question {question}: choose met, partly met, not met or not applicable", question=number)
        is_empty = not (verdict or words or settled or files)
        if is_empty and seen not in ("", "0"):
            raise BadInput("question {question}: what was recorded can be changed, not taken back", question=number)
        if not is_empty:
            findings[number] = NewFinding(
                Verdict(verdict) if verdict else None, words, settled, files, read_revision(seen) if seen else None
            )
    return findings


def _files(form: FormData, number: int) -> list[GivenFile]:
    chosen = form.getlist(f"file-{number}")
    return [given_file(upload) for upload in chosen if isinstance(upload, UploadFile) and upload.filename]


@router.get("/questions/{number}")
def question_page(inspection_id: UUID, unit: str, number: int, context: Signed) -> HTMLResponse:
    return _question_page(context, inspection_id, unit, number)


def _question_page(
    context: RequestContext,
    inspection_id: UUID,
    code: str,
    number: int,
    error: DondocError | None = None,
    form: CorrectionForm | None = None,
) -> HTMLResponse:
    """Show a question. `form` holds what was typed, and the revision that its page had shown."""
    with context.reading() as session:
        access = open_inspection(session, context.principal, inspection_id)
        sheet = read_inspection_sheet(session, access, now=context.now)
    unit = _find_sheet(sheet.units, code)
    answer = next((answer for answer in unit.answers if answer.question.number == number), None)
    if answer is None:
        raise NotFound("there is no such page")
    return context.page(
        "inspections/question.html",
        error=error,
        sheet=sheet,
        unit=unit,
        answer=answer,
        may=access.may_now,
        seen=form.seen if form and not isinstance(error, Conflict) else answer.revision,
        gaps=error.coverage.gaps if isinstance(error, Uncovered) else [],
        given=form or CorrectionForm(title=_correction_title(answer)),
        **WORDING,
    )


def _correction_title(answer: InspectionAnswer) -> str:
    return f"Khắc phục: {answer.question.text}"[: LONGEST["title"]]


@router.post("/questions/{number}/correct")
def correct(inspection_id: UUID, unit: str, number: int, context: Signed, form: SentCorrection) -> Response:
    """Give the unit a task of correction. A form that is sent twice gives one task."""
    with context.again(lambda error: _question_page(context, inspection_id, unit, number, error, form)):
        if not form.due:
            raise BadInput("{field}: it may not be empty", field=_("last day"))
        demand = Demand(
            form.text,
            form.title,
            read_day(_("last day"), form.due),
            form.result,
            override=bool(form.override),
            reason=form.reason,
        )
        with context.transaction() as session:
            access = open_inspection(session, context.principal, inspection_id)
            inspected = find_unit(session, inspection_id, unit)
            demand_correction(
                context.acting(session),
                access,
                inspected,
                number,
                demand,
                correction_id=form_id(form.nonce),
                seen=form.seen,
            )
    address = f"/inspections/{inspection_id}/units/{unit}#question-{number}"
    return context.go(address, _("Given to {unit}: {title}"), is_repeated=True, unit=inspected.name, title=demand.title)


@router.post("/questions/{number}/settle")
def settle_it(inspection_id: UUID, unit: str, number: int, context: Signed, form: SentCorrection) -> Response:
    with context.submit(lambda error: _question_page(context, inspection_id, unit, number, error, form)) as session:
        access = open_inspection(session, context.principal, inspection_id)
        inspected = find_unit(session, inspection_id, unit)
        settle_finding(context.acting(session), access, inspected, number, form.settled, seen=form.seen)
    return context.go(f"/inspections/{inspection_id}/units/{unit}#question-{number}", _("Recorded: {count}"), count=1)


def _find_sheet(units: tuple[InspectedSheet, ...], code: str) -> InspectedSheet:
    return need(next((unit for unit in units if unit.code == code), None), NotFound("there is no such page"))
