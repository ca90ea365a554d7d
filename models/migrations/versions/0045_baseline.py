"""The schema of version 0.3.0, as its 45 migrations had made it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.tasks.task_check import POSTGRESQL_TRIGGERS, SQLITE_TRIGGERS

revision = "0045"
down_revision = None
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "clock_stopped",
                "job_failed",
                "mail_failing",
                "letter_unwritable",
                "letter_given_up",
                "task_stuck",
                "period_stuck",
                "report_stuck",
                "work_behind",
                "launch_failed",
                "backup_failed",
                "mail_slow",
                "clock_ahead",
                "clock_was_ahead",
                name="alertkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", _JSON, nullable=False),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= raised_at", name=op.f("ck_alert_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index("ix_alert_slot", "alert", ["slot"], unique=False)
    op.create_index(
        "uq_alert_open",
        "alert",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "clock_jump",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("last_tick", sa.DateTime(timezone=True), nullable=False),
        sa.Column("landed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("witness", sa.String(length=16), nullable=True),
        sa.Column("back_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("witness IN ('person', 'server', 'ntp', 'records')", name=op.f("ck_clock_jump_witness")),
        sa.CheckConstraint("landed > last_tick", name=op.f("ck_clock_jump_ahead")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_clock_jump")),
    )
    op.create_table(
        "history_seal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("upto", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("row_ids", sa.LargeBinary(), nullable=False),
        sa.Column("row_hashes", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=True),
        sa.CheckConstraint("(number = 1) = (previous_id IS NULL)", name=op.f("ck_history_seal_first_has_none_before")),
        sa.CheckConstraint(
            "length(row_ids) = 16 * row_count AND length(row_hashes) = 32 * row_count",
            name=op.f("ck_history_seal_names_its_rows"),
        ),
        sa.CheckConstraint("number >= 1 AND row_count >= 0", name=op.f("ck_history_seal_counts")),
        sa.CheckConstraint("signature IS NULL OR length(signature) = 128", name=op.f("ck_history_seal_signature")),
        sa.ForeignKeyConstraint(["previous_id"], ["history_seal.id"], name=op.f("fk_history_seal_previous_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_seal")),
        sa.UniqueConstraint("number", name=op.f("uq_history_seal_number")),
        sa.UniqueConstraint("previous_id", name=op.f("uq_history_seal_previous_id")),
    )
    op.create_table(
        "installation",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation")),
    )
    op.create_table(
        "job",
        sa.Column(
            "name",
            sa.Enum(
                "tick",
                "deliver",
                "open_periods",
                "summaries",
                "purge",
                name="jobname",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("cron", sa.String(length=100), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("next_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("watched_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_state",
            sa.Enum("running", "done", "failed", name="jobstate", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("last_seconds", sa.Float(), nullable=True),
        sa.Column("last_outcome", _JSON, nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job")),
    )
    op.create_table(
        "mail_pace",
        sa.Column("second", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("second", name=op.f("pk_mail_pace")),
    )
    op.create_table(
        "mail_window",
        sa.Column("span", sa.String(length=8), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("span IN ('minute', 'day')", name=op.f("ck_mail_window_span")),
        sa.PrimaryKeyConstraint("span", "starts_at", name=op.f("pk_mail_window")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("name_folded", sa.String(length=200), nullable=False),
        sa.Column("sort_key", sa.String(length=500), nullable=False),
        sa.Column("address_form", sa.String(length=64), nullable=False),
        sa.Column("unit_address", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("email_doubted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("phone", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("tour_left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language IN ('vi', 'en')", name=op.f("ck_person_language")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_id"), use_alter=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("code", name=op.f("uq_person_code")),
    )
    op.create_index(op.f("ix_person_name_folded"), "person", ["name_folded"], unique=False)
    op.create_index(op.f("ix_person_unit_id"), "person", ["unit_id"], unique=False)
    op.create_table(
        "run",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_run")),
    )
    op.create_table(
        "signature_check",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("roots", sa.String(length=64), nullable=False),
        sa.Column("has_failed", sa.Boolean(), nullable=False),
        sa.Column("signatures", _JSON, nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_signature_check")),
    )
    op.create_index(op.f("ix_signature_check_checked_at"), "signature_check", ["checked_at"], unique=False)
    op.create_table(
        "task_check",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_task_check")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_task_check_at", "task_check", ["at", "task_id"], unique=False)
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_index(op.f("ix_throttle_last_at"), "throttle", ["last_at"], unique=False)
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("stand_in_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint("person_id <> stand_in_id", name=op.f("ck_absence_stand_in_is_another")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_absence_in_order")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id")),
        sa.ForeignKeyConstraint(["stand_in_id"], ["person.id"], name=op.f("fk_absence_stand_in_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_person_id"), "absence", ["person_id"], unique=False)
    op.create_table(
        "access_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", _JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_access_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_token_token_hash")),
    )
    op.create_index(op.f("ix_access_token_person_id"), "access_token", ["person_id"], unique=False)
    op.create_table(
        "account",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_secret", sa.String(length=255), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("oidc_subject", sa.String(length=300), nullable=True),
        sa.Column("links_from", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_account")),
        sa.UniqueConstraint("oidc_subject", name=op.f("uq_account_oidc_subject")),
    )
    op.create_table(
        "audience_phrase",
        sa.Column("folded", sa.String(length=300), nullable=False),
        sa.Column("phrase", sa.String(length=300), nullable=False),
        sa.Column("selectors", _JSON, nullable=False),
        sa.Column("taught_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taught_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["taught_by"], ["person.id"], name=op.f("fk_audience_phrase_taught_by")),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_audience_phrase")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("object", sa.String(length=200), nullable=False),
        sa.Column("facts", _JSON, nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_audit_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_actor", "audit", ["actor_id", "recorded_at"], unique=False)
    op.create_index("ix_audit_recorded", "audit", ["recorded_at"], unique=False)
    op.create_table(
        "calendar_feed",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_calendar_feed")),
    )
    op.create_table(
        "calendar_revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_calendar_revision_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_revision")),
    )
    op.create_table(
        "errand",
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("given", _JSON, nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "done",
                "failed",
                "cancelled",
                name="errandstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", _JSON, nullable=False),
        sa.Column("error", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name=op.f("ck_errand_running_has_lease")),
        sa.CheckConstraint("done >= 0 AND total >= 0", name=op.f("ck_errand_counts")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_errand_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
    )
    op.create_index("ix_errand_asked_by", "errand", ["asked_by", "asked_at"], unique=False)
    op.create_index(
        "ix_errand_to_do",
        "errand",
        ["starts_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_table(
        "gateway",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column(
            "body_form",
            sa.Enum("json", "form", name="bodyform", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("body", sa.String(length=4000), nullable=False),
        sa.Column("headers", sa.String(), nullable=False),
        sa.Column("secret", sa.String(length=255), nullable=False),
        sa.Column("kinds", _JSON, nullable=False),
        sa.Column("longest", sa.Integer(), nullable=False),
        sa.Column("is_unmarked", sa.Boolean(), nullable=False),
        sa.Column("knows_repeats", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_gateway_has_name")),
        sa.CheckConstraint("longest IN (160, 320)", name=op.f("ck_gateway_longest")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_gateway_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway")),
        sa.UniqueConstraint("name", name=op.f("uq_gateway_name")),
    )
    op.create_table(
        "kept_answer",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_kept_answer_person_id")),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_kept_answer")),
    )
    op.create_index(op.f("ix_kept_answer_kept_at"), "kept_answer", ["kept_at"], unique=False)
    op.create_table(
        "letter",
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "assigned",
                "digest",
                "event",
                "upward",
                "incident",
                "summary",
                "alert",
                "account",
                "compiled",
                name="letterkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("topic", sa.String(length=100), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "claimed",
                "sent",
                "uncertain",
                "failed",
                "empty",
                "held",
                "dropped",
                name="letterstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("subject", sa.String(length=998), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resent", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.CheckConstraint("(state = 'claimed') = (lease_until IS NOT NULL)", name=op.f("ck_letter_claimed_has_lease")),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_letter_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint(
            "recipient_id", "slot", "kind", "topic", name=op.f("uq_letter_recipient_id_slot_kind_topic")
        ),
    )
    op.create_index(
        "ix_letter_leased",
        "letter",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "ix_letter_sent",
        "letter",
        ["sent_at"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NOT NULL"),
        postgresql_where=sa.text("sent_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_letter_slot"), "letter", ["slot"], unique=False)
    op.create_index(
        "ix_letter_stopped",
        "letter",
        ["slot"],
        unique=False,
        sqlite_where=sa.text("state IN ('failed', 'uncertain', 'held')"),
        postgresql_where=sa.text("state IN ('failed', 'uncertain', 'held')"),
    )
    op.create_index(
        "ix_letter_to_claim",
        "letter",
        ["kind", "next_attempt_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'queued' OR (state = 'uncertain' AND NOT resent)"),
        postgresql_where=sa.text("state = 'queued' OR (state = 'uncertain' AND NOT resent)"),
    )
    op.create_index(
        "ix_letter_to_send",
        "letter",
        ["slot", "next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'claimed', 'uncertain')"),
        postgresql_where=sa.text("state IN ('queued', 'claimed', 'uncertain')"),
    )
    op.create_table(
        "letter_preference",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "changes",
            sa.Enum(
                "at_once",
                "two_hours",
                "twice",
                "morning",
                "off",
                name="changes_pace",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "requests",
            sa.Enum(
                "at_once",
                "two_hours",
                "twice",
                "morning",
                "off",
                name="requests_pace",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "news",
            sa.Enum(
                "at_once",
                "two_hours",
                "twice",
                "morning",
                "off",
                name="news_pace",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "messages",
            sa.Enum(
                "at_once",
                "two_hours",
                "twice",
                "morning",
                "off",
                name="messages_pace",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "summary",
            sa.Enum(
                "at_once",
                "two_hours",
                "twice",
                "morning",
                "off",
                name="summary_pace",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("quiet_from", sa.SmallInteger(), nullable=True),
        sa.Column("quiet_until", sa.SmallInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("changes <> 'off'", name=op.f("ck_letter_preference_changes_are_told")),
        sa.CheckConstraint("requests <> 'at_once'", name=op.f("ck_letter_preference_requests_are_gathered")),
        sa.CheckConstraint(
            "summary IN ('morning', 'off')", name=op.f("ck_letter_preference_summary_is_of_the_morning")
        ),
        sa.CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL)", name=op.f("ck_letter_preference_quiet_has_both_ends")
        ),
        sa.CheckConstraint(
            "quiet_from >= 0 AND quiet_from < quiet_until AND quiet_until <= 1440",
            name=op.f("ck_letter_preference_quiet_in_a_day"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_letter_preference_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_letter_preference")),
    )
    op.create_table(
        "letter_text",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("language IN ('vi', 'en')", name=op.f("ck_letter_text_language")),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_letter_text_changed_by")),
        sa.PrimaryKeyConstraint("name", "language", name=op.f("pk_letter_text")),
    )
    op.create_table(
        "mailed_secret",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "sign_in",
                "invitation",
                "reset",
                name="mailedpurpose",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_mailed_secret_in_order")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mailed_secret_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_secret")),
    )
    op.create_index(op.f("ix_mailed_secret_expires_at"), "mailed_secret", ["expires_at"], unique=False)
    op.create_index(
        "ix_mailed_secret_open",
        "mailed_secret",
        ["person_id", "purpose"],
        unique=False,
        sqlite_where=sa.text("used_at IS NULL"),
        postgresql_where=sa.text("used_at IS NULL"),
    )
    op.create_table(
        "notices_read_until",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notices_read_until_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notices_read_until")),
    )
    op.create_table(
        "push_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_hash", sa.String(length=64), nullable=False),
        sa.Column("keys", sa.String(), nullable=True),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (keys IS NOT NULL)", name=op.f("ck_push_subscription_keys_while_open")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_push_subscription_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
    )
    op.create_index(
        "ix_push_subscription_endpoint",
        "push_subscription",
        ["endpoint_hash"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_push_subscription_open",
        "push_subscription",
        ["person_id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_saved_view_has_name")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_saved_view_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_view_owner_id_name")),
    )
    op.create_index(op.f("ix_saved_view_is_shared"), "saved_view", ["is_shared"], unique=False)
    op.create_table(
        "trusted_root",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("installed_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_trusted_root_lasts")),
        sa.ForeignKeyConstraint(["installed_by"], ["person.id"], name=op.f("fk_trusted_root_installed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trusted_root")),
        sa.UniqueConstraint("sha256", name=op.f("uq_trusted_root_sha256")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("name_folded", sa.String(length=300), nullable=False),
        sa.Column("sort_key", sa.String(length=700), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ministry",
                "department",
                "subordinate",
                "enterprise",
                "enterprise_unit",
                "police",
                "other",
                name="unitkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_outside", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("supervising_unit_id", sa.Uuid(), nullable=True),
        sa.Column("head_id", sa.Uuid(), nullable=True),
        sa.Column("deputy_id", sa.Uuid(), nullable=True),
        sa.Column("focal_point_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=64), nullable=True),
        sa.CheckConstraint("kind <> 'police' OR is_outside", name=op.f("ck_unit_police_is_outside")),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name=op.f("ck_unit_parent_is_another")),
        sa.CheckConstraint(
            "supervising_unit_id IS NULL OR supervising_unit_id <> id", name=op.f("ck_unit_supervisor_is_another")
        ),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name=op.f("fk_unit_deputy_id")),
        sa.ForeignKeyConstraint(["focal_point_id"], ["person.id"], name=op.f("fk_unit_focal_point_id")),
        sa.ForeignKeyConstraint(["head_id"], ["person.id"], name=op.f("fk_unit_head_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.ForeignKeyConstraint(["supervising_unit_id"], ["unit.id"], name=op.f("fk_unit_supervising_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
    )
    op.create_index(op.f("ix_unit_deputy_id"), "unit", ["deputy_id"], unique=False)
    op.create_index(op.f("ix_unit_focal_point_id"), "unit", ["focal_point_id"], unique=False)
    op.create_index(op.f("ix_unit_head_id"), "unit", ["head_id"], unique=False)
    op.create_index(op.f("ix_unit_kind"), "unit", ["kind"], unique=False)
    op.create_index(op.f("ix_unit_name_folded"), "unit", ["name_folded"], unique=False)
    op.create_index(op.f("ix_unit_parent_id"), "unit", ["parent_id"], unique=False)
    op.create_index(op.f("ix_unit_supervising_unit_id"), "unit", ["supervising_unit_id"], unique=False)
    op.create_table(
        "web_session",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "proof",
            sa.Enum("password", "code", "oidc", name="proof", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_remembered", sa.Boolean(), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_web_session_person_id")),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_web_session")),
        sa.UniqueConstraint("id", name=op.f("uq_web_session_id")),
    )
    op.create_index(op.f("ix_web_session_expires_at"), "web_session", ["expires_at"], unique=False)
    op.create_index("ix_web_session_person", "web_session", ["person_id", "expires_at"], unique=False)
    op.create_table(
        "bounce",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("address_tag", sa.String(length=8), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "failed",
                "delayed",
                "delivered",
                "relayed",
                "expanded",
                name="bounceaction",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("diagnostic", sa.String(length=500), nullable=False),
        sa.Column(
            "aside",
            sa.Enum(
                "not_a_report",
                "too_large",
                "too_deep",
                "broken",
                "unsigned",
                "forged",
                "unknown_letter",
                name="bounceaside",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("is_proved", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_bounce_letter_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_bounce")),
    )
    op.create_index(
        "ix_bounce_letter_id",
        "bounce",
        ["letter_id"],
        unique=False,
        sqlite_where=sa.text("letter_id IS NOT NULL"),
        postgresql_where=sa.text("letter_id IS NOT NULL"),
    )
    op.create_index("ix_bounce_read_at", "bounce", ["read_at"], unique=False)
    op.create_index(
        "ix_bounce_waits",
        "bounce",
        ["read_at"],
        unique=False,
        sqlite_where=sa.text("waits"),
        postgresql_where=sa.text("waits"),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("off", "working", name="daykind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["calendar_revision.id"], name=op.f("fk_calendar_day_revision_id")),
        sa.PrimaryKeyConstraint("day", "revision_id", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "channel_message",
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("gateway_id", sa.Uuid(), nullable=True),
        sa.Column("subscription_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "claimed",
                "sent",
                "uncertain",
                "failed",
                name="messagestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "(state = 'claimed') = (lease_until IS NOT NULL)", name=op.f("ck_channel_message_claimed_has_lease")
        ),
        sa.CheckConstraint(
            "(gateway_id IS NULL) <> (subscription_id IS NULL)", name=op.f("ck_channel_message_one_channel")
        ),
        sa.ForeignKeyConstraint(["gateway_id"], ["gateway.id"], name=op.f("fk_channel_message_gateway_id")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_channel_message_letter_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_channel_message_recipient_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["push_subscription.id"], name=op.f("fk_channel_message_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_message")),
        sa.UniqueConstraint("letter_id", "gateway_id", name=op.f("uq_channel_message_letter_id_gateway_id")),
        sa.UniqueConstraint("letter_id", "subscription_id", name=op.f("uq_channel_message_letter_id_subscription_id")),
    )
    op.create_index("ix_channel_message_queued_at", "channel_message", ["queued_at"], unique=False)
    op.create_index(
        "ix_channel_message_to_send",
        "channel_message",
        ["ready_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'claimed')"),
        postgresql_where=sa.text("state IN ('queued', 'claimed')"),
    )
    op.create_table(
        "directive",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=1000), nullable=False),
        sa.Column(
            "urgency",
            sa.Enum(
                "normal",
                "urgent",
                "very_urgent",
                "express",
                name="urgency",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("secrecy", sa.String(length=16), nullable=False),
        sa.Column("legal_bases", _JSON, nullable=False),
        sa.Column("sources", _JSON, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("search_text", sa.String(), server_default="", nullable=False),
        sa.Column("coordinating_unit_id", sa.Uuid(), nullable=False),
        sa.Column("issuer_office_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("secrecy = 'none'", name=op.f("ck_directive_no_secrets")),
        sa.ForeignKeyConstraint(["coordinating_unit_id"], ["unit.id"], name=op.f("fk_directive_coordinating_unit_id")),
        sa.ForeignKeyConstraint(["issuer_office_id"], ["unit.id"], name=op.f("fk_directive_issuer_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directive")),
        sa.UniqueConstraint("code", name=op.f("uq_directive_code")),
    )
    op.create_table(
        "errand_chunk",
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("errand_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", _JSON, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "running",
                "done",
                "failed",
                name="chunkstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", _JSON, nullable=False),
        sa.Column("error", sa.String(length=1000), nullable=False),
        sa.CheckConstraint(
            "(state IN ('waiting', 'running')) = (ready_at IS NOT NULL)", name=op.f("ck_errand_chunk_open_has_moment")
        ),
        sa.CheckConstraint(
            "number >= 0 AND size >= 0 AND fence >= 0 AND attempts >= 0", name=op.f("ck_errand_chunk_counts")
        ),
        sa.ForeignKeyConstraint(["errand_id"], ["errand.id"], name=op.f("fk_errand_chunk_errand_id")),
        sa.PrimaryKeyConstraint("errand_id", "number", name=op.f("pk_errand_chunk")),
    )
    op.create_index(
        "ix_errand_chunk_to_do",
        "errand_chunk",
        ["number", "errand_id"],
        unique=False,
        sqlite_where=sa.text("ready_at IS NOT NULL"),
        postgresql_where=sa.text("ready_at IS NOT NULL"),
    )
    op.create_table(
        "errand_part",
        sa.Column("errand_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("content", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["errand_id"], ["errand.id"], name=op.f("fk_errand_part_errand_id")),
        sa.PrimaryKeyConstraint("errand_id", "name", name=op.f("pk_errand_part")),
    )
    op.create_table(
        "expired_content",
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_expired_content_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_expired_content")),
    )
    op.create_table(
        "gateway_consent",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("gateway_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["gateway_id"], ["gateway.id"], name=op.f("fk_gateway_consent_gateway_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_gateway_consent_person_id")),
        sa.PrimaryKeyConstraint("person_id", "gateway_id", name=op.f("pk_gateway_consent")),
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("office", sa.String(length=32), nullable=False),
        sa.Column("from_person_id", sa.Uuid(), nullable=True),
        sa.Column("to_person_id", sa.Uuid(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["from_person_id"], ["person.id"], name=op.f("fk_handover_from_person_id")),
        sa.ForeignKeyConstraint(["to_person_id"], ["person.id"], name=op.f("fk_handover_to_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_handover_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index(op.f("ix_handover_unit_id"), "handover", ["unit_id"], unique=False)
    op.create_table(
        "letter_attempt",
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("smtp_code", sa.Integer(), nullable=True),
        sa.Column("reply", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_attempt_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "fence", name=op.f("pk_letter_attempt")),
    )
    op.create_table(
        "letter_content",
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_content_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_letter_content")),
    )
    op.create_table(
        "person_role",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "administrator",
                "coordinator",
                "clerk",
                "observer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_role_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_role_unit_id")),
        sa.PrimaryKeyConstraint("person_id", "role", "unit_id", name=op.f("pk_person_role")),
    )
    op.create_table(
        "table_mapping",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("headings", _JSON, nullable=False),
        sa.Column("mapping", _JSON, nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["said_by"], ["person.id"], name=op.f("fk_table_mapping_said_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_table_mapping_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "digest", name=op.f("pk_table_mapping")),
    )
    op.create_table(
        "unit_alias",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("alias", sa.String(length=300), nullable=False),
        sa.Column("alias_folded", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_alias_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "alias", name=op.f("pk_unit_alias")),
        sa.UniqueConstraint("alias_folded", name=op.f("uq_unit_alias_alias_folded")),
    )
    op.create_table(
        "unit_tag",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_tag_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "tag", name=op.f("pk_unit_tag")),
    )
    op.create_index(op.f("ix_unit_tag_tag"), "unit_tag", ["tag"], unique=False)
    op.create_table(
        "channel_attempt",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("reply", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["channel_message.id"], name=op.f("fk_channel_attempt_message_id")),
        sa.PrimaryKeyConstraint("message_id", "fence", name=op.f("pk_channel_attempt")),
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=False),
        sa.Column("parent_duty_id", sa.Uuid(), nullable=True),
        sa.Column("path", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "one_off",
                "standing",
                "recurring",
                "on_request",
                "contingency",
                "oversight",
                name="dutykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("search_text", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_duty_directive_id")),
        sa.ForeignKeyConstraint(["parent_duty_id"], ["duty.id"], name=op.f("fk_duty_parent_duty_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
        sa.UniqueConstraint("directive_id", "path", name=op.f("uq_duty_directive_id_path")),
    )
    op.create_index(op.f("ix_duty_directive_id"), "duty", ["directive_id"], unique=False)
    op.create_index(op.f("ix_duty_parent_duty_id"), "duty", ["parent_duty_id"], unique=False)
    op.create_table(
        "history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("from_status", sa.String(length=20), nullable=True),
        sa.Column("to_status", sa.String(length=20), nullable=True),
        sa.Column("facts", _JSON, nullable=False),
        sa.Column("note_hash", sa.String(length=64), nullable=True),
        sa.Column("seal_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_history_actor_id")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_history_directive_id")),
        sa.ForeignKeyConstraint(["seal_id"], ["history_seal.id"], name=op.f("fk_history_seal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index("ix_history_directive_recorded", "history", ["directive_id", "recorded_at"], unique=False)
    op.create_index(
        "ix_history_sealed",
        "history",
        ["seal_id"],
        unique=False,
        sqlite_where=sa.text("seal_id IS NOT NULL"),
        postgresql_where=sa.text("seal_id IS NOT NULL"),
    )
    op.create_index("ix_history_task_recorded", "history", ["task_id", "recorded_at"], unique=False)
    op.create_index(
        "ix_history_unsealed",
        "history",
        ["recorded_at", "id"],
        unique=False,
        sqlite_where=sa.text("seal_id IS NULL"),
        postgresql_where=sa.text("seal_id IS NULL"),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("stood_down_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stood_down_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["declared_by"], ["person.id"], name=op.f("fk_incident_declared_by")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_incident_directive_id")),
        sa.ForeignKeyConstraint(["stood_down_by"], ["person.id"], name=op.f("fk_incident_stood_down_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_directive_id"), "incident", ["directive_id"], unique=False)
    op.create_table(
        "inspection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("decision_number", sa.String(length=64), nullable=True),
        sa.Column("decision_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "under_way",
                "findings_sent",
                "closed",
                "cancelled",
                name="inspectionstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_by", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('closed', 'cancelled')) = (ended_at IS NOT NULL)", name=op.f("ck_inspection_ended_has_moment")
        ),
        sa.CheckConstraint("state <> 'cancelled' OR reason <> ''", name=op.f("ck_inspection_cancelled_has_reason")),
        sa.CheckConstraint(
            "state <> 'closed' OR (summary <> '' AND sent_at IS NOT NULL)",
            name=op.f("ck_inspection_closed_has_summary"),
        ),
        sa.CheckConstraint(
            "state <> 'findings_sent' OR sent_at IS NOT NULL", name=op.f("ck_inspection_sent_has_moment")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_inspection_ended_has_person")),
        sa.CheckConstraint(
            "decision_on IS NULL OR decision_number IS NOT NULL", name=op.f("ck_inspection_decision_has_number")
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_inspection_days_in_order")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_inspection_directive_id")),
        sa.ForeignKeyConstraint(["document_id"], ["directive.id"], name=op.f("fk_inspection_document_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_inspection_ended_by")),
        sa.ForeignKeyConstraint(["lead_id"], ["person.id"], name=op.f("fk_inspection_lead_id")),
        sa.ForeignKeyConstraint(["planned_by"], ["person.id"], name=op.f("fk_inspection_planned_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
        sa.UniqueConstraint("document_id", name=op.f("uq_inspection_document_id")),
    )
    op.create_index(op.f("ix_inspection_directive_id"), "inspection", ["directive_id"], unique=False)
    op.create_index(op.f("ix_inspection_lead_id"), "inspection", ["lead_id"], unique=False)
    op.create_table(
        "intake",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=1000), nullable=False),
        sa.Column(
            "urgency",
            sa.Enum(
                "normal",
                "urgent",
                "very_urgent",
                "express",
                name="urgency",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("legal_bases", _JSON, nullable=False),
        sa.Column("findings", _JSON, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "concluded", "dropped", name="intakestate", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("coordinating_unit_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("directive_id", sa.Uuid(), nullable=True),
        sa.Column("scan", _JSON, server_default="{}", nullable=False),
        sa.CheckConstraint(
            "(state = 'concluded') = (directive_id IS NOT NULL)", name=op.f("ck_intake_concluded_has_directive")
        ),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_intake_ended_has_date")),
        sa.ForeignKeyConstraint(["coordinating_unit_id"], ["unit.id"], name=op.f("fk_intake_coordinating_unit_id")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_intake_directive_id")),
        sa.ForeignKeyConstraint(["read_by"], ["person.id"], name=op.f("fk_intake_read_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake")),
    )
    op.create_index(op.f("ix_intake_coordinating_unit_id"), "intake", ["coordinating_unit_id"], unique=False)
    op.create_index(op.f("ix_intake_directive_id"), "intake", ["directive_id"], unique=False)
    op.create_index(op.f("ix_intake_sha256"), "intake", ["sha256"], unique=False)
    op.create_table(
        "intake_table",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("cells", _JSON, nullable=False),
        sa.Column("heads_from", sa.Integer(), nullable=False),
        sa.Column("heads_to", sa.Integer(), nullable=False),
        sa.Column("mapping", _JSON, nullable=False),
        sa.Column("is_mapped", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=1000), nullable=False),
        sa.Column("dates_are_fixed", sa.Boolean(), nullable=False),
        sa.Column("left_out", _JSON, nullable=False),
        sa.Column("taken", _JSON, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "concluded", "dropped", name="intakestate", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("coordinating_unit_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("directive_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'concluded') = (directive_id IS NOT NULL)", name=op.f("ck_intake_table_concluded_has_directive")
        ),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_intake_table_ended_has_date")),
        sa.CheckConstraint("heads_from >= 1 AND heads_from <= heads_to", name=op.f("ck_intake_table_has_headings")),
        sa.ForeignKeyConstraint(
            ["coordinating_unit_id"], ["unit.id"], name=op.f("fk_intake_table_coordinating_unit_id")
        ),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_intake_table_directive_id")),
        sa.ForeignKeyConstraint(["read_by"], ["person.id"], name=op.f("fk_intake_table_read_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_table")),
    )
    op.create_index(
        op.f("ix_intake_table_coordinating_unit_id"), "intake_table", ["coordinating_unit_id"], unique=False
    )
    op.create_index(op.f("ix_intake_table_directive_id"), "intake_table", ["directive_id"], unique=False)
    op.create_index(op.f("ix_intake_table_sha256"), "intake_table", ["sha256"], unique=False)
    op.create_table(
        "issued_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "directive",
                "consolidated",
                "unit",
                name="reportkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("directive_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("office_unit_id", sa.Uuid(), nullable=False),
        sa.Column("cutoff", sa.Date(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("figures", _JSON, nullable=False),
        sa.Column("parts", _JSON, nullable=False),
        sa.Column("paper", _JSON, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(kind = 'unit') = (unit_id IS NOT NULL)", name=op.f("ck_issued_report_of_a_unit")),
        sa.CheckConstraint(
            "kind <> 'consolidated' OR directive_id IS NULL", name=op.f("ck_issued_report_of_all_directives")
        ),
        sa.CheckConstraint(
            "kind <> 'directive' OR directive_id IS NOT NULL", name=op.f("ck_issued_report_of_a_directive")
        ),
        sa.CheckConstraint("language IN ('vi', 'en')", name=op.f("ck_issued_report_language")),
        sa.CheckConstraint(
            "(issued_at IS NULL) = (issued_by IS NULL)", name=op.f("ck_issued_report_issued_by_somebody")
        ),
        sa.CheckConstraint("corrects_id IS NULL OR corrects_id <> id", name=op.f("ck_issued_report_corrects_another")),
        sa.ForeignKeyConstraint(["corrects_id"], ["issued_report.id"], name=op.f("fk_issued_report_corrects_id")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_issued_report_directive_id")),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_issued_report_drafted_by")),
        sa.ForeignKeyConstraint(["issued_by"], ["person.id"], name=op.f("fk_issued_report_issued_by")),
        sa.ForeignKeyConstraint(["office_unit_id"], ["unit.id"], name=op.f("fk_issued_report_office_unit_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_issued_report_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_report")),
    )
    op.create_index(op.f("ix_issued_report_corrects_id"), "issued_report", ["corrects_id"], unique=False)
    op.create_index(op.f("ix_issued_report_directive_id"), "issued_report", ["directive_id"], unique=False)
    op.create_index(op.f("ix_issued_report_office_unit_id"), "issued_report", ["office_unit_id"], unique=False)
    op.create_table(
        "launch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=False),
        sa.Column("launched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigner_unit_id", sa.Uuid(), nullable=False),
        sa.Column("coordinator_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overridden", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["assigner_unit_id"], ["unit.id"], name=op.f("fk_launch_assigner_unit_id")),
        sa.ForeignKeyConstraint(["coordinator_id"], ["person.id"], name=op.f("fk_launch_coordinator_id")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_launch_directive_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_launch")),
    )
    op.create_index(op.f("ix_launch_coordinator_id"), "launch", ["coordinator_id"], unique=False)
    op.create_index(op.f("ix_launch_directive_id"), "launch", ["directive_id"], unique=False)
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("secret", sa.String(length=255), nullable=False),
        sa.Column("events", _JSON, nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_webhook_created_by")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_webhook_directive_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_table(
        "armed_duty",
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("launch_id", sa.Uuid(), nullable=False),
        sa.Column("armed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_period", sa.String(length=40), nullable=True),
        sa.Column("next_opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stood_down_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_armed_duty_duty_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_armed_duty_launch_id")),
        sa.PrimaryKeyConstraint("duty_id", name=op.f("pk_armed_duty")),
    )
    op.create_index(op.f("ix_armed_duty_launch_id"), "armed_duty", ["launch_id"], unique=False)
    op.create_index(op.f("ix_armed_duty_next_opens_at"), "armed_duty", ["next_opens_at"], unique=False)
    op.create_table(
        "edxml_incoming",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender", sa.String(length=255), nullable=False),
        sa.Column("sender_name", sa.String(length=300), nullable=False),
        sa.Column("document_id", sa.String(length=255), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "new",
                "recall",
                "update",
                "replace",
                "status",
                name="messagekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("said_at", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("facts", _JSON, nullable=False),
        sa.Column("intake_id", sa.Uuid(), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "came_by",
            sa.Enum(
                "page", "command", "api", "folder", name="cameby", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(kind = 'status') = (code <> '')", name=op.f("ck_edxml_incoming_status_has_code")),
        sa.CheckConstraint("kind = 'status' OR said_at = ''", name=op.f("ck_edxml_incoming_only_status_has_moment")),
        sa.CheckConstraint("sender <> '' AND document_id <> ''", name=op.f("ck_edxml_incoming_named")),
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
    )
    op.create_index("ix_edxml_incoming_document_id", "edxml_incoming", ["document_id"], unique=False)
    op.create_index(op.f("ix_edxml_incoming_intake_id"), "edxml_incoming", ["intake_id"], unique=False)
    op.create_table(
        "history_note",
        sa.Column("history_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["history_id"], ["history.id"], name=op.f("fk_history_note_history_id")),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_history_note")),
    )
    op.create_table(
        "inspection_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_inspection_item_has_words")),
        sa.CheckConstraint("position >= 1", name=op.f("ck_inspection_item_position_counts")),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_inspection_item_duty_id")),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name=op.f("fk_inspection_item_inspection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_item")),
        sa.UniqueConstraint("inspection_id", "id", name=op.f("uq_inspection_item_inspection_id_id")),
        sa.UniqueConstraint("inspection_id", "position", name=op.f("uq_inspection_item_inspection_id_position")),
    )
    op.create_index(op.f("ix_inspection_item_duty_id"), "inspection_item", ["duty_id"], unique=False)
    op.create_table(
        "inspection_member",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name=op.f("fk_inspection_member_inspection_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_inspection_member_person_id")),
        sa.PrimaryKeyConstraint("inspection_id", "person_id", name=op.f("pk_inspection_member")),
    )
    op.create_index(op.f("ix_inspection_member_person_id"), "inspection_member", ["person_id"], unique=False)
    op.create_table(
        "intake_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("intake_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "original",
                "searchable",
                "attachment",
                name="filerole",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_intake_file_not_empty")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_intake_file_intake_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_file")),
        sa.UniqueConstraint("intake_id", "role", "sha256", name=op.f("uq_intake_file_intake_id_role_sha256")),
    )
    op.create_index(op.f("ix_intake_file_sha256"), "intake_file", ["sha256"], unique=False)
    op.create_table(
        "issued_file",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("form IN ('docx', 'pdf', 'xlsx')", name=op.f("ck_issued_file_form")),
        sa.ForeignKeyConstraint(["report_id"], ["issued_report.id"], name=op.f("fk_issued_file_report_id")),
        sa.PrimaryKeyConstraint("report_id", "form", name=op.f("pk_issued_file")),
    )
    op.create_table(
        "proposed_duty",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("intake_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=32), nullable=False),
        sa.Column("begins", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "one_off",
                "standing",
                "recurring",
                "on_request",
                "contingency",
                "oversight",
                name="dutykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("addressees", _JSON, nullable=False),
        sa.Column("partners", _JSON, nullable=False),
        sa.Column("deadline", _JSON, nullable=False),
        sa.Column("every", sa.String(length=16), nullable=False),
        sa.Column("reports_to", sa.String(length=300), nullable=False),
        sa.Column("result", sa.String(length=500), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "confirmed",
                "dropped",
                name="proposalstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("findings", _JSON, nullable=False),
        sa.CheckConstraint("begins >= 0 AND begins < ends", name=op.f("ck_proposed_duty_has_words")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_proposed_duty_intake_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposed_duty")),
        sa.UniqueConstraint("intake_id", "path", name=op.f("uq_proposed_duty_intake_id_path")),
    )
    op.create_index(op.f("ix_proposed_duty_intake_id"), "proposed_duty", ["intake_id"], unique=False)
    op.create_table(
        "report_schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "directive",
                "consolidated",
                "unit",
                name="reportkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("office_unit_id", sa.Uuid(), nullable=False),
        sa.Column("to_issuer", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("own_day", sa.Integer(), nullable=True),
        sa.Column("own_months_before", sa.Integer(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("counts_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_period", sa.String(length=40), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind <> 'unit'", name=op.f("ck_report_schedule_is_ours")),
        sa.CheckConstraint("language IN ('vi', 'en')", name=op.f("ck_report_schedule_language")),
        sa.CheckConstraint("own_day IS NULL OR own_day BETWEEN 1 AND 31", name=op.f("ck_report_schedule_own_day")),
        sa.CheckConstraint("own_months_before BETWEEN -3 AND 13", name=op.f("ck_report_schedule_own_months_before")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_report_schedule_created_by")),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_report_schedule_duty_id")),
        sa.ForeignKeyConstraint(["office_unit_id"], ["unit.id"], name=op.f("fk_report_schedule_office_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_schedule")),
        sa.UniqueConstraint(
            "kind", "duty_id", "office_unit_id", name=op.f("uq_report_schedule_kind_duty_id_office_unit_id")
        ),
    )
    op.create_index(op.f("ix_report_schedule_duty_id"), "report_schedule", ["duty_id"], unique=False)
    op.create_index(op.f("ix_report_schedule_office_unit_id"), "report_schedule", ["office_unit_id"], unique=False)
    op.create_table(
        "template_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "published",
                "retired",
                name="templatestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("spec", _JSON, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'draft') = (published_at IS NULL)", name=op.f("ck_template_version_published_has_date")
        ),
        sa.CheckConstraint(
            "(state = 'retired') = (retired_at IS NOT NULL)", name=op.f("ck_template_version_retired_has_date")
        ),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_template_version_duty_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_version")),
        sa.UniqueConstraint("duty_id", "version", name=op.f("uq_template_version_duty_id_version")),
    )
    op.create_index(op.f("ix_template_version_duty_id"), "template_version", ["duty_id"], unique=False)
    op.create_index(
        "ix_template_version_published",
        "template_version",
        ["duty_id"],
        unique=True,
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_table(
        "webhook_call",
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("history_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "claimed",
                "done",
                "failed",
                name="callstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "(state = 'claimed') = (lease_until IS NOT NULL)", name=op.f("ck_webhook_call_claimed_has_lease")
        ),
        sa.ForeignKeyConstraint(["history_id"], ["history.id"], name=op.f("fk_webhook_call_history_id")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_call_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_call")),
        sa.UniqueConstraint("webhook_id", "history_id", name=op.f("uq_webhook_call_webhook_id_history_id")),
    )
    op.create_index(
        "ix_webhook_call_to_make",
        "webhook_call",
        ["next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'claimed')"),
        postgresql_where=sa.text("state IN ('queued', 'claimed')"),
    )
    op.create_table(
        "compiled_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("data_from", sa.Date(), nullable=False),
        sa.Column("data_to", sa.Date(), nullable=False),
        sa.Column("cutoff", sa.Date(), nullable=False),
        sa.Column("is_estimate", sa.Boolean(), nullable=False),
        sa.Column("units", _JSON, nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=True),
        sa.Column("compiled_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("data_from <= data_to", name=op.f("ck_compiled_report_in_order")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["issued_report.id"], name=op.f("fk_compiled_report_report_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["schedule_id"], ["report_schedule.id"], name=op.f("fk_compiled_report_schedule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compiled_report")),
        sa.UniqueConstraint("schedule_id", "period", name=op.f("uq_compiled_report_schedule_id_period")),
    )
    op.create_index(op.f("ix_compiled_report_report_id"), "compiled_report", ["report_id"], unique=False)
    op.create_table(
        "edxml_outgoing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incoming_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("about", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_by", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "(about <> '') = (code IN ('report', '13'))", name=op.f("ck_edxml_outgoing_names_our_document")
        ),
        sa.CheckConstraint("(left_at IS NULL) = (left_by = '')", name=op.f("ck_edxml_outgoing_left_by_a_way")),
        sa.ForeignKeyConstraint(["incoming_id"], ["edxml_incoming.id"], name=op.f("fk_edxml_outgoing_incoming_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_edxml_outgoing_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edxml_outgoing")),
        sa.UniqueConstraint("incoming_id", "code", "about", name=op.f("uq_edxml_outgoing_incoming_id_code_about")),
        sa.UniqueConstraint("name", name=op.f("uq_edxml_outgoing_name")),
    )
    op.create_index("ix_edxml_outgoing_about", "edxml_outgoing", ["about"], unique=False)
    op.create_index(
        "ix_edxml_outgoing_answered",
        "edxml_outgoing",
        ["incoming_id"],
        unique=True,
        sqlite_where=sa.text("code IN ('15', '16')"),
        postgresql_where=sa.text("code IN ('15', '16')"),
    )
    op.create_index(
        "ix_edxml_outgoing_waiting",
        "edxml_outgoing",
        ["made_at"],
        unique=False,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("launch_id", sa.Uuid(), nullable=False),
        sa.Column("template_version_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column("assigned_unit_id", sa.Uuid(), nullable=False),
        sa.Column("lead_unit_id", sa.Uuid(), nullable=False),
        sa.Column("occurrence", sa.String(length=64), nullable=False),
        sa.Column("parent_key", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("assigner_unit_id", sa.Uuid(), nullable=False),
        sa.Column("coordinator_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "assigned",
                "accepted",
                "submitted",
                "returned",
                "approved",
                "withdrawn",
                name="taskstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_anchor_id", sa.Uuid(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("original_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_anchor_id", sa.Uuid(), nullable=True),
        sa.Column("due_revision", sa.Integer(), nullable=False),
        sa.Column(
            "due_fixed_by",
            sa.Enum(
                "assigner",
                "directive",
                "template",
                "parent",
                name="duefixedby",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("due_reason", sa.String(length=500), nullable=False),
        sa.Column(
            "wait_kind",
            sa.Enum(
                "decision",
                "extension",
                "obstacle",
                "lead_change",
                name="waitkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("wait_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wait_anchor_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'withdrawn') OR next_check_at IS NULL", name=op.f("ck_task_closed_is_quiet")
        ),
        sa.CheckConstraint("(due_at IS NULL) = (original_due_at IS NULL)", name=op.f("ck_task_original_date_kept")),
        sa.CheckConstraint("(wait_kind IS NULL) = (wait_since IS NULL)", name=op.f("ck_task_wait_has_since")),
        sa.CheckConstraint("parent_id IS NULL OR parent_key = parent_id", name=op.f("ck_task_parent_key_is_parent")),
        sa.ForeignKeyConstraint(["assigned_unit_id"], ["unit.id"], name=op.f("fk_task_assigned_unit_id")),
        sa.ForeignKeyConstraint(["assigner_unit_id"], ["unit.id"], name=op.f("fk_task_assigner_unit_id")),
        sa.ForeignKeyConstraint(["coordinator_id"], ["person.id"], name=op.f("fk_task_coordinator_id")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_task_directive_id")),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_task_duty_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_task_incident_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_task_launch_id")),
        sa.ForeignKeyConstraint(["lead_unit_id"], ["unit.id"], name=op.f("fk_task_lead_unit_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["person.id"], name=op.f("fk_task_officer_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["task.id"], name=op.f("fk_task_parent_id")),
        sa.ForeignKeyConstraint(
            ["template_version_id"], ["template_version.id"], name=op.f("fk_task_template_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint(
            "duty_id",
            "assigned_unit_id",
            "occurrence",
            "parent_key",
            name=op.f("uq_task_duty_id_assigned_unit_id_occurrence_parent_key"),
        ),
    )
    op.create_index("ix_task_assigner_status", "task", ["assigner_unit_id", "status"], unique=False)
    op.create_index(
        "ix_task_closed_at",
        "task",
        ["closed_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NOT NULL"),
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index(
        "ix_task_closed_due",
        "task",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NOT NULL"),
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index("ix_task_coordinator_status", "task", ["coordinator_id", "status"], unique=False)
    op.create_index("ix_task_directive_duty", "task", ["directive_id", "duty_id"], unique=False)
    op.create_index("ix_task_duty_lead", "task", ["duty_id", "lead_unit_id"], unique=False)
    op.create_index(
        "ix_task_handed_down",
        "task",
        ["assigner_unit_id"],
        unique=False,
        sqlite_where=sa.text("parent_id IS NOT NULL"),
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )
    op.create_index(
        "ix_task_incident",
        "task",
        ["incident_id"],
        unique=False,
        sqlite_where=sa.text("incident_id IS NOT NULL"),
        postgresql_where=sa.text("incident_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_task_launch_id"), "task", ["launch_id"], unique=False)
    op.create_index(
        "ix_task_lead_closed",
        "task",
        ["lead_unit_id", "closed_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NOT NULL"),
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index("ix_task_lead_status", "task", ["lead_unit_id", "status"], unique=False)
    op.create_index(
        "ix_task_officer",
        "task",
        ["officer_id", "status"],
        unique=False,
        sqlite_where=sa.text("officer_id IS NOT NULL"),
        postgresql_where=sa.text("officer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_task_open",
        "task",
        ["due_at", "is_drill"],
        unique=False,
        sqlite_where=sa.text("status IN ('assigned', 'accepted', 'submitted', 'returned')"),
        postgresql_where=sa.text("status IN ('assigned', 'accepted', 'submitted', 'returned')"),
    )
    op.create_index(
        "ix_task_own_lead",
        "task",
        ["status"],
        unique=False,
        sqlite_where=sa.text("parent_id IS NULL AND assigner_unit_id = lead_unit_id"),
        postgresql_where=sa.text("parent_id IS NULL AND assigner_unit_id = lead_unit_id"),
    )
    op.create_index(
        "ix_task_parent",
        "task",
        ["parent_id"],
        unique=False,
        sqlite_where=sa.text("parent_id IS NOT NULL"),
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_task_template_version_id"), "task", ["template_version_id"], unique=False)
    op.create_table(
        "contribution",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("contributed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contributed_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("(contributed_at IS NULL) = (contributed_by IS NULL)", name=op.f("ck_contribution_whole")),
        sa.ForeignKeyConstraint(["contributed_by"], ["person.id"], name=op.f("fk_contribution_contributed_by")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_contribution_task_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_contribution_unit_id")),
        sa.PrimaryKeyConstraint("task_id", "unit_id", name=op.f("pk_contribution")),
    )
    op.create_index(op.f("ix_contribution_unit_id"), "contribution", ["unit_id"], unique=False)
    op.create_table(
        "conversation_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("duty_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("history_id", sa.Uuid(), nullable=False),
        sa.Column(
            "came_by",
            sa.Enum(
                "site",
                "mail",
                "api",
                "command",
                name="messageway",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("quotes_duty", sa.Boolean(), nullable=False),
        sa.Column("is_for_all", sa.Boolean(), nullable=False),
        sa.Column("is_question", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answers_id", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_history_id", sa.Uuid(), nullable=True),
        sa.Column("shows_unit", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(published_at IS NULL) = (published_by IS NULL)"
            " AND (published_at IS NULL) = (published_history_id IS NULL)",
            name=op.f("ck_conversation_message_published_whole"),
        ),
        sa.CheckConstraint("(task_id IS NULL) = (duty_id IS NULL)", name=op.f("ck_conversation_message_duty_of_task")),
        sa.CheckConstraint(
            "NOT (is_question AND answers_id IS NOT NULL)", name=op.f("ck_conversation_message_asks_or_answers")
        ),
        sa.CheckConstraint(
            "NOT shows_unit OR published_at IS NOT NULL", name=op.f("ck_conversation_message_shown_when_published")
        ),
        sa.CheckConstraint(
            "edited_at IS NULL OR edited_at >= written_at", name=op.f("ck_conversation_message_edited_later")
        ),
        sa.CheckConstraint(
            "published_at IS NULL OR answers_id IS NOT NULL", name=op.f("ck_conversation_message_answers_are_published")
        ),
        sa.ForeignKeyConstraint(
            ["answers_id"], ["conversation_message.id"], name=op.f("fk_conversation_message_answers_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_conversation_message_author_id")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_conversation_message_directive_id")),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_conversation_message_duty_id")),
        sa.ForeignKeyConstraint(["history_id"], ["history.id"], name=op.f("fk_conversation_message_history_id")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_conversation_message_published_by")),
        sa.ForeignKeyConstraint(
            ["published_history_id"], ["history.id"], name=op.f("fk_conversation_message_published_history_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_conversation_message_task_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_conversation_message_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_message")),
        sa.UniqueConstraint("history_id", name=op.f("uq_conversation_message_history_id")),
        sa.UniqueConstraint("published_history_id", name=op.f("uq_conversation_message_published_history_id")),
    )
    op.create_index(
        "ix_conversation_message_answers",
        "conversation_message",
        ["answers_id"],
        unique=False,
        sqlite_where=sa.text("answers_id IS NOT NULL"),
        postgresql_where=sa.text("answers_id IS NOT NULL"),
    )
    op.create_index(
        "ix_conversation_message_directive",
        "conversation_message",
        ["directive_id", "written_at", "id"],
        unique=False,
        sqlite_where=sa.text("task_id IS NULL"),
        postgresql_where=sa.text("task_id IS NULL"),
    )
    op.create_index(
        "ix_conversation_message_directive_published",
        "conversation_message",
        ["directive_id", "published_at"],
        unique=False,
        sqlite_where=sa.text("published_at IS NOT NULL"),
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )
    op.create_index(
        "ix_conversation_message_duty_published",
        "conversation_message",
        ["duty_id", "published_at"],
        unique=False,
        sqlite_where=sa.text("published_at IS NOT NULL"),
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )
    op.create_index(
        "ix_conversation_message_open_on_directive",
        "conversation_message",
        ["directive_id", "written_at"],
        unique=False,
        sqlite_where=sa.text("is_question AND answered_at IS NULL AND task_id IS NULL"),
        postgresql_where=sa.text("is_question AND answered_at IS NULL AND task_id IS NULL"),
    )
    op.create_index(
        "ix_conversation_message_open_question",
        "conversation_message",
        ["task_id", "written_at"],
        unique=False,
        sqlite_where=sa.text("is_question AND answered_at IS NULL AND task_id IS NOT NULL"),
        postgresql_where=sa.text("is_question AND answered_at IS NULL AND task_id IS NOT NULL"),
    )
    op.create_index(
        "ix_conversation_message_published",
        "conversation_message",
        ["answers_id"],
        unique=True,
        sqlite_where=sa.text("published_at IS NOT NULL"),
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )
    op.create_index(
        "ix_conversation_message_task",
        "conversation_message",
        ["task_id", "written_at", "id"],
        unique=False,
        sqlite_where=sa.text("task_id IS NOT NULL"),
        postgresql_where=sa.text("task_id IS NOT NULL"),
    )
    op.create_table(
        "conversation_read",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("read_upto", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_conversation_read_directive_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_conversation_read_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_conversation_read_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_read")),
    )
    op.create_index(
        "ix_conversation_read_directive",
        "conversation_read",
        ["person_id", "directive_id"],
        unique=True,
        sqlite_where=sa.text("task_id IS NULL"),
        postgresql_where=sa.text("task_id IS NULL"),
    )
    op.create_index(
        "ix_conversation_read_task",
        "conversation_read",
        ["person_id", "task_id"],
        unique=True,
        sqlite_where=sa.text("task_id IS NOT NULL"),
        postgresql_where=sa.text("task_id IS NOT NULL"),
    )
    op.create_table(
        "extension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_issuer", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_due_on", sa.Date(), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'countered', 'accepted', 'refused')", name=op.f("ck_extension_state")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_extension_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_extension_decided_by")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_extension_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
    )
    op.create_index(
        "ix_extension_open",
        "extension",
        ["task_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'countered')"),
        postgresql_where=sa.text("state IN ('open', 'countered')"),
    )
    op.create_index(op.f("ix_extension_task_id"), "extension", ["task_id"], unique=False)
    op.create_table(
        "inspected_unit",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name=op.f("fk_inspected_unit_inspection_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_inspected_unit_task_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_inspected_unit_unit_id")),
        sa.PrimaryKeyConstraint("inspection_id", "unit_id", name=op.f("pk_inspected_unit")),
        sa.UniqueConstraint("task_id", name=op.f("uq_inspected_unit_task_id")),
    )
    op.create_index(op.f("ix_inspected_unit_unit_id"), "inspected_unit", ["unit_id"], unique=False)
    op.create_table(
        "lead_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_unit_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'changed', 'kept')", name=op.f("ck_lead_change_state")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_lead_change_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_lead_change_decided_by")),
        sa.ForeignKeyConstraint(["proposed_unit_id"], ["unit.id"], name=op.f("fk_lead_change_proposed_unit_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_lead_change_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_change")),
    )
    op.create_index(
        "ix_lead_change_open",
        "lead_change",
        ["task_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_lead_change_task_id"), "lead_change", ["task_id"], unique=False)
    op.create_table(
        "letter_link",
        sa.Column("code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_link_letter_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_letter_link_task_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_letter_link")),
    )
    op.create_index(op.f("ix_letter_link_letter_id"), "letter_link", ["letter_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("anchor_id", sa.Uuid(), nullable=False),
        sa.Column("rung", sa.String(length=40), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "assigned",
                "digest",
                "event",
                "upward",
                "incident",
                "summary",
                "alert",
                "account",
                "compiled",
                name="letterkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("topic", sa.String(length=100), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "sent",
                "superseded",
                "dropped",
                "failed",
                name="noticestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("undeliverable", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("template_version_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_notice_letter_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_notice_recipient_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_notice_task_id")),
        sa.ForeignKeyConstraint(
            ["template_version_id"], ["template_version.id"], name=op.f("fk_notice_template_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "task_id",
            "anchor_id",
            "rung",
            "offset",
            "recipient_id",
            name=op.f("uq_notice_task_id_anchor_id_rung_offset_recipient_id"),
        ),
    )
    op.create_index(
        "ix_notice_letter",
        "notice",
        ["letter_id"],
        unique=False,
        sqlite_where=sa.text("letter_id IS NOT NULL"),
        postgresql_where=sa.text("letter_id IS NOT NULL"),
    )
    op.create_index(
        "ix_notice_to_group",
        "notice",
        ["slot"],
        unique=False,
        sqlite_where=sa.text("state = 'pending' AND letter_id IS NULL"),
        postgresql_where=sa.text("state = 'pending' AND letter_id IS NULL"),
    )
    op.create_index(
        "ix_notice_waiting",
        "notice",
        ["recipient_id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "obstacle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_by", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("authority_unit_id", sa.Uuid(), nullable=False),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name=op.f("ck_obstacle_answered_whole")),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_obstacle_answered_by")),
        sa.ForeignKeyConstraint(["authority_unit_id"], ["unit.id"], name=op.f("fk_obstacle_authority_unit_id")),
        sa.ForeignKeyConstraint(["raised_by"], ["person.id"], name=op.f("fk_obstacle_raised_by")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_obstacle_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obstacle")),
    )
    op.create_index(op.f("ix_obstacle_authority_unit_id"), "obstacle", ["authority_unit_id"], unique=False)
    op.create_index(
        "ix_obstacle_open",
        "obstacle",
        ["task_id"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_index(op.f("ix_obstacle_task_id"), "obstacle", ["task_id"], unique=False)
    op.create_table(
        "reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("history_id", sa.Uuid(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "aside",
                "waits",
                "done",
                "posted",
                "refused",
                "lapsed",
                name="replystate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "why",
            sa.Enum(
                "",
                "no_token",
                "forged",
                "unknown_letter",
                "expired",
                "other_sender",
                "retired",
                "automatic",
                "listed",
                "own",
                "repeated",
                "too_large",
                "too_deep",
                "broken",
                "charset",
                "empty",
                "classified",
                "which_task",
                "not_clear",
                "no_right",
                "unproved",
                "to_confirm",
                name="replywhy",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "proof",
            sa.Enum("", "dkim", "server", name="replyproof", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("message_id", sa.String(length=500), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("told", sa.String(length=1000), nullable=False),
        sa.Column("is_answered", sa.Boolean(), nullable=False),
        sa.Column("original_sha256", sa.String(length=64), nullable=False),
        sa.Column("original_size", sa.Integer(), nullable=False),
        sa.CheckConstraint("state <> 'aside' OR why <> ''", name=op.f("ck_reply_aside_has_reason")),
        sa.CheckConstraint("state = 'aside' OR person_id IS NOT NULL", name=op.f("ck_reply_acts_for_somebody")),
        sa.ForeignKeyConstraint(["history_id"], ["history.id"], name=op.f("fk_reply_history_id")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_reply_letter_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reply_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_reply_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
        sa.UniqueConstraint("key", name=op.f("uq_reply_key")),
    )
    op.create_index(
        "ix_reply_letter_id",
        "reply",
        ["letter_id"],
        unique=False,
        sqlite_where=sa.text("letter_id IS NOT NULL"),
        postgresql_where=sa.text("letter_id IS NOT NULL"),
    )
    op.create_index("ix_reply_original", "reply", ["original_sha256"], unique=False)
    op.create_index("ix_reply_read_at", "reply", ["read_at", "id"], unique=False)
    op.create_index(
        "ix_reply_task",
        "reply",
        ["task_id", "person_id"],
        unique=False,
        sqlite_where=sa.text("task_id IS NOT NULL"),
        postgresql_where=sa.text("task_id IS NOT NULL"),
    )
    op.create_index(
        "uq_reply_fingerprint",
        "reply",
        ["fingerprint"],
        unique=True,
        sqlite_where=sa.text("fingerprint <> ''"),
        postgresql_where=sa.text("fingerprint <> ''"),
    )
    op.create_table(
        "result",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column(
            "number_words",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            server_default="",
            nullable=False,
        ),
        sa.Column("document_date", sa.Date(), nullable=False),
        sa.Column("subject", sa.String(length=1000), nullable=False),
        sa.Column("signer", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=1000), nullable=True),
        sa.Column("is_classified", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "NOT is_classified OR (subject = '' AND link IS NULL)", name=op.f("ck_result_classified_has_no_content")
        ),
        sa.CheckConstraint(
            "decision IN ('approved', 'returned', 'taken_back', 'replaced') OR decision IS NULL",
            name=op.f("ck_result_decision"),
        ),
        sa.CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_result_decided_whole")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_result_decided_by")),
        sa.ForeignKeyConstraint(["submitted_by"], ["person.id"], name=op.f("fk_result_submitted_by")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_result_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
    )
    op.create_index(op.f("ix_result_number_words"), "result", ["number_words"], unique=False)
    op.create_index(
        "ix_result_open",
        "result",
        ["task_id"],
        unique=True,
        sqlite_where=sa.text("decision IS NULL"),
        postgresql_where=sa.text("decision IS NULL"),
    )
    op.create_index(op.f("ix_result_task_id"), "result", ["task_id"], unique=False)
    op.create_table(
        "signed_press",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signer", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_signed_press_recorded_by")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_signed_press_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_press")),
    )
    op.create_index(op.f("ix_signed_press_task_id"), "signed_press", ["task_id"], unique=False)
    op.create_table(
        "telephone_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_by", sa.Uuid(), nullable=False),
        sa.Column("answered_by", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["called_by"], ["person.id"], name=op.f("fk_telephone_note_called_by")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_telephone_note_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephone_note")),
    )
    op.create_index(op.f("ix_telephone_note_task_id"), "telephone_note", ["task_id"], unique=False)
    op.create_table(
        "conversation_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_conversation_file_not_empty")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["conversation_message.id"], name=op.f("fk_conversation_file_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_file")),
    )
    op.create_index(op.f("ix_conversation_file_message_id"), "conversation_file", ["message_id"], unique=False)
    op.create_index(op.f("ix_conversation_file_sha256"), "conversation_file", ["sha256"], unique=False)
    op.create_table(
        "conversation_mention",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["conversation_message.id"], name=op.f("fk_conversation_mention_message_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_conversation_mention_person_id")),
        sa.PrimaryKeyConstraint("message_id", "person_id", name=op.f("pk_conversation_mention")),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_evidence_not_empty")),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_evidence_result_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_result_id"), "evidence", ["result_id"], unique=False)
    op.create_index(op.f("ix_evidence_sha256"), "evidence", ["sha256"], unique=False)
    op.create_table(
        "inspection_finding",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "met",
                "partly",
                "not_met",
                "not_applicable",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("settled", sa.String(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_by", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "settled = '' OR verdict IN ('partly', 'not_met')",
            name=op.f("ck_inspection_finding_settled_is_shortcoming"),
        ),
        sa.CheckConstraint(
            "verdict NOT IN ('partly', 'not_met') OR words <> ''",
            name=op.f("ck_inspection_finding_shortcoming_has_words"),
        ),
        sa.ForeignKeyConstraint(["found_by"], ["person.id"], name=op.f("fk_inspection_finding_found_by")),
        sa.ForeignKeyConstraint(
            ["item_id", "inspection_id"],
            ["inspection_item.id", "inspection_item.inspection_id"],
            name=op.f("fk_inspection_finding_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id", "inspection_id"],
            ["inspected_unit.unit_id", "inspected_unit.inspection_id"],
            name=op.f("fk_inspection_finding_unit_id"),
        ),
        sa.PrimaryKeyConstraint("inspection_id", "unit_id", "item_id", name=op.f("pk_inspection_finding")),
    )
    op.create_table(
        "notice_read",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_read_notice_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_read_person_id")),
        sa.PrimaryKeyConstraint("person_id", "notice_id", name=op.f("pk_notice_read")),
    )
    op.create_index(op.f("ix_notice_read_read_at"), "notice_read", ["read_at"], unique=False)
    op.create_table(
        "reply_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reply_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("given", _JSON, nullable=False),
        sa.Column("files", _JSON, nullable=False),
        sa.Column("task_ids", _JSON, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("expires_at > made_at", name=op.f("ck_reply_draft_in_order")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reply_draft_person_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"], name=op.f("fk_reply_draft_reply_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_draft")),
        sa.UniqueConstraint("reply_id", name=op.f("uq_reply_draft_reply_id")),
    )
    op.create_index(
        "ix_reply_draft_open",
        "reply_draft",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("used_at IS NULL"),
        postgresql_where=sa.text("used_at IS NULL"),
    )
    op.create_table(
        "inspection_correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("demanded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("demanded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["demanded_by"], ["person.id"], name=op.f("fk_inspection_correction_demanded_by")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_inspection_correction_task_id")),
        sa.ForeignKeyConstraint(
            ["unit_id", "inspection_id", "item_id"],
            ["inspection_finding.unit_id", "inspection_finding.inspection_id", "inspection_finding.item_id"],
            name=op.f("fk_inspection_correction_unit_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_correction")),
        sa.UniqueConstraint("task_id", name=op.f("uq_inspection_correction_task_id")),
    )
    op.create_index(
        op.f("ix_inspection_correction_inspection_id"), "inspection_correction", ["inspection_id"], unique=False
    )
    op.create_table(
        "inspection_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_inspection_file_not_empty")),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_inspection_file_added_by")),
        sa.ForeignKeyConstraint(
            ["unit_id", "inspection_id", "item_id"],
            ["inspection_finding.unit_id", "inspection_finding.inspection_id", "inspection_finding.item_id"],
            name=op.f("fk_inspection_file_unit_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_file")),
    )
    op.create_index(op.f("ix_inspection_file_inspection_id"), "inspection_file", ["inspection_id"], unique=False)
    op.create_index(op.f("ix_inspection_file_sha256"), "inspection_file", ["sha256"], unique=False)

    _index_expressions()
    _guard()
    if _on_postgresql():
        op.create_foreign_key("fk_person_unit_id", "person", "unit", ["unit_id"], ["id"])
        for table, settings in _SETTINGS.items():
            op.execute(
                f"ALTER TABLE {table} SET ({', '.join(f'{name} = {value}' for name, value in settings.items())})"
            )


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _index_expressions() -> None:
    """Indexes of what autogenerate does not compare on SQLite."""
    digits = '"right"(CAST(id AS TEXT), 6)' if _on_postgresql() else "substr(id, -6)"
    op.create_index("ix_task_last_digits", "task", [sa.text(digits)])
    receiver = "(spec ->> 'reports_to')" if _on_postgresql() else "CAST(json_extract(spec, '$.reports_to') AS TEXT)"
    op.create_index("ix_template_version_reports_to", "template_version", [sa.text(receiver)])


_SOON = {
    "autovacuum_vacuum_scale_factor": "0.02",
    "autovacuum_vacuum_insert_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.02",
}
"""At a fifth of the table, PostgreSQL's own measure, ten million rows wait for two million dead ones."""
_SETTINGS: dict[str, dict[str, str]] = {
    "task": {"fillfactor": "80"} | _SOON,
    "task_check": {"fillfactor": "70"} | _SOON,
    "letter": {"fillfactor": "70"} | _SOON,
    "letter_attempt": _SOON,
    "letter_content": _SOON,
    "notice": {"fillfactor": "85"} | _SOON,
    "history": _SOON,
    "result": _SOON,
    "errand": {"fillfactor": "70"},
    "job": {"fillfactor": "50"},
    "run": {"fillfactor": "70"},
    "mail_window": {"fillfactor": "50"},
}
"""`fillfactor`: per cent of a page that inserts fill; the rest is for the rows' next versions (ADR 0024)."""


