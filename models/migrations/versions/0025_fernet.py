"""Secrets are sealed by a common library's own form (Fernet), which programs of before do not read (ADR 0034).

The tables stay as they are: finishing the upgrade seals everything anew.
"""

from alembic import op

from models.database.sealed_rows import lay_open

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    lay_open(op.get_bind())  # programs of before seal it again, as they do it
