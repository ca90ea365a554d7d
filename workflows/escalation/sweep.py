"""The sweep moves tasks whose next check is due up their ladder. Its cost follows what is due, not what exists."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, join, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from models.database.rows import one_of, read_plain, table_of
from models.database.session import gc_paused, transaction
from models.directives.ladders import RecipientRole, RungName
from models.directives.template import TemplateSpec, TemplateVersion
from models.letters.letter import MOVED, Notice
from models.tasks.task import Task
from models.tasks.task_check import TaskCheck, look_again
from workflows.access.roster import Roster
from workflows.escalation.rung_notices import DueTask, KnownNotices, RungNotices, group_tasks
from workflows.escalation.task_facts import WAITING, Decisions, SentRungs
from workflows.history.record import EVENT
from workflows.queue.alerts import FailedTask, end_closed, end_decided, is_poison, put_off
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.ladder import Decision

BATCH = 10_000
"""Tasks a transaction. The fastest of 500 to 10,000, as each batch reads the register anew. Other writers of an SQLite
file wait half a second for one batch."""
_SHRINK, _GROW = 8, 4
"""A batch that fails is divided by the one; after a success the next is larger by the other."""
_CHECKS, _TASKS = table_of(TaskCheck), table_of(Task)
_CHECK, _TASK = _CHECKS.c, _TASKS.c
_NOTICE = table_of(Notice).c
TASK_COLUMNS = [
    _TASK[name]
    for name in (
        *("id", "template_version_id", "directive_id", "incident_id", "parent_id", "status"),
        *("assigned_at", "assigned_anchor_id", "due_at", "due_set_at", "due_anchor_id", "due_fixed_by"),
        *("wait_kind", "wait_since", "wait_anchor_id"),
        *("lead_unit_id", "assigner_unit_id", "coordinator_id", "officer_id"),
    )
]
NOTICE_COLUMNS = [
    _NOTICE[name]
    for name in ("task_id", "anchor_id", "rung", "offset", "role", "recipient_id", "undeliverable", "reason")
]
_SentRungs = set[tuple[UUID, str, int, str]]
_Failed = list[tuple[FailedTask, Exception]]


@dataclass(frozen=True)
class Swept:
    checked: int
    notices: int

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(self.checked + other.checked, self.notices + other.notices)


@dataclass
class Specs:
    """Specifications by template version, each read once; for an unreadable one, its error."""

    _known: dict[UUID, TemplateSpec | Exception] = field(default_factory=dict)

    def load(self, session: Session, version_ids: Iterable[UUID]) -> None:
        """Read the missing ones one by one, so that an unreadable one affects no other."""
        for version_id in set(version_ids) - self._known.keys():
            try:
                self._known[version_id] = session.get_one(TemplateVersion, version_id).read_spec()
            except Exception as error:  # `of` raises it for every task that needs it
                if isinstance(error, DBAPIError):
                    raise
                self._known[version_id] = error

    def of(self, version_id: UUID) -> TemplateSpec:
        """Raise what reading the version raised."""
        found = self._known[version_id]
        if isinstance(found, Exception):
            raise found
        return found


def sweep(engine: Engine, *, now: datetime, calendar: WorkCalendar) -> Swept:
    """Sweep everything due by `now`, one batch a transaction. Two sweeps at once share the work and repeat nothing.

    Retry a batch that fails in smaller ones, until the task at fault is alone and is put off.
    """
    swept, specs, limit = Swept(0, 0), Specs(), BATCH
    with gc_paused():
        while True:
            try:
                with transaction(engine) as session:
                    done = (sweep_batch if limit > 1 else _sweep_one)(
                        session, now=now, calendar=calendar, limit=limit, specs=specs
                    )
            except Exception as error:  # retried below, down to the one task at fault
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
    """Decide the rungs of one batch of tasks, write their notices and set their next checks.

    Put off the tasks that cannot be decided. Raise an error of the database for the batch as a whole.
    """
    query = _due(TASK_COLUMNS, now, limit)
    query = query if only is None else query.where(_TASK.id == only)
    tasks: list[DueTask] = read_plain(session, query)
    if not tasks:
        return Swept(0, 0)
    specs = specs or Specs()
    already_sent, known = read_already_sent(session, [task.id for task in tasks])
    groups = group_tasks(tasks, already_sent)
    specs.load(session, (group[0].template_version_id for group, _sent in groups))
    failed: _Failed = []
    decisions, notices = Decisions(now, calendar), RungNotices(now, calendar)
    decided: list[tuple[list[DueTask], SentRungs, TemplateSpec, Decision]] = []
    firing: dict[date, list[tuple[list[DueTask], Decision]]] = defaultdict(list)
    for group, sent in groups:
        try:
            spec = specs.of(group[0].template_version_id)
            decision = decisions.decide(group[0], spec, already_sent.get(group[0].id, ()))
            if decision.fired:
                firing[notices.day(group[0], spec)].append((group, decision))
            decided.append((group, sent, spec, decision))
        except Exception as error:  # put off below
            failed += [(task, error) for task in group]
    notices.rosters = {day: _roster(session, fired, day) for day, fired in firing.items()}
    done: list[tuple[list[DueTask], Decision]] = []
    for group, sent, spec, decision in decided:
        unwritten = notices.add(group, spec, decision.fired, sent, known) if decision.fired else []
        failed += unwritten
        unwritten_ids = {task.id for task, _error in unwritten}
        done.append(([task for task in group if task.id not in unwritten_ids] if unwritten_ids else group, decision))
    written = notices.write(session)
    _set_next_checks(session, done, now)
    end_decided(session, (task.id for group, _decision in done for task in group), now=now)
    if failed:
        put_off(session, failed, now=now, calendar=calendar)
    return Swept(len(tasks), written)


def _sweep_one(session: Session, *, now: datetime, calendar: WorkCalendar, limit: int, specs: Specs) -> Swept:
    """Sweep the first due task by itself, and put it off for any error, of the database too."""
    first = session.execute(_due([_TASK.id], now, limit)).first()
    if first is None:
        return Swept(0, 0)
    try:
        with session.begin_nested():
            return sweep_batch(session, now=now, calendar=calendar, limit=limit, specs=specs, only=first.id)
    except Exception as error:
        if not is_poison(error):
            raise
        put_off(session, [(first, error)], now=now, calendar=calendar)
        return Swept(1, 0)


def _due(columns: Sequence[Any], now: datetime, limit: int) -> Select[Any]:
    """Select due tasks and lock them with their checks. Skip tasks that another transaction has locked."""
    return (
        select(*columns)
        .select_from(join(_TASKS, _CHECKS, _TASK.id == _CHECK.task_id))
        .where(_CHECK.at <= now)
        .order_by(_CHECK.at, _CHECK.task_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def read_already_sent(
    session: Session, task_ids: list[UUID]
) -> tuple[dict[UUID, _SentRungs], dict[UUID, KnownNotices]]:
    """By task, the rungs that have a notice: (anchor, rung, offset) with its role, and with its recipient.

    A rung that a wait or another lead silenced before its letter left does not count. A notice that went to the
    coordinator in place of an unreachable recipient counts for the coordinator too: one row stands for both.
    """
    already_sent: dict[UUID, _SentRungs] = defaultdict(set)
    known: dict[UUID, KnownNotices] = defaultdict(KnownNotices)
    query = select(*NOTICE_COLUMNS).where(
        one_of(session, _NOTICE.task_id, task_ids),
        _NOTICE.rung != RungName.ASSIGNED.value,
        _NOTICE.rung.not_like(f"{EVENT}%"),
    )
    for task_id, anchor, rung, offset, role, recipient, undeliverable, reason in read_plain(session, query):
        if reason in (WAITING, MOVED):
            known[task_id].silenced.add((anchor, rung, offset, recipient))
            continue
        already_sent[task_id].add((anchor, rung, offset, role))
        if undeliverable:
            already_sent[task_id].add((anchor, rung, offset, RecipientRole.COORDINATOR.value))
        known[task_id].sent.add((anchor, rung, offset, recipient))
    return already_sent, known


def _roster(session: Session, firing: list[tuple[list[DueTask], Decision]], day: date) -> Roster:
    """The possible recipients of rungs that fired. Coordinating units are read only if a rung is for them."""
    needs_partners = any(
        one.role == RecipientRole.COORDINATING for _group, decision in firing for one in decision.fired
    )
    tasks = [task for group, _decision in firing for task in group]
    return Roster.for_tasks(session, tasks, day, None if needs_partners else {})


def _set_next_checks(session: Session, done: list[tuple[list[DueTask], Decision]], now: datetime) -> None:
    looks: dict[datetime | None, list[UUID]] = defaultdict(list)
    for group, decision in done:
        looks[decision.next_check_at] += [task.id for task in group]
    look_again(session, looks, now=now)
