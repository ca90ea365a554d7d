"""Keep where the lines of a scanned document stand and which of its words are doubtful. Old code leaves it empty."""

import sqlalchemy as sa
from alembic import op

from models.database.columns import JsonColumn
from models.migrations.online import add_column

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_column("intake", sa.Column("scan", JsonColumn, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("intake", "scan")
