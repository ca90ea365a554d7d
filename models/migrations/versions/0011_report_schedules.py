"""Reports compiled by the calendar: their schedules, what was compiled of each period, its letter and its alert."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from models.migrations.online import allow, hold, narrow

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

json = sa.JSON().with_variant(JSONB(), "postgresql")
LETTERS = ("'assigned', 'digest', 'event', 'upward', 'incident', 'summary', 'alert', 'account'", ", 'compiled'")
ALERTS = (
    "'clock_stopped', 'job_failed', 'mail_failing', 'letter_unwritable', 'letter_given_up', "
    "'task_stuck', 'period_stuck'",
    ", 'report_stuck'",
)


def upgrade() -> None:
    for table in ("letter", "notice"):
        allow(table, "letterkind", "kind", LETTERS[0], "".join(LETTERS))
    allow("alert", "alertkind", "kind", ALERTS[0], "".join(ALERTS))
    hold("duty", "unit", "person", "issued_report")
    op.create_table(
        "report_schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("office_unit_id", sa.Uuid(), nullable=False),
        sa.Column("to_issuer", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("own_day", sa.Integer(), nullable=True),
        sa.Column("own_months_before", sa.Integer(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("counts_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_period", sa.String(40), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('directive', 'consolidated', 'unit')", name=op.f("ck_report_schedule_reportkind")),
        sa.CheckConstraint("kind <> 'unit'", name=op.f("ck_report_schedule_is_ours")),
        sa.CheckConstraint("language IN ('vi', 'en')", name=op.f("ck_report_schedule_language")),
        sa.CheckConstraint("own_day IS NULL OR own_day BETWEEN 1 AND 31", name=op.f("ck_report_schedule_own_day")),
        sa.CheckConstraint("own_months_before BETWEEN 0 AND 13", name=op.f("ck_report_schedule_own_months_before")),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_report_schedule_duty_id")),
        sa.ForeignKeyConstraint(["office_unit_id"], ["unit.id"], name=op.f("fk_report_schedule_office_unit_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_report_schedule_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_schedule")),
        sa.UniqueConstraint(
            "kind", "duty_id", "office_unit_id", name=op.f("uq_report_schedule_kind_duty_id_office_unit_id")
        ),
    )
    for column in ("duty_id", "office_unit_id"):
        op.create_index(op.f(f"ix_report_schedule_{column}"), "report_schedule", [column])
    op.create_table(
        "compiled_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("data_from", sa.Date(), nullable=False),
        sa.Column("data_to", sa.Date(), nullable=False),
        sa.Column("cutoff", sa.Date(), nullable=False),
        sa.Column("is_estimate", sa.Boolean(), nullable=False),
        sa.Column("units", json, nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=True),
        sa.Column("compiled_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("data_from <= data_to", name=op.f("ck_compiled_report_in_order")),
        sa.ForeignKeyConstraint(["schedule_id"], ["report_schedule.id"], name=op.f("fk_compiled_report_schedule_id")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["issued_report.id"], name=op.f("fk_compiled_report_report_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compiled_report")),
        sa.UniqueConstraint("schedule_id", "period", name=op.f("uq_compiled_report_schedule_id_period")),
    )
    op.create_index(op.f("ix_compiled_report_report_id"), "compiled_report", ["report_id"])


def downgrade() -> None:
    for table in ("compiled_report", "report_schedule"):
        op.drop_table(table)
    ours = "(SELECT id FROM letter WHERE kind = 'compiled')"
    for table in ("letter_attempt", "letter_content"):
        op.execute(f"DELETE FROM {table} WHERE letter_id IN {ours}")
    op.execute("DELETE FROM letter WHERE kind = 'compiled'")
    op.execute("DELETE FROM alert WHERE kind = 'report_stuck'")
    for table in ("letter", "notice"):
        narrow(table, "letterkind", "kind", "".join(LETTERS), LETTERS[0])
    narrow("alert", "alertkind", "kind", "".join(ALERTS), ALERTS[0])
