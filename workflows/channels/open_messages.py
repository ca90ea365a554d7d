"""Makes messages of sent letters: one for each channel that the letter's recipient asked for.

It runs after a delivery, never within one, so that channels do not slow letters down.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, null, or_, select
from sqlmodel import Session, col

from models.channels.channel import ChannelMessage, Gateway, GatewayConsent, MessageState, PushSubscription
from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.letters.letter import Letter, LetterKind, LetterState
from workflows.channels.choices import is_push_on

MADE_WITHIN = timedelta(hours=2)
"""A message is made at most this long after its letter left, also where a delivery died in between."""
_NEW_MESSAGE: dict[str, Any] = {"state": MessageState.QUEUED, "attempts": 0, "lease_token": 0, "error": ""}


def open_messages(session: Session, now: datetime) -> int:
    """Make the messages of recent letters that are not made yet; return how many."""
    is_push = is_push_on(session)
    if not _has_readers(session, with_push=is_push):
        return 0
    made = _insert_messages(session, "gateway_id", _letters_by_gateway(now), now)
    if is_push:
        made += _insert_messages(session, "subscription_id", _letters_by_browser(now), now)
    return made


def _has_readers(session: Session, *, with_push: bool) -> bool:
    """Return whether anybody asked for messages. In most offices nobody did, and one query is enough."""
    asked = [exists().where(col(Gateway.is_active), col(GatewayConsent.gateway_id) == col(Gateway.id))]
    if with_push:
        asked.append(exists().where(col(PushSubscription.ended_at).is_(None)))
    return bool(session.execute(select(or_(*asked))).scalar_one())


def _insert_messages(session: Session, channel_column: str, letters: Any, now: datetime) -> int:
    rows = [
        {"id": new_id(), "letter_id": letter_id, "recipient_id": person_id, channel_column: channel_id}
        for letter_id, person_id, channel_id, kind, kinds in session.execute(letters)
        if kinds is None or kind in kinds
    ]
    return insert_new(session, table_of(ChannelMessage), rows, _NEW_MESSAGE | {"queued_at": now, "not_before": now})


def _is_recent(now: datetime, since: Any) -> tuple[Any, ...]:
    """Letters sent within the time limit and after the recipient asked. Codes and invitations go by mail alone."""
    sent_at = col(Letter.sent_at)
    return (
        *(sent_at > now - MADE_WITHIN, sent_at <= now, sent_at >= since),
        *(col(Letter.state) == LetterState.SENT, col(Letter.kind) != LetterKind.ACCOUNT),
    )


def _letters_by_gateway(now: datetime) -> Any:
    is_made = exists().where(
        col(ChannelMessage.letter_id) == col(Letter.id), col(ChannelMessage.gateway_id) == col(Gateway.id)
    )
    return (
        select(col(Letter.id), col(Letter.recipient_id), col(Gateway.id), col(Letter.kind), col(Gateway.kinds))
        .join(GatewayConsent, col(GatewayConsent.person_id) == col(Letter.recipient_id))
        .join(Gateway, col(Gateway.id) == col(GatewayConsent.gateway_id))
        .where(*_is_recent(now, col(GatewayConsent.since)), col(Gateway.is_active), ~is_made)
        .order_by(col(Letter.sent_at), col(Letter.id))
    )


def _letters_by_browser(now: datetime) -> Any:
    is_made = exists().where(
        col(ChannelMessage.letter_id) == col(Letter.id), col(ChannelMessage.subscription_id) == col(PushSubscription.id)
    )
    return (
        select(col(Letter.id), col(Letter.recipient_id), col(PushSubscription.id), col(Letter.kind), null())
        .join(PushSubscription, col(PushSubscription.person_id) == col(Letter.recipient_id))
        .where(*_is_recent(now, col(PushSubscription.created_at)), col(PushSubscription.ended_at).is_(None), ~is_made)
        .order_by(col(Letter.sent_at), col(Letter.id))
    )
