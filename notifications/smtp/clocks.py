"""How long something has taken, for who must not act late: by two clocks, and the one that went further counts."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Clocks:
    """This machine's clocks, in seconds; only differences mean anything.

    The monotonic one may stand still while the machine is suspended, the wall clock may be set back.
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time

    def start(self) -> "Stopwatch":
        return Stopwatch(self, self.monotonic(), self.wall())


@dataclass(frozen=True)
class Stopwatch:
    clocks: Clocks
    monotonic: float
    wall: float

    @property
    def seconds(self) -> float:
        return max(self.clocks.monotonic() - self.monotonic, self.clocks.wall() - self.wall)


CLOCKS = Clocks()
