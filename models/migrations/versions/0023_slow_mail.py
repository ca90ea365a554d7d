"""An alert of its own for a mail server that takes long over a letter.

Old code may run meanwhile: it raises no such alert, and shows one only if it is asked for the list of alerts.
"""

from alembic import op

from models.migrations.online import allow, narrow

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ALERTS = (
    "'clock_stopped', 'job_failed', 'mail_failing', 'letter_unwritable', 'letter_given_up', "
    "'task_stuck', 'period_stuck', 'report_stuck', 'work_behind', 'launch_failed', 'backup_failed'",
    ", 'mail_slow'",
)


def upgrade() -> None:
    allow("alert", "alertkind", "kind", ALERTS[0], "".join(ALERTS))


def downgrade() -> None:
    op.execute("DELETE FROM alert WHERE kind = 'mail_slow'")
    narrow("alert", "alertkind", "kind", "".join(ALERTS), ALERTS[0])
