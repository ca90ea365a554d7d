"""Deliver: notices become letters, each is re-checked, marked, sent and settled, in transactions of its own.

No transaction is open while a letter is being written or a mail server is being spoken to. One transaction settles a
letter and marks the next: its commit stands between the two conversations.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlmodel import Session, col, select

from models.alert import AlertKind
from models.letter import Letter, LetterKind, LetterState
from models.localtime import at_local, local, local_date
from models.logs import get_log
from models.run import LINK_KEY, Installation
from models.session import reading, transactions, uncollected
from models.settings import Settings
from notifications.claims import Claim, claim, release, set_aside, settle
from notifications.compose import compose, compose_subject
from notifications.explain import UNWRITABLE
from notifications.outbox import group, join_newer
from notifications.quota import left
from notifications.stand_ins import send_to_stand_ins
from notifications.transport import Attempt, Outcome, Sender, idle
from workflows.alerts import end_alert, raise_alert
from workflows.letter_facts import LetterDesk
from workflows.rules.workdays import WorkCalendar
from workflows.send_check import OF_THE_DAY, Written, check_and_mark, may_go
from workflows.undelivered import tell_undelivered

BATCH = 100
TROUBLE = 2
"""So many conversations in a row that failed by the server's fault end a delivery: the rest waits for the next."""
_ANY_HOUR = (LetterKind.INCIDENT, LetterKind.ASSIGNED)
_log = get_log(__name__)


@dataclass
class Delivered:
    """What one delivery did: letters looked at, and how they ended."""

    letters: int = 0
    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    held: int = 0


def deliver(
    engine: Engine,
    settings: Settings,
    sender: Sender,
    *,
    now: datetime,
    calendar: WorkCalendar,
    for_seconds: float | None = None,
) -> Delivered:
    """Sends everything that may leave at `now`: within sending hours, but for incidents and hoả tốc assignments.

    With `for_seconds` it stops after so long: a slow mail server holds up neither the next sweep nor the evening.
    """
    until = None if for_seconds is None else time.monotonic() + for_seconds
    with transactions(engine) as begin, sender:
        delivery = _Delivery(engine, begin, settings, sender, now, calendar, until)
        delivery.group()
        while claims := delivery.claim():
            with uncollected():
                goes_on = delivery.send(claims)
            if not goes_on:
                break
    return delivery.done


@dataclass(frozen=True)
class _Sent:
    """A letter that was handed over and is to be settled."""

    claim: Claim
    attempt: Attempt
    tasks: list[str]


