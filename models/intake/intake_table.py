"""Follow-up tables that an office already keeps: as they came in, which column holds what, and what became of them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from models.database.columns import JsonColumn, UtcDateTime, enum_type
from models.database.ids import new_id
from models.intake.intake import IntakeState


class IntakeTable(SQLModel, table=True):
    """One table as it was read: `cells` row by row, merged cells filled; rows are counted as the sheet shows them.

    `heads_from` and `heads_to` are the first and last row of its headings, `mapping` gives the column of each field.
    `left_out` are rows that somebody left out, `taken` rows said to be done that come along all the same.
    """

    __tablename__ = "intake_table"
    __table_args__ = (
        CheckConstraint("(state = 'concluded') = (directive_id IS NOT NULL)", name="concluded_has_directive"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_has_date"),
        CheckConstraint("heads_from >= 1 AND heads_from <= heads_to", name="has_headings"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    filename: str = Field(max_length=200)
    sha256: str = Field(max_length=64, index=True)  # of the cells
    cells: list[list[str]] = Field(sa_type=JsonColumn)
    heads_from: int
    heads_to: int
    mapping: dict[str, int] = Field(default_factory=dict, sa_type=JsonColumn)
    is_mapped: bool = False  # whether somebody has looked at it
    kind: str = Field(max_length=64)
    number: str | None = Field(default=None, max_length=64)
    issued_on: date | None = None
    issuer: str = Field(default="", max_length=300)
    subject: str = Field(default="", max_length=1000)
    dates_are_fixed: bool = False  # by the document itself: only the issuer's side may extend them
    left_out: list[int] = Field(default_factory=list, sa_type=JsonColumn)
    taken: list[int] = Field(default_factory=list, sa_type=JsonColumn)
    state: IntakeState = Field(default=IntakeState.OPEN, sa_type=enum_type(IntakeState))
    coordinating_unit_id: UUID = Field(foreign_key="unit.id", index=True)
    read_at: datetime = Field(sa_type=UtcDateTime)
    read_by: UUID = Field(foreign_key="person.id")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    directive_id: UUID | None = Field(default=None, foreign_key="directive.id", index=True)


class TableMapping(SQLModel, table=True):
    """Which column holds what under the headings of one office, as somebody said it once."""

    __tablename__ = "table_mapping"

    unit_id: UUID = Field(foreign_key="unit.id", primary_key=True)
    digest: str = Field(max_length=64, primary_key=True)  # SHA-256 of the folded headings
    headings: list[str] = Field(sa_type=JsonColumn)
    mapping: dict[str, int] = Field(sa_type=JsonColumn)
    said_at: datetime = Field(sa_type=UtcDateTime)
    said_by: UUID = Field(foreign_key="person.id")
