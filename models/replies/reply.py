"""Answers to letters: every message that was read, what came of it, and what still waits for its sender's press."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, select, text
from sqlmodel import Field, Session, SQLModel, col

from models.database.columns import JsonColumn, UtcDateTime, enum_type, partial_index
from models.database.ids import new_id
from models.i18n import Labelled, _


class ReplyState(Labelled):
    ASIDE = "aside", _("changed nothing")
    WAITS = "waits", _("waits for its sender's confirmation")
    DONE = "done", _("carried out")
    POSTED = "posted", _("added to the conversation")
    REFUSED = "refused", _("not possible")
    LAPSED = "lapsed", _("not confirmed in time")


class ReplyWhy(Labelled):
    """The reason why a reply changed nothing, or needs a confirmation on the site."""

    NONE = "", _("for no reason")
    NO_TOKEN = "no_token", _("names no letter")
    FORGED = "forged", _("names a letter by a token that was not made here")
    UNKNOWN_LETTER = "unknown_letter", _("names a letter that is not there")
    EXPIRED = "expired", _("the letter was sent too long ago to be answered")
    OTHER_SENDER = "other_sender", _("not sent from the address that the letter went to")
    RETIRED = "retired", _("the letter's reader has left")
    AUTOMATIC = "automatic", _("written by a program, not by a person")
    LISTED = "listed", _("came through a mailing list")
    OWN = "own", _("one of our own letters that came back")
    REPEATED = "repeated", _("the same was sent before")
    TOO_LARGE = "too_large", _("larger than is read")
    TOO_DEEP = "too_deep", _("parts within parts, or too many of them")
    BROKEN = "broken", _("could not be read")
    CHARSET = "charset", _("its characters could not be read")
    EMPTY = "empty", _("held no words and no file")
    CLASSIFIED = "classified", _("brought files about classified work")
    WHICH_TASK = "which_task", _("does not say which task of the letter it is about")
    NOT_CLEAR = "not_clear", _("asks for something that needs more words")
    NO_RIGHT = "no_right", _("asks for something that is not possible for its sender now")
    UNPROVED = "unproved", _("nothing proves who sent it")
    TO_CONFIRM = "to_confirm", _("an action is confirmed by its sender")


class ReplyProof(Labelled):
    """The proof that a message comes from its sender's domain."""

    NONE = "", _("nothing yet")
    DKIM = "dkim", _("its signature (DKIM)")
    SERVER = "server", _("what the office's mail server found")


_HAS_FINGERPRINT = text("fingerprint <> ''")
_LETTER = text("letter_id IS NOT NULL")
_TASK = text("task_id IS NOT NULL")
_UNUSED = text("used_at IS NULL")
DRAFT_OPEN = text("reply_draft.used_at IS NULL")
"""The condition of `ix_reply_draft_open`, word for word."""


class Reply(SQLModel, table=True):
    """One message that was read. It is known again by its Message-ID (or all of it), and by what it says.

    `person_id`: the reader of the letter, where it came from their address. `original_sha256`: the message as it came,
    in the store of files; empty once it is no longer kept, or was too large.
    """

    __table_args__ = (
        CheckConstraint("state <> 'aside' OR why <> ''", name="aside_has_reason"),
        CheckConstraint("state = 'aside' OR person_id IS NOT NULL", name="acts_for_somebody"),
        Index("ix_reply_read_at", "read_at", "id"),
        partial_index("uq_reply_fingerprint", "fingerprint", where=_HAS_FINGERPRINT, unique=True),
        partial_index("ix_reply_letter_id", "letter_id", where=_LETTER),
        partial_index("ix_reply_task", "task_id", "person_id", where=_TASK),
        Index("ix_reply_original", "original_sha256"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    key: str = Field(max_length=64, unique=True)
    fingerprint: str = Field(default="", max_length=64)  # of its letter, sender, date and words
    letter_id: UUID | None = Field(default=None, foreign_key="letter.id")
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    task_id: UUID | None = Field(default=None, foreign_key="task.id")
    history_id: UUID | None = Field(default=None, foreign_key="history.id")  # what it did
    read_at: datetime = Field(sa_type=UtcDateTime)
    state: ReplyState = Field(sa_type=enum_type(ReplyState))
    why: ReplyWhy = Field(default=ReplyWhy.NONE, sa_type=enum_type(ReplyWhy))
    proof: ReplyProof = Field(default=ReplyProof.NONE, sa_type=enum_type(ReplyProof))
    sender: str = Field(default="", max_length=254)
    subject: str = Field(default="", max_length=300)
    message_id: str = Field(default="", max_length=500)  # with angle brackets: the answer refers to it
    text: str = ""  # their own words, without what they quote
    told: str = Field(default="", max_length=1000)  # why it was refused, in its sender's language
    is_answered: bool = False
    original_sha256: str = Field(default="", max_length=64)
    original_size: int = 0  # bytes, of as much as came


class ReplyDraft(SQLModel, table=True):
    """What a reply asks for and its sender is to confirm: one act, or a message, on one of some tasks, once.

    `action`: of the lifecycle, or "message". `given`: what the act takes, as text. `files`: stored files (sha256,
    filename, media_type, size). `task_ids`: those it may be about, in the order of the letter's numbers.
    """

    __tablename__ = "reply_draft"
    __table_args__ = (
        CheckConstraint("expires_at > made_at", name="in_order"),
        partial_index("ix_reply_draft_open", "expires_at", where=_UNUSED),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    reply_id: UUID = Field(foreign_key="reply.id", unique=True)
    person_id: UUID = Field(foreign_key="person.id")
    action: str = Field(max_length=32)
    given: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn)
    files: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonColumn)
    task_ids: list[str] = Field(default_factory=list, sa_type=JsonColumn)
    made_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def is_open(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at


MESSAGE = "message"
"""The action of a draft that is no act: words for the conversation."""


def replies_since(session: Session, since: datetime) -> dict[str, int]:
    """How many were read since an instant (UTC), by what came of them; 0 where none was."""
    query = select(col(Reply.state), func.count()).where(col(Reply.read_at) >= since).group_by(col(Reply.state))
    found = {state.value: count for state, count in session.execute(query)}
    return {state.value: found.get(state.value, 0) for state in ReplyState}
