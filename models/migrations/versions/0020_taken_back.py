"""A launch may be taken back before its first letter; a launch on the right date then gives its tasks again.

Old code may run meanwhile: it takes nothing back, and gives no such task again.
"""

import sqlalchemy as sa
from alembic import op

from models.migrations.online import add_column, commit, hold, on_postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

OLD_PROGRAMS_SURVIVE = {
    "execute": "the trigger on tasks is replaced by one that refuses less: what old programs do is judged as before"
}
NAME, SAYS = "task_original_date_is_kept", "the original date of a task is kept for ever"
KEPT = "OLD.original_due_at IS NOT NULL AND OLD.original_due_at <>> NEW.original_due_at"
GIVEN_AGAIN = "(OLD.status = 'withdrawn' AND NEW.status = 'assigned' AND OLD.launch_id <> NEW.launch_id)"


def upgrade() -> None:
    add_column("launch", sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True))
    _replace(f"{KEPT} AND NOT {GIVEN_AGAIN}")
    commit()


def downgrade() -> None:
    _replace(KEPT)
    op.drop_column("launch", "taken_back_at")


def _replace(condition: str) -> None:
    """The task's new launch has its own original date: it was withdrawn before anybody had heard of the other."""
    if on_postgresql():
        hold("task", against="everything")
        op.execute(f"DROP TRIGGER IF EXISTS {NAME} ON task")
        when = condition.replace("<>>", "IS DISTINCT FROM")
        op.execute(
            f"CREATE TRIGGER {NAME} BEFORE UPDATE ON task FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse('{SAYS}')"
        )
    else:
        op.execute(f"DROP TRIGGER {NAME}")
        when = condition.replace("<>>", "IS NOT")
        op.execute(f"CREATE TRIGGER {NAME} BEFORE UPDATE ON task WHEN {when} BEGIN SELECT RAISE(ABORT, '{SAYS}'); END")
