"""Jumps of the clock are written down, and two alerts: a clock that is ahead, and one that was.

Old code may run meanwhile: it writes no jump and raises no such alert.
"""

import sqlalchemy as sa
from alembic import op

from models.migrations.online import allow, commit, has_table, narrow

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ALERTS = (
    "'clock_stopped', 'job_failed', 'mail_failing', 'letter_unwritable', 'letter_given_up', "
    "'task_stuck', 'period_stuck', 'report_stuck', 'work_behind', 'launch_failed', 'backup_failed', 'mail_slow'",
    ", 'clock_ahead', 'clock_was_ahead'",
)


def upgrade() -> None:
    if not has_table("clock_jump"):
        op.create_table(
            "clock_jump",
            sa.Column("number", sa.Integer(), nullable=False),
            sa.Column("last_tick", sa.DateTime(timezone=True), nullable=False),
            sa.Column("landed", sa.DateTime(timezone=True), nullable=False),
            sa.Column("witness", sa.String(16), nullable=True),
            sa.Column("back_at", sa.DateTime(timezone=True), nullable=True),
            sa.CheckConstraint("landed > last_tick", name=op.f("ck_clock_jump_ahead")),
            sa.CheckConstraint("witness IN ('person', 'server', 'ntp', 'records')", name=op.f("ck_clock_jump_witness")),
            sa.PrimaryKeyConstraint("number", name=op.f("pk_clock_jump")),
        )
        commit()
    allow("alert", "alertkind", "kind", ALERTS[0], "".join(ALERTS))


def downgrade() -> None:
    op.execute("DELETE FROM alert WHERE kind IN ('clock_ahead', 'clock_was_ahead')")
    narrow("alert", "alertkind", "kind", "".join(ALERTS), ALERTS[0])
    op.drop_table("clock_jump")