# Triggers: what is written once stays written, whoever holds the database's door open. A refusal is an IntegrityError
# on both databases. None of these fires on INSERT, so that bulk launches pay nothing.


def _changed(*columns: str) -> str:
    """A condition that any of the columns gets another value, NULL included; `<>>` is put into each dialect's words."""
    return " OR ".join(f"OLD.{column} <>> NEW.{column}" for column in columns)


_HISTORY = (
    "id recorded_at occurred_on directive_id task_id event actor_id relation from_status to_status facts note_hash"
).split()
_GUARDS = (
    # name, table, event, condition, what the database says
    ("history_is_kept", "history", "DELETE", "", "history rows cannot be deleted"),
    ("history_is_frozen", "history", "UPDATE", _changed(*_HISTORY), "history rows cannot be changed"),
    (
        "history_is_sealed_once",
        "history",
        "UPDATE",
        "OLD.seal_id IS NOT NULL AND OLD.seal_id <>> NEW.seal_id",
        "a history row is sealed once",
    ),
    (
        "template_version_is_frozen",
        "template_version",
        "UPDATE",
        f"OLD.state <> 'draft' AND ({_changed('duty_id', 'version', 'spec', 'digest')} OR NEW.state = 'draft')",
        "a published template cannot be changed, make a new version",
    ),
    (
        "task_identity_is_kept",
        "task",
        "UPDATE",
        _changed("duty_id", "assigned_unit_id", "occurrence", "parent_key"),
        "duty, assigned unit, occurrence and parent stay",
    ),
    (
        # a task that is given again has its new launch's date: it was withdrawn before anybody had heard of the other
        "task_original_date_is_kept",
        "task",
        "UPDATE",
        "OLD.original_due_at IS NOT NULL AND OLD.original_due_at <>> NEW.original_due_at AND NOT "
        "(OLD.status = 'withdrawn' AND NEW.status = 'assigned' AND OLD.launch_id <> NEW.launch_id)",
        "the original date of a task is kept for ever",
    ),
    ("audit_is_kept_from_update", "audit", "UPDATE", "", "audit rows stay as they are"),
    ("audit_is_kept_from_delete", "audit", "DELETE", "", "audit rows stay as they are"),
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
    ("history_seal_is_kept", "history_seal", "DELETE", "", "seals cannot be deleted"),
    ("history_seal_is_frozen", "history_seal", "UPDATE", "", "seals cannot be changed"),
)
_NOT_EMPTIED = {
    "history": "history rows cannot be deleted",
    "issued_report": "issued reports cannot be deleted",
    "issued_file": "issued reports cannot be deleted",
    "history_seal": "seals cannot be deleted",
}


def _guard() -> None:
    if not _on_postgresql():
        for name, table, event, condition, says in _GUARDS:
            when = f"WHEN {condition.replace('<>>', 'IS NOT')}" if condition else ""
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} {when} BEGIN SELECT RAISE(ABORT, '{says}'); END"
            )
        for statement in SQLITE_TRIGGERS:
            op.execute(statement)
        return
    op.execute(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'check_violation'; END $$
        """
    )
    for name, table, event, condition, says in _GUARDS:
        when = f"WHEN ({condition.replace('<>>', 'IS DISTINCT FROM')})" if condition else ""
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION refuse('{says}')"
        )
    for table, says in _NOT_EMPTIED.items():
        op.execute(
            f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION refuse('{says}')"
        )
    for statement in POSTGRESQL_TRIGGERS:
        op.execute(statement)
