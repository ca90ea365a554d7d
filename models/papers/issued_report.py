"""Reports that people write and issue: drafts with editable narrative, then frozen with their figures and their files.

The database refuses to change or delete an issued one (triggers in the migrations): a correction is a new report that
names the old.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary
from sqlmodel import Field, SQLModel

from models.database.columns import JsonColumn, UtcDateTime, enum_type
from models.database.ids import new_id


class ReportKind(StrEnum):
    DIRECTIVE = "directive"
    CONSOLIDATED = "consolidated"  # of all directives, to the Minister
    UNIT = "unit"  # what a unit was given, did, did not, why, and asks


class IssuedReport(SQLModel, table=True):
    """One report: a draft until `issued_at`. `parts` is its narrative by section, `figures` the report's own numbers.

    `paper` is the whole description, from the issue on. `revision` grows with every edit: the guard of every UPDATE.
    """

    __tablename__ = "issued_report"
    __table_args__ = (
        CheckConstraint("language IN ('vi', 'en')", name="language"),
        CheckConstraint("(issued_at IS NULL) = (issued_by IS NULL)", name="issued_by_somebody"),
        CheckConstraint("kind <> 'directive' OR directive_id IS NOT NULL", name="of_a_directive"),
        CheckConstraint("kind <> 'consolidated' OR directive_id IS NULL", name="of_all_directives"),
        CheckConstraint("(kind = 'unit') = (unit_id IS NOT NULL)", name="of_a_unit"),
        CheckConstraint("corrects_id IS NULL OR corrects_id <> id", name="corrects_another"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: ReportKind = Field(sa_type=enum_type(ReportKind))
    directive_id: UUID | None = Field(default=None, foreign_key="directive.id", index=True)
    unit_id: UUID | None = Field(default=None, foreign_key="unit.id")
    office_unit_id: UUID = Field(foreign_key="unit.id", index=True)  # who writes it
    cutoff: date
    language: str = Field(default="vi", max_length=2)
    figures: dict[str, Any] = Field(sa_type=JsonColumn)
    parts: dict[str, str] = Field(sa_type=JsonColumn)
    paper: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn)
    revision: int = 0
    drafted_at: datetime = Field(sa_type=UtcDateTime)
    drafted_by: UUID = Field(foreign_key="person.id")
    issued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    issued_by: UUID | None = Field(default=None, foreign_key="person.id")
    corrects_id: UUID | None = Field(default=None, foreign_key="issued_report.id", index=True)


class IssuedFile(SQLModel, table=True):
    """A file of an issued report, as it was on that day, whatever later versions of ours would make of it."""

    __tablename__ = "issued_file"
    __table_args__ = (CheckConstraint("form IN ('docx', 'pdf', 'xlsx')", name="form"),)

    report_id: UUID = Field(foreign_key="issued_report.id", primary_key=True)
    form: str = Field(primary_key=True, max_length=8)
    sha256: str = Field(max_length=64)
    content: bytes = Field(sa_type=LargeBinary)
