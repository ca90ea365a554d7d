"""Keep messages of the document exchange (edXML). Old code may run meanwhile: it knows nothing of the new tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from models.migrations.online import commit, has_table, hold

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

JSON_COLUMN = sa.JSON().with_variant(JSONB(), "postgresql")
KINDS = "kind IN ('new', 'recall', 'update', 'replace', 'status')"
WAYS = "came_by IN ('page', 'command', 'api', 'folder')"


def upgrade() -> None:
    if not has_table("edxml_incoming"):
        hold("intake", "person")
        _incoming()
        commit()
    if not has_table("edxml_outgoing"):
        hold("person")
        _outgoing()
        commit()


def _incoming() -> None:
    op.create_table(
        "edxml_incoming",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender", sa.String(255), nullable=False),
        sa.Column("sender_name", sa.String(300), nullable=False),
        sa.Column("document_id", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("code", sa.String(2), nullable=False),
        sa.Column("said_at", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("facts", JSON_COLUMN, nullable=False),
        sa.Column("intake_id", sa.Uuid(), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("came_by", sa.String(32), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(kind = 'status') = (code <> '')", name=op.f("ck_edxml_incoming_status_has_code")),
        sa.CheckConstraint("kind = 'status' OR said_at = ''", name=op.f("ck_edxml_incoming_only_status_has_moment")),
        sa.CheckConstraint("sender <> '' AND document_id <> ''", name=op.f("ck_edxml_incoming_named")),
        sa.CheckConstraint(KINDS, name=op.f("ck_edxml_incoming_messagekind")),
        sa.CheckConstraint(WAYS, name=op.f("ck_edxml_incoming_cameby")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_edxml_incoming_intake_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["person.id"], name=op.f("fk_edxml_incoming_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edxml_incoming")),
        sa.UniqueConstraint(
            "sender",
            "document_id",
            "kind",
            "code",
            "said_at",
            name=op.f("uq_edxml_incoming_sender_document_id_kind_code_said_at"),
        ),
        sa.Index("ix_edxml_incoming_document_id", "document_id"),
        sa.Index("ix_edxml_incoming_intake_id", "intake_id"),
    )


def _outgoing() -> None:
    answered, waiting = sa.text("code IN ('15', '16')"), sa.text("left_at IS NULL")
    op.create_table(
        "edxml_outgoing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incoming_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("about", sa.String(255), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("words", sa.String(1000), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_by", sa.String(16), nullable=False),
        sa.CheckConstraint("(left_at IS NULL) = (left_by = '')", name=op.f("ck_edxml_outgoing_left_by_a_way")),
        sa.CheckConstraint(
            "(about <> '') = (code IN ('report', '13'))", name=op.f("ck_edxml_outgoing_names_our_document")
        ),
        sa.ForeignKeyConstraint(["incoming_id"], ["edxml_incoming.id"], name=op.f("fk_edxml_outgoing_incoming_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_edxml_outgoing_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edxml_outgoing")),
        sa.UniqueConstraint("incoming_id", "code", "about", name=op.f("uq_edxml_outgoing_incoming_id_code_about")),
        sa.UniqueConstraint("name", name=op.f("uq_edxml_outgoing_name")),
        sa.Index(
            "ix_edxml_outgoing_answered", "incoming_id", unique=True, sqlite_where=answered, postgresql_where=answered
        ),
        sa.Index("ix_edxml_outgoing_waiting", "made_at", sqlite_where=waiting, postgresql_where=waiting),
        sa.Index("ix_edxml_outgoing_about", "about"),
    )


def downgrade() -> None:
    op.drop_table("edxml_outgoing")
    op.drop_table("edxml_incoming")
