"""Letters that were refused or may not have arrived: sent again, or put aside. A person's decision, never ours."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.database.rows import chunks
from models.errors import NotFound, Refused, need
from models.i18n import _
from models.letters.letter import IS_DEAD, Letter, LetterState, Notice, NoticeState
from models.operations.alert import AlertKind
from models.organization.person import Person
from models.settings import Settings
from models.text.localtime import local_date, write_date
from notifications.outbox.attempts import HELD_REASON
from notifications.outbox.explain import KEPT_WORDS, OF_ANOTHER_DAY
from workflows.access.audit_log import AuditActor
from workflows.delivery.recheck import kept
from workflows.queue.alerts import end_alert

_NAMED = 50  # letters that the audit names; of more it keeps the count

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


def resend(
    session: Session, settings: Settings, letter_ids: Collection[UUID], now: datetime, hand: AuditActor | None = None
) -> list[Letter]:
    """Let letters go out with the next delivery that failed, are uncertain or were kept back by test mode.

    Raises NotFound, or Refused for a letter in any other state; then none is touched. Failed and held ones are written
    anew, without what is no longer true; uncertain ones keep their bytes and their Message-ID, and are refused where
    the delivery would keep them. With a `hand`, the audit gets a line.
    """
    letters = _locked(session, letter_ids)
    if refusal := not_again(session, settings, letters, now):
        raise refusal
    for before, changes in _AGAIN.items():
        for chunk in chunks([letter.id for letter in letters if letter.state is before]):
            session.execute(update(Letter).where(col(Letter.id).in_(chunk)).values(not_before=now, **changes))
            if before in _NOTICES_THEN:
                session.execute(
                    update(Notice)
                    .where(col(Notice.letter_id).in_(chunk), *_NOTICES_THEN[before])
                    .values(state=NoticeState.PENDING, reason="")
                )
            if before is LetterState.FAILED:  # who sends it again holds the address for good
                recipients = select(Letter.recipient_id).where(col(Letter.id).in_(chunk))
                trusted = update(Person).where(col(Person.id).in_(recipients))
                session.execute(trusted.values(email_refused_at=None, email_doubted_at=None))
    _seen_to(session, letters, now, hand, "letters_sent_again")  # raised anew if one fails again
    return letters


def not_again(session: Session, settings: Settings, letters: Collection[Letter], now: datetime) -> Refused | None:
    """Why the delivery would keep the first of the uncertain ones; None where it would keep none."""
    uncertain = [letter for letter in letters if letter.state is LetterState.UNCERTAIN]
    found = next(kept(session, settings, uncertain, now), None)
    return _refusal(*found) if found else None


def _refusal(letter: Letter, reason: str) -> Refused:
    name = letter.id.hex[-8:]
    if reason == OF_ANOTHER_DAY:
        return Refused(
            "letter {letter} lists the state of {day} and is not sent on another day: set it aside; "
            "what is still true is in a newer letter",
            letter=name,
            day=write_date(local_date(letter.slot)),
        )
    return Refused(
        "letter {letter} does not go out again: {reason}; fix that first, or set it aside",
        letter=name,
        reason=KEPT_WORDS[reason],
    )


def drop_letters(
    session: Session, letter_ids: Collection[UUID], now: datetime, hand: AuditActor | None = None
) -> list[Letter]:
    """Put failed, uncertain or kept back letters aside: they go no further, and need nobody any more.

    Raises as `resend`. What was in them is told by no other letter; where it is still true, the next digest lists it.
    """
    letters = _locked(session, letter_ids)
    for chunk in chunks([letter.id for letter in letters]):
        session.execute(update(Letter).where(col(Letter.id).in_(chunk)).values(state=LetterState.DROPPED))
    _seen_to(session, letters, now, hand, "letters_put_aside")
    return letters


@dataclass(frozen=True)
class LetterGroup:
    """Letters that need a person for the same reason; `key` names them in a form."""

    state: LetterState
    error: str
    count: int

    @property
    def key(self) -> str:
        return hashlib.sha256(f"{self.state} {self.error}".encode()).hexdigest()[:16]


def dead_groups(session: Session) -> list[LetterGroup]:
    """The largest stand first; reads what needs a person, never what was sent."""
    some = columns(col(Letter.state), col(Letter.error)).where(IS_DEAD).subquery()
    query = columns(some.c.state, some.c.error, func.count()).group_by(some.c.state, some.c.error)
    groups = [LetterGroup(*row) for row in session.execute(query)]
    return sorted(groups, key=lambda group: (-group.count, group.state, group.error))


def letters_alike(session: Session, key: str) -> list[UUID]:
    """NotFound where there is none any more."""
    group = next((one for one in dead_groups(session) if one.key == key), None)
    if group is None:
        raise NotFound(_("these letters no longer need attention: look again"))
    query = select(Letter.id).where(IS_DEAD, Letter.state == group.state, Letter.error == group.error)
    return list(session.exec(query.order_by(col(Letter.id))))


def _seen_to(
    session: Session, letters: Collection[Letter], now: datetime, hand: AuditActor | None, action: str
) -> None:
    for kind in (AlertKind.LETTER_UNWRITABLE, AlertKind.LETTER_GIVEN_UP):
        for letter in letters:
            end_alert(session, kind, str(letter.id), now=now)
    if hand is not None and letters:
        ids = [letter.id.hex for letter in letters]
        hand.note(session, action, ids[0][-8:] if len(ids) == 1 else "", {"count": len(ids), "letters": ids[:_NAMED]})


def _locked(session: Session, letter_ids: Collection[UUID]) -> list[Letter]:
    found: dict[UUID, Letter] = {}
    for chunk in chunks(letter_ids):
        rows = session.exec(select(Letter).where(col(Letter.id).in_(chunk)).order_by(col(Letter.id)).with_for_update())
        found |= {letter.id: letter for letter in rows}
    for letter_id in letter_ids:
        letter = need(found.get(letter_id), NotFound("letter {letter}: there is no such letter", letter=str(letter_id)))
        if letter.state not in _AGAIN:
            raise Refused(
                "letter {letter} is {state}; only failed, uncertain or held ones are sent again",
                letter=letter_id.hex[-8:],
                state=letter.state.label,
            )
    return list(found.values())
