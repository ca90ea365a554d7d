"""Attempts: a letter is claimed by its mark, which is committed before its conversation, and settled by how that ended.

Over SMTP exactly-once is impossible. What is promised: never lost, never knowingly twice, uncertainty visible.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, bindparam, delete, insert, text, update
from sqlmodel import Session, col, select

from models.database import leases
from models.database.back_off import LETTER, MAIL_SERVER, next_attempt
from models.database.leases import Lease, LostLease, is_held, of_token
from models.database.rows import count_changed, table_of
from models.letters.letter import (
    SECRET_TOPIC,
    Letter,
    LetterAttempt,
    LetterContent,
    LetterKind,
    LetterState,
    Notice,
    NoticeState,
)
from models.operations.logs import get_log
from models.settings import MailSettings
from notifications.smtp.sender import longest_conversation
from notifications.smtp.transport import Attempt, Outcome

END_WITHIN = timedelta(minutes=3)
"""Time from which on nobody tries any more to record how an attempt ended."""
RESEND_UNCERTAIN_AFTER = timedelta(minutes=15)
HELD_REASON = "test mode"
_KEPT = text(
    "INSERT INTO letter_content (letter_id, content) VALUES (:the_id, :the_content) "
    "ON CONFLICT (letter_id) DO UPDATE SET content = excluded.content"
).bindparams(bindparam("the_id", type_=table_of(Letter).c.id.type), bindparam("the_content", type_=LargeBinary()))
_log = get_log(__name__)


def lease_of(mail: MailSettings) -> timedelta:
    """Return how long a mark holds: longer than the longest conversation and the tries to record its end."""
    return timedelta(seconds=longest_conversation(mail)) + END_WITHIN + timedelta(minutes=1)


@dataclass(frozen=True)
class Claim:
    """A letter that may leave, as it will be once it is marked: a lease token and an attempt further."""

    letter_id: UUID
    lease_token: int
    was_uncertain: bool
    recipient_id: UUID
    kind: LetterKind
    slot: datetime
    attempts: int

    @property
    def lease(self) -> Lease:
        """Return the lease under which it is settled."""
        return Lease((self.letter_id,), self.lease_token)


def take(session: Session, claim_: Claim, *, until: datetime) -> bool:
    """Claim a letter until a moment (UTC), in the transaction of its mark. False where it is not as it was read."""
    waits = col(Letter.state) == (LetterState.UNCERTAIN if claim_.was_uncertain else LetterState.QUEUED)
    same = (col(Letter.lease_token) == claim_.lease_token - 1) & (col(Letter.recipient_id) == claim_.recipient_id)
    query = select(Letter.id).where(Letter.id == claim_.letter_id, waits, same).with_for_update(skip_locked=True)
    if session.exec(query).first() is None:
        return False
    key, was = [(claim_.letter_id,)], claim_.was_uncertain
    leases.claim(session, Letter, key, until=until, state=LetterState.CLAIMED, resent=was)
    return True


def mark_attempt(
    session: Session,
    claim_: Claim,
    *,
    now: datetime,
    message_id: str,
    address: str,
    subject: str,
    content: bytes,
    is_drill: bool,
) -> None:
    """Write the mark that is committed before the conversation, with the bytes that will leave."""
    words = {"message_id": message_id, "address": address, "subject": subject, "is_drill": is_drill}
    session.execute(update(table_of(Letter)).where(is_held(Letter, claim_.lease)).values(**words))
    session.execute(_KEPT, {"the_id": claim_.letter_id, "the_content": content})
    mark = {"letter_id": claim_.letter_id, "lease_token": claim_.lease_token, "started_at": now, "reply": ""}
    session.execute(insert(table_of(LetterAttempt)).values(**mark))


_UNSETTLED = text("letter.state IN ('claimed', 'uncertain')")
_UNENDED = text("(ended_at IS NULL OR outcome = 'uncertain')")


def settle(
    session: Session, claim_: Claim, attempt: Attempt, *, now: datetime, resend_uncertain: bool = True
) -> LetterState | None:
    """Write how an attempt ended, for the letter and its notices. None when the lease is lost: another has it now.

    Whoever found the lease over has called the letter uncertain: what the server said of it, however late, says more,
    as long as nobody has claimed the letter since.
    """
    state, values = _end_of(claim_, attempt, now, resend_uncertain)
    known = is_held(Letter, claim_.lease)
    if attempt.outcome is not Outcome.UNCERTAIN:
        known = of_token(Letter, claim_.lease) & _UNSETTLED
    settled = update(table_of(Letter)).where(known).values(state=state, lease_until=None, **values)
    if count_changed(session, settled) != 1:
        return None
    session.execute(
        update(LetterAttempt)
        .where(col(LetterAttempt.letter_id) == claim_.letter_id, _UNENDED)
        .where(col(LetterAttempt.lease_token) == claim_.lease_token)
        .values(ended_at=now, outcome=attempt.outcome.value, smtp_code=attempt.code, reply=attempt.reply[:500])
        .execution_options(synchronize_session=False)
    )
    if state in (LetterState.SENT, LetterState.FAILED):
        _end_notices(session, claim_, NoticeState.SENT if state is LetterState.SENT else NoticeState.FAILED)
    if state is not LetterState.UNCERTAIN:
        _forget_secret(session, claim_)
    return state


def _end_notices(session: Session, claim_: Claim, state: NoticeState, **more: str) -> None:
    session.execute(
        update(Notice)
        .where(col(Notice.letter_id) == claim_.letter_id, col(Notice.state) == NoticeState.PENDING)
        .values(state=state, **more)
        .execution_options(synchronize_session=False)
    )


def _forget_secret(session: Session, claim_: Claim) -> None:
    """The bytes of a letter with a code or an invitation stay no longer than they may have to leave once more."""
    if claim_.kind is LetterKind.ACCOUNT:
        with_secret = select(Letter.id).where(col(Letter.topic).startswith(SECRET_TOPIC))
        session.execute(
            delete(LetterContent)
            .where(col(LetterContent.letter_id) == claim_.letter_id, col(LetterContent.letter_id).in_(with_secret))
            .execution_options(synchronize_session=False)
        )


def _end_of(
    claim_: Claim, attempt: Attempt, now: datetime, resend_uncertain: bool
) -> tuple[LetterState, dict[str, Any]]:
    """Return the state of a letter after an attempt, and the columns that go with it."""
    if attempt.outcome is Outcome.ACCEPTED:
        return LetterState.SENT, {"error": "", "sent_at": now}
    if attempt.outcome is Outcome.PERMANENT:
        return LetterState.FAILED, {"error": attempt.reply}
    moment = next_attempt(MAIL_SERVER if attempt.of_server else LETTER, claim_.attempts, now)
    if attempt.outcome is Outcome.UNCERTAIN or claim_.was_uncertain:
        # a re-send that never reached DATA leaves the letter as uncertain as it was, and free to try some more
        spent = claim_.was_uncertain and attempt.outcome is Outcome.UNCERTAIN
        again = resend_uncertain and not spent and moment is not None
        ready_at = now + RESEND_UNCERTAIN_AFTER
        return LetterState.UNCERTAIN, {"error": attempt.reply, "ready_at": ready_at, "resent": not again}
    if moment is None:
        return LetterState.FAILED, {"error": attempt.reply}
    return LetterState.QUEUED, {"error": attempt.reply, "ready_at": moment, "resent": False}


def set_aside(
    session: Session, claim_: Claim, state: LetterState, error: str = "", content: bytes | None = None, **written: Any
) -> bool:
    """Settle a claimed letter that does not leave: EMPTY (nothing in it was still true), FAILED (it cannot be written)
    or HELD (test mode; `content` and `written` keep its words). False when the lease was lost.
    """
    try:
        leases.settle(session, Letter, claim_.lease, state=state, error=error, **written)
    except LostLease:
        return False
    if content is not None:
        session.execute(_KEPT, {"the_id": claim_.letter_id, "the_content": content})
    (_log.info if state is LetterState.FAILED else _log.debug)(
        "letter_set_aside", letter=str(claim_.letter_id), kind=claim_.kind.value, state=state.value, reason=error
    )
    if state is LetterState.HELD:
        _end_notices(session, claim_, NoticeState.DROPPED, reason=HELD_REASON)
    else:
        _end_notices(session, claim_, NoticeState.FAILED if state is LetterState.FAILED else NoticeState.DROPPED)
    return True


def keep_uncertain(session: Session, claim_: Claim, reason: str) -> bool:
    """Keep a letter uncertain that is not sent again, with the reason. False when the lease was lost."""
    try:
        leases.settle(session, Letter, claim_.lease, state=LetterState.UNCERTAIN, resent=True, error=reason)
    except LostLease:
        return False
    _log.info("letter_kept_uncertain", letter=str(claim_.letter_id), kind=claim_.kind.value, reason=reason)
    _forget_secret(session, claim_)
    return True


def is_given_up(session: Session, letter_id: UUID) -> bool:
    """Return whether a letter is uncertain and not sent again by itself."""
    found = select(Letter.id).where(Letter.id == letter_id, Letter.state == LetterState.UNCERTAIN, Letter.resent)
    return session.exec(found).first() is not None
