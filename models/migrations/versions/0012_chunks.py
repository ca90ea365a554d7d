"""Chunks of errands that many processes share, the pace of letters by the second, and letters found by their kind.

Old code may run meanwhile: it knows nothing of the new tables, and what it writes to the old ones stays as it was.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from models.migrations.online import add_index, commit, has_table, hold

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

json = sa.JSON().with_variant(JSONB(), "postgresql")
TO_DO = "ready_at IS NOT NULL"
MAY_LEAVE = "state = 'queued' OR (state = 'uncertain' AND NOT resent)"


def upgrade() -> None:
    if not has_table("errand_chunk"):
        hold("errand")
        op.create_table(
            "errand_chunk",
            sa.Column("errand_id", sa.Uuid(), nullable=False),
            sa.Column("number", sa.Integer(), nullable=False),
            sa.Column("size", sa.Integer(), nullable=False),
            sa.Column("content", json, nullable=False),
            sa.Column("state", sa.String(32), nullable=False),
            sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
            sa.Column("fence", sa.Integer(), nullable=False),
            sa.Column("attempts", sa.Integer(), nullable=False),
            sa.Column("outcome", json, nullable=False),
            sa.Column("error", sa.String(1000), nullable=False),
            sa.CheckConstraint(
                "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_errand_chunk_chunkstate")
            ),
            sa.CheckConstraint(
                "(state IN ('waiting', 'running')) = (ready_at IS NOT NULL)",
                name=op.f("ck_errand_chunk_open_has_moment"),
            ),
            sa.CheckConstraint(
                "number >= 0 AND size >= 0 AND fence >= 0 AND attempts >= 0", name=op.f("ck_errand_chunk_counts")
            ),
            sa.ForeignKeyConstraint(["errand_id"], ["errand.id"], name=op.f("fk_errand_chunk_errand_id")),
            sa.PrimaryKeyConstraint("errand_id", "number", name=op.f("pk_errand_chunk")),
        )
        op.create_table(
            "mail_pace",
            sa.Column("second", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("total", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint("second", name=op.f("pk_mail_pace")),
        )
        commit()
    add_index("ix_errand_chunk_to_do", "errand_chunk", ["number", "errand_id"], TO_DO)
    add_index("ix_letter_to_claim", "letter", ["kind", "next_attempt_at", "id"], MAY_LEAVE)


def downgrade() -> None:
    op.drop_index("ix_letter_to_claim", "letter")
    op.drop_table("mail_pace")
    op.drop_table("errand_chunk")
