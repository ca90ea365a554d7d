"""The outbox: notices become letters, letters are claimed by one deliverer, attempts are marked and settled.

Over SMTP exactly-once is impossible. What is promised: never lost, never knowingly twice, uncertainty visible.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, tuple_, update
from sqlmodel import Session, col, or_, select

from models.ids import new_id
from models.letter import Letter, LetterAttempt, LetterKind, LetterState, Notice, NoticeState
from models.session import insert_new
from notifications.retry import next_attempt
from notifications.transport import Attempt, Outcome

LEASE = timedelta(minutes=15)
"""How long one deliverer may hold a letter; far above every time-out of a whole conversation."""
RESEND_UNCERTAIN_AFTER = timedelta(minutes=15)
GROUP_BATCH = 5000
NextSlot = Callable[[LetterKind, datetime], datetime]
"""Where a notice goes whose letter has left: told by whoever knows the calendar."""
_Key = tuple[UUID, datetime, LetterKind, str]


@dataclass(frozen=True)
class Claim:
    """A leased letter: whoever settles must still hold this fence."""

    letter_id: UUID
    fence: int
    was_uncertain: bool


def group(session: Session, *, now: datetime, next_slot: NextSlot) -> int:
    """Groups pending notices whose slot has come into letters. Returns how many notices found their letter.

    A notice whose letter is already claimed or gone joins the next slot.
    """
    notices = session.exec(
        select(Notice)
        .where(Notice.state == NoticeState.PENDING, col(Notice.letter_id).is_(None), col(Notice.slot) <= now)
        .order_by(col(Notice.slot), col(Notice.id))
        .limit(GROUP_BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    by_key: dict[_Key, list[Notice]] = {}
    for notice in notices:
        by_key.setdefault((notice.recipient_id, notice.slot, notice.kind, notice.topic), []).append(notice)
    if not by_key:
        return 0
    keys = sorted(by_key, key=lambda key: (key[1], str(key[0]), key[2], key[3]))  # one order for all: no deadlock
    queue_letters(session, keys)
    letters = _letters(session, keys)
    found = 0
    for key, group_ in by_key.items():
        letter = letters[key]
        waiting = letter.state is LetterState.QUEUED and letter.attempts == 0
        for notice in group_:
            if waiting:
                notice.letter_id = letter.id
                found += 1
            else:
                notice.slot = next_slot(notice.kind, notice.slot)
    session.flush()
    return found


def queue_letters(session: Session, keys: Iterable[_Key]) -> None:
    """Opens a letter for each (recipient, slot, kind, topic) that has none yet; what is there stays as it is."""
    insert_new(
        session,
        Letter.__table__,  # type: ignore[attr-defined]
        [
            {
                "id": new_id(),
                "recipient_id": recipient_id,
                "slot": slot,
                "kind": kind,
                "topic": topic,
                "next_attempt_at": slot,
            }
            for recipient_id, slot, kind, topic in keys
        ],
        {"is_drill": False, "state": LetterState.QUEUED, "attempts": 0, "fence": 0, "resent": False, "error": ""},
    )


def _letters(session: Session, keys: list[_Key]) -> dict[_Key, Letter]:
    """Locked until the commit: a letter claimed meanwhile would leave without the notices being put into it."""
    found: dict[_Key, Letter] = {}
    columns = tuple_(col(Letter.recipient_id), col(Letter.slot), col(Letter.kind), col(Letter.topic))
    for start in range(0, len(keys), 200):
        for letter in session.exec(
            select(Letter)
            .where(columns.in_(keys[start : start + 200]))
            .order_by(col(Letter.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        ):
            found[(letter.recipient_id, letter.slot, letter.kind, letter.topic)] = letter
    return found


def claim(
    session: Session,
    *,
    now: datetime,
    limit: int,
    kinds: Sequence[LetterKind] | None = None,
    skip: Sequence[UUID] = (),
) -> list[Claim]:
    """Leases letters that may leave now: queued ones, those whose deliverer died, and uncertain ones once more."""
    _release_dead(session, now)
    ready = (
        select(Letter)
        .where(
            or_(
                Letter.state == LetterState.QUEUED,
                (col(Letter.state) == LetterState.UNCERTAIN) & col(Letter.resent).is_(False),
            ),
            col(Letter.next_attempt_at) <= now,
        )
        # summaries last: only once the digests are looked at is it known whether one leaves that morning
        .order_by(col(Letter.kind) == LetterKind.SUMMARY, col(Letter.next_attempt_at), col(Letter.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if kinds is not None:
        ready = ready.where(col(Letter.kind).in_(kinds))
    if skip:
        ready = ready.where(col(Letter.id).not_in(skip))
    claims = []
    for letter in session.exec(ready).all():
        was_uncertain = letter.state is LetterState.UNCERTAIN
        changed = session.execute(
            update(Letter)
            .where(col(Letter.id) == letter.id, col(Letter.fence) == letter.fence, col(Letter.state) == letter.state)
            .values(
                state=LetterState.CLAIMED,
                fence=letter.fence + 1,
                lease_until=now + LEASE,
                attempts=Letter.attempts + 1,
                resent=was_uncertain or letter.resent,
            )
            .execution_options(synchronize_session=False)
        )
        if changed.rowcount == 1:  # type: ignore[attr-defined]
            claims.append(Claim(letter.id, letter.fence + 1, was_uncertain))
    session.expire_all()
    return claims


def _release_dead(session: Session, now: datetime) -> None:
    """A lease that ran out: with an attempt mark and no end the letter is uncertain, without one it is queued again."""
    dead = session.exec(
        select(Letter)
        .where(Letter.state == LetterState.CLAIMED, col(Letter.lease_until) < now)
        .order_by(col(Letter.id))
        .with_for_update(skip_locked=True)  # else one deliverer releases what another has just claimed again
    ).all()
    for letter in dead:
        mark = session.get(LetterAttempt, (letter.id, letter.fence))
        if mark is not None and mark.ended_at is None:
            settle(
                session,
                Claim(letter.id, letter.fence, False),
                Attempt(Outcome.UNCERTAIN, None, "the deliverer died between its mark and the server's reply"),
                now=now,
            )
        elif letter.resent:  # it died before its mark: as uncertain as it was, its bytes as frozen
            letter.state, letter.lease_until, letter.next_attempt_at = LetterState.UNCERTAIN, None, now
            letter.resent = False
        else:
            letter.state, letter.lease_until, letter.next_attempt_at = LetterState.QUEUED, None, now
    session.flush()


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
) -> bool:
    """The mark committed before DATA, with the bytes that will leave. False when the lease was lost."""
    changed = session.execute(
        update(Letter)
        .where(_held(claim_))
        .values(message_id=message_id, address=address, subject=subject, content=content, is_drill=is_drill)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        return False
    session.add(LetterAttempt(letter_id=claim_.letter_id, fence=claim_.fence, started_at=now))
    return True


def settle(session: Session, claim_: Claim, attempt: Attempt, *, now: datetime) -> LetterState | None:
    """How an attempt ended, for the letter and its notices. None when the fence is old: someone else has it now."""
    letter = session.get(Letter, claim_.letter_id, populate_existing=True, with_for_update=True)
    if letter is None or letter.fence != claim_.fence or letter.state is not LetterState.CLAIMED:
        return None
    mark = session.get(LetterAttempt, (claim_.letter_id, claim_.fence))
    if mark is not None:
        mark.ended_at, mark.outcome = now, attempt.outcome.value
        mark.smtp_code, mark.reply = attempt.code, attempt.reply[:500]
    letter.lease_until, letter.error = None, "" if attempt.outcome is Outcome.ACCEPTED else attempt.reply
    if attempt.outcome is Outcome.ACCEPTED:
        letter.state, letter.sent_at = LetterState.SENT, now
        _settle_notices(session, letter.id, NoticeState.SENT)
    elif attempt.outcome is Outcome.PERMANENT:
        letter.state = LetterState.FAILED
        _settle_notices(session, letter.id, NoticeState.FAILED)
    elif attempt.outcome is Outcome.UNCERTAIN or claim_.was_uncertain:
        letter.state, letter.next_attempt_at = LetterState.UNCERTAIN, now + RESEND_UNCERTAIN_AFTER
        # a re-send that never reached DATA leaves the letter as uncertain as it was, and free to try once more
        letter.resent = letter.resent and attempt.outcome is Outcome.UNCERTAIN
    else:
        moment = next_attempt(letter.attempts, now)
        letter.state = LetterState.QUEUED if moment else LetterState.FAILED
        letter.next_attempt_at = moment or now
        if moment is None:
            _settle_notices(session, letter.id, NoticeState.FAILED)
    session.flush()
    return letter.state


def set_aside(session: Session, claim_: Claim, state: LetterState, error: str = "") -> None:
    """A claimed letter that does not leave: EMPTY (nothing in it was still true) or FAILED (it cannot be written)."""
    session.execute(
        update(Letter)
        .where(_held(claim_))
        .values(state=state, lease_until=None, error=error)
        .execution_options(synchronize_session=False)
    )
    _settle_notices(
        session, claim_.letter_id, NoticeState.DROPPED if state is LetterState.EMPTY else NoticeState.FAILED
    )


def keep_uncertain(session: Session, claim_: Claim) -> None:
    """An uncertain letter of which nothing is true any more is not sent again; it stays shown as uncertain."""
    session.execute(
        update(Letter)
        .where(_held(claim_))
        .values(state=LetterState.UNCERTAIN, lease_until=None, resent=True)
        .execution_options(synchronize_session=False)
    )


def _held(claim_: Claim) -> ColumnElement[bool]:
    return (
        (col(Letter.id) == claim_.letter_id)
        & (col(Letter.fence) == claim_.fence)
        & (col(Letter.state) == LetterState.CLAIMED)
    )


def _settle_notices(session: Session, letter_id: UUID, state: NoticeState) -> None:
    session.execute(
        update(Notice)
        .where(col(Notice.letter_id) == letter_id, col(Notice.state) == NoticeState.PENDING)
        .values(state=state)
        .execution_options(synchronize_session=False)
    )
