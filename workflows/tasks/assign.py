"""Create tasks in bulk: one per unit, with its history row, its partners and the notices of its assignment.

Every way a task comes into being (launch, next period, incident, request, cascade) passes here.
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
    """What all tasks of one creation have in common. `assigned_at` is an UTC instant."""

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
    """One task about to be written, as the roster looks at it."""

    id: UUID
    anchor_id: UUID  # its history row
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
    """Create a task for each unit of `shares` that has none yet for this occurrence; count the others as existing.

    Raise Overtaken if another transaction makes one of them meanwhile: the caller must then roll back.
    """
    there = given(session, launch_context, shares)
    new_tasks = _prepare(launch_context, {unit_id: due for unit_id, due in shares.items() if unit_id not in there})
    again = _prepare(launch_context, {unit_id: due for unit_id, due in shares.items() if there.get(unit_id)})
    for new_task in again:
        new_task.id = there[new_task.lead_unit_id] or new_task.id
    if again:
        moment = _give_again(session, again)
        _write(session, launch_context, again, partners, calendar, after=moment)
    if new_tasks:
        _write(session, launch_context, new_tasks, partners, calendar)
    made = [*new_tasks, *again]
    return Created(len(made), len(shares) - len(made), tuple(new_task.id for new_task in made))


def given(session: Session, launch_context: LaunchContext, unit_ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    """Return which of these units have a task of this launch already.

    The value is the task's id if its launch was taken back before any letter left: that task is assigned again.
    """
    parent_key = launch_context.parent.id if launch_context.parent else ZERO_ID
    is_free = (col(Task.status) == TaskStatus.WITHDRAWN) & col(Launch.taken_back_at).is_not(None)
    query = (
        columns(col(Task.assigned_unit_id), col(Task.id), is_free)
        .join(Launch, col(Launch.id) == col(Task.launch_id))
        .where(
            col(Task.duty_id) == launch_context.duty_id,
            col(Task.occurrence) == launch_context.occurrence,
            col(Task.parent_key) == parent_key,
        )
    )
    if len(unit_ids) <= IN_CHUNK:  # who gives to few units asks for theirs only
        query = query.where(col(Task.assigned_unit_id).in_(list(unit_ids)))
    return {unit_id: task_id if free else None for unit_id, task_id, free in session.execute(query)}


@dataclass(frozen=True)
class FirstLetter:
    """A recipient of the first letter about a task: for which unit's task, and in which role."""

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
    """Only read: nothing is written."""
    new_tasks = _prepare(launch_context, shares)
    invited = _invited(new_tasks, partners)
    roster = Roster.for_tasks(session, new_tasks, local_date(_slot(launch_context, calendar)), invited)
    return [
        FirstLetter(new_task.lead_unit_id, one.person_id, one.role, one.undeliverable)
        for new_task, one in _first_recipients(launch_context, new_tasks, roster)
    ]


def _prepare(launch_context: LaunchContext, shares: Mapping[UUID, DueDecision]) -> list[_NewTask]:
    directive_id, parent_id = launch_context.directive.id, launch_context.parent.id if launch_context.parent else None
    ids, anchors = new_ids(len(shares)), new_ids(len(shares))
    return [
        _NewTask(
            task_id,
            anchor_id,
            unit_id,
            due,
            directive_id,
            launch_context.assigner_unit_id,
            launch_context.coordinator_id,
            parent_id,
        )
        for task_id, anchor_id, (unit_id, due) in zip(ids, anchors, shares.items(), strict=True)
    ]


