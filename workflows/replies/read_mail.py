"""Read what comes back by mail: reports of letters that did not arrive, and answers to letters."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine, select, update
from sqlmodel import col

from models.database.rows import IN_CHUNK, count_changed
from models.database.run import LINK_KEY, installation_secret
from models.database.session import reading, transaction
from models.errors import NotFound
from models.replies.reply import DRAFT_OPEN, Reply, ReplyDraft, ReplyState
from models.settings import Settings
from notifications.composing.keys import read_reply
from notifications.replies.message_parts import is_delivery_report, read_head, recipients, tokens
from workflows.jobs.tick import Counts, TickWork
from workflows.queue.send_hold import read_fence
from workflows.replies.mail_sources import Faults, read_folder, read_mailbox
from workflows.replies.take_bounces import BounceHandler
from workflows.rules.calendar.workdays import WorkCalendar

if TYPE_CHECKING:
    from workflows.replies.take_replies import ReplyTaker

BOUNCES, REPLIES = "bounces", "replies"
"""What is read, as alerts and counts name it."""


@dataclass
class ReadMail:
    bounces: int = 0
    replies: int = 0


def read_mail(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    calendar: WorkCalendar,
    goes_on: Callable[[], bool] = lambda: True,
) -> ReadMail:
    """Read what has come in since the last time, and see to what waited. Return how many messages were read.

    A source that cannot be read is told to the administrators; it raises nothing, as the others go on. `goes_on` is
    asked while a mail server keeps us waiting.
    """
    reader = open_reader(engine, settings, now=now, calendar=calendar)
    if reader is None:
        return ReadMail()
    reader.bounces.settle_waiting()
    lapse_drafts(engine, now=now)
    bounced, replied = Faults(engine, now, calendar, BOUNCES), Faults(engine, now, calendar, REPLIES)
    read_folder(settings.bounces_folder, reader.keep_at_bounces, bounced)
    read_folder(settings.replies_folder, reader.keep_at_replies, replied)
    if settings.bounces is not None:
        read_mailbox(settings.bounces, reader.keep_at_bounces, bounced, goes_on=goes_on)
    own = settings.replies.mailbox
    if own is not None and own.key != (settings.bounces.key if settings.bounces else None):
        read_mailbox(own, reader.keep_at_replies, replied, goes_on=goes_on)
    return reader.read


def open_reader(engine: Engine, settings: Settings, *, now: datetime, calendar: WorkCalendar) -> "MailReader | None":
    """Return who reads messages at `now` (UTC); None where none may be read.

    After a restore they may be about letters of which this database does not know yet that they have left.
    """
    with reading(engine) as session:
        key = None if read_fence(session) is not None else installation_secret(session, LINK_KEY)
    if key is None:
        return None  # without a key no letter has ever been written
    faults = Faults(engine, now, calendar, BOUNCES)
    bounces = BounceHandler(engine, key, now, calendar, faults, settings.replies.authserv_id)
    return MailReader(engine, settings, key, bounces, now, calendar)


@dataclass
class MailReader:
    """Tells each message by what it is, and hands it on."""

    engine: Engine
    settings: Settings
    secret: str
    bounces: BounceHandler
    now: datetime
    calendar: WorkCalendar

    def __post_init__(self) -> None:
        self.read = ReadMail()

    @cached_property
    def replies(self) -> "ReplyTaker":
        # with all that reads files and acts on tasks: only once somebody has answered
        from workflows.replies.take_replies import ReplyTaker

        return ReplyTaker(self.engine, self.settings, self.secret, self.now, self.calendar)

    def keep_at_bounces(self, content: bytes) -> None:
        """Keep a message from where letters come back to: a reply only where it is addressed as one."""
        self._keep(content, is_reply=self._is_reply(content))

    def keep_at_replies(self, content: bytes) -> None:
        """Keep a message from where letters are answered to: everything but reports of mail servers."""
        head = read_head(content)
        self._keep(content, is_reply=head is None or not is_delivery_report(head))

    def _keep(self, content: bytes, *, is_reply: bool) -> None:
        if is_reply:
            self.replies.keep(content)
            self.read.replies += 1
        else:
            self.bounces.keep(content)
            self.read.bounces += 1

    def _is_reply(self, content: bytes) -> bool:
        """Return whether a message came to the address of replies: by a token made for one, or by its name alone."""
        head, address = read_head(content), self.settings.mail.reply_address
        if address is None or head is None or is_delivery_report(head):
            return False
        to = recipients(head)
        if any(self._was_made_here(token) for token in tokens(to)):
            return True
        name, _at, domain = address.lower().rpartition("@")
        is_own_name = address.lower() != (self.settings.mail.bounce_address or "").lower()
        return is_own_name and any(
            one.endswith(f"@{domain}") and one.partition("@")[0].partition("+")[0] == name for one in to
        )

    def _was_made_here(self, token: str) -> bool:
        try:
            read_reply(self.secret, token)
        except NotFound:
            return False
        return True


def incoming(work: TickWork, now: datetime) -> Counts:
    """Read what mail servers report of letters that came back, and what people answer to letters."""
    calendar = work.calendar(now)
    return asdict(read_mail(work.engine, work.settings, now=now, calendar=calendar, goes_on=work.goes_on))


def lapse_drafts(engine: Engine, *, now: datetime) -> int:
    """Mark replies whose link is too old by `now` (UTC) as not confirmed in time; return how many."""
    over = (
        select(col(Reply.id))
        .join(ReplyDraft, col(ReplyDraft.reply_id) == col(Reply.id))
        .where(DRAFT_OPEN, col(ReplyDraft.expires_at) <= now, col(Reply.state) == ReplyState.WAITS)
        .limit(IN_CHUNK)
    )
    with reading(engine) as session:  # mostly there are none, and nobody waits for the write lock
        found = session.scalars(over).all()
    if not found:
        return 0
    with transaction(engine) as session:
        late = update(Reply).where(col(Reply.id).in_(found), col(Reply.state) == ReplyState.WAITS)
        return count_changed(session, late.values(state=ReplyState.LAPSED).execution_options(synchronize_session=False))
