"""Find the questions that units asked on their tasks and nobody has answered, for the inbox.

Old code may run meanwhile: it answers without writing `answered_at`, so whoever reads also looks for the answer.
"""

import sqlalchemy as sa
from alembic import op

from models.migrations.online import add_column, add_index, commit

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

NAME, TABLE = "ix_conversation_message_open_question", "conversation_message"


def upgrade() -> None:
    add_column(TABLE, sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        f"UPDATE {TABLE} SET answered_at = (SELECT min(a.written_at) FROM {TABLE} AS a"
        f" WHERE a.answers_id = {TABLE}.id) WHERE is_question AND answered_at IS NULL"
    )
    commit()
    add_index(NAME, TABLE, ["task_id", "written_at"], "is_question AND answered_at IS NULL AND task_id IS NOT NULL")


def downgrade() -> None:
    op.drop_index(NAME, TABLE)
    op.drop_column(TABLE, "answered_at")
