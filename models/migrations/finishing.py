"""What is taken away once no program is left that needs it.

Run by `dondoc upgrade --finish`, never by an upgrade itself. A step waits as long as the oldest program that may work
here knows less than `needs`; it may be repeated.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa

from models.database.run import CHECKPOINT_KEY
from models.database.seal_keys import begin_signing
from models.database.sealed_rows import establish
from models.database.sealing import KeyMissing
from models.i18n import _
from models.migrations.filling import copy_letters, fill_search_words, fill_versions, note_rankings


@dataclass(frozen=True)
class Finish:
    """One step."""

    needs: str  # programs that know this migration can do without what is taken away
    says: str  # a message id
    locks: str  # a message id: whom it holds up, and for how long
    do: Callable[[sa.Connection], None]


def _letters_once(connection: sa.Connection) -> None:
    if "content" not in {column["name"] for column in sa.inspect(connection).get_columns("letter")}:
        return
    copy_letters(connection, _commit_of(connection))
    connection.exec_driver_sql("LOCK TABLE letter IN ACCESS EXCLUSIVE MODE")
    connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
    connection.exec_driver_sql("DROP TRIGGER IF EXISTS letter_content_from_old ON letter")
    for name, table in (("to_old", "letter_content"), ("forgotten", "letter_content")):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS letter_content_{name} ON {table}")
    for name in ("from_old", "to_old", "forgotten"):
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS letter_content_{name}()")
    connection.exec_driver_sql("ALTER TABLE letter DROP COLUMN content")


def _search_words(connection: sa.Connection) -> None:
    fill_search_words(connection, _commit_of(connection))


def _checks_apart(connection: sa.Connection) -> None:
    connection.exec_driver_sql("DROP INDEX IF EXISTS ix_task_due_for_check")


def _versions(connection: sa.Connection) -> None:
    fill_versions(connection, _commit_of(connection))


def _sealed(connection: sa.Connection) -> None:
    with suppress(KeyMissing):  # what the old key opens stays readable with it; without it nothing begins anyway
        establish(connection, _commit_of(connection))


def _no_rankings(connection: sa.Connection) -> None:
    if not sa.inspect(connection).has_table("ranking_approval"):
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE person IN ACCESS EXCLUSIVE MODE")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
        connection.exec_driver_sql("LOCK TABLE unit, directive, ranking_approval IN ACCESS EXCLUSIVE MODE")
    note_rankings(connection)
    connection.exec_driver_sql("DROP TABLE ranking_approval")


def _one_queue(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS errand_fence_of_old ON errand")
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS errand_fence_of_old()")


def _signed(connection: sa.Connection) -> None:
    begin_signing(connection)
    # checkpoints bear the seal's own signature since
    connection.execute(sa.text("DELETE FROM installation WHERE name = :name"), {"name": CHECKPOINT_KEY})


def _commit_of(connection: sa.Connection) -> Callable[[], None]:
    """Return what ends a batch: a commit, or nothing on SQLite, where all of an upgrade is one transaction."""
    return connection.commit if connection.dialect.name == "postgresql" else lambda: None


FINISHING = (
    Finish(
        "0003",
        _("letters keep their bytes in one place: letter.content, which the first release used, is dropped"),
        _("nobody can read or write letters for some milliseconds"),
        _letters_once,
    ),
    Finish(
        "0004",
        _("directives, duties and results that the first release wrote can be found by their words"),
        _("rows are changed a thousand at a time"),
        _search_words,
    ),
    Finish(
        "0016",
        _("when a task is looked at next is kept in one index: the tasks' own, which programs before used, is dropped"),
        _("nobody can read or write tasks for some milliseconds"),
        _checks_apart,
    ),
    Finish(
        "0021",
        _("reminders that older programs wrote say which version of the template they followed"),
        _("rows are changed a thousand at a time"),
        _versions,
    ),
    Finish(
        "0025",
        _("secrets in the database are sealed with a key outside it, in a form that older programs do not read"),
        _("rows are changed a thousand at a time"),
        _sealed,
    ),
    Finish(
        "0026",
        _("approved rankings are noted in the audit: the table of rankings, which programs before used, is dropped"),
        _("nobody can read or write people, units and directives for some milliseconds"),
        _no_rankings,
    ),
    Finish(
        "0027",
        _("background jobs: the trigger that counted the claims of older programs is dropped"),
        _("nobody can read or write background jobs for some milliseconds"),
        _one_queue,
    ),
    Finish(
        "0044",
        _("each seal of the history is signed with a key outside the database"),
        _("nothing is sealed for some milliseconds"),
        _signed,
    ),
)
"""In the order of `needs`."""
