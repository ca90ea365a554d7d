"""Measures how long something has taken, by two clocks. The one that went further counts, so that nobody acts late."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Clocks:
    """This machine's clocks, in seconds. Only differences mean anything.

    The monotonic clock may stand still while the machine is suspended. The wall clock may be set back.
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time

    def start(self) -> "Stopwatch":
        return Stopwatch(self, self.monotonic(), self.wall())


@dataclass(frozen=True)
class Stopwatch:
    clocks: Clocks
    monotonic: float  # the readings at the start
    wall: float

    @property
    def seconds(self) -> float:
        return max(self.clocks.monotonic() - self.monotonic, self.clocks.wall() - self.wall)


CLOCKS = Clocks()
