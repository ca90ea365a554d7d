"""The outbox: notices (who must be told what about which task) grouped into letters (what leaves by mail)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.database.columns import UtcDateTime, enum_type, partial_index
from models.database.ids import new_id
from models.database.leases import Leased
from models.i18n import Labelled, Words, _
from models.text.localtime import at_local, local_date


class NoticeState(Labelled):
    PENDING = "pending", _("waiting to be sent")
    SENT = "sent", _("sent")
    SUPERSEDED = "superseded", _("covered by a more severe rung")  # a more severe rung was true at the same moment
    DROPPED = "dropped", _("dropped, no longer true")  # no longer true when the letter left; `reason` says why
    FAILED = "failed", _("not delivered")  # its letter was refused for good


class LetterKind(Labelled):
    """The letters there are; each is a folder under notifications/letters/."""

    ASSIGNED = "assigned", _("assignment")
    DIGEST = "digest", _("digest")
    EVENT = "event", _("notice of an event")
    UPWARD = "upward", _("report upward")
    INCIDENT = "incident", _("incident")
    SUMMARY = "summary", _("weekly summary")
    ALERT = "alert", _("alert to administrators")  # to administrators, of the engine itself
    ACCOUNT = "account", _("code or invitation")  # a code, an invitation, a test: leaves at any hour
    COMPILED = "compiled", _("compiled report")  # a period's report is drafted: to the heads who answer for it


OF_THE_DAY = frozenset({LetterKind.DIGEST, LetterKind.UPWARD, LetterKind.SUMMARY})
"""Letters that say how things stand on the morning of a day."""


def as_of(kind: LetterKind, slot: datetime, now: datetime) -> datetime:
    """A letter that leaves `now` speaks as of this moment (UTC): its slot's, or this morning's if that was of an
    earlier day. What it lists stands as it does now.
    """
    is_late = kind in OF_THE_DAY and local_date(slot) < local_date(now)
    return at_local(local_date(now)) if is_late else slot


SECRET_TOPIC, TEST_TOPIC = "secret:", "test:"
"""What the topic of an account letter begins with; the id of the mailed secret, or of the test, follows."""
REPLY_PAGE = "r"
"""The page of the site that confirms what a reply asks for; the draft's token follows."""
REPLY_TOPIC = f"{SECRET_TOPIC}reply:"
"""And of the answer to a reply, whose id follows: it may carry a link that acts."""
COMPILED_TOPIC = "compiled:"
CHECKPOINT_TOPIC = "checkpoint:"
"""And of a letter that tells of a compiled report, whose id follows."""
LAUNCH_TOPIC = "launch:"
"""And of an alert letter to who asked for a launch that failed; the background job's id follows."""


class LetterState(Labelled):
    QUEUED = "queued", _("waiting to be sent")
    CLAIMED = "claimed", _("being sent")  # leased by one deliverer
    SENT = "sent", _("sent")
    UNCERTAIN = "uncertain", _("may or may not have arrived")  # lost between DATA and its reply; its bytes are frozen
    FAILED = "failed", _("not delivered")  # refused for good, or pointless by now
    EMPTY = "empty", _("not sent, nothing left to say")  # nothing in it was still true: never sent
    HELD = "held", _("kept back, test mode")  # written; in test mode letters leave for chosen addresses only
    DROPPED = "dropped", _("set aside by a person")  # was failed, uncertain or held; it goes no further


_IS_LEASED = text("lease_until IS NOT NULL")
_IS_SENT = text("sent_at IS NOT NULL")
_MAY_LEAVE = text("state = 'queued' OR (state = 'uncertain' AND NOT resent)")


