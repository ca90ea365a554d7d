"""Read incoming mail: bounces, which are reports of letters that did not arrive, and replies to letters."""

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
from workflows.queue.send_hold import read_send_hold
from workflows.replies.mail_sources import Faults, read_folder, read_mailbox
from workflows.replies.take_bounces import BounceHandler
from workflows.rules.calendar.workdays import WorkCalendar

if TYPE_CHECKING:
    from workflows.replies.take_replies import ReplyTaker

BOUNCES, REPLIES = "bounces", "replies"
"""Subjects in the names of alerts."""


@dataclass
class IncomingCounts:
    bounces: int = 0
    replies: int = 0


def read_mail(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    calendar: WorkCalendar,
    should_continue: Callable[[], bool] = lambda: True,
) -> IncomingCounts:
    """Read new messages from all sources, settle bounces that waited, and let old drafts lapse.

    A source that cannot be read raises an alert, and the others are read nevertheless. `should_continue` is asked while
    a mail server keeps us waiting.
    """
    reader = open_reader(engine, settings, now=now, calendar=calendar)
    if reader is None:
        return IncomingCounts()
    reader.bounces.settle_waiting()
    lapse_drafts(engine, now=now)
    bounce_faults, reply_faults = Faults(engine, now, calendar, BOUNCES), Faults(engine, now, calendar, REPLIES)
    read_folder(settings.bounces_folder, reader.keep_at_bounces, bounce_faults)
    read_folder(settings.replies_folder, reader.keep_at_replies, reply_faults)
    if settings.bounces is not None:
        read_mailbox(settings.bounces, reader.keep_at_bounces, bounce_faults, should_continue=should_continue)
    reply_box = settings.replies.mailbox
    if reply_box is not None and reply_box.key != (settings.bounces.key if settings.bounces else None):
        read_mailbox(reply_box, reader.keep_at_replies, reply_faults, should_continue=should_continue)
    return reader.counts


def open_reader(engine: Engine, settings: Settings, *, now: datetime, calendar: WorkCalendar) -> "MailReader | None":
    """Return a reader at `now` (UTC); None under a send hold, and where no letter has ever been written.

    After a restore messages may be about letters that this database does not yet know to be sent.
    """
    with reading(engine) as session:
        key = None if read_send_hold(session) is not None else installation_secret(session, LINK_KEY)
    if key is None:
        return None
    faults = Faults(engine, now, calendar, BOUNCES)
    bounces = BounceHandler(engine, key, now, calendar, faults, settings.replies.authserv_id)
    return MailReader(engine, settings, key, bounces, now, calendar)


@dataclass
class MailReader:
    """Finds out whether a message is a bounce or a reply, and passes it on."""

    engine: Engine
    settings: Settings
    secret: str
    bounces: BounceHandler
    now: datetime
    calendar: WorkCalendar

    def __post_init__(self) -> None:
        self.counts = IncomingCounts()

    @cached_property
    def replies(self) -> "ReplyTaker":
        # a late import: it loads the readers of files and the actions, which ticks without replies do not need
        from workflows.replies.take_replies import ReplyTaker

        return ReplyTaker(self.engine, self.settings, self.secret, self.now, self.calendar)

    def keep_at_bounces(self, content: bytes) -> None:
        """Keep a message from a source of bounces. It is a reply only if it is addressed to the replies."""
        self._keep(content, is_reply=self._is_reply(content))

    def keep_at_replies(self, content: bytes) -> None:
        """Keep a message from a source of replies. It is a bounce only if it is a report of a mail server."""
        head = read_head(content)
        self._keep(content, is_reply=head is None or not is_delivery_report(head))

    def _keep(self, content: bytes, *, is_reply: bool) -> None:
        if is_reply:
            self.replies.keep(content)
            self.counts.replies += 1
        else:
            self.bounces.keep(content)
            self.counts.bounces += 1

    def _is_reply(self, content: bytes) -> bool:
        """Return whether a message was sent to the address of replies, with a token of ours or without any."""
        head, address = read_head(content), self.settings.mail.reply_address
        if address is None or head is None or is_delivery_report(head):
            return False
        addressees = recipients(head)
        if any(self._was_made_here(token) for token in tokens(addressees)):
            return True
        if address.lower() == (self.settings.mail.bounce_address or "").lower():
            return False
        name, _at, domain = address.lower().rpartition("@")
        return any(
            addressee.endswith(f"@{domain}") and addressee.partition("@")[0].partition("+")[0] == name
            for addressee in addressees
        )

    def _was_made_here(self, token: str) -> bool:
        try:
            read_reply(self.secret, token)
        except NotFound:
            return False
        return True


def incoming(work: TickWork, now: datetime) -> Counts:
    """Read incoming mail as a part of the tick."""
    calendar = work.calendar(now)
    return asdict(
        read_mail(work.engine, work.settings, now=now, calendar=calendar, should_continue=work.should_continue)
    )


def lapse_drafts(engine: Engine, *, now: datetime) -> int:
    """Mark replies whose link has expired by `now` (UTC) as not confirmed in time, and return their number."""
    expired = (
        select(col(Reply.id))
        .join(ReplyDraft, col(ReplyDraft.reply_id) == col(Reply.id))
        .where(DRAFT_OPEN, col(ReplyDraft.expires_at) <= now, col(Reply.state) == ReplyState.WAITS)
        .limit(IN_CHUNK)
    )
    with reading(engine) as session:  # most ticks find none, and need no write lock
        reply_ids = session.scalars(expired).all()
    if not reply_ids:
        return 0
    with transaction(engine) as session:
        lapse = update(Reply).where(col(Reply.id).in_(reply_ids), col(Reply.state) == ReplyState.WAITS)
        return count_changed(
            session, lapse.values(state=ReplyState.LAPSED).execution_options(synchronize_session=False)
        )
