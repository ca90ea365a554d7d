"""Lists of tasks that a person has named: filters, columns and order, for themselves or for everybody."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.database.columns import UtcDateTime
from models.database.ids import new_id


class SavedView(SQLModel, table=True):
    """A named list of tasks. `query` is that of its address; a shared one shows each reader their own tasks."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("owner_id", "name"), CheckConstraint("name <> ''", name="has_name"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    owner_id: UUID = Field(foreign_key="person.id")
    name: str = Field(max_length=80)
    query: str = Field(max_length=1000)
    is_shared: bool = Field(default=False, index=True)
    saved_at: datetime = Field(sa_type=UtcDateTime)
