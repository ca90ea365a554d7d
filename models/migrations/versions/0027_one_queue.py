"""One queue for all work (ADR 0036): background jobs get a lease's token, and chunks the end of their lease.

Old code may run meanwhile. It does not know the token of a background job: a trigger counts its claims, until the
upgrade is finished. It leaves the end of a chunk's lease alone, and `ready_at` still says when a chunk may be taken.
"""

import sqlalchemy as sa
from alembic import op

from models.migrations.online import add_column, commit, hold, on_postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

OLD_PROGRAMS_SURVIVE = {"execute": "a trigger that writes only to a column made here, which no older program knows"}
_COUNT = """
    CREATE OR REPLACE FUNCTION errand_fence_of_old() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.fence := OLD.fence + 1;
        RETURN NEW;
    END $$"""
_TRIGGER = """
    CREATE TRIGGER errand_fence_of_old BEFORE UPDATE ON errand FOR EACH ROW
    WHEN (NEW.attempts > OLD.attempts AND NEW.fence = OLD.fence) EXECUTE FUNCTION errand_fence_of_old()"""


def upgrade() -> None:
    add_column("errand", sa.Column("fence", sa.Integer(), nullable=False, server_default="0"))
    add_column("errand_chunk", sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True))
    if on_postgresql():
        hold("errand", against="everything")
        op.execute(_COUNT)
        op.execute("DROP TRIGGER IF EXISTS errand_fence_of_old ON errand")
        op.execute(_TRIGGER)
        commit()


def downgrade() -> None:
    if on_postgresql():
        op.execute("DROP TRIGGER IF EXISTS errand_fence_of_old ON errand")
        op.execute("DROP FUNCTION IF EXISTS errand_fence_of_old()")
    op.drop_column("errand_chunk", "lease_until")
    op.drop_column("errand", "fence")
