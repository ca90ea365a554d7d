"""Deliver one letter: write it with nothing locked, re-check it, mark it, send it, settle it with the next one's mark.

A letter that cannot be read, written or stored is set aside and delays no other.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, col

from models.database.rows import read_rows
from models.database.run import link_key
from models.database.session import reading, transactions
from models.letters.letter import Letter, LetterKind, LetterState
from models.operations.alert import AlertKind
from models.operations.logs import get_log
from models.settings import Settings
from notifications.composing.compose import compose, compose_subject
from notifications.outbox.attempts import Claim, is_given_up, set_aside, settle
from notifications.outbox.explain import UNWRITABLE
from notifications.smtp.clocks import CLOCKS, Clocks, Stopwatch
from notifications.smtp.transport import Attempt, Outcome, Sender
from workflows.delivery.letters.letter_facts import LetterBuilder
from workflows.delivery.letters.letter_links import store_links
from workflows.delivery.mail_trouble import MailTrouble
from workflows.delivery.recheck import Written, check_and_mark, may_go
from workflows.delivery.undelivered import tell_uncertain, tell_undelivered
from workflows.queue.alerts import raise_alert
from workflows.rules.calendar.workdays import WorkCalendar

Begin = Callable[[], AbstractContextManager[Session]]
"""Opens a transaction."""
PAUSES = (0.0, 2.0, 5.0, 15.0, 30.0, 60.0)
"""Seconds before each try to record a letter's outcome after the connection to the database is lost. Together they are
longer than a restart of the server.
"""
END_WITHIN = timedelta(minutes=3)
"""Time after the loss from which no further try is made. The letter's lease is longer."""
OF_THE_DATABASE = (OperationalError, InterfaceError)
"""Errors of the database, which are no letter's fault."""
_log = get_log(__name__)


@dataclass(frozen=True)
class SentLetter:
    """A letter that was handed to the mail server and is still to be settled."""

    claim: Claim
    attempt: Attempt
    tasks: list[str]


@dataclass(frozen=True)
class Settled:
    """The state of the letter before, and this one's address and bytes, or why not. `since`: just before the mark."""

    state: LetterState | None
    marked: tuple[str, bytes] | Attempt | None
    since: Stopwatch


