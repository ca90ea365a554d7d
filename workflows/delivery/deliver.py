"""Deliver: group notices into letters; re-check, mark, send and settle each letter.

One transaction claims and marks a letter before its conversation, another settles it after. None is open while a
letter is written or the mail server answers, and nobody holds a letter that is not marked.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from threading import Event, Lock, get_ident
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
from notifications.smtp.quota import left, next_free
from notifications.smtp.transport import Sender
from workflows.delivery.compiled_letters import tell_present_readers
from workflows.delivery.letter_delivery import LetterDelivery
from workflows.delivery.mail_trouble import SLOW_SECONDS, MailTrouble
from workflows.delivery.recheck import OverQuota, WrittenLetter
from workflows.organization.register.handover import follow_handovers
from workflows.queue.send_hold import is_fenced
from workflows.rules.calendar.workdays import WorkCalendar

BATCH = 50
"""Letters looked at in one go. Nobody holds them: what moves meanwhile is seen when each is marked."""
FRESH_SECONDS = 2.0
"""After so long they are looked at anew: who waits for a code waits for no more letters than leave in this time."""
PATIENCE = 30.0
"""Seconds that a delivery waits at most for the quota to allow the next letter."""
_ANY_HOUR = (LetterKind.INCIDENT, LetterKind.ASSIGNED, LetterKind.ACCOUNT)
_NEVER_WAITS = (LetterKind.INCIDENT, LetterKind.ACCOUNT)
_Found = tuple[Claim, WrittenLetter]


@dataclass
class Delivered:
    letters: int = 0
    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    held: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Delivered)))


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
    """Send everything that may leave at `now` over one line, in this thread: for it the time stands still.

    Otherwise as `Delivery`.
    """
    delivery = Delivery(
        engine, settings, lambda: now, calendar, for_seconds=for_seconds, only=only, stop=stop, clocks=clocks
    )
    if delivery.begin():
        delivery.send_over(sender, delivery.next_letter())
    return delivery.take_done()


class Delivery:
    """One delivery: gives out what may leave, letter by letter, to the lines that send it.

    Outside sending hours only incidents, hoả tốc assignments and account letters leave; after a restore nothing leaves
    until `dondoc fence --lift`. `clock` gives the present (UTC). After `for_seconds` no conversation begins, nor once
    it is to `stop`. `only`: send queued letters of these kinds, and make no new ones.
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
        self._lock = Lock()  # of all below
        self._done = Delivered()
        self._ready: list[_Found] = []
        self._looked = clocks.start()
        self._given_out: set[UUID] = set()
        self._joined_for: list[datetime | None] = []  # what letters of the day waited for when they were last joined
        self._talking: dict[int, Stopwatch] = {}

    def begin(self) -> bool:
        """Put notices whose moment has come into letters. Return whether letters may leave at all."""
        if is_fenced(self.engine):
            return False
        with transaction(self.engine) as session:
            again = self.settings.mail.resend_uncertain
            settle_dead(session, now=self.clock(), resend_uncertain=again, left=self._letters.report_uncertain)
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
            leaving = self.calendar.in_sending_hours(now)
            send_to_stand_ins(session, now=now, leaving=leaving)
            if leaving:
                tell_present_readers(session, now=now)
        with transaction(self.engine) as session:
            while group(session, now=now, next_slot=next_slot):
                pass

    def send_over(self, sender: Sender, found: _Found | None) -> None:
        """Send `found` and what else may leave over one line."""
        with sender, transactions(self.engine) as begin:
            while found is not None:
                one, written = found
                self._talking[get_ident()] = self._clocks.start()
                try:
                    state = self._letters.deliver(begin, sender, one, written)
                except OverQuota:
                    self._keep(one)
                else:
                    self._count(state, written)
                finally:
                    del self._talking[get_ident()]
                found = self.next_letter()

    def next_letter(self) -> _Found | None:
        with self._lock:
            is_late = self._until is not None and time.monotonic() >= self._until
            if is_late or self._stop.is_set() or self._trouble.is_over:
                return None
            if not self._ready or self._looked.seconds > FRESH_SECONDS:
                self._ready, self._looked = self._look(), self._clocks.start()
            if not self._ready:
                return None
            found = self._ready.pop(0)
            self._given_out.add(found[0].letter_id)
            return found

    def look_at_lines(self) -> None:
        """Tell administrators of a server that takes long over a letter, while it does."""
        longest = max((one.seconds for one in [*self._talking.values()]), default=0.0)
        if longest >= SLOW_SECONDS and self._trouble.server not in self._trouble.slow:
            with transaction(self.engine) as session:
                self._trouble.tell_slow(session, longest, now=self.clock())

    def take_done(self) -> Delivered:
        """Only what was done since the last call."""
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

    def _keep(self, one: Claim) -> None:
        """Look at a letter again that found the quota used up by others."""
        with self._lock:
            self._given_out.discard(one.letter_id)
            self._ready = []

    def _look(self) -> list[_Found]:
        while True:
            now = self.clock()
            with transaction(self.engine) as session:
                room = left(session, self.settings.mail, now=now)
                claims = self._may_leave(session, now, BATCH if room is None else min(BATCH, room)) if room != 0 else []
                seconds = self._until_next(session, now) if room == 0 else None
            if seconds is None:
                read = self._letters.read(claims) if claims else {}
                return [(one, read[one.letter_id]) for one in claims]
            if self._stop.wait(seconds):
                return []

    def _may_leave(self, session: Session, now: datetime, wanted: int) -> list[Claim]:
        """At this hour; digests too, once the other ticks are ready."""
        unfinished = first_unfinished(session, now=now)  # before two letters to one person are joined
        if self._only is None and self._joined_for != [unfinished]:
            self._joined_for = [unfinished]
            join_newer(session, now=now)
        by_day = self.calendar.in_sending_hours(now)
        kinds = self._kinds(by_day, _ANY_HOUR)
        while claims := next_letters(session, now=now, limit=wanted, kinds=kinds, unfinished=unfinished):
            waiting = [one for one in claims if (_is_of_the_past(one, now) if by_day else self._can_wait(one))]
            put_off(session, waiting, until=at_local(local_date(now)) if by_day else self.calendar.event_slot(now))
            found = [one for one in claims if one not in waiting and one.letter_id not in self._given_out]
            if found or not waiting:
                return found
        return []

    def _kinds(self, by_day: bool, at_night: Sequence[LetterKind]) -> Sequence[LetterKind] | None:
        if self._only is None:
            return None if by_day else at_night
        return tuple(kind for kind in self._only if by_day or kind in at_night)

    def _until_next(self, session: Session, now: datetime) -> float | None:
        """Seconds until the quota allows the next letter; None if no letter waits, or not within PATIENCE."""
        kinds = self._kinds(self.calendar.in_sending_hours(now), _NEVER_WAITS)
        free = next_free(session, self.settings.mail, now=now)
        if self._until is None or free is None or not is_waiting(session, now=now, kinds=kinds):
            return None
        seconds = max(0.0, (free - now).total_seconds())
        return seconds if seconds < PATIENCE and time.monotonic() + seconds < self._until else None

    def _can_wait(self, one: Claim) -> bool:
        """The letter's slot is within sending hours, and its kind may wait."""
        return one.kind not in _NEVER_WAITS and self.calendar.in_sending_hours(one.slot)


def _is_of_the_past(one: Claim, now: datetime) -> bool:
    """A digest of an earlier day: this morning's takes over its content."""
    today = local_date(now)
    return one.kind in OF_THE_DAY and local_date(one.slot) < today and now < at_local(today)


def _evening_after(moment: datetime) -> datetime:
    """After sending hours of the same local day: its digest slot is the next working morning."""
    return local(moment).replace(hour=23, minute=0, second=0, microsecond=0)
