"""Conversation: messages on a task or a directive, whom they mention, their files, and how far each person has read.

The words of a message lie beside its line of the history, in `history_note`: sealed by their hash, erased with their
author's other words. Nothing here is a letter; what leaves by mail stands in `models.letters.letter`.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, text
from sqlmodel import Field, SQLModel

from models.database.columns import UtcDateTime, enum_type, partial_index
from models.database.ids import new_id
from models.i18n import Labelled, _


class MessageWay(Labelled):
    SITE = "site", _("on the site")
    MAIL = "mail", _("by reply to a letter")
    API = "api", _("through the API")
    COMMAND = "command", _("at the command line")  # until 0.3; such messages stay


OPEN_QUESTION = text("is_question AND answered_at IS NULL AND task_id IS NOT NULL")
OPEN_ON_DIRECTIVE = text("is_question AND answered_at IS NULL AND task_id IS NULL")
"""The conditions of two indexes, word for word: SQLite takes a partial index only then."""


class ConversationMessage(SQLModel, table=True):
    """What somebody wrote about a task, or about a directive as a whole.

    `history_id` is the line whose words count: each edit writes a line of its own. An answer to a question may be
    published, with its question, to all units of the duty; `published_history_id` is the line that says so, and its
    words are the question as the coordinator worded it anew, if they did.
    """

    __tablename__ = "conversation_message"
    __table_args__ = (
        CheckConstraint("(task_id IS NULL) = (duty_id IS NULL)", name="duty_of_task"),
        CheckConstraint("NOT (is_question AND answers_id IS NOT NULL)", name="asks_or_answers"),
        CheckConstraint("edited_at IS NULL OR edited_at >= written_at", name="edited_later"),
        CheckConstraint(
            "(published_at IS NULL) = (published_by IS NULL)"
            " AND (published_at IS NULL) = (published_history_id IS NULL)",
            name="published_whole",
        ),
        CheckConstraint("published_at IS NULL OR answers_id IS NOT NULL", name="answers_are_published"),
        CheckConstraint("NOT shows_unit OR published_at IS NOT NULL", name="shown_when_published"),
        partial_index("ix_conversation_message_task", "task_id", "written_at", "id", where="task_id IS NOT NULL"),
        partial_index("ix_conversation_message_directive", "directive_id", "written_at", "id", where="task_id IS NULL"),
        partial_index("ix_conversation_message_answers", "answers_id", where="answers_id IS NOT NULL"),
        partial_index("ix_conversation_message_open_question", "task_id", "written_at", where=OPEN_QUESTION),
        partial_index(
            "ix_conversation_message_open_on_directive", "directive_id", "written_at", where=OPEN_ON_DIRECTIVE
        ),
        # a question has one published answer
        partial_index("ix_conversation_message_published", "answers_id", where="published_at IS NOT NULL", unique=True),
        partial_index(
            "ix_conversation_message_duty_published", "duty_id", "published_at", where="published_at IS NOT NULL"
        ),
        partial_index(
            "ix_conversation_message_directive_published",
            "directive_id",
            "published_at",
            where="published_at IS NOT NULL",
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    directive_id: UUID = Field(foreign_key="directive.id")
    task_id: UUID | None = Field(default=None, foreign_key="task.id")
    duty_id: UUID | None = Field(default=None, foreign_key="duty.id")
    author_id: UUID = Field(foreign_key="person.id")
    unit_id: UUID | None = Field(default=None, foreign_key="unit.id")  # the unit that the author wrote for
    written_at: datetime = Field(sa_type=UtcDateTime)
    edited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    history_id: UUID = Field(foreign_key="history.id", unique=True)
    came_by: MessageWay = Field(default=MessageWay.SITE, sa_type=enum_type(MessageWay))
    quotes_duty: bool = False
    is_for_all: bool = False  # also for coordinating units; on a directive, for all units that have tasks of it
    is_question: bool = False  # to the coordinator
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # of a question: its first answer
    answers_id: UUID | None = Field(default=None, foreign_key="conversation_message.id")
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_by: UUID | None = Field(default=None, foreign_key="person.id")
    published_history_id: UUID | None = Field(default=None, foreign_key="history.id", unique=True)
    shows_unit: bool = False  # the publication names the unit that asked, never the person


class ConversationMention(SQLModel, table=True):
    """A person whom a message mentions, and who is notified at once."""

    __tablename__ = "conversation_mention"

    message_id: UUID = Field(foreign_key="conversation_message.id", primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", primary_key=True)


class ConversationFile(SQLModel, table=True):
    """A file of a message, in the evidence store under its content hash."""

    __tablename__ = "conversation_file"
    __table_args__ = (CheckConstraint("size > 0", name="not_empty"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    message_id: UUID = Field(foreign_key="conversation_message.id", index=True)
    sha256: str = Field(max_length=64, index=True)
    filename: str = Field(max_length=255)
    media_type: str = Field(max_length=100)
    size: int  # bytes


class ConversationRead(SQLModel, table=True):
    """How far a person has read the conversation on a task, or on a directive as a whole."""

    __tablename__ = "conversation_read"
    __table_args__ = (
        partial_index("ix_conversation_read_task", "person_id", "task_id", where="task_id IS NOT NULL", unique=True),
        partial_index(
            "ix_conversation_read_directive", "person_id", "directive_id", where="task_id IS NULL", unique=True
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    directive_id: UUID = Field(foreign_key="directive.id")
    task_id: UUID | None = Field(default=None, foreign_key="task.id")
    read_upto: datetime = Field(sa_type=UtcDateTime)  # of the newest message that was on the page
