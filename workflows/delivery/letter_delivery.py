"""Delivers one letter: writes it with nothing locked, re-checks and marks it, sends it, and settles it.

A letter that cannot be read, written or stored is set aside and delays no other letter.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, col

from models.database.run import link_key
from models.database.session import reading, transaction, transactions
from models.letters.letter import Letter, LetterKind, LetterState
from models.operations.alert import AlertKind
from models.operations.logs import get_log
from models.operations.traces import span
from models.settings import Settings
from notifications.composing.compose import compose, compose_subject
from notifications.outbox.attempts import END_WITHIN, Claim, is_given_up, lock, set_aside, settle
from notifications.outbox.explain import UNWRITABLE
from notifications.smtp.clocks import CLOCKS, Clocks
from notifications.smtp.transport import STOOD_STILL, Attempt, Sender, SendOutcome
from workflows.delivery.letters.letter_facts import LetterBuilder
from workflows.delivery.letters.letter_links import store_links
from workflows.delivery.letters.letter_source import whole_rows
from workflows.delivery.mail_trouble import MailTrouble
from workflows.delivery.recheck import OverQuota, WrittenLetter, check_and_mark
from workflows.delivery.undelivered import tell_uncertain, tell_undelivered
from workflows.queue.alerts import raise_alert
from workflows.rules.calendar.workdays import WorkCalendar

Begin = Callable[[], AbstractContextManager[Session]]
"""Opens a transaction."""
PAUSES = (0.0, 2.0, 5.0, 15.0, 30.0, 60.0)
"""Seconds before each further try to record a letter's outcome where the connection to the database is lost.

