"""Deliver one letter: write it with nothing locked; re-check, claim and mark it; send it; settle it.

A letter that cannot be read, written or stored is set aside and delays no other.
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
"""Seconds before each further try to record a letter's outcome after the connection to the database is lost. Together
they are longer than a restart of the server.
"""
OF_THE_DATABASE = (OperationalError, InterfaceError)
"""Errors of the database, which are no letter's fault."""
_log = get_log(__name__)


@dataclass
class LetterDelivery:
    """The steps that deliver each letter. `clock` gives the present (UTC), `pause` waits so many seconds."""

    engine: Engine
    settings: Settings
    trouble: MailTrouble
    calendar: WorkCalendar
    clock: Callable[[], datetime]
    pause: Callable[[float], object]
    clocks: Clocks = CLOCKS

    def read(self, claims: Sequence[Claim]) -> dict[UUID, WrittenLetter]:
        """If reading them together fails, read them one by one."""
        try:
            return self._read([one.letter_id for one in claims])
        except OF_THE_DATABASE:
            raise
        except Exception:
            _log.exception("letters_looked_at_one_by_one", letters=len(claims))
        found: dict[UUID, WrittenLetter] = {}
        for one in claims:
            try:
                found |= self._read([one.letter_id])
            except OF_THE_DATABASE:
                raise
            except Exception as error:
                _log.exception("letter_unwritable", letter=str(one.letter_id))
                found[one.letter_id] = WrittenLetter(None, fault=_one_line(error))
        return found

    def write(self, one: Claim, written: WrittenLetter, *, whole: bool = True) -> None:
        """Compose a letter, or its subject only, with nothing locked."""
        ready = written.ready
        if written.fault or ready is None or ready.facts is None or one.was_uncertain or written.composed:
            return
        if not ready.facts.recipient.email:
            return  # the re-check decides about that
        try:
            written.composed = compose(ready.facts) if whole else compose_subject(ready.facts)
        except Exception as error:
            _log.exception("letter_unwritable", letter=str(one.letter_id), tasks=written.tasks)
            written.fault = _one_line(error)

    def deliver(self, begin: Begin, sender: Sender, one: Claim, written: WrittenLetter) -> LetterState | None:
        """Deliver a letter, and return the state it was left in; None where nothing was tried. Raises OverQuota."""
        self.write(one, written, whole=getattr(sender, "keep_content", True))
        since = self.clocks.start()
        marked = self._mark(begin, one, written)
        if marked is None:
            return None
        if isinstance(marked, Attempt):
            return self.end(begin, one, marked, written.tasks)
        with span("letter", {"letter": str(one.letter_id)}):
            attempt = sender.send(*marked, since)
        took = None if attempt == STOOD_STILL else since.seconds  # it was not the server that stood still
        return self.end(begin, one, self.trouble.judge(attempt), written.tasks, took)

    def _mark(self, begin: Begin, one: Claim, written: WrittenLetter) -> tuple[str, bytes] | Attempt | None:
        """Check and mark a letter. One at which anything else than the database fails is set aside."""
        try:
            with begin() as session:
                reader = lock(session, one)
                if reader is None:
                    return None  # somebody else has it, or has changed it
                marked = check_and_mark(session, self.settings, one, written, reader, self.clock(), self._again)
                if written.fault:
                    self._set_aside(session, one, written.fault)
                if written.kept:
                    self.report_uncertain(session, one, Attempt(SendOutcome.UNCERTAIN, None, written.kept))
                return marked
        except (OverQuota, *OF_THE_DATABASE):
            raise
        except Exception as error:
            _log.exception("letter_unwritable", letter=str(one.letter_id), tasks=written.tasks)
            written.fault = _one_line(error)
        with begin() as session:
            if lock(session, one) is not None:
                self._set_aside(session, one, written.fault)
        return None

    def end(
        self, begin: Begin, one: Claim, attempt: Attempt, tasks: Sequence[str], took: float | None = None
    ) -> LetterState | None:
        """Record how an attempt ended, if need be on a new connection: a letter that arrived is not sent again.

        If the database stays away longer, the letter becomes uncertain, as after the death of the process. `took`: the
        seconds of the conversation, where there was one.
        """
        since = self.clocks.start()
        try:
            return self._end(begin, one, attempt, tasks, took)
        except OF_THE_DATABASE as fault:
            lost = fault
        for pause in PAUSES:
            if since.seconds + pause > END_WITHIN.total_seconds():
                break
            self.pause(pause)
            try:
                with transactions(self.engine) as again:
                    self._end(again, one, attempt, tasks, took)
                break
            except OF_THE_DATABASE:
                _log.warning("letter_end_unwritten", letter=str(one.letter_id), exc_info=True)
        raise lost

    def _end(
        self, begin: Begin, one: Claim, attempt: Attempt, tasks: Sequence[str], took: float | None
    ) -> LetterState | None:
        try:
            with begin() as session:
                state = self._settle(session, one, attempt, tasks)
                if state is LetterState.FAILED:
                    tell_undelivered(session, one, attempt, self.clock(), self.calendar)
                if state is LetterState.UNCERTAIN:
                    self.report_uncertain(session, one, attempt)
                if took is not None:
                    self.trouble.tell(session, one, attempt, took, now=self.clock())
                return state
        except OF_THE_DATABASE:
            raise
        except Exception as error:
            _log.exception("letter_end_untold", letter=str(one.letter_id), tasks=tasks)
            reason = _one_line(error)
        with begin() as session:  # though nobody can be told of it
            state = self._settle(session, one, attempt, tasks)
            self._raise_unwritable(session, one, reason)
            return state

    def _settle(self, session: Session, one: Claim, attempt: Attempt, tasks: Sequence[str]) -> LetterState | None:
        again = self.settings.mail.resend_uncertain
        state = settle(session, one, attempt, now=self.clock(), resend_uncertain=again)
        is_sent = state is LetterState.SENT  # the delivery tells how many; what is to be done is said of each
        (_log.debug if is_sent else _log.info)(
            "letter_settled",
            letter=str(one.letter_id),
            tasks=len(tasks),
            kind=one.kind.value,
            attempt=one.attempts,
            outcome=attempt.outcome.value,
            code=attempt.code,
            state=state.value if state else "lease lost",
        )
        return state

    def _read(self, letter_ids: list[UUID]) -> dict[UUID, WrittenLetter]:
        with reading(self.engine) as session:
            builder = self._builder(session, letter_ids)
            read = {letter.id: WrittenLetter(builder.ready(letter), letter=letter) for letter in builder.letters}
        if builder.links:
            with transaction(self.engine) as session:  # all of the batch at once, before the first of them leaves
                store_links(session, builder.links)
        return read

    def _builder(self, session: Session, letter_ids: list[UUID]) -> LetterBuilder:
        letters = whole_rows(session, Letter, col(Letter.id).in_(letter_ids))
        key = link_key(session)
        return LetterBuilder(session, self.settings, key, self.clock(), self.calendar, letters).load()

    def _again(self, session: Session, one: Claim) -> WrittenLetter:
        """Read a letter again, because something of it has changed since."""
        builder = self._builder(session, [one.letter_id])
        written = WrittenLetter(builder.ready(builder.letters[0]), letter=builder.letters[0])
        store_links(session, builder.links)
        self.write(one, written)
        return written

    def report_uncertain(self, session: Session, one: Claim, attempt: Attempt) -> None:
        """Report an uncertain letter that is not resent by itself; if that fails, alert the administrators."""
        if not is_given_up(session, one.letter_id):
            return
        try:
            with session.begin_nested():
                tell_uncertain(session, one, attempt, self.clock(), self.calendar)
        except OF_THE_DATABASE:
            raise
        except Exception as error:
            _log.exception("letter_end_untold", letter=str(one.letter_id))
            self._raise_unwritable(session, one, _one_line(error))

    def _set_aside(self, session: Session, one: Claim, fault: str) -> None:
        """Set aside a letter that cannot be written, and alert the administrators, who can resend it later."""
        set_aside(session, one, LetterState.FAILED, UNWRITABLE + fault)
        if one.kind is not LetterKind.ALERT:
            self._raise_unwritable(session, one, fault)

    def _raise_unwritable(self, session: Session, one: Claim, reason: str) -> None:
        facts: dict[str, Any] = {"reason": reason, "kind": one.kind.value}
        subject, now = str(one.letter_id), self.clock()
        raise_alert(session, AlertKind.LETTER_UNWRITABLE, subject, now=now, calendar=self.calendar, facts=facts)


def _one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else '–'}"[:300]
