"""Memory that a process no longer needs goes back to the machine."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from models.database.session import open_engine, transactions
from tests.serve.serving import ROOT

_FILL_AND_FREE = """
from workflows.jobs.prefect.flows import release_memory

def own_kb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))

cycles = []
for _ in range(60_000):
    one = [bytes(900)]
    one.append(one)
    cycles.append(one)
kept = cycles[::100]  # here and there something lives on, so that no heap can shrink from its end
del cycles, one
before = own_kb()
release_memory()
print(before - own_kb())
"""


@pytest.mark.long
@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library hands nothing back")
def test_what_was_freed_between_things_that_live_on_goes_back_to_the_machine() -> None:
    said = subprocess.run([sys.executable, "-c", _FILL_AND_FREE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(said.stdout) > 20_000  # KB, of some 60,000


def test_sqlite_connection_grows_its_cache_only_for_a_batch(tmp_path: Path) -> None:
    """Five are kept by each process, and what each may keep it has after some hours."""
    engine = open_engine(f"sqlite:///{tmp_path / 'test.sqlite'}")

    def kib() -> int:
        with engine.connect() as connection:
            return -int(connection.exec_driver_sql("PRAGMA cache_size").scalar_one())

    before = kib()
    with transactions(engine) as begin, begin() as session:
        within = -int(session.connection().exec_driver_sql("PRAGMA cache_size").scalar_one())
    assert (before, within, kib()) == (4_096, 16_384, 4_096)
    engine.dispose()
