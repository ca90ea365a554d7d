"""The moments of closed tasks, for the trend of lateness. Old code may run meanwhile: an index changes no answer."""

from alembic import op

from models.migrations.online import add_index

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_index("ix_task_closed_at", "task", ["closed_at"], "closed_at IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_task_closed_at", "task")
