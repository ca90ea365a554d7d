"""Changed files by the thousand into intake: `python -m bench.intake_fuzz --seconds 600`.

A process that is bound as the product binds it reads them one after the other; some go the product's whole way. Exits
with 1 where a file did anything but give text or a reason, took longer than is allowed, or more memory.
"""

import argparse
import hashlib
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from pkgutil import resolve_name

from models.errors import DondocError
from tests.intake.files.mutations import mutated, seeds
from workflows.bounded_process import limits
from workflows.intake.files import read_file
from workflows.intake.files.sniff import sniff

MOST_MEMORY = 500 << 20
WHOLE_WAY = 25
"""One of so many files is read as the product reads it."""
WORKER_FILES = 400
"""After so many files a new process reads on, so that the memory measured is that of few files."""
LATE = 1.5
"""Seconds that starting a process may take on top, on a machine that does other things."""


class Worker:
    """A process that reads files which are sent to it."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "bench.intake_fuzz", "--worker"]
        self.process = subprocess.Popen(command, cwd=limits.ROOM, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.files = 0
        self._ask(b"")

    def _ask(self, data: bytes) -> str:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(len(data).to_bytes(4, "big") + data)
        self.process.stdin.flush()
        return self.process.stdout.readline().decode().strip()

    def read(self, data: bytes) -> str:
        """What became of a file: "text", a reason, "unexpected …", or "died"."""
        self.files += 1
        try:
            return self._ask(data) or "died"
        except BrokenPipeError:
            return "died"

    def end(self) -> int:
        """The most memory it had, in bytes."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        _pid, _status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        return used.ru_maxrss << 10


def work() -> None:
    """Reads files from stdin, each after its length, within the product's bounds; a line on stdout for each."""
    import resource
    import signal

    limits.limit_process(limits.MEMORY, 1_000_000)
    while size := sys.stdin.buffer.read(4):
        data = sys.stdin.buffer.read(int.from_bytes(size, "big"))
        signal.alarm(limits.SECONDS)  # ends the process, as the product does
        begun = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        print(f"{_outcome(data)}\t{resource.getrusage(resource.RUSAGE_SELF).ru_utime - begun:.3f}", flush=True)
        signal.alarm(0)


def _outcome(data: bytes) -> str:
    try:
        kind = sniff(data) if data else "plain"
        if kind == "doc":
            return "not read here"
        read = resolve_name(f"workflows.intake.files.{kind}:read")
        return f"text of {kind}" if read(data) else "no text"
    except limits.Unreadable as error:
        return error.message.partition(": ")[2].partition(";")[0]
    except (MemoryError, RecursionError) as error:
        return type(error).__name__
    except Exception as error:  # the product tells it as a damaged file
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        at = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place is not None else ""
        return f"damaged, by {type(error).__name__} at {at}"


def fuzz(seconds: float, seed: int, kept: Path) -> int:
    """Reads changed files until the time is over; prints what became of them."""
    chance = random.Random(seed)
    names = sorted(seeds())
    outcomes: Counter[str] = Counter()
    slowest, peak, count, whole, faults = (0.0, ""), 0, 0, 0, 0
    worker = Worker()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        name = chance.choice(names)
        data = mutated(seeds()[name], chance)
        count += 1
        begun = time.monotonic()
        if count % WHOLE_WAY == 0:
            outcome, whole = _whole_way(data), whole + 1
        else:
            outcome = worker.read(data).partition("\t")[0]
        took = time.monotonic() - begun
        slowest = max(slowest, (took, f"{name}: {outcome}"))
        outcomes[outcome] += 1
        if outcome.startswith("unexpected") or took > limits.SECONDS + LATE:
            faults += 1
            kept.mkdir(parents=True, exist_ok=True)
            (kept / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
        if outcome == "died" or worker.files >= WORKER_FILES:
            peak = max(peak, worker.end())
            worker = Worker()
    peak = max(peak, worker.end())
    print(f"{count} files, {whole} of them the whole way; seed {seed}")
    print(f"slowest {slowest[0]:.2f} s ({slowest[1]}); peak memory of a reading process {peak >> 20} MB")
    for outcome, times in outcomes.most_common():
        print(f"{times:8}  {outcome}")
    print(f"{faults} faults" + (f", kept in {kept}" if faults else ""))
    return int(faults > 0 or peak >= MOST_MEMORY)


def _whole_way(data: bytes) -> str:
    try:
        return "the whole way: text" if read_file("a", data) else "unexpected: nothing"
    except DondocError as error:
        return f"the whole way: {error.message.partition(': ')[2].partition(';')[0]}"
    except Exception as error:
        return f"unexpected {type(error).__name__}: {error}"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="bench.intake_fuzz", description="Changed files into intake.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("var/intake-fuzz"), help="where files that did harm are kept")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        work()
        return 0
    return fuzz(given.seconds, given.seed, given.keep)


if __name__ == "__main__":
    sys.exit(main())
