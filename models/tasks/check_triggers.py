"""What keeps `task_check` as `task.next_check_at` asks, whoever writes the task: migration 0016 makes these.

Another wording needs another migration. A move that asks for a look at a moment for which a look was asked before is
heard again: the sweep may have been there meanwhile. So updates are heard by the column that they name, not by its
value. A launch of a hundred thousand tasks is heard by the statement.
"""

_SQLITE_ASKED = (
    "INSERT INTO task_check (task_id, at) VALUES (NEW.id, NEW.next_check_at)"
    " ON CONFLICT (task_id) DO UPDATE SET at = excluded.at"
)
_CHANGED = "AFTER UPDATE OF next_check_at ON task FOR EACH ROW"
SQLITE = (
    "CREATE TRIGGER task_check_added AFTER INSERT ON task FOR EACH ROW WHEN NEW.next_check_at IS NOT NULL"
    f" BEGIN {_SQLITE_ASKED}; END",
    f"CREATE TRIGGER task_check_asked {_CHANGED} WHEN NEW.next_check_at IS NOT NULL BEGIN {_SQLITE_ASKED}; END",
    f"CREATE TRIGGER task_check_ended {_CHANGED} WHEN NEW.next_check_at IS NULL"
    " BEGIN DELETE FROM task_check WHERE task_id = OLD.id; END",
    "CREATE TRIGGER task_check_gone AFTER DELETE ON task FOR EACH ROW"
    " BEGIN DELETE FROM task_check WHERE task_id = OLD.id; END",
)
POSTGRESQL = (
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
NAMES = ("added", "asked", "ended", "gone")
FUNCTIONS = ("added", "asked", "ended")
"""What their names end in."""
