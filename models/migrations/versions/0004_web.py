"""The web application: accounts and sessions, ways in for programs, errands, letter texts, the audit, search."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from models.migrations.filling import SEARCHED, fill_search_words
from models.migrations.online import add_column, add_index, allow, commit, has_table, hold, narrow, on_postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

json = sa.JSON().with_variant(JSONB(), "postgresql")
KINDS = ("'assigned', 'digest', 'event', 'upward', 'incident', 'summary', 'alert'", ", 'account'")
STATES = ("'queued', 'claimed', 'sent', 'uncertain', 'failed', 'empty', 'held'", ", 'dropped'")
TABLES = (
    "throttle",
    "access_token",
    "account",
    "audit",
    "calendar_feed",
    "errand",
    "errand_part",
    "kept_answer",
    "letter_text",
    "mailed_secret",
    "web_session",
    "webhook",
    "webhook_call",
)
IS_OPEN = "status IN ('assigned', 'accepted', 'submitted', 'returned')"


def upgrade() -> None:
    for table in ("letter", "notice"):
        allow(table, "letterkind", "kind", KINDS[0], "".join(KINDS))
    allow("letter", "letterstate", "state", STATES[0], "".join(STATES))
    add_index("ix_task_lead_closed", "task", ["lead_unit_id", "closed_at"], "closed_at IS NOT NULL")
    if not has_table("throttle"):
        hold("person", "directive", "history")
        _make_tables()
        _keep_audit()
        commit()
    _find_tasks()


def _make_tables() -> None:
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_index(op.f("ix_throttle_last_at"), "throttle", ["last_at"])
    op.create_table(
        "access_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("scopes", json, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_access_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_token_token_hash")),
    )
    op.create_index(op.f("ix_access_token_person_id"), "access_token", ["person_id"])
    op.create_table(
        "account",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=True),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_secret", sa.String(64), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("oidc_subject", sa.String(300), nullable=True),
        sa.Column("links_from", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_account")),
        sa.UniqueConstraint("oidc_subject", name=op.f("uq_account_oidc_subject")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("object", sa.String(200), nullable=False),
        sa.Column("facts", json, nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_audit_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_actor", "audit", ["actor_id", "recorded_at"])
    op.create_index("ix_audit_recorded", "audit", ["recorded_at"])
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
        "errand",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("given", json, nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", json, nullable=False),
        sa.Column("error", sa.String(1000), nullable=False),
        sa.CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name=op.f("ck_errand_running_has_lease")),
        sa.CheckConstraint("done >= 0 AND total >= 0", name=op.f("ck_errand_counts")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_errand_asked_by")),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_errand_errandstate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
    )
    op.create_index("ix_errand_asked_by", "errand", ["asked_by", "asked_at"])
    op.create_index(
        "ix_errand_to_do",
        "errand",
        ["starts_at"],
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_table(
        "errand_part",
        sa.Column("errand_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("content", json, nullable=False),
        sa.ForeignKeyConstraint(["errand_id"], ["errand.id"], name=op.f("fk_errand_part_errand_id")),
        sa.PrimaryKeyConstraint("errand_id", "name", name=op.f("pk_errand_part")),
    )
    op.create_table(
        "kept_answer",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_kept_answer_person_id")),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_kept_answer")),
    )
    op.create_index(op.f("ix_kept_answer_kept_at"), "kept_answer", ["kept_at"])
    op.create_table(
        "letter_text",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
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
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_mailed_secret_in_order")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mailed_secret_person_id")),
        sa.CheckConstraint(
            "purpose IN ('sign_in', 'invitation', 'reset')", name=op.f("ck_mailed_secret_mailedpurpose")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_secret")),
    )
    op.create_index(op.f("ix_mailed_secret_expires_at"), "mailed_secret", ["expires_at"])
    op.create_index(
        "ix_mailed_secret_open",
        "mailed_secret",
        ["person_id", "purpose"],
        sqlite_where=sa.text("used_at IS NULL"),
        postgresql_where=sa.text("used_at IS NULL"),
    )
    op.create_table(
        "web_session",
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("proof", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_remembered", sa.Boolean(), nullable=False),
        sa.Column("device", sa.String(200), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_web_session_person_id")),
        sa.CheckConstraint("proof IN ('password', 'code', 'oidc')", name=op.f("ck_web_session_proof")),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_web_session")),
        sa.UniqueConstraint("id", name=op.f("uq_web_session_id")),
    )
    op.create_index(op.f("ix_web_session_expires_at"), "web_session", ["expires_at"])
    op.create_index("ix_web_session_person", "web_session", ["person_id", "expires_at"])
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("secret", sa.String(100), nullable=False),
        sa.Column("events", json, nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_webhook_created_by")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_webhook_directive_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_table(
        "webhook_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("history_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(500), nullable=False),
        sa.CheckConstraint(
            "(state = 'claimed') = (lease_until IS NOT NULL)", name=op.f("ck_webhook_call_claimed_has_lease")
        ),
        sa.ForeignKeyConstraint(["history_id"], ["history.id"], name=op.f("fk_webhook_call_history_id")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_call_webhook_id")),
        sa.CheckConstraint("state IN ('queued', 'claimed', 'done', 'failed')", name=op.f("ck_webhook_call_callstate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_call")),
        sa.UniqueConstraint("webhook_id", "history_id", name=op.f("uq_webhook_call_webhook_id_history_id")),
    )
    op.create_index(
        "ix_webhook_call_to_make",
        "webhook_call",
        ["next_attempt_at"],
        sqlite_where=sa.text("state IN ('queued', 'claimed')"),
        postgresql_where=sa.text("state IN ('queued', 'claimed')"),
    )


def _find_tasks() -> None:
    """By the number of a result's document, by the last digits of their id, by duty and unit; what is open apart."""
    number = sa.String(64, collation="C" if on_postgresql() else None)
    for table in SEARCHED:
        add_column(table, sa.Column("search_text", sa.String(), nullable=False, server_default=""))
    add_column("job", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    add_column("result", sa.Column("number_words", number, nullable=False, server_default=""))
    fill_search_words(op.get_bind(), commit)
    add_index("ix_result_number_words", "result", ["number_words"])
    last_digits = '"right"(CAST(id AS TEXT), 6)' if on_postgresql() else "substr(id, -6)"
    add_index("ix_task_last_digits", "task", [sa.text(last_digits)])
    add_index("ix_task_duty_lead", "task", ["duty_id", "lead_unit_id"])
    add_index("ix_task_assigner_status", "task", ["assigner_unit_id", "status"])
    add_index("ix_task_handed_down", "task", ["assigner_unit_id"], "parent_id IS NOT NULL")
    add_index("ix_task_open", "task", ["due_at", "is_drill"], IS_OPEN)


def _keep_audit() -> None:
    """The audit is append-only, as the history is."""
    says = "audit rows stay as they are"
    for event in ("UPDATE", "DELETE"):
        name = f"audit_is_kept_from_{event.lower()}"
        if on_postgresql():
            op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON audit FOR EACH ROW EXECUTE FUNCTION refuse('{says}')")
        else:
            op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON audit BEGIN SELECT RAISE(ABORT, '{says}'); END")


def downgrade() -> None:
    op.drop_index("ix_task_lead_closed", "task")
    for table in SEARCHED:
        op.drop_column(table, "search_text")
    for index in ("open", "handed_down", "assigner_status", "duty_lead", "last_digits"):
        op.drop_index(f"ix_task_{index}", "task")
    op.drop_index("ix_result_number_words", "result")
    op.drop_column("job", "asked_at")
    op.drop_column("result", "number_words")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DELETE FROM letter_attempt WHERE letter_id IN (SELECT id FROM letter WHERE kind = 'account')")
    op.execute("DELETE FROM letter_content WHERE letter_id IN (SELECT id FROM letter WHERE kind = 'account')")
    op.execute("DELETE FROM letter WHERE kind = 'account'")
    for table in ("letter", "notice"):
        narrow(table, "letterkind", "kind", "".join(KINDS), KINDS[0])
    narrow("letter", "letterstate", "state", "".join(STATES), STATES[0])
