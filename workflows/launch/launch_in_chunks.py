"""Carry out an ordered launch a few hundred tasks at a time, by as many processes as there are.

The first plans it and writes the chunks; each says by itself which tasks it is to make. Killed anywhere, another
process goes on: the launch has the background job's id, and a task that is there is not made again.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from models.database.rows import insert_new, table_of
from models.database.session import gc_paused, transaction
from models.directives.directive import Directive
from models.directives.launch import Launch
from models.directives.template import TemplateVersion
from models.operations.background_job import BackgroundJob, BackgroundJobState, ChunkState, JobChunk
from models.tasks.task import DueFixedBy
from workflows.launch.failed_launches import end_failed
from workflows.launch.launch_order import LaunchOrder, parts_of
from workflows.launch.launch_plan import Batch, LaunchPlan, find_directive, plan_launch
from workflows.launch.launch_tasks import begin_launch, lock_beginnings, record_launch
from workflows.organization.working_calendar import load_calendar
from workflows.queue.background_jobs import JobRun
from workflows.queue.chunks import end_background_job
from workflows.rules.calendar.due import DueDecision
from workflows.tasks.assign import LaunchContext, create_tasks

CHUNK = 500
"""Tasks a transaction: well under a second, so that nobody waits long for the write lock."""
_Covered = Mapping[tuple[UUID, str], set[UUID]]
"""Units that have their task already, by duty and occurrence."""


@gc_paused()
def plan_chunks(turn: JobRun) -> None:
    """Prove the coverage, begins the launch, and write what there is to do, all in one transaction.

    Taken up again after all processes have died, or after it failed, it plans what is not done yet at the new moment.
    """
    order = LaunchOrder.model_validate(turn.job.given)
    with transaction(turn.engine) as session:
        directive = find_directive(session, order.directive)
        lock_beginnings(session, directive)
        plan = plan_launch(
            session,
            directive,
            on=turn.moment,
            coordinator_id=order.coordinator_id,
            calendar=load_calendar(session),
            paths=order.paths,
            due_on=order.due_on,
            launch_id=turn.job.id,
        )
        armed = begin_launch(session, plan, override=order.override, reason=order.reason)
        kept = _keep_done(session, turn.job.id)
        rows = list(_rows(plan, turn.job, kept))
        insert_new(session, table_of(JobChunk), rows)
        done = sum(one.size for one in kept)
        told = turn.job.outcome
        # `before`: made by a process of the old ways, which wrote no chunks
        outcome = {"before": told.get("before", told.get("created", 0)), "armed": list(armed)}
        turn.progress(session, done, done + sum(row["size"] for row in rows), outcome)
        if not rows:
            end_launch_of(session, session.get_one(BackgroundJob, turn.job.id, populate_existing=True), now=turn.moment)


def do_launch_chunk(session: Session, job_id: UUID, content: Mapping[str, Any]) -> dict[str, Any]:
    """Make the tasks of one chunk. Raises Overtaken where somebody else is making one of them just now."""
    launch = session.get_one(Launch, job_id)
    version = session.get_one(TemplateVersion, UUID(content["version"]))
    launch_context = LaunchContext(
        directive=session.get_one(Directive, launch.directive_id),
        launch=launch,
        duty_id=version.duty_id,
        version_id=version.id,
        spec=version.read_spec(),
        occurrence=content["occurrence"],
        assigned_at=datetime.fromisoformat(content["at"]),
        assigner_unit_id=launch.assigner_unit_id,
        coordinator_id=launch.coordinator_id,
        actor_id=launch.coordinator_id,
    )
    partners = [UUID(one) for one in content["partners"]]
    made = create_tasks(
        session, launch_context, _read_shares(content["shares"]), partners=partners, calendar=load_calendar(session)
    )
    return {"created": made.created}


def end_launch_of(session: Session, job: BackgroundJob, *, now: datetime) -> None:
    """End the launch and its background job, once every task is there."""
    order, launch = LaunchOrder.model_validate(job.given), session.get_one(Launch, job.id)
    created, armed = count_created(session, job), tuple(job.outcome["armed"])
    is_one = record_launch(
        session, launch, created, armed, actor_id=job.asked_by, now=max(now, launch.launched_at), reason=order.reason
    )
    told = {
        "directive": order.directive,
        "created": created,
        "existing": job.total - created,
        "armed": list(armed),
        "launch": launch.id.hex if is_one else None,
    }
    end_background_job(session, job.id, BackgroundJobState.DONE, now=now, outcome=told)
    end_failed(session, order.directive, order.paths, now=now)


def count_created(session: Session, job: BackgroundJob) -> int:
    """Return how many tasks the background job has made so far."""
    outcomes = session.exec(select(JobChunk.outcome).where(JobChunk.errand_id == job.id)).all()
    return int(job.outcome.get("before", 0)) + sum(int(one.get("created", 0)) for one in outcomes)


def _keep_done(session: Session, job_id: UUID) -> Sequence[JobChunk]:
    """Delete the chunks that are not done; whoever has one of them in hand finds it gone, and writes nothing."""
    session.execute(delete(JobChunk).where(col(JobChunk.errand_id) == job_id, col(JobChunk.state) != ChunkState.DONE))
    of_it = select(JobChunk).where(JobChunk.errand_id == job_id)
    return session.exec(of_it.order_by(col(JobChunk.number))).all()


def _rows(plan: LaunchPlan, job: BackgroundJob, kept: Sequence[JobChunk]) -> Iterator[dict[str, Any]]:
    covered: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    for one in kept:
        covered[UUID(one.content["duty"]), one.content["occurrence"]].update(_read_shares(one.content["shares"]))
    number = max((one.number for one in kept), default=-1)
    for batch in plan.batches:
        there = covered.get((batch.duty.id, batch.launch_context.occurrence), set())
        for units in parts_of([unit for unit in batch.shares if unit not in there], CHUNK):
            number += 1
            yield {
                "errand_id": job.id,
                "number": number,
                "size": len(units),
                "content": _content(batch, units),
                "state": ChunkState.WAITING,
                "ready_at": job.ready_at,
                "lease_token": 0,
                "attempts": 0,
                "outcome": {},
                "error": "",
            }


def _content(batch: Batch, units: Sequence[UUID]) -> dict[str, Any]:
    by_date: dict[int, tuple[DueDecision, list[str]]] = {}
    for unit_id in units:  # thousands share a few dates
        due = batch.shares[unit_id]
        by_date.setdefault(id(due), (due, []))[1].append(unit_id.hex)
    return {
        "duty": batch.duty.id.hex,
        "version": batch.launch_context.version_id.hex,
        "occurrence": batch.launch_context.occurrence,
        "at": batch.launch_context.assigned_at.isoformat(),
        "partners": [one.hex for one in batch.partners],
        "shares": [
            {
                "due_at": due.due_at.isoformat() if due.due_at else None,
                "fixed_by": due.fixed_by.value if due.fixed_by else None,
                "reason": due.reason,
                "units": of_it,
            }
            for due, of_it in by_date.values()
        ],
    }


def _read_shares(shares: Sequence[Mapping[str, Any]]) -> dict[UUID, DueDecision]:
    found: dict[UUID, DueDecision] = {}
    for one in shares:
        due = DueDecision(
            datetime.fromisoformat(one["due_at"]) if one["due_at"] else None,
            DueFixedBy(one["fixed_by"]) if one["fixed_by"] else None,
            one["reason"],
        )
        found |= dict.fromkeys(map(UUID, one["units"]), due)
    return found
