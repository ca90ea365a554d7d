"""The sweep: tasks whose next check has come move up their ladder. Cost follows what is due, never what exists."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, join, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from models.database.rows import AsRead, one_of, read_plain, table_of
from models.database.run import lies_ahead
from models.database.session import gc_paused, transaction
from models.directives.template import RecipientRole, RungName, TemplateSpec, TemplateVersion
from models.letters.letter import Notice
from models.tasks.task import Task
from models.tasks.task_check import TaskCheck, look_again
from workflows.access.roster import Roster
from workflows.escalation.rung_notices import DueTask, KnownNotices, RungNotices
from workflows.escalation.task_facts import WAITING, Decisions, Said
from workflows.escalation.task_groups import group_tasks
from workflows.history.record import EVENT
from workflows.queue.set_aside import FailedTask, end_closed, end_decided, is_poison, put_off
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.ladder import Decision

BATCH = 10_000
"""Of 500 to 10,000 the fastest: each reads the register anew. Other writers of an SQLite file wait for a batch: half a
second."""
_SHRINK, _GROW = 8, 4
_CHECKS, _TASKS = table_of(TaskCheck), table_of(Task)
_CHECK, _TASK = _CHECKS.c, _TASKS.c
_NOTICE = table_of(Notice).c
READ = [
    _TASK[name]
    for name in (
        *("id", "template_version_id", "directive_id", "incident_id", "parent_id", "status"),
        *("assigned_at", "assigned_anchor_id", "due_at", "due_set_at", "due_anchor_id", "due_fixed_by"),
        *("wait_kind", "wait_since", "wait_anchor_id"),
        *("lead_unit_id", "assigner_unit_id", "coordinator_id", "officer_id"),
    )
]
AS_READ = ("id", "task_id", "assigned_anchor_id", "due_anchor_id", "wait_anchor_id", "anchor_id")
"""Ids that are only compared with each other and written again: they stay as the driver reads them."""
TOLD = [
    _NOTICE[name]
    for name in ("task_id", "anchor_id", "rung", "offset", "role", "recipient_id", "undeliverable", "reason")
]
_Told = set[tuple[UUID, str, int, str]]
_Stuck = list[tuple[FailedTask, Exception]]


@dataclass(frozen=True)
class Swept:
    """How many tasks were looked at, and how many notices were written."""

    checked: int
    notices: int

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(self.checked + other.checked, self.notices + other.notices)


@dataclass
class Specs:
    """Specifications by template version, each read once: a published version never changes. One may be unreadable."""

    _known: dict[UUID, TemplateSpec | Exception] = field(default_factory=dict)

    def load(self, session: Session, version_ids: Iterable[UUID]) -> None:
        """Read those not read yet, one by one, so that an unreadable one is nobody else's trouble."""
        for version_id in set(version_ids) - self._known.keys():
            try:
                self._known[version_id] = session.get_one(TemplateVersion, version_id).read_spec()
            except Exception as error:  # told with every task that needs it
                if isinstance(error, DBAPIError):
                    raise
                self._known[version_id] = error

    def of(self, version_id: UUID) -> TemplateSpec:
        """Return a version's specification; raises what reading it raised."""
        found = self._known[version_id]
        if isinstance(found, Exception):
            raise found
        return found


