"""Create tasks in bulk: one for each unit, with its line of history, its coordinating units and its first notices.

Launches, new periods, incidents, requests and cascades all create their tasks here.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.database.ids import ZERO_ID, new_id, new_ids
from models.database.rows import IN_CHUNK, insert_new, table_of
from models.database.session import gc_paused
from models.directives.directive import Directive, Urgency
from models.directives.ladders import RungName
from models.directives.launch import Incident, Launch
from models.directives.template import TemplateSpec
from models.errors import Overtaken
from models.letters.letter import LetterKind, Notice, NoticeState
from models.tasks.due_facts import store_due_facts
from models.tasks.late import write_hour
from models.tasks.task import Contribution, DueFixedBy, Task, TaskStatus, WaitKind
from models.text.localtime import due_date, local_date
from workflows.access.roster import RoleRecipient, Roster
from workflows.history.record import record_many
from workflows.rules.calendar.due import DueDecision
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.ladder import LadderFacts, decide


@dataclass(frozen=True)
class LaunchContext:
    """The facts that all tasks of one creation share. `assigned_at` is a UTC instant."""

    directive: Directive
    launch: Launch
    duty_id: UUID
    version_id: UUID
    spec: TemplateSpec
    occurrence: str
    assigned_at: datetime
    assigner_unit_id: UUID
    coordinator_id: UUID
    actor_id: UUID | None
    relation: str = "coordinator"
    incident: Incident | None = None
    parent: Task | None = None
    note: str = ""


@dataclass(slots=True)
class _NewTask:
    """A task that is about to be written, with the fields that the roster reads."""

    id: UUID
    anchor_id: UUID  # the line of history that assigns it
    lead_unit_id: UUID
    due: DueDecision
    directive_id: UUID
    assigner_unit_id: UUID
    coordinator_id: UUID
    parent_id: UUID | None
    officer_id: UUID | None = None
    wait_kind: WaitKind | None = None

    @property
    def due_fixed_by(self) -> DueFixedBy | None:
        return self.due.fixed_by


@dataclass(frozen=True)
class Created:
    created: int = 0
    existing: int = 0
    task_ids: tuple[UUID, ...] = ()

    def __add__(self, other: "Created") -> "Created":
        return Created(self.created + other.created, self.existing + other.existing, self.task_ids + other.task_ids)


@gc_paused()
def create_tasks(
    session: Session,
    launch_context: LaunchContext,
    shares: Mapping[UUID, DueDecision],
    *,
    partners: Sequence[UUID] = (),
    calendar: WorkCalendar,
) -> Created:
    """Create a task for each unit of `shares` that has none yet for this occurrence. Count the others as existing.

    Tasks whose launch was taken back are assigned again. Raise Overtaken if another transaction creates one of the
    tasks meanwhile: the caller must then roll back.
    """
    existing = find_existing_tasks(session, launch_context, shares)
    new_tasks = _prepare(launch_context, {unit_id: due for unit_id, due in shares.items() if unit_id not in existing})
    reassigned = _prepare(launch_context, {unit_id: due for unit_id, due in shares.items() if existing.get(unit_id)})
    for task in reassigned:
        task.id = existing[task.lead_unit_id] or task.id
    if reassigned:
        earliest = _lock_for_reassignment(session, reassigned)
        _write(session, launch_context, reassigned, partners, calendar, earliest=earliest)
    if new_tasks:
        _write(session, launch_context, new_tasks, partners, calendar)
    created = [*new_tasks, *reassigned]
    return Created(len(created), len(shares) - len(created), tuple(task.id for task in created))


def find_existing_tasks(
    session: Session, launch_context: LaunchContext, unit_ids: Collection[UUID]
) -> dict[UUID, UUID | None]:
    """Return the units with a task of this occurrence. The value is the id of a task that can be assigned again."""
    parent_key = launch_context.parent.id if launch_context.parent else ZERO_ID
    is_reassignable = (col(Task.status) == TaskStatus.WITHDRAWN) & col(Launch.taken_back_at).is_not(None)
    query = (
        columns(col(Task.assigned_unit_id), col(Task.id), is_reassignable)
        .join(Launch, col(Launch.id) == col(Task.launch_id))
        .where(
            col(Task.duty_id) == launch_context.duty_id,
            col(Task.occurrence) == launch_context.occurrence,
            col(Task.parent_key) == parent_key,
        )
    )
    if len(unit_ids) <= IN_CHUNK:  # for many units, all tasks of the occurrence are read
        query = query.where(col(Task.assigned_unit_id).in_(list(unit_ids)))
    rows = session.execute(query)
    return {unit_id: task_id if is_reassignable else None for unit_id, task_id, is_reassignable in rows}


@dataclass(frozen=True)
class FirstLetter:
    """A recipient of the first letter about a unit's task, and the recipient's role."""

    unit_id: UUID
    person_id: UUID
    role: str
    undeliverable: str | None


def first_letters(
    session: Session,
    launch_context: LaunchContext,
    shares: Mapping[UUID, DueDecision],
    *,
    partners: Sequence[UUID] = (),
    calendar: WorkCalendar,
) -> list[FirstLetter]:
    """Return who would get the first letters about these tasks, without writing anything."""
    new_tasks = _prepare(launch_context, shares)
    invited = _invited(new_tasks, partners)
    roster = Roster.for_tasks(session, new_tasks, local_date(_slot(launch_context, calendar)), invited)
    return [
        FirstLetter(new_task.lead_unit_id, recipient.person_id, recipient.role, recipient.undeliverable)
        for new_task, recipient in _first_recipients(launch_context, new_tasks, roster)
    ]


def _prepare(launch_context: LaunchContext, shares: Mapping[UUID, DueDecision]) -> list[_NewTask]:
    parent_id = launch_context.parent.id if launch_context.parent else None
    ids, anchors = new_ids(len(shares)), new_ids(len(shares))
    return [
        _NewTask(
            id=task_id,
            anchor_id=anchor_id,
            lead_unit_id=unit_id,
            due=due,
            directive_id=launch_context.directive.id,
            assigner_unit_id=launch_context.assigner_unit_id,
            coordinator_id=launch_context.coordinator_id,
            parent_id=parent_id,
        )
        for task_id, anchor_id, (unit_id, due) in zip(ids, anchors, shares.items(), strict=True)
    ]


def _invited(new_tasks: list[_NewTask], partners: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    return {
        new_task.id: [unit_id for unit_id in partners if unit_id != new_task.lead_unit_id] for new_task in new_tasks
    }


def _lock_for_reassignment(session: Session, tasks: list[_NewTask]) -> datetime:
    """Lock the tasks of a launch that was taken back. Return the earliest moment (UTC) to assign them again.

    Raise Overtaken where somebody assigns or reopens one of them meanwhile.
    """
    ids = [task.id for task in tasks]
    query = select(Task).where(col(Task.id).in_(ids), Task.status == TaskStatus.WITHDRAWN).order_by(col(Task.id))
    locked_tasks = session.exec(query.with_for_update().execution_options(populate_existing=True)).all()
    if len(locked_tasks) != len(ids):
        raise Overtaken
    session.execute(delete(Contribution).where(col(Contribution.task_id).in_(ids)))
    launches = {task.launch_id for task in locked_tasks}
    moments = session.exec(select(Launch.taken_back_at).where(col(Launch.id).in_(launches))).all()
    return max(moment for moment in moments if moment is not None) + timedelta(microseconds=1)


def _write(
    session: Session,
    launch_context: LaunchContext,
    new_tasks: list[_NewTask],
    partners: Sequence[UUID],
    calendar: WorkCalendar,
    earliest: datetime | None = None,
) -> None:
    """Write tasks, history and notices. With `earliest`, the tasks exist and are assigned again after that moment."""
    for due, tasks_of_date in _group_by_date(new_tasks).items():
        _write_tasks_of_date(session, launch_context, due, tasks_of_date, calendar, earliest)
    invited = _invited(new_tasks, partners)
    insert_new(
        session,
        table_of(Contribution),
        [
            {"task_id": task_id, "unit_id": unit_id, "note": ""}
            for task_id, units in invited.items()
            for unit_id in units
        ],
    )
    roster = Roster.for_tasks(session, new_tasks, local_date(_slot(launch_context, calendar)), invited)
    notices = _notice_rows(_first_recipients(launch_context, new_tasks, roster))
    insert_new(session, table_of(Notice), notices, _notice_constants(launch_context, calendar))


def _group_by_date(new_tasks: list[_NewTask]) -> dict[DueDecision, list[_NewTask]]:
    groups: dict[DueDecision, list[_NewTask]] = {}
    for new_task in new_tasks:
        groups.setdefault(new_task.due, []).append(new_task)
    return groups


def _write_tasks_of_date(
    session: Session,
    launch_context: LaunchContext,
    due: DueDecision,
    new_tasks: list[_NewTask],
    calendar: WorkCalendar,
    earliest: datetime | None,
) -> None:
    """Write tasks with the same deadline and their lines of history. They share most columns."""
    facts = _history_facts(launch_context, due)
    history = [
        {"id": task.anchor_id, "task_id": task.id, "facts": {**facts, "unit": task.lead_unit_id.hex}}
        for task in new_tasks
    ]
    constants = _history_constants(launch_context)
    if earliest is not None:
        constants |= {
            "recorded_at": max(earliest, launch_context.assigned_at),
            "from_status": TaskStatus.WITHDRAWN.value,
        }
    record_many(session, history, constants, note=launch_context.note)
    rows = [
        {
            "id": task.id,
            "assigned_unit_id": task.lead_unit_id,
            "lead_unit_id": task.lead_unit_id,
            "assigned_anchor_id": task.anchor_id,
            "due_anchor_id": task.anchor_id if due.due_at else None,
        }
        for task in new_tasks
    ]
    shared = _task_constants(launch_context) | _date_constants(launch_context, due, calendar)
    if earliest is not None:
        _overwrite(session, rows, shared)
    elif insert_new(session, table_of(Task), rows, shared) != len(rows):
        raise Overtaken


def _overwrite(session: Session, rows: list[dict[str, Any]], shared: dict[str, Any]) -> None:
    """Write existing tasks as if they were new. Their history stays."""
    table = table_of(Task)
    revisions = {"revision": table.c.revision + 1, "due_revision": table.c.due_revision + 1}
    emptied = dict.fromkeys(("officer_id", "accepted_at", "closed_at", "submitted_on"))
    change = update(table).values(emptied | shared | revisions)
    for row in rows:
        values = {name: row[name] for name in ("lead_unit_id", "assigned_anchor_id", "due_anchor_id")}
        session.execute(change.where(table.c.id == row["id"]).values(values))
    session.expire_all()


def _first_check(launch_context: LaunchContext, due: DueDecision, calendar: WorkCalendar) -> datetime | None:
    facts = LadderFacts(
        status=TaskStatus.ASSIGNED,
        assigned_at=launch_context.assigned_at,
        assigned_anchor=ZERO_ID,
        due_at=due.due_at,
        due_set_at=launch_context.assigned_at if due.due_at else None,
        due_anchor=ZERO_ID if due.due_at else None,
        wait_kind=None,
        wait_since=None,
        wait_anchor=None,
        ladder=launch_context.spec.rungs,
    )
    return decide(facts, now=launch_context.assigned_at, already_sent=frozenset(), calendar=calendar).next_check_at


def _date_constants(launch_context: LaunchContext, due: DueDecision, calendar: WorkCalendar) -> dict[str, Any]:
    return {
        "original_due_at": due.due_at,
        "due_at": due.due_at,
        "due_set_at": launch_context.assigned_at if due.due_at else None,
        "due_fixed_by": due.fixed_by,
        "due_reason": "",
        "due_facts": store_due_facts(due.facts),
        "next_check_at": _first_check(launch_context, due, calendar),
    }


def _task_constants(launch_context: LaunchContext) -> dict[str, Any]:
    return {
        "directive_id": launch_context.directive.id,
        "duty_id": launch_context.duty_id,
        "launch_id": launch_context.launch.id,
        "template_version_id": launch_context.version_id,
        "incident_id": launch_context.incident.id if launch_context.incident else None,
        "is_drill": bool(launch_context.incident and launch_context.incident.is_drill),
        "occurrence": launch_context.occurrence,
        "parent_key": launch_context.parent.id if launch_context.parent else ZERO_ID,
        "parent_id": launch_context.parent.id if launch_context.parent else None,
        "assigner_unit_id": launch_context.assigner_unit_id,
        "coordinator_id": launch_context.coordinator_id,
        "status": TaskStatus.ASSIGNED,
        "assigned_at": launch_context.assigned_at,
        "due_revision": 0,
        "revision": 0,
    }


def _history_facts(launch_context: LaunchContext, due: DueDecision) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "due_on": due_date(due.due_at).isoformat() if due.due_at else None,
        "root": launch_context.parent is None,
        "drill": bool(launch_context.incident and launch_context.incident.is_drill),
    }
    if due.facts:
        facts["due_facts"] = store_due_facts(due.facts)
    if (hour := write_hour(due.due_at)) is not None:
        facts["due_hour"] = hour
    return facts


def _history_constants(launch_context: LaunchContext) -> dict[str, Any]:
    return {
        "recorded_at": launch_context.assigned_at,
        "occurred_on": local_date(launch_context.assigned_at),
        "directive_id": launch_context.directive.id,
        "event": "assigned",
        "actor_id": launch_context.actor_id,
        "relation": launch_context.relation,
        "to_status": TaskStatus.ASSIGNED.value,
    }


def _first_recipients(
    launch_context: LaunchContext, new_tasks: list[_NewTask], roster: Roster
) -> Iterator[tuple[_NewTask, RoleRecipient]]:
    """Yield the recipients of each task's assignment. A person in several roles is told once, in the first role."""
    roles = next((rung.to for rung in launch_context.spec.rungs.rungs if rung.rung is RungName.ASSIGNED), ())
    for new_task in new_tasks:
        told_ids: set[UUID] = set()
        for role in roles:
            for recipient in roster.recipients(role, new_task):
                if recipient.person_id not in told_ids:
                    told_ids.add(recipient.person_id)
                    yield new_task, recipient


