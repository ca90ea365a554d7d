"""Trusted roots, and what was found of signed files. Old code may run meanwhile: it knows nothing of the new tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from models.migrations.online import commit, has_table, hold

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if not has_table("trusted_root"):
        hold("person")
        op.create_table(
            "trusted_root",
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("sha256", sa.String(64), nullable=False),
            sa.Column("subject", sa.String(300), nullable=False),
            sa.Column("issuer", sa.String(300), nullable=False),
            sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
            sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
            sa.Column("content", sa.LargeBinary(), nullable=False),
            sa.Column("installed_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("installed_by", sa.Uuid(), nullable=False),
            sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_trusted_root_lasts")),
            sa.ForeignKeyConstraint(["installed_by"], ["person.id"], name=op.f("fk_trusted_root_installed_by")),
            sa.PrimaryKeyConstraint("id", name=op.f("pk_trusted_root")),
            sa.UniqueConstraint("sha256", name=op.f("uq_trusted_root_sha256")),
        )
        commit()
    if not has_table("signature_check"):
        op.create_table(
            "signature_check",
            sa.Column("sha256", sa.String(64), nullable=False),
            sa.Column("roots", sa.String(64), nullable=False),
            sa.Column("has_failed", sa.Boolean(), nullable=False),
            sa.Column("signatures", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
            sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
            sa.PrimaryKeyConstraint("sha256", name=op.f("pk_signature_check")),
            sa.Index("ix_signature_check_checked_at", "checked_at"),
        )
        commit()


def downgrade() -> None:
    op.drop_table("signature_check")
    op.drop_table("trusted_root")
