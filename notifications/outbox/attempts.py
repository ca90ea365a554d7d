"""Attempts: a letter is claimed by its mark, which is committed before its conversation, and settled by how that ended.

Over SMTP exactly-once is impossible. What is promised: never lost, never knowingly twice, uncertainty visible.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BindParameter, LargeBinary, bindparam, delete, insert, text, update
from sqlmodel import Session, col, select

from models.database.back_off import LETTER, MAIL_SERVER, next_attempt
from models.database.leases import Lease, is_held, of_token, one_further
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
"""Time from which on nobody tries any more to record how an attempt ended."""
RESEND_UNCERTAIN_AFTER = timedelta(minutes=15)
HELD_REASON = "test mode"
_log = get_log(__name__)

_LETTER, _ATTEMPT, _NOTICE = table_of(Letter), table_of(LetterAttempt), table_of(Notice)
# Each statement that a letter costs is built once, as building it costs more than executing it. The parameters that
# name columns say what an UPDATE sets.
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
_CLAIM = update(_LETTER).where(_IS_FREE).values(one_further(Letter))
_KEEP = text(
    "INSERT INTO letter_content (letter_id, content) VALUES (:the_id, :the_content) "
    "ON CONFLICT (letter_id) DO UPDATE SET content = excluded.content"
).bindparams(bindparam("the_id", type_=_LETTER.c.id.type), bindparam("the_content", type_=LargeBinary()))
_BEGIN = insert(_ATTEMPT)
_SETTLE_HELD = update(_LETTER).where(_IS_HELD)
_SETTLE_KNOWN = update(_LETTER).where(_IS_OURS, text("letter.state IN ('claimed', 'uncertain')"))
_END = update(_ATTEMPT).where(
    _ATTEMPT.c.letter_id == _ID, _ATTEMPT.c.lease_token == _TOKEN, text("(ended_at IS NULL OR outcome = 'uncertain')")
)
_END_NOTICES = update(_NOTICE).where(_NOTICE.c.letter_id == _ID, IS_PENDING)


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
        return Lease((self.letter_id,), self.lease_token)


class RecipientNow(NamedTuple):
    is_active: bool
    address: str


def lock(session: Session, claim_: Claim) -> RecipientNow | None:
    """Keep others from a letter until the end of the transaction. None where it is not as it was read."""
    waits = LetterState.UNCERTAIN if claim_.was_uncertain else LetterState.QUEUED
    found = session.execute(_LOCK, {**_key(claim_), "waits": waits, "reader": claim_.recipient_id}).first()
    return None if found is None else RecipientNow(found.is_active, found.email or "")


def claim(session: Session, claim_: Claim, *, until: datetime | None, **written: Any) -> bool:
    """Claim a locked letter until a moment (UTC); without one, say at once how it ends. False where it is another's."""
    taken = {"state": LetterState.CLAIMED, "resent": claim_.was_uncertain, "lease_until": until}
    return update_one(session, _CLAIM, {**_key(claim_), **taken, **written})


def mark_attempt(
    session: Session,
    claim_: Claim,
    *,
    now: datetime,
    until: datetime,
    message_id: str,
    address: str,
    subject: str,
    content: bytes,
    is_drill: bool,
) -> None:
    """Claim a locked letter by its mark, which is committed before the conversation, with the bytes that will leave."""
    words = {"message_id": message_id, "address": address, "subject": subject, "is_drill": is_drill}
    claim(session, claim_, until=until, **words)
    session.execute(_KEEP, {"the_id": claim_.letter_id, "the_content": content})
    mark = {"letter_id": claim_.letter_id, "lease_token": claim_.lease_token, "started_at": now, "reply": ""}
    session.execute(_BEGIN, mark)


