"""The moment at which the sweep next checks a task: a narrow table, so that a later check changes no task's row.

Triggers copy `task.next_check_at` to it, whoever writes the task. Migration 0045 makes them, and another wording needs
another migration. An update that names the column counts even with the same value, because the sweep may have passed
that moment meanwhile. PostgreSQL runs the trigger of inserts once for a whole launch.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, delete, update
from sqlmodel import Field, Session, SQLModel

from models.database.columns import UtcDateTime
from models.database.rows import one_of, table_of

_SQLITE_ASKED = (
    "INSERT INTO task_check (task_id, at) VALUES (NEW.id, NEW.next_check_at)"
    " ON CONFLICT (task_id) DO UPDATE SET at = excluded.at"
)
_CHANGED = "AFTER UPDATE OF next_check_at ON task FOR EACH ROW"
SQLITE_TRIGGERS = (
    "CREATE TRIGGER task_check_added AFTER INSERT ON task FOR EACH ROW WHEN NEW.next_check_at IS NOT NULL"
    f" BEGIN {_SQLITE_ASKED}; END",
    f"CREATE TRIGGER task_check_asked {_CHANGED} WHEN NEW.next_check_at IS NOT NULL BEGIN {_SQLITE_ASKED}; END",
    f"CREATE TRIGGER task_check_ended {_CHANGED} WHEN NEW.next_check_at IS NULL"
    " BEGIN DELETE FROM task_check WHERE task_id = OLD.id; END",
    "CREATE TRIGGER task_check_gone AFTER DELETE ON task FOR EACH ROW"
    " BEGIN DELETE FROM task_check WHERE task_id = OLD.id; END",
)
POSTGRESQL_TRIGGERS = (
    """
    CREATE FUNCTION task_check_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO task_check (task_id, at) SELECT id, next_check_at FROM added WHERE next_check_at IS NOT NULL
      ON CONFLICT (task_id) DO UPDATE SET at = excluded.at;
      RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION task_check_asked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO task_check (task_id, at) VALUES (NEW.id, NEW.next_check_at)
      ON CONFLICT (task_id) DO UPDATE SET at = excluded.at;
      RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION task_check_ended() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      DELETE FROM task_check WHERE task_id = OLD.id;
      RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER task_check_added AFTER INSERT ON task REFERENCING NEW TABLE AS added"
    " FOR EACH STATEMENT EXECUTE FUNCTION task_check_added()",
    f"CREATE TRIGGER task_check_asked {_CHANGED} WHEN (NEW.next_check_at IS NOT NULL)"
    " EXECUTE FUNCTION task_check_asked()",
    f"CREATE TRIGGER task_check_ended {_CHANGED} WHEN (NEW.next_check_at IS NULL) EXECUTE FUNCTION task_check_ended()",
    "CREATE TRIGGER task_check_gone AFTER DELETE ON task FOR EACH ROW EXECUTE FUNCTION task_check_ended()",
)


class TaskCheck(SQLModel, table=True):
    """The next check of a task. Tasks without a check stay as they are until somebody changes them.

    The triggers write it when a task is launched or changed. Later only the sweep moves it, by `look_again`.
    """

    __tablename__ = "task_check"
    __table_args__ = (Index("ix_task_check_at", "at", "task_id"), {"sqlite_with_rowid": False})

    task_id: UUID = Field(primary_key=True)  # the triggers do what a foreign key would, at a tenth of its cost
    at: datetime = Field(sa_type=UtcDateTime)


def look_again(session: Session, looks: Mapping[datetime | None, Sequence[UUID]], *, now: datetime) -> None:
    """Set the next checks of tasks that were due by `now`: the tasks by moment (UTC), or by None for no more checks.

    The caller has locked their rows. A check that is not due any more was set by somebody else, and stays.
    """
    table = table_of(TaskCheck)
    for moment, task_ids in looks.items():
        is_due = one_of(session, table.c.task_id, task_ids), table.c.at <= now
        if moment is None:
            session.execute(delete(table).where(*is_due))
        else:
            session.execute(update(table).where(*is_due).values(at=moment))
