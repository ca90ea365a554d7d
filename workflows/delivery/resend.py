"""Sends failed, held or uncertain letters again, or sets them aside. Only a person decides this."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy import select as select_columns
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

_MOST_IN_AUDIT = 50  # letters that the audit names; it counts the others
_SENT_AGAIN: dict[LetterState, dict[str, Any]] = {
    LetterState.FAILED: {"state": LetterState.QUEUED, "attempts": 0, "resent": False, "error": ""},
    LetterState.HELD: {"state": LetterState.QUEUED, "attempts": 0, "error": ""},
    # The state stays uncertain, so that the delivery sends the same bytes under the same Message-ID.
    LetterState.UNCERTAIN: {"resent": False},
}
"""What changes in a letter of each state so that the next delivery sends it."""
_NOTICES_AGAIN: dict[LetterState, tuple[Any, ...]] = {
    LetterState.FAILED: (col(Notice.state) == NoticeState.FAILED,),
    LetterState.HELD: (col(Notice.state) == NoticeState.DROPPED, col(Notice.reason) == HELD_REASON),
}


def resend(
    session: Session,
    settings: Settings,
    letter_ids: Collection[UUID],
    now: datetime,
    audit_actor: AuditActor | None = None,
) -> list[Letter]:
    """Let the next delivery send failed, uncertain and held letters.

    Failed and held letters are written anew, without what is no longer true. Uncertain letters keep their bytes and
    their Message-ID. With `audit_actor`, the audit gets a line.

    Raises NotFound; Refused for a letter in any other state, and for an uncertain one that the delivery would keep.
    Then no letter changes.
    """
    letters = _lock_letters(session, letter_ids)
    if refusal := find_refusal(session, settings, letters, now):
        raise refusal
    for state, changes in _SENT_AGAIN.items():
        for chunk in chunks([letter.id for letter in letters if letter.state is state]):
            session.execute(update(Letter).where(col(Letter.id).in_(chunk)).values(not_before=now, **changes))
            if state in _NOTICES_AGAIN:
                session.execute(
                    update(Notice)
                    .where(col(Notice.letter_id).in_(chunk), *_NOTICES_AGAIN[state])
                    .values(state=NoticeState.PENDING, reason="")
                )
            if state is LetterState.FAILED:
                _trust_addresses(session, chunk)
    _end_alerts(session, letters, now, audit_actor, "letters_sent_again")  # a letter that fails again raises one anew
    return letters


def _trust_addresses(session: Session, letter_ids: Collection[UUID]) -> None:
    """Trust the recipients' addresses again. A person who sends a failed letter again believes the address."""
    recipients = select(Letter.recipient_id).where(col(Letter.id).in_(letter_ids))
    people = update(Person).where(col(Person.id).in_(recipients))
    session.execute(people.values(email_refused_at=None, email_doubted_at=None))


def find_refusal(session: Session, settings: Settings, letters: Collection[Letter], now: datetime) -> Refused | None:
    """Return the reason for the first uncertain letter that the delivery would not send, or None."""
    uncertain = [letter for letter in letters if letter.state is LetterState.UNCERTAIN]
    for letter, reason in kept(session, settings, uncertain, now):
        return _refusal(letter, reason)
    return None


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
    session: Session, letter_ids: Collection[UUID], now: datetime, audit_actor: AuditActor | None = None
) -> list[Letter]:
    """Set failed, uncertain or held letters aside: they do not leave and need nobody's attention any more.

    No other letter tells their news, but the next digest lists what is still true. Raises as `resend`.
    """
    letters = _lock_letters(session, letter_ids)
    for chunk in chunks([letter.id for letter in letters]):
        session.execute(update(Letter).where(col(Letter.id).in_(chunk)).values(state=LetterState.DROPPED))
    _end_alerts(session, letters, now, audit_actor, "letters_put_aside")
    return letters


@dataclass(frozen=True)
class LetterGroup:
    """Letters that need a person for the same reason. Forms name the group by its `key`."""

    state: LetterState
    error: str
    count: int

    @property
    def key(self) -> str:
        return hashlib.sha256(f"{self.state} {self.error}".encode()).hexdigest()[:16]


def dead_groups(session: Session) -> list[LetterGroup]:
    """Return the largest group first. The query does not read the many letters that were sent."""
    dead = select_columns(col(Letter.state), col(Letter.error)).where(IS_DEAD).subquery()
    query = select_columns(dead.c.state, dead.c.error, func.count()).group_by(dead.c.state, dead.c.error)
    groups = [LetterGroup(*row) for row in session.execute(query)]
    return sorted(groups, key=lambda group: (-group.count, group.state, group.error))


def letters_alike(session: Session, key: str) -> list[UUID]:
    """Return the letters of a group. Raises NotFound where the group is empty by now."""
    group = next((group for group in dead_groups(session) if group.key == key), None)
    if group is None:
        raise NotFound(_("these letters no longer need attention: look again"))
    query = select(Letter.id).where(IS_DEAD, Letter.state == group.state, Letter.error == group.error)
    return list(session.exec(query.order_by(col(Letter.id))))


def _end_alerts(
    session: Session, letters: Collection[Letter], now: datetime, audit_actor: AuditActor | None, action: str
) -> None:
    for kind in (AlertKind.LETTER_UNWRITABLE, AlertKind.LETTER_GIVEN_UP):
        for letter in letters:
            end_alert(session, kind, str(letter.id), now=now)
    if audit_actor is not None and letters:
        ids = [letter.id.hex for letter in letters]
        about = ids[0][-8:] if len(ids) == 1 else ""
        audit_actor.note(session, action, about, {"count": len(ids), "letters": ids[:_MOST_IN_AUDIT]})


def _lock_letters(session: Session, letter_ids: Collection[UUID]) -> list[Letter]:
    letters: dict[UUID, Letter] = {}
    for chunk in chunks(letter_ids):
        rows = session.exec(select(Letter).where(col(Letter.id).in_(chunk)).order_by(col(Letter.id)).with_for_update())
        letters |= {letter.id: letter for letter in rows}
    for letter_id in letter_ids:
        letter = need(
            letters.get(letter_id), NotFound("letter {letter}: there is no such letter", letter=str(letter_id))
        )
        if letter.state not in _SENT_AGAIN:
            raise Refused(
                "letter {letter} is {state}; only failed, uncertain or held ones are sent again",
                letter=letter_id.hex[-8:],
                state=letter.state.label,
            )
    return list(letters.values())
