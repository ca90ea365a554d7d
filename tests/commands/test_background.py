"""What the commands that run until they are told to stop share."""

import os
import signal
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from commands.background import signals
from commands.serve import _prefect
from models.errors import Refused
from models.i18n import translate
from models.settings import Settings
from workflows.jobs.prefect.prefect_server import PrefectServer


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


def test_a_prefect_that_cannot_start_is_told_in_the_readers_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_server: PrefectServer) -> None:
        raise Refused("Prefect: cannot start its server: {reason}", reason="–")

    monkeypatch.setattr(PrefectServer, "start", fail)
    monkeypatch.setattr("commands.serve.prefect_environment", lambda *_given: {})
    monkeypatch.setattr("commands.serve.PrefectWatch.start", lambda _watch: None)
    said: list[str] = []
    with ExitStack() as stack:
        _prefect(
            stack, Settings(data=tmp_path), lambda message, **facts: said.append(translate(message, "vi", **facts))
        )
    (told,) = said
    assert "Prefect: không khởi động được máy chủ" in told
