"""`dondoc schedule …`: list the jobs of the clock with their last and next runs; run, pause or move one."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer
from sqlmodel import Session

from commands.context import CommandContext, check_sealed, command, now
from models.errors import Refused, reason_of
from models.i18n import Words, _
from models.operations.system_job import DEFAULT_CRONS, Job, JobName, JobState
from notifications.composing import wording
from workflows.access.audit_log import AuditActor
from workflows.jobs.job_words import JOB_WORDS, count_words, cron_words, outcome_words
from workflows.jobs.system_jobs import list_jobs, pause, read_job_name, resume, set_cron, written

app = typer.Typer(help="The clock's jobs: list, run, pause, set.", no_args_is_help=True)


def _names(incomplete: str) -> list[str]:
    return [written(name) for name in JobName if written(name).startswith(incomplete.replace("_", "-"))]


JobArgument = Annotated[
    str, typer.Argument(metavar="JOB", help=", ".join(map(written, JobName)) + ".", autocompletion=_names)
]


@command(app, "list", example="dondoc schedule list")
def list_(context: CommandContext) -> None:
    """List the jobs: when each runs, how its last run went, when it runs next."""
    jobs = _jobs(context)
    columns = {"name": _("job"), "when": _("when"), "last": _("last run"), "next": _("next run")}
    shown = [
        {
            "name": written(job.name),
            "when": _when(context, job),
            "last": _last(context, job),
            "next": _("paused") if job.is_paused else job.next_run_at,
        }
        for job in jobs
    ]
    context.show([job.model_dump() for job in jobs], context.table(shown, columns, whole=("name", "next")))


@command(app, "show", example="dondoc schedule show tick")
def show(context: CommandContext, job: JobArgument) -> None:
    """Show one job in full."""
    _show(context, read_job_name(job))


@command(app, "run", example="dondoc schedule run open-periods")
def run(context: CommandContext, job: JobArgument) -> None:
    """Run a job now, in this process, also one that is paused; recorded as the clock's own runs are."""
    from workflows.jobs.run_job import run_alone  # letters and SMTP take a while to load

    name = read_job_name(job)
    check_sealed(context)
    try:
        with context.logging():
            outcome = run_alone(context.engine, context.settings, name, clock=now)
    except Exception as fault:
        raise Refused("job {job} failed: {reason}", job=written(name), reason=reason_of(fault)) from fault
    context.show({"job": name, "outcome": outcome}, ", ".join(context.words(words) for words in count_words(outcome)))


@command(app, "pause", example="dondoc schedule pause summaries")
def pause_(context: CommandContext, job: JobArgument) -> None:
    """Stop a job from running by the clock, until it is resumed; the clock's tick leaves its work too."""
    _change(context, job, pause)


@command(app, "resume", example="dondoc schedule resume summaries")
def resume_(context: CommandContext, job: JobArgument) -> None:
    """Let a job run by the clock again."""
    _change(context, job, resume)


@command(app, "set", example='dondoc schedule set purge "30 2 * * *"')
def set_(
    context: CommandContext,
    job: JobArgument,
    cron: Annotated[
        list[str],
        typer.Argument(
            metavar="CRON", help="Minute hour day month weekday, in quotes; local time, 0 and 7 are Sunday."
        ),
    ],
) -> None:
    """Set when a job runs. A running `serve` follows within seconds, and its tick leaves the work to that job."""
    _change(context, job, lambda session, name, *rest: set_cron(session, name, " ".join(cron), *rest))


@command(app, "reset", example="dondoc schedule reset purge")
def reset(context: CommandContext, job: JobArgument) -> None:
    """Let a job run at its usual times again."""
    _change(context, job, lambda session, name, *rest: set_cron(session, name, DEFAULT_CRONS[name], *rest))


def _change(context: CommandContext, job: str, change: Callable[[Session, JobName, datetime, AuditActor], Job]) -> None:
    name = read_job_name(job)
    with context.transaction() as session:
        change(session, name, now(), AuditActor(now()))
    _show(context, name)


def _jobs(context: CommandContext) -> list[Job]:
    with context.reading() as session:
        return list_jobs(session, now(), every=context.settings.tick_seconds)


def _show(context: CommandContext, name: JobName) -> None:
    job = next(listed_job for listed_job in _jobs(context) if listed_job.name is name)
    facts: dict[Words, Any] = {
        _("what it does"): JOB_WORDS[name],
        _("when"): cron_words(job, every=context.settings.tick_seconds),
        _("expression"): job.cron,
        _("paused"): job.is_paused or None,
        _("next run"): job.next_run_at,
        _("last run"): job.last_started_at,
        _("seconds"): _running_seconds(job),
        _("how it went"): outcome_words(job),
        _("last run that did not fail"): job.last_done_at,
    }
    lines = [
        f"{context.words(label)}: {context.cell(value)}" for label, value in facts.items() if value not in (None, "")
    ]
    context.show(job.model_dump(), "\n".join([written(name), *lines]))


def _when(context: CommandContext, job: Job) -> str:
    words = context.words(cron_words(job, every=context.settings.tick_seconds))
    return words if job.cron is None or job.cron in words else f"{words}\n{job.cron}"


def _last(context: CommandContext, job: Job) -> str:
    outcome = context.cell(outcome_words(job))
    if job.last_started_at is None:
        return outcome
    seconds = _running_seconds(job)
    duration = "" if seconds is None else f", {wording.WrittenWords(context.language).decimal(seconds)} s"
    return f"{context.cell(job.last_started_at)}{duration}\n{outcome}"


def _running_seconds(job: Job) -> float | None:
    return None if job.last_state is JobState.RUNNING else job.last_seconds
