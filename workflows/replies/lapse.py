"""Links in answers to replies that nobody pressed in time."""

from datetime import datetime

from sqlalchemy import Engine, select, update
from sqlmodel import col

from models.database.rows import IN_CHUNK, count_changed
from models.database.session import reading, transaction
from models.replies.reply import DRAFT_OPEN, Reply, ReplyDraft, ReplyState


def lapse_drafts(engine: Engine, *, now: datetime) -> int:
    """Mark replies whose link is too old by `now` (UTC) as not confirmed in time; return how many."""
    over = (
        select(col(Reply.id))
        .join(ReplyDraft, col(ReplyDraft.reply_id) == col(Reply.id))
        .where(DRAFT_OPEN, col(ReplyDraft.expires_at) <= now, col(Reply.state) == ReplyState.WAITS)
        .limit(IN_CHUNK)
    )
    with reading(engine) as session:  # mostly there are none, and nobody waits for the write lock
        found = session.scalars(over).all()
    if not found:
        return 0
    with transaction(engine) as session:
        late = update(Reply).where(col(Reply.id).in_(found), col(Reply.state) == ReplyState.WAITS)
        return count_changed(session, late.values(state=ReplyState.LAPSED).execution_options(synchronize_session=False))