def _invited(new_tasks: list[_NewTask], partners: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    return {
        new_task.id: [unit_id for unit_id in partners if unit_id != new_task.lead_unit_id] for new_task in new_tasks
    }


def _give_again(session: Session, new_tasks: list[_NewTask]) -> datetime:
    """Hold the tasks of a launch that was taken back; return the moment (UTC) after which they are given again.

    Raises Overtaken where somebody gives or reopens one of them meanwhile.
    """
    ids = [new_task.id for new_task in new_tasks]
    query = select(Task).where(col(Task.id).in_(ids), Task.status == TaskStatus.WITHDRAWN).order_by(col(Task.id))
    held = session.exec(query.with_for_update().execution_options(populate_existing=True)).all()
    if len(held) != len(ids):
        raise Overtaken
    session.execute(delete(Contribution).where(col(Contribution.task_id).in_(ids)))
    launches = {task.launch_id for task in held}
    moments = session.exec(select(Launch.taken_back_at).where(col(Launch.id).in_(launches))).all()
    return max(moment for moment in moments if moment is not None) + timedelta(microseconds=1)


def _write(
    session: Session,
    launch_context: LaunchContext,
    new_tasks: list[_NewTask],
    partners: Sequence[UUID],
    calendar: WorkCalendar,
    after: datetime | None = None,
) -> None:
    """Write tasks, history, partners and notices; `after`: the tasks are there and given again, not before then."""
    for due, dated in _by_date(new_tasks).items():
        _write_dated(session, launch_context, due, dated, calendar, after)
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


def _by_date(new_tasks: list[_NewTask]) -> dict[DueDecision, list[_NewTask]]:
    dated: dict[DueDecision, list[_NewTask]] = {}
    for new_task in new_tasks:
        dated.setdefault(new_task.due, []).append(new_task)
    return dated


def _write_dated(
    session: Session,
    launch_context: LaunchContext,
    due: DueDecision,
    new_tasks: list[_NewTask],
    calendar: WorkCalendar,
    after: datetime | None,
) -> None:
    """Tasks of one date with their history rows: whatever follows from the date is said once for all of them."""
    facts = _history_facts(launch_context, due)
    history = [
        {"id": one.anchor_id, "task_id": one.id, "facts": {**facts, "unit": one.lead_unit_id.hex}} for one in new_tasks
    ]
    constants = _history_constants(launch_context)
    if after is not None:
        constants |= {"recorded_at": max(after, launch_context.assigned_at), "from_status": TaskStatus.WITHDRAWN.value}
    record_many(session, history, constants, note=launch_context.note)
    own = [
        {
            "id": one.id,
            "assigned_unit_id": one.lead_unit_id,
            "lead_unit_id": one.lead_unit_id,
            "assigned_anchor_id": one.anchor_id,
            "due_anchor_id": one.anchor_id if due.due_at else None,
        }
        for one in new_tasks
    ]
    shared = _task_constants(launch_context) | _date_constants(launch_context, due, calendar)
    if after is not None:
        _rewrite(session, own, shared)
    elif insert_new(session, table_of(Task), own, shared) != len(own):
        raise Overtaken


def _rewrite(session: Session, own: list[dict[str, Any]], shared: dict[str, Any]) -> None:
    """Tasks that are held, as if they were new; what was said of them before stays in the history."""
    table = table_of(Task)
    grown = {"revision": table.c.revision + 1, "due_revision": table.c.due_revision + 1}
    closed = dict.fromkeys(("officer_id", "accepted_at", "closed_at", "submitted_on"))
    change = update(table).values(closed | shared | grown)
    for row in own:
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
    """Yield whoever is told of each assignment, a person once a task: in the first of their roles."""
    roles = next((rung.to for rung in launch_context.spec.rungs.rungs if rung.rung is RungName.ASSIGNED), ())
    for new_task in new_tasks:
        heard: set[UUID] = set()
        for role in roles:
            for one in roster.recipients(role, new_task):
                if one.person_id not in heard:
                    heard.add(one.person_id)
                    yield new_task, one


def _notice_rows(recipients: Iterable[tuple[_NewTask, RoleRecipient]]) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "task_id": new_task.id,
            "anchor_id": new_task.anchor_id,
            "role": one.role,
            "recipient_id": one.person_id,
            "undeliverable": one.undeliverable,
        }
        for new_task, one in recipients
    ]


def _notice_constants(launch_context: LaunchContext, calendar: WorkCalendar) -> dict[str, Any]:
    now, slot = launch_context.assigned_at, _slot(launch_context, calendar)
    return {
        "rung": RungName.ASSIGNED.value,
        "offset": 0,
        "fired_at": now,
        "slot": slot,
        "kind": _kind(launch_context, slot == now),
        "topic": f"incident:{launch_context.incident.id.hex}" if launch_context.incident else "",
        "state": NoticeState.PENDING,
        "reason": "",
        "template_version_id": launch_context.version_id,
    }


def _slot(launch_context: LaunchContext, calendar: WorkCalendar) -> datetime:
    at_once = launch_context.incident is not None or launch_context.directive.urgency is Urgency.EXPRESS
    return launch_context.assigned_at if at_once else calendar.event_slot(launch_context.assigned_at)


def _kind(launch_context: LaunchContext, at_once: bool) -> LetterKind:
    if launch_context.incident is not None:
        return LetterKind.INCIDENT
    return LetterKind.ASSIGNED if at_once else LetterKind.DIGEST
