"""When a task is looked at next stands in a narrow table of its own: a tick changes no task (ADR 0027).

Older programs go on with `task.next_check_at`. What they write there is heard by triggers; what a newer one has looked
at since they look at once more, find told, and move on. Their index stays until `dondoc upgrade --finish`.
"""

import sqlalchemy as sa
from alembic import op

from models.migrations.filling import fill_checks
from models.migrations.online import commit, has_table, hold, on_postgresql
from models.tasks.task_check import POSTGRESQL_TRIGGERS, SQLITE_TRIGGERS, TRIGGER_FUNCTIONS, TRIGGERS

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_ROOM = (
    "ALTER TABLE task_check SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02,"
    " autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02)"
)
"""As of the other tables that are as long as the tasks and change all day (0013)."""

OLD_PROGRAMS_SURVIVE = {
    "execute": "Triggers that write to a table made here, which no older program knows, and the room in its pages."
}


def upgrade() -> None:
    if not has_table("task_check"):
        hold("task")
        op.create_table(
            "task_check",
            sa.Column("task_id", sa.Uuid(), nullable=False),
            sa.Column("at", sa.DateTime(timezone=True), nullable=False),
            sa.PrimaryKeyConstraint("task_id", name=op.f("pk_task_check")),
            sa.Index("ix_task_check_at", "at", "task_id"),
            sqlite_with_rowid=False,
        )
        for statement in POSTGRESQL_TRIGGERS if on_postgresql() else SQLITE_TRIGGERS:
            op.execute(statement)
        if on_postgresql():
            op.execute(_ROOM)
        commit()
    fill_checks(op.get_bind(), commit)


def downgrade() -> None:
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER task_check_{name}" + (" ON task" if on_postgresql() else ""))
    if on_postgresql():
        for name in TRIGGER_FUNCTIONS:
            op.execute(f"DROP FUNCTION task_check_{name}()")
    at = "(SELECT at FROM task_check WHERE task_id = task.id)"
    differs = "IS DISTINCT FROM" if on_postgresql() else "IS NOT"
    op.execute(f"UPDATE task SET next_check_at = {at} WHERE next_check_at {differs} {at}")
    op.drop_table("task_check")
    op.execute(
        "CREATE INDEX IF NOT EXISTS ix_task_due_for_check ON task (next_check_at) WHERE next_check_at IS NOT NULL"
    )
