"""Whether the mail server answers at all: what it does to everybody is no letter's fault, and is told."""

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
"""So many conversations that came to nothing end a delivery: the rest waits for the next."""
REFUSED_IN_A_ROW = 2
"""So many letters may be refused for good in a row; after them it is the server that refuses, not the letters."""
SLOW_SECONDS, QUICK_SECONDS = 20.0, 10.0
"""Over one letter: a server that takes longer is slow, and one that takes less is no longer."""
PUT_OFF_IN_A_ROW = 20
"""So many letters put off with none accepted between are no greylisting of a few any more."""


@dataclass
class MailTrouble:
    """Counts since the last letter that was accepted. `is_known`: administrators were told, and nothing came since.

    `alerted`: the servers whose trouble they were told of, and not yet of its end; `slow`: the same of those that take
    long. The lines of a delivery share it.
    """

    mail: MailSettings
    calendar: WorkCalendar
    is_known: bool = False
    alerted: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    failed: int = 0
    refused: int = 0
    put_off: int = 0

    def load(self, session: Session) -> None:
        """Read whether it was in trouble when last heard of, and the server that letters were sent by before."""
        self.alerted = open_subjects(session, AlertKind.MAIL_FAILING)
        self.slow = open_subjects(session, AlertKind.MAIL_SLOW)
        self.is_known = self.server in self.alerted

    def judge(self, attempt: Attempt) -> Attempt:
        """As the attempt is to be settled: a letter that everybody else's fate befalls is tried again."""
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
        """Try no further now; a server known to be in trouble is asked once a delivery."""
        return self.failed >= (1 if self.is_known else FAILED_IN_A_ROW) or self.put_off >= PUT_OFF_IN_A_ROW

    def tell(self, session: Session, one: Claim, attempt: Attempt, took: float, *, now: datetime) -> None:
        """Tell administrators of trouble that a letter met, and of its end. `took`: seconds of the conversation.

        It is trouble where several letters in a row met it, or one again and again.
        """
        if took >= SLOW_SECONDS:
            self.tell_slow(session, took, now=now)
        if attempt.outcome is SendOutcome.ACCEPTED:
            self._end(session, took, now)
        elif _is_trouble(attempt) and (self.is_over or one.attempts > FAILED_IN_A_ROW):
            facts = {"reason": attempt.reply, "code": attempt.code}
            raise_alert(session, AlertKind.MAIL_FAILING, self.server, now=now, calendar=self.calendar, facts=facts)

    def tell_slow(self, session: Session, seconds: float, *, now: datetime) -> None:
        """Tell administrators, once, that the server takes so long over a letter."""
        facts = {"seconds": int(seconds)}
        raise_alert(session, AlertKind.MAIL_SLOW, self.server, now=now, calendar=self.calendar, facts=facts)
        self.slow.add(self.server)

    def _end(self, session: Session, took: float, now: datetime) -> None:
        """A letter was accepted: the trouble that was told of is over, and that of a server before this one as well."""
        for server in sorted(self.alerted):
            end_alert(session, AlertKind.MAIL_FAILING, server, now=now)
        self.alerted, self.is_known = set(), False
        if not self.slow or took >= QUICK_SECONDS:
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
