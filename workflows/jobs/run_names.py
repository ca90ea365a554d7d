"""Name runs and their tags for Prefect's pages. This module does not import Prefect, so every other one may use it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty, find_directive
from models.errors import NotFound
from models.i18n import translate
from models.operations.background_job import LAUNCH, BackgroundJob
from models.operations.system_job import JobName
from models.text.localtime import local, local_date
from models.words import period_words
from workflows.jobs.system_jobs import written
from workflows.launch.launch_order import LaunchOrder
from workflows.launch.launch_plan import published
from workflows.rules.calendar.periods import period_of

BACKGROUND_JOB = "background-job"
"""The name of the flow of background jobs, and of its deployment."""


@dataclass(frozen=True)
class RunName:
    """A run: the flow with its parameters (`given`), and its name and tags in Prefect's pages."""

    flow: str
    given: Mapping[str, str]
    name: str
    tags: tuple[str, ...] = ()


def name_job(name: JobName, planned: datetime) -> RunName:
    """Name a job's run by its moment (UTC) in local time: "tick 08:00"."""
    title = f"{written(name)} {local(planned):%H:%M}"
    return RunName("job", {"name": name.value, "planned": planned.isoformat()}, title, (written(name),))


def name_background_job(session: Session, job: BackgroundJob) -> RunName:
    """Name a background job by its duties, for example "launch 2.b, Quý IV/2026"."""
    name, tags = job.kind, [job.kind]
    order = job.given if job.kind == LAUNCH else job.given.get("order")
    if order is not None:
        with suppress(ValidationError, NotFound):  # the job itself will raise the error
            launch = LaunchOrder.model_validate(order)
            directive = find_directive(session, launch.directive)
            duties = [*launch.paths, *_periods(session, directive, launch, job.not_before)]
            name, tags = f"{name} {', '.join(duties)}", [*tags, directive.number or directive.code, *launch.paths]
    return RunName(BACKGROUND_JOB, {"job": str(job.id)}, name, tuple(tags))


def _periods(session: Session, directive: Directive, order: LaunchOrder, not_before: datetime) -> list[str]:
    duties = select(Duty.id).where(Duty.directive_id == directive.id, col(Duty.path).in_(order.paths))
    day = local_date(order.starts_at(not_before))
    rules = [version.read_spec().period for version in published(session, session.exec(duties).all()).values()]
    periods = [period_words(period_of(rule, day).key) for rule in rules if rule is not None]
    return list(dict.fromkeys(translate(words[0], "vi", **words[1]) for words in periods if words is not None))