def sweep(engine: Engine, *, now: datetime, calendar: WorkCalendar) -> Swept:
    """Sweep everything due by `now`, a batch a transaction; two sweeps at once share the work or repeat nothing.

    A batch that fails is tried again in smaller ones, until the task at fault stands alone and is put off.
    """
    swept, specs, limit = Swept(0, 0), Specs(), BATCH
    with gc_paused():
        while True:
            try:
                with transaction(engine) as session:
                    done = (sweep_batch if limit > 1 else _sweep_alone)(
                        session, now=now, calendar=calendar, limit=limit, specs=specs
                    )
            except Exception as error:  # tried again below, down to the one task that is put off and told
                if limit == 1 or not is_poison(error):
                    raise
                limit = max(1, limit // _SHRINK)
                continue
            swept += done
            if done.checked < limit:
                break
            limit = min(BATCH, limit * _GROW)
    end_closed(engine, now=now)
    return swept


def sweep_batch(
    session: Session,
    *,
    now: datetime,
    calendar: WorkCalendar,
    limit: int = BATCH,
    specs: Specs | None = None,
    only: UUID | None = None,
) -> Swept:
    """Return one batch: decides each task's rungs, writes their notices, sets the next check; puts off whom it cannot
    decide.

    Raises whatever the database says to the batch as a whole.
    """
    if lies_ahead(session, now):
        return Swept(0, 0)  # another tick has found our clock to be ahead
    query = _due(READ, now, limit)
    query = query if only is None else query.where(_TASK.id == only)
    tasks: list[DueTask] = read_plain(session, query, as_text=AS_READ)
    if not tasks:
        return Swept(0, 0)
    specs = specs or Specs()
    told, known = read_told(session, [task.id for task in tasks])
    groups = group_tasks(tasks, told)
    specs.load(session, (some[0].template_version_id for some, _said in groups))
    stuck: _Stuck = []
    decisions, notices = Decisions(now, calendar), RungNotices(now, calendar)
    decided: list[tuple[list[DueTask], Said, TemplateSpec, Decision]] = []
    loud: dict[date, list[tuple[list[DueTask], Decision]]] = defaultdict(list)
    for some, said in groups:
        try:
            spec = specs.of(some[0].template_version_id)
            decision = decisions.decide(some[0], spec, told.get(some[0].id, ()))
            if decision.fired:
                loud[notices.day(some[0], spec)].append((some, decision))
            decided.append((some, said, spec, decision))
        except Exception as error:  # put off and told below
            stuck += [(task, error) for task in some]
    notices.rosters = {day: _roster(session, some, day) for day, some in loud.items()}
    well: list[tuple[list[DueTask], Decision]] = []
    for some, said, spec, decision in decided:
        failed = notices.add(some, spec, decision.fired, said, known) if decision.fired else []
        stuck += failed
        apart = {task.id for task, _error in failed}
        well.append(([task for task in some if task.id not in apart] if apart else some, decision))
    written = notices.write(session)
    _look_again(session, well, now)
    end_decided(session, (task.id for some, _decision in well for task in some), now=now)
    if stuck:
        put_off(session, stuck, now=now, calendar=calendar)
    return Swept(len(tasks), written)


def _sweep_alone(session: Session, *, now: datetime, calendar: WorkCalendar, limit: int, specs: Specs) -> Swept:
    """Return the first due task by itself: what even the database refuses to do for it is its own fault."""
    first = read_plain(session, _due([_TASK.id], now, limit))
    if not first:
        return Swept(0, 0)
    try:
        with session.begin_nested():
            return sweep_batch(session, now=now, calendar=calendar, limit=limit, specs=specs, only=first[0].id)
    except Exception as error:
        if not is_poison(error):
            raise
        put_off(session, [(first[0], error)], now=now, calendar=calendar)
        return Swept(1, 0)


def _due(columns: Sequence[Any], now: datetime, limit: int) -> Select[Any]:
    """Select tasks that are due, each held with its check, the task first.

    An action on such a task waits; a task that is passed over is not held.
    """
    return (
        select(*columns)
        .select_from(join(_TASKS, _CHECKS, _TASK.id == _CHECK.task_id))
        .where(_CHECK.at <= now)
        .order_by(_CHECK.at, _CHECK.task_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def read_told(session: Session, task_ids: list[AsRead]) -> tuple[dict[AsRead, _Told], dict[AsRead, KnownNotices]]:
    """Return by task which rungs have a notice: (anchor, rung, offset) with its role, and its recipient.

    A rung that a wait silenced before its letter left is not told. A notice that reached the coordinator for somebody
    else counts as told to the coordinator too: it is one row for both.
    """
    told: dict[AsRead, _Told] = defaultdict(set)
    known: dict[AsRead, KnownNotices] = defaultdict(KnownNotices)
    query = select(*TOLD).where(
        one_of(session, _NOTICE.task_id, task_ids),
        _NOTICE.rung != RungName.ASSIGNED.value,
        _NOTICE.rung.not_like(f"{EVENT}%"),
    )
    for task_id, anchor, rung, offset, role, recipient, undeliverable, reason in read_plain(
        session, query, as_text=AS_READ
    ):
        if reason == WAITING:
            known[task_id].silenced.add((anchor, rung, offset, recipient))
            continue
        told[task_id].add((anchor, rung, offset, role))
        if undeliverable:
            told[task_id].add((anchor, rung, offset, RecipientRole.COORDINATOR.value))
        known[task_id].told.add((anchor, rung, offset, recipient))
    return told, known


def _roster(session: Session, loud: list[tuple[list[DueTask], Decision]], day: date) -> Roster:
    """Return who is told of those whose rungs fired; the coordinating units are read only where a rung is for them."""
    together = any(one.role == RecipientRole.COORDINATING for _some, decision in loud for one in decision.fired)
    return Roster.for_tasks(session, [task for some, _ in loud for task in some], day, None if together else {})


def _look_again(session: Session, well: list[tuple[list[DueTask], Decision]], now: datetime) -> None:
    ids = [task.id for some, _decision in well for task in some]
    moments = [moment for some, decision in well for moment in [decision.next_check_at] * len(some)]
    look_again(session, ids, moments, now=now)