Together they are longer than a restart of the database server.
"""
OF_THE_DATABASE = (OperationalError, InterfaceError)
"""Errors of the database. They are not the fault of a letter."""
_log = get_log(__name__)


@dataclass
class LetterDelivery:
    """The steps that deliver each letter. `clock` returns the present (UTC), `pause` waits for its seconds."""

    engine: Engine
    settings: Settings
    trouble: MailTrouble
    calendar: WorkCalendar
    clock: Callable[[], datetime]
    pause: Callable[[float], object]
    clocks: Clocks = CLOCKS

    def read(self, claims: Sequence[Claim]) -> dict[UUID, WrittenLetter]:
        """Read letters together. Where that fails, read them one by one, so that only the faulty ones are set aside."""
        try:
            return self._read([claim.letter_id for claim in claims])
        except OF_THE_DATABASE:
            raise
        except Exception:
            _log.exception("letters_looked_at_one_by_one", letters=len(claims))
        letters: dict[UUID, WrittenLetter] = {}
        for claim in claims:
            try:
                letters |= self._read([claim.letter_id])
            except OF_THE_DATABASE:
                raise
            except Exception as error:
                _log.exception("letter_unwritable", letter=str(claim.letter_id))
                letters[claim.letter_id] = WrittenLetter(None, fault=_one_line(error))
        return letters

    def write(self, claim: Claim, written: WrittenLetter, *, whole: bool = True) -> None:
        """Compose a letter, or its subject only, with nothing locked."""
        ready = written.ready
        if written.fault or ready is None or ready.facts is None or claim.was_uncertain or written.composed:
            return
        if not ready.facts.recipient.email:
            return  # the re-check decides about that
        try:
            written.composed = compose(ready.facts) if whole else compose_subject(ready.facts)
        except Exception as error:
            _log.exception("letter_unwritable", letter=str(claim.letter_id), tasks=written.tasks)
            written.fault = _one_line(error)

    def deliver(self, begin: Begin, sender: Sender, claim: Claim, written: WrittenLetter) -> LetterState | None:
        """Deliver a letter and return its state afterwards. None where nothing was tried. Raises OverQuota."""
        self.write(claim, written, whole=getattr(sender, "keep_content", True))
        stopwatch = self.clocks.start()
        marked = self._mark(begin, claim, written)
        if marked is None:
            return None
        if isinstance(marked, Attempt):
            return self.end(begin, claim, marked, written.tasks)
        address, content = marked
        with span("letter", {"letter": str(claim.letter_id)}):
            attempt = sender.send(address, content, stopwatch)
        # STOOD_STILL means that this program stood still: the time says nothing of the server.
        seconds = None if attempt == STOOD_STILL else stopwatch.seconds
        return self.end(begin, claim, self.trouble.judge(attempt), written.tasks, seconds)

    def _mark(self, begin: Begin, claim: Claim, written: WrittenLetter) -> tuple[str, bytes] | Attempt | None:
        """Check and mark a letter. Set it aside where anything but the database fails."""
        try:
            with begin() as session:
                reader = lock(session, claim)
                if reader is None:
                    return None  # another process has taken or changed it
                marked = check_and_mark(session, self.settings, claim, written, reader, self.clock(), self._again)
                if written.fault:
                    self._set_aside(session, claim, written.fault)
                if written.kept:
                    self.report_uncertain(session, claim, Attempt(SendOutcome.UNCERTAIN, None, written.kept))
                return marked
        except (OverQuota, *OF_THE_DATABASE):
            raise
        except Exception as error:
            _log.exception("letter_unwritable", letter=str(claim.letter_id), tasks=written.tasks)
            written.fault = _one_line(error)
        with begin() as session:
            if lock(session, claim) is not None:
                self._set_aside(session, claim, written.fault)
        return None

    def end(
        self, begin: Begin, claim: Claim, attempt: Attempt, tasks: Sequence[str], seconds: float | None = None
    ) -> LetterState | None:
        """Record how an attempt ended, if need be on a new connection, so that a letter is not sent twice.

        If the database stays away longer, the letter becomes uncertain, as after the death of the process. `seconds` is
        the length of the conversation, None where there was none.
        """
        stopwatch = self.clocks.start()
        try:
            return self._end(begin, claim, attempt, tasks, seconds)
        except OF_THE_DATABASE as error:
            first_error = error
        for pause in PAUSES:
            if stopwatch.seconds + pause > END_WITHIN.total_seconds():
                break
            self.pause(pause)
            try:
                with transactions(self.engine) as begin_anew:
                    self._end(begin_anew, claim, attempt, tasks, seconds)
                break
            except OF_THE_DATABASE:
                _log.warning("letter_end_unwritten", letter=str(claim.letter_id), exc_info=True)
        raise first_error  # also after success: the caller's connection is lost

    def _end(
        self, begin: Begin, claim: Claim, attempt: Attempt, tasks: Sequence[str], seconds: float | None
    ) -> LetterState | None:
        try:
            with begin() as session:
                state = self._settle(session, claim, attempt, tasks)
                if state is LetterState.FAILED:
                    tell_undelivered(session, claim, attempt, self.clock(), self.calendar)
                if state is LetterState.UNCERTAIN:
                    self.report_uncertain(session, claim, attempt)
                if seconds is not None:
                    self.trouble.tell(session, claim, attempt, seconds, now=self.clock())
                return state
        except OF_THE_DATABASE:
            raise
        except Exception as error:
            _log.exception("letter_end_untold", letter=str(claim.letter_id), tasks=tasks)
            reason = _one_line(error)
        with begin() as session:  # the outcome counts, even where telling people of it failed
            state = self._settle(session, claim, attempt, tasks)
            self._raise_unwritable(session, claim, reason)
            return state

    def _settle(self, session: Session, claim: Claim, attempt: Attempt, tasks: Sequence[str]) -> LetterState | None:
        resend_uncertain = self.settings.mail.resend_uncertain
        state = settle(session, claim, attempt, now=self.clock(), resend_uncertain=resend_uncertain)
        log = _log.debug if state is LetterState.SENT else _log.info  # the delivery logs the number of sent letters
        log(
            "letter_settled",
            letter=str(claim.letter_id),
            tasks=len(tasks),
            kind=claim.kind.value,
            attempt=claim.attempts,
            outcome=attempt.outcome.value,
            code=attempt.code,
            state=state.value if state else "lease lost",
        )
        return state

    def _read(self, letter_ids: list[UUID]) -> dict[UUID, WrittenLetter]:
        with reading(self.engine) as session:
            builder = self._builder(session, letter_ids)
            letters = {letter.id: WrittenLetter(builder.ready(letter), letter=letter) for letter in builder.letters}
        if builder.links:
            with transaction(self.engine) as session:  # for the whole batch, before its first letter leaves
                store_links(session, builder.links)
        return letters

    def _builder(self, session: Session, letter_ids: list[UUID]) -> LetterBuilder:
        letters = whole_rows(session, Letter, col(Letter.id).in_(letter_ids))
        key = link_key(session)
        return LetterBuilder(session, self.settings, key, self.clock(), self.calendar, letters).load()

    def _again(self, session: Session, claim: Claim) -> WrittenLetter:
        """Read and write a letter again, because something in it has changed since."""
        builder = self._builder(session, [claim.letter_id])
        written = WrittenLetter(builder.ready(builder.letters[0]), letter=builder.letters[0])
        store_links(session, builder.links)
        self.write(claim, written)
        return written

    def report_uncertain(self, session: Session, claim: Claim, attempt: Attempt) -> None:
        """Report an uncertain letter that is not resent by itself; if that fails, alert the administrators."""
        if not is_given_up(session, claim.letter_id):
            return
        try:
            with session.begin_nested():
                tell_uncertain(session, claim, attempt, self.clock(), self.calendar)
        except OF_THE_DATABASE:
            raise
        except Exception as error:
            _log.exception("letter_end_untold", letter=str(claim.letter_id))
            self._raise_unwritable(session, claim, _one_line(error))

    def _set_aside(self, session: Session, claim: Claim, fault: str) -> None:
        """Set aside a letter that cannot be written, and alert the administrators, who can resend it later."""
        set_aside(session, claim, LetterState.FAILED, UNWRITABLE + fault)
        if claim.kind is not LetterKind.ALERT:
            self._raise_unwritable(session, claim, fault)

    def _raise_unwritable(self, session: Session, claim: Claim, reason: str) -> None:
        facts: dict[str, Any] = {"reason": reason, "kind": claim.kind.value}
        subject, now = str(claim.letter_id), self.clock()
        raise_alert(session, AlertKind.LETTER_UNWRITABLE, subject, now=now, calendar=self.calendar, facts=facts)


def _one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else '–'}"[:300]
