"""Record what happened: a line of the history, its note, and the calls of webhooks that want it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.organization.access import CallState, Webhook, WebhookCall
from models.tasks.history import History, HistoryNote, new_salt, salted_hash
from models.tasks.task import Task
from models.text.localtime import local_date
from workflows.access.actor_context import ActorContext

EVENT = "event:"
"""A notice about an event has the rung `event:<name>`."""


@dataclass(frozen=True)
class NewHistoryLine:
    """The content of a line of the history. Only its `note` can be erased. `occurred_on` is today by default."""

    event: str
    directive_id: UUID
    actor_id: UUID | None = None
    relation: str = "system"
    facts: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    task: Task | None = None
    from_status: str | None = None
    to_status: str | None = None
    occurred_on: date | None = None


def record(session: Session, line: NewHistoryLine, now: datetime) -> UUID:
    """Append one line. Its note goes to a table of its own, which can be erased, and the note's hash into the line.

    A task's lines keep the order of events even if a clock is wrong: none is recorded before the previous one.
    """
    row = History(
        id=new_id(),
        recorded_at=_later_than_last(session, line.task, now) if line.task else now,
        occurred_on=line.occurred_on or local_date(now),
        directive_id=line.directive_id,
        task_id=line.task.id if line.task else None,
        event=line.event,
        actor_id=line.actor_id,
        relation=line.relation,
        from_status=line.from_status,
        to_status=line.to_status,
        facts=dict(line.facts),
    )
    salt = new_salt()
    if line.note:
        row.note_hash = salted_hash(salt, line.note)
    session.add(row)
    session.flush()
    queue_calls(session, [row.id], event=line.event, directive_id=line.directive_id, now=now)
    if line.note:
        session.add(HistoryNote(history_id=row.id, salt=salt, text=line.note))
    return row.id


def record_act(
    context: ActorContext,
    event: str,
    directive_id: UUID,
    *,
    relation: str = "coordinator",
    facts: Mapping[str, Any],
    note: str = "",
) -> None:
    line = NewHistoryLine(event, directive_id, context.actor.id, relation, facts, note)
    record(context.session, line, context.now)


def _later_than_last(session: Session, task: Task, now: datetime) -> datetime:
    """Return `now`, or the moment just after the task's newest line if a clock that was ahead recorded that line."""
    newest = session.exec(select(func.max(col(History.recorded_at))).where(col(History.task_id) == task.id)).one()
    return now if newest is None or newest <= now else newest + timedelta(microseconds=1)


def record_many(
    session: Session, rows: Sequence[Mapping[str, Any]], constant: Mapping[str, Any], *, note: str = ""
) -> None:
    """Append many lines of one event of one directive, with the columns that all share in `constant`.

    Unlike `record`, it takes their moment as it is. So it is only for lines that begin tasks, or that change no status
    (another officer, another version of the template). All lines get the same `note`.
    """
    if not rows:
        return
    notes = []
    if note:
        notes = [{"history_id": row["id"], "salt": new_salt()} for row in rows]
        hashes = (salted_hash(values["salt"], note) for values in notes)
        rows = [{**row, "note_hash": note_hash} for row, note_hash in zip(rows, hashes, strict=True)]
    insert_new(session, table_of(History), rows, constant)
    insert_new(session, table_of(HistoryNote), notes, {"text": note})
    ids = (row["id"] for row in rows)
    queue_calls(
        session, ids, event=constant["event"], directive_id=constant["directive_id"], now=constant["recorded_at"]
    )


def queue_calls(session: Session, history_ids: Iterable[UUID], *, event: str, directive_id: UUID, now: datetime) -> int:
    """Queue the webhook calls for lines of one event of one directive. Return how many."""
    active_hooks = session.exec(
        select(Webhook.id, Webhook.events, Webhook.directive_id).where(col(Webhook.is_active))
    ).all()
    hooks = [
        hook_id
        for hook_id, events, hook_directive_id in active_hooks
        if (not events or event in events) and hook_directive_id in (None, directive_id)
    ]
    if not hooks:
        return 0
    rows = [
        {"id": new_id(), "webhook_id": hook_id, "history_id": history_id}
        for history_id in history_ids
        for hook_id in hooks
    ]
    constant = {
        "state": CallState.QUEUED,
        "queued_at": now,
        "not_before": now,
        "attempts": 0,
        "lease_token": 0,
        "error": "",
    }
    return insert_new(session, table_of(WebhookCall), rows, constant)
