"""The preview of a launch: order it, then read it by day, print it, or download it as CSV."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from models.database.paging import Paging
from models.errors import BadInput, NotFound
from models.i18n import _
from models.letters.letter import LetterKind
from models.operations.background_job import PREVIEW, BackgroundJob, BackgroundJobState
from models.text.localtime import local_date, read_day
from models.words import rung_words
from web.launch.launch_form import LaunchForm, SentLaunch
from web.launch.steps import planned_page
from web.launch.wording import WORDING
from web.letters.day_strip import by_month, strip_days
from web.request.request_context import RequestContext, Signed
from workflows.access.rights import open_directive
from workflows.jobs.launch_preview import HORIZONS
from workflows.launch.launch_order import ask_preview as order_preview
from workflows.organization.plain_cells import plain_line
from workflows.queue.background_jobs import find_background_job, read_part
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/launch")
ON_A_PAGE = 50
PRINTED = 3_000
"""The most letters of a printed list. The CSV holds all of them."""


@router.post("/{code}/preview")
def ask_preview(code: str, context: Signed, form: SentLaunch) -> Response:
    with context.again(lambda error: planned_page(context, "preview", form, error)):
        if form.days not in map(str, HORIZONS):
            raise BadInput("days {days}: expected one of {allowed}", days=form.days, allowed=list(HORIZONS))
        with context.transaction() as session:
            open_directive(session, context.principal, code, Right.LAUNCH)
            job = order_preview(context.acting(session), form.order(session), days=int(form.days))
    return context.go(f"/background-jobs/{job.id}")


@router.get("/{code}/preview/{job_id}")
def days_page(code: str, job_id: UUID, context: Signed) -> HTMLResponse:
    job, form = _find(context, code, job_id)
    counts = {date.fromisoformat(day): letters for day, _tasks, _due, letters in job.outcome["days"]}
    first = local_date(datetime.fromisoformat(job.outcome["on"]))
    last = max([first + timedelta(days=int(job.given["days"])), *counts])
    with context.reading() as session:
        days = strip_days(first, last, counts, context.calendar(session))
    return context.page(
        "launch/days.html",
        job=job,
        form=form,
        found=job.outcome,
        months=by_month(days),
        due={date.fromisoformat(day): number for day, _tasks, number, _letters in job.outcome["days"] if number},
        busy={date.fromisoformat(day) for day, *_counts in job.outcome["days"]},
        address=lambda day: f"/launch/{code}/preview/{job.id}/day/{day.isoformat()}",
        **_facts(context, job),
    )


@router.get("/{code}/preview/{job_id}/day/{day}")
def day_page(code: str, job_id: UUID, day: str, context: Signed, page: int = 1) -> HTMLResponse:
    job, form = _find(context, code, job_id)
    read_day(_("Day"), day)
    with context.reading() as session:
        part = read_part(session, job.id, day)
    if part is None:
        raise NotFound("there is no such page")
    paging = Paging.of(page, max(len(part["letters"]), len(part["tasks"]), len(part["due"])), ON_A_PAGE)
    shown = {name: rows[paging.rows] for name, rows in part.items()}
    days = [listed_day for listed_day, *_counts in job.outcome["days"]]
    index = days.index(day)
    return context.page(
        "launch/day.html",
        job=job,
        form=form,
        day=day,
        shown=shown,
        part=part,
        paging=paging,
        before=days[index - 1] if index else None,
        after=days[index + 1] if index + 1 < len(days) else None,
        **_facts(context, job),
    )


@router.get("/{code}/preview/{job_id}/print")
def print_page(code: str, job_id: UUID, context: Signed) -> HTMLResponse:
    job, form = _find(context, code, job_id)
    is_too_long = job.outcome["letters"] > PRINTED
    parts = [] if is_too_long else list(_parts(context, job))
    return context.page(
        "launch/print.html",
        job=job,
        form=form,
        parts=parts,
        is_too_long=is_too_long,
        most=PRINTED,
        found=job.outcome,
        **_facts(context, job),
    )


@router.get("/{code}/preview/{job_id}/csv")
def preview_csv(code: str, job_id: UUID, context: Signed) -> StreamingResponse:
    job, _asked = _find(context, code, job_id)
    name = f"xem-truoc-{code}.csv" if context.language == "vi" else f"preview-{code}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_csv(context, job), media_type="text/csv; charset=utf-8", headers=headers)


def _find(context: RequestContext, code: str, job_id: UUID) -> tuple[BackgroundJob, LaunchForm]:
    with context.reading() as session:
        job = find_background_job(session, context.principal, job_id)
    if job.kind != PREVIEW or job.given["order"]["directive"] != code or job.state is not BackgroundJobState.DONE:
        raise NotFound("there is no such page")
    state = job.given["state"]
    fields = {name: value for name, value in state if name != "duty"}
    return job, LaunchForm(code=code, duty=tuple(value for name, value in state if name == "duty"), **fields)


def _facts(context: RequestContext, job: BackgroundJob) -> dict[str, Any]:
    with context.reading() as session:
        directive = open_directive(session, context.principal, job.given["order"]["directive"], Right.LAUNCH)
    return {"directive": directive, "step": "preview", **WORDING}


def _parts(context: RequestContext, job: BackgroundJob) -> Iterator[tuple[str, dict[str, Any]]]:
    for day, *_counts in job.outcome["days"]:
        with context.reading() as session:
            yield day, read_part(session, job.id, day) or {"tasks": [], "due": [], "letters": []}


def _csv(context: RequestContext, job: BackgroundJob) -> Iterator[str]:
    headings = (_("day"), _("time"), _("what"), _("unit"), _("duty"), _("recipient"), _("reason"), _("subject"))
    yield "\ufeff" + plain_line([context.words(heading) for heading in headings])
    for day, part in _parts(context, job):
        for what, rows in ((_("task given"), part["tasks"]), (_("task due"), part["due"])):
            for task in rows:
                yield plain_line([day, "", context.words(what), task["unit_name"], task["duty"], "", "", ""])
        for letter in part["letters"]:
            rungs = ", ".join(context.words(rung_words(rung)) for rung in letter["rungs"])
            kind = context.words(LetterKind(letter["kind"]).label)
            tasks = "; ".join(letter["tasks"])
            yield plain_line([day, letter["time"], kind, tasks, "", letter["recipient_name"], rungs, letter["subject"]])
