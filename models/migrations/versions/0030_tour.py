"""A person leaves the first steps for good. Old code may run meanwhile: it knows nothing of the new column."""

import sqlalchemy as sa
from alembic import op

from models.migrations.online import add_column

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_column("person", sa.Column("tour_left_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "tour_left_at")
