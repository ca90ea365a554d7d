"""The first tables: register, directives and templates, launches and tasks, letters, history, runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

json = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "history_seal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["previous_id"], ["history_seal.id"], name=op.f("fk_history_seal_previous_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_seal")),
        sa.UniqueConstraint("previous_id", name=op.f("uq_history_seal_previous_id")),
    )
    op.create_table(
        "installation",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation")),
    )

    # person.unit_id and unit.head_id point at each other: SQLite takes the forward reference and cannot add a
    # foreign key afterwards, PostgreSQL the other way round
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    fk_person_unit = op.f("fk_person_unit_id")
    person_unit = [] if on_postgresql else [sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=fk_person_unit)]
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("full_name", sa.String(200), nullable=False),
        sa.Column("name_folded", sa.String(200), nullable=False),
        sa.Column("sort_key", sa.String(500), nullable=False),
        sa.Column("address_form", sa.String(64), nullable=False),
        sa.Column("unit_address", sa.String(64), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("email_refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("phone", sa.String(64), nullable=True),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("language IN ('vi', 'en')", name=op.f("ck_person_language")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("code", name=op.f("uq_person_code")),
        *person_unit,
    )
    op.create_index(op.f("ix_person_name_folded"), "person", ["name_folded"])
    op.create_index(op.f("ix_person_unit_id"), "person", ["unit_id"])
    op.create_table(
        "run",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", json, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_run")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("stand_in_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.CheckConstraint("person_id <> stand_in_id", name=op.f("ck_absence_stand_in_is_another")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_absence_in_order")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id")),
        sa.ForeignKeyConstraint(["stand_in_id"], ["person.id"], name=op.f("fk_absence_stand_in_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_person_id"), "absence", ["person_id"])
    op.create_table(
        "calendar_revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_calendar_revision_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_revision")),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("topic", sa.String(100), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(200), nullable=True),
        sa.Column("address", sa.String(254), nullable=True),
        sa.Column("subject", sa.String(998), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resent", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('assigned', 'digest', 'event', 'upward', 'incident', 'summary')",
            name=op.f("ck_letter_letterkind"),
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'claimed', 'sent', 'uncertain', 'failed', 'empty')", name=op.f("ck_letter_letterstate")
        ),
        sa.CheckConstraint("(state = 'claimed') = (lease_until IS NOT NULL)", name=op.f("ck_letter_claimed_has_lease")),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_letter_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("message_id", name=op.f("uq_letter_message_id")),
        sa.UniqueConstraint(
            "recipient_id", "slot", "kind", "topic", name=op.f("uq_letter_recipient_id_slot_kind_topic")
        ),
    )
    op.create_index(op.f("ix_letter_slot"), "letter", ["slot"])
    op.create_index(
        "ix_letter_to_send",
        "letter",
        ["next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'claimed', 'uncertain')"),
        postgresql_where=sa.text("state IN ('queued', 'claimed', 'uncertain')"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("name_folded", sa.String(300), nullable=False),
        sa.Column("sort_key", sa.String(700), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("is_outside", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("supervising_unit_id", sa.Uuid(), nullable=True),
        sa.Column("head_id", sa.Uuid(), nullable=True),
        sa.Column("deputy_id", sa.Uuid(), nullable=True),
        sa.Column("focal_point_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("phone", sa.String(64), nullable=True),
        sa.CheckConstraint(
            "kind IN ('ministry', 'department', 'subordinate', 'enterprise', 'enterprise_unit', 'police', 'other')",
            name=op.f("ck_unit_unitkind"),
        ),
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
    op.create_index(op.f("ix_unit_deputy_id"), "unit", ["deputy_id"])
    op.create_index(op.f("ix_unit_focal_point_id"), "unit", ["focal_point_id"])
    op.create_index(op.f("ix_unit_head_id"), "unit", ["head_id"])
    op.create_index(op.f("ix_unit_kind"), "unit", ["kind"])
    op.create_index(op.f("ix_unit_name_folded"), "unit", ["name_folded"])
    op.create_index(op.f("ix_unit_parent_id"), "unit", ["parent_id"])
    op.create_index(op.f("ix_unit_supervising_unit_id"), "unit", ["supervising_unit_id"])
    if on_postgresql:
        op.create_foreign_key(fk_person_unit, "person", "unit", ["unit_id"], ["id"])
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.CheckConstraint("kind IN ('off', 'working')", name=op.f("ck_calendar_day_daykind")),
        sa.ForeignKeyConstraint(["revision_id"], ["calendar_revision.id"], name=op.f("fk_calendar_day_revision_id")),
        sa.PrimaryKeyConstraint("day", "revision_id", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "directive",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("number", sa.String(64), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("subject", sa.String(1000), nullable=False),
        sa.Column("urgency", sa.String(32), nullable=False),
        sa.Column("secrecy", sa.String(16), nullable=False),
        sa.Column("legal_bases", json, nullable=False),
        sa.Column("sources", json, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("coordinating_unit_id", sa.Uuid(), nullable=False),
        sa.Column("issuer_office_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "urgency IN ('normal', 'urgent', 'very_urgent', 'express')", name=op.f("ck_directive_urgency")
        ),
        sa.CheckConstraint("secrecy = 'none'", name=op.f("ck_directive_no_secrets")),
        sa.ForeignKeyConstraint(["coordinating_unit_id"], ["unit.id"], name=op.f("fk_directive_coordinating_unit_id")),
        sa.ForeignKeyConstraint(["issuer_office_id"], ["unit.id"], name=op.f("fk_directive_issuer_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directive")),
        sa.UniqueConstraint("code", name=op.f("uq_directive_code")),
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("office", sa.String(32), nullable=False),
        sa.Column("from_person_id", sa.Uuid(), nullable=True),
        sa.Column("to_person_id", sa.Uuid(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["from_person_id"], ["person.id"], name=op.f("fk_handover_from_person_id")),
        sa.ForeignKeyConstraint(["to_person_id"], ["person.id"], name=op.f("fk_handover_to_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_handover_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index(op.f("ix_handover_unit_id"), "handover", ["unit_id"])
    op.create_table(
        "letter_attempt",
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.Column("smtp_code", sa.Integer(), nullable=True),
        sa.Column("reply", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_attempt_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "fence", name=op.f("pk_letter_attempt")),
    )
    op.create_table(
        "person_role",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "role IN ('administrator', 'coordinator', 'clerk', 'observer')", name=op.f("ck_person_role_role")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_role_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_role_unit_id")),
        sa.PrimaryKeyConstraint("person_id", "role", "unit_id", name=op.f("pk_person_role")),
    )
    op.create_table(
        "unit_alias",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("alias", sa.String(300), nullable=False),
        sa.Column("alias_folded", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_alias_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "alias", name=op.f("pk_unit_alias")),
        sa.UniqueConstraint("alias_folded", name=op.f("uq_unit_alias_alias_folded")),
    )
    op.create_table(
        "unit_tag",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_tag_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "tag", name=op.f("pk_unit_tag")),
    )
    op.create_index(op.f("ix_unit_tag_tag"), "unit_tag", ["tag"])
    op.create_table(
        "duty",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=False),
        sa.Column("parent_duty_id", sa.Uuid(), nullable=True),
        sa.Column("path", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('one_off', 'standing', 'recurring', 'on_request', 'contingency', 'oversight')",
            name=op.f("ck_duty_dutykind"),
        ),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_duty_directive_id")),
        sa.ForeignKeyConstraint(["parent_duty_id"], ["duty.id"], name=op.f("fk_duty_parent_duty_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
        sa.UniqueConstraint("directive_id", "path", name=op.f("uq_duty_directive_id_path")),
    )
    op.create_index(op.f("ix_duty_directive_id"), "duty", ["directive_id"])
    op.create_index(op.f("ix_duty_parent_duty_id"), "duty", ["parent_duty_id"])
    op.create_table(
        "history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("relation", sa.String(20), nullable=False),
        sa.Column("from_status", sa.String(20), nullable=True),
        sa.Column("to_status", sa.String(20), nullable=True),
        sa.Column("facts", json, nullable=False),
        sa.Column("note_hash", sa.String(64), nullable=True),
        sa.Column("seal_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_history_actor_id")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_history_directive_id")),
        sa.ForeignKeyConstraint(["seal_id"], ["history_seal.id"], name=op.f("fk_history_seal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index("ix_history_directive_recorded", "history", ["directive_id", "recorded_at"])
    op.create_index(op.f("ix_history_seal_id"), "history", ["seal_id"])
    op.create_index("ix_history_task_recorded", "history", ["task_id", "recorded_at"])
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
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
    op.create_index(op.f("ix_incident_directive_id"), "incident", ["directive_id"])
    op.create_table(
        "launch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=False),
        sa.Column("launched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigner_unit_id", sa.Uuid(), nullable=False),
        sa.Column("coordinator_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("overridden", json, nullable=False),
        sa.ForeignKeyConstraint(["assigner_unit_id"], ["unit.id"], name=op.f("fk_launch_assigner_unit_id")),
        sa.ForeignKeyConstraint(["coordinator_id"], ["person.id"], name=op.f("fk_launch_coordinator_id")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_launch_directive_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_launch")),
    )
    op.create_index(op.f("ix_launch_coordinator_id"), "launch", ["coordinator_id"])
    op.create_index(op.f("ix_launch_directive_id"), "launch", ["directive_id"])
    op.create_table(
        "armed_duty",
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("launch_id", sa.Uuid(), nullable=False),
        sa.Column("armed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_period", sa.String(40), nullable=True),
        sa.Column("next_opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stood_down_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_armed_duty_duty_id")),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name=op.f("fk_armed_duty_launch_id")),
        sa.PrimaryKeyConstraint("duty_id", name=op.f("pk_armed_duty")),
    )
    op.create_index(op.f("ix_armed_duty_launch_id"), "armed_duty", ["launch_id"])
    op.create_index(op.f("ix_armed_duty_next_opens_at"), "armed_duty", ["next_opens_at"])
    op.create_table(
        "history_note",
        sa.Column("history_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["history_id"], ["history.id"], name=op.f("fk_history_note_history_id")),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_history_note")),
    )
    op.create_table(
        "template_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("spec", json, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'retired')", name=op.f("ck_template_version_templatestate")
        ),
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
    op.create_index(op.f("ix_template_version_duty_id"), "template_version", ["duty_id"])
    op.create_index(
        "ix_template_version_published",
        "template_version",
        ["duty_id"],
        unique=True,
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
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
        sa.Column("occurrence", sa.String(64), nullable=False),
        sa.Column("parent_key", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("assigner_unit_id", sa.Uuid(), nullable=False),
        sa.Column("coordinator_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_anchor_id", sa.Uuid(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("original_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_anchor_id", sa.Uuid(), nullable=True),
        sa.Column("due_revision", sa.Integer(), nullable=False),
        sa.Column("due_fixed_by", sa.String(32), nullable=True),
        sa.Column("due_reason", sa.String(500), nullable=False),
        sa.Column("wait_kind", sa.String(32), nullable=True),
        sa.Column("wait_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wait_anchor_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "due_fixed_by IN ('assigner', 'directive', 'template', 'parent')", name=op.f("ck_task_duefixedby")
        ),
        sa.CheckConstraint(
            "status IN ('assigned', 'accepted', 'submitted', 'returned', 'approved', 'withdrawn')",
            name=op.f("ck_task_taskstatus"),
        ),
        sa.CheckConstraint(
            "wait_kind IN ('decision', 'extension', 'obstacle', 'lead_change')", name=op.f("ck_task_waitkind")
        ),
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
    op.create_index(op.f("ix_task_coordinator_id"), "task", ["coordinator_id"])
    op.create_index("ix_task_directive_duty", "task", ["directive_id", "duty_id"])
    op.create_index(
        "ix_task_due_for_check",
        "task",
        ["next_check_at"],
        unique=False,
        sqlite_where=sa.text("next_check_at IS NOT NULL"),
        postgresql_where=sa.text("next_check_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_task_incident_id"), "task", ["incident_id"])
    op.create_index(op.f("ix_task_launch_id"), "task", ["launch_id"])
    op.create_index("ix_task_lead_status", "task", ["lead_unit_id", "status"])
    op.create_index(op.f("ix_task_officer_id"), "task", ["officer_id"])
    op.create_index(op.f("ix_task_parent_id"), "task", ["parent_id"])
    op.create_index(op.f("ix_task_template_version_id"), "task", ["template_version_id"])
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
    op.create_index(op.f("ix_contribution_unit_id"), "contribution", ["unit_id"])
    op.create_table(
        "extension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_issuer", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
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
    op.create_index(op.f("ix_extension_task_id"), "extension", ["task_id"])
    op.create_table(
        "lead_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_unit_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
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
    op.create_index(op.f("ix_lead_change_task_id"), "lead_change", ["task_id"])
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("anchor_id", sa.Uuid(), nullable=False),
        sa.Column("rung", sa.String(40), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("topic", sa.String(100), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("undeliverable", sa.String(24), nullable=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.CheckConstraint(
            "kind IN ('assigned', 'digest', 'event', 'upward', 'incident', 'summary')",
            name=op.f("ck_notice_letterkind"),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'sent', 'superseded', 'dropped', 'failed')", name=op.f("ck_notice_noticestate")
        ),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_notice_letter_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_notice_recipient_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_notice_task_id")),
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
    op.create_index("ix_notice_letter", "notice", ["letter_id"])
    op.create_index("ix_notice_recipient", "notice", ["recipient_id", "state"])
    op.create_index(
        "ix_notice_to_group",
        "notice",
        ["slot"],
        unique=False,
        sqlite_where=sa.text("state = 'pending' AND letter_id IS NULL"),
        postgresql_where=sa.text("state = 'pending' AND letter_id IS NULL"),
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
    op.create_index(op.f("ix_obstacle_authority_unit_id"), "obstacle", ["authority_unit_id"])
    op.create_index(
        "ix_obstacle_open",
        "obstacle",
        ["task_id"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_index(op.f("ix_obstacle_task_id"), "obstacle", ["task_id"])
    op.create_table(
        "result",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("document_date", sa.Date(), nullable=False),
        sa.Column("subject", sa.String(1000), nullable=False),
        sa.Column("signer", sa.String(200), nullable=False),
        sa.Column("link", sa.String(1000), nullable=True),
        sa.Column("is_classified", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("decision", sa.String(16), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "NOT is_classified OR (subject = '' AND link IS NULL)", name=op.f("ck_result_classified_has_no_content")
        ),
        sa.CheckConstraint("decision IN ('approved', 'returned') OR decision IS NULL", name=op.f("ck_result_decision")),
        sa.CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_result_decided_whole")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_result_decided_by")),
        sa.ForeignKeyConstraint(["submitted_by"], ["person.id"], name=op.f("fk_result_submitted_by")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_result_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
    )
    op.create_index(
        "ix_result_open",
        "result",
        ["task_id"],
        unique=True,
        sqlite_where=sa.text("decision IS NULL"),
        postgresql_where=sa.text("decision IS NULL"),
    )
    op.create_index(op.f("ix_result_task_id"), "result", ["task_id"])
    op.create_table(
        "signed_press",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signer", sa.String(200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_signed_press_recorded_by")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_signed_press_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_press")),
    )
    op.create_index(op.f("ix_signed_press_task_id"), "signed_press", ["task_id"])
    op.create_table(
        "telephone_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_by", sa.Uuid(), nullable=False),
        sa.Column("answered_by", sa.String(200), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["called_by"], ["person.id"], name=op.f("fk_telephone_note_called_by")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_telephone_note_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephone_note")),
    )
    op.create_index(op.f("ix_telephone_note_task_id"), "telephone_note", ["task_id"])
    op.create_table(
        "evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_evidence_not_empty")),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_evidence_result_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_result_id"), "evidence", ["result_id"])
    op.create_index(op.f("ix_evidence_sha256"), "evidence", ["sha256"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("fk_person_unit_id", "person")
    for table in (
        "evidence",
        "telephone_note",
        "signed_press",
        "result",
        "obstacle",
        "notice",
        "lead_change",
        "extension",
        "contribution",
        "task",
        "template_version",
        "history_note",
        "armed_duty",
        "launch",
        "incident",
        "history",
        "duty",
        "unit_tag",
        "unit_alias",
        "person_role",
        "letter_attempt",
        "handover",
        "directive",
        "calendar_day",
        "unit",
        "letter",
        "calendar_revision",
        "absence",
        "run",
        "person",
        "installation",
        "history_seal",
    ):
        op.drop_table(table)
