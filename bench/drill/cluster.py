"""The programs of an installation on several machines, with the settings each machine reads from its environment."""

import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen, run
from typing import Any

import httpx
import psutil

from bench.drill.chaos import Kept
from bench.drill.hosts import Host
from bench.drill.office_time import VARIABLE
from bench.drill.postgres import Urls
from models.database.secret_keys import Keys

MAIL_PORT, PREFECT_PORT = 2587, 4277
_AUTH = "dondoc:drill-password-of-prefect"
SECRETS_KEY = secrets.token_hex(32)
KEYS = Keys(Path("/nowhere/secrets.key"), SECRETS_KEY, is_shared=True)
"""What seals the secrets of this run's database, on every machine the same."""
STOP_SECONDS = 30.0
_CALM_SECONDS = 10.0  # within which a run that a worker has begun writes that it has


@dataclass(frozen=True)
class Quota:
    """What the mail server allows over all machines."""

    per_minute: int
    at_once: int


class Cluster:
    """Knows how to start each program on a machine; whatever it started ends with `running`."""

    def __init__(self, urls: Urls, data: Host, quota: Quota, tick_seconds: int) -> None:
        self.urls, self.data, self.quota, self._tick_seconds = urls, data, quota, tick_seconds
        self.time_file = data.folder / "office-time"
        self._started: list[Popen[bytes]] = []

    def settings(self, host: Host) -> dict[str, str]:
        """The environment of a program of ours on a machine."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {
            "PYTHONPATH": f"{Path(__file__).parents[2]}{os.pathsep}{Path(__file__).parent / 'machine'}",
            VARIABLE: str(self.time_file),
            "DONDOC_DATA": str(host.folder / "data"),
            "DONDOC_DATABASE_URL": self.urls.dondoc,
            "DONDOC_SECRETS_KEY": SECRETS_KEY,
            "DONDOC_PREFECT_API_URL": f"http://{self.data.address}:{PREFECT_PORT}/api",
            "DONDOC_PREFECT_AUTH": _AUTH,
            "DONDOC_MAIL": (
                f'{{"mode": "smtp", "host": "{self.data.address}", "port": {MAIL_PORT},'
                f' "letters_per_minute": {self.quota.per_minute}, "connections": {self.quota.at_once}}}'
            ),
            "DONDOC_TICK_SECONDS": str(self._tick_seconds),
            "DONDOC_LOG_FORMAT": "json",
            "DONDOC_LANGUAGE": "en",
        }

    def start(self, host: Host, log: str, *arguments: str, more: Mapping[str, str] | None = None) -> "Popen[bytes]":
        """A program of this checkout (`python -m …`) on a machine."""
        env = self.settings(host) | dict(more or {})
        process = host.run([sys.executable, "-m", *arguments], env, f"{log}.log")
        self._started.append(process)
        return process

    def prefect_server(self) -> "Popen[bytes]":
        """The Prefect server, on the data's machine."""
        more = {
            "DONDOC_PREFECT_HOST": self.data.address,
            "DONDOC_PREFECT_PORT": str(PREFECT_PORT),
            "DONDOC_PREFECT_DATABASE_URL": self.urls.prefect,
        }
        return self.start(self.data, "prefect-server", "dondoc", "prefect-server", more=more)

    def sink(self) -> Path:
        """The mail server; returns the file in which it writes."""
        path = self.data.folder / "letters.jsonl"
        path.touch()
        self.start(self.data, "sink", "bench.drill.sink", self.data.address, str(MAIL_PORT), str(path))
        return path

    def clock(self, host: Host) -> Kept:
        """A clock, kept running."""
        return Kept(f"clock on {host.name}", lambda: self.start(host, "clock", "dondoc", "clock"))

    def day_clock(self, host: Host, minutes: int) -> Kept:
        """A clock that rings every so many minutes of the office's time, kept running."""
        arguments = ("bench.drill.day", str(minutes))
        return Kept(f"clock of the day on {host.name}", lambda: self.start(host, "day-clock", *arguments))

    def worker(self, host: Host, number: int) -> Kept:
        """A worker, kept running."""
        name = f"{host.name}-{number}"
        arguments = ("dondoc", "worker", "--name", name, "--limit", "2")
        return Kept(f"worker {number} on {host.name}", lambda: self.start(host, f"worker-{number}", *arguments))

    def wait_for_workers(self, number: int, seconds: float) -> None:
        """Until so many workers have told Prefect that they live. TimeoutError after so many seconds."""

        def are_online() -> bool:
            workers: list[dict[str, Any]] = self._ask("work_pools/dondoc/workers/filter", {})
            return [one["status"] for one in workers].count("ONLINE") >= number

        _wait(f"{number} workers", are_online, seconds)

    def wait_until_begun(self, seconds: float) -> None:
        """Until no run that was handed over waits for a worker, or some seconds: a killed worker's never begins."""
        waiting = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED", "PENDING"]}}}}
        seen = time.monotonic()

        def have_begun() -> bool:
            nonlocal seen
            if self._ask("flow_runs/count", waiting):
                seen = time.monotonic()
            return time.monotonic() - seen > _CALM_SECONDS

        with suppress(TimeoutError):
            _wait("runs that wait for a worker", have_begun, seconds)

    def _ask(self, path: str, question: dict[str, Any]) -> Any:
        url = f"http://{self.data.address}:{PREFECT_PORT}/api/{path}"
        answer = httpx.post(url, json=question, auth=("dondoc", _AUTH.partition(":")[2]), timeout=10)
        return answer.raise_for_status().json()

    def once(self, host: Host, *arguments: str) -> str:
        """Runs a command of ours to its end and returns what it printed. Raises where it fails."""
        done = run(
            [*host.prefix, sys.executable, "-m", "dondoc", *arguments],
            env=self.settings(host),
            cwd=host.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"dondoc {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def end(self) -> None:
        """SIGTERM to everything, then SIGKILL to what is left."""
        trees = [one for process in self._started if process.poll() is None for one in _tree(process.pid)]
        for process in self._started:
            if process.poll() is None:
                process.terminate()
        _gone, alive = psutil.wait_procs(trees, STOP_SECONDS)
        for one in alive:
            one.kill()


def _wait(what: str, is_so: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if is_so():
            return
        time.sleep(1)
    raise TimeoutError(f"{what}: not within {seconds:.0f} s")


def _tree(pid: int) -> list[psutil.Process]:
    try:
        return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


@contextmanager
def cluster(urls: Urls, data: Host, quota: Quota, tick_seconds: int) -> Iterator[Cluster]:
    """A cluster of which nothing is left running afterwards."""
    with ExitStack() as stack:
        one = Cluster(urls, data, quota, tick_seconds)
        stack.callback(one.end)
        yield one
