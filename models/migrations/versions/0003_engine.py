"""The engine by itself: jobs of the clock, alerts to administrators, the mail server's quota, letters kept back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from models.migrations.filling import copy_letters
from models.migrations.online import (
    add_index,
    allow,
    commit,
    drop_index,
    has_column,
    has_table,
    hold,
    narrow,
    on_postgresql,
    replace_index,
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

json = sa.JSON().with_variant(JSONB(), "postgresql")
KINDS = ("'assigned', 'digest', 'event', 'upward', 'incident', 'summary'", ", 'alert'")
STATES = ("'queued', 'claimed', 'sent', 'uncertain', 'failed', 'empty'", ", 'held'")
# function and trigger, what it does, on which table, when; each ends the other's ring by changing nothing
SYNCHRONOUS = (
    (
        "letter_content_from_old",
        "IF NEW.content IS NOT NULL THEN INSERT INTO letter_content VALUES (NEW.id, NEW.content)"
        " ON CONFLICT (letter_id) DO UPDATE SET content = excluded.content"
        " WHERE letter_content.content <> excluded.content; END IF; RETURN NULL;",
        "letter",
        "INSERT OR UPDATE OF content",
    ),
    (
        "letter_content_to_old",
        "UPDATE letter SET content = NEW.content WHERE id = NEW.letter_id AND content IS DISTINCT FROM NEW.content;"
        " RETURN NULL;",
        "letter_content",
        "INSERT OR UPDATE",
    ),
    (
        "letter_content_forgotten",
        "UPDATE letter SET content = NULL WHERE id = OLD.letter_id AND content IS NOT NULL; RETURN NULL;",
        "letter_content",
        "DELETE",
    ),
)


def upgrade() -> None:
    for table in ("letter", "notice"):
        allow(table, "letterkind", "kind", KINDS[0], "".join(KINDS))
    allow("letter", "letterstate", "state", STATES[0], "".join(STATES))
    if on_postgresql():
        _keep_content_twice()
    else:
        _move_content()
    replace_index(
        "ix_letter_to_send", "letter", ["slot", "next_attempt_at"], "state IN ('queued', 'claimed', 'uncertain')"
    )
    add_index("ix_letter_leased", "letter", ["lease_until"], "lease_until IS NOT NULL")
    add_index("ix_letter_stopped", "letter", ["slot"], "state IN ('failed', 'uncertain', 'held')")
    replace_index("ix_notice_letter", "notice", ["letter_id"], "letter_id IS NOT NULL")
    add_index("ix_task_coordinator_status", "task", ["coordinator_id", "status"])
    add_index("ix_task_officer_status", "task", ["officer_id", "status"])
    add_index("ix_task_incident", "task", ["incident_id"], "incident_id IS NOT NULL")
    for column in ("coordinator_id", "officer_id", "incident_id"):
        drop_index(f"ix_task_{column}", "task")
    _make_tables()


def _make_content() -> None:
    op.create_table(
        "letter_content",
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_content_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_letter_content")),
    )


def _move_content() -> None:
    _make_content()
    op.execute("INSERT INTO letter_content SELECT id, content FROM letter WHERE content IS NOT NULL")
    op.drop_column("letter", "content")


def _keep_content_twice() -> None:
    """The first release reads and writes letter.content: as long as it runs, what one program writes both can read.

    The column goes with the finishing step (models/migrations/finishing.py).
    """
    if not has_table("letter_content"):
        hold("letter")
        _make_content()
        for name, does, table, event in SYNCHRONOUS:
            op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {does} END $$")
            op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
        commit()
    copy_letters(op.get_bind(), commit)


def _make_tables() -> None:
    op.create_table(
        "job",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("cron", sa.String(100), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("next_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("watched_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_state", sa.String(32), nullable=True),
        sa.Column("last_seconds", sa.Float(), nullable=True),
        sa.Column("last_outcome", json, nullable=False),
        sa.Column("last_error", sa.String(500), nullable=False),
        sa.CheckConstraint(
            "name IN ('tick', 'deliver', 'open_periods', 'summaries', 'purge')", name=op.f("ck_job_jobname")
        ),
        sa.CheckConstraint("last_state IN ('running', 'done', 'failed')", name=op.f("ck_job_jobstate")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job")),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", json, nullable=False),
        sa.CheckConstraint(
            "kind IN ('clock_stopped', 'job_failed', 'mail_failing', 'letter_unwritable', 'letter_given_up', "
            "'task_stuck', 'period_stuck')",
            name=op.f("ck_alert_alertkind"),
        ),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= raised_at", name=op.f("ck_alert_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index("ix_alert_slot", "alert", ["slot"])
    op.create_index(
        "uq_alert_open",
        "alert",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "mail_window",
        sa.Column("span", sa.String(8), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("span IN ('minute', 'day')", name=op.f("ck_mail_window_span")),
        sa.PrimaryKeyConstraint("span", "starts_at", name=op.f("pk_mail_window")),
    )


def downgrade() -> None:
    op.drop_index("ix_notice_letter", "notice")
    op.create_index("ix_notice_letter", "notice", ["letter_id"])
    for name in ("ix_task_coordinator_status", "ix_task_officer_status", "ix_task_incident"):
        op.drop_index(name, "task")
    for column in ("coordinator_id", "officer_id", "incident_id"):
        op.create_index(op.f(f"ix_task_{column}"), "task", [column])
    op.drop_index("ix_letter_to_send", "letter")
    op.create_index(
        "ix_letter_to_send",
        "letter",
        ["next_attempt_at"],
        sqlite_where=sa.text("state IN ('queued', 'claimed', 'uncertain')"),
        postgresql_where=sa.text("state IN ('queued', 'claimed', 'uncertain')"),
    )
    op.drop_index("ix_letter_leased", "letter")
    op.drop_index("ix_letter_stopped", "letter")  # else the table made anew would take it along
    for table in ("mail_window", "alert", "job"):
        op.drop_table(table)
    if not has_column("letter", "content"):
        op.add_column("letter", sa.Column("content", sa.LargeBinary(), nullable=True))
    op.execute("UPDATE letter SET content = (SELECT content FROM letter_content WHERE letter_id = letter.id)")
    op.drop_table("letter_content")  # and its triggers with it
    if on_postgresql():
        op.execute("DROP TRIGGER IF EXISTS letter_content_from_old ON letter")
        for name, *_ in SYNCHRONOUS:
            op.execute(f"DROP FUNCTION IF EXISTS {name}()")
    op.execute(
        "DELETE FROM letter_attempt WHERE letter_id IN (SELECT id FROM letter WHERE kind = 'alert' OR state = 'held')"
    )
    op.execute("UPDATE notice SET letter_id = NULL WHERE letter_id IN (SELECT id FROM letter WHERE state = 'held')")
    op.execute("DELETE FROM letter WHERE kind = 'alert' OR state = 'held'")
    for table in ("letter", "notice"):
        narrow(table, "letterkind", "kind", "".join(KINDS), KINDS[0])
    narrow("letter", "letterstate", "state", "".join(STATES), STATES[0])
