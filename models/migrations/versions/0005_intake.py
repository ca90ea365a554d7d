"""Intake: documents as they were read, the duties proposed, and whom a phrase means in this office."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from models.migrations.online import hold

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

json = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = ("audience_phrase", "intake", "proposed_duty")
URGENCIES = "urgency IN ('normal', 'urgent', 'very_urgent', 'express')"
KINDS = "kind IN ('one_off', 'standing', 'recurring', 'on_request', 'contingency', 'oversight')"


def upgrade() -> None:
    hold("person", "unit", "directive")
    op.create_table(
        "audience_phrase",
        sa.Column("folded", sa.String(300), nullable=False),
        sa.Column("phrase", sa.String(300), nullable=False),
        sa.Column("selectors", json, nullable=False),
        sa.Column("taught_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taught_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["taught_by"], ["person.id"], name=op.f("fk_audience_phrase_taught_by")),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_audience_phrase")),
    )
    op.create_table(
        "intake",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("number", sa.String(64), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("subject", sa.String(1000), nullable=False),
        sa.Column("urgency", sa.String(32), nullable=False),
        sa.Column("legal_bases", json, nullable=False),
        sa.Column("findings", json, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("coordinating_unit_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("directive_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'concluded') = (directive_id IS NOT NULL)", name=op.f("ck_intake_concluded_has_directive")
        ),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_intake_ended_has_date")),
        sa.CheckConstraint("state IN ('open', 'concluded', 'dropped')", name=op.f("ck_intake_intakestate")),
        sa.CheckConstraint(URGENCIES, name=op.f("ck_intake_urgency")),
        sa.ForeignKeyConstraint(["coordinating_unit_id"], ["unit.id"], name=op.f("fk_intake_coordinating_unit_id")),
        sa.ForeignKeyConstraint(["read_by"], ["person.id"], name=op.f("fk_intake_read_by")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_intake_directive_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake")),
    )
    for column in ("sha256", "coordinating_unit_id", "directive_id"):
        op.create_index(op.f(f"ix_intake_{column}"), "intake", [column])
    op.create_table(
        "proposed_duty",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("intake_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(32), nullable=False),
        sa.Column("begins", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("addressees", json, nullable=False),
        sa.Column("partners", json, nullable=False),
        sa.Column("deadline", json, nullable=False),
        sa.Column("every", sa.String(16), nullable=False),
        sa.Column("reports_to", sa.String(300), nullable=False),
        sa.Column("result", sa.String(500), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("findings", json, nullable=False),
        sa.CheckConstraint("begins >= 0 AND begins < ends", name=op.f("ck_proposed_duty_has_words")),
        sa.CheckConstraint(KINDS, name=op.f("ck_proposed_duty_dutykind")),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'dropped')", name=op.f("ck_proposed_duty_proposalstate")
        ),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_proposed_duty_intake_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposed_duty")),
        sa.UniqueConstraint("intake_id", "path", name=op.f("uq_proposed_duty_intake_id_path")),
    )
    op.create_index(op.f("ix_proposed_duty_intake_id"), "proposed_duty", ["intake_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
