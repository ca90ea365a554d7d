"""Keep the file that a document came in as. Old code may run meanwhile: it knows nothing of the new table."""

import sqlalchemy as sa
from alembic import op

from models.migrations.online import commit, has_table, hold

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

ROLES = "role IN ('original', 'searchable', 'attachment')"


def upgrade() -> None:
    if has_table("intake_file"):
        return
    hold("intake")
    op.create_table(
        "intake_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("intake_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_intake_file_not_empty")),
        sa.CheckConstraint(ROLES, name=op.f("ck_intake_file_filerole")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_intake_file_intake_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_file")),
        sa.UniqueConstraint("intake_id", "role", "sha256", name=op.f("uq_intake_file_intake_id_role_sha256")),
        sa.Index("ix_intake_file_sha256", "sha256"),
    )
    commit()


def downgrade() -> None:
    op.drop_table("intake_file")
