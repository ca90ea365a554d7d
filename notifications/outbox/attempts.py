"""Attempts: a claimed letter is marked before DATA, and settled by how that ended.

Over SMTP exactly-once is impossible. What is promised: never lost, never knowingly twice, uncertainty visible.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, bindparam, delete, exists, insert, text, update
from sqlmodel import Session, col, select

from models.database import leases
from models.database.back_off import LETTER, MAIL_SERVER, next_attempt
from models.database.leases import Lease, LostLease, is_held, of_token
from models.database.prepared import Prepared
from models.database.rows import table_of
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
from models.organization.person import Person
from models.tasks.task import Task
from notifications.smtp.transport import Attempt, Outcome

LEASE = timedelta(minutes=15)
"""How long from its mark on: for more than the sender is asked within, all before the text (nine minutes) and the tries
to write down how that ended (three minutes) take together.
"""
WAITING_LEASE = timedelta(minutes=20)
"""How long from each beat on, while the mail server keeps a deliverer waiting: it tells these letters from others."""
BEAT = timedelta(minutes=1)
"""So often a deliverer that is kept waiting says that it still is."""
ASKED_WITHIN = timedelta(minutes=1)
"""So soon after its mark a letter is given to the sender, or not at all: who stood still may have lost its lease."""
RESEND_UNCERTAIN_AFTER = timedelta(minutes=15)
_log = get_log(__name__)

_LETTER, _NOTICE, _ATTEMPT, _PERSON, _TASK = (
    table_of(model).c for model in (Letter, Notice, LetterAttempt, Person, Task)
)


@dataclass(frozen=True)
class Claim:
    """A leased letter."""

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


# As words of the statement: SQLite prepares one anew each time a value is bound that partial indexes speak of.
_IS_PENDING = text("notice.state = 'pending'")
_THE_LEASE = Lease((bindparam("the_id"),), bindparam("the_token"))
_HELD = update(table_of(Letter)).where(is_held(Letter, _THE_LEASE))
_MARK = _HELD.where(
    # the very person and address it was written for, as they stand now
    exists().where(_PERSON.id == bindparam("the_person"), _PERSON.is_active, _PERSON.email == bindparam("the_address"))
).values({name: bindparam(f"new_{name}") for name in ("message_id", "address", "subject", "is_drill", "lease_until")})
_MARKED = Prepared(_MARK)
_UNMOVED = Prepared(
    _MARK.where(exists().where(_TASK.id == bindparam("the_task"), _TASK.revision == bindparam("the_revision")))
)
_KEPT = Prepared(
    text(
        "INSERT INTO letter_content (letter_id, content) VALUES (:the_id, :the_content) "
        "ON CONFLICT (letter_id) DO UPDATE SET content = excluded.content"
    ).bindparams(bindparam("the_id", type_=_LETTER.id.type), bindparam("the_content", type_=LargeBinary()))
)
_ATTEMPTED = Prepared(
    insert(LetterAttempt).values(
        letter_id=bindparam("the_id"), lease_token=bindparam("the_token"), started_at=bindparam("the_start"), reply=""
    )
)


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
    unmoved: tuple[UUID, int] | None = None,
    moment: datetime | None = None,
) -> bool:
    """Write the mark that is committed before DATA, with the bytes that will leave. Its lease runs from `moment`, else
    `now`, on (UTC).

    False when the lease was lost, or the recipient has retired or has another address by now; or, where a task and its
    revision are given as `unmoved`, when that has moved.
    """
    connection = session.connection()
    task = {} if unmoved is None else {"the_task": unmoved[0], "the_revision": unmoved[1]}
    changed = (_MARKED if unmoved is None else _UNMOVED).run(
        connection,
        the_id=claim_.letter_id,
        the_token=claim_.lease_token,
        the_person=claim_.recipient_id,
        the_address=address,
        new_message_id=message_id,
        new_address=address,
        new_subject=subject,
        new_is_drill=is_drill,
        new_lease_until=(moment or now) + LEASE,
        **task,
    )
    if changed != 1:
        return False
    _KEPT.run(connection, the_id=claim_.letter_id, the_content=content)
    _ATTEMPTED.run(connection, the_id=claim_.letter_id, the_token=claim_.lease_token, the_start=now)
    return True


_ANSWERED = update(table_of(Letter)).where(
    of_token(Letter, _THE_LEASE), text("letter.state IN ('claimed', 'uncertain')")
)
"""An answer of the server counts also when it comes after the lease, as long as nobody has claimed the letter since."""
_SENT = Prepared(_ANSWERED.values(state=LetterState.SENT, lease_until=None, error="", sent_at=bindparam("the_end")))
_ENDED = Prepared(
    update(LetterAttempt)
    .where(
        _ATTEMPT.letter_id == bindparam("the_id"),
        _ATTEMPT.lease_token == bindparam("the_token"),
        text("(ended_at IS NULL OR outcome = 'uncertain')"),
    )
    .values({name: bindparam(f"new_{name}") for name in ("ended_at", "outcome", "smtp_code", "reply")})
)
_NOTICES = Prepared(
    update(Notice).where(_NOTICE.letter_id == bindparam("the_id"), _IS_PENDING).values(state=bindparam("the_state"))
)


def settle(
    session: Session, claim_: Claim, attempt: Attempt, *, now: datetime, resend_uncertain: bool = True
) -> LetterState | None:
    """Write how an attempt ended, for the letter and its notices. None when the lease is lost: another has it now.

    Whoever found the lease over has called the letter uncertain: what the server said of it, however late, says more.
    """
    connection = session.connection()
    key = {"the_id": claim_.letter_id, "the_token": claim_.lease_token}
    if attempt.outcome is Outcome.ACCEPTED:
        state = LetterState.SENT
        changed = _SENT.run(connection, **key, the_end=now)
    else:
        state, values = _put_off(claim_, attempt, now, resend_uncertain)
        known = _HELD if attempt.outcome is Outcome.UNCERTAIN else _ANSWERED
        settled = known.values(state=state, lease_until=None, error=attempt.reply, **values)
        changed = connection.execute(settled, key).rowcount
    if changed != 1:
        return None
    _ENDED.run(
        connection,
        **key,
        new_ended_at=now,
        new_outcome=attempt.outcome.value,
        new_smtp_code=attempt.code,
        new_reply=attempt.reply[:500],
    )
    if state in (LetterState.SENT, LetterState.FAILED):
        notices = NoticeState.SENT if state is LetterState.SENT else NoticeState.FAILED
        _NOTICES.run(connection, the_id=claim_.letter_id, the_state=notices)
    if state is not LetterState.UNCERTAIN:
        _forget_secret(session, claim_)
    return state


def _forget_secret(session: Session, claim_: Claim) -> None:
    """The bytes of a letter with a code or an invitation stay no longer than they may have to leave once more."""
    if claim_.kind is LetterKind.ACCOUNT:
        with_secret = select(Letter.id).where(col(Letter.topic).startswith(SECRET_TOPIC))
        session.execute(
            delete(LetterContent)
            .where(col(LetterContent.letter_id) == claim_.letter_id, col(LetterContent.letter_id).in_(with_secret))
            .execution_options(synchronize_session=False)
        )


def _put_off(
    claim_: Claim, attempt: Attempt, now: datetime, resend_uncertain: bool
) -> tuple[LetterState, dict[str, Any]]:
    """Return the state of a letter that was not accepted, and the columns that go with it."""
    if attempt.outcome is Outcome.PERMANENT:
        return LetterState.FAILED, {}
    moment = next_attempt(MAIL_SERVER if attempt.of_server else LETTER, claim_.attempts, now)
    if attempt.outcome is Outcome.UNCERTAIN or claim_.was_uncertain:
        # a re-send that never reached DATA leaves the letter as uncertain as it was, and free to try some more
        spent = claim_.was_uncertain and attempt.outcome is Outcome.UNCERTAIN
        again = resend_uncertain and not spent and moment is not None
        return LetterState.UNCERTAIN, {"ready_at": now + RESEND_UNCERTAIN_AFTER, "resent": not again}
    if moment is None:
        return LetterState.FAILED, {}
    return LetterState.QUEUED, {"ready_at": moment, "resent": False}


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
        _KEPT.run(session.connection(), the_id=claim_.letter_id, the_content=content)
    (_log.info if state is LetterState.FAILED else _log.debug)(
        "letter_set_aside", letter=str(claim_.letter_id), kind=claim_.kind.value, state=state.value, reason=error
    )
    told: dict[str, Any] = {"state": NoticeState.FAILED if state is LetterState.FAILED else NoticeState.DROPPED}
    if state is LetterState.HELD:
        told["reason"] = HELD_REASON
    session.execute(
        update(Notice)
        .where(col(Notice.letter_id) == claim_.letter_id, col(Notice.state) == NoticeState.PENDING)
        .values(**told)
        .execution_options(synchronize_session=False)
    )
    return True


HELD_REASON = "test mode"


def still_waits(session: Session, claim_: Claim, *, moment: datetime) -> bool:
    """Hold a letter on while the server keeps its deliverer waiting. False when the lease was lost."""
    try:
        leases.renew(session, Letter, claim_.lease, until=moment + WAITING_LEASE)
    except LostLease:
        return False
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
