"""Pages of the clock's jobs: the list with last outcomes, run now, pause, other times, and a link to Prefect."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from models.errors import BadInput, DondocError
from models.i18n import _
from models.operations.engine_reads import AHEAD, PACES, held_alert, read_jobs
from models.operations.system_job import DEFAULT_CRONS, Job, JobName, JobState
from models.text.hosts import is_loopback
from models.text.localtime import read_day
from notifications.composing.troubles import read_trouble
from web.admin.alert_pages import alert_item
from web.admin.form_fields import WEEKDAYS, Fields, cron_fields, cron_of, field_text, missing_time_field, posted_fields
from web.request.form_input import FormInput, Posted
from web.request.having_right import MayRunJobs
from web.request.page_frame import admin_page
from web.request.request_context import RequestContext
from web.request.template_words import CHOICES
from workflows.jobs.clock.clock_ahead import confirm
from workflows.jobs.job_words import JOB_WORDS, cron_words, outcome_words
from workflows.jobs.system_jobs import ask_to_run, list_jobs, next_run, pause, read_job_name, resume, set_cron, written
from workflows.operations.doctor.engine import prefect
from workflows.operations.doctor.finding import CheckedInstallation

router = APIRouter()
_NO_TIME = _("say when it runs: a time and at least one weekday, or an expression")
_LEAVES = CHOICES["leaves"] | {"usual": _("at the pace of the settings")}
_NEXT_RUNS_SHOWN = 3


class ConfirmedClock(FormInput):
    today: str = ""


@dataclass(frozen=True)
class JobCard:
    job: Job
    name: str  # as a person types it
    words: str
    does: str
    when: str
    outcome: str
    is_failed: bool


@router.get("/admin/jobs")
def jobs_page(context: MayRunJobs) -> HTMLResponse:
    return _page(context)


@router.post("/admin/jobs/{name}/run")
def run(context: MayRunJobs, name: str, form: Posted) -> Response:
    """Ask a running clock to do the job at once. The message says so if no clock is running."""
    job = read_job_name(name)
    with context.transaction() as session:
        is_clock_running = _is_clock_running(context, read_jobs(session))
        ask_to_run(session, job, context.now, context.audit_actor)
    message = (
        _("{job}: a clock begins it within seconds. Look again for how it went.")
        if is_clock_running
        else _("{job}: no clock is running. It begins as soon as one does; or by hand: dondoc schedule run {name}")
    )
    return context.go("/admin/jobs", message, job=context.words(job.label), name=written(job))


@router.post("/admin/jobs/{name}/pause")
def pause_job(context: MayRunJobs, name: str, form: Posted) -> Response:
    job = read_job_name(name)
    with context.transaction() as session:
        pause(session, job, context.now, context.audit_actor)
    return context.go("/admin/jobs", _("{job}: paused."), job=context.words(job.label))


@router.post("/admin/jobs/{name}/resume")
def resume_job(context: MayRunJobs, name: str, form: Posted) -> Response:
    job = read_job_name(name)
    with context.transaction() as session:
        resume(session, job, context.now, context.audit_actor)
    return context.go("/admin/jobs", _("{job}: runs again."), job=context.words(job.label))


@router.get("/admin/jobs/{name}")
def job_page(context: MayRunJobs, name: str) -> HTMLResponse:
    return _form(context, read_job_name(name))


@router.post("/admin/jobs/{name}")
def change_times(context: MayRunJobs, name: str, form: Posted) -> Response:
    """Give a job other times, or its usual times again. A running clock follows within seconds."""
    job, fields = read_job_name(name), posted_fields(form)
    with context.submit(lambda error: _form(context, job, fields, error)) as session:
        cron = DEFAULT_CRONS[job] if field_text(fields, "usual") else _cron(fields)
        set_cron(session, job, cron, context.now, context.audit_actor)
    return context.go("/admin/jobs", _("{job}: the times are saved."), job=context.words(job.label))


@router.post("/admin/clock")
def confirm_clock(context: MayRunJobs, form: Annotated[ConfirmedClock, Depends(ConfirmedClock.sent)]) -> Response:
    """Confirm today's date, so that ticks go on that were held because the clock was far ahead."""
    with context.submit(lambda error: _page(context, form.today, error)) as session:
        confirm(
            session, now=context.now, today=read_day(_("Today's date"), form.today), audit_actor=context.audit_actor
        )
    return context.go("/admin/jobs", _("The clock is confirmed; the work goes on with the next tick."))


