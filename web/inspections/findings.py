"""What was found at one unit, question by question; and what it must put right."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

from models.errors import BadInput, DondocError, NotFound
from models.i18n import _
from models.inspections.inspection import Verdict
from models.tasks.evidence_files import GivenFile
from models.text.localtime import read_day
from web.actions.submitted_action import given_file
from web.inspections.wording import WORDING
from web.launch.asked import form_id
from web.request.form_input import FormInput, Posted, Revision, text
from web.request.given_values import revision_seen, whole
from web.request.request_context import NOTHING_CHANGED, RequestContext, Signed
from workflows.access.conflict import Conflict
from workflows.inspections.correct_finding import Demand, demand_correction
from workflows.inspections.find import NewFinding, find_unit, record_findings, settle
from workflows.inspections.inspection_rows import InspectedSheet, InspectionAnswer
from workflows.inspections.inspection_view import read_inspection_sheet
from workflows.inspections.seeing import look_at_inspection
from workflows.launch.launch_tasks import Uncovered
from workflows.templates.typed_task import LONGEST

router = APIRouter(prefix="/inspections/{inspection_id}/units/{unit}")


class CorrectionForm(FormInput):
    """What the unit must put right, or how it was settled without a task; `seen`: the revision that the page showed."""

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
    return _unit(context, inspection_id, unit)


def _unit(
    context: RequestContext,
    inspection_id: UUID,
    code: str,
    error: DondocError | None = None,
    typed: FormData | None = None,
) -> HTMLResponse:
    with context.reading() as session:
        sight = look_at_inspection(session, context.principal, inspection_id)
        sheet = read_inspection_sheet(session, sight, now=context.now)
    found = _of(sheet.units, code)
    return context.page(
        "inspections/unit.html",
        error=error,
        sheet=sheet,
        unit=found,
        signed=context.signatures_of([file for one in found.answers for file in one.files]),
        may=sight.may_now,
        verdicts=list(Verdict),
        given=_given_texts(found, typed),
        **WORDING,
    )


def _given_texts(unit: InspectedSheet, typed: FormData | None) -> dict[int, dict[str, str]]:
    found = {}
    for one in unit.answers:
        number = one.question.number
        kept = {
            "verdict": one.verdict.value if one.verdict else "",
            "words": one.words,
            "settled": one.settled,
            "seen": str(one.revision),
        }
        found[number] = kept if typed is None else {name: text(typed, f"{name}-{number}") for name in kept}
    return found


@router.post("")
def record(inspection_id: UUID, unit: str, context: Signed, form: Posted) -> Response:
    """Record what was filled in; questions left open stay open."""
    with context.again(lambda error: _unit(context, inspection_id, unit, error, form)):
        given = _given(form)
        with context.transaction() as session:
            sight = look_at_inspection(session, context.principal, inspection_id)
            found = find_unit(session, inspection_id, unit)
            changed = record_findings(context.acting(session), sight, found, given)
    said = _("Recorded: {count}") if changed else NOTHING_CHANGED  # the inspection itself may have begun by it
    return context.go(f"/inspections/{inspection_id}/units/{unit}", said, count=changed)


def _given(form: FormData) -> dict[int, NewFinding]:
    numbers = sorted(
        {number for name in form if "-" in name and (number := whole(name.rpartition("-")[2])) is not None}
    )
    found = {}
    for number in numbers:
        verdict, words, settled, seen = (
            text(form, f"{name}-{number}") for name in ("verdict", "words", "settled", "seen")
        )
        files = _files(form, number)
        if verdict not in ("", *Verdict):
            raise BadInput("question {question}: choose met, partly met, not met or not applicable", question=number)
        if not (verdict or words or settled or files) and seen not in ("", "0"):
            raise BadInput("question {question}: what was recorded can be changed, not taken back", question=number)
        if verdict or words or settled or files:
            found[number] = NewFinding(
                Verdict(verdict) if verdict else None, words, settled, files, revision_seen(seen) if seen else None
            )
    return found


def _files(form: FormData, number: int) -> list[GivenFile]:
    chosen = form.getlist(f"file-{number}")
    return [given_file(one) for one in chosen if isinstance(one, UploadFile) and one.filename]


@router.get("/questions/{number}")
def question_page(inspection_id: UUID, unit: str, number: int, context: Signed) -> HTMLResponse:
    return _question(context, inspection_id, unit, number)


def _question(
    context: RequestContext,
    inspection_id: UUID,
    code: str,
    number: int,
    error: DondocError | None = None,
    given: CorrectionForm | None = None,
) -> HTMLResponse:
    """`given`: what was typed, and what its page had seen."""
    with context.reading() as session:
        sight = look_at_inspection(session, context.principal, inspection_id)
        sheet = read_inspection_sheet(session, sight, now=context.now)
    unit = _of(sheet.units, code)
    answer = next((one for one in unit.answers if one.question.number == number), None)
    if answer is None:
        raise NotFound("there is no such page")
    return context.page(
        "inspections/question.html",
        error=error,
        sheet=sheet,
        unit=unit,
        answer=answer,
        may=sight.may_now,
        seen=given.seen if given and not isinstance(error, Conflict) else answer.revision,
        gaps=error.coverage.gaps if isinstance(error, Uncovered) else [],
        given=given or CorrectionForm(title=_short(answer)),
        **WORDING,
    )


def _short(answer: InspectionAnswer) -> str:
    return f"Khắc phục: {answer.question.text}"[: LONGEST["title"]]


@router.post("/questions/{number}/correct")
def correct(inspection_id: UUID, unit: str, number: int, context: Signed, given: SentCorrection) -> Response:
    """Give the unit the task; a form sent twice gives it once."""
    with context.again(lambda error: _question(context, inspection_id, unit, number, error, given)):
        if not given.due:
            raise BadInput("{field}: it may not be empty", field=_("last day"))
        demand = Demand(
            given.text,
            given.title,
            read_day(_("last day"), given.due),
            given.result,
            override=bool(given.override),
            reason=given.reason,
        )
        with context.transaction() as session:
            sight = look_at_inspection(session, context.principal, inspection_id)
            found = find_unit(session, inspection_id, unit)
            demand_correction(
                context.acting(session),
                sight,
                found,
                number,
                demand,
                correction_id=form_id(given.nonce),
                seen=given.seen,
            )
    to = f"/inspections/{inspection_id}/units/{unit}#question-{number}"
    return context.go(to, _("Given to {unit}: {title}"), is_repeated=True, unit=found.name, title=demand.title)


@router.post("/questions/{number}/settle")
def settle_it(inspection_id: UUID, unit: str, number: int, context: Signed, given: SentCorrection) -> Response:
    with context.submit(lambda error: _question(context, inspection_id, unit, number, error, given)) as session:
        sight = look_at_inspection(session, context.principal, inspection_id)
        found = find_unit(session, inspection_id, unit)
        settle(context.acting(session), sight, found, number, given.settled, seen=given.seen)
    return context.go(f"/inspections/{inspection_id}/units/{unit}#question-{number}", _("Recorded: {count}"), count=1)


def _of(units: tuple[InspectedSheet, ...], code: str) -> InspectedSheet:
    found = next((one for one in units if one.code == code), None)
    if found is None:
        raise NotFound("there is no such page")
    return found
