"""The register of units: who can get a duty, who heads it, and who supervises it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.database.columns import UtcDateTime, enum_type
from models.database.ids import new_id
from models.i18n import Labelled, _


class UnitKind(Labelled):
    """The kinds of unit that audience rules, sending dates and supervision speak of."""

    MINISTRY = "ministry", _("ministry")
    DEPARTMENT = "department", _("department of the ministry")  # vụ, cục, thanh tra, văn phòng
    SUBORDINATE = "subordinate", _("subordinate unit of the ministry")  # đơn vị trực thuộc Bộ
    ENTERPRISE = "enterprise", _("enterprise")  # doanh nghiệp bưu chính, viễn thông, Internet
    ENTERPRISE_UNIT = "enterprise_unit", _("unit of an enterprise")  # takes tasks only by cascade
    POLICE = "police", _("police unit")  # cơ quan, đơn vị Công an: outside, never written to automatically
    OTHER = "other", _("other")


def needs_head(kind: UnitKind, *, is_active: bool, is_outside: bool) -> bool:
    """Tell whether a unit can get duties, and so needs a head: not the ministry, and no outside contact."""
    return is_active and not is_outside and kind is not UnitKind.MINISTRY


class Unit(SQLModel, table=True):
    """One unit. `is_outside` marks contacts that never get automatic mail."""

    __table_args__ = (
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="parent_is_another"),
        CheckConstraint("supervising_unit_id IS NULL OR supervising_unit_id <> id", name="supervisor_is_another"),
        CheckConstraint("kind <> 'police' OR is_outside", name="police_is_outside"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=300)
    name_folded: str = Field(index=True, max_length=300)
    sort_key: str = Field(max_length=700)
    kind: UnitKind = Field(sa_type=enum_type(UnitKind), index=True)
    is_outside: bool = False
    is_active: bool = True
    parent_id: UUID | None = Field(default=None, foreign_key="unit.id", index=True)
    supervising_unit_id: UUID | None = Field(default=None, foreign_key="unit.id", index=True)
    head_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    deputy_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    focal_point_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=64)


class UnitTag(SQLModel, table=True):
    """A word that audience rules select units by: `post`, `telecom`, `internet`."""

    __tablename__ = "unit_tag"

    unit_id: UUID = Field(foreign_key="unit.id", primary_key=True)
    tag: str = Field(primary_key=True, max_length=64, index=True)


class UnitAlias(SQLModel, table=True):
    """Another name under which directives call a unit."""

    __tablename__ = "unit_alias"
    __table_args__ = (UniqueConstraint("alias_folded"),)

    unit_id: UUID = Field(foreign_key="unit.id", primary_key=True)
    alias: str = Field(primary_key=True, max_length=300)
    alias_folded: str = Field(max_length=300)


class Handover(SQLModel, table=True):
    """A change of head, deputy, focal point or officer: who handed to whom, from which local day."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    unit_id: UUID = Field(foreign_key="unit.id", index=True)
    office: str = Field(max_length=32)
    from_person_id: UUID | None = Field(default=None, foreign_key="person.id")
    to_person_id: UUID = Field(foreign_key="person.id")
    effective_on: date
    recorded_at: datetime = Field(sa_type=UtcDateTime)
