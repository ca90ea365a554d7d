"""Data at size: letters' bytes may expire, room for updates in place, indexes of what is asked for only (ADR 0024).

Nothing here holds anybody up for long: indexes are built beside the work, and settings of a table are no rewriting.
"""

import sqlalchemy as sa
from alembic import op

from models.migrations.online import add_index, commit, drop_index, has_table, hold, on_postgresql, remake, replaced

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PARTIAL = (
    # name, table, columns, condition; the one before it: name, columns, condition
    ("ix_notice_waiting", "notice", ["recipient_id"], "state = 'pending'"),
    ("ix_task_parent", "task", ["parent_id"], "parent_id IS NOT NULL"),
    ("ix_task_officer", "task", ["officer_id", "status"], "officer_id IS NOT NULL"),
)
WHOLE = (
    ("ix_notice_recipient", "notice", ["recipient_id", "state"]),
    ("ix_task_parent_id", "task", ["parent_id"]),
    ("ix_task_officer_status", "task", ["officer_id", "status"]),
)
"""Each as the one above was before: also of what nobody asks for by it."""
ROOM = {"task": 80, "letter": 70, "notice": 85, "errand": 70, "job": 50, "run": 70, "mail_window": 50}
"""Per cent of a page that inserts fill; the rest is for the rows' next versions."""
BIG = ("task", "letter", "notice", "history", "letter_attempt", "letter_content", "result")
SOON = {
    "autovacuum_vacuum_scale_factor": "0.02",
    "autovacuum_vacuum_insert_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.02",
}
"""At a fifth of the table, PostgreSQL's own measure, ten million rows wait for two million dead ones."""

MESSAGE_ID = "uq_letter_message_id"
_UNIQUE = f"CONSTRAINT {MESSAGE_ID} UNIQUE (message_id)"
"""It is made from the letter's own id, so unique without an index, which nobody looked into: the largest of letters."""

OLD_PROGRAMS_SURVIVE = {
    "execute": "They set what is left free in a page, and take away a unique key that no program asks for by name."
}


def upgrade() -> None:
    if not has_table("expired_content"):
        hold("letter")
        op.create_table(
            "expired_content",
            sa.Column("letter_id", sa.Uuid(), nullable=False),
            sa.Column("sha256", sa.String(64), nullable=False),
            sa.Column("size", sa.Integer(), nullable=False),
            sa.Column("expired_at", sa.DateTime(timezone=True), nullable=False),
            sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_expired_content_letter_id")),
            sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_expired_content")),
        )
        commit()
    for name, table, columns, condition in PARTIAL:
        add_index(name, table, columns, condition)
    for name, table, _columns in WHOLE:
        drop_index(name, table)
    if not on_postgresql():
        remake("letter", lambda create: replaced(create, f", \n\t{_UNIQUE}", ""))
        return
    op.execute(f"ALTER TABLE letter DROP CONSTRAINT IF EXISTS {MESSAGE_ID}")
    commit()
    for table in sorted({*ROOM, *BIG}):
        chosen = ({"fillfactor": str(ROOM[table])} if table in ROOM else {}) | (SOON if table in BIG else {})
        op.execute(f"ALTER TABLE {table} SET ({', '.join(f'{name} = {value}' for name, value in chosen.items())})")
        commit()


def downgrade() -> None:
    if not on_postgresql():
        remake("letter", _with_unique)
    else:
        op.create_unique_constraint(MESSAGE_ID, "letter", ["message_id"])
        for table in ROOM:
            op.execute(f"ALTER TABLE {table} RESET (fillfactor)")
        for table in BIG:
            op.execute(f"ALTER TABLE {table} RESET ({', '.join(SOON)})")
    for name, table, columns in WHOLE:
        op.create_index(name, table, columns)
    for name, table, _columns, _condition in PARTIAL:
        op.drop_index(name, table)
    op.drop_table("expired_content")


def _with_unique(create: str) -> str:
    end = create.rindex(")")
    return f"{create[:end].rstrip()}, \n\t{_UNIQUE}\n{create[end:]}"
