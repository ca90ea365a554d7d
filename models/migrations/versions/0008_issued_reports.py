"""Reports that are written and issued: their drafts, and what is frozen once they are out."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from models.migrations.online import hold

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

json = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = ("issued_report", "issued_file")
# name, table, event, condition, what the database says
GUARDS = (
    (
        "issued_report_is_frozen",
        "issued_report",
        "UPDATE",
        "OLD.issued_at IS NOT NULL",
        "an issued report cannot be changed, write a new one that corrects it",
    ),
    (
        "issued_report_is_kept",
        "issued_report",
        "DELETE",
        "OLD.issued_at IS NOT NULL",
        "an issued report cannot be deleted",
    ),
    ("issued_file_is_frozen", "issued_file", "UPDATE", "", "the file of an issued report cannot be changed"),
    ("issued_file_is_kept", "issued_file", "DELETE", "", "the file of an issued report cannot be deleted"),
)


def upgrade() -> None:
    hold("directive", "unit", "person")
    op.create_table(
        "issued_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("office_unit_id", sa.Uuid(), nullable=False),
        sa.Column("cutoff", sa.Date(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("figures", json, nullable=False),
        sa.Column("parts", json, nullable=False),
        sa.Column("paper", json, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('directive', 'consolidated', 'unit')", name=op.f("ck_issued_report_reportkind")),
        sa.CheckConstraint("language IN ('vi', 'en')", name=op.f("ck_issued_report_language")),
        sa.CheckConstraint(
            "(issued_at IS NULL) = (issued_by IS NULL)", name=op.f("ck_issued_report_issued_by_somebody")
        ),
        sa.CheckConstraint(
            "kind <> 'directive' OR directive_id IS NOT NULL", name=op.f("ck_issued_report_of_a_directive")
        ),
        sa.CheckConstraint(
            "kind <> 'consolidated' OR directive_id IS NULL", name=op.f("ck_issued_report_of_all_directives")
        ),
        sa.CheckConstraint("(kind = 'unit') = (unit_id IS NOT NULL)", name=op.f("ck_issued_report_of_a_unit")),
        sa.CheckConstraint("corrects_id IS NULL OR corrects_id <> id", name=op.f("ck_issued_report_corrects_another")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_issued_report_directive_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_issued_report_unit_id")),
        sa.ForeignKeyConstraint(["office_unit_id"], ["unit.id"], name=op.f("fk_issued_report_office_unit_id")),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_issued_report_drafted_by")),
        sa.ForeignKeyConstraint(["issued_by"], ["person.id"], name=op.f("fk_issued_report_issued_by")),
        sa.ForeignKeyConstraint(["corrects_id"], ["issued_report.id"], name=op.f("fk_issued_report_corrects_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_report")),
    )
    for column in ("directive_id", "office_unit_id", "corrects_id"):
        op.create_index(op.f(f"ix_issued_report_{column}"), "issued_report", [column])
    op.create_table(
        "issued_file",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(8), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("form IN ('docx', 'pdf', 'xlsx')", name=op.f("ck_issued_file_form")),
        sa.ForeignKeyConstraint(["report_id"], ["issued_report.id"], name=op.f("fk_issued_file_report_id")),
        sa.PrimaryKeyConstraint("report_id", "form", name=op.f("pk_issued_file")),
    )
    _guard()


def _guard() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, table, event, condition, says in GUARDS:
        if on_postgresql:  # refuse() is of 0002
            when = f"WHEN ({condition})" if condition else ""
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION refuse('{says}')"
            )
        else:
            when = f"WHEN {condition}" if condition else ""
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} {when} BEGIN SELECT RAISE(ABORT, '{says}'); END"
            )
    if on_postgresql:
        for table in TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse('issued reports cannot be deleted')"
            )


def downgrade() -> None:
    for table in reversed(TABLES):  # its triggers go with it
        op.drop_table(table)
