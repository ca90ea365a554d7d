"""Letters that come back: reports are read, the letter each speaks of has failed, and whoever must know hears of it.

A report is believed only where it names its letter by a token made here. Everything else is counted and changes
nothing, and nothing that a stranger can put into the mailbox stops the reading of what comes after it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, col, select

from models.database.rows import insert_new, table_of, update_one
from models.database.session import reading, transaction, transactions
from models.errors import NotFound
from models.letters.bounce import BOUNCE_WAITS, Bounce, BounceAction, BounceAside
from models.letters.letter import Letter, LetterState, Notice, NoticeState
from models.operations.logs import get_log
from models.organization.account import WebSession
from models.organization.person import Person
from models.replies.reply import Reply
from notifications.composing.keys import Return, read_return, return_tag
from notifications.outbox.attempts import Claim
from notifications.outbox.explain import CAME_BACK
from notifications.replies.bounce_report import BounceReport, is_from_server_of, read_report
from notifications.smtp.replies import is_dead_address
from notifications.smtp.transport import Attempt, SendOutcome
from workflows.delivery.undelivered import tell_undelivered
from workflows.replies.mail_sources import Faults, message_key
from workflows.rules.bounce_meaning import AddressVerdict, BounceVerdict, address_verdict, is_probe, verdict
from workflows.rules.calendar.workdays import WorkCalendar

_BATCH = 500
_log = get_log(__name__)


@dataclass
class BounceHandler:
    """Writes reports of mail servers down, and sees to the letters they speak of."""

    engine: Engine
    secret: str
    now: datetime
    calendar: WorkCalendar
    faults: Faults
    authserv_id: str = ""  # whose Authentication-Results are believed

    def settle_waiting(self) -> None:
        """See to the reports that waited until their letter was settled."""
        with reading(self.engine) as session:
            wanted = select(Bounce.key).where(BOUNCE_WAITS).order_by(col(Bounce.read_at)).limit(_BATCH)
            waiting = session.exec(wanted).all()
        failed = sum(not self.settle(one) for one in waiting)
        if waiting and not failed:
            with transaction(self.engine) as session:
                self.faults.end(session, "letter")

    def keep(self, content: bytes) -> None:
        """One message: written down, then acted upon. A second time it changes nothing.

        Killed between the two, it waits for the next tick. At its end both are on the disk itself: its file may go.
        """
        report = read_report(content)
        try:
            waits = self._keep(report, content)
        except (OperationalError, InterfaceError):
            raise  # not this message's fault: it is read again
        except Exception:
            _log.exception("bounce_unkept")
            waits = self._keep(BounceReport(report.message_id, aside=BounceAside.BROKEN), content)
        if waits is not None:
            self.settle(waits)

    def _keep(self, report: BounceReport, content: bytes) -> str | None:
        """Keep a report; the key of what is to be acted upon, None where there is nothing, or it was read before."""
        with transactions(self.engine) as begin, begin() as session:
            report, named = self._named(session, report)
            address = session.get_one(Letter, named.letter_id).address if named else None
            row = {
                "key": message_key(report.message_id, content, _about(named)),
                "letter_id": named.letter_id if named else None,
                "address_tag": named.address_tag if named else "",
                "action": report.action,
                "status": report.status,
                "diagnostic": report.diagnostic,
                "aside": report.aside,
                "read_at": self.now,
                "is_proved": is_from_server_of(content, address, self.authserv_id),
                "waits": named is not None and report.action is BounceAction.FAILED,
                "settled_at": None,
            }
            if not insert_new(session, table_of(Bounce), [row]):
                return None
            _log.info(
                "bounce_read",
                letter=str(row["letter_id"]),
                action=report.action and report.action.value,
                status=report.status,
                aside=report.aside and report.aside.value,
            )
            return str(row["key"]) if row["waits"] else None

    def _named(self, session: Session, report: BounceReport) -> tuple[BounceReport, Return | None]:
        """Return the letter that a report names, by the first token that was made here; or the report set aside."""
        if report.aside is not None:
            return report, None
        aside = BounceAside.FORGED
        for token in report.tokens:
            try:
                named = read_return(self.secret, token)
            except NotFound:
                continue
            if session.get(Letter, named.letter_id) is not None:
                return report, named
            aside = BounceAside.UNKNOWN_LETTER
        return replace(report, aside=aside), None

    def settle(self, key: str) -> bool:
        """Settle a report of a letter that did not arrive. False where it must wait, and is an alert."""
        try:
            with transactions(self.engine) as begin, begin() as session:
                self._settle(session, key)
            return True
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            _log.exception("bounce_unsettled", bounce=key)
            self.faults.tell("letter", f"{type(error).__name__}: {key}")
            return False

    def _settle(self, session: Session, key: str) -> None:
        """Unless the letter is in somebody's hands: then the report waits."""
        bounce = session.exec(select(Bounce).where(Bounce.key == key).with_for_update()).one()
        if not bounce.waits or bounce.letter_id is None:
            return  # another process has seen to it
        letter = session.exec(
            select(Letter)
            .where(Letter.id == bounce.letter_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        same_address = letter.address is not None and return_tag(self.secret, letter.address) == bounce.address_tag
        found = verdict(bounce.action, letter.state, letter.attempts, same_address=same_address)
        if found is BounceVerdict.WAIT:
            return
        bounce.waits = False
        if found is BounceVerdict.FAIL and self._fail(session, letter, bounce):
            bounce.settled_at = self.now
        session.add(bounce)
        session.flush()

    def _fail(self, session: Session, letter: Letter, bounce: Bounce) -> bool:
        status = "" if bounce.status in bounce.diagnostic else bounce.status  # which a server's words need not repeat
        words = CAME_BACK + " ".join(filter(None, (status, bounce.diagnostic)))
        changed = update_one(
            session,
            update(Letter)
            .where(
                col(Letter.id) == letter.id,
                col(Letter.state) == letter.state,
                col(Letter.lease_token) == letter.lease_token,
            )
            .values(state=LetterState.FAILED, error=words)
            .execution_options(synchronize_session=False),
        )
        if not changed:
            return False
        session.execute(
            update(Notice)
            .where(col(Notice.letter_id) == letter.id, col(Notice.state).in_((NoticeState.SENT, NoticeState.PENDING)))
            .values(state=NoticeState.FAILED)
            .execution_options(synchronize_session=False)
        )
        person = session.get_one(Person, letter.recipient_id)
        becomes = self._judge_address(session, person, letter, bounce)
        one = Claim(
            letter.id,
            letter.lease_token,
            letter.state is LetterState.UNCERTAIN,
            letter.recipient_id,
            letter.kind,
            letter.slot,
            letter.attempts,
        )
        attempt = Attempt(SendOutcome.PERMANENT, None, words, of_address=becomes is AddressVerdict.CONDEMN)
        tell_undelivered(session, one, attempt, self.now, self.calendar, deputy_too=True)
        _log.warning("letter_came_back", letter=str(letter.id), status=bounce.status, address=becomes.value)
        return True

    def _judge_address(self, session: Session, person: Person, letter: Letter, bounce: Bounce) -> AddressVerdict:
        """Return what becomes of the address; a doubt that is new, or no longer holds, begins now."""
        doubted_at = person.email_doubted_at
        of_probe = is_probe(letter.sent_at, doubted_at)
        since = doubted_at if of_probe else letter.sent_at
        is_heard_of = _is_heard_of(session, person.id, since or letter.slot)
        becomes = address_verdict(
            is_dead=is_dead_address(bounce.status) and person.email is not None and person.email == letter.address,
            is_proved=bounce.is_proved,
            is_probe=of_probe,
            is_heard_of=is_heard_of,
        )
        if becomes is AddressVerdict.DOUBT and (is_heard_of or not is_probe(self.now, doubted_at)):
            person.email_doubted_at = self.now
            session.add(person)
            session.flush()
        return becomes


def _is_heard_of(session: Session, person_id: UUID, since: datetime) -> bool:
    """Return whether somebody has been at the site or answered a letter since."""
    at_site = select(WebSession.id).where(WebSession.person_id == person_id, WebSession.last_seen_at > since)
    answered = select(Reply.id).where(Reply.person_id == person_id, Reply.read_at > since)
    return any(session.exec(one.limit(1)).first() is not None for one in (at_site, answered))


def _about(named: Return | None) -> str:
    """Return what a report is about: one that names no letter hides none that does."""
    return named.letter_id.hex + named.address_tag if named else ""
