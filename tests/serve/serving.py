"""One running `dondoc serve`, and what can be asked of it."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.secret_keys import Keys
from models.database.session import open_engine, reading
from models.letters.letter import Letter, LetterState
from models.operations.system_job import Job, JobName
from models.settings import Settings
from tests.office import Office
from workflows.jobs.prefect.prefect_server import PrefectServer
from workflows.operations.setup import set_up
from workflows.organization.working_calendar import load_calendar

ROOT = Path(__file__).parents[2]
PATIENCE = 300.0  # seconds; a new Prefect server needs 10 to 15 on a free machine, far more on a busy one


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
    process: subprocess.Popen[bytes]
    log: Path
    url: str

    @classmethod
    @contextmanager
    def start(
        cls, data: Path, *arguments: str, tick_seconds: int = 5, database_url: str = "", **ports: int
    ) -> Iterator["Serving"]:
        """Of SQLite in the data folder, where no other database is named."""
        data.mkdir(exist_ok=True)
        names = ("port", "prefect_port", "mail_port")
        chosen = {name: ports.get(name) or free_port() for name in names}
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DONDOC_", "PREFECT_"))}
        ours = {
            "DONDOC_DATA": os.path.relpath(data, ROOT),  # what its children need of it must not be relative
            "DONDOC_TICK_SECONDS": str(tick_seconds),
            "DONDOC_LANGUAGE": "en",
            "DONDOC_PORT": str(chosen["port"]),
            "DONDOC_PREFECT_PORT": str(chosen["prefect_port"]),
            "DONDOC_MAIL_PORT": str(chosen["mail_port"]),
        } | ({"DONDOC_DATABASE_URL": database_url} if database_url else {})
        command = [sys.executable, "-c", "import dondoc; dondoc.main()", "serve", *arguments]
        # not a pipe: nobody reads it meanwhile, and one that is full holds up whoever writes the next line
        number, log = tempfile.mkstemp(suffix=".log", dir=data.parent)
        with open(number, "wb") as said:
            process = subprocess.Popen(command, cwd=ROOT, env=inherited | ours, stdout=said, stderr=said)
        url = database_url or f"sqlite:///{data / 'dondoc.sqlite'}"
        one = cls(data, chosen["port"], chosen["prefect_port"], chosen["mail_port"], process, Path(log), url)
        try:
            yield one
        finally:
            process.kill()
            process.wait()
            one.engine.dispose()

    @cached_property
    def engine(self) -> Engine:
        """Its database, as another process sees it."""
        return open_engine(self.url, Keys(self.data / "secrets.key"))

    def job(self, name: JobName) -> Job:
        """A job's row."""
        with reading(self.engine) as session:
            return session.exec(select(Job).where(Job.name == name)).one()

    def office(self) -> Office:
        """The bundled register and directive in its database."""
        set_up(self.engine, now=datetime.now(UTC), example=True)
        with reading(self.engine) as session:
            calendar = load_calendar(session)
        return Office(self.engine, Settings(data=self.data), calendar=calendar)

    @property
    def prefect(self) -> PrefectServer:
        return PrefectServer(self.data / "prefect", self.prefect_port)

    @property
    def prefect_pid(self) -> int:
        """The process of its Prefect server."""
        return int(json.loads((self.data / "prefect" / "server.json").read_text())["pid"])

    def sent(self, since: datetime) -> list[Letter]:
        """Letters that have left of those scheduled since a moment."""
        with reading(self.engine) as session:
            letters = session.exec(select(Letter).where(Letter.state == LetterState.SENT)).all()
        return [letter for letter in letters if letter.slot >= since]

    def mails(self) -> list[Message]:
        """What lies in the local mailbox."""
        return [message_from_bytes(path.read_bytes()) for path in sorted((self.data / "mailbox").rglob("*.eml"))]

    def site(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE)

    def runs(self, kind: str, **wanted: Any) -> list[dict[str, Any]]:
        """What Prefect knows of the runs of a kind ("flow_runs", "task_runs"), through its API."""
        url = f"http://127.0.0.1:{self.prefect_port}/api/{kind}/filter"
        body = {"flow_runs": {"id": wanted.pop("flow_run_id")}} if "flow_run_id" in wanted else {}
        answer = httpx.post(url, json=body | ({kind: wanted} if wanted else {}), timeout=PATIENCE)
        runs: list[dict[str, Any]] = answer.raise_for_status().json()
        return runs

    def artifacts(self) -> list[dict[str, Any]]:
        """The tables of what was done, in Prefect's pages."""
        url = f"http://127.0.0.1:{self.prefect_port}/api/artifacts/filter"
        answer = httpx.post(url, json={"sort": "CREATED_DESC"}, timeout=PATIENCE)
        shown: list[dict[str, Any]] = answer.raise_for_status().json()
        return [one for one in shown if one["type"] == "markdown"]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Its exit code, and all it said."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE), self.log.read_text(encoding="utf-8")


def wait_for(found: Callable[[], Any], what: str) -> Any:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if value := found():
                return value
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    pytest.fail(f"waited {PATIENCE:.0f} s for {what}")
