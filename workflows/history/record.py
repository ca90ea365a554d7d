"""Record what happened: a history row, its words beside it, and the calls of webhooks that listen."""

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
"""Rungs of notices that tell of an event are `event:<name>`."""


@dataclass(frozen=True)
class NewHistoryLine:
    """What a line of the history says. `note` can be erased; `occurred_on` is today's day where none is given."""

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
    """Append one history row; free text goes to the erasable side table, its salted hash into the row.

    A task's moves are in the order of what happened, whatever the clocks said: one is never recorded before the last.
    """
    row = History(
        id=new_id(),
        recorded_at=_after_the_last(session, line.task, now) if line.task else now,
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
    """Append what a person did with a directive as a whole."""
    line = NewHistoryLine(event, directive_id, context.actor.id, relation, facts, note)
    record(context.session, line, context.now)


def _after_the_last(session: Session, task: Task, now: datetime) -> datetime:
    """`now`, or just after the task's newest line where a clock that was ahead has recorded that."""
    newest = session.exec(select(func.max(col(History.recorded_at))).where(col(History.task_id) == task.id)).one()
    return now if newest is None or newest <= now else newest + timedelta(microseconds=1)


def record_many(
    session: Session, rows: Sequence[Mapping[str, Any]], constant: Mapping[str, Any], *, note: str = ""
) -> None:
    """Append many history rows of one event of one directive; `constant` holds what they share, their moment as it is:
    they begin tasks, or tell what moves none (another officer, another version of the template).

    `note`: the words that came with all of them, in the erasable side table.
    """
    if not rows:
        return
    notes = [{"history_id": row["id"], "salt": new_salt()} for row in rows] if note else []
    if note:
        rows = [{**row, "note_hash": salted_hash(one["salt"], note)} for row, one in zip(rows, notes, strict=True)]
    insert_new(session, table_of(History), rows, constant)
    insert_new(session, table_of(HistoryNote), notes, {"text": note})
    ids = (row["id"] for row in rows)
    queue_calls(
        session, ids, event=constant["event"], directive_id=constant["directive_id"], now=constant["recorded_at"]
    )


def queue_calls(session: Session, history_ids: Iterable[UUID], *, event: str, directive_id: UUID, now: datetime) -> int:
    """Queue the calls of history rows of one event of one directive; return how many. One query if nobody listens."""
    listening = session.exec(
        select(Webhook.id, Webhook.events, Webhook.directive_id).where(col(Webhook.is_active))
    ).all()
    hooks = [
        hook_id
        for hook_id, events, only in listening
        if (not events or event in events) and only in (None, directive_id)
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
