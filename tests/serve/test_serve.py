"""`dondoc serve` as it is run: one process with everything in it, asked through its own pages and Prefect's API."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import func, select

from models.run import Run
from models.session import open_engine, reading
from workflows.prefect_server import PrefectServer, prefect_environment

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0  # seconds; a new Prefect server needs 10 to 15 on a free machine


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@dataclass
class Serving:
    """One running `dondoc serve` and where it is."""

    data: Path
    port: int
    prefect_port: int
    mail_port: int
    process: subprocess.Popen[str]

    @classmethod
    def start(cls, data: Path, *arguments: str, **ports: int) -> "Serving":
        data.mkdir(exist_ok=True)
        names = ("port", "prefect_port", "mail_port")
        chosen = {name: ports.get(name) or free_port() for name in names}
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DONDOC_", "PREFECT_"))}
        ours = {
            "DONDOC_DATA": str(data),
            "DONDOC_TICK_SECONDS": "5",
            "DONDOC_LANGUAGE": "en",
            "DONDOC_PORT": str(chosen["port"]),
            "DONDOC_PREFECT_PORT": str(chosen["prefect_port"]),
            "DONDOC_MAIL_PORT": str(chosen["mail_port"]),
        }
        process = subprocess.Popen(
            [sys.executable, "-c", "import dondoc; dondoc.main()", "serve", *arguments],
            cwd=ROOT,
            env=inherited | ours,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return cls(data, chosen["port"], chosen["prefect_port"], chosen["mail_port"], process)

    def site(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=10)

    def flow_runs(self, **wanted: Any) -> list[dict[str, Any]]:
        """What Prefect knows of the runs, through its API."""
        url = f"http://127.0.0.1:{self.prefect_port}/api/flow_runs/filter"
        answer = httpx.post(url, json={"sort": "START_TIME_DESC", "flow_runs": wanted}, timeout=10)
        runs: list[dict[str, Any]] = answer.raise_for_status().json()
        return runs

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Its exit code, and all it said."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        said, _nothing = self.process.communicate(timeout=60)
        return self.process.returncode, said


def wait_for(found: Callable[[], Any], what: str) -> Any:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if value := found():
                return value
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    pytest.fail(f"waited {PATIENCE:.0f} s for {what}")


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A `dondoc serve` on an empty folder, with its Prefect server answering and its first ticks done."""
    one = Serving.start(tmp_path_factory.mktemp("serve") / "data")
    try:
        wait_for(lambda: one.site("/ready").status_code == 200, "the first tick")
        yield one
    finally:
        one.process.kill()
        one.process.communicate()


def test_its_own_pages_say_that_it_lives_and_ticks(serving: Serving) -> None:
    assert serving.site("/health").json() == {"status": "ok"}
    assert serving.site("/ready").json()["clock"] == "ok"
    assert "The engine is running" in serving.site("/").text


def test_every_flow_of_a_tick_is_completed_in_prefect(serving: Serving) -> None:
    def names() -> set[str]:
        runs = serving.flow_runs(state={"type": {"any_": ["COMPLETED"]}}, tags={"all_": ["dondoc"]})
        return {run["name"].rpartition(" ")[0] for run in runs}

    wanted = {"tick", "open periods", "sweep", "deliver"}
    wait_for(lambda: names() >= wanted, "a completed run of each flow")


# A process of its own, as Prefect keeps threads and connections that outlive a test.
_FAULTY_TICK = """
import json, sys
from datetime import datetime
from pathlib import Path
from workflows.flows import Work, run_tick, sweep_flow

api_url, home, moment, faults = sys.argv[1], Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]), int(sys.argv[4])
sweep_flow.retry_delay_seconds = 0.2
attempts, finished = [], []

def verb(name):
    def do(now):
        attempts.append(name)
        if name == "sweep" and attempts.count("sweep") <= faults:
            raise OSError("database is locked (on purpose)")
        return {name: 1}
    return do

work = Work(lambda now: True, verb("open"), verb("sweep"), verb("deliver"), lambda now, told: finished.append(told))
try:
    run_tick(api_url, home, work, moment)
    fault = None
except ExceptionGroup as group:
    fault = str(group.exceptions[0])
print(json.dumps({"attempts": attempts, "finished": finished, "fault": fault}))
"""


