"""When the sweep looks at a task next: a narrow table beside the tasks, so that moving on touches no task.

Triggers keep the table as `task.next_check_at` asks, whoever writes the task: migration 0045 makes them. Another
wording needs another migration. A move that asks for a look at a moment for which a look was asked before is heard
again: the sweep may have been there meanwhile. So updates are heard by the column that they name, not by its value. A
launch of a hundred thousand tasks is heard by the statement.
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
"""The same for each database."""


class TaskCheck(SQLModel, table=True):
    """One row for each task that is to be looked at; none where nothing is to be told unless somebody moves it.

    Rows come, change and go with `task.next_check_at`, by the triggers above: whoever launches or moves
    a task says there when it wants a look. From then on the sweep alone moves `at` on, by `look_again`.
    """

    __tablename__ = "task_check"
    __table_args__ = (Index("ix_task_check_at", "at", "task_id"), {"sqlite_with_rowid": False})

    task_id: UUID = Field(primary_key=True)  # no foreign key: the triggers see to it, for a tenth of what one costs
    at: datetime = Field(sa_type=UtcDateTime)


def look_again(session: Session, looks: Mapping[datetime | None, Sequence[UUID]], *, now: datetime) -> None:
    """The next looks (UTC) of tasks that were due by `now`, the tasks by the moment; None: no more of them.

    The caller holds their rows. A check that is no longer due was set by somebody else, and stays as that one set it.
    """
    table = table_of(TaskCheck)
    for moment, task_ids in looks.items():
        still_due = one_of(session, table.c.task_id, task_ids), table.c.at <= now
        session.execute(
            delete(table).where(*still_due) if moment is None else update(table).where(*still_due).values(at=moment)
        )
