"""An index of the unanswered questions on directives as wholes: they wait in the inbox too.

Old code may run meanwhile: it knows nothing of the index and needs not.
"""

from alembic import op

from models.migrations.online import add_index

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

INDEX, TABLE = "ix_conversation_message_open_on_directive", "conversation_message"


def upgrade() -> None:
    condition = "is_question AND answered_at IS NULL AND task_id IS NULL"
    add_index(INDEX, TABLE, ["directive_id", "written_at"], condition)


def downgrade() -> None:
    op.drop_index(INDEX, TABLE)
