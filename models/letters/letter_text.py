"""Letter texts that an administrator changed: they stand in for the file of the same name."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from models.database.columns import UtcDateTime


class LetterText(SQLModel, table=True):
    """One text of one kind of letter in one language; no row: the text that came with the program."""

    __tablename__ = "letter_text"
    __table_args__ = (CheckConstraint("language IN ('vi', 'en')", name="language"),)

    name: str = Field(primary_key=True, max_length=64)  # of the letter and the text in it
    language: str = Field(primary_key=True, max_length=2)
    text: str
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: UUID = Field(foreign_key="person.id")
