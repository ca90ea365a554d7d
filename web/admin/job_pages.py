"""The clock's jobs: when each runs, how its last run went, run now, pause, other times; Prefect's own pages."""

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
from web.admin.form_fields import WEEKDAYS, Fields, cron_fields, cron_of, one, posted_fields, unsaid_field
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
_AHEAD = 3  # runs to come that the form of an expression names


class ConfirmedClock(FormInput):
    today: str = ""


@dataclass(frozen=True)
class JobCard:
    job: Job
    name: str  # as one types it
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
    """Ask a running clock to do the job at once; say so where none runs."""
    job = read_job_name(name)
    with context.transaction() as session:
        runs = _clock_runs(context, read_jobs(session))
        ask_to_run(session, job, context.now, context.hand)
    said = (
        _("{job}: a clock begins it within seconds. Look again for how it went.")
        if runs
        else _("{job}: no clock is running. It begins as soon as one does; or by hand: dondoc schedule run {name}")
    )
    return context.go("/admin/jobs", said, job=context.words(job.label), name=written(job))


@router.post("/admin/jobs/{name}/pause")
def stop(context: MayRunJobs, name: str, form: Posted) -> Response:
    job = read_job_name(name)
    with context.transaction() as session:
        pause(session, job, context.now, context.hand)
    return context.go("/admin/jobs", _("{job}: paused."), job=context.words(job.label))


@router.post("/admin/jobs/{name}/resume")
def go_on(context: MayRunJobs, name: str, form: Posted) -> Response:
    job = read_job_name(name)
    with context.transaction() as session:
        resume(session, job, context.now, context.hand)
    return context.go("/admin/jobs", _("{job}: runs again."), job=context.words(job.label))


@router.get("/admin/jobs/{name}")
def job_page(context: MayRunJobs, name: str) -> HTMLResponse:
    return _form(context, read_job_name(name))


@router.post("/admin/jobs/{name}")
def move(context: MayRunJobs, name: str, form: Posted) -> Response:
    """Give it other times, or the usual times again. A running clock follows within seconds."""
    job, fields = read_job_name(name), posted_fields(form)
    with context.submit(lambda error: _form(context, job, fields, error)) as session:
        cron = DEFAULT_CRONS[job] if one(fields, "usual") else _cron(fields)
        set_cron(session, job, cron, context.now, context.hand)
    return context.go("/admin/jobs", _("{job}: the times are saved."), job=context.words(job.label))


@router.post("/admin/clock")
def confirm_clock(context: MayRunJobs, given: Annotated[ConfirmedClock, Depends(ConfirmedClock.sent)]) -> Response:
    """Take a person's word for which day it is: ticks that were held for a clock far ahead go on."""
    with context.submit(lambda error: _page(context, given.today, error)) as session:
        confirm(session, now=context.now, today=read_day(_("Today's date"), given.today), hand=context.hand)
    return context.go("/admin/jobs", _("The clock is confirmed; the work goes on with the next tick."))


def _page(context: RequestContext, today: str = "", error: DondocError | None = None) -> HTMLResponse:
    every = context.settings.tick_seconds
    with context.reading() as session:
        jobs, kept = list_jobs(session, context.now, every=every), read_jobs(session)
        alert = held_alert(session)
        held = read_trouble(alert_item(alert), context.language) if alert is not None else None
    finding = prefect(CheckedInstallation(context.settings, context.now))
    return admin_page(
        context,
        "jobs.html",
        held=held,
        today=today,
        error=error,
        cards=[_card(context, job) for job in jobs],
        clock_runs=_clock_runs(context, kept),
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
        outcome=", ".join(context.words(one) for one in outcome_words(job)),
        is_failed=job.last_state is JobState.FAILED,
    )


def _clock_runs(context: RequestContext, jobs: list[Job]) -> bool:
    """Some clock did something lately, by those jobs that run at the pace of the settings."""
    begun = [job.last_started_at for job in jobs if job.last_started_at is not None and job.cron is None]
    newest = max(begun, default=None)
    return newest is not None and (context.now - newest).total_seconds() <= max(
        PACES * context.settings.tick_seconds, AHEAD.total_seconds()
    )


def _reachable(context: RequestContext, facts: Mapping[str, Any]) -> str:
    """The address of Prefect's pages, where this reader's browser can open it: on this very machine, or elsewhere."""
    url, host = str(facts.get("url", "")), context.settings.prefect_host
    if not url:
        return ""
    asked = context.request.url.hostname or ""
    if is_loopback(asked):
        return url
    return "" if is_loopback(host) else url.replace("127.0.0.1", asked)


def _cron(fields: Fields) -> str | None:
    """None for the pace of the settings. BadInput where the form says no time."""
    if unsaid_field(fields, "cron"):
        raise BadInput(_NO_TIME)
    return cron_of(fields, "cron") or None


def _form(
    context: RequestContext, name: JobName, typed: Fields | None = None, error: DondocError | None = None
) -> HTMLResponse:
    every = context.settings.tick_seconds
    with context.reading() as session:
        job = next(one for one in list_jobs(session, context.now, every=every) if one.name is name)
    ahead: list[datetime] = []
    moment: datetime | None = context.now
    while len(ahead) < _AHEAD and moment is not None:
        moment = next_run(job.cron, moment, every=every)
        ahead += [moment] if moment is not None else []
    fields = typed if typed is not None else cron_fields(job.cron, "cron")
    at_fault = unsaid_field(fields, "cron") or ("leaves_at" if one(fields, "leaves") == "weekly" else "cron")
    return admin_page(
        context,
        "job_form.html",
        card=_card(context, job),
        v=lambda field: one(fields, field),
        has=lambda field, value: value in fields.get(field, ()),
        wrong=lambda field: [error.tell(context.language)] if error and field == at_fault else [],
        leaves=_LEAVES,
        weekdays=WEEKDAYS,
        usual=DEFAULT_CRONS[name],
        ahead=ahead,
        error=error,
    )
