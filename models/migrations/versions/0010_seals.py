"""Seals that can be proved: numbered, naming their rows, kept as they were written; the unsealed tail has an index."""

import sqlalchemy as sa
from alembic import op

from models.migrations.online import add_index, commit, drop_index, has_column, hold, on_postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FOREIGN_KEY = "fk_history_seal_id"
GUARDS = (
    ("history_seal_is_kept", "DELETE", "seals cannot be deleted"),
    ("history_seal_is_frozen", "UPDATE", "seals cannot be changed"),
)


def upgrade() -> None:
    """No seal can be there yet: nothing wrote any before."""
    if not (on_postgresql() and has_column("history_seal", "number")):
        _extend_seals()
        _guard()
        commit()
    drop_index("ix_history_seal_id", "history")
    add_index("ix_history_unsealed", "history", ["recorded_at", "id"], "seal_id IS NULL")
    add_index("ix_history_sealed", "history", ["seal_id"], "seal_id IS NOT NULL")


def _extend_seals() -> None:
    columns = (
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("upto", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_ids", sa.LargeBinary(), nullable=False),
        sa.Column("row_hashes", sa.LargeBinary(), nullable=False),
    )
    checks = {
        "ck_history_seal_first_has_none_before": "(number = 1) = (previous_id IS NULL)",
        "ck_history_seal_counts": "number >= 1 AND row_count >= 0",
        "ck_history_seal_names_its_rows": "length(row_ids) = 16 * row_count AND length(row_hashes) = 32 * row_count",
    }
    if not on_postgresql():
        _make_seals(
            *columns,
            *(sa.CheckConstraint(condition, name=op.f(name)) for name, condition in checks.items()),
            sa.UniqueConstraint("number", name=op.f("uq_history_seal_number")),
        )
        return
    # into the empty table: made anew, its reference from the history would be proved row by row while all writers wait
    hold("history_seal", against="everything")
    for column in columns:
        op.add_column("history_seal", column)
    for name, condition in checks.items():
        op.create_check_constraint(op.f(name), "history_seal", condition)
    op.create_unique_constraint(op.f("uq_history_seal_number"), "history_seal", ["number"])


def _guard() -> None:
    for name, event, says in GUARDS:
        if on_postgresql():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON history_seal FOR EACH ROW EXECUTE FUNCTION refuse('{says}')"
            )
        else:
            op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON history_seal BEGIN SELECT RAISE(ABORT, '{says}'); END")
    if on_postgresql():
        op.execute(
            "CREATE TRIGGER history_seal_is_not_emptied BEFORE TRUNCATE ON history_seal"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse('seals cannot be deleted')"
        )


def downgrade() -> None:
    """The chain is given up: rows are as if they had never been sealed."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    once = "history_is_sealed_once"
    if on_postgresql:
        op.execute(f"ALTER TABLE history DISABLE TRIGGER {once}")
    else:
        written = op.get_bind().execute(sa.text(f"SELECT sql FROM sqlite_master WHERE name = '{once}'")).scalar_one()
        op.execute(f"DROP TRIGGER {once}")
    op.execute("UPDATE history SET seal_id = NULL WHERE seal_id IS NOT NULL")
    if on_postgresql:
        op.execute(f"ALTER TABLE history ENABLE TRIGGER {once}")
    else:
        op.execute(written)
    op.drop_index("ix_history_sealed", "history")
    op.drop_index("ix_history_unsealed", "history")
    op.create_index(op.f("ix_history_seal_id"), "history", ["seal_id"])
    _make_seals()


def _make_seals(*more: sa.schema.SchemaItem) -> None:
    """The table anew; its triggers go with the old one."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:
        op.drop_constraint(FOREIGN_KEY, "history")
    else:  # a dropped table is emptied first, which its own trigger would refuse
        for name, *_ in GUARDS:
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
    op.drop_table("history_seal")
    op.create_table(
        "history_seal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        *more,
        sa.ForeignKeyConstraint(["previous_id"], ["history_seal.id"], name=op.f("fk_history_seal_previous_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_seal")),
        sa.UniqueConstraint("previous_id", name=op.f("uq_history_seal_previous_id")),
    )
    if on_postgresql:
        op.create_foreign_key(FOREIGN_KEY, "history", "history_seal", ["seal_id"], ["id"])
