"""The sweep: tasks whose next check has come move up their ladder. Cost follows what is due, never what exists."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, bindparam, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from models.ids import new_id
from models.letter import LetterKind, Notice, NoticeState
from models.localtime import local_date
from models.session import insert_new, transaction
from models.task import Task
from models.template import RecipientRole, TemplateSpec, TemplateVersion
from notifications.outbox import queue_letters
from workflows.roster import Roster
from workflows.rules.ladder import Decision, Fired, decide
from workflows.rules.workdays import WorkCalendar
from workflows.task_facts import ladder_facts

BATCH = 500
_UPWARD_ROLES = frozenset({RecipientRole.SUPERVISOR.value, RecipientRole.PARENT_ORGANISATION.value})
_Known = tuple[UUID, str, int, UUID]


@dataclass(frozen=True)
class Swept:
    """How many tasks were looked at, and how many notices were written."""

    checked: int
    notices: int


@dataclass
class _Batch:
    now: datetime
    calendar: WorkCalendar
    roster: Roster
    slot: datetime
    rows: list[dict[str, Any]] = field(default_factory=list)
    coordinators: set[UUID] = field(default_factory=set)


def sweep(engine: Engine, *, now: datetime, calendar: WorkCalendar) -> Swept:
    """Sweeps everything due by `now`, a batch a transaction; two sweeps at once share the work or repeat nothing."""
    checked = notices = 0
    while True:
        with transaction(engine) as session:
            done = sweep_batch(session, now=now, calendar=calendar)
        checked, notices = checked + done.checked, notices + done.notices
        if done.checked < BATCH:
            return Swept(checked, notices)


def sweep_batch(session: Session, *, now: datetime, calendar: WorkCalendar, limit: int = BATCH) -> Swept:
    """One batch: decides each task's rungs, writes their notices, sets the next check."""
    tasks = session.exec(
        select(Task)
        .where(col(Task.next_check_at) <= now)
        .order_by(col(Task.next_check_at), col(Task.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not tasks:
        return Swept(0, 0)
    specs = _specs(session, {task.template_version_id for task in tasks})
    told, known = _told(session, [task.id for task in tasks])
    decisions = [
        (
            task,
            decide(
                ladder_facts(task, specs[task.template_version_id]),
                now=now,
                told=frozenset(told[task.id]),
                calendar=calendar,
            ),
        )
        for task in tasks
    ]
    loud = [(task, decision) for task, decision in decisions if decision.fired]
    batch = _Batch(
        now, calendar, Roster.for_tasks(session, [task for task, _ in loud], local_date(now)), calendar.digest_slot(now)
    )
    for task, decision in loud:
        _notices(batch, task, decision.fired, known[task.id])
    insert_new(session, Notice.__table__, batch.rows)  # type: ignore[attr-defined]
    _open_digests(session, batch)
    _set_next_checks(session, decisions)
    return Swept(len(tasks), sum(1 for row in batch.rows if row["state"] is NoticeState.PENDING))


def _specs(session: Session, version_ids: Iterable[UUID]) -> dict[UUID, TemplateSpec]:
    versions = session.exec(select(TemplateVersion).where(col(TemplateVersion.id).in_(list(version_ids))))
    return {version.id: version.read_spec() for version in versions}


def _told(
    session: Session, task_ids: list[UUID]
) -> tuple[dict[UUID, set[tuple[UUID, str, int, str]]], dict[UUID, set[_Known]]]:
    """By task, what has a notice already: (anchor, rung, offset) with its role, and with its recipient."""
    told: dict[UUID, set[tuple[UUID, str, int, str]]] = defaultdict(set)
    known: dict[UUID, set[_Known]] = defaultdict(set)
    names = ("task_id", "anchor_id", "rung", "offset", "role", "recipient_id")
    columns = [Notice.__table__.c[name] for name in names]  # type: ignore[attr-defined]
    for task_id, anchor, rung, offset, role, recipient in session.execute(
        select_columns(*columns).where(columns[0].in_(task_ids))
    ):
        told[task_id].add((anchor, rung, offset, role))
        known[task_id].add((anchor, rung, offset, recipient))
    return told, known


def _notices(batch: _Batch, task: Task, fired: Sequence[Fired], known: set[_Known]) -> None:
    """One row per person and rung: the most severe is told, the person's others are recorded as superseded.

    `known` are passed over: a person in two roles hears a rung once, and a role that nobody holds opens no digest.
    """
    rows: dict[tuple[UUID, str, int], dict[str, Any]] = {}
    worst: dict[UUID, tuple[int, tuple[UUID, str, int]]] = {}
    for one in fired:
        for told in batch.roster.told(one.role, task):
            key = (told.person_id, one.rung, one.offset)
            if (one.anchor, one.rung, one.offset, told.person_id) in known:
                continue
            if key in rows and not (told.undeliverable and not rows[key]["undeliverable"]):
                continue
            rows[key] = _row(batch, task, one, told.person_id, told.role, told.undeliverable)
            if not one.superseded and one.severity >= worst.get(told.person_id, (-9, key))[0]:
                worst[told.person_id] = (one.severity, key)
    for key, row in rows.items():
        person_id = key[0]
        if row["state"] is NoticeState.PENDING and worst[person_id][1] != key and not row["undeliverable"]:
            row["state"] = NoticeState.SUPERSEDED
    batch.rows.extend(rows.values())
    if task.incident_id is None and any(row["state"] is NoticeState.PENDING for row in rows.values()):
        batch.coordinators.update(
            told.person_id for told in batch.roster.told("coordinator", task) if not told.undeliverable
        )


def _row(
    batch: _Batch, task: Task, fired: Fired, person_id: UUID, role: str, undeliverable: str | None
) -> dict[str, Any]:
    kind, slot, topic = LetterKind.DIGEST, batch.slot, ""
    if task.incident_id is not None:  # contingency clocks run in elapsed hours, nights and holidays included
        kind, slot, topic = LetterKind.INCIDENT, fired.fired_at, f"incident:{task.incident_id.hex}"
    elif role in _UPWARD_ROLES and not undeliverable:
        kind, topic = LetterKind.UPWARD, f"directive:{task.directive_id.hex}"
    return {
        "id": new_id(),
        "task_id": task.id,
        "anchor_id": fired.anchor,
        "rung": fired.rung,
        "offset": fired.offset,
        "role": role,
        "recipient_id": person_id,
        "fired_at": fired.fired_at,
        "slot": slot,
        "kind": kind,
        "topic": topic,
        "state": NoticeState.SUPERSEDED if fired.superseded else NoticeState.PENDING,
        "undeliverable": undeliverable,
        "reason": "",
    }


def _open_digests(session: Session, batch: _Batch) -> None:
    """Any rung of their launches opens the coordinator's digest; what it lists is read when it leaves."""
    people = sorted(batch.coordinators, key=str)
    queue_letters(session, [(person_id, batch.slot, LetterKind.DIGEST, "") for person_id in people])


def _set_next_checks(session: Session, decisions: list[tuple[Task, Decision]]) -> None:
    table = Task.__table__  # type: ignore[attr-defined]
    session.connection().execute(
        update(table)
        .where(table.c.id == bindparam("the_id"), table.c.revision == bindparam("the_revision"))
        .values(next_check_at=bindparam("the_next")),
        [
            {"the_id": task.id, "the_revision": task.revision, "the_next": decision.next_check_at}
            for task, decision in decisions
        ],
    )