def _notice_rows(recipients: Iterable[tuple[_NewTask, RoleRecipient]]) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "task_id": new_task.id,
            "anchor_id": new_task.anchor_id,
            "role": recipient.role,
            "recipient_id": recipient.person_id,
            "undeliverable": recipient.undeliverable,
        }
        for new_task, recipient in recipients
    ]


def _notice_constants(launch_context: LaunchContext, calendar: WorkCalendar) -> dict[str, Any]:
    now, slot = launch_context.assigned_at, _slot(launch_context, calendar)
    return {
        "rung": RungName.ASSIGNED.value,
        "offset": 0,
        "fired_at": now,
        "slot": slot,
        "kind": _letter_kind(launch_context, leaves_at_once=slot == now),
        "topic": f"incident:{launch_context.incident.id.hex}" if launch_context.incident else "",
        "state": NoticeState.PENDING,
        "reason": "",
        "template_version_id": launch_context.version_id,
    }


def _slot(launch_context: LaunchContext, calendar: WorkCalendar) -> datetime:
    is_urgent = launch_context.incident is not None or launch_context.directive.urgency is Urgency.EXPRESS
    return launch_context.assigned_at if is_urgent else calendar.event_slot(launch_context.assigned_at)


def _letter_kind(launch_context: LaunchContext, *, leaves_at_once: bool) -> LetterKind:
    if launch_context.incident is not None:
        return LetterKind.INCIDENT
    return LetterKind.ASSIGNED if leaves_at_once else LetterKind.DIGEST
