"""The tasks that a unit assigned to itself, whose results the issuer's office decides. An index changes no answer."""

from alembic import op

from models.migrations.online import add_index

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_index("ix_task_own_lead", "task", ["status"], "parent_id IS NULL AND assigner_unit_id = lead_unit_id")


def downgrade() -> None:
    op.drop_index("ix_task_own_lead", "task")
