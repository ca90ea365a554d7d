"""What every engine process does first: done once, in the process that they are all forked from.

Statements are put together, mappers set up, letters' templates read: a third of a second of the first tick of each.
"""

import gc
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import tests.compiled  # noqa: F401  what is compiled here those that are forked find
from models.database.schema import migrate
from models.database.session import open_engine
from tests.fire.processes import open_office, tick_at
from tests.fire.sink import Sink
from tests.keys import KEYS
from tests.office import ON, furnish

with TemporaryDirectory() as folder, Sink() as sink:
    engine = open_engine(f"sqlite:///{folder}/dondoc.sqlite", KEYS)
    migrate(engine)
    furnish(engine, Path(folder)).launch("2.a", "4", "oversight", on=ON)
    office = open_office(str(engine.url), Path(folder), sink.port)
    office.declare("T-LT", now=ON)
    tick_at(office, ON, ON + timedelta(days=1), ON + timedelta(days=6))
    office.engine.dispose()
    engine.dispose()
gc.collect()
gc.freeze()
