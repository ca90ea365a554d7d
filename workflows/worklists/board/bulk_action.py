"""Act on many tasks at once: asked for once, done one by one, each in a transaction of its own with its progress.

A task that cannot be acted on is refused alone, with the reason, and holds up no other. After a kill it goes on with
the next one; the form sent twice is one background job.
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
from workflows.rules.tasks.lifecycle import SPECS, Action
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
    """BadInput for what is given wrongly, Refused where nothing is chosen."""
    kind = SPECS[checked.action].input
    read = read_input(kind, given)
    if not checked.to_do:
        raise Refused("no task of this choice can be acted on: choose others")
    return ask(
        session,
        BULK,
        {
            "directive": directive.code,
            "action": checked.action.value,
            "given": read.model_dump(mode="json"),
            "tasks": [one.id.hex for one in checked.to_do],
        },
        asked_by=principal.person.id,
        now=now,
        job_id=job_id,
    )


def bulk(turn: JobRun) -> None:
    """Do a background job that `ask_bulk` queued."""
    tasks: Sequence[str] = turn.job.given["tasks"]
    with reading(turn.engine) as session:
        calendar = load_calendar(session)
    for position in range(turn.job.done, len(tasks)):
        with transaction(turn.engine) as session:
            fault = _act(session, turn, UUID(tasks[position]), calendar)
            if fault is not None:
                session.add(JobPart(errand_id=turn.job.id, name=tasks[position], content=fault))
            turn.progress(session, position + 1, len(tasks))
    with transaction(turn.engine) as session:
        refused = session.exec(
            select(func.count()).select_from(JobPart).where(col(JobPart.errand_id) == turn.job.id)
        ).one()
        turn.finish(session, {"done": len(tasks) - refused, "refused": refused}, {})


def read_refusals(session: Session, job: BackgroundJob) -> dict[UUID, dict[str, str]]:
    """Return why tasks of a background job were refused, by language."""
    parts = session.exec(select(JobPart).where(JobPart.errand_id == job.id))
    return {UUID(part.name): part.content for part in parts}


def _act(session: Session, turn: JobRun, task_id: UUID, calendar: WorkCalendar) -> dict[str, str] | None:
    """Return what stands against it, in every language; None where it was done."""
    given = turn.job.given
    try:
        with session.begin_nested():
            actor = session.get_one(Person, turn.job.asked_by)
            acting = ActorContext(session, actor, turn.moment, calendar, turn.settings)
            act(acting, task_id, Action(given["action"]), given["given"], letters_at=turn.job.asked_at)
    except DondocError as error:
        return {language: error.tell(language) for language in LANGUAGES}
    except Exception as error:
        if not is_poison(error):
            raise
        _log.exception("bulk_task_failed", task=str(task_id))
        return dict.fromkeys(LANGUAGES, reason_of(error))
    return None
