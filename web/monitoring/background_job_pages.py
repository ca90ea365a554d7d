"""The pages of background jobs: their progress and outcome. Only administrators and the person who asked see them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from sqlmodel import Session

from models.errors import DondocError
from models.i18n import Words, _
from models.operations.background_job import BULK, COMING, LAUNCH, PREVIEW, SCAN, BackgroundJob, BackgroundJobState
from notifications.composing.wording import WrittenWords
from web.request.form_input import Posted
from web.request.request_context import RequestContext, Signed
from workflows.launch.failed_launches import dismiss, is_told
from workflows.queue.background_jobs import STATE_WORDS, cancel, find_background_job, resume
from workflows.templates.template_list import name_directives

router = APIRouter()
MARKS = {
    BackgroundJobState.QUEUED: "waiting",
    BackgroundJobState.RUNNING: "waiting",
    BackgroundJobState.DONE: "done",
    BackgroundJobState.FAILED: "late",
    BackgroundJobState.CANCELLED: "calm",
}
ENDED = (BackgroundJobState.DONE, BackgroundJobState.FAILED, BackgroundJobState.CANCELLED)


@router.get("/errands/{job_id}")
def former_page(job_id: UUID, context: Signed) -> Response:
    """Lead to the job's page from the address that letters of version 0.3 contain."""
    return context.go(f"/background-jobs/{job_id}")


@router.get("/background-jobs/{job_id}")
def job_page(job_id: UUID, context: Signed) -> Response:
    return _page(context, job_id)


def _page(context: RequestContext, job_id: UUID, error: DondocError | None = None) -> Response:
    with context.reading() as session:
        job = find_background_job(session, context.principal, job_id)
        if job.kind == BULK:
            return context.go(f"/directives/{directive_code(job)}/bulk/{job.id}")
        if job.kind == COMING:
            return context.go("/letters/coming")
        if job.kind == SCAN:
            return _scan_page(context, job, error)
        names = name_directives(session, [directive_code(job)])
        is_reported = is_told(session, job.id)
    return context.page(
        "background_job.html",
        error=error,
        job=job,
        title=context.words(job_title(job, names, context.language)),
        has_ended=job.state in ENDED,
        reference=(job.outcome.get("launch") or job.id.hex)[-8:],
        directive_code=directive_code(job),
        again=_wizard_address(job, context.today),
        is_told=is_reported,
        **state_texts(),
    )


def _scan_page(context: RequestContext, job: BackgroundJob, error: DondocError | None) -> Response:
    if job.state is BackgroundJobState.DONE:
        return context.go(f"/intake/{job.outcome['intake']}")
    return context.page("intake/scan_job.html", error=error, job=job, **state_texts())


@router.get("/background-jobs/{job_id}/state")
def job_state(job_id: UUID, context: Signed) -> JSONResponse:
    with context.reading() as session:
        job = find_background_job(session, context.principal, job_id)
    words = context.words(STATE_WORDS[job.state])
    return JSONResponse(
        {"state": job.state, "done": job.done, "total": job.total, "words": words[:1].upper() + words[1:]}
    )


@router.post("/background-jobs/{job_id}/cancel")
def cancel_job(job_id: UUID, context: Signed, form: Posted) -> Response:
    message = _("Cancelled: nothing of it was done.")
    return _change(context, job_id, message, lambda session, job: cancel(session, job, now=context.now))


@router.post("/background-jobs/{job_id}/resume")
def resume_job(job_id: UUID, context: Signed, form: Posted) -> Response:
    return _change(context, job_id, None, lambda session, job: resume(session, context.principal, job, now=context.now))


@router.post("/background-jobs/{job_id}/dismiss")
def dismiss_job(job_id: UUID, context: Signed, form: Posted) -> Response:
    message = _("Marked as no longer needed; nothing more was launched.")
    return _change(context, job_id, message, lambda session, job: dismiss(session, job, context.audit_actor))


def _change(
    context: RequestContext, job_id: UUID, message: str | None, change: Callable[[Session, BackgroundJob], None]
) -> Response:
    with context.submit(lambda error: _page(context, job_id, error)) as session:
        change(session, find_background_job(session, context.principal, job_id))
    return context.go(f"/background-jobs/{job_id}", message)


def state_texts() -> dict[str, Any]:
    return {"job_states": STATE_WORDS, "job_marks": MARKS}


def job_title(job: BackgroundJob, names: Mapping[str, str], language: str) -> Words:
    words = {LAUNCH: _("launch of {directive}"), PREVIEW: _("preview of a launch of {directive}")}
    code = directive_code(job)
    return Words(words[job.kind], directive=WrittenWords(language).directive(names.get(code, code)))


def directive_code(job: BackgroundJob) -> str:
    given: dict[str, Any] = job.given.get("order", job.given)
    return str(given["directive"])


def _wizard_address(job: BackgroundJob, today: date) -> str:
    """Return the address of the launch wizard with the job's choices. A day of launch in the past is left out."""
    given: dict[str, Any] = job.given.get("order", job.given)
    fields = [("duty", path) for path in given["paths"]]
    if given["due_on"]:
        fields.append(("due", given["due_on"]))
    if given["on"] and date.fromisoformat(given["on"]) >= today:
        fields.append(("on", given["on"]))
    return f"/launch/{given['directive']}/audience?{urlencode(fields)}"
