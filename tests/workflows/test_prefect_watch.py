"""Looking after Prefect's server: started again at once, then ever more slowly; frozen ones ended; others' attached."""

from pathlib import Path

import pytest

from workflows.jobs.prefect import prefect_server
from workflows.jobs.prefect.prefect_server import START_SECONDS, PrefectServer
from workflows.jobs.prefect.prefect_watch import CALM_SECONDS, FROZEN_SECONDS, PrefectWatch


class ActedServer(PrefectServer):
    """A server that does as the test says."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, 4210)
        self.is_ours, self.is_up, self.ended = True, False, False
        self.starts = self.kills = 0

    @property
    def owned(self) -> bool:
        return self.is_ours

    @property
    def exit_code(self) -> int | None:
        return 9 if self.ended else None

    def answers(self) -> bool:
        return self.is_up and not self.ended

    def start(self) -> None:
        self.starts += 1
        self.ended = self.is_up = False

    def kill(self) -> None:
        self.kills += 1

    def stop(self) -> None:
        self.is_up = False


class Scene:
    def __init__(self, home: Path) -> None:
        self.server, self.now, self.said = ActedServer(home), 0.0, list[str]()
        self.watch = PrefectWatch(
            self.server, lambda message, **facts: self.said.append(message), clock=lambda: self.now
        )

    def check(self, seconds: float = 0.0) -> bool:
        self.now += seconds
        return self.watch.check_and_mend()

    def killed(self) -> int:
        """How many starts a death brings about at once."""
        before = self.server.starts
        self.server.ended = True
        assert not self.check()
        return self.server.starts - before


def test_one_that_starts_is_waited_for_in_silence(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    for _ in range(5):
        assert not scene.check(10)
    assert scene.said == []
    scene.server.is_up = True
    assert scene.check(5)
    assert scene.check(5)
    assert len(scene.said) == 1
    assert scene.server.starts == scene.server.kills == 0


def test_one_that_died_is_started_at_once_and_then_after_1_5_and_15_minutes(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.server.is_up = True
    scene.check()
    assert scene.killed() == 1
    for wait in (60, 300, 900, 900):
        assert scene.killed() == 0
        scene.check(wait - 1)
        assert not scene.server.starts > scene.watch.restarts_in_a_row
        scene.check(1)
        assert scene.killed() == 0  # the one just started died as well
    assert scene.server.starts == 5


def test_after_a_quarter_of_an_hour_of_calm_it_is_at_once_again(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.server.is_up = True
    scene.check()
    assert scene.killed() == 1
    scene.server.is_up = True
    scene.check(10)
    assert scene.check(CALM_SECONDS + 1)
    assert scene.killed() == 1


def test_how_one_ended_is_kept_for_doctor_until_another_starts(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    assert scene.server.last_end() is None
    (tmp_path / "server.log").write_text("\x1b[31mOSError: no such folder\n\n")
    scene.server.is_up = True
    scene.check()
    scene.killed()
    assert scene.server.last_end() == (9, "[31mOSError: no such folder")


def test_a_frozen_one_is_killed_and_replaced(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.server.is_up = True
    scene.check()
    scene.server.is_up = False
    scene.check(FROZEN_SECONDS - 1)
    assert (scene.server.kills, scene.server.starts) == (0, 0)
    scene.check(2)
    assert (scene.server.kills, scene.server.starts) == (1, 1)
    scene.check(FROZEN_SECONDS + 1)  # the new one has the time that a start takes
    assert scene.server.starts == 1
    scene.check(START_SECONDS)
    assert scene.server.starts == 2
    assert [message for message in scene.said if "does not answer" in message]


def test_another_processs_server_is_looked_for_until_it_is_there(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.server.is_ours = False
    scene.check(5)
    scene.check(5)
    assert scene.server.starts == 2
    scene.server.is_up = True
    assert scene.check(5)
    assert scene.server.starts == 2
    assert scene.server.kills == 0


def test_once_stopped_it_starts_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.watch.stop()
    assert scene.killed() == 0


def test_the_folders_lock_is_one_processs_at_a_time(tmp_path: Path) -> None:
    first, second = PrefectServer(tmp_path, 4210), PrefectServer(tmp_path, 4210)
    assert first.may_own()
    assert not second.may_own()
    first.stop()
    assert second.may_own()
    second.stop()


def test_while_another_process_is_still_starting_it_nobody_knows_where_it_will_be(tmp_path: Path) -> None:
    first, second = PrefectServer(tmp_path, 4210), PrefectServer(tmp_path, 4210)
    assert first.may_own()
    second.start()
    assert not second.is_known, "serve would list an address at which nothing is"
    first.stop()


def test_a_servers_log_that_grows_too_large_is_emptied_while_the_server_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefect_server, "_LARGEST_LOG", 100)
    server = PrefectServer(tmp_path, 4210)
    server.trim_log()  # there is none yet
    with server.log.open("ab") as log:  # as the child has it
        log.write(b"x" * 100)
        log.flush()
        server.trim_log()
        assert server.log.stat().st_size == 100
        log.write(b"y")
        log.flush()
        server.trim_log()
        log.write(b"goes on")
    assert server.log.read_bytes() == b"goes on"
