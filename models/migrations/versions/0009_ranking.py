"""A leader's approval to publish a ranking of units: kept as it was given, withdrawn once at most."""

import sqlalchemy as sa
from alembic import op

from models.migrations.online import hold

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

GIVEN = (
    "issuer_office_id directive_id directive_key period first_day last_day cutoff note approved_at approved_by".split()
)
WITHDRAWN = "withdrawn_at withdrawn_by".split()


def _changed(columns: list[str]) -> str:
    return " OR ".join(f"OLD.{column} <>> NEW.{column}" for column in columns)


GUARDS = (
    ("ranking_approval_is_kept", "DELETE", "", "an approval is withdrawn, not deleted"),
    ("ranking_approval_is_frozen", "UPDATE", _changed(GIVEN), "an approval stays as it was given"),
    (
        "ranking_approval_is_withdrawn_once",
        "UPDATE",
        f"OLD.withdrawn_at IS NOT NULL AND ({_changed(WITHDRAWN)})",
        "an approval is withdrawn once",
    ),
)


def upgrade() -> None:
    hold("unit", "directive", "person")
    op.create_table(
        "ranking_approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer_office_id", sa.Uuid(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=True),
        sa.Column("directive_key", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(16), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("cutoff", sa.Date(), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "first_day <= last_day AND last_day <= cutoff", name=op.f("ck_ranking_approval_days_in_order")
        ),
        sa.CheckConstraint(
            "directive_id IS NULL OR directive_key = directive_id",
            name=op.f("ck_ranking_approval_directive_key_is_directive"),
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_ranking_approval_withdrawn_whole")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_ranking_approval_{column}"))
            for column, table in (
                ("issuer_office_id", "unit"),
                ("directive_id", "directive"),
                ("approved_by", "person"),
                ("withdrawn_by", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranking_approval")),
    )
    standing = sa.text("withdrawn_at IS NULL")
    op.create_index(
        "ix_ranking_approval_standing",
        "ranking_approval",
        ["issuer_office_id", "directive_key", "first_day", "last_day", "cutoff"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    _guard()


def _guard() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, event, condition, says in GUARDS:
        if on_postgresql:
            when = f"WHEN ({condition.replace('<>>', 'IS DISTINCT FROM')})" if condition else ""
            does = f"FOR EACH ROW {when} EXECUTE FUNCTION refuse('{says}')"
        else:
            when = f"WHEN {condition.replace('<>>', 'IS NOT')}" if condition else ""
            does = f"{when} BEGIN SELECT RAISE(ABORT, '{says}'); END"
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON ranking_approval {does}")


def downgrade() -> None:
    op.drop_table("ranking_approval")  # and its triggers with it
