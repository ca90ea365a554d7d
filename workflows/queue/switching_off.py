"""What is told of things no more: webhooks and browsers, by whoever switches one off or gives its secret up."""

import base64
import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, update

from models.channels.channel import PushSubscription
from models.database.rows import count_changed
from models.organization.access import CallState, Webhook, WebhookCall


def new_secret() -> str:
    """It signs the calls to one system (192 bits)."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"


def switch_off(session: Session, hook: Webhook) -> None:
    """A webhook is called no more, and what waits for it is given up."""
    hook.is_active = False
    session.add(hook)
    session.flush()
    session.execute(
        update(WebhookCall)
        .where(col(WebhookCall.webhook_id) == hook.id, col(WebhookCall.state) == CallState.QUEUED)
        .values(state=CallState.FAILED, error="switched off")
    )


def end_subscription(session: Session, subscription_id: UUID, because: str, now: datetime) -> bool:
    """End a subscription whose browser is gone, or signed out. Return whether it was open."""
    return end_subscriptions(session, because, now, col(PushSubscription.id) == subscription_id) == 1


def end_subscriptions(session: Session, because: str, now: datetime, *which: ColumnElement[bool]) -> int:
    ended = update(PushSubscription).where(*which, col(PushSubscription.ended_at).is_(None))
    return count_changed(session, ended.values(keys=None, ended_at=now, ended_because=because))
