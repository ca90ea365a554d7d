"""The sweep: decide which rungs fire for the tasks whose next check is due, and write their notices.

Its cost depends on the number of due tasks, not on the number of all tasks.
"""

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
"""The tasks of one transaction. Of 500 to 10,000 this was the fastest, as each batch reads the register anew. Other
writers of an SQLite file wait half a second for a batch."""
_SHRINK, _GROW = 8, 4
"""A batch that fails is retried at an eighth of its size. After each success the next batch is four times as large."""
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
    """The template versions' specifications, each read once. For an unreadable version, its error is kept."""

    _specs: dict[UUID, TemplateSpec | Exception] = field(default_factory=dict)

    def load(self, session: Session, version_ids: Iterable[UUID]) -> None:
        """Read the missing specifications one by one, so that an unreadable one affects no other."""
        for version_id in set(version_ids) - self._specs.keys():
            try:
                self._specs[version_id] = session.get_one(TemplateVersion, version_id).read_spec()
            except DBAPIError:
                raise
            except Exception as error:  # `get` raises it for every task that needs it
                self._specs[version_id] = error

    def get(self, version_id: UUID) -> TemplateSpec:
        """Return a loaded specification, or raise the error of reading it."""
        spec = self._specs[version_id]
        if isinstance(spec, Exception):
            raise spec
        return spec


def sweep(engine: Engine, *, now: datetime, calendar: WorkCalendar) -> Swept:
    """Sweep all tasks that are due by `now`, in transactions of one batch each. Concurrent sweeps share the work.

    A batch that fails is retried in smaller ones, until the faulty task is alone and is put off.
    """
    swept, specs, limit = Swept(0, 0), Specs(), BATCH
    with gc_paused():
        while True:
            try:
                sweep_some = sweep_batch if limit > 1 else _sweep_one
                with transaction(engine) as session:
                    batch = sweep_some(session, now=now, calendar=calendar, limit=limit, specs=specs)
            except Exception as error:  # retried below, down to the faulty task
                if limit == 1 or not is_poison(error):
                    raise
                limit = max(1, limit // _SHRINK)
                continue
            swept += batch
            if batch.checked < limit:
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

    A task that cannot be decided is put off. An error of the database is raised for the whole batch.
    """
    query = _due(TASK_COLUMNS, now, limit)
    query = query if only is None else query.where(_TASK.id == only)
    tasks: list[DueTask] = read_plain(session, query)
    if not tasks:
        return Swept(0, 0)
    specs = specs or Specs()
    already_sent, known_notices = read_already_sent(session, [task.id for task in tasks])
    groups = group_tasks(tasks, already_sent)
    specs.load(session, (group[0].template_version_id for group, _sent in groups))
    failed: _Failed = []
    decisions, notices = Decisions(now, calendar), RungNotices(now, calendar)
    decided: list[tuple[list[DueTask], SentRungs, TemplateSpec, Decision]] = []
    firing_by_day: dict[date, list[tuple[list[DueTask], Decision]]] = defaultdict(list)
    for group, sent in groups:
        try:
            spec = specs.get(group[0].template_version_id)
            decision = decisions.decide(group[0], spec, already_sent.get(group[0].id, ()))
            if decision.fired:
                firing_by_day[notices.day(group[0], spec)].append((group, decision))
            decided.append((group, sent, spec, decision))
        except Exception as error:  # put off below
            failed += [(task, error) for task in group]
    notices.rosters = {day: _read_roster(session, firing, day) for day, firing in firing_by_day.items()}
    swept_groups: list[tuple[list[DueTask], Decision]] = []
    for group, sent, spec, decision in decided:
        unwritten = notices.add(group, spec, decision.fired, sent, known_notices) if decision.fired else []
        failed += unwritten
        unwritten_ids = {task.id for task, _error in unwritten}
        written = [task for task in group if task.id not in unwritten_ids] if unwritten_ids else group
        swept_groups.append((written, decision))
    notice_count = notices.write(session)
    _set_next_checks(session, swept_groups, now)
    end_decided(session, (task.id for group, _decision in swept_groups for task in group), now=now)
    if failed:
        put_off(session, failed, now=now, calendar=calendar)
    return Swept(len(tasks), notice_count)


def _sweep_one(session: Session, *, now: datetime, calendar: WorkCalendar, limit: int, specs: Specs) -> Swept:
    """Sweep the first due task alone. Put it off after any error, also of the database."""
    task = session.execute(_due([_TASK.id], now, limit)).first()
    if task is None:
        return Swept(0, 0)
    try:
        with session.begin_nested():
            return sweep_batch(session, now=now, calendar=calendar, limit=limit, specs=specs, only=task.id)
    except Exception as error:
        if not is_poison(error):
            raise
        put_off(session, [(task, error)], now=now, calendar=calendar)
        return Swept(1, 0)


def _due(columns: Sequence[Any], now: datetime, limit: int) -> Select[Any]:
    """Select due tasks and lock them. Skip tasks that another transaction has locked."""
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
    """Return, by task, the rungs that were sent by role, and the notices by recipient.

    A rung that was silenced by a wait or a change of lead before its letter left was not sent. A notice that went to
    the coordinator in place of an unreachable recipient counts for both.
    """
    already_sent: dict[UUID, _SentRungs] = defaultdict(set)
    known_notices: dict[UUID, KnownNotices] = defaultdict(KnownNotices)
    query = select(*NOTICE_COLUMNS).where(
        one_of(session, _NOTICE.task_id, task_ids),
        _NOTICE.rung != RungName.ASSIGNED.value,
        _NOTICE.rung.not_like(f"{EVENT}%"),
    )
    for task_id, anchor, rung, offset, role, recipient, undeliverable, reason in read_plain(session, query):
        if reason in (WAITING, MOVED):
            known_notices[task_id].silenced.add((anchor, rung, offset, recipient))
            continue
        already_sent[task_id].add((anchor, rung, offset, role))
        if undeliverable:
            already_sent[task_id].add((anchor, rung, offset, RecipientRole.COORDINATOR.value))
        known_notices[task_id].sent.add((anchor, rung, offset, recipient))
    return already_sent, known_notices


def _read_roster(session: Session, firing: list[tuple[list[DueTask], Decision]], day: date) -> Roster:
    """Return the possible recipients of rungs that fired. Read coordinating units only if a rung is for them."""
    needs_partners = any(
        rung.role == RecipientRole.COORDINATING for _group, decision in firing for rung in decision.fired
    )
    tasks = [task for group, _decision in firing for task in group]
    return Roster.for_tasks(session, tasks, day, None if needs_partners else {})


def _set_next_checks(session: Session, swept_groups: list[tuple[list[DueTask], Decision]], now: datetime) -> None:
    looks: dict[datetime | None, list[UUID]] = defaultdict(list)
    for group, decision in swept_groups:
        looks[decision.next_check_at] += [task.id for task in group]
    look_again(session, looks, now=now)
