"""Secrets sealed: room for the sealed texts of second steps and webhooks (ADR 0028).

Nothing is sealed yet: programs of before read these columns in clear until the upgrade is finished.
"""

from alembic import op

from models.database.sealed_rows import lay_open
from models.migrations.online import commit, hold, on_postgresql, remake, replaced

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

COLUMNS = (("account", "totp_secret", 64), ("webhook", "secret", 100))
WIDTH = 255

OLD_PROGRAMS_SURVIVE = {
    "execute": "They write shorter texts than there is room for; PostgreSQL widens a varchar without touching a row."
}


def upgrade() -> None:
    for table, column, before in COLUMNS:
        hold(table, against="everything")
        _resize(table, column, before, WIDTH)
        commit()


def downgrade() -> None:
    lay_open(op.get_bind())
    for table, column, after in COLUMNS:
        _resize(table, column, WIDTH, after)


def _resize(table: str, column: str, before: int, after: int) -> None:
    if not on_postgresql():
        remake(table, lambda create: replaced(create, f"{column} VARCHAR({before})", f"{column} VARCHAR({after})"))
        return
    op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE VARCHAR({after})")
