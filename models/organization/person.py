"""People: how they are addressed, in which language, what they may do, and who stands in for them."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlmodel import Field, SQLModel

from models.database.columns import UtcDateTime, enum_type
from models.database.ids import new_id


class Role(StrEnum):
    """The roles of a person. Offices such as the head's are columns of the unit."""

    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    CLERK = "clerk"
    OBSERVER = "observer"


class Person(SQLModel, table=True):
    """One person. `is_active` is false for the retired: they act no more and get no letter."""

    __table_args__ = (CheckConstraint("language IN ('vi', 'en')", name="language"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True, max_length=64)
    full_name: str = Field(max_length=200)
    name_folded: str = Field(index=True, max_length=200)
    sort_key: str = Field(max_length=500)
    address_form: str = Field(default="Ông/Bà", max_length=64)  # "Đồng chí", "Ông", "Bà"
    unit_address: str = Field(default="đơn vị", max_length=64)  # how the letter calls their unit: "Quý Công ty"
    title: str = Field(default="", max_length=200)  # chức vụ: "Vụ trưởng", "Giám đốc"
    # unit.head_id points back: a cycle of tables that is closed only once both exist
    unit_id: UUID | None = Field(default=None, sa_column_args=[ForeignKey("unit.id", use_alter=True)], index=True)
    email: str | None = Field(default=None, max_length=254)
    email_refused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # bounced for good, until it is edited
    # an unproved report called it dead: its next letter shows whether that is so
    email_doubted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    phone: str | None = Field(default=None, max_length=64)
    language: str = Field(default="vi", max_length=2)
    is_active: bool = True
    tour_left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # the first steps are not offered any more


class PersonRole(SQLModel, table=True):
    """A role held by a person, for a unit."""

    __tablename__ = "person_role"

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    role: Role = Field(sa_type=enum_type(Role), primary_key=True)
    unit_id: UUID = Field(foreign_key="unit.id", primary_key=True)


class Absence(SQLModel, table=True):
    """Local days, both included, on which the stand-in acts and gets the letters."""

    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="in_order"),
        CheckConstraint("person_id <> stand_in_id", name="stand_in_is_another"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    stand_in_id: UUID = Field(foreign_key="person.id")
    starts_on: date
    ends_on: date
    reason: str = Field(default="", max_length=500)