class Letter(Leased, table=True):
    """One letter to one person for a scheduled moment, a kind and a topic."""

    __table_args__ = (
        UniqueConstraint("recipient_id", "slot", "kind", "topic"),
        CheckConstraint("(state = 'claimed') = (lease_until IS NOT NULL)", name="claimed_has_lease"),
        # by the column every query about them has a bound for: else SQLite would take the index of all slots
        partial_index("ix_letter_to_send", "slot", "not_before", where="state IN ('queued', 'claimed', 'uncertain')"),
        # the next of each kind, however many of another kind wait before them
        partial_index("ix_letter_to_claim", "kind", "not_before", "id", where=_MAY_LEAVE),
        partial_index("ix_letter_leased", "lease_until", where=_IS_LEASED),
        # what somebody must look at: found without reading what has been sent
        partial_index("ix_letter_stopped", "slot", where="state IN ('failed', 'uncertain', 'held')"),
        partial_index("ix_letter_sent", "sent_at", where=_IS_SENT),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    recipient_id: UUID = Field(foreign_key="person.id")
    slot: datetime = Field(sa_type=UtcDateTime, index=True)
    kind: LetterKind = Field(sa_type=enum_type(LetterKind))
    topic: str = Field(default="", max_length=100)  # directive:ID (upward), incident:ID, compiled:ID, secret:ID …
    is_drill: bool = False
    state: LetterState = Field(default=LetterState.QUEUED, sa_type=enum_type(LetterState))
    not_before: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs={"name": "next_attempt_at", "key": "not_before"})
    message_id: str | None = Field(default=None, max_length=200)  # of `notifications.composing.keys`: made from `id`
    address: str | None = Field(default=None, max_length=254)
    subject: str | None = Field(default=None, max_length=998)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    resent: bool = False  # an uncertain letter goes out again once
    error: str = ""


class LetterContent(SQLModel, table=True):
    """The bytes handed to the mail server, apart: a letter's state changes often, and would write them anew each time.

    Committed with the mark before DATA; frozen while the letter is uncertain.
    """

    __tablename__ = "letter_content"

    letter_id: UUID = Field(foreign_key="letter.id", primary_key=True)
    content: bytes


class ExpiredContent(SQLModel, table=True):
    """What stays of a letter's bytes when their time is over: which they were, and how many. The letter stays."""

    __tablename__ = "expired_content"

    letter_id: UUID = Field(foreign_key="letter.id", primary_key=True)
    sha256: str = Field(max_length=64)
    size: int  # bytes
    expired_at: datetime = Field(sa_type=UtcDateTime)


class LetterAttempt(SQLModel, table=True):
    """The mark committed before DATA, and how it ended; a mark without an end is an uncertain attempt."""

    __tablename__ = "letter_attempt"

    letter_id: UUID = Field(foreign_key="letter.id", primary_key=True)
    lease_token: int = Field(primary_key=True, sa_column_kwargs={"name": "fence", "key": "lease_token"})
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str | None = Field(default=None, max_length=16)  # accepted, temporary, permanent, uncertain
    smtp_code: int | None = None
    reply: str = Field(default="", max_length=500)


class MailWindow(SQLModel, table=True):
    """How many letters were handed to the mail server in a minute or local day: the quota holds across processes."""

    __tablename__ = "mail_window"
    __table_args__ = (CheckConstraint("span IN ('minute', 'day')", name="span"),)

    span: str = Field(primary_key=True, max_length=8)
    starts_at: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    used: int = 0


class MailPace(SQLModel, table=True):
    """How many letters had been handed to the mail server before a second began, ever since counting began.

    `second` counts from 1970, and there is a row of each in which letters left; the row of second 0 is the counter
    itself. What it has gained since the earliest second of a minute is what left in that minute.
    """

    __tablename__ = "mail_pace"

    second: int = Field(primary_key=True, sa_type=BigInteger)
    total: int = Field(default=0, sa_type=BigInteger)


