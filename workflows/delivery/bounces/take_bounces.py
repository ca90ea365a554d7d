"""Letters that come back: reports are read, the letter each speaks of has failed, and whoever must know hears of it.

A report is believed only where it names its letter by a token made here. Everything else is counted and changes
nothing, and nothing that a stranger can put into the mailbox stops the reading of what comes after it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, col, select

from models.database.rows import insert_new, table_of, update_one
from models.database.run import LINK_KEY
from models.database.sealing import installation_value
from models.database.session import reading, transaction, transactions
from models.errors import NotFound
from models.letters.bounce import BOUNCE_WAITS, Bounce, BounceAction, BounceAside
from models.letters.letter import Letter, LetterState, Notice, NoticeState
from models.operations.logs import get_log
from models.organization.person import Person
from models.settings import Settings
from notifications.bounces.bounce_report import Report, read_report
from notifications.composing.keys import Return, read_return, return_tag
from notifications.outbox.attempts import Claim
from notifications.outbox.explain import CAME_BACK
from notifications.smtp.replies import is_dead_address
from notifications.smtp.transport import Attempt, Outcome
from workflows.delivery.bounces.bounce_sources import Faults, read_folder, read_mailbox
from workflows.delivery.undelivered import tell_undelivered
from workflows.queue.send_hold import read_fence
from workflows.rules.bounce_meaning import Verdict, verdict
from workflows.rules.calendar.workdays import WorkCalendar

_BATCH = 500
_log = get_log(__name__)


def read_bounces(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    calendar: WorkCalendar,
    goes_on: Callable[[], bool] = lambda: True,
) -> int:
    """Read what has come in since the last time and sees to what waited. Returns how many messages were read.

    A source that cannot be read is told to the administrators; it raises nothing, as the other one goes on. `goes_on`
    is asked while a mail server keeps us waiting.
    """
    with reading(engine) as session:
        if read_fence(session) is not None:
            return 0  # they may be about letters of which this database does not know yet that they have left
        key = installation_value(session, LINK_KEY)
        waiting = session.exec(select(Bounce.key).where(BOUNCE_WAITS).order_by(col(Bounce.read_at)).limit(_BATCH)).all()
    if key is None:
        return 0  # without it no letter has ever been written
    faults = Faults(engine, now, calendar)
    handler = _BounceHandler(engine, key, now, calendar, faults)
    failed = sum(not handler.settle(one) for one in waiting)
    if waiting and not failed:
        with transaction(engine) as session:
            faults.end(session, "letter")
    read = read_folder(settings, handler.keep, faults)
    return read + read_mailbox(engine, settings, handler.keep, faults, now=now, goes_on=goes_on)


@dataclass
class _BounceHandler:
    engine: Engine
    secret: str
    now: datetime
    calendar: WorkCalendar
    faults: Faults

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
            waits = self._keep(Report(report.message_id, aside=BounceAside.BROKEN), content)
        if waits is not None:
            self.settle(waits)

    def _keep(self, report: Report, content: bytes) -> str | None:
        """Return the key of what is to be acted upon; None where there is nothing, or it was read before."""
        with transactions(self.engine) as begin, begin() as session:
            report, named = self._named(session, report)
            row = {
                "key": _key(report, content, named),
                "letter_id": named.letter_id if named else None,
                "address_tag": named.address_tag if named else "",
                "action": report.action,
                "status": report.status,
                "diagnostic": report.diagnostic,
                "aside": report.aside,
                "read_at": self.now,
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

    def _named(self, session: Session, report: Report) -> tuple[Report, Return | None]:
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
        """Return a report of a letter that did not arrive. False where that cannot be told: it waits, and is an
        alert.
        """
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
        if found is Verdict.WAIT:
            return
        bounce.waits = False
        if found is Verdict.FAIL and self._fail(session, letter, bounce):
            bounce.settled_at = self.now
        session.add(bounce)
        session.flush()

    def _fail(self, session: Session, letter: Letter, bounce: Bounce) -> bool:
        words = CAME_BACK + (bounce.diagnostic or bounce.status)
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
        dead = is_dead_address(bounce.status) and person.email is not None and person.email == letter.address
        one = Claim(
            letter.id,
            letter.lease_token,
            letter.state is LetterState.UNCERTAIN,
            letter.recipient_id,
            letter.kind,
            letter.slot,
            letter.attempts,
        )
        attempt = Attempt(Outcome.PERMANENT, None, words, of_address=dead)
        tell_undelivered(session, one, attempt, self.now, self.calendar, deputy_too=True)
        _log.warning("letter_came_back", letter=str(letter.id), status=bounce.status, address_dead=dead)
        return True


def _key(report: Report, content: bytes, named: Return | None) -> str:
    """Return the key by which a message is known again where it is delivered twice.

    A report that names no letter hides none that does.
    """
    about = named.letter_id.hex + named.address_tag if named else ""
    what = report.message_id.encode() if report.message_id else content
    return hashlib.sha256(about.encode() + b"\0" + what).hexdigest()