def _page(context: RequestContext, today: str = "", error: DondocError | None = None) -> HTMLResponse:
    every = context.settings.tick_seconds
    with context.reading() as session:
        listed_jobs, stored_jobs = list_jobs(session, context.now, every=every), read_jobs(session)
        alert = held_alert(session)
        held = read_trouble(alert_item(alert), context.language) if alert is not None else None
    finding = prefect(CheckedInstallation(context.settings, context.now))
    return admin_page(
        context,
        "jobs.html",
        held=held,
        today=today,
        error=error,
        cards=[_card(context, job) for job in listed_jobs],
        clock_runs=_is_clock_running(context, stored_jobs),
        prefect=finding,
        prefect_url=_reachable(context, finding.words.facts),
    )


def _card(context: RequestContext, job: Job) -> JobCard:
    return JobCard(
        job=job,
        name=written(job.name),
        words=job.name.label,
        does=JOB_WORDS[job.name],
        when=context.words(cron_words(job, every=context.settings.tick_seconds)),
        outcome=", ".join(context.words(words) for words in outcome_words(job)),
        is_failed=job.last_state is JobState.FAILED,
    )


def _is_clock_running(context: RequestContext, jobs: list[Job]) -> bool:
    """Return True if a clock has just begun a job that runs at the pace of the settings."""
    started = [job.last_started_at for job in jobs if job.last_started_at is not None and job.cron is None]
    if not started:
        return False
    longest_pause = max(PACES * context.settings.tick_seconds, AHEAD.total_seconds())
    return (context.now - max(started)).total_seconds() <= longest_pause


def _reachable(context: RequestContext, facts: Mapping[str, Any]) -> str:
    """Return the address of Prefect's pages if the reader's browser can open it, or ""."""
    url = str(facts.get("url", ""))
    site_host = context.request.url.hostname or ""
    if not url or is_loopback(site_host):
        return url
    return "" if is_loopback(context.settings.prefect_host) else url.replace("127.0.0.1", site_host)


def _cron(fields: Fields) -> str | None:
    """Return the expression of the form, or None for the pace of the settings. BadInput if no time is given."""
    if missing_time_field(fields, "cron"):
        raise BadInput(_NO_TIME)
    return cron_of(fields, "cron") or None


def _form(
    context: RequestContext, name: JobName, typed: Fields | None = None, error: DondocError | None = None
) -> HTMLResponse:
    every = context.settings.tick_seconds
    with context.reading() as session:
        job = next(job for job in list_jobs(session, context.now, every=every) if job.name is name)
    fields = typed if typed is not None else cron_fields(job.cron, "cron")
    at_fault = missing_time_field(fields, "cron") or (
        "leaves_at" if field_text(fields, "leaves") == "weekly" else "cron"
    )
    return admin_page(
        context,
        "job_form.html",
        card=_card(context, job),
        v=lambda field: field_text(fields, field),
        has=lambda field, value: value in fields.get(field, ()),
        wrong=lambda field: [error.tell(context.language)] if error and field == at_fault else [],
        leaves=_LEAVES,
        weekdays=WEEKDAYS,
        usual=DEFAULT_CRONS[name],
        ahead=_next_runs(job, context.now, every=every),
        error=error,
    )


def _next_runs(job: Job, now: datetime, *, every: int) -> list[datetime]:
    """Return the next runs of a job; fewer than `_NEXT_RUNS_SHOWN` if its expression has an end."""
    runs: list[datetime] = []
    previous = now
    while len(runs) < _NEXT_RUNS_SHOWN:
        run = next_run(job.cron, previous, every=every)
        if run is None:
            break
        runs.append(run)
        previous = run
    return runs
