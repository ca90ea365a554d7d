"""Send letters again that were refused or may not have arrived: a person's decision, never ours."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.alert import AlertKind
from models.errors import NotFound, Refused
from models.letter import Letter, LetterState, Notice, NoticeState
from models.person import Person
from models.session import chunks
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


def resend(session: Session, letter_ids: Collection[UUID], now: datetime) -> list[Letter]:
    """Lets letters go out with the next delivery that failed, are uncertain or were kept back by test mode.

    Raises NotFound, or Refused for a letter in any other state; then none is touched. Failed and held ones are written
    anew, without what is no longer true; uncertain ones keep their bytes and their Message-ID.
    """
    letters = _locked(session, letter_ids)
    for before, changes in _AGAIN.items():
        for chunk in chunks([letter.id for letter in letters if letter.state is before]):
            session.execute(update(Letter).where(col(Letter.id).in_(chunk)).values(next_attempt_at=now, **changes))
            if before in _NOTICES_THEN:
                session.execute(
                    update(Notice)
                    .where(col(Notice.letter_id).in_(chunk), *_NOTICES_THEN[before])
                    .values(state=NoticeState.PENDING, reason="")
                )
            if before is LetterState.FAILED:  # who sends it again holds the address for good
                recipients = select(Letter.recipient_id).where(col(Letter.id).in_(chunk))
                session.execute(update(Person).where(col(Person.id).in_(recipients)).values(email_refused_at=None))
    for kind in (AlertKind.LETTER_UNWRITABLE, AlertKind.LETTER_GIVEN_UP):
        for letter in letters:
            end_alert(session, kind, str(letter.id), now=now)  # seen to by somebody; raised anew if it fails again
    return letters


def _locked(session: Session, letter_ids: Collection[UUID]) -> list[Letter]:
    found: dict[UUID, Letter] = {}
    for chunk in chunks(letter_ids):
        rows = session.exec(select(Letter).where(col(Letter.id).in_(chunk)).order_by(col(Letter.id)).with_for_update())
        found |= {letter.id: letter for letter in rows}
    for letter_id in letter_ids:
        letter = found.get(letter_id)
        if letter is None:
            raise NotFound("letter {letter}: there is no such letter", letter=str(letter_id))
        if letter.state not in _AGAIN:
            raise Refused(
                "letter {letter} is {state}; only failed, uncertain or held ones are sent again",
                letter=letter_id.hex[-8:],
                state=LETTER_STATE_WORDS[letter.state],
            )
    return list(found.values())
