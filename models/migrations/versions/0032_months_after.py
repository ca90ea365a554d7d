"""A report's own day may lie in the months after its period. Old code may run meanwhile: it sets no such day."""

from alembic import op

from models.migrations.online import on_postgresql, remake, replaced, widen

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TABLE, NAME = "report_schedule", "own_months_before"
BEFORE, AFTER = "own_months_before BETWEEN 0 AND 13", "own_months_before BETWEEN -3 AND 13"


def upgrade() -> None:
    widen(TABLE, NAME, BEFORE, AFTER)


def downgrade() -> None:
    op.execute(f"UPDATE {TABLE} SET own_day = NULL, own_months_before = 0 WHERE own_months_before < 0")
    if on_postgresql():
        op.drop_constraint(op.f(f"ck_{TABLE}_{NAME}"), TABLE)
        op.create_check_constraint(op.f(f"ck_{TABLE}_{NAME}"), TABLE, BEFORE)
    else:
        remake(TABLE, lambda create: replaced(create, AFTER, BEFORE))
