"""Seals are signed with a key outside the database: room for the signature.

None is signed yet: programs of before seal without one until the upgrade is finished.
"""

from alembic import op

from models.migrations.online import commit, has_column, on_postgresql

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

OLD_PROGRAMS_SURVIVE = {"execute": "a column that may be empty, with a condition that holds where it is"}


def upgrade() -> None:
    if not (on_postgresql() and has_column("history_seal", "signature")):
        op.execute(
            "ALTER TABLE history_seal ADD COLUMN signature VARCHAR(128)"
            " CONSTRAINT ck_history_seal_signature CHECK (signature IS NULL OR length(signature) = 128)"
        )
    commit()


def downgrade() -> None:
    op.execute("DELETE FROM installation WHERE name = 'seals_key'")
    op.execute("ALTER TABLE history_seal DROP COLUMN signature")
