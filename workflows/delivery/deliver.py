"""Deliver: group notices into letters; re-check, mark, send and settle each letter.

A mark records an attempt before it begins; settling records its outcome. No transaction is open while a letter is
written or the mail server answers. One transaction settles a letter and marks the next.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine
from sqlmodel import Session

from models.database.session import gc_paused, transactions
from models.letters.letter import OF_THE_DAY, LetterKind, LetterState
from models.operations.logs import get_log
from models.operations.traces import span
from models.settings import Settings
from models.text.localtime import at_local, local, local_date
from notifications.outbox.attempts import ASKED_WITHIN, BEAT, Claim, still_waits
from notifications.outbox.claims import claim, first_unfinished, is_waiting, may_begin, release
from notifications.outbox.grouping import group, join_newer
from notifications.outbox.stand_ins import send_to_stand_ins
from notifications.smtp.clocks import CLOCKS, Clocks, Stopwatch
from notifications.smtp.quota import left, next_free
from notifications.smtp.transport import STOOD_STILL, Attempt, Sender, Watched, idle
from workflows.delivery.compiled_letters import tell_present_readers
from workflows.delivery.letter_delivery import OF_THE_DATABASE, Begin, LetterDelivery, SentLetter
from workflows.delivery.mail_trouble import SLOW_SECONDS, MailTrouble
from workflows.delivery.recheck import Written
from workflows.organization.register.handover import follow_handovers
from workflows.queue.send_hold import is_fenced
from workflows.rules.calendar.workdays import WorkCalendar

BATCH, BATCH_IN_TROUBLE = 200, 10
"""Letters claimed at a time: normally, and while the mail server is known to fail."""
PATIENCE = 30.0
"""Seconds that a delivery waits at most for the quota to allow the next letter."""
KEPT_WAITING_SECONDS = 5.0
"""After so long over one letter the other claimed letters are released for other lines (connections)."""
LAST_WORD_SECONDS = 8.0
"""Time that a delivery that must stop still waits for the server's answer to a letter."""
_ANY_HOUR = (LetterKind.INCIDENT, LetterKind.ASSIGNED, LetterKind.ACCOUNT)
_NEVER_WAITS = (LetterKind.INCIDENT, LetterKind.ACCOUNT)


_log = get_log(__name__)


@dataclass
class Delivered:
    """Counts of one delivery: letters handled, and their outcomes."""

    letters: int = 0
    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    held: int = 0


@dataclass(frozen=True)
class DeliveryControl:
    """The caller's control of a running delivery.

    `must_stop` is asked during a conversation too. `on_waiting` is called with True when the mail server keeps the
    delivery waiting, and with False when that is over.
    """

    must_stop: Callable[[], bool] = lambda: False
    on_waiting: Callable[[bool], None] = lambda is_waiting: None


def deliver(
    engine: Engine,
    settings: Settings,
    sender: Sender,
    *,
    now: datetime,
    calendar: WorkCalendar,
    for_seconds: float | None = None,
    only: Sequence[LetterKind] | None = None,
    groups: bool = True,
    control: DeliveryControl | None = None,
    clocks: Clocks = CLOCKS,
) -> Delivered:
    """Send everything that may leave at `now`.

    Outside sending hours only incidents, hoả tốc assignments and account letters leave; after a restore nothing leaves
    until `dondoc fence --lift`. `for_seconds` limits the time, so that a slow mail server does not delay the next
    sweep. `only`: send queued letters of these kinds. With `only`, or without `groups`, make no new letters.
    """
    if is_fenced(engine):
        return Delivered()
    until = None if for_seconds is None else time.monotonic() + for_seconds
    with transactions(engine) as begin, sender:
        control = control or DeliveryControl()
        delivery = _Delivery(engine, begin, settings, sender, now, calendar, until, only, control, clocks)
        if isinstance(sender, Watched):
            sender.watch(delivery.keep_waiting)
        if only is None and groups:
            delivery.group()
        else:
            with begin() as session:
                delivery.load(session)
        while claims := delivery.claim():
            with gc_paused():
                goes_on = delivery.send(claims)
            if not goes_on:
                break
    return delivery.done


