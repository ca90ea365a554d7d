"""Triggers: what is written once stays written, whoever holds the database's door open.

A refusal is an IntegrityError on both databases. No trigger fires on INSERT, so bulk launches pay nothing.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HISTORY = (
    "id recorded_at occurred_on directive_id task_id event actor_id relation from_status to_status facts note_hash"
).split()
TEMPLATE = "duty_id version spec digest".split()
TASK = "duty_id assigned_unit_id occurrence parent_key".split()


def _changed(columns: list[str]) -> str:
    """A condition that any of the columns gets another value, NULL included; `<>>` is put into each dialect's words."""
    return " OR ".join(f"OLD.{column} <>> NEW.{column}" for column in columns)


# name, table, event, condition, what the database says
GUARDS = (
    ("history_is_kept", "history", "DELETE", "", "history rows cannot be deleted"),
    ("history_is_frozen", "history", "UPDATE", _changed(HISTORY), "history rows cannot be changed"),
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
        f"OLD.state <> 'draft' AND ({_changed(TEMPLATE)} OR NEW.state = 'draft')",
        "a published template cannot be changed, make a new version",
    ),
    ("task_identity_is_kept", "task", "UPDATE", _changed(TASK), "duty, assigned unit, occurrence and parent stay"),
    (
        "task_original_date_is_kept",
        "task",
        "UPDATE",
        "OLD.original_due_at IS NOT NULL AND OLD.original_due_at <>> NEW.original_due_at",
        "the original date of a task is kept for ever",
    ),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_sqlite() -> None:
    for name, table, event, condition, says in GUARDS:
        when = f"WHEN {condition.replace('<>>', 'IS NOT')}" if condition else ""
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {when} BEGIN SELECT RAISE(ABORT, '{says}'); END")


def _guard_postgresql() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'check_violation'; END $$
        """
    )
    for name, table, event, condition, says in GUARDS:
        when = f"WHEN ({condition.replace('<>>', 'IS DISTINCT FROM')})" if condition else ""
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION refuse('{says}')"
        )
    op.execute(
        "CREATE TRIGGER history_is_not_emptied BEFORE TRUNCATE ON history"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse('history rows cannot be deleted')"
    )


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, table, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name} ON {table}" if on_postgresql else f"DROP TRIGGER {name}")
    if on_postgresql:
        op.execute("DROP TRIGGER history_is_not_emptied ON history")
        op.execute("DROP FUNCTION refuse()")
