"""Send a letter again that was refused or may not have arrived: a person's decision, never ours."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from models.errors import NotFound, Refused
from models.letter import Letter, LetterState, Notice, NoticeState

RESENDABLE = (LetterState.FAILED, LetterState.UNCERTAIN)


def resend(session: Session, letter_id: UUID, now: datetime) -> Letter:
    """Queues a failed or uncertain letter for the next delivery. Raises NotFound, Refused for any other state.

    An uncertain one keeps its Message-ID and its bytes, so that a mail server can tell it is the same letter.
    """
    letter = session.get(Letter, letter_id)
    if letter is None:
        raise NotFound("letter {letter}: there is no such letter", letter=str(letter_id))
    changed = session.execute(
        update(Letter)
        .where(col(Letter.id) == letter_id, col(Letter.state).in_(RESENDABLE))
        .values(state=LetterState.QUEUED, next_attempt_at=now)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(
            "letter {letter} is {state}; only failed or uncertain ones are sent again",
            letter=letter_id.hex[-8:],
            state=letter.state.value,
        )
    # what it had to say waits again; the delivery drops what is no longer true
    session.execute(
        update(Notice)
        .where(col(Notice.letter_id) == letter_id, col(Notice.state) == NoticeState.FAILED)
        .values(state=NoticeState.PENDING)
    )
    session.refresh(letter)
    return letter