@dataclass
class LetterDelivery:
    """The steps that deliver each letter of a delivery at `now` (UTC)."""

    engine: Engine
    begin: Begin
    settings: Settings
    sender: Sender
    trouble: MailTrouble
    now: datetime
    calendar: WorkCalendar
    clocks: Clocks = CLOCKS

    def __post_init__(self) -> None:
        self._since = self.clocks.start()

    @property
    def moment(self) -> datetime:
        """Return the present by the clock that the delivery began with (UTC): leases and the quota count by it."""
        return self.now + timedelta(seconds=self._since.seconds)

    def read(self, claims: Sequence[Claim]) -> dict[UUID, Written]:
        """Return what each letter says now. If reading them together fails, read them one by one."""
        try:
            return self._read([one.letter_id for one in claims])
        except OF_THE_DATABASE:
            raise
        except Exception:
            _log.exception("letters_looked_at_one_by_one", letters=len(claims))
        found: dict[UUID, Written] = {}
        for one in claims:
            try:
                found |= self._read([one.letter_id])
            except OF_THE_DATABASE:
                raise
            except Exception as error:
                _log.exception("letter_unwritable", letter=str(one.letter_id))
                found[one.letter_id] = Written(None, fault=_one_line(error))
        return found

    def write(self, one: Claim, written: Written) -> None:
        """Compose a letter, with nothing locked."""
        ready = written.ready
        if written.fault or ready is None or ready.facts is None or one.was_uncertain or written.composed:
            return
        if not ready.facts.recipient.email:
            return  # the re-check decides about that
        try:
            whole = getattr(self.sender, "keep_content", True)
            written.composed = compose(ready.facts) if whole else compose_subject(ready.facts)
        except Exception as error:
            _log.exception("letter_unwritable", letter=str(one.letter_id), tasks=written.tasks)
            written.fault = _one_line(error)

    def prepare(self, one: Claim, written: Written) -> None:
        """Do what can be done for a letter while the server still answers the one before."""
        self.write(one, written)
        self.announce(written)

    def announce(self, written: Written) -> None:
        """Send the envelope ahead: the server reads it while the letter before is settled and this one is marked."""
        if written.composed is not None and written.ready is not None and written.ready.facts is not None:
            address = written.ready.facts.recipient.email
            if not written.fault and may_go(self.settings, address):
                self.sender.announce(address, written.composed.content)

    def settle_and_mark(self, before: SentLetter | None, one: Claim, written: Written) -> Settled:
        """Settle the letter before, and mark this one, in one transaction.

        Settle the letter before whatever goes wrong with this one: a letter that the server accepted must be recorded.
        Raise a lost connection to the database after settling on a new one.
        """
        try:
            with self.begin() as session:
                state = self._settle(session, before) if before is not None else None
                since = self.clocks.start()
                marked = check_and_mark(session, self.settings, one, written, self.now, self.moment, self._again)
                if written.fault:
                    self._set_aside(session, one, written.fault)
                if written.kept:
                    self.report_uncertain(session, one, Attempt(Outcome.UNCERTAIN, None, written.kept))
            return Settled(state, marked, since)
        except OF_THE_DATABASE:
            self._settle_on_new_connection(before)
            raise
        except Exception as error:
            if before is not None:  # which of the two is at fault shows when each is alone
                state = self.settle_last(before)
                return replace(self.settle_and_mark(None, one, written), state=state)
            _log.exception("letter_unwritable", letter=str(one.letter_id), tasks=written.tasks)
            written.fault = _one_line(error)
        with self.begin() as session:
            self._set_aside(session, one, written.fault)
        return Settled(None, None, self.clocks.start())

    def settle_last(self, sent: SentLetter | None) -> LetterState | None:
        """Settle a letter by itself, even if the people concerned cannot be notified of its outcome."""
        try:
            return self._end(sent, self.begin)
        except OF_THE_DATABASE:
            self._settle_on_new_connection(sent)
            raise

    def _settle_on_new_connection(self, sent: SentLetter | None) -> None:
        """Settle on a new connection after the delivery's was lost, so that a letter that arrived is not sent again.

        If the database stays away longer, the letter becomes uncertain, as after the death of the process.
        """
        if sent is None:
            return
        since = self.clocks.start()
        for pause in PAUSES:
            if since.seconds + pause > END_WITHIN.total_seconds():
                return
            self.clocks.sleep(pause)
            try:
                with transactions(self.engine) as begin:
                    self._end(sent, begin)
                return
            except OF_THE_DATABASE:
                _log.warning("letter_end_unwritten", letter=str(sent.claim.letter_id), exc_info=True)

    def _end(self, sent: SentLetter | None, begin: Begin) -> LetterState | None:
        if sent is None:
            return None
        try:
            with begin() as session:
                return self._settle(session, sent)
        except OF_THE_DATABASE:
            raise
        except Exception as error:
            _log.exception("letter_end_untold", letter=str(sent.claim.letter_id), tasks=sent.tasks)
            reason = _one_line(error)
        with begin() as session:
            state = self._settle_only(session, sent)
            self._raise_unwritable(session, sent.claim, reason)
            return state

    def _read(self, letter_ids: list[UUID]) -> dict[UUID, Written]:
        with reading(self.engine) as session:
            builder = self._builder(session, letter_ids)
            read = {letter.id: Written(builder.ready(letter), letter=letter) for letter in builder.letters}
        if builder.links:
            with self.begin() as session:  # all of the batch at once, before the first of them leaves
                store_links(session, builder.links)
        return read

    def _builder(self, session: Session, letter_ids: list[UUID]) -> LetterBuilder:
        letters = read_rows(session, Letter, col(Letter.id).in_(letter_ids))
        key = link_key(session)
        return LetterBuilder(session, self.settings, key, self.now, self.calendar, letters).load()

    def _again(self, session: Session, one: Claim) -> Written:
        """Return a letter read again, because a task in it has changed since."""
        builder = self._builder(session, [one.letter_id])
        written = Written(builder.ready(builder.letters[0]), letter=builder.letters[0])
        store_links(session, builder.links)
        self.write(one, written)
        return written

    def _settle(self, session: Session, sent: SentLetter) -> LetterState | None:
        state = self._settle_only(session, sent)
        if state is LetterState.FAILED:
            tell_undelivered(session, sent.claim, sent.attempt, self.now, self.calendar)
        if state is LetterState.UNCERTAIN:
            self.report_uncertain(session, sent.claim, sent.attempt)
        if sent.attempt.outcome is Outcome.ACCEPTED:
            self.trouble.end(session)
        return state

    def report_uncertain(self, session: Session, one: Claim, attempt: Attempt) -> None:
        """Report an uncertain letter that is not resent by itself; if that fails, alert the administrators."""
        if not is_given_up(session, one.letter_id):
            return
        try:
            with session.begin_nested():
                tell_uncertain(session, one, attempt, self.now, self.calendar)
        except OF_THE_DATABASE:
            raise
        except Exception as error:
            _log.exception("letter_end_untold", letter=str(one.letter_id))
            self._raise_unwritable(session, one, _one_line(error))

    def _settle_only(self, session: Session, sent: SentLetter) -> LetterState | None:
        one, attempt = sent.claim, sent.attempt
        state = settle(session, one, attempt, now=self.now, resend_uncertain=self.settings.mail.resend_uncertain)
        is_sent = state is LetterState.SENT  # the tick tells how many; what is to be done is said of each
        (_log.debug if is_sent else _log.info)(
            "letter_settled",
            letter=str(one.letter_id),
            tasks=len(sent.tasks),
            kind=one.kind.value,
            attempt=one.attempts,
            outcome=attempt.outcome.value,
            code=attempt.code,
            state=state.value if state else "lease lost",
        )
        return state

    def _set_aside(self, session: Session, one: Claim, fault: str) -> None:
        """Set aside a letter that cannot be written, and alert the administrators, who can resend it later."""
        if not set_aside(session, one, LetterState.FAILED, UNWRITABLE + fault):
            return
        if one.kind is not LetterKind.ALERT:
            self._raise_unwritable(session, one, fault)

    def _raise_unwritable(self, session: Session, one: Claim, reason: str) -> None:
        raise_alert(
            session,
            AlertKind.LETTER_UNWRITABLE,
            str(one.letter_id),
            now=self.now,
            calendar=self.calendar,
            facts={"reason": reason, "kind": one.kind.value},
        )


def _one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else '–'}"[:300]
