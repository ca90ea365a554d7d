"""Keep how often people want letters, and the short links of letters. Old code may run meanwhile: it knows neither."""

import sqlalchemy as sa
from alembic import op

from models.migrations.online import commit, has_table, hold

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

MATTERS = ("changes", "requests", "news", "messages", "summary")
PACES = "'at_once', 'two_hours', 'twice', 'morning', 'off'"
QUIET = "quiet_from >= 0 AND quiet_from < quiet_until AND quiet_until <= 1440"


def upgrade() -> None:
    if not has_table("letter_preference"):
        hold("person")
        op.create_table(
            "letter_preference",
            sa.Column("person_id", sa.Uuid(), nullable=False),
            *(sa.Column(matter, sa.String(32), nullable=True) for matter in MATTERS),
            sa.Column("quiet_from", sa.SmallInteger(), nullable=True),
            sa.Column("quiet_until", sa.SmallInteger(), nullable=True),
            sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
            *(
                sa.CheckConstraint(f"{matter} IN ({PACES})", name=op.f(f"ck_letter_preference_{matter}_pace"))
                for matter in MATTERS
            ),
            sa.CheckConstraint("changes <> 'off'", name=op.f("ck_letter_preference_changes_are_told")),
            sa.CheckConstraint("requests <> 'at_once'", name=op.f("ck_letter_preference_requests_are_gathered")),
            sa.CheckConstraint(
                "summary IN ('morning', 'off')", name=op.f("ck_letter_preference_summary_is_of_the_morning")
            ),
            sa.CheckConstraint(
                "(quiet_from IS NULL) = (quiet_until IS NULL)", name=op.f("ck_letter_preference_quiet_has_both_ends")
            ),
            sa.CheckConstraint(QUIET, name=op.f("ck_letter_preference_quiet_in_a_day")),
            sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_letter_preference_person_id")),
            sa.PrimaryKeyConstraint("person_id", name=op.f("pk_letter_preference")),
        )
        commit()
    if not has_table("letter_link"):
        hold("letter", "task")
        op.create_table(
            "letter_link",
            sa.Column("code", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("letter_id", sa.Uuid(), nullable=False),
            sa.Column("task_id", sa.Uuid(), nullable=False),
            sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_link_letter_id")),
            sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_letter_link_task_id")),
            sa.PrimaryKeyConstraint("code", name=op.f("pk_letter_link")),
            sa.Index("ix_letter_link_letter_id", "letter_id"),
        )
        commit()


def downgrade() -> None:
    op.drop_table("letter_link")
    op.drop_table("letter_preference")
