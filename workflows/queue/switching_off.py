"""Switches webhooks and browser subscriptions off, so that they hear nothing more."""

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
    """Make a secret of 192 bits, which signs the calls to one system."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"


def switch_off(session: Session, hook: Webhook) -> None:
    """Switch a webhook off and give up its waiting calls."""
    hook.is_active = False
    session.add(hook)
    session.flush()
    session.execute(
        update(WebhookCall)
        .where(col(WebhookCall.webhook_id) == hook.id, col(WebhookCall.state) == CallState.QUEUED)
        .values(state=CallState.FAILED, error="switched off")
    )


def end_subscription(session: Session, subscription_id: UUID, because: str, now: datetime) -> bool:
    """End the subscription of a browser that is gone or signed out. Return whether it was open."""
    return end_subscriptions(session, because, now, col(PushSubscription.id) == subscription_id) == 1


def end_subscriptions(session: Session, because: str, now: datetime, *conditions: ColumnElement[bool]) -> int:
    """End the open subscriptions that fit all conditions; return how many."""
    open_subscriptions = update(PushSubscription).where(*conditions, col(PushSubscription.ended_at).is_(None))
    return count_changed(session, open_subscriptions.values(keys=None, ended_at=now, ended_because=because))
