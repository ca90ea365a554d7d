"""Groups notices into letters, then gives the letters out, one by one, to the lines that send them.

One transaction claims and marks a letter before its conversation with the mail server, another settles it afterwards.
No transaction is open while a letter is written or the server answers.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from threading import Event, Lock, get_ident
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from models.database.session import transaction, transactions
from models.letters.letter import OF_THE_DAY, LetterKind, LetterState
from models.settings import Settings
from models.text.localtime import at_local, local, local_date
from notifications.outbox.attempts import Claim
from notifications.outbox.claims import first_unfinished, is_waiting, next_letters, put_off, settle_dead
from notifications.outbox.grouping import group, join_newer
from notifications.outbox.stand_ins import send_to_stand_ins
from notifications.smtp.clocks import CLOCKS, Clocks, Stopwatch
from notifications.smtp.quota import letters_left, next_free
from notifications.smtp.transport import Sender
from workflows.delivery.compiled_letters import tell_present_readers
from workflows.delivery.letter_delivery import LetterDelivery
from workflows.delivery.mail_trouble import SLOW_SECONDS, MailTrouble
from workflows.delivery.recheck import OverQuota, WrittenLetter
from workflows.organization.register.handover import follow_handovers
from workflows.queue.send_hold import is_sending_held
from workflows.rules.calendar.workdays import WorkCalendar

BATCH = 50
"""Letters read together. They are not locked: a change since then is noticed when each letter is marked."""
FRESH_SECONDS = 2.0
"""The batch is read anew after this time, so that a letter with a code need not wait for a whole batch."""
PATIENCE = 30.0
"""The longest time in seconds that a delivery waits for the quota to allow the next letter."""
_ANY_HOUR = (LetterKind.INCIDENT, LetterKind.ASSIGNED, LetterKind.ACCOUNT)
_NEVER_WAITS = (LetterKind.INCIDENT, LetterKind.ACCOUNT)


class ReadLetter(NamedTuple):
    claim: Claim
    written: WrittenLetter


@dataclass
class Delivered:
    """How many letters were tried, and how they ended."""

    letters: int = 0
    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    held: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(Delivered)))


def deliver(
    engine: Engine,
    settings: Settings,
    sender: Sender,
    *,
    now: datetime,
    calendar: WorkCalendar,
    for_seconds: float | None = None,
    only: Sequence[LetterKind] | None = None,
    stop: Event | None = None,
    clocks: Clocks = CLOCKS,
) -> Delivered:
    """Send everything that may leave at `now` over one line, in this thread. `now` stays the same throughout.

    The other parameters are those of `Delivery`.
    """
    delivery = Delivery(
        engine, settings, lambda: now, calendar, for_seconds=for_seconds, only=only, stop=stop, clocks=clocks
    )
    if delivery.begin():
        delivery.send_over(sender, delivery.next_letter())
    return delivery.take_done()


class Delivery:
    """One delivery: gives letters that may leave to the lines that send them.

    Outside sending hours only incidents, hoả tốc assignments and account letters leave. During a send hold nothing
    leaves. `clock` returns the present (UTC). No conversation begins after `for_seconds`, or once `stop` is set.
    `only`: send queued letters of these kinds, and make no new letters.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        clock: Callable[[], datetime],
        calendar: WorkCalendar,
        *,
        for_seconds: float | None = None,
        only: Sequence[LetterKind] | None = None,
        stop: Event | None = None,
        clocks: Clocks = CLOCKS,
    ) -> None:
        self.engine, self.settings, self.clock, self.calendar = engine, settings, clock, calendar
        self._until = None if for_seconds is None else time.monotonic() + for_seconds
        self._only, self._stop, self._clocks = only, stop or Event(), clocks
        self._trouble = MailTrouble(settings.mail, calendar)
        self._letters = LetterDelivery(engine, settings, self._trouble, calendar, clock, self._stop.wait, clocks)
        self._lock = Lock()  # guards everything below
        self._done = Delivered()
        self._ready: list[ReadLetter] = []
        self._ready_since = clocks.start()
        self._given_out: set[UUID] = set()
        self._joined_for: list[datetime | None] = []  # what letters of the day waited for when they were last joined
        self._conversations: dict[int, Stopwatch] = {}  # by thread

    def begin(self) -> bool:
        """Put due notices into letters. Return whether letters may leave at all."""
        if is_sending_held(self.engine):
            return False
        with transaction(self.engine) as session:
            settle_dead(
                session,
                now=self.clock(),
                resend_uncertain=self.settings.mail.resend_uncertain,
                report_uncertain=self._letters.report_uncertain,
            )
            self._trouble.load(session)
        if self._only is None:
            self._group(self.clock())
        return True

    def _group(self, now: datetime) -> None:
        def next_slot(kind: LetterKind, slot: datetime) -> datetime:
            if kind in (LetterKind.DIGEST, LetterKind.UPWARD):
                return self.calendar.digest_slot(_evening_after(max(slot, now)))
            return max(slot, now) + timedelta(seconds=1)

        with transaction(self.engine) as session:
            follow_handovers(session, now=now)
        with transaction(self.engine) as session:
            in_sending_hours = self.calendar.in_sending_hours(now)
            send_to_stand_ins(session, now=now, are_leaving=in_sending_hours)
            if in_sending_hours:
                tell_present_readers(session, now=now)
        with transaction(self.engine) as session:
            while group(session, now=now, next_slot=next_slot):
                pass

    def send_over(self, sender: Sender, letter: ReadLetter | None) -> None:
        """Send this letter, and then every other that may leave, over one line."""
        with sender, transactions(self.engine) as begin:
            while letter is not None:
                self._conversations[get_ident()] = self._clocks.start()
                try:
                    state = self._letters.deliver(begin, sender, letter.claim, letter.written)
                except OverQuota:
                    self._take_back(letter.claim)
                else:
                    self._count(state, letter.written)
                finally:
                    del self._conversations[get_ident()]
                letter = self.next_letter()

    def next_letter(self) -> ReadLetter | None:
        with self._lock:
            is_time_up = self._until is not None and time.monotonic() >= self._until
            if is_time_up or self._stop.is_set() or self._trouble.is_over:
                return None
            if not self._ready or self._ready_since.seconds > FRESH_SECONDS:
                self._ready, self._ready_since = self._read_batch(), self._clocks.start()
            if not self._ready:
                return None
            letter = self._ready.pop(0)
            self._given_out.add(letter.claim.letter_id)
            return letter

    def look_at_lines(self) -> None:
        """Alert administrators while a server takes long over a letter."""
        longest = max((conversation.seconds for conversation in [*self._conversations.values()]), default=0.0)
        if longest >= SLOW_SECONDS and self._trouble.server not in self._trouble.slow:
            with transaction(self.engine) as session:
                self._trouble.tell_slow(session, longest, now=self.clock())

    def take_done(self) -> Delivered:
        """Return what was done since the last call."""
        with self._lock:
            done, self._done = self._done, Delivered()
            return done

    def _count(self, state: LetterState | None, written: WrittenLetter) -> None:
        with self._lock:
            self._done += Delivered(
                letters=state is not None,
                sent=state is LetterState.SENT,
                failed=state in (LetterState.FAILED, LetterState.QUEUED) or bool(written.fault),
                uncertain=state is LetterState.UNCERTAIN,
                held=written.held,
            )

    def _take_back(self, claim: Claim) -> None:
        """Let a letter be read again that found the quota used up by other processes."""
        with self._lock:
            self._given_out.discard(claim.letter_id)
            self._ready = []

    def _read_batch(self) -> list[ReadLetter]:
        """Wait for the quota if it is used up, then read the next letters."""
        while True:
            now = self.clock()
            claims: list[Claim] = []
            seconds = None
            with transaction(self.engine) as session:
                quota_left = letters_left(session, self.settings.mail, now=now)
                if quota_left == 0:
                    seconds = self._seconds_to_wait(session, now)
                else:
                    limit = BATCH if quota_left is None else min(BATCH, quota_left)
                    claims = self._next_claims(session, now, limit)
            if seconds is None:
                letters = self._letters.read(claims) if claims else {}
                return [ReadLetter(claim, letters[claim.letter_id]) for claim in claims]
            if self._stop.wait(seconds):
                return []

    def _next_claims(self, session: Session, now: datetime, limit: int) -> list[Claim]:
        """Return letters that may leave at this hour. Digests wait until no other tick adds to them."""
        unfinished = first_unfinished(session, now=now)  # before two letters to one person are joined
        if self._only is None and self._joined_for != [unfinished]:
            self._joined_for = [unfinished]
            join_newer(session, now=now)
        kinds = self._kinds(now, _ANY_HOUR)
        while claims := next_letters(session, now=now, limit=limit, kinds=kinds, unfinished=unfinished):
            if self.calendar.in_sending_hours(now):
                waiting = [claim for claim in claims if _is_of_the_past(claim, now)]
                put_off(session, waiting, until=at_local(local_date(now)))
            else:
                waiting = [claim for claim in claims if self._can_wait(claim)]
                put_off(session, waiting, until=self.calendar.event_slot(now))
            free = [claim for claim in claims if claim not in waiting and claim.letter_id not in self._given_out]
            if free or not waiting:
                return free
        return []

    def _kinds(self, now: datetime, at_night: Sequence[LetterKind]) -> Sequence[LetterKind] | None:
        """Return the kinds that may leave now, None for all. Outside sending hours these are the kinds `at_night`."""
        by_day = self.calendar.in_sending_hours(now)
        if self._only is None:
            return None if by_day else at_night
        return tuple(kind for kind in self._only if by_day or kind in at_night)

    def _seconds_to_wait(self, session: Session, now: datetime) -> float | None:
        """Return the time until the quota allows the next letter. None if no letter waits, or not within PATIENCE."""
        kinds = self._kinds(now, _NEVER_WAITS)
        free = next_free(session, self.settings.mail, now=now)
        if self._until is None or free is None or not is_waiting(session, now=now, kinds=kinds):
            return None
        seconds = max(0.0, (free - now).total_seconds())
        return seconds if seconds < PATIENCE and time.monotonic() + seconds < self._until else None

    def _can_wait(self, claim: Claim) -> bool:
        """Return whether a letter waits at night: its slot was by day, and its kind is not urgent."""
        return claim.kind not in _NEVER_WAITS and self.calendar.in_sending_hours(claim.slot)


def _is_of_the_past(claim: Claim, now: datetime) -> bool:
    """Return whether it is too early today for a digest of an earlier day. This morning's takes over its content."""
    today = local_date(now)
    return claim.kind in OF_THE_DAY and local_date(claim.slot) < today and now < at_local(today)


def _evening_after(moment: datetime) -> datetime:
    """Return 23:00 of the same local day. The digest slot of that moment is the next working morning."""
    return local(moment).replace(hour=23, minute=0, second=0, microsecond=0)
