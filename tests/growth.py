"""How the work of a function grows with its input, in time of the processor alone."""

import gc
import time
from collections.abc import Callable

_LEAST = 0.05  # seconds; below it the clock tells little
_TRIES = 3  # the least of them counts: what disturbs a measurement only adds to it


def assert_linear(work: Callable[[int], object], *, size: int, what: str = "") -> None:
    """Assert that four times the input takes far less than the sixteen times of quadratic work."""
    short = _seconds(work, size)
    limit = 8 * max(short, _LEAST)
    long = _seconds(work, 4 * size, enough=limit)
    assert long < limit, f"{what}: four times the input takes {long / short:.0f} times as long"


def _seconds(work: Callable[[int], object], size: int, enough: float = 0.0) -> float:
    """Return the least time of a few tries, or the first one below what is enough."""
    least = float("inf")
    for _ in range(_TRIES):
        gc.disable()  # a collection walks all that other tests left in the process
        try:
            started = time.process_time()
            work(size)
            least = min(least, time.process_time() - started)
        finally:
            gc.enable()
        if least < enough:
            break
    return least
