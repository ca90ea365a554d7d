"""Tells trouble of the mail server from faults of single letters, and alerts administrators of the former."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from models.operations.alert import AlertKind
from models.settings import MailSettings
from notifications.outbox.attempts import Claim
from notifications.outbox.claims import is_in_conversation
from notifications.smtp.transport import Attempt, SendOutcome
from workflows.queue.alerts import end_alert, open_subjects, raise_alert
from workflows.rules.calendar.workdays import WorkCalendar

FAILED_IN_A_ROW = 2
"""A delivery ends after this many failed conversations. The remaining letters wait for the next delivery."""
REFUSED_IN_A_ROW = 2
"""After this many refusals in a row the server counts as refusing, not the letters as faulty."""
SLOW_SECONDS, QUICK_SECONDS = 20.0, 10.0
"""A server that takes longer than the first over one letter is slow. It is quick again below the second."""
PUT_OFF_IN_A_ROW = 20
"""After this many letters put off in a row the cause is the server, not greylisting of single letters."""


@dataclass
class MailTrouble:
    """Counts since the last accepted letter. The lines of a delivery share it."""

    mail: MailSettings
    calendar: WorkCalendar
    is_known: bool = False  # administrators were told of trouble, and no letter was accepted since
    alerted: set[str] = field(default_factory=set)  # servers with an open alert of failing
    slow: set[str] = field(default_factory=set)  # servers with an open alert of slowness
    failed: int = 0
    refused: int = 0
    put_off: int = 0

    def load(self, session: Session) -> None:
        self.alerted = open_subjects(session, AlertKind.MAIL_FAILING)
        self.slow = open_subjects(session, AlertKind.MAIL_SLOW)
        self.is_known = self.server in self.alerted

    def judge(self, attempt: Attempt) -> Attempt:
        """Return the attempt as it must be settled: a letter that meets trouble of the server is tried again."""
        if attempt.outcome is SendOutcome.ACCEPTED:
            self.failed = self.refused = self.put_off = 0
            return attempt
        if attempt.code is not None and attempt.outcome is SendOutcome.PERMANENT:
            self.refused += 1
            if self.is_known or self.refused > REFUSED_IN_A_ROW:
                attempt = replace(attempt, outcome=SendOutcome.TEMPORARY, of_server=True, of_address=False)
        elif attempt.outcome is SendOutcome.TEMPORARY and not attempt.of_server:
            self.put_off += 1
            if self.is_known or self.put_off >= PUT_OFF_IN_A_ROW:
                attempt = replace(attempt, of_server=True)
        self.failed = self.failed + 1 if _is_trouble(attempt) else 0
        return attempt

    @property
    def is_over(self) -> bool:
        """Whether this delivery must try no further. A server known to be in trouble gets one try a delivery."""
        most_failures = 1 if self.is_known else FAILED_IN_A_ROW
        return self.failed >= most_failures or self.put_off >= PUT_OFF_IN_A_ROW

    def tell(self, session: Session, claim: Claim, attempt: Attempt, seconds: float, *, now: datetime) -> None:
        """Alert administrators of trouble, or end the alert. `seconds` is the length of the conversation.

        It is trouble if several letters in a row met it, or one letter again and again.
        """
        if seconds >= SLOW_SECONDS:
            self.tell_slow(session, seconds, now=now)
        if attempt.outcome is SendOutcome.ACCEPTED:
            self._end(session, seconds, now)
        elif _is_trouble(attempt) and (self.is_over or claim.attempts > FAILED_IN_A_ROW):
            facts = {"reason": attempt.reply, "code": attempt.code}
            raise_alert(session, AlertKind.MAIL_FAILING, self.server, now=now, calendar=self.calendar, facts=facts)

    def tell_slow(self, session: Session, seconds: float, *, now: datetime) -> None:
        """Alert administrators once that the server takes so long over a letter."""
        facts = {"seconds": int(seconds)}
        raise_alert(session, AlertKind.MAIL_SLOW, self.server, now=now, calendar=self.calendar, facts=facts)
        self.slow.add(self.server)

    def _end(self, session: Session, seconds: float, now: datetime) -> None:
        """End the alerts after an accepted letter, also those of a server that was configured before."""
        for server in sorted(self.alerted):
            end_alert(session, AlertKind.MAIL_FAILING, server, now=now)
        self.alerted, self.is_known = set(), False
        if not self.slow or seconds >= QUICK_SECONDS:
            return
        if not is_in_conversation(session, since=now - timedelta(seconds=QUICK_SECONDS)):
            for server in sorted(self.slow):
                end_alert(session, AlertKind.MAIL_SLOW, server, now=now)
            self.slow = set()

    @property
    def server(self) -> str:
        where = self.mail.mode if self.mail.mode == "local" else f"{self.mail.host}:{self.mail.port}"
        return where[-120:]


def _is_trouble(attempt: Attempt) -> bool:
    return attempt.of_server or attempt.outcome is SendOutcome.UNCERTAIN
