"""Inspections: who inspects whom and when, what is asked, found and demanded."""

import sqlalchemy as sa
from alembic import op

from models.migrations.online import hold

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = (
    "inspection",
    "inspection_member",
    "inspected_unit",
    "inspection_item",
    "inspection_finding",
    "inspection_file",
    "inspection_correction",
)
STATES = "state IN ('planned', 'under_way', 'findings_sent', 'closed', 'cancelled')"
VERDICTS = "verdict IN ('met', 'partly', 'not_met', 'not_applicable')"
ENDED = "(state IN ('closed', 'cancelled')) = (ended_at IS NOT NULL)"
CLOSED = "state <> 'closed' OR (summary <> '' AND sent_at IS NOT NULL)"


def upgrade() -> None:
    hold("directive", "person", "unit", "task", "duty")
    _inspection()
    _who_and_what()
    _findings()


def _id(name: str = "id", nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _moment(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _of_finding(table: str) -> sa.ForeignKeyConstraint:
    columns = ["unit_id", "inspection_id", "item_id"]
    return sa.ForeignKeyConstraint(
        columns, [f"inspection_finding.{one}" for one in columns], name=op.f(f"fk_{table}_unit_id")
    )


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _inspection() -> None:
    name = "inspection"
    op.create_table(
        name,
        _id(),
        _id("directive_id"),
        _id("document_id"),
        sa.Column("title", sa.String(300), nullable=False),
        _id("lead_id"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("decision_number", sa.String(64), nullable=True),
        sa.Column("decision_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        _moment("planned_at"),
        _id("planned_by"),
        _moment("begun_at", True),
        _moment("sent_at", True),
        _moment("ended_at", True),
        _id("ended_by", True),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        _check(name, "days_in_order", "starts_on <= ends_on"),
        _check(name, "decision_has_number", "decision_on IS NULL OR decision_number IS NOT NULL"),
        _check(name, "ended_has_moment", ENDED),
        _check(name, "ended_has_person", "(ended_at IS NULL) = (ended_by IS NULL)"),
        _check(name, "closed_has_summary", CLOSED),
        _check(name, "cancelled_has_reason", "state <> 'cancelled' OR reason <> ''"),
        _check(name, "sent_has_moment", "state <> 'findings_sent' OR sent_at IS NOT NULL"),
        _check(name, "inspectionstate", STATES),
        _foreign(name, "directive_id", "directive"),
        _foreign(name, "document_id", "directive"),
        _foreign(name, "lead_id", "person"),
        _foreign(name, "planned_by", "person"),
        _foreign(name, "ended_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
        sa.UniqueConstraint("document_id", name=op.f("uq_inspection_document_id")),
    )
    op.create_index(op.f("ix_inspection_directive_id"), name, ["directive_id"])
    op.create_index(op.f("ix_inspection_lead_id"), name, ["lead_id"])


def _who_and_what() -> None:
    name = "inspection_member"
    op.create_table(
        name,
        _id("inspection_id"),
        _id("person_id"),
        _foreign(name, "inspection_id", "inspection"),
        _foreign(name, "person_id", "person"),
        sa.PrimaryKeyConstraint("inspection_id", "person_id", name=op.f("pk_inspection_member")),
    )
    op.create_index(op.f("ix_inspection_member_person_id"), name, ["person_id"])
    name = "inspected_unit"
    op.create_table(
        name,
        _id("inspection_id"),
        _id("unit_id"),
        _id("task_id"),
        _foreign(name, "inspection_id", "inspection"),
        _foreign(name, "unit_id", "unit"),
        _foreign(name, "task_id", "task"),
        sa.PrimaryKeyConstraint("inspection_id", "unit_id", name=op.f("pk_inspected_unit")),
        sa.UniqueConstraint("task_id", name=op.f("uq_inspected_unit_task_id")),
    )
    op.create_index(op.f("ix_inspected_unit_unit_id"), name, ["unit_id"])
    name = "inspection_item"
    op.create_table(
        name,
        _id(),
        _id("inspection_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _id("duty_id", True),
        sa.Column("text", sa.String(1000), nullable=False),
        _check(name, "position_counts", "position >= 1"),
        _check(name, "has_words", "text <> ''"),
        _foreign(name, "inspection_id", "inspection"),
        _foreign(name, "duty_id", "duty"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_item")),
        sa.UniqueConstraint("inspection_id", "position", name=op.f("uq_inspection_item_inspection_id_position")),
        sa.UniqueConstraint("inspection_id", "id", name=op.f("uq_inspection_item_inspection_id_id")),
    )
    op.create_index(op.f("ix_inspection_item_duty_id"), name, ["duty_id"])


def _findings() -> None:
    name = "inspection_finding"
    op.create_table(
        name,
        _id("inspection_id"),
        _id("unit_id"),
        _id("item_id"),
        sa.Column("verdict", sa.String(32), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("settled", sa.String(), nullable=False),
        _moment("found_at"),
        _id("found_by"),
        sa.Column("revision", sa.Integer(), nullable=False),
        _check(name, "shortcoming_has_words", "verdict NOT IN ('partly', 'not_met') OR words <> ''"),
        _check(name, "settled_is_shortcoming", "settled = '' OR verdict IN ('partly', 'not_met')"),
        _check(name, "verdict", VERDICTS),
        sa.ForeignKeyConstraint(
            ["unit_id", "inspection_id"],
            ["inspected_unit.unit_id", "inspected_unit.inspection_id"],
            name=op.f("fk_inspection_finding_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["item_id", "inspection_id"],
            ["inspection_item.id", "inspection_item.inspection_id"],
            name=op.f("fk_inspection_finding_item_id"),
        ),
        _foreign(name, "found_by", "person"),
        sa.PrimaryKeyConstraint("inspection_id", "unit_id", "item_id", name=op.f("pk_inspection_finding")),
    )
    name = "inspection_file"
    op.create_table(
        name,
        _id(),
        _id("inspection_id"),
        _id("unit_id"),
        _id("item_id"),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        _moment("added_at"),
        _id("added_by"),
        _check(name, "not_empty", "size > 0"),
        _of_finding(name),
        _foreign(name, "added_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_file")),
    )
    for column in ("inspection_id", "sha256"):
        op.create_index(op.f(f"ix_inspection_file_{column}"), name, [column])
    name = "inspection_correction"
    op.create_table(
        name,
        _id(),
        _id("inspection_id"),
        _id("unit_id"),
        _id("item_id"),
        _id("task_id"),
        _moment("demanded_at"),
        _id("demanded_by"),
        _of_finding(name),
        _foreign(name, "task_id", "task"),
        _foreign(name, "demanded_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_correction")),
        sa.UniqueConstraint("task_id", name=op.f("uq_inspection_correction_task_id")),
    )
    op.create_index(op.f("ix_inspection_correction_inspection_id"), name, ["inspection_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
