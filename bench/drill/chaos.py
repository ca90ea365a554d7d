"""Kills at random, as power cuts and out-of-memory killers do, and starts anew, as an office's systemd would."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from subprocess import Popen

from bench.drill.hosts import kill_tree

Start = Callable[[], "Popen[bytes]"]


@dataclass
class Kept:
    """A process that is kept running."""

    name: str
    start: Start
    process: "Popen[bytes]" = field(init=False)

    def __post_init__(self) -> None:
        self.process = self.start()

    def kill(self) -> int:
        """Ends it with all that it started."""
        return kill_tree(self.process)

    def again(self) -> None:
        """A new one in its place."""
        self.process = self.start()

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None


class Chaos:
    """Kills a victim every `every` seconds (from, to) and starts it again `after` (from, to) seconds later."""

    def __init__(
        self, victims: list[Kept], seed: int, *, every: tuple[float, float], after: tuple[float, float]
    ) -> None:
        self._victims, self._random, self._every, self._after = victims, random.Random(seed), every, after
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chaos", daemon=True)
        self.kills: Counter[str] = Counter()
        self.processes = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Kills no more; everything runs again."""
        self._stop.set()
        self._thread.join()
        for one in self._victims:
            if not one.is_alive:
                one.again()

    def _run(self) -> None:
        back: list[tuple[float, Kept]] = []
        next_kill = time.monotonic() + self._random.uniform(*self._every)
        while not self._stop.wait(0.2):
            now = time.monotonic()
            for due, one in list(back):
                if due <= now:
                    one.again()
                    back.remove((due, one))
            if now >= next_kill:
                next_kill = now + self._random.uniform(*self._every)
                alive = [one for one in self._victims if one.is_alive]
                if alive:
                    victim = self._random.choice(alive)
                    self.processes += victim.kill()
                    self.kills[victim.name] += 1
                    back.append((now + self._random.uniform(*self._after), victim))
