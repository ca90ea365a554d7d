"""Send a letter again that was refused or may not have arrived: a person's decision, never ours."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from models.errors import NotFound, Refused
from models.letter import Letter, LetterState, Notice, NoticeState
from models.words import LETTER_STATE_WORDS

_AGAIN: dict[LetterState, dict[str, Any]] = {
    LetterState.FAILED: {"state": LetterState.QUEUED, "attempts": 0, "error": ""},
    # it stays uncertain, so that the delivery sends the very bytes again, under the Message-ID they had
    LetterState.UNCERTAIN: {"resent": False},
}


def resend(session: Session, letter_id: UUID, now: datetime) -> Letter:
    """Lets a failed or uncertain letter go out with the next delivery. Raises NotFound, Refused for any other state.

    A failed one is written anew, without what is no longer true; an uncertain one keeps its bytes and its Message-ID.
    """
    letter = session.get(Letter, letter_id)
    if letter is None:
        raise NotFound("letter {letter}: there is no such letter", letter=str(letter_id))
    before = letter.state
    changes = _AGAIN.get(before)
    if changes is None:
        raise Refused(
            "letter {letter} is {state}; only failed or uncertain ones are sent again",
            letter=letter_id.hex[-8:],
            state=LETTER_STATE_WORDS[before],
        )
    changed = session.execute(
        update(Letter)
        .where(col(Letter.id) == letter_id, col(Letter.state) == before)
        .values(next_attempt_at=now, **changes)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("letter {letter}: it moved just now; look again", letter=letter_id.hex[-8:])
    if before is LetterState.FAILED:
        session.execute(
            update(Notice)
            .where(col(Notice.letter_id) == letter_id, col(Notice.state) == NoticeState.FAILED)
            .values(state=NoticeState.PENDING)
        )
    session.refresh(letter)
    return letter
