"""`dondoc schedule …`: the jobs of the clock, when they run, how the last run went; run, pause or move one."""

from typing import Annotated, Any

import typer
from rich.text import Text

from commands.context import CommandContext, check_sealed, command, now
from models.errors import Refused, reason_of
from models.i18n import Words, _
from models.operations.system_job import DEFAULT_CRONS, Job, JobName, JobState
from notifications.composing import wording
from workflows.access.audit_log import AuditActor
from workflows.jobs.job_words import JOB_WORDS, cron_words, outcome_words, told_words
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
    context.show([_data(job) for job in jobs], context.table(shown, columns, whole=("name", "next")))


@command(app, "show", example="dondoc schedule show tick")
def show(context: CommandContext, job: JobArgument) -> None:
    """Show one job in full."""
    _show(context, read_job_name(job))


@command(app, "run", example="dondoc schedule run open-periods")
def run(context: CommandContext, job: JobArgument) -> None:
    """Run a job now, in this process, also one that is paused; recorded as the clock's own runs are."""
    from workflows.jobs.run_job import run_job  # letters and SMTP take a while to load

    name = read_job_name(job)
    check_sealed(context)
    try:
        with context.logging():
            told = run_job(context.engine, context.settings, name, now=now())
    except Exception as fault:
        raise Refused("job {job} failed: {reason}", job=written(name), reason=reason_of(fault)) from fault
    context.show({"job": name, "outcome": told}, Text(", ".join(context.words(one) for one in told_words(told))))


@command(app, "pause", example="dondoc schedule pause summaries")
def pause_(context: CommandContext, job: JobArgument) -> None:
    """Stop a job from running by the clock, until it is resumed; the clock's tick leaves its work too."""
    name = read_job_name(job)
    with context.transaction() as session:
        pause(session, name, now(), AuditActor(now()))
    _show(context, name)


@command(app, "resume", example="dondoc schedule resume summaries")
def resume_(context: CommandContext, job: JobArgument) -> None:
    """Let a job run by the clock again."""
    name = read_job_name(job)
    with context.transaction() as session:
        resume(session, name, now(), AuditActor(now()))
    _show(context, name)


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
    name = read_job_name(job)
    with context.transaction() as session:
        set_cron(session, name, " ".join(cron), now(), AuditActor(now()))
    _show(context, name)


@command(app, "reset", example="dondoc schedule reset purge")
def reset(context: CommandContext, job: JobArgument) -> None:
    """Let a job run at its usual times again."""
    name = read_job_name(job)
    with context.transaction() as session:
        set_cron(session, name, DEFAULT_CRONS[name], now(), AuditActor(now()))
    _show(context, name)


def _jobs(context: CommandContext) -> list[Job]:
    with context.reading() as session:
        return list_jobs(session, now(), every=context.settings.tick_seconds)


def _show(context: CommandContext, name: JobName) -> None:
    job = next(one for one in _jobs(context) if one.name is name)
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
    context.show(_data(job), Text("\n".join([written(name), *lines])))


def _when(context: CommandContext, job: Job) -> str:
    words = context.words(cron_words(job, every=context.settings.tick_seconds))
    return words if job.cron is None or job.cron in words else f"{words}\n{job.cron}"


def _last(context: CommandContext, job: Job) -> str:
    told = context.cell(outcome_words(job))
    if job.last_started_at is None:
        return told
    seconds = _running_seconds(job)
    took = "" if seconds is None else f", {wording.Words(context.language).decimal(seconds)} s"
    return f"{context.cell(job.last_started_at)}{took}\n{told}"


def _running_seconds(job: Job) -> float | None:
    return None if job.last_state is JobState.RUNNING else job.last_seconds


def _data(job: Job) -> dict[str, Any]:
    return job.model_dump()
