"""The schema is brought up to date on PostgreSQL while older programs are at work: in small steps, never in their way.

Two machines may begin at once: one does it, the other waits and finds it done. A step that does not get its lock within
moments gives up, so that nobody queues behind it, and comes again; what takes long takes no lock that a reader or
writer would meet. Old programs go on: what they need is taken away only by `finish`.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from alembic import command
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from models.database.schema_state import (
    SchemaState,
    adopt,
    config,
    oldest_program,
    refuse_unfit,
    revisions,
    schema_state,
    script,
    set_oldest,
)
from models.errors import Refused
from models.i18n import Words, _
from models.migrations.finishing import FINISHING, Finish
from models.migrations.operations import Touch, touches

Tell = Callable[..., None]
"""Says a message id with its facts."""
_KEY = 0x646F6E646F63  # "dondoc": the advisory lock of whoever migrates
_BRIEF, _LONGER = "200ms", "1500ms"
_TRIES = 200  # about ten minutes in the way of somebody's one long transaction
_BRIEFLY = 8  # tries; afterwards long enough for PostgreSQL to send its own vacuum away, which takes 1 s
_COMES_AGAIN = {"55P03": "lock_timeout", "40P01": "deadlock", "57014": "cancelled"}


@dataclass(frozen=True)
class Step:
    """One migration that is still to come, or one thing to be taken away in the end."""

    name: str
    says: str
    touches: tuple[Touch, ...] = ()
    locks: str | None = None


@dataclass(frozen=True)
class Plan:
    """What an upgrade would do now, and what finishing would do after it."""

    state: SchemaState
    upgrade: tuple[Step, ...]
    finish: tuple[Step, ...]


def plan(engine: Engine) -> Plan:
    """Look only."""
    with engine.connect() as connection:
        state, found, oldest = schema_state(connection), revisions(connection), oldest_program(connection)
    if state in (SchemaState.AHEAD, SchemaState.NEWER, SchemaState.HALF):
        return Plan(state, (), ())
    steps = tuple(Step(one, _title(one), touches(one)) for one in _to_come(found))
    return Plan(state, steps, tuple(Step(one.needs, one.says, (), one.locks) for one in _unfinished(oldest)))


def upgrade(engine: Engine, *, finish: bool = False, tell: Tell = lambda _message, **_facts: None) -> bool:
    """Run the migrations that are to come; with `finish` takes away what only older programs needed.

    Whether anything was done. A database that nobody has worked on yet is finished at once. Refused: the schema is
    newer than this program, or somebody's transaction stays in the way for ten minutes.
    """
    with _alone(engine, tell):
        with engine.connect() as connection:
            state, oldest = schema_state(connection), oldest_program(connection)
        refuse_unfit(SchemaState.NEWER if state is SchemaState.AHEAD else state)
        with _own(engine) as connection:
            adopt(connection)
            connection.commit()
        coming = _to_come(_found(engine))
        for revision in coming:
            _migrate(engine, revision, tell)
        last = _unfinished(oldest) if finish or oldest is None else []
        for step in last:
            _finish(engine, step, tell)
    return bool(coming or last)


def _migrate(engine: Engine, revision: str, tell: Tell) -> None:
    tell(_("{revision}: {title}"), revision=revision, title=_title(revision))

    def run(connection: Connection) -> None:
        told = config()
        told.attributes["connection"] = connection
        command.upgrade(told, revision)

    _again(engine, run, revision, tell)


def _finish(engine: Engine, step: Finish, tell: Tell) -> None:
    tell(_("finishing {revision}: {title}"), revision=step.needs, title=step.says)

    def run(connection: Connection) -> None:
        step.do(connection)
        set_oldest(connection, step.needs)
        connection.commit()

    _again(engine, run, step.needs, tell)


def _again(engine: Engine, run: Callable[[Connection], None], name: str, tell: Tell) -> None:
    """Do it, and do it again where somebody was in the way."""
    for number in range(_TRIES):
        try:
            with _own(engine, _BRIEF if number < _BRIEFLY else _LONGER) as connection:
                run(connection)
            return
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _COMES_AGAIN:
                raise
        if number in (0, 10, 50):
            tell(_("{revision}: somebody's transaction is in the way; giving way and trying again"), revision=name)
        time.sleep(min(0.05 * 2 ** min(number, 6), 3.0) * random.uniform(0.5, 1.5))
    raise Refused(
        "{revision}: somebody's transaction stays in the way; end it (pg_stat_activity tells whose it is) and repeat",
        revision=name,
    )


@contextmanager
def _own(engine: Engine, lock_timeout: str = _BRIEF) -> Iterator[Connection]:
    """A connection that gives way; it is not used for anything else afterwards."""
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SET lock_timeout = '{lock_timeout}'")
        connection.commit()
        try:
            yield connection
        finally:
            connection.invalidate()


@contextmanager
def _alone(engine: Engine, tell: Tell) -> Iterator[None]:
    """One at a time in this database.

    Asked for again and again, for whoever waits inside the database holds up the building of an index there.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        number = 0
        while not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_KEY})").scalar_one():
            if number == 0:
                tell(_("another machine is upgrading this database: waiting for it"))
            number += 1
            time.sleep(0.5)
        try:
            yield
        finally:
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_KEY})")


def _found(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return revisions(connection)


def _to_come(found: set[str]) -> list[str]:
    """Revisions after those, the first one first."""
    order = [one.revision for one in script().walk_revisions()]  # the newest first
    coming: list[str] = []
    for one in order:
        if one in found:
            break
        coming.insert(0, one)
    return coming


def is_finished(connection: Connection) -> bool:
    """Return whether no program may be at work any more that needs what finishing takes away."""
    return not _unfinished(oldest_program(connection))


def _unfinished(oldest: str | None) -> list[Finish]:
    order = [one.revision for one in reversed(list(script().walk_revisions()))]
    rank: dict[Any, int] = {revision: number for number, revision in enumerate(order)}
    return [one for one in FINISHING if rank[one.needs] > rank.get(oldest, -1)]


def _title(revision: str) -> str:
    """Return the first paragraph of the migration's docstring, which stands in the catalogues too."""
    found = script().get_revision(revision)
    return Words(str(found.doc)) if found is not None else revision
