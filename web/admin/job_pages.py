"""The clock's jobs: when each runs, how its last run went, run now, pause, another expression; Prefect's own pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from models.errors import DondocError
from models.i18n import _
from models.operations.engine_reads import AHEAD, PACES, held_alert, read_jobs
from models.operations.system_job import DEFAULT_CRONS, Job, JobName, JobState
from models.text.localtime import read_day
from notifications.composing.troubles import read_trouble
from web.admin.alert_pages import alert_item
from web.request.page_frame import admin_page, hand
from web.request.request_context import Posted, RequestContext, Signed, text
from workflows.jobs.clock.clock_ahead import confirm
from workflows.jobs.job_words import JOB_WORDS, cron_words, outcome_words
from workflows.jobs.system_jobs import ask_to_run, list_jobs, next_run, pause, read_job_name, resume, set_cron, written
from workflows.operations.doctor import Case
from workflows.operations.doctor.engine import prefect
from workflows.rules.rights_table import Right

router = APIRouter()
_AHEAD = 3  # runs to come that the form of an expression names


@dataclass(frozen=True)
class JobCard:
    """A job as its page shows it."""

    job: Job
    name: str  # as one types it
    words: str
    does: str
    when: str
    outcome: str
    is_failed: bool


@router.api_route("/admin/jobs", methods=["GET", "HEAD"])
def jobs_page(visit: Signed) -> HTMLResponse:
    """Return all jobs, and whether a clock runs them."""
    visit.require(Right.RUN_JOBS)
    return _page(visit)


@router.post("/admin/jobs/{name}/run")
def run(visit: Signed, name: str, form: Posted) -> Response:
    """Ask a running clock to do the job at once; say so where none runs."""
    visit.require(Right.RUN_JOBS)
    job = read_job_name(name)
    with visit.transaction() as session:
        runs = _clock_runs(visit, read_jobs(session))
        ask_to_run(session, job, visit.now, hand(visit))
    said = (
        _("{job}: a clock begins it within seconds. Look again for how it went.")
        if runs
        else _("{job}: no clock is running. It begins as soon as one does; or by hand: dondoc schedule run {name}")
    )
    return visit.go("/admin/jobs", said, job=visit.words(job.label), name=written(job))


@router.post("/admin/jobs/{name}/pause")
def stop(visit: Signed, name: str, form: Posted) -> Response:
    """Pause a job: the clock no longer does it, in ticks neither, until it is resumed."""
    visit.require(Right.RUN_JOBS)
    job = read_job_name(name)
    with visit.transaction() as session:
        pause(session, job, visit.now, hand(visit))
    return visit.go("/admin/jobs", _("{job}: paused."), job=visit.words(job.label))


@router.post("/admin/jobs/{name}/resume")
def go_on(visit: Signed, name: str, form: Posted) -> Response:
    """Resume a job: the clock does it again."""
    visit.require(Right.RUN_JOBS)
    job = read_job_name(name)
    with visit.transaction() as session:
        resume(session, job, visit.now, hand(visit))
    return visit.go("/admin/jobs", _("{job}: runs again."), job=visit.words(job.label))


@router.api_route("/admin/jobs/{name}", methods=["GET", "HEAD"])
def job_page(visit: Signed, name: str) -> HTMLResponse:
    """Return a form for when a job runs."""
    visit.require(Right.RUN_JOBS)
    return _form(visit, read_job_name(name))


@router.post("/admin/jobs/{name}")
def move(visit: Signed, name: str, form: Posted) -> Response:
    """Return another expression, or the usual times again. A running clock follows within seconds."""
    visit.require(Right.RUN_JOBS)
    job, cron = read_job_name(name), text(form, "cron")
    try:
        with visit.transaction() as session:
            set_cron(session, job, DEFAULT_CRONS[job] if form.get("usual") else cron or None, visit.now, hand(visit))
    except DondocError as error:
        return _form(visit, job, cron, error)
    return visit.go("/admin/jobs", _("{job}: the times are kept."), job=visit.words(job.label))


@router.post("/admin/clock")
def confirm_clock(visit: Signed, form: Posted) -> Response:
    """Take a person's word for which day it is: ticks that were held for a clock far ahead go on."""
    visit.require(Right.RUN_JOBS)
    given = text(form, "today")
    try:
        with visit.transaction() as session:
            confirm(session, now=visit.now, today=read_day(_("Today's date"), given), hand=hand(visit))
    except DondocError as error:
        return _page(visit, given, error)
    return visit.go("/admin/jobs", _("The clock is confirmed; the work goes on with the next tick."))


def _page(visit: RequestContext, today: str = "", error: DondocError | None = None) -> HTMLResponse:
    every = visit.settings.tick_seconds
    with visit.reading() as session:
        jobs, kept = list_jobs(session, visit.now, every=every), read_jobs(session)
        alert = held_alert(session)
        held = read_trouble(alert_item(alert), visit.language) if alert is not None else None
    finding = prefect(Case(visit.settings, visit.now))
    return admin_page(
        visit,
        "jobs.html",
        visit.fault(error) if error else 200,
        held=held,
        today=today,
        error=error,
        cards=[_card(visit, job) for job in jobs],
        clock_runs=_clock_runs(visit, kept),
        prefect=finding,
        prefect_url=_reachable(visit, finding.words.facts),
    )


def _card(visit: RequestContext, job: Job) -> JobCard:
    return JobCard(
        job=job,
        name=written(job.name),
        words=job.name.label,
        does=JOB_WORDS[job.name],
        when=visit.words(cron_words(job, every=visit.settings.tick_seconds)),
        outcome=", ".join(visit.words(one) for one in outcome_words(job)),
        is_failed=job.last_state is JobState.FAILED,
    )


def _clock_runs(visit: RequestContext, jobs: list[Job]) -> bool:
    """Return whether some clock did something lately, by those jobs that run at the pace of the settings."""
    begun = [job.last_started_at for job in jobs if job.last_started_at is not None and job.cron is None]
    newest = max(begun, default=None)
    return newest is not None and (visit.now - newest).total_seconds() <= max(
        PACES * visit.settings.tick_seconds, AHEAD.total_seconds()
    )


def _reachable(visit: RequestContext, facts: Mapping[str, Any]) -> str:
    """Return the address of Prefect's pages, where this reader's browser can open it: on this very machine, or
    elsewhere.
    """
    url, host = str(facts.get("url", "")), visit.settings.prefect_host
    if not url:
        return ""
    asked = visit.request.url.hostname or ""
    here = asked == "localhost" or _is_loopback(asked)
    if here:
        return url
    return "" if host == "localhost" or _is_loopback(host) else url.replace("127.0.0.1", asked)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _form(
    visit: RequestContext, name: JobName, cron: str | None = None, error: DondocError | None = None
) -> HTMLResponse:
    every = visit.settings.tick_seconds
    with visit.reading() as session:
        job = next(one for one in list_jobs(session, visit.now, every=every) if one.name is name)
    ahead: list[datetime] = []
    moment: datetime | None = visit.now
    while len(ahead) < _AHEAD and moment is not None:
        moment = next_run(job.name, job.cron, moment, every=every)
        ahead += [moment] if moment is not None else []
    return admin_page(
        visit,
        "job_form.html",
        visit.fault(error) if error else 200,
        card=_card(visit, job),
        cron=cron if cron is not None else job.cron or "",
        usual=DEFAULT_CRONS[name],
        ahead=ahead,
        error=error,
    )
