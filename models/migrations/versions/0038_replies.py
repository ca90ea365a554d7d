"""Keep what people answer to letters. Old code may run meanwhile: it knows nothing of the new tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from models.migrations.online import commit, has_table, hold

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

JSON_COLUMN = sa.JSON().with_variant(JSONB(), "postgresql")
STATES = "state IN ('aside', 'waits', 'done', 'posted', 'refused', 'lapsed')"
WHYS = (
    "why IN ('', 'no_token', 'forged', 'unknown_letter', 'expired', 'other_sender', 'retired', 'automatic', 'listed', "
    "'own', 'repeated', 'too_large', 'too_deep', 'broken', 'charset', 'empty', 'classified', 'which_task', "
    "'not_clear', 'no_right', 'unproved', 'to_confirm')"
)
PROOFS = "proof IN ('', 'dkim', 'server')"


def upgrade() -> None:
    if not has_table("reply"):
        hold("letter", "person", "task", "history")
        _reply()
        commit()
    if not has_table("reply_draft"):
        hold("reply", "person")
        _draft()
        commit()


def _reply() -> None:
    fingerprint, letter, task = (
        sa.text("fingerprint <> ''"),
        sa.text("letter_id IS NOT NULL"),
        sa.text("task_id IS NOT NULL"),
    )
    op.create_table(
        "reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("history_id", sa.Uuid(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("why", sa.String(32), nullable=False),
        sa.Column("proof", sa.String(32), nullable=False),
        sa.Column("sender", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("message_id", sa.String(500), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("told", sa.String(1000), nullable=False),
        sa.Column("is_answered", sa.Boolean(), nullable=False),
        sa.Column("original_sha256", sa.String(64), nullable=False),
        sa.Column("original_size", sa.Integer(), nullable=False),
        sa.CheckConstraint("state <> 'aside' OR why <> ''", name=op.f("ck_reply_aside_has_reason")),
        sa.CheckConstraint("state = 'aside' OR person_id IS NOT NULL", name=op.f("ck_reply_acts_for_somebody")),
        sa.CheckConstraint(STATES, name=op.f("ck_reply_replystate")),
        sa.CheckConstraint(WHYS, name=op.f("ck_reply_replywhy")),
        sa.CheckConstraint(PROOFS, name=op.f("ck_reply_replyproof")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_reply_letter_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reply_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_reply_task_id")),
        sa.ForeignKeyConstraint(["history_id"], ["history.id"], name=op.f("fk_reply_history_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
        sa.UniqueConstraint("key", name=op.f("uq_reply_key")),
        sa.Index("ix_reply_read_at", "read_at", "id"),
        sa.Index(
            "uq_reply_fingerprint", "fingerprint", unique=True, sqlite_where=fingerprint, postgresql_where=fingerprint
        ),
        sa.Index("ix_reply_letter_id", "letter_id", sqlite_where=letter, postgresql_where=letter),
        sa.Index("ix_reply_task", "task_id", "person_id", sqlite_where=task, postgresql_where=task),
        sa.Index("ix_reply_original", "original_sha256"),
    )


def _draft() -> None:
    unused = sa.text("used_at IS NULL")
    op.create_table(
        "reply_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reply_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("given", JSON_COLUMN, nullable=False),
        sa.Column("files", JSON_COLUMN, nullable=False),
        sa.Column("task_ids", JSON_COLUMN, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("expires_at > made_at", name=op.f("ck_reply_draft_in_order")),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"], name=op.f("fk_reply_draft_reply_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reply_draft_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_draft")),
        sa.UniqueConstraint("reply_id", name=op.f("uq_reply_draft_reply_id")),
        sa.Index("ix_reply_draft_open", "expires_at", sqlite_where=unused, postgresql_where=unused),
    )


def downgrade() -> None:
    op.drop_table("reply_draft")
    op.drop_table("reply")
