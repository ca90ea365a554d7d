"""Send a letter again that was refused or may not have arrived: a person's decision, never ours."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from models.alert import AlertKind
from models.errors import NotFound, Refused
from models.letter import Letter, LetterState, Notice, NoticeState
from models.person import Person
from models.words import LETTER_STATE_WORDS
from notifications.claims import HELD_REASON
from workflows.alerts import end_alert

_AGAIN: dict[LetterState, dict[str, Any]] = {
    LetterState.FAILED: {"state": LetterState.QUEUED, "attempts": 0, "resent": False, "error": ""},
    LetterState.HELD: {"state": LetterState.QUEUED, "attempts": 0, "error": ""},
    # it stays uncertain, so that the delivery sends the very bytes again, under the Message-ID they had
    LetterState.UNCERTAIN: {"resent": False},
}
_NOTICES_THEN: dict[LetterState, tuple[Any, ...]] = {
    LetterState.FAILED: (col(Notice.state) == NoticeState.FAILED,),
    LetterState.HELD: (col(Notice.state) == NoticeState.DROPPED, col(Notice.reason) == HELD_REASON),
}


def resend(session: Session, letter_id: UUID, now: datetime) -> Letter:
    """Lets a letter go out with the next delivery that failed, is uncertain or was kept back by test mode.

    Raises NotFound, Refused for any other state. A failed or held one is written anew, without what is no longer
    true; an uncertain one keeps its bytes and its Message-ID.
    """
    letter = session.get(Letter, letter_id)
    if letter is None:
        raise NotFound("letter {letter}: there is no such letter", letter=str(letter_id))
    before = letter.state
    changes = _AGAIN.get(before)
    if changes is None:
        raise Refused(
            "letter {letter} is {state}; only failed, uncertain or held ones are sent again",
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
    if before in _NOTICES_THEN:
        session.execute(
            update(Notice)
            .where(col(Notice.letter_id) == letter_id, *_NOTICES_THEN[before])
            .values(state=NoticeState.PENDING, reason="")
        )
    if before is LetterState.FAILED:  # who sends it again holds the address for good
        session.execute(update(Person).where(col(Person.id) == letter.recipient_id).values(email_refused_at=None))
    for kind in (AlertKind.LETTER_UNWRITABLE, AlertKind.LETTER_GIVEN_UP):
        end_alert(session, kind, str(letter_id), now=now)  # somebody has seen to it; raised anew if it fails again
    session.refresh(letter)
    return letter
