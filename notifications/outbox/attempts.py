"""Claims a letter before its conversation with the mail server, and settles it by the end of the conversation.

The claim writes a mark, which is committed before the conversation begins. SMTP cannot deliver exactly once. The outbox
promises that no letter is lost, that none is knowingly sent twice, and that uncertainty is visible.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BindParameter, LargeBinary, bindparam, delete, insert, text, update
from sqlmodel import Session, col, select

from models.database.back_off import LETTER, MAIL_SERVER, next_attempt
from models.database.leases import Lease, is_held, next_claim, of_token
from models.database.rows import table_of, update_one
from models.letters.letter import (
    IS_PENDING,
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
from models.organization.person import Person
from models.settings import MailSettings
from notifications.smtp.sender import longest_conversation
from notifications.smtp.transport import Attempt, SendOutcome

END_WITHIN = timedelta(minutes=3)
"""After this time nobody tries any more to record how an attempt ended."""
RESEND_UNCERTAIN_AFTER = timedelta(minutes=15)
HELD_REASON = "test mode"
_log = get_log(__name__)

_LETTER, _ATTEMPT, _NOTICE = table_of(Letter), table_of(LetterAttempt), table_of(Notice)
# The statements for each letter are built once: building one costs more than executing it. An UPDATE sets the columns
# that its parameters name.
_ID: BindParameter[Any] = bindparam("the_id")
_TOKEN: BindParameter[Any] = bindparam("the_token")
_IS_OURS = of_token(Letter, Lease((_ID,), _TOKEN))
_IS_HELD = is_held(Letter, Lease((_ID,), _TOKEN))
_IS_FREE = of_token(Letter, Lease((_ID,), _TOKEN - 1))
_LOCK = (
    select(Person.is_active, Person.email)
    .join(Letter, col(Letter.recipient_id) == Person.id)
    .where(_IS_FREE, _LETTER.c.state == bindparam("waits"), _LETTER.c.recipient_id == bindparam("reader"))
    .with_for_update(skip_locked=True, of=Letter)
)
_CLAIM = update(_LETTER).where(_IS_FREE).values(next_claim(Letter))
_STORE_CONTENT = text(
    "INSERT INTO letter_content (letter_id, content) VALUES (:the_id, :the_content) "
    "ON CONFLICT (letter_id) DO UPDATE SET content = excluded.content"
).bindparams(bindparam("the_id", type_=_LETTER.c.id.type), bindparam("the_content", type_=LargeBinary()))
_BEGIN_ATTEMPT = insert(_ATTEMPT)
_SETTLE_HELD = update(_LETTER).where(_IS_HELD)
_SETTLE_KNOWN = update(_LETTER).where(_IS_OURS, text("letter.state IN ('claimed', 'uncertain')"))
_END_ATTEMPT = update(_ATTEMPT).where(
    _ATTEMPT.c.letter_id == _ID, _ATTEMPT.c.lease_token == _TOKEN, text("(ended_at IS NULL OR outcome = 'uncertain')")
)
_END_NOTICES = update(_NOTICE).where(_NOTICE.c.letter_id == _ID, IS_PENDING)


def lease_of(mail: MailSettings) -> timedelta:
    """Return how long a claim holds: longer than the longest conversation and the tries to record its end."""
    return timedelta(seconds=longest_conversation(mail)) + END_WITHIN + timedelta(minutes=1)


@dataclass(frozen=True)
class Claim:
    """A letter that may leave, with the lease token and the number of attempts that its mark will write."""

    letter_id: UUID
    lease_token: int
    was_uncertain: bool
    recipient_id: UUID
    kind: LetterKind
    slot: datetime
    attempts: int

    @property
    def lease(self) -> Lease:
        return Lease((self.letter_id,), self.lease_token)


class RecipientNow(NamedTuple):
    is_active: bool
    address: str


def lock(session: Session, claim: Claim) -> RecipientNow | None:
    """Lock a letter until the end of the transaction. Return None if it has changed since it was read."""
    waits = LetterState.UNCERTAIN if claim.was_uncertain else LetterState.QUEUED
    row = session.execute(_LOCK, {**_key(claim), "waits": waits, "reader": claim.recipient_id}).first()
    return None if row is None else RecipientNow(row.is_active, row.email or "")


def claim_letter(session: Session, claim: Claim, *, until: datetime | None, **written: Any) -> bool:
    """Claim a locked letter until a moment (UTC), or settle it at once if there is none.

    `written` are further columns to set. Return False if another process has claimed the letter.
    """
    claimed = {"state": LetterState.CLAIMED, "resent": claim.was_uncertain, "lease_until": until}
    return update_one(session, _CLAIM, {**_key(claim), **claimed, **written})


def mark_attempt(
    session: Session,
    claim: Claim,
    *,
    now: datetime,
    until: datetime,
    message_id: str,
    address: str,
    subject: str,
    content: bytes,
    is_drill: bool,
) -> None:
    """Claim a locked letter for its conversation, and store the bytes that will leave."""
    words = {"message_id": message_id, "address": address, "subject": subject, "is_drill": is_drill}
    claim_letter(session, claim, until=until, **words)
    session.execute(_STORE_CONTENT, {"the_id": claim.letter_id, "the_content": content})
    mark = {"letter_id": claim.letter_id, "lease_token": claim.lease_token, "started_at": now, "reply": ""}
    session.execute(_BEGIN_ATTEMPT, mark)


def settle(
    session: Session, claim: Claim, attempt: Attempt, *, now: datetime, resend_uncertain: bool = True
) -> LetterState | None:
    """Record how an attempt ended, for the letter and its notices. Return the new state, None if the lease is lost.

    After the lease another process may have called the letter uncertain. A definite answer of the server still counts
    then, as long as nobody has claimed the letter again.
    """
    state, values = _outcome_values(claim, attempt, now, resend_uncertain)
    settle_row = _SETTLE_HELD if attempt.outcome is SendOutcome.UNCERTAIN else _SETTLE_KNOWN
    if not update_one(session, settle_row, {**_key(claim), "state": state, "lease_until": None, **values}):
        return None
    end = {"outcome": attempt.outcome.value, "smtp_code": attempt.code, "reply": attempt.reply[:500]}
    session.execute(_END_ATTEMPT, {**_key(claim), "ended_at": now, **end})
    if state is LetterState.SENT:
        _end_notices(session, claim, NoticeState.SENT, reason="")  # clear the reason of a drop that came too late
    elif state is LetterState.FAILED:
        _end_notices(session, claim, NoticeState.FAILED)
    if state is not LetterState.UNCERTAIN:
        _forget_secret(session, claim)
    return state


def _key(claim: Claim) -> dict[str, Any]:
    return {"the_id": claim.letter_id, "the_token": claim.lease_token}


def _end_notices(session: Session, claim: Claim, state: NoticeState, **more: str) -> None:
    session.execute(_END_NOTICES, {"the_id": claim.letter_id, "state": state, **more})


def _forget_secret(session: Session, claim: Claim) -> None:
    """Delete the bytes of a letter with a code or an invitation, once they cannot be sent again."""
    if claim.kind is LetterKind.ACCOUNT:
        with_secret = select(Letter.id).where(col(Letter.topic).startswith(SECRET_TOPIC))
        session.execute(
            delete(LetterContent)
            .where(col(LetterContent.letter_id) == claim.letter_id, col(LetterContent.letter_id).in_(with_secret))
            .execution_options(synchronize_session=False)
        )


def _outcome_values(
    claim: Claim, attempt: Attempt, now: datetime, resend_uncertain: bool
) -> tuple[LetterState, dict[str, Any]]:
    if attempt.outcome is SendOutcome.ACCEPTED:
        return LetterState.SENT, {"error": "", "sent_at": now}
    if attempt.outcome is SendOutcome.PERMANENT:
        return LetterState.FAILED, {"error": attempt.reply}
    moment = next_attempt(MAIL_SERVER if attempt.of_server else LETTER, claim.attempts, now)
    if attempt.outcome is SendOutcome.UNCERTAIN or claim.was_uncertain:
        # A second sending that never reached DATA does not count: the letter may be tried again.
        is_uncertain_again = claim.was_uncertain and attempt.outcome is SendOutcome.UNCERTAIN
        is_resent = resend_uncertain and not is_uncertain_again and moment is not None
        not_before = now + RESEND_UNCERTAIN_AFTER
        return LetterState.UNCERTAIN, {"error": attempt.reply, "not_before": not_before, "resent": not is_resent}
    if moment is None:
        return LetterState.FAILED, {"error": attempt.reply}
    return LetterState.QUEUED, {"error": attempt.reply, "not_before": moment, "resent": False}


def set_aside(
    session: Session, claim: Claim, state: LetterState, error: str = "", content: bytes | None = None, **written: Any
) -> None:
    """Settle a locked letter that does not leave.

    It becomes EMPTY if nothing in it is still true, FAILED if it cannot be written, and HELD in test mode. For HELD,
    `content` and `written` store its words.
    """
    claim_letter(session, claim, until=None, state=state, error=error, **written)
    if content is not None:
        session.execute(_STORE_CONTENT, {"the_id": claim.letter_id, "the_content": content})
    log = _log.info if state is LetterState.FAILED else _log.debug
    log("letter_set_aside", letter=str(claim.letter_id), kind=claim.kind.value, state=state.value, reason=error)
    if state is LetterState.HELD:
        _end_notices(session, claim, NoticeState.DROPPED, reason=HELD_REASON)
    else:
        _end_notices(session, claim, NoticeState.FAILED if state is LetterState.FAILED else NoticeState.DROPPED)


def keep_uncertain(session: Session, claim: Claim, reason: str) -> None:
    """Leave a locked letter uncertain, with the reason why it is not sent again."""
    claim_letter(session, claim, until=None, state=LetterState.UNCERTAIN, error=reason)  # `resent`, as it was uncertain
    _log.info("letter_kept_uncertain", letter=str(claim.letter_id), kind=claim.kind.value, reason=reason)
    _forget_secret(session, claim)


def is_given_up(session: Session, letter_id: UUID) -> bool:
    """Return whether a letter is uncertain and not sent again by itself."""
    query = select(Letter.id).where(Letter.id == letter_id, Letter.state == LetterState.UNCERTAIN, Letter.resent)
    return session.exec(query).first() is not None
