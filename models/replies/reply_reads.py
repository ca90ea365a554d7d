"""Named reads of answers by mail."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.replies.reply import Reply, ReplyState


def replies_since(session: Session, since: datetime) -> dict[str, int]:
    """How many were read since an instant (UTC), by what came of them; 0 where none was."""
    query = select(col(Reply.state), func.count()).where(col(Reply.read_at) >= since).group_by(col(Reply.state))
    found = {state.value: count for state, count in session.execute(query)}
    return {state.value: found.get(state.value, 0) for state in ReplyState}
