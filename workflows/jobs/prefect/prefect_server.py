"""The Prefect server that `dondoc serve` runs as a child process on loopback, with its SQLite in our data folder.

It may listen on another address only with a password (`prefect_auth`). It sends nothing outside, and ends when its
parent ends or dies. A second `dondoc serve` attaches to the server of the first.
"""

import fcntl
import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import IO, Any

import httpx

from models.errors import BadInput, Refused
from models.i18n import _
from models.text.hosts import is_loopback

HOST = "127.0.0.1"
START_SECONDS = 90.0  # migrating a new SQLite takes 10 s on a free machine, far more on a busy one
_STOP_SECONDS = 15.0
_ANSWER_SECONDS = 3.0
_PORTS_TRIED = 50
_KEEP = "P14D"  # a tick each minute leaves nearly 9,000 flow runs a day
_LOG_TAIL, _SHOWN = 8192, 300  # bytes of the log to search for its last line, and characters of it to show
_LARGEST_LOG = 5 * 1024 * 1024  # bytes

# The pipe on standard input closes when the parent dies, even by SIGKILL. An orphan would keep the port.
_CHILD = """
import os, runpy, signal, sys, threading
def watch():
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=watch, daemon=True).start()
sys.argv[0] = "prefect"
runpy.run_module("prefect", run_name="__main__")
"""


def check_reach(host: str, auth: str | None) -> None:
    """Raise BadInput for an address that others could reach without a password, or for a wrong password."""
    check_auth(auth)
    if auth is None and not is_loopback(host):
        raise BadInput(
            _("prefect_host {host}: others could reach Prefect's server there; set prefect_auth too, or leave it"),
            host=host,
        )


def check_auth(auth: str | None) -> None:
    """Raise BadInput for a password that Prefect does not accept, or that is too short."""
    if auth is not None and not re.fullmatch(r"[^\s:]+:\S{12,}", auth):
        raise BadInput(_("prefect_auth: expected user:password, without blanks, the password of 12 or more"))


def prefect_environment(home: Path, auth: str | None = None, api_url: str | None = None) -> dict[str, str]:
    """Return the environment of the server, or of workers of `api_url`. Set it before Prefect is imported."""
    optional = {"PREFECT_API_AUTH_STRING": auth, "PREFECT_API_URL": api_url}
    return {name: value for name, value in optional.items() if value} | {
        "PREFECT_HOME": str(home),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",  # failures stand in Prefect's own log and in ours
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": _KEEP,
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": _KEEP,
        # on loopback; after this time the caller goes on without Prefect
        "PREFECT_API_REQUEST_TIMEOUT": "10",
        "PREFECT_CLIENT_MAX_RETRIES": "1",
    }


