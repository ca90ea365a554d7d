"""How long something took, whatever happens to a clock meanwhile."""

import pytest

from notifications.smtp.clocks import Clocks


@pytest.mark.parametrize(
    ("monotonic", "wall", "seconds"),
    [
        (60.0, 60.0, 60.0),
        (1.0, 3600.0, 3600.0),  # the machine was suspended, or another hour was set
        (60.0, -3600.0, 60.0),  # the clock was set back
    ],
)
def test_the_clock_that_went_further_counts(monotonic: float, wall: float, seconds: float) -> None:
    moved = {"monotonic": 5000.0, "wall": 1.7e9}
    watch = Clocks(lambda: moved["monotonic"], lambda: moved["wall"]).start()
    assert watch.seconds == 0
    moved["monotonic"] += monotonic
    moved["wall"] += wall
    assert watch.seconds == seconds