def run_faulty_tick(serving: Serving, home: Path, moment: datetime, faults: int) -> dict[str, Any]:
    """A tick whose sweep fails so many times, run against the serving one's Prefect."""
    home.mkdir()
    api_url = f"http://127.0.0.1:{serving.prefect_port}/api"
    done = subprocess.run(
        [sys.executable, "-c", _FAULTY_TICK, api_url, str(home), moment.isoformat(), str(faults)],
        cwd=ROOT,
        env=os.environ | prefect_environment(home),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_a_flow_that_fails_once_is_tried_again_and_completes(serving: Serving, tmp_path: Path) -> None:
    """The sweep's first attempt fails on purpose; Prefect retries it, and its API says so."""
    moment = datetime(2004, 6, 30, 1, 0, tzinfo=UTC)
    told = run_faulty_tick(serving, tmp_path / "prefect", moment, faults=1)
    assert told["attempts"] == ["open", "sweep", "sweep", "deliver"]
    assert told["finished"] == [{"open": 1, "sweep": 1, "deliver": 1}]
    runs = {run["name"].partition(" 2004")[0]: run for run in serving.flow_runs(name={"like_": moment.isoformat()})}
    assert {name: (run["state_type"], run["run_count"]) for name, run in runs.items()} == {
        "tick": ("COMPLETED", 1),
        "open periods": ("COMPLETED", 1),
        "sweep": ("COMPLETED", 2),
        "deliver": ("COMPLETED", 1),
    }


def test_a_flow_that_fails_for_good_holds_up_no_other_and_leaves_its_tick_unfinished(
    serving: Serving, tmp_path: Path
) -> None:
    moment = datetime(2004, 7, 1, 1, 0, tzinfo=UTC)
    told = run_faulty_tick(serving, tmp_path / "prefect", moment, faults=99)
    assert told["attempts"] == ["open", "sweep", "sweep", "sweep", "deliver"]
    assert told["finished"] == []
    assert told["fault"] == "database is locked (on purpose)"
    runs = {run["name"].partition(" 2004")[0]: run for run in serving.flow_runs(name={"like_": moment.isoformat()})}
    assert (runs["sweep"]["state_type"], runs["sweep"]["run_count"]) == ("FAILED", 3)
    assert runs["deliver"]["state_type"] == "COMPLETED"
    assert runs["tick"]["state_type"] == "FAILED"


def test_a_second_serve_on_the_same_port_is_refused(serving: Serving) -> None:
    second = Serving.start(serving.data, port=serving.port)
    code, said = second.process.wait(timeout=60), second.process.communicate()[0]
    assert code == 1
    assert f"cannot listen on 127.0.0.1:{serving.port}" in said
    assert "Traceback" not in said


def test_a_second_serve_attaches_to_the_first_ones_prefect(serving: Serving) -> None:
    second = Serving.start(serving.data, mail_port=serving.mail_port)
    wait_for(lambda: second.site("/health").status_code == 200, "the second site")
    code, said = second.stop(signal.SIGINT)
    assert code == 0
    assert f"Prefect: http://127.0.0.1:{serving.prefect_port}" in said
    assert f"port {serving.mail_port} is taken" in said
    assert PrefectServer(serving.data / "prefect", serving.prefect_port).is_healthy()  # the first one's, left alone


def test_told_to_stop_it_leaves_nothing_running(serving: Serving) -> None:
    """Last: it ends what the tests above ask."""
    code, said = serving.stop()
    assert code == 0, said
    assert "Traceback" not in said
    assert "setting it up" in said
    assert all(is_free(port) for port in (serving.port, serving.prefect_port, serving.mail_port))
    assert not (serving.data / "prefect" / "server.json").exists()
    with reading(open_engine(f"sqlite:///{serving.data / 'dondoc.sqlite'}")) as session:
        assert session.exec(select(func.count()).select_from(Run).where(Run.finished_at != None)).one() > 0  # noqa: E711


def test_without_prefect_the_work_is_done_all_the_same(tmp_path: Path) -> None:
    one = Serving.start(tmp_path / "data", "--no-prefect")
    try:
        wait_for(lambda: one.site("/ready").status_code == 200, "a tick without Prefect")
        assert not (one.data / "prefect").exists()
    finally:
        code, said = one.stop(signal.SIGINT)
    assert code == 0, said


def test_a_killed_serve_takes_its_prefect_along(tmp_path: Path) -> None:
    """No orphan may hold the port: the next serve would find it taken."""
    home = tmp_path / "prefect"
    script = (
        "import sys, time; from pathlib import Path; from workflows.prefect_server import PrefectServer;"
        "server = PrefectServer(Path(sys.argv[1]), int(sys.argv[2])); server.start();"
        "print(server._child.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(home), str(free_port())], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(1)
    parent.kill()
    parent.communicate()

    def gone() -> bool:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{child}/stat")  # an orphan that ended may wait for init to notice
        return status.exists() and status.read_text().rpartition(") ")[2].startswith("Z")

    wait_for(gone, "the orphaned Prefect server to end")
