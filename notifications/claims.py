"""Claims: a letter is leased by one deliverer, its attempt marked before DATA, and settled by how that ended.

Over SMTP exactly-once is impossible. What is promised: never lost, never knowingly twice, uncertainty visible.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    text,
    union_all,
    update,
)
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, or_, select

from models.letter import (
    MAY_LEAVE,
    SECRET_TOPIC,
    Letter,
    LetterAttempt,
    LetterContent,
    LetterKind,
    LetterState,
    Notice,
    NoticeState,
)
from models.logs import get_log
from models.person import Person
from models.prepared import Prepared
from models.task import Task
from notifications.fair_share import choose, interleave
from notifications.retry import next_attempt
from notifications.transport import Attempt, Outcome

HOLD = timedelta(minutes=3)
"""How long one deliverer may hold a letter that it has not tried: should it die, others have it so much later."""
LEASE = timedelta(minutes=15)
"""How long from its mark on; far above every time-out of a whole conversation."""
RESEND_UNCERTAIN_AFTER = timedelta(minutes=15)
_log = get_log(__name__)

_LETTER, _NOTICE, _ATTEMPT, _PERSON, _TASK = (
    model.__table__.c  # type: ignore[union-attr]
    for model in (Letter, Notice, LetterAttempt, Person, Task)
)


@dataclass(frozen=True)
class Claim:
    """A leased letter: whoever settles must still hold this fence."""

    letter_id: UUID
    fence: int
    was_uncertain: bool
    recipient_id: UUID
    kind: LetterKind
    slot: datetime
    attempts: int


def claim(
    session: Session,
    *,
    now: datetime,
    limit: int,
    kinds: Sequence[LetterKind] | None = None,
    resend_uncertain: bool = True,
    moment: datetime | None = None,
) -> list[Claim]:
    """Leases letters that may leave now: queued ones, those whose deliverer died, and uncertain ones once more.

    Which go first says `fair_share`, and within a kind the moment. Without `resend_uncertain` an uncertain letter waits
    for a person to say so. `moment`: the present, for who has been delivering as of `now` for some time; all UTC.
    """
    _release_dead(session, now, resend_uncertain)
    waiting = _waiting(session, now, limit, LetterKind if kinds is None else kinds)
    chosen = choose(limit, waiting, turn=int(now.timestamp() // 60))
    rows = interleave({kind: session.execute(_next(kind, now, count)).all() for kind, count in chosen.items()})
    if not rows:
        return []
    # the rows are locked (PostgreSQL), or the whole database is (SQLite): nobody can have changed them since
    session.execute(
        update(Letter)
        .where(_LETTER.id.in_([row.id for row in rows]))
        .values(
            state=LetterState.CLAIMED,
            fence=Letter.fence + 1,
            lease_until=(moment or now) + HOLD,
            attempts=Letter.attempts + 1,
            resent=or_(_LETTER.state == LetterState.UNCERTAIN, _LETTER.resent),
        )
        .execution_options(synchronize_session=False)
    )
    return [
        Claim(
            row.id, row.fence + 1, row.state is LetterState.UNCERTAIN, row.recipient_id, row.kind, row.slot,
            row.attempts + 1,
        )
        for row in rows
    ]  # fmt: skip


def is_waiting(session: Session, *, now: datetime, kinds: Iterable[LetterKind] | None = None) -> bool:
    """Whether a letter (of these kinds) may leave now."""
    return bool(_waiting(session, now, 1, LetterKind if kinds is None else kinds))


def _waiting(session: Session, now: datetime, most: int, kinds: Iterable[LetterKind]) -> dict[LetterKind, int]:
    """How many letters of each kind may leave now; no more than `most` of each are counted."""
    counts = [
        select_columns(literal(kind.value).label("kind"), func.count().label("count")).select_from(
            select_columns(_LETTER.id).where(*_may_leave(kind, now)).limit(most).subquery()
        )
        for kind in kinds
    ]
    if not counts:
        return {}
    return {LetterKind(kind): count for kind, count in session.execute(union_all(*counts)) if count}


def _next(kind: LetterKind, now: datetime, count: int) -> Select[Any]:
    """Locks the next letters of a kind that nobody else is claiming."""
    columns = (_LETTER.id, _LETTER.fence, _LETTER.state, _LETTER.recipient_id, _LETTER.kind, _LETTER.slot)
    return (
        select_columns(*columns, _LETTER.attempts)
        .where(*_may_leave(kind, now))
        .order_by(_LETTER.next_attempt_at, _LETTER.id)
        .limit(count)
        .with_for_update(skip_locked=True)
    )


def _may_leave(kind: LetterKind, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """As `ix_letter_to_claim` has them, however many of another kind wait."""
    return MAY_LEAVE, _LETTER.kind == kind, _LETTER.next_attempt_at <= now, _LETTER.slot <= now  # type: ignore[return-value]


def release(session: Session, claims: Sequence[Claim], *, until: datetime | None = None) -> None:
    """Gives claimed letters back as they were: not tried, and no attempt counted; with `until`, to wait till then."""
    values: dict[str, Any] = {} if until is None else {"next_attempt_at": until}
    for one in claims:
        session.execute(
            update(Letter)
            .where(_held(one))
            .values(
                state=LetterState.UNCERTAIN if one.was_uncertain else LetterState.QUEUED,
                lease_until=None,
                attempts=one.attempts - 1,
                **({"resent": False} if one.was_uncertain else {}),  # its one re-send is still to come
                **values,
            )
            .execution_options(synchronize_session=False)
        )


def _release_dead(session: Session, now: datetime, resend_uncertain: bool) -> None:
    """A lease that ran out: with an attempt mark and no end the letter is uncertain, without one it is queued again."""
    dead = session.exec(
        select(Letter)
        .where(col(Letter.lease_until) < now)  # only claimed letters have one: an index of its own, nearly empty
        .order_by(col(Letter.lease_until))  # by id, SQLite would read every letter of all the years in that order
        .with_for_update(skip_locked=True)  # else one deliverer releases what another has just claimed again
        .execution_options(populate_existing=True)
    ).all()
    for letter in dead:
        mark = session.get(LetterAttempt, (letter.id, letter.fence), populate_existing=True)
        _log.warning("letter_left_behind", letter=str(letter.id), marked=mark is not None, attempt=letter.attempts)
        one = Claim(
            letter.id, letter.fence, letter.resent, letter.recipient_id, letter.kind, letter.slot, letter.attempts
        )
        if mark is not None and mark.ended_at is None:
            words = "the deliverer died between its mark and the server's reply"
            attempt = Attempt(Outcome.UNCERTAIN, None, words)
            settle(session, one, attempt, now=now, resend_uncertain=resend_uncertain and not letter.resent)
        else:  # it died before its mark: as uncertain as it was, its bytes as frozen
            state = LetterState.UNCERTAIN if letter.resent else LetterState.QUEUED
            letter.state, letter.lease_until, letter.next_attempt_at = state, None, now
            letter.resent = False
    session.flush()


# As words of the statement: SQLite prepares one anew each time a value is bound that partial indexes speak of.
_IS_CLAIMED, _IS_PENDING = text("letter.state = 'claimed'"), text("notice.state = 'pending'")
_MARK = (
    update(Letter)
    .where(
        _LETTER.id == bindparam("the_id"),
        _LETTER.fence == bindparam("the_fence"),
        _IS_CLAIMED,
        # the very person and address it was written for, as they stand now
        exists().where(
            _PERSON.id == bindparam("the_person"), _PERSON.is_active, _PERSON.email == bindparam("the_address")
        ),
    )
    .values(
        {name: bindparam(f"new_{name}") for name in ("message_id", "address", "subject", "is_drill", "lease_until")}
    )
    .execution_options(synchronize_session=False)
)
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
        letter_id=bindparam("the_id"), fence=bindparam("the_fence"), started_at=bindparam("the_start"), reply=""
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
    """The mark committed before DATA, with the bytes that will leave; from the `moment` (else `now`) on runs its lease.

    False when the lease was lost, or the recipient has retired or has another address by now; or, where a task and its
    revision are given as `unmoved`, when that has moved.
    """
    connection = session.connection()
    task = {} if unmoved is None else {"the_task": unmoved[0], "the_revision": unmoved[1]}
    changed = (_MARKED if unmoved is None else _UNMOVED).run(
        connection, the_id=claim_.letter_id, the_fence=claim_.fence, the_person=claim_.recipient_id,
        the_address=address, new_message_id=message_id, new_address=address, new_subject=subject,
        new_is_drill=is_drill, new_lease_until=(moment or now) + LEASE, **task,
    )  # fmt: skip
    if changed != 1:
        return False
    _KEPT.run(connection, the_id=claim_.letter_id, the_content=content)
    _ATTEMPTED.run(connection, the_id=claim_.letter_id, the_fence=claim_.fence, the_start=now)
    return True


_SETTLED = (
    update(Letter)
    .where(_LETTER.id == bindparam("the_id"), _LETTER.fence == bindparam("the_fence"), _IS_CLAIMED)
    .execution_options(synchronize_session=False)
)
_SENT = Prepared(_SETTLED.values(state=LetterState.SENT, lease_until=None, error="", sent_at=bindparam("the_end")))
_ENDED = Prepared(
    update(LetterAttempt)
    .where(
        _ATTEMPT.letter_id == bindparam("the_id"),
        _ATTEMPT.fence == bindparam("the_fence"),
        _ATTEMPT.ended_at.is_(None),
    )
    .values({name: bindparam(f"new_{name}") for name in ("ended_at", "outcome", "smtp_code", "reply")})
)
_NOTICES = Prepared(
    update(Notice).where(_NOTICE.letter_id == bindparam("the_id"), _IS_PENDING).values(state=bindparam("the_state"))
)


def settle(
    session: Session, claim_: Claim, attempt: Attempt, *, now: datetime, resend_uncertain: bool = True
) -> LetterState | None:
    """How an attempt ended, for the letter and its notices. None when the fence is old: someone else has it now."""
    connection = session.connection()
    key = {"the_id": claim_.letter_id, "the_fence": claim_.fence}
    if attempt.outcome is Outcome.ACCEPTED:
        state = LetterState.SENT
        changed = _SENT.run(connection, **key, the_end=now)
    else:
        state, values = _put_off(claim_, attempt, now, resend_uncertain)
        settled = _SETTLED.values(state=state, lease_until=None, error=attempt.reply, **values)
        changed = connection.execute(settled, key).rowcount
    if changed != 1:
        return None
    _ENDED.run(
        connection, **key, new_ended_at=now, new_outcome=attempt.outcome.value, new_smtp_code=attempt.code,
        new_reply=attempt.reply[:500],
    )  # fmt: skip
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
    """The state of a letter that was not accepted, and the columns that go with it."""
    if attempt.outcome is Outcome.PERMANENT:
        return LetterState.FAILED, {}
    moment = next_attempt(claim_.attempts, now, of_server=attempt.of_server)
    if attempt.outcome is Outcome.UNCERTAIN or claim_.was_uncertain:
        # a re-send that never reached DATA leaves the letter as uncertain as it was, and free to try some more
        spent = claim_.was_uncertain and attempt.outcome is Outcome.UNCERTAIN
        again = resend_uncertain and not spent and moment is not None
        return LetterState.UNCERTAIN, {"next_attempt_at": now + RESEND_UNCERTAIN_AFTER, "resent": not again}
    return (LetterState.QUEUED, {"next_attempt_at": moment}) if moment else (LetterState.FAILED, {})


def set_aside(
    session: Session, claim_: Claim, state: LetterState, error: str = "", content: bytes | None = None, **written: Any
) -> bool:
    """A claimed letter that does not leave: EMPTY (nothing in it was still true), FAILED (it cannot be written) or
    HELD (test mode; `content` and `written` keep its words). False when the lease was lost.
    """
    changed = session.execute(
        update(Letter)
        .where(_held(claim_))
        .values(state=state, lease_until=None, error=error, **written)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        return False
    if content is not None:
        _KEPT.run(session.connection(), the_id=claim_.letter_id, the_content=content)
    _log.info("letter_set_aside", letter=str(claim_.letter_id), kind=claim_.kind.value, state=state.value, reason=error)
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


def keep_uncertain(session: Session, claim_: Claim) -> None:
    """An uncertain letter of which nothing is true any more is not sent again; it stays shown as uncertain."""
    _log.info("letter_kept_uncertain", letter=str(claim_.letter_id), kind=claim_.kind.value)
    session.execute(
        update(Letter)
        .where(_held(claim_))
        .values(state=LetterState.UNCERTAIN, lease_until=None, resent=True)
        .execution_options(synchronize_session=False)
    )
    _forget_secret(session, claim_)


def _held(claim_: Claim) -> ColumnElement[bool]:
    return (
        (col(Letter.id) == claim_.letter_id)
        & (col(Letter.fence) == claim_.fence)
        & (col(Letter.state) == LetterState.CLAIMED)
    )
