"""Writes the measured installation into a database, as quickly as each driver can; the same rows every time."""

from collections.abc import Callable, Iterator
from random import Random

from sqlalchemy import Engine, text

from bench.bulk import Row, bulk, unindexed, write_text
from bench.web.lives import Lives
from bench.web.register import NOW, WIDE_UNITS, Maker, Register
from bench.web.tables import COLUMNS
from workflows.operations.setup import set_up

Say = Callable[[str], None]
_SEED = 2004


def fill(engine: Engine, tasks: int) -> None:
    """Sets the database up and fills it with so many tasks and what hangs on them."""
    set_up(engine, now=NOW)
    random = Random(_SEED)
    with bulk(engine) as session:
        if engine.dialect.name == "postgresql":
            session.execute(text("SET LOCAL TIME ZONE 'UTC'"))
        register = Maker(random).write(session)
        with unindexed(session, *COLUMNS):
            for rows in _lives(register, random, tasks):
                for table, columns in COLUMNS.items():
                    write_text(session, table, columns, rows[table])


def _lives(register: Register, random: Random, tasks: int) -> Iterator[dict[str, list[Row]]]:
    """One directive after another; the wide one has its thousand units, the others share the rest alike."""
    lives = Lives(register, random)
    wide = next(issued for issued in register.directives if issued.is_wide)
    wide_tasks = WIDE_UNITS * len(list(lives.shares(wide)))
    others, left = len(register.directives) - 1, tasks - wide_tasks
    if left < others:
        raise ValueError(f"tasks {tasks}: the wide directive alone has {wide_tasks}, each other one at least one")
    for issued in register.directives:
        if issued.is_wide:
            yield lives.of(issued, wide_tasks)
        else:
            mine = left // others
            left, others = left - mine, others - 1
            yield lives.of(issued, mine)
