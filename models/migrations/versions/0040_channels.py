"""Keep what a person has read of their notices, and channels beside mail. Old code knows nothing of the new tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from models.migrations.online import commit, has_table, hold

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

JSON_COLUMN = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
STATES = "state IN ('queued', 'claimed', 'sent', 'uncertain', 'failed')"


def upgrade() -> None:
    if not has_table("notice_read"):
        hold("notice", "person")
        _read()
        commit()
    if not has_table("gateway"):
        hold("person")
        _channels()
        commit()
    if not has_table("channel_message"):
        hold("letter", "person")
        _messages()
        commit()


def _read() -> None:
    op.create_table(
        "notice_read",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_read_notice_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_read_person_id")),
        sa.PrimaryKeyConstraint("person_id", "notice_id", name=op.f("pk_notice_read")),
        sa.Index("ix_notice_read_read_at", "read_at"),
    )
    op.create_table(
        "notices_read_until",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notices_read_until_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notices_read_until")),
    )


def _channels() -> None:
    op.create_table(
        "gateway",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("body_form", sa.String(32), nullable=False),
        sa.Column("body", sa.String(4000), nullable=False),
        sa.Column("headers", sa.String(), nullable=False),
        sa.Column("secret", sa.String(255), nullable=False),
        sa.Column("kinds", JSON_COLUMN, nullable=False),
        sa.Column("longest", sa.Integer(), nullable=False),
        sa.Column("is_unmarked", sa.Boolean(), nullable=False),
        sa.Column("knows_repeats", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_gateway_has_name")),
        sa.CheckConstraint("longest IN (160, 320)", name=op.f("ck_gateway_longest")),
        sa.CheckConstraint("body_form IN ('json', 'form')", name=op.f("ck_gateway_bodyform")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_gateway_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway")),
        sa.UniqueConstraint("name", name=op.f("uq_gateway_name")),
    )
    op.create_table(
        "gateway_consent",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("gateway_id", sa.Uuid(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["gateway_id"], ["gateway.id"], name=op.f("fk_gateway_consent_gateway_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_gateway_consent_person_id")),
        sa.PrimaryKeyConstraint("person_id", "gateway_id", name=op.f("pk_gateway_consent")),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_table(
        "push_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_hash", sa.String(64), nullable=False),
        sa.Column("keys", sa.String(), nullable=True),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("device", sa.String(200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("failed_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_because", sa.String(16), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (keys IS NOT NULL)", name=op.f("ck_push_subscription_keys_while_open")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_push_subscription_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
        sa.Index("ix_push_subscription_open", "person_id", sqlite_where=is_open, postgresql_where=is_open),
        sa.Index(
            "ix_push_subscription_endpoint",
            "endpoint_hash",
            unique=True,
            sqlite_where=is_open,
            postgresql_where=is_open,
        ),
    )


def _messages() -> None:
    to_send = sa.text("state IN ('queued', 'claimed')")
    op.create_table(
        "channel_message",
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("gateway_id", sa.Uuid(), nullable=True),
        sa.Column("subscription_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.Column("ready_at", MOMENT, nullable=False),
        sa.Column("address", sa.String(64), nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("error", sa.String(500), nullable=False),
        sa.CheckConstraint(
            "(state = 'claimed') = (lease_until IS NOT NULL)", name=op.f("ck_channel_message_claimed_has_lease")
        ),
        sa.CheckConstraint(
            "(gateway_id IS NULL) <> (subscription_id IS NULL)", name=op.f("ck_channel_message_one_channel")
        ),
        sa.CheckConstraint(STATES, name=op.f("ck_channel_message_messagestate")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_channel_message_letter_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_channel_message_recipient_id")),
        sa.ForeignKeyConstraint(["gateway_id"], ["gateway.id"], name=op.f("fk_channel_message_gateway_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["push_subscription.id"], name=op.f("fk_channel_message_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_message")),
        sa.UniqueConstraint("letter_id", "gateway_id", name=op.f("uq_channel_message_letter_id_gateway_id")),
        sa.UniqueConstraint("letter_id", "subscription_id", name=op.f("uq_channel_message_letter_id_subscription_id")),
        sa.Index("ix_channel_message_to_send", "ready_at", sqlite_where=to_send, postgresql_where=to_send),
        sa.Index("ix_channel_message_queued_at", "queued_at"),
    )
    op.create_table(
        "channel_attempt",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("reply", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["channel_message.id"], name=op.f("fk_channel_attempt_message_id")),
        sa.PrimaryKeyConstraint("message_id", "fence", name=op.f("pk_channel_attempt")),
    )


def downgrade() -> None:
    for table in (
        "channel_attempt",
        "channel_message",
        "push_subscription",
        "gateway_consent",
        "gateway",
        "notices_read_until",
        "notice_read",
    ):
        op.drop_table(table)
