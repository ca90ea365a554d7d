"""A service's threads share few heaps: what glibc is told, and that nothing is needed elsewhere."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

HEAPS = """
import threading
from commands.arenas import ARENAS, keep_few_arenas
keep_few_arenas()
start, done = threading.Barrier(17), threading.Event()
def hold():
    kept = [bytes(2000) for _each in range(2000)]
    start.wait()
    done.wait()
for _n in range(16):
    threading.Thread(target=hold, daemon=True).start()
start.wait()
print(open("/proc/self/maps").read().count("000000-7f"), ARENAS)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is Linux's")
def test_sixteen_threads_make_no_heap_each() -> None:
    done = subprocess.run([sys.executable, "-c", HEAPS], cwd=ROOT, capture_output=True, text=True, check=True)
    heaps, allowed = map(int, done.stdout.split())
    assert heaps <= allowed
