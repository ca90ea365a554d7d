"""Deliver: notices become letters, each is re-checked, marked, sent and settled, in transactions of its own.

No transaction is open while a letter is being written or a mail server is being spoken to. One transaction settles a
letter and marks the next: its commit stands between the two conversations.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine
from sqlmodel import Session

from models.database.run import lies_ahead
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
from workflows.delivery.letter_delivery import OF_THE_DATABASE, Begin, LetterTurn, SentLetter
from workflows.delivery.mail_trouble import SLOW_SECONDS, MailTrouble
from workflows.delivery.recheck import Written
from workflows.organization.register.handover import follow_handovers
from workflows.queue.send_hold import is_fenced
from workflows.rules.calendar.workdays import WorkCalendar

BATCH, BATCH_IN_TROUBLE = 200, 10
"""Letters taken in hand at a time; and while the mail server is known to be in trouble, which one of them will show."""
PATIENCE = 30.0
"""Seconds for which a delivery waits for the quota: it lets letters go as those of the minute before have."""
KEPT_WAITING_SECONDS = 5.0
"""A server that takes longer over one letter keeps the deliverer waiting: the others are given back for other lines."""
LAST_WORD_SECONDS = 8.0
"""Whoever is told to stop waits so long for the answer to a letter that the server has."""
_ANY_HOUR = (LetterKind.INCIDENT, LetterKind.ASSIGNED, LetterKind.ACCOUNT)
_NEVER_WAITS = (LetterKind.INCIDENT, LetterKind.ACCOUNT)


_log = get_log(__name__)


@dataclass
class Delivered:
    """What one delivery did: letters looked at, and how they ended."""

    letters: int = 0
    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    held: int = 0


@dataclass(frozen=True)
class Beside:
    """What a delivery has to do with others. `stop`: whether it is to end, in the midst of a conversation too.

    `waits` hears that the mail server keeps it waiting, and that this is over.
    """

    stop: Callable[[], bool] = lambda: False
    waits: Callable[[bool], None] = lambda is_waiting: None


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
    beside: Beside | None = None,
    clocks: Clocks = CLOCKS,
) -> Delivered:
    """Send everything that may leave at `now`: within sending hours, but for incidents, hoả tốc assignments, accounts.

    With `for_seconds` it stops after so long: a slow mail server holds up neither the next sweep nor the evening.
    `only`: letters of these kinds that are queued already, and no notice becomes a letter; nor does one without
    `groups`.

    Behind a fence nothing leaves.
    """
    if is_fenced(engine):
        return Delivered()
    until = None if for_seconds is None else time.monotonic() + for_seconds
    with transactions(engine) as begin, sender:
        beside = beside or Beside()
        delivery = _Delivery(engine, begin, settings, sender, now, calendar, until, only, beside, clocks)
        if isinstance(sender, Watched):
            sender.watch(delivery.look)
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
    beside: Beside
    clocks: Clocks
    done: Delivered = field(default_factory=Delivered)
    unfinished: datetime | None = None
    """From when on letters of the day wait (UTC): another tick may still have something to put into them."""

    def __post_init__(self) -> None:
        self.trouble = MailTrouble(self.settings.mail, self.now, self.calendar)
        self.turn = LetterTurn(
            self.engine, self.begin, self.settings, self.sender, self.trouble, self.now, self.calendar, self.clocks
        )
        self._rest: list[Claim] = []  # claimed and not looked at yet
        self._in_hand: Claim | None = None
        self._since = self.clocks.start()  # the letter in hand was given to the sender
        self._beats = 0  # while the server keeps it waiting
        self._stopped: Stopwatch | None = None  # since it was told to stop with a letter in hand

    def group(self) -> None:
        """Notices whose moment has come find their letters."""

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
        """Read what the claims depend on; before two letters to one person are joined, so that the newer is there."""
        self.unfinished = first_unfinished(session, now=self.now)
        self.trouble.load(session)

    def claim(self) -> list[Claim]:
        """Take the next letters that may leave at this hour; those of the day too, once the other ticks are ready."""
        claims = self._claim_by_quota()
        while not claims and self._others_have_finished():
            claims = self._claim_by_quota()
        return claims

    def _others_have_finished(self) -> bool:
        """Look again at what letters of the day wait for. Nothing is locked meanwhile: others may be claiming."""
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
            if self.beside.stop():
                return []
            with self.begin() as session:
                if not may_begin(session, moment=self.turn.moment, most=self.settings.mail.connections):
                    return []
                quota = left(session, self.settings.mail, now=self.turn.moment)
                most = BATCH_IN_TROUBLE if self.trouble.is_known else BATCH
                wanted = most if quota is None else min(most, quota)
                if wanted:
                    return self._claim(session, wanted)
                seconds = self._until_next(session)
            if seconds is None:
                return []
            self._pause(seconds)

    def _pause(self, seconds: float) -> None:
        """Wait, and look now and then whether to stop."""
        while seconds > 0 and not self.beside.stop():
            self.clocks.sleep(min(seconds, 1.0))
            seconds -= 1.0

    def _until_next(self, session: Session) -> float | None:
        """Return seconds until the quota lets the next letter go; None where there is none, or it is not worth the
        wait.
        """
        by_day = self.calendar.in_sending_hours(self.now)
        kinds: Sequence[LetterKind] | None = self.only or (None if by_day else _NEVER_WAITS)
        free = next_free(session, self.settings.mail, now=self.turn.moment)
        if self.until is None or free is None or not self._is_waiting(session, kinds):
            return None
        seconds = max(0.0, (free - self.turn.moment).total_seconds())
        return seconds if seconds < PATIENCE and time.monotonic() + seconds < self.until else None

    def _is_waiting(self, session: Session, kinds: Sequence[LetterKind] | None) -> bool:
        return is_waiting(session, now=self.now, kinds=kinds, unfinished=self.unfinished)

    def _claim(self, session: Session, wanted: int) -> list[Claim]:
        if self.only is None and lies_ahead(session, self.now):
            return []  # another tick has found our clock to be ahead
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
        """Off hours only that leaves which was scheduled outside them, hoả tốc assignments, and what never waits."""
        return one.kind not in _NEVER_WAITS and self.calendar.in_sending_hours(one.slot)

    def _is_of_the_past(self, one: Claim) -> bool:
        """Return whether a digest is of a day gone by: it waits for this morning's, which takes over what it still
        had to say.
        """
        today = local_date(self.now)
        return one.kind in OF_THE_DAY and local_date(one.slot) < today and self.now < at_local(today)

    def _take(self, session: Session, wanted: int, kinds: Sequence[LetterKind] | None = None) -> list[Claim]:
        return claim(
            session,
            now=self.now,
            moment=self.turn.moment,
            limit=wanted,
            kinds=kinds,
            resend_uncertain=self.settings.mail.resend_uncertain,
            left=self.turn.tell_left,
            unfinished=self.unfinished,
        )

    def send(self, claims: list[Claim]) -> bool:
        """Write, marks, sends and settle each. False: that was all for now, and what is left was given back."""
        found = self.turn.look(claims)
        before: SentLetter | None = None
        for position, one in enumerate(claims):
            written = found[one.letter_id]
            self.turn.prepare(one, written)
            settled = self.turn.turn(before, one, written)
            self._count(before, settled.state, written)
            before = None
            if written.over_quota:  # another process took what was left
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
                ahead = partial(self.turn.prepare, following, found[following.letter_id]) if following else idle
                with span("letter", {"letter": str(one.letter_id)}):
                    if settled.since.seconds > ASKED_WITHIN.total_seconds():
                        attempt = STOOD_STILL
                    else:
                        attempt = self.trouble.judge(self._hand_over(one, address, content, ahead))
                rest, self._rest = self._rest, []
            else:
                rest = claims[position + 1 :]
            before = SentLetter(one, attempt, written.tasks)
            stood_still = attempt.reply == STOOD_STILL.reply  # what is true now, the next delivery knows
            is_late = self.until is not None and time.monotonic() >= self.until
            if self.trouble.is_over or stood_still or is_late or self.beside.stop():
                return self._stop(before, rest)
            if len(rest) < len(claims) - position - 1:  # given back
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
                self.beside.waits(False)

    def look(self, has_text: bool) -> bool:
        """Return whether to wait on. The sender asks while the mail server keeps it waiting, in no transaction."""
        if self.beside.stop():
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
            self._give_way()
        is_held = self._beat(self._in_hand)
        if is_first:  # now that others can count it among those that wait
            self.beside.waits(True)
        return is_held or has_text

    def _beat(self, one: Claim) -> bool:
        """Hold the letter in hand on, and tell administrators of a slow server. False: another has the letter."""
        try:
            with self.begin() as session:
                if self._since.seconds >= SLOW_SECONDS:
                    self.trouble.tell_slow(session, self._since.seconds)
                return still_waits(session, one, moment=self.turn.moment)
        except OF_THE_DATABASE:
            _log.warning("letter_not_held_on", letter=str(one.letter_id), exc_info=True)
            return True  # its lease goes on for some beats more

    def _give_way(self) -> None:
        """Give the letters that wait for this one back: another line may send them."""
        try:
            with self.begin() as session:
                release(session, self._rest)
            self._rest = []
        except OF_THE_DATABASE:
            _log.warning("letters_not_given_back", letters=len(self._rest), exc_info=True)

    def _stop(self, last: SentLetter | None, left_over: list[Claim]) -> bool:
        """Settle the last letter; what was not tried waits as before, and none of its attempts is spent."""
        self._count(last, self.turn.end(last))
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
    """Return a moment of the same local day after sending hours, so that the digest slot is the next working
    morning.
    """
    return local(moment).replace(hour=23, minute=0, second=0, microsecond=0)
