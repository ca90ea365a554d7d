"""Named reads of what comes in: what came back, of one letter and of late; how many replies, and what came of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.letters.bounce import Bounce, BounceAction
from models.letters.reply import Reply, ReplyState

ASIDE = "aside"


def letter_bounces(session: Session, letter_id: UUID) -> Sequence[Bounce]:
    """Return what mail servers reported of a letter, in the order in which it was read."""
    wanted = select(Bounce).where(col(Bounce.letter_id) == letter_id)
    return session.scalars(wanted.order_by(col(Bounce.read_at), col(Bounce.key))).all()


def bounces_since(session: Session, since: datetime) -> dict[str, int]:
    """Return how many were read since an instant (UTC), by action; `aside`: those that changed nothing. Never missing:
    0.
    """
    query = select(col(Bounce.action), col(Bounce.aside), func.count()).where(col(Bounce.read_at) >= since)
    found = dict.fromkeys([*(action.value for action in BounceAction), ASIDE], 0)
    for action, aside, count in session.execute(query.group_by(col(Bounce.action), col(Bounce.aside))):
        found[ASIDE if aside is not None or action is None else action.value] += count
    return found


def replies_since(session: Session, since: datetime) -> dict[str, int]:
    """Return how many were read since an instant (UTC), by what came of them. Never missing: 0."""
    query = select(col(Reply.state), func.count()).where(col(Reply.read_at) >= since).group_by(col(Reply.state))
    found = {state.value: count for state, count in session.execute(query)}
    return {state.value: found.get(state.value, 0) for state in ReplyState}
