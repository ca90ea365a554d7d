"""What a person has read in the notification centre: single notices, and everything before a moment.

There is no second copy of what happened: the centre lists notices. A person's moment moves up when they mark all as
read. It stays behind the present, because a letter may still get notices for days: what is newer is marked one by one.
"""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from models.database.columns import UtcDateTime


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
