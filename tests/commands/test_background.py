"""What the commands that run until they are told to stop share."""

import os
import signal
import threading

import pytest

from commands.background import signals


class Midway(threading.Event):
    """Told to stop once more while it is being told."""

    times = 0

    def set(self) -> None:
        self.times += 1
        if self.times == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        super().set()


def test_a_second_signal_in_the_midst_of_the_first_ends_it_and_waits_for_nobody() -> None:
    """A whole group of processes is told at once, and a parent tells its child again: the site must not hang."""
    stop = Midway()
    with signals(stop), pytest.raises(KeyboardInterrupt, match="SIGTERM"):
        os.kill(os.getpid(), signal.SIGTERM)
    assert stop.times == 1, "nobody sets what is being set"