class PrefectServer:
    """A server of our own (`owned`), or the one that another `dondoc serve` runs over the same data folder.

    Only the holder of the folder's lock may start one, as two servers would migrate one database. Raise BadInput for a
    `host` outside loopback without `auth` ("user:password"). `database_url` is a PostgreSQL database (by asyncpg) to
    use instead of SQLite in the folder.
    """

    def __init__(
        self, home: Path, port: int, *, host: str = HOST, auth: str | None = None, database_url: str | None = None
    ) -> None:
        check_reach(host, auth)
        self.home, self.port, self.host, self._auth = home, port, host, auth
        self._database_url = database_url
        self._child: subprocess.Popen[bytes] | None = None
        self._lock: IO[bytes] | None = None
        self._is_attached = False

    @property
    def url(self) -> str:
        address = HOST if self.host in ("0.0.0.0", "::", "localhost") else self.host
        return f"http://[{address}]:{self.port}" if ":" in address else f"http://{address}:{self.port}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/api"

    @property
    def owned(self) -> bool:
        return self._child is not None

    @property
    def is_known(self) -> bool:
        return self.owned or self._is_attached

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    def start(self) -> None:
        """Start a server, or attach to that of another process of this data folder if that answers.

        It does not wait. Call it again if there was nothing to attach to, or if the server ended. Raise Refused if the
        server cannot start.
        """
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.may_own():
            running = self._running_port()
            self._is_attached, self.port = running is not None, running or self.port
            return
        self._is_attached = False
        self.port = free_port(self.port, self.host)
        arguments = ["server", "start", "--host", self.host, "--port", str(self.port)]
        optional = {
            "PREFECT_SERVER_API_AUTH_STRING": self._auth,
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": self._database_url,
            "PREFECT_SERVER_UI_API_URL": "/api",  # otherwise its pages call port 4200
            # leases in memory would be lost with the server, and with them the slots that they hold
            "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        }
        own = {name: value for name, value in optional.items() if value}
        own["MALLOC_ARENA_MAX"] = "2"  # otherwise glibc keeps a heap for each thread, and never returns it
        foreign = ("PREFECT_", "DONDOC_")  # no settings of another server, and no password of our database
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()  # of the former child
        self.trim_log()
        try:
            with self.log.open("ab") as log:  # append mode, as `trim_log` empties the file while the child writes
                self._child = subprocess.Popen(
                    [sys.executable, "-P", "-c", _CHILD, *arguments],
                    cwd=self.home,
                    env=inherited | prefect_environment(self.home, self._auth) | own,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C must not reach it: it is stopped last, after the running tick
                )
        except OSError as error:
            raise Refused("Prefect: cannot start its server: {reason}", reason=str(error)) from error
        self._state.write_text(json.dumps({"port": self.port, "pid": self._child.pid}))

    def trim_log(self) -> None:
        with suppress(OSError):  # the log may not exist yet
            if self.log.stat().st_size > _LARGEST_LOG:
                os.truncate(self.log, 0)

    def wait_until_healthy(self, seconds: float = START_SECONDS, *, give_up: Event | None = None) -> bool:
        """Wait until it answers. Return False if it ended, took longer, or `give_up` was set."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not (give_up is not None and give_up.is_set()):
            if self.is_healthy():
                return True
            if self._child is not None and self._child.poll() is not None:
                return False
            time.sleep(0.3)
        return False

    def is_healthy(self) -> bool:
        """Return whether any server answers at the address now."""
        return ask(f"{self.api_url}/health", self._auth) is True

    def answers(self) -> bool:
        """Return whether the server that we started or attached to answers now."""
        is_ours = self._child.poll() is None if self._child is not None else self._is_attached
        return is_ours and self.is_healthy()

    @property
    def exit_code(self) -> int | None:
        return self._child.poll() if self._child is not None else None

    def note_end(self, exit_code: int) -> None:
        """Record that the server ended by itself, for `last_end`, until another one starts."""
        state = self._read_state()
        if state.get("exit_code") != exit_code:
            with suppress(OSError):  # a full disk must not prevent the next start
                self._state.write_text(json.dumps(state | {"exit_code": exit_code}))

    def last_end(self) -> tuple[int, str] | None:
        """Return the exit code and the last line of the log if the folder's server ended by itself, else None."""
        code = self._read_state().get("exit_code")
        if not isinstance(code, int):
            return None
        with suppress(OSError), self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - _LOG_TAIL))
            lines = [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]
            return code, "".join(filter(str.isprintable, lines[-1]))[-_SHOWN:] if lines else "–"
        return code, "–"

    def kill(self) -> None:
        """Kill our own server, also a frozen one."""
        if self._child is not None:
            _end(self._child)

    def stop(self) -> None:
        """End our own server and free its port. A server of another process goes on."""
        child, self._child = self._child, None
        self._is_attached = False
        if child is None:
            self._unlock()
            return
        if child.stdin is not None:
            child.stdin.close()
        child.terminate()
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            _end(child)
        state = self._read_state()
        if state.get("pid") == child.pid:
            self._state.unlink(missing_ok=True)
        self._unlock()

    def may_own(self) -> bool:
        """Take the folder's lock. Return False if another process has it. The system frees it when its holder ends."""
        if self._lock is not None:
            return True
        lock = (self.home / "server.lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._lock = lock
        return True

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @property
    def _state(self) -> Path:
        return self.home / "server.json"

    def _read_state(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            state = json.loads(self._state.read_text())
            return state if isinstance(state, dict) else {}
        return {}

    def _running_port(self) -> int | None:
        """Return the port of a healthy server over this folder. After a crash, a stranger may listen on that port."""
        port = self._read_state().get("port")
        if not isinstance(port, int):
            return None
        server = PrefectServer(self.home, port, host=self.host, auth=self._auth)
        settings = ask(f"{server.api_url}/admin/settings", self._auth)
        is_ours = isinstance(settings, dict) and settings.get("home") == str(self.home)
        return port if is_ours else None


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill a server. Give up waiting if the system does not end it in time, for example because a disk hangs."""
    child.kill()
    with suppress(subprocess.TimeoutExpired):
        child.wait(_STOP_SECONDS)


def free_port(preferred: int, host: str = HOST) -> int:
    """Return the wanted port if it is free, else the next free one, else any."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in (*range(preferred, min(preferred + _PORTS_TRIED, 65536)), 0):
        with suppress(OSError), socket.create_server((host, port), family=family) as bound:
            return int(bound.getsockname()[1])
    raise Refused("Prefect: no free port from {port} on", port=preferred)


def ask(url: str, auth: str | None = None) -> Any:
    """Return the JSON at an address; None if nothing answers in time."""
    try:
        # no proxy stands before loopback
        return httpx.get(url, auth=login_of(auth), timeout=_ANSWER_SECONDS, trust_env=False).raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return None


def login_of(auth: str | None) -> tuple[str, str] | None:
    user, _colon, password = (auth or "").partition(":")
    return (user, password) if auth else None
