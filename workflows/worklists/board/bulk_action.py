"""Act on many tasks in one background job, each in a transaction of its own that also records the progress.

A task that refuses the action is recorded with the reason, and the others are done. After a kill the job continues with
the next task. A form that is sent twice makes one job.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.database.session import reading, transaction
from models.directives.directive import Directive
from models.errors import DondocError, Refused, reason_of
from models.i18n import LANGUAGES
from models.operations.background_job import BULK, BackgroundJob, JobPart
from models.operations.logs import get_log
from models.organization.person import Person
from workflows.access.actor_context import ActorContext
from workflows.access.rights import Principal
from workflows.organization.working_calendar import load_calendar
from workflows.queue.alerts import is_poison
from workflows.queue.background_jobs import JobRun, ask
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.lifecycle import SPECS
from workflows.tasks.act import act, read_input
from workflows.worklists.board.bulk_check import BulkCheck

_log = get_log(__name__)


def ask_bulk(
    session: Session,
    principal: Principal,
    directive: Directive,
    checked: BulkCheck,
    given: Mapping[str, Any],
    *,
    job_id: UUID,
    now: datetime,
) -> BackgroundJob:
    """Queue the job. BadInput for wrong inputs in `given`, Refused where no task is left to act on."""
    action_input = read_input(SPECS[checked.action].input, given)
    if not checked.to_do:
        raise Refused("no task of this choice can be acted on: choose others")
    return ask(
        session,
        BULK,
        {
            "directive": directive.code,
            "action": checked.action.value,
            "given": action_input.model_dump(mode="json"),
            "tasks": [task.id.hex for task in checked.to_do],
        },
        asked_by=principal.person.id,
        now=now,
        job_id=job_id,
    )


def bulk(run: JobRun) -> None:
    """Do a background job that `ask_bulk` queued."""
    task_ids: Sequence[str] = run.job.given["tasks"]
    with reading(run.engine) as session:
        calendar = load_calendar(session)
    for position in range(run.job.done, len(task_ids)):
        with transaction(run.engine) as session:
            refusal = _act(session, run, UUID(task_ids[position]), calendar)
            if refusal is not None:
                session.add(JobPart(errand_id=run.job.id, name=task_ids[position], content=refusal))
            run.progress(session, position + 1, len(task_ids))
    with transaction(run.engine) as session:
        refused = session.exec(
            select(func.count()).select_from(JobPart).where(col(JobPart.errand_id) == run.job.id)
        ).one()
        run.finish(session, {"done": len(task_ids) - refused, "refused": refused}, {})


def read_refusals(session: Session, job: BackgroundJob) -> dict[UUID, dict[str, str]]:
    """Return the reasons, by language, of each task that refused the action."""
    parts = session.exec(select(JobPart).where(JobPart.errand_id == job.id))
    return {UUID(part.name): part.content for part in parts}


def _act(session: Session, run: JobRun, task_id: UUID, calendar: WorkCalendar) -> dict[str, str] | None:
    """Act on one task. Return the reason of a refusal by language; None where the action is done."""
    given = run.job.given
    try:
        with session.begin_nested():
            actor = session.get_one(Person, run.job.asked_by)
            context = ActorContext(session, actor, run.moment, calendar, run.settings)
            act(context, task_id, Action(given["action"]), given["given"], letters_at=run.job.asked_at)
    except DondocError as error:
        return {language: error.tell(language) for language in LANGUAGES}
    except Exception as error:
        if not is_poison(error):
            raise
        _log.exception("bulk_task_failed", task=str(task_id))
        return dict.fromkeys(LANGUAGES, reason_of(error))
    return None
