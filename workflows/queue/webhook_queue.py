"""Calls are queued with their events: kept or lost with them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.organization.access import CallState, Webhook, WebhookCall


def queue_calls(session: Session, history_ids: Iterable[UUID], *, event: str, directive_id: UUID, now: datetime) -> int:
    """Queue the calls of history rows of one event of one directive; returns how many. One query if nobody listens."""
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
        "next_attempt_at": now,
        "attempts": 0,
        "fence": 0,
        "error": "",
    }
    return insert_new(session, table_of(WebhookCall), rows, constant)