@dataclass
class _Delivery:
    engine: Engine
    begin: Begin
    settings: Settings
    sender: Sender
    now: datetime
    calendar: WorkCalendar
    until: float | None  # on the monotonic clock, seconds
    only: Sequence[LetterKind] | None
    control: DeliveryControl
    clocks: Clocks
    done: Delivered = field(default_factory=Delivered)
    unfinished: datetime | None = None
    """Digests from this moment on wait (UTC): another tick may still add to them."""

    def __post_init__(self) -> None:
        self.trouble = MailTrouble(self.settings.mail, self.now, self.calendar)
        self.letters = LetterDelivery(
            self.engine, self.begin, self.settings, self.sender, self.trouble, self.now, self.calendar, self.clocks
        )
        self._rest: list[Claim] = []  # claimed and not looked at yet
        self._in_hand: Claim | None = None
        self._since = self.clocks.start()  # the letter in hand was given to the sender
        self._beats = 0  # while the server keeps it waiting
        self._stopped: Stopwatch | None = None  # since it must stop, with a letter in hand

    def group(self) -> None:
        """Put notices whose moment has come into letters."""

        def next_slot(kind: LetterKind, slot: datetime) -> datetime:
            if kind in (LetterKind.DIGEST, LetterKind.UPWARD):
                return self.calendar.digest_slot(_evening_after(max(slot, self.now)))
            return max(slot, self.now) + timedelta(seconds=1)

        with self.begin() as session:
            follow_handovers(session, now=self.now)
        with self.begin() as session:
            leaving = self.calendar.in_sending_hours(self.now)
            send_to_stand_ins(session, now=self.now, leaving=leaving)
            if leaving:
                tell_present_readers(session, now=self.now)
        with self.begin() as session:
            while group(session, now=self.now, next_slot=next_slot):
                pass
        with self.begin() as session:
            self.load(session)
            join_newer(session, now=self.now)

    def load(self, session: Session) -> None:
        """Read what the claims depend on. Call it before two letters to one person are joined."""
        self.unfinished = first_unfinished(session, now=self.now)
        self.trouble.load(session)

    def claim(self) -> list[Claim]:
        """Claim the next letters that may leave at this hour; digests too, once the other ticks are ready."""
        claims = self._claim_by_quota()
        while not claims and self._others_have_finished():
            claims = self._claim_by_quota()
        return claims

    def _others_have_finished(self) -> bool:
        """Check again what digests wait for. Lock nothing: others may be claiming."""
        if self.unfinished is None:
            return False
        before = self.unfinished
        with self.begin() as session:
            self.unfinished = first_unfinished(session, now=self.now)
        if self.unfinished == before:
            return False
        with self.begin() as session:
            join_newer(session, now=self.now)
        return True

    def _claim_by_quota(self) -> list[Claim]:
        while True:
            if self.control.must_stop():
                return []
            with self.begin() as session:
                if not may_begin(session, moment=self.letters.moment, most=self.settings.mail.connections):
                    return []
                quota = left(session, self.settings.mail, now=self.letters.moment)
                most = BATCH_IN_TROUBLE if self.trouble.is_known else BATCH
                wanted = most if quota is None else min(most, quota)
                if wanted:
                    return self._claim(session, wanted)
                seconds = self._until_next(session)
            if seconds is None:
                return []
            self._pause(seconds)

    def _pause(self, seconds: float) -> None:
        while seconds > 0 and not self.control.must_stop():
            self.clocks.sleep(min(seconds, 1.0))
            seconds -= 1.0

    def _until_next(self, session: Session) -> float | None:
        """Return seconds until the quota allows the next letter; None if no letter waits, or not within PATIENCE."""
        by_day = self.calendar.in_sending_hours(self.now)
        kinds: Sequence[LetterKind] | None = self.only or (None if by_day else _NEVER_WAITS)
        free = next_free(session, self.settings.mail, now=self.letters.moment)
        if self.until is None or free is None or not self._is_waiting(session, kinds):
            return None
        seconds = max(0.0, (free - self.letters.moment).total_seconds())
        return seconds if seconds < PATIENCE and time.monotonic() + seconds < self.until else None

    def _is_waiting(self, session: Session, kinds: Sequence[LetterKind] | None) -> bool:
        return is_waiting(session, now=self.now, kinds=kinds, unfinished=self.unfinished)

    def _claim(self, session: Session, wanted: int) -> list[Claim]:
        by_day = self.calendar.in_sending_hours(self.now)
        kinds: Sequence[LetterKind] | None = None if by_day else _ANY_HOUR
        if self.only is not None:
            kinds = tuple(kind for kind in self.only if kinds is None or kind in kinds)
        while claims := self._take(session, wanted, kinds):
            waiting = [one for one in claims if (self._is_of_the_past(one) if by_day else self._can_wait(one))]
            release(session, waiting, until=at_local(local_date(self.now)) if by_day else self._morning)
            if kept := [one for one in claims if one not in waiting]:
                return kept
        return []

    @property
    def _morning(self) -> datetime:
        return self.calendar.event_slot(self.now)

    def _can_wait(self, one: Claim) -> bool:
        """Return whether a letter can wait for the morning: its slot is within sending hours, and its kind may wait."""
        return one.kind not in _NEVER_WAITS and self.calendar.in_sending_hours(one.slot)

    def _is_of_the_past(self, one: Claim) -> bool:
        """Return whether a digest belongs to an earlier day: this morning's digest then takes over its content."""
        today = local_date(self.now)
        return one.kind in OF_THE_DAY and local_date(one.slot) < today and self.now < at_local(today)

    def _take(self, session: Session, wanted: int, kinds: Sequence[LetterKind] | None = None) -> list[Claim]:
        return claim(
            session,
            now=self.now,
            moment=self.letters.moment,
            limit=wanted,
            kinds=kinds,
            resend_uncertain=self.settings.mail.resend_uncertain,
            left=self.letters.report_uncertain,
            unfinished=self.unfinished,
        )

    def send(self, claims: list[Claim]) -> bool:
        """Write, mark, send and settle each letter. Return False to end the delivery, with the rest released."""
        read = self.letters.read(claims)
        before: SentLetter | None = None
        for position, one in enumerate(claims):
            written = read[one.letter_id]
            self.letters.prepare(one, written)
            settled = self.letters.settle_and_mark(before, one, written)
            self._count(before, settled.state, written)
            before = None
            if written.over_quota:  # another process used up the quota
                return self._stop(None, claims[position:]) or self.until is not None
            if settled.marked is None:
                continue
            self.done.letters += 1
            attempt = settled.marked
            if not isinstance(attempt, Attempt):
                address, content = attempt
                self._rest = claims[position + 1 :]
                # the following letter is written and announced while the server reads this one
                following = claims[position + 1] if position + 1 < len(claims) else None
                ahead = partial(self.letters.prepare, following, read[following.letter_id]) if following else idle
                with span("letter", {"letter": str(one.letter_id)}):
                    if settled.since.seconds > ASKED_WITHIN.total_seconds():
                        attempt = STOOD_STILL
                    else:
                        attempt = self.trouble.judge(self._hand_over(one, address, content, ahead))
                rest, self._rest = self._rest, []
            else:
                rest = claims[position + 1 :]
            before = SentLetter(one, attempt, written.tasks)
            stood_still = attempt.reply == STOOD_STILL.reply  # the next delivery re-checks it
            is_late = self.until is not None and time.monotonic() >= self.until
            if self.trouble.is_over or stood_still or is_late or self.control.must_stop():
                return self._stop(before, rest)
            if len(rest) < len(claims) - position - 1:  # `_release_rest` has released them
                break
        self._stop(before, [])
        return True

    def _hand_over(self, one: Claim, address: str, content: bytes, ahead: Callable[[], None]) -> Attempt:
        self._in_hand, self._since, self._beats = one, self.clocks.start(), 0
        try:
            return self.sender.send(address, content, meanwhile=ahead)
        finally:
            self._in_hand, self.trouble.took = None, self._since.seconds
            if self._beats:
                self.control.on_waiting(False)

    def keep_waiting(self, has_text: bool) -> bool:
        """Return whether to go on waiting. The sender calls this while the mail server keeps it waiting."""
        if self.control.must_stop():
            if not has_text:
                return False
            self._stopped = self._stopped or self.clocks.start()
            if self._stopped.seconds > LAST_WORD_SECONDS:
                return False
        due = (KEPT_WAITING_SECONDS, SLOW_SECONDS, *(BEAT.total_seconds() * n for n in range(1, 60)))
        if self._in_hand is None or self._since.seconds < due[min(self._beats, len(due) - 1)]:
            return True
        is_first, self._beats = not self._beats, self._beats + 1
        if is_first:
            self._release_rest()
        is_held = self._extend_lease(self._in_hand)
        if is_first:  # now that others can count it among those that wait
            self.control.on_waiting(True)
        return is_held or has_text

    def _extend_lease(self, one: Claim) -> bool:
        """Extend the lease of the letter in hand; False if it is lost. Alert administrators to a slow server."""
        try:
            with self.begin() as session:
                if self._since.seconds >= SLOW_SECONDS:
                    self.trouble.tell_slow(session, self._since.seconds)
                return still_waits(session, one, moment=self.letters.moment)
        except OF_THE_DATABASE:
            _log.warning("letter_not_held_on", letter=str(one.letter_id), exc_info=True)
            return True  # its lease lasts for some beats more

    def _release_rest(self) -> None:
        """Release the letters that wait behind this one: another line may send them."""
        try:
            with self.begin() as session:
                release(session, self._rest)
            self._rest = []
        except OF_THE_DATABASE:
            _log.warning("letters_not_given_back", letters=len(self._rest), exc_info=True)

    def _stop(self, last: SentLetter | None, left_over: list[Claim]) -> bool:
        """Settle the last letter, and release the untried ones; that costs them no attempt."""
        self._count(last, self.letters.settle_last(last))
        with self.begin() as session:
            release(session, left_over)
            self.trouble.tell(session, attempts=last.claim.attempts if last is not None else 0)
        return False

    def _count(self, sent: SentLetter | None, state: LetterState | None, written: Written | None = None) -> None:
        if sent is not None:
            self.done.sent += state is LetterState.SENT
            self.done.failed += state is LetterState.FAILED or state is LetterState.QUEUED
            self.done.uncertain += state is LetterState.UNCERTAIN
        if written is not None:
            self.done.failed += bool(written.fault)
            self.done.held += written.held


def _evening_after(moment: datetime) -> datetime:
    """Return a moment after sending hours of the same local day: its digest slot is the next working morning."""
    return local(moment).replace(hour=23, minute=0, second=0, microsecond=0)
