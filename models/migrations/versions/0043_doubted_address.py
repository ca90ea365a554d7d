"""Doubt an address that an unproved report calls dead, until its next letter shows. Old code knows neither column."""

import sqlalchemy as sa
from alembic import op

from models.migrations.online import add_column

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_column("person", sa.Column("email_doubted_at", sa.DateTime(timezone=True), nullable=True))
    add_column("bounce", sa.Column("is_proved", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("bounce", "is_proved")
    op.drop_column("person", "email_doubted_at")