@dataclass
class _Delivery:
    engine: Engine
    begin: Callable[[], AbstractContextManager[Session]]  # a transaction
    settings: Settings
    sender: Sender
    now: datetime
    calendar: WorkCalendar
    until: float | None  # on the monotonic clock, seconds
    done: Delivered = field(default_factory=Delivered)
    troubles: int = 0  # failed conversations in a row
    was_in_trouble: bool | None = None

    def group(self) -> None:
        """Notices whose moment has come find their letters."""

        def next_slot(kind: LetterKind, slot: datetime) -> datetime:
            if kind in (LetterKind.DIGEST, LetterKind.UPWARD):
                return self.calendar.digest_slot(_evening_after(max(slot, self.now)))
            return max(slot, self.now) + timedelta(seconds=1)

        with self.begin() as session:
            send_to_stand_ins(session, now=self.now, leaving=self.calendar.in_sending_hours(self.now))
        with self.begin() as session:
            while group(session, now=self.now, next_slot=next_slot):
                pass
        with self.begin() as session:
            join_newer(session, now=self.now)

    def claim(self) -> list[Claim]:
        """The next letters that may leave at this hour, as many as the mail server's quota lets."""
        with self.begin() as session:
            quota = left(session, self.settings.mail, now=self.now)
            wanted = BATCH if quota is None else min(BATCH, quota)
            return self._claim(session, wanted) if wanted else []

    def _claim(self, session: Session, wanted: int) -> list[Claim]:
        by_day = self.calendar.in_sending_hours(self.now)
        while claims := self._take(session, wanted, None if by_day else _ANY_HOUR):
            waiting = [one for one in claims if (self._is_of_the_past(one) if by_day else self._can_wait(one))]
            release(session, waiting, until=at_local(local_date(self.now)) if by_day else self._morning)
            if kept := [one for one in claims if one not in waiting]:
                return kept
        return []

    @property
    def _morning(self) -> datetime:
        return self.calendar.event_slot(self.now)

    def _can_wait(self, one: Claim) -> bool:
        """Off hours only that leaves which was scheduled outside them: contingency clocks, hoả tốc assignments."""
        return one.kind is not LetterKind.INCIDENT and self.calendar.in_sending_hours(one.slot)

    def _is_of_the_past(self, one: Claim) -> bool:
        """A digest of a day gone by waits for this morning's, which takes over what it still had to say."""
        today = local_date(self.now)
        return one.kind in OF_THE_DAY and local_date(one.slot) < today and self.now < at_local(today)

    def _take(self, session: Session, wanted: int, kinds: Sequence[LetterKind] | None = None) -> list[Claim]:
        return claim(
            session, now=self.now, limit=wanted, kinds=kinds,
            resend_uncertain=self.settings.mail.resend_uncertain,
        )  # fmt: skip

    def send(self, claims: list[Claim]) -> bool:
        """Writes, marks, sends and settles each. False: that was all for now, and what is left was given back."""
        ready = self._ready(claims)
        settled: _Sent | None = None
        for position, one in enumerate(claims):
            self._write(one, ready)
            self._announce(ready[one.letter_id])
            marked = self._turn(settled, one, ready[one.letter_id])
            settled = None
            if ready[one.letter_id].over_quota:
                self._give_back(claims[position:])
                return False
            if marked is None:
                continue
            self.done.letters += 1
            attempt = marked
            if not isinstance(attempt, Attempt):
                # the following letter is written while the server reads this one
                write = partial(self._write, claims[position + 1], ready) if position + 1 < len(claims) else idle
                attempt = self.sender.send(*attempt, meanwhile=write)
            settled = _Sent(one, attempt, ready[one.letter_id].tasks)
            self._count_trouble(attempt)
            if self.troubles >= TROUBLE or self._is_over():
                self._end(settled)
                self._give_back(claims[position + 1 :])
                self._tell_trouble(settled)
                return False
        self._end(settled)
        self._tell_trouble(settled)
        return True

    def _announce(self, written: Written) -> None:
        """The server reads the envelope while the letter before is settled and this one marked."""
        if written.composed is not None and written.ready is not None and written.ready.facts is not None:
            address = written.ready.facts.recipient.email
            if not written.fault and may_go(self.settings, address):
                self.sender.announce(address, written.composed.content)

    def _is_over(self) -> bool:
        return self.until is not None and time.monotonic() >= self.until

    def _ready(self, claims: list[Claim]) -> dict[UUID, Written]:
        """What each letter says now; where one of them cannot be told, the others are looked at one by one."""
        try:
            return self._look([one.letter_id for one in claims])
        except DBAPIError:
            raise
        except Exception:
            _log.exception("letters_looked_at_one_by_one", letters=len(claims))
        found: dict[UUID, Written] = {}
        for one in claims:
            try:
                found |= self._look([one.letter_id])
            except DBAPIError:
                raise
            except Exception as error:
                _log.exception("letter_unwritable", letter=str(one.letter_id))
                found[one.letter_id] = Written(None, fault=_one_line(error))
        return found

    def _look(self, letter_ids: list[UUID]) -> dict[UUID, Written]:
        with reading(self.engine) as session:
            desk = self._desk(session, letter_ids)
            return {letter.id: Written(desk.ready(letter), letter=letter) for letter in desk.letters}

    def _desk(self, session: Session, letter_ids: list[UUID]) -> LetterDesk:
        letters = session.exec(select(Letter).where(col(Letter.id).in_(letter_ids))).all()
        key = session.get_one(Installation, LINK_KEY).value
        return LetterDesk(session, self.settings, key, self.now, self.calendar, letters).load()

    def _write(self, one: Claim, found: dict[UUID, Written]) -> None:
        """Words for a letter, with nothing locked; one that cannot be written delays nobody else."""
        written = found[one.letter_id]
        ready = written.ready
        if written.fault or ready is None or ready.facts is None or one.was_uncertain or written.composed:
            return
        if not ready.facts.recipient.email:
            return  # a matter for the last look, not for the words
        try:
            whole = getattr(self.sender, "keep_content", True)
            written.composed = compose(ready.facts) if whole else compose_subject(ready.facts)
        except Exception as error:
            _log.exception("letter_unwritable", letter=str(one.letter_id))
            written.fault = _one_line(error)

    def _turn(self, settled: _Sent | None, one: Claim, written: Written) -> tuple[str, bytes] | Attempt | None:
        """Settles the letter before, and marks this one. None: nothing leaves; an Attempt: it cannot leave, and why."""
        state, marked = None, None
        try:
            with self.begin() as session:
                if settled is not None:
                    state = self._settle(session, settled)
                marked = check_and_mark(session, self.settings, one, written, self.now, self._again)
                if written.fault:
                    self._set_aside(session, one, written.fault)
        except (OperationalError, InterfaceError):  # the database, not this letter
            raise
        except DBAPIError as error:  # a value no column takes; the letter before is settled all the same
            _log.exception("letter_unwritable", letter=str(one.letter_id))
            written.fault, marked = _one_line(error), None
            with self.begin() as session:
                state = self._settle(session, settled) if settled is not None else None
                self._set_aside(session, one, written.fault)
        if settled is not None:
            self._count(state)
        self.done.failed += bool(written.fault)
        self.done.held += written.held
        return marked

    def _again(self, session: Session, one: Claim) -> Written:
        """A letter looked at anew, because something it tells moved since."""
        desk = self._desk(session, [one.letter_id])
        written = Written(desk.ready(desk.letters[0]), letter=desk.letters[0])
        self._write(one, {one.letter_id: written})
        return written

    def _end(self, settled: _Sent | None) -> None:
        if settled is not None:
            with self.begin() as session:
                state = self._settle(session, settled)
            self._count(state)

    def _settle(self, session: Session, sent: _Sent) -> LetterState | None:
        one, attempt = sent.claim, sent.attempt
        state = settle(session, one, attempt, now=self.now, resend_uncertain=self.settings.mail.resend_uncertain)
        _log.info(
            "letter_settled", letter=str(one.letter_id), tasks=sent.tasks, kind=one.kind.value, attempt=one.attempts,
            outcome=attempt.outcome.value, code=attempt.code, state=state.value if state else "lease lost",
        )  # fmt: skip
        if state is LetterState.FAILED:
            tell_undelivered(session, one, attempt, self.now, self.calendar)
        if attempt.outcome is Outcome.ACCEPTED and self.was_in_trouble is not False:
            self.was_in_trouble = False
            end_alert(session, AlertKind.MAIL_FAILING, self._server, now=self.now)
        return state

    def _count(self, state: LetterState | None) -> None:
        self.done.sent += state is LetterState.SENT
        self.done.failed += state is LetterState.FAILED or state is LetterState.QUEUED
        self.done.uncertain += state is LetterState.UNCERTAIN

    def _set_aside(self, session: Session, one: Claim, fault: str) -> None:
        """A letter nobody can write: an administrator hears of it, and sends it again once that is mended."""
        if not set_aside(session, one, LetterState.FAILED, UNWRITABLE + fault):
            return
        if one.kind is not LetterKind.ALERT:
            raise_alert(
                session, AlertKind.LETTER_UNWRITABLE, str(one.letter_id), now=self.now, calendar=self.calendar,
                facts={"reason": fault, "kind": one.kind.value},
            )  # fmt: skip

    def _count_trouble(self, attempt: Attempt) -> None:
        trouble = attempt.of_server or attempt.outcome is Outcome.UNCERTAIN
        self.troubles = self.troubles + 1 if trouble else 0

    def _give_back(self, claims: list[Claim]) -> None:
        """What was not tried waits as before: none of its attempts is spent."""
        with self.begin() as session:
            release(session, claims)

    def _tell_trouble(self, last: _Sent | None) -> None:
        """Administrators hear of a server that answers nobody: several letters in a row, or one again and again."""
        if last is None or not (self.troubles >= TROUBLE or (self.troubles and last.claim.attempts > TROUBLE)):
            return
        with self.begin() as session:
            raise_alert(
                session, AlertKind.MAIL_FAILING, self._server, now=self.now, calendar=self.calendar,
                facts={"reason": last.attempt.reply, "code": last.attempt.code},
            )  # fmt: skip

    @property
    def _server(self) -> str:
        mail = self.settings.mail
        return mail.mode if mail.mode == "local" else f"{mail.host}:{mail.port}"


def _evening_after(moment: datetime) -> datetime:
    """A moment of the same local day after sending hours, so that the digest slot is the next working morning."""
    return local(moment).replace(hour=23, minute=0, second=0, microsecond=0)


def _one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else '–'}"[:300]