class Notice(SQLModel, table=True):
    """One person is to be told one thing about one task.

    `anchor_id` is the history row that started the rung's clock; `offset` the rung's own value (7, 3, 1), never its
    position. The unique key makes every repeat a no-op. `template_version_id` is the version that the task followed
    when this was decided, whatever it follows today; None where an older release did not record it.
    """

    __table_args__ = (
        UniqueConstraint("task_id", "anchor_id", "rung", "offset", "recipient_id"),
        # those without a letter yet are many at once, and nobody looks for them by it
        partial_index("ix_notice_letter", "letter_id", where="letter_id IS NOT NULL"),
        partial_index("ix_notice_to_group", "slot", where="state = 'pending' AND letter_id IS NULL"),
        # what waits for a person who hands their office over
        partial_index("ix_notice_waiting", "recipient_id", where="state = 'pending'"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    task_id: UUID = Field(foreign_key="task.id")
    anchor_id: UUID
    rung: str = Field(max_length=40)
    offset: int
    role: str = Field(max_length=24)  # as whom: head, deputy, focal_point, officer, coordinator, supervisor …
    recipient_id: UUID = Field(foreign_key="person.id")
    fired_at: datetime = Field(sa_type=UtcDateTime)  # the rung's own moment
    slot: datetime = Field(sa_type=UtcDateTime)  # the letter's scheduled moment
    kind: LetterKind = Field(sa_type=enum_type(LetterKind))
    topic: str = Field(default="", max_length=100)
    state: NoticeState = Field(default=NoticeState.PENDING, sa_type=enum_type(NoticeState))
    letter_id: UUID | None = Field(default=None, foreign_key="letter.id")
    undeliverable: str | None = Field(default=None, max_length=24)  # why it is told to the coordinator instead
    reason: str = Field(default="", max_length=200)  # why dropped, or superseded without a rung of its moment
    template_version_id: UUID | None = Field(default=None, foreign_key="template_version.id")


CLOCK_AHEAD = "clock ahead"
"""Of rows of programs before 0.4: the reason of a notice, and the error of a letter, that a clock ahead had written and
that did not count."""
MOVED = "moved"
"""The reason of a notice whose date, or whose lead, is another since it was written."""
SWITCHED_OFF = "switched off"
"""The reason of a notice whose reader wants no letters of its matter: dropped when it was written."""
DEAD = (LetterState.FAILED, LetterState.UNCERTAIN, LetterState.HELD)
"""The states of letters that need a person."""

TO_SEND = text("letter.state IN ('queued', 'claimed', 'uncertain')")
MAY_LEAVE = text("(letter.state = 'queued' OR (letter.state = 'uncertain' AND NOT letter.resent))")
IS_DEAD = text("letter.state IN ('failed', 'uncertain', 'held')")
TO_GROUP = text("notice.state = 'pending' AND notice.letter_id IS NULL")
IS_PENDING = text("notice.state = 'pending'")
"""The conditions of `ix_letter_to_send`, `ix_letter_to_claim`, `ix_letter_stopped`, `ix_notice_to_group` and
`ix_notice_waiting`, word for word: SQLite takes a partial index only then (never for a bound parameter), and would read
every letter of all the years otherwise."""


class LetterLink(SQLModel, table=True):
    """One link of one letter. Its person is the letter's recipient, its age that of the letter's slot."""

    __tablename__ = "letter_link"

    code: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})  # 60 bits
    letter_id: UUID = Field(foreign_key="letter.id", index=True)
    task_id: UUID = Field(foreign_key="task.id")


class LetterText(SQLModel, table=True):
    """One text of one kind of letter in one language; no row: the text that came with the program."""

    __tablename__ = "letter_text"
    __table_args__ = (CheckConstraint("language IN ('vi', 'en')", name="language"),)

    name: str = Field(primary_key=True, max_length=64)  # of the letter and the text in it
    language: str = Field(primary_key=True, max_length=2)
    text: str
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: UUID = Field(foreign_key="person.id")


UNDELIVERABLE, UNCERTAIN = "undeliverable", "uncertain"
"""The rungs that tell a coordinator of a letter: it was refused or came back, or it may not have arrived."""
LETTER_RUNGS = frozenset({UNDELIVERABLE, UNCERTAIN})


class NoticeRead(SQLModel, table=True):
    """One notice that one person has read. A stand-in who gets it later has it unread."""

    __tablename__ = "notice_read"

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    notice_id: UUID = Field(foreign_key="notice.id", primary_key=True)
    read_at: datetime = Field(sa_type=UtcDateTime, index=True)


class NoticesReadUntil(SQLModel, table=True):
    """The moment up to which a person has read everything: letters of that moment (`slot`) and before."""

    __tablename__ = "notices_read_until"

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    until: datetime = Field(sa_type=UtcDateTime)


NOTICE_REASON_WORDS = {
    "done": _("done by then"),
    "withdrawn": _("withdrawn by then"),
    MOVED: _("the deadline or the lead had changed"),
    "waiting": _("the unit was waiting for somebody"),
    "no longer so": _("no longer so"),
    "reopened": _("reopened"),
    "told before": _("already sent, under the former ladder"),
    "decided": _("decided by then"),
    "read": _("read on the site by then"),
    "taken back": _("the result was taken back or replaced"),
    "handover: the successor is told already": _("the successor had been informed"),
    CLOCK_AHEAD: _("written by a clock that was ahead; it does not count"),
    SWITCHED_OFF: _("its reader switched such news off"),
}
"""Why a notice was not told, or does not count."""


def letter_state(code: str) -> Words:
    """Return the words for the state of a letter, or of a notice that is in no letter yet."""
    return LetterState(code).label if code in set(LetterState) else NoticeState(code).label
