"""An index of the letters that were sent, by their moment: counted and listed by day, whatever day they were for.

Old code may run meanwhile: it never asks for them by that moment.
"""

from alembic import op

from models.migrations.online import add_index

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_index("ix_letter_sent", "letter", ["sent_at"], "sent_at IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_letter_sent", "letter")