def settle(
    session: Session, claim_: Claim, attempt: Attempt, *, now: datetime, resend_uncertain: bool = True
) -> LetterState | None:
    """Write how an attempt ended, for the letter and its notices. None when the lease is lost: another has it now.

    Whoever found the lease over has called the letter uncertain: what the server said of it, however late, says more,
    as long as nobody has claimed the letter since.
    """
    state, values = _end_of(claim_, attempt, now, resend_uncertain)
    settled = _SETTLE_HELD if attempt.outcome is SendOutcome.UNCERTAIN else _SETTLE_KNOWN
    if not update_one(session, settled, {**_key(claim_), "state": state, "lease_until": None, **values}):
        return None
    end = {"outcome": attempt.outcome.value, "smtp_code": attempt.code, "reply": attempt.reply[:500]}
    session.execute(_END, {**_key(claim_), "ended_at": now, **end})
    if state is LetterState.SENT:
        _end_notices(session, claim_, NoticeState.SENT, reason="")  # it had one if it was to be dropped meanwhile
    elif state is LetterState.FAILED:
        _end_notices(session, claim_, NoticeState.FAILED)
    if state is not LetterState.UNCERTAIN:
        _forget_secret(session, claim_)
    return state


def _key(claim_: Claim) -> dict[str, Any]:
    return {"the_id": claim_.letter_id, "the_token": claim_.lease_token}


def _end_notices(session: Session, claim_: Claim, state: NoticeState, **more: str) -> None:
    session.execute(_END_NOTICES, {"the_id": claim_.letter_id, "state": state, **more})


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
    if attempt.outcome is SendOutcome.ACCEPTED:
        return LetterState.SENT, {"error": "", "sent_at": now}
    if attempt.outcome is SendOutcome.PERMANENT:
        return LetterState.FAILED, {"error": attempt.reply}
    moment = next_attempt(MAIL_SERVER if attempt.of_server else LETTER, claim_.attempts, now)
    if attempt.outcome is SendOutcome.UNCERTAIN or claim_.was_uncertain:
        # a re-send that never reached DATA leaves the letter as uncertain as it was, and free to try some more
        spent = claim_.was_uncertain and attempt.outcome is SendOutcome.UNCERTAIN
        again = resend_uncertain and not spent and moment is not None
        not_before = now + RESEND_UNCERTAIN_AFTER
        return LetterState.UNCERTAIN, {"error": attempt.reply, "not_before": not_before, "resent": not again}
    if moment is None:
        return LetterState.FAILED, {"error": attempt.reply}
    return LetterState.QUEUED, {"error": attempt.reply, "not_before": moment, "resent": False}


def set_aside(
    session: Session, claim_: Claim, state: LetterState, error: str = "", content: bytes | None = None, **written: Any
) -> None:
    """Settle a locked letter that does not leave: EMPTY (nothing in it was still true), FAILED (it cannot be written)
    or HELD (test mode; `content` and `written` keep its words).
    """
    claim(session, claim_, until=None, state=state, error=error, **written)
    if content is not None:
        session.execute(_KEEP, {"the_id": claim_.letter_id, "the_content": content})
    (_log.info if state is LetterState.FAILED else _log.debug)(
        "letter_set_aside", letter=str(claim_.letter_id), kind=claim_.kind.value, state=state.value, reason=error
    )
    if state is LetterState.HELD:
        _end_notices(session, claim_, NoticeState.DROPPED, reason=HELD_REASON)
    else:
        _end_notices(session, claim_, NoticeState.FAILED if state is LetterState.FAILED else NoticeState.DROPPED)


def keep_uncertain(session: Session, claim_: Claim, reason: str) -> None:
    """Keep a locked letter uncertain that is not sent again, with the reason."""
    claim(session, claim_, until=None, state=LetterState.UNCERTAIN, error=reason)  # `resent`, as it was uncertain
    _log.info("letter_kept_uncertain", letter=str(claim_.letter_id), kind=claim_.kind.value, reason=reason)
    _forget_secret(session, claim_)


def is_given_up(session: Session, letter_id: UUID) -> bool:
    """Return whether a letter is uncertain and not sent again by itself."""
    found = select(Letter.id).where(Letter.id == letter_id, Letter.state == LetterState.UNCERTAIN, Letter.resent)
    return session.exec(found).first() is not None
