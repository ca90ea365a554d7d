"""Handle bounces: record the report of a mail server, mark its letter as failed, and tell those concerned.

A report counts only if it names its letter by a token made here. Other messages are recorded and change nothing, and no
message of a stranger stops the reading of those after it.
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
    engine: Engine
    secret: str
    now: datetime
    calendar: WorkCalendar
    faults: Faults
    authserv_id: str = ""  # the server whose Authentication-Results count

    def settle_waiting(self) -> None:
        """Settle the reports that had to wait for a delivery in progress."""
        with reading(self.engine) as session:
            oldest_first = select(Bounce.key).where(BOUNCE_WAITS).order_by(col(Bounce.read_at)).limit(_BATCH)
            keys = session.exec(oldest_first).all()
        failures = sum(not self.settle(key) for key in keys)
        if keys and not failures:
            with transaction(self.engine) as session:
                self.faults.end(session, "letter")

    def keep(self, content: bytes) -> None:
        """Record one message, then settle it; a second time it changes nothing.

        A process killed in between leaves it to the next tick. When this returns, both have reached the disk, and the
        message's file may be removed.
        """
        report = read_report(content)
        try:
            key = self._record(report, content)
        except (OperationalError, InterfaceError):
            raise  # not this message's fault: it is read again
        except Exception:
            _log.exception("bounce_unkept")
            key = self._record(BounceReport(report.message_id, aside=BounceAside.BROKEN), content)
        if key is not None:
            self.settle(key)

    def _record(self, report: BounceReport, content: bytes) -> str | None:
        """Record a report. Return its key where it has to be settled; None where not, or where it is recorded."""
        with transactions(self.engine) as begin, begin() as session:
            report, letter_token = self._find_letter(session, report)
            address = session.get_one(Letter, letter_token.letter_id).address if letter_token else None
            # the letter is part of the key: a report that names no letter must not hide one that does
            about = letter_token.letter_id.hex + letter_token.address_tag if letter_token else ""
            row = {
                "key": message_key(report.message_id, content, about),
                "letter_id": letter_token.letter_id if letter_token else None,
                "address_tag": letter_token.address_tag if letter_token else "",
                "action": report.action,
                "status": report.status,
                "diagnostic": report.diagnostic,
                "aside": report.aside,
                "read_at": self.now,
                "is_proved": is_from_server_of(content, address, self.authserv_id),
                "waits": letter_token is not None and report.action is BounceAction.FAILED,
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

    def _find_letter(self, session: Session, report: BounceReport) -> tuple[BounceReport, Return | None]:
        """Return the report with the first token made here; without one, the report set aside."""
        if report.aside is not None:
            return report, None
        aside = BounceAside.FORGED
        for token in report.tokens:
            try:
                letter_token = read_return(self.secret, token)
            except NotFound:
                continue
            if session.get(Letter, letter_token.letter_id) is not None:
                return report, letter_token
            aside = BounceAside.UNKNOWN_LETTER
        return replace(report, aside=aside), None

    def settle(self, key: str) -> bool:
        """Settle a report of a letter that did not arrive. On a fault raise an alert, and return False."""
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
        """Apply a report to its letter. While the letter is being delivered, the report waits."""
        bounce = session.exec(select(Bounce).where(Bounce.key == key).with_for_update()).one()
        if not bounce.waits or bounce.letter_id is None:
            return  # another process has settled it
        letter = session.exec(
            select(Letter)
            .where(Letter.id == bounce.letter_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        same_address = letter.address is not None and return_tag(self.secret, letter.address) == bounce.address_tag
        bounce_verdict = verdict(bounce.action, letter.state, letter.attempts, same_address=same_address)
        if bounce_verdict is BounceVerdict.WAIT:
            return
        bounce.waits = False
        if bounce_verdict is BounceVerdict.FAIL and self._fail(session, letter, bounce):
            bounce.settled_at = self.now
        session.add(bounce)
        session.flush()

    def _fail(self, session: Session, letter: Letter, bounce: Bounce) -> bool:
        """Mark the letter and its notices as failed. False where another process has changed the letter."""
        status = "" if bounce.status in bounce.diagnostic else bounce.status
        words = CAME_BACK + " ".join(filter(None, (status, bounce.diagnostic)))
        is_failed = update_one(
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
        if not is_failed:
            return False
        session.execute(
            update(Notice)
            .where(col(Notice.letter_id) == letter.id, col(Notice.state).in_((NoticeState.SENT, NoticeState.PENDING)))
            .values(state=NoticeState.FAILED)
            .execution_options(synchronize_session=False)
        )
        person = session.get_one(Person, letter.recipient_id)
        address_becomes = self._judge_address(session, person, letter, bounce)
        claim = Claim(
            letter.id,
            letter.lease_token,
            letter.state is LetterState.UNCERTAIN,
            letter.recipient_id,
            letter.kind,
            letter.slot,
            letter.attempts,
        )
        attempt = Attempt(SendOutcome.PERMANENT, None, words, of_address=address_becomes is AddressVerdict.CONDEMN)
        tell_undelivered(session, claim, attempt, self.now, self.calendar, deputy_too=True)
        _log.warning("letter_came_back", letter=str(letter.id), status=bounce.status, address=address_becomes.value)
        return True

    def _judge_address(self, session: Session, person: Person, letter: Letter, bounce: Bounce) -> AddressVerdict:
        """Return what becomes of the address. A new doubt begins now, as does one that the person has refuted."""
        doubted_at = person.email_doubted_at
        was_probe = is_probe(letter.sent_at, doubted_at)
        since = doubted_at if was_probe else letter.sent_at
        is_active = _was_active(session, person.id, since or letter.slot)
        address_becomes = address_verdict(
            is_dead=is_dead_address(bounce.status) and person.email is not None and person.email == letter.address,
            is_proved=bounce.is_proved,
            is_probe=was_probe,
            is_heard_of=is_active,
        )
        if address_becomes is AddressVerdict.DOUBT and (is_active or not is_probe(self.now, doubted_at)):
            person.email_doubted_at = self.now
            session.add(person)
            session.flush()
        return address_becomes


def _was_active(session: Session, person_id: UUID, since: datetime) -> bool:
    """Return whether a person has used the site or answered a letter since a moment."""
    visits = select(WebSession.id).where(WebSession.person_id == person_id, WebSession.last_seen_at > since)
    replies = select(Reply.id).where(Reply.person_id == person_id, Reply.read_at > since)
    return any(session.exec(query.limit(1)).first() is not None for query in (visits, replies))
