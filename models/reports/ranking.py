"""A leader's approval to publish a ranking of units; without one nobody is shown any order by merit."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from models.database.columns import UtcDateTime
from models.database.ids import ZERO_ID, new_id


class RankingApproval(SQLModel, table=True):
    """One ranking: of the directives of an issuer's office (all, or one), for a period, as recorded by a cut-off.

    The database keeps what was approved, by whom and when; an approval can only be withdrawn, once.
    """

    __tablename__ = "ranking_approval"
    __table_args__ = (
        CheckConstraint("first_day <= last_day AND last_day <= cutoff", name="days_in_order"),
        CheckConstraint("directive_id IS NULL OR directive_key = directive_id", name="directive_key_is_directive"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_whole"),
        Index(
            "ix_ranking_approval_standing",
            "issuer_office_id",
            "directive_key",
            "first_day",
            "last_day",
            "cutoff",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    issuer_office_id: UUID = Field(foreign_key="unit.id")
    directive_id: UUID | None = Field(default=None, foreign_key="directive.id")
    directive_key: UUID = Field(default=ZERO_ID)  # the directive, or zero for all of the office
    period: str = Field(max_length=16)  # 2026-Q3
    first_day: date
    last_day: date
    cutoff: date
    note: str = Field(default="", max_length=500)
    approved_at: datetime = Field(sa_type=UtcDateTime)
    approved_by: UUID = Field(foreign_key="person.id")
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_by: UUID | None = Field(default=None, foreign_key="person.id")
