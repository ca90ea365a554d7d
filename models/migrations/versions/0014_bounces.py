"""Letters that come back: what was read of mail servers' reports.

Old code may run meanwhile: it knows nothing of the new table, and reads no reports.
"""

import sqlalchemy as sa
from alembic import op

from models.migrations.online import commit, has_table, hold

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ACTIONS = "action IN ('failed', 'delayed', 'delivered', 'relayed', 'expanded')"
ASIDE = "aside IN ('not_a_report', 'too_large', 'too_deep', 'broken', 'unsigned', 'forged', 'unknown_letter')"


def upgrade() -> None:
    if has_table("bounce"):
        return
    hold("letter")
    op.create_table(
        "bounce",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("address_tag", sa.String(8), nullable=False),
        sa.Column("action", sa.String(32), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("diagnostic", sa.String(500), nullable=False),
        sa.Column("aside", sa.String(32), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(ACTIONS, name=op.f("ck_bounce_bounceaction")),
        sa.CheckConstraint(ASIDE, name=op.f("ck_bounce_bounceaside")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_bounce_letter_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_bounce")),
        sa.Index("ix_bounce_waits", "read_at", sqlite_where=sa.text("waits"), postgresql_where=sa.text("waits")),
        sa.Index("ix_bounce_read_at", "read_at"),
        sa.Index(
            "ix_bounce_letter_id",
            "letter_id",
            sqlite_where=sa.text("letter_id IS NOT NULL"),
            postgresql_where=sa.text("letter_id IS NOT NULL"),
        ),
    )
    commit()


def downgrade() -> None:
    op.drop_table("bounce")
