"""Messages of the document exchange (edXML): what came in about which document, and what goes out about it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.database.columns import JsonColumn, UtcDateTime, enum_type, partial_index
from models.database.ids import new_id
from models.i18n import Labelled, _


class MessageKind(Labelled):
    """What a message is for: a status, or a document (BussinessDocType 0, 1, 2, 3)."""

    NEW = "new", _("new document")
    RECALL = "recall", _("recall of a document")
    UPDATE = "update", _("update of a document")
    REPLACE = "replace", _("replacement of a document")
    STATUS = "status", _("status message")


CHANGING = (MessageKind.RECALL, MessageKind.UPDATE, MessageKind.REPLACE)
"""Kinds that speak of a document which came before."""
WITHOUT_DOCUMENT = (MessageKind.RECALL, MessageKind.STATUS)
"""Kinds that bring no document to be read."""


class CameBy(Labelled):
    PAGE = "page", _("uploaded")
    COMMAND = "command", _("command line")
    API = "api", _("API")
    FOLDER = "folder", _("watched folder")


REPORT = "report"
"""The code of an outgoing message that is a report, beside the two digits of a status."""


class IncomingMessage(SQLModel, table=True):
    """A message that came in, once: `document_id` is its own, or of a status that of the document it speaks of.

    `sender` is From/OrganId in capitals. `facts`: what else it says, as it was read; days in ISO form.
    """

    __tablename__ = "edxml_incoming"
    __table_args__ = (
        UniqueConstraint("sender", "document_id", "kind", "code", "said_at"),
        CheckConstraint("(kind = 'status') = (code <> '')", name="status_has_code"),
        CheckConstraint("kind = 'status' OR said_at = ''", name="only_status_has_moment"),
        CheckConstraint("sender <> '' AND document_id <> ''", name="named"),
        Index("ix_edxml_incoming_document_id", "document_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    sender: str = Field(max_length=255)
    sender_name: str = Field(default="", max_length=300)
    document_id: str = Field(max_length=255)
    kind: MessageKind = Field(sa_type=enum_type(MessageKind))
    code: str = Field(default="", max_length=2)  # StatusCode; "" for a document
    said_at: str = Field(default="", max_length=32)  # Timestamp of a status, as its sender wrote it
    digest: str = Field(max_length=64)  # of what it says and holds
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn)
    intake_id: UUID = Field(foreign_key="intake.id", index=True)
    came_at: datetime = Field(sa_type=UtcDateTime)
    came_by: CameBy = Field(sa_type=enum_type(CameBy))
    taken_by: UUID = Field(foreign_key="person.id")


class OutgoingMessage(SQLModel, table=True):
    """A message that goes out about one that came in, once: a status by its code, or a report by its own DocumentId.

    `content` is the XML, as it leaves. Without `left_at` it waits.
    """

    __tablename__ = "edxml_outgoing"
    __table_args__ = (
        UniqueConstraint("incoming_id", "code", "about"),
        CheckConstraint("(left_at IS NULL) = (left_by = '')", name="left_by_a_way"),
        CheckConstraint("(about <> '') = (code IN ('report', '13'))", name="names_our_document"),
        # an answer to a recall or an update is given once
        partial_index("ix_edxml_outgoing_answered", "incoming_id", where="code IN ('15', '16')", unique=True),
        partial_index("ix_edxml_outgoing_waiting", "made_at", where="left_at IS NULL"),
        Index("ix_edxml_outgoing_about", "about"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    incoming_id: UUID = Field(foreign_key="edxml_incoming.id")
    code: str = Field(max_length=8)
    about: str = Field(default="", max_length=255)  # DocumentId of our own document: the report, or what is asked back
    name: str = Field(unique=True, max_length=40)
    words: str = Field(default="", max_length=1000)  # Description of a status, Subject of a report
    content: str
    made_at: datetime = Field(sa_type=UtcDateTime)  # when that happened which it tells
    made_by: UUID | None = Field(default=None, foreign_key="person.id")
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    left_by: str = Field(default="", max_length=16)  # folder, or api: a program has taken it
