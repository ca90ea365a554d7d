"""How the work of a function grows with its input, in time of the processor alone."""

import time
from collections.abc import Callable

_LEAST = 0.05  # seconds; below it the clock tells little


def assert_linear(work: Callable[[int], object], *, size: int, what: str = "") -> None:
    """Assert that four times the input takes far less than the sixteen times of quadratic work."""
    short, long = (_seconds(work, length) for length in (size, 4 * size))
    assert long < 8 * max(short, _LEAST), f"{what}: four times the input takes {long / short:.0f} times as long"


def _seconds(work: Callable[[int], object], size: int) -> float:
    started = time.process_time()
    work(size)
    return time.process_time() - started
