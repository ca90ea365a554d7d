"""Follow-up tables that come in: their cells, and which column holds what in each office."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from models.migrations.online import hold

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

json = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = ("intake_table", "table_mapping")


def upgrade() -> None:
    hold("unit", "person", "directive")
    op.create_table(
        "intake_table",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("cells", json, nullable=False),
        sa.Column("heads_from", sa.Integer(), nullable=False),
        sa.Column("heads_to", sa.Integer(), nullable=False),
        sa.Column("mapping", json, nullable=False),
        sa.Column("is_mapped", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("number", sa.String(64), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("subject", sa.String(1000), nullable=False),
        sa.Column("dates_are_fixed", sa.Boolean(), nullable=False),
        sa.Column("left_out", json, nullable=False),
        sa.Column("taken", json, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("coordinating_unit_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("directive_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'concluded') = (directive_id IS NOT NULL)", name=op.f("ck_intake_table_concluded_has_directive")
        ),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_intake_table_ended_has_date")),
        sa.CheckConstraint("heads_from >= 1 AND heads_from <= heads_to", name=op.f("ck_intake_table_has_headings")),
        sa.CheckConstraint("state IN ('open', 'concluded', 'dropped')", name=op.f("ck_intake_table_intakestate")),
        sa.ForeignKeyConstraint(
            ["coordinating_unit_id"], ["unit.id"], name=op.f("fk_intake_table_coordinating_unit_id")
        ),
        sa.ForeignKeyConstraint(["read_by"], ["person.id"], name=op.f("fk_intake_table_read_by")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_intake_table_directive_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_table")),
    )
    for column in ("sha256", "coordinating_unit_id", "directive_id"):
        op.create_index(op.f(f"ix_intake_table_{column}"), "intake_table", [column])
    op.create_table(
        "table_mapping",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("headings", json, nullable=False),
        sa.Column("mapping", json, nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_table_mapping_unit_id")),
        sa.ForeignKeyConstraint(["said_by"], ["person.id"], name=op.f("fk_table_mapping_said_by")),
        sa.PrimaryKeyConstraint("unit_id", "digest", name=op.f("pk_table_mapping")),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
