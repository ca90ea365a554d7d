"""The Prefect server that `dondoc serve` runs beside itself: a child on loopback, its SQLite in our data folder.

On another address only where it asks everybody for a password (`prefect_auth`). It sends nothing outside, and ends
with its parent however that ends. A second `serve` attaches to the first one's.
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
_KEEP = "P14D"  # a tick a minute leaves nearly 9,000 flow runs a day: they must not stay for ever
_LAST_WORDS, _SHOWN = 8192, 300  # bytes of the log that are looked at, and characters told of its last line
_LARGEST_LOG = 5 * 1024 * 1024  # bytes; emptied then

# The pipe on standard input closes when the parent dies, even by SIGKILL: an orphan would hold the port for ever.
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
    """Refuse an address from which others could reach it without a password, and a password of another form."""
    check_auth(auth)
    if auth is None and not is_loopback(host):
        raise BadInput(
            _("prefect_host {host}: others could reach Prefect's server there; set prefect_auth too, or leave it"),
            host=host,
        )


def check_auth(auth: str | None) -> None:
    """BadInput for a password of another form than Prefect takes, or one that is soon guessed."""
    if auth is not None and not re.fullmatch(r"[^\s:]+:\S{12,}", auth):
        raise BadInput(_("prefect_auth: expected user:password, without blanks, the password of 12 or more"))


def prefect_environment(home: Path, auth: str | None = None, api_url: str | None = None) -> dict[str, str]:
    """Variables for the server and our own flows: its folder, offline, quiet. Set them before prefect is imported.

    `api_url`: that of a server elsewhere, for those who work for it.
    """
    given = {"PREFECT_API_AUTH_STRING": auth, "PREFECT_API_URL": api_url}
    return {name: value for name, value in given.items() if value} | {
        "PREFECT_HOME": str(home),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",  # failures are in Prefect's own log, and told by us
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": _KEEP,
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": _KEEP,
        # on loopback; whoever waits longer than this goes on without Prefect
        "PREFECT_API_REQUEST_TIMEOUT": "10",
        "PREFECT_CLIENT_MAX_RETRIES": "1",
    }


class PrefectServer:
    """A server of our own, or the one another `serve` runs over the same data folder (`owned` tells).

    Whoever holds the folder's lock may start one: two at once would migrate one database twice. BadInput for a `host`
    that is not of loopback, unless `auth` ("user:password") is asked of everybody. `database_url`: PostgreSQL by
    asyncpg instead of SQLite in its folder.
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
        here = HOST if self.host in ("0.0.0.0", "::", "localhost") else self.host
        return f"http://[{here}]:{self.port}" if ":" in here else f"http://{here}:{self.port}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/api"

    @property
    def owned(self) -> bool:
        return self._child is not None

    @property
    def is_known(self) -> bool:
        """One was started or attached to: else nobody can say where one is."""
        return self.owned or self._is_attached

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    def start(self) -> None:
        """Start one, or attach to that of another process of this data folder, as soon as it answers.

        Does not wait; to be called again where it had nothing to attach to, or its server ended. Refused if it cannot.
        """
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.may_own():
            running = self._running_port()
            self._is_attached, self.port = running is not None, running or self.port
            return
        self._is_attached = False
        self.port = free_port(self.port, self.host)
        arguments = ["server", "start", "--host", self.host, "--port", str(self.port)]
        given = {
            "PREFECT_SERVER_API_AUTH_STRING": self._auth,
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": self._database_url,
            "PREFECT_SERVER_UI_API_URL": "/api",  # its pages would ask port 4200 else, whatever port it listens on
            # in memory they would be lost with the server, and the slots they hold with them
            "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        }
        asks = {name: value for name, value in given.items() if value}
        asks["MALLOC_ARENA_MAX"] = "2"  # glibc keeps a heap for each of its threads else, and never hands it back
        foreign = ("PREFECT_", "DONDOC_")  # neither another server's settings nor our own database's password
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()  # of the one that ended
        self.trim_log()
        try:
            with self.log.open("ab") as log:  # at its end, wherever that is: it is emptied under the child's hands
                self._child = subprocess.Popen(
                    [sys.executable, "-P", "-c", _CHILD, *arguments],
                    cwd=self.home,
                    env=inherited | prefect_environment(self.home, self._auth) | asks,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C is for us: we stop it last, after the tick that reports to it
                )
        except OSError as error:
            raise Refused("Prefect: cannot start its server: {reason}", reason=str(error)) from error
        self._state.write_text(json.dumps({"port": self.port, "pid": self._child.pid}))

    def trim_log(self) -> None:
        """Empty a log that has grown too large: a server that complains all day would fill the disk."""
        with suppress(OSError):  # there is none yet, or it cannot be: the server goes on as well
            if self.log.stat().st_size > _LARGEST_LOG:
                os.truncate(self.log, 0)

    def wait_until_healthy(self, seconds: float = START_SECONDS, *, give_up: Event | None = None) -> bool:
        """Wait until it answers; False where it ended, took longer or `give_up` was set meanwhile."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not (give_up is not None and give_up.is_set()):
            if self.is_healthy():
                return True
            if self._child is not None and self._child.poll() is not None:
                return False
            time.sleep(0.3)
        return False

    def is_healthy(self) -> bool:
        """It answers now, whoever it is."""
        return ask(f"{self.api_url}/health", self._auth) is True

    def answers(self) -> bool:
        """A server that we started or attached to answers now, not somebody else's there."""
        known = self._child.poll() is None if self._child is not None else self._is_attached
        return known and self.is_healthy()

    @property
    def exit_code(self) -> int | None:
        return self._child.poll() if self._child is not None else None

    def note_end(self, exit_code: int) -> None:
        """Have `last_end` tell others that it has ended by itself, until another starts."""
        state = self._read_state()
        if state.get("exit_code") != exit_code:
            with suppress(OSError):  # a full disk keeps nobody from starting another
                self._state.write_text(json.dumps(state | {"exit_code": exit_code}))

    def last_end(self) -> tuple[int, str] | None:
        """The code with which the server of this folder ended by itself, and its last words; else None."""
        code = self._read_state().get("exit_code")
        if not isinstance(code, int):
            return None
        with suppress(OSError), self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - _LAST_WORDS))
            lines = [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]
            return code, "".join(filter(str.isprintable, lines[-1]))[-_SHOWN:] if lines else "–"
        return code, "–"

    def kill(self) -> None:
        """End our own server at once, also one that is stopped; `start` may start another."""
        if self._child is not None:
            _end(self._child)

    def stop(self) -> None:
        """End our own server and free its port; another's is left alone."""
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
        """Take the folder's lock, which the system frees when its holder ends, however that ends."""
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
        """Only of a healthy server over this very folder: after a crash somebody else may listen there."""
        port = self._read_state().get("port")
        if not isinstance(port, int):
            return None
        there = PrefectServer(self.home, port, host=self.host, auth=self._auth)
        settings = ask(f"{there.api_url}/admin/settings", self._auth)
        is_ours = isinstance(settings, dict) and settings.get("home") == str(self.home)
        return port if is_ours else None


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill a server. What the system does not let go of in time, as behind a disk that hangs, is left behind."""
    child.kill()
    with suppress(subprocess.TimeoutExpired):
        child.wait(_STOP_SECONDS)


def free_port(wanted: int, host: str = HOST) -> int:
    """The wanted port of an address of this machine, else the next free one, else any."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in (*range(wanted, min(wanted + _PORTS_TRIED, 65536)), 0):
        with suppress(OSError), socket.create_server((host, port), family=family) as bound:
            return int(bound.getsockname()[1])
    raise Refused("Prefect: no free port from {port} on", port=wanted)


def ask(url: str, auth: str | None = None) -> Any:
    """The JSON at an address; None where nothing answers in time."""
    try:
        # loopback is never behind a proxy
        return httpx.get(url, auth=login_of(auth), timeout=_ANSWER_SECONDS, trust_env=False).raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return None


def login_of(auth: str | None) -> tuple[str, str] | None:
    """The user and password of "user:password"."""
    user, _colon, password = (auth or "").partition(":")
    return (user, password) if auth else None
