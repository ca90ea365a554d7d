"""Conversations on tasks and directives; a submission that was taken back or replaced.

Old code may run meanwhile: it knows nothing of the new tables, and reads a result's decision as a word that it passes
on or leaves out.
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from models.migrations.online import commit, has_table, hold, on_postgresql, remake, replaced, widen

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

BEFORE = "decision IN ('approved', 'returned') OR decision IS NULL"
AFTER = "decision IN ('approved', 'returned', 'taken_back', 'replaced') OR decision IS NULL"


def upgrade() -> None:
    if not has_table("conversation_message"):
        hold("directive", "task", "duty", "person", "unit", "history")
        _messages()
        commit()
    if not has_table("conversation_mention"):
        hold("conversation_message", "person", "directive", "task")
        _beside()
        commit()
    widen("result", "decision", BEFORE, AFTER)


def _messages() -> None:
    def moment(name: str, *, nullable: bool = False) -> "sa.Column[datetime]":
        return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)

    def points(name: str, table: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_conversation_message_{name}"))

    def check(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(condition, name=op.f(f"ck_conversation_message_{name}"))

    def index(name: str, columns: list[str], where: str, *, unique: bool = False) -> sa.Index:
        condition = sa.text(where)
        return sa.Index(
            f"ix_conversation_message_{name}",
            *columns,
            unique=unique,
            sqlite_where=condition,
            postgresql_where=condition,
        )

    op.create_table(
        "conversation_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("duty_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        moment("written_at"),
        moment("edited_at", nullable=True),
        sa.Column("history_id", sa.Uuid(), nullable=False),
        sa.Column("came_by", sa.String(32), nullable=False),
        sa.Column("quotes_duty", sa.Boolean(), nullable=False),
        sa.Column("is_for_all", sa.Boolean(), nullable=False),
        sa.Column("is_question", sa.Boolean(), nullable=False),
        sa.Column("answers_id", sa.Uuid(), nullable=True),
        moment("answered_at", nullable=True),
        moment("published_at", nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_history_id", sa.Uuid(), nullable=True),
        sa.Column("shows_unit", sa.Boolean(), nullable=False),
        check("duty_of_task", "(task_id IS NULL) = (duty_id IS NULL)"),
        check("asks_or_answers", "NOT (is_question AND answers_id IS NOT NULL)"),
        check("edited_later", "edited_at IS NULL OR edited_at >= written_at"),
        check(
            "published_whole",
            "(published_at IS NULL) = (published_by IS NULL)"
            " AND (published_at IS NULL) = (published_history_id IS NULL)",
        ),
        check("answers_are_published", "published_at IS NULL OR answers_id IS NOT NULL"),
        check("shown_when_published", "NOT shows_unit OR published_at IS NOT NULL"),
        check("messageway", "came_by IN ('site', 'mail', 'api', 'command')"),
        points("directive_id", "directive"),
        points("task_id", "task"),
        points("duty_id", "duty"),
        points("author_id", "person"),
        points("unit_id", "unit"),
        points("history_id", "history"),
        points("answers_id", "conversation_message"),
        points("published_by", "person"),
        points("published_history_id", "history"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_message")),
        sa.UniqueConstraint("history_id", name=op.f("uq_conversation_message_history_id")),
        sa.UniqueConstraint("published_history_id", name=op.f("uq_conversation_message_published_history_id")),
        index("task", ["task_id", "written_at", "id"], "task_id IS NOT NULL"),
        index("directive", ["directive_id", "written_at", "id"], "task_id IS NULL"),
        index("answers", ["answers_id"], "answers_id IS NOT NULL"),
        index(
            "open_question", ["task_id", "written_at"], "is_question AND answered_at IS NULL AND task_id IS NOT NULL"
        ),
        index("published", ["answers_id"], "published_at IS NOT NULL", unique=True),
        index("duty_published", ["duty_id", "published_at"], "published_at IS NOT NULL"),
        index("directive_published", ["directive_id", "published_at"], "published_at IS NOT NULL"),
    )


def _beside() -> None:
    op.create_table(
        "conversation_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_conversation_file_not_empty")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["conversation_message.id"], name=op.f("fk_conversation_file_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_file")),
        sa.Index("ix_conversation_file_message_id", "message_id"),
        sa.Index("ix_conversation_file_sha256", "sha256"),
    )
    of_task, of_directive = sa.text("task_id IS NOT NULL"), sa.text("task_id IS NULL")
    op.create_table(
        "conversation_read",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("read_upto", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_conversation_read_person_id")),
        sa.ForeignKeyConstraint(["directive_id"], ["directive.id"], name=op.f("fk_conversation_read_directive_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_conversation_read_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_read")),
        sa.Index(
            "ix_conversation_read_task",
            *("person_id", "task_id"),
            unique=True,
            sqlite_where=of_task,
            postgresql_where=of_task,
        ),
        sa.Index(
            "ix_conversation_read_directive",
            *("person_id", "directive_id"),
            unique=True,
            sqlite_where=of_directive,
            postgresql_where=of_directive,
        ),
    )
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


def downgrade() -> None:
    op.execute("UPDATE result SET decision = 'returned' WHERE decision IN ('taken_back', 'replaced')")
    if on_postgresql():
        op.drop_constraint(op.f("ck_result_decision"), "result")
        op.create_check_constraint(op.f("ck_result_decision"), "result", BEFORE)
    else:
        remake("result", lambda create: replaced(create, f"({AFTER})", f"({BEFORE})"))
    op.drop_table("conversation_mention")
    op.drop_table("conversation_read")
    op.drop_table("conversation_file")
    op.drop_table("conversation_message")
