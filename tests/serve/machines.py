"""Several machines on one: each a process with a data folder of its own, one PostgreSQL, one Prefect server."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from models.database.secret_keys import Keys
from tests.serve.serving import ROOT
from workflows.jobs.prefect.prefect_server import PrefectServer

AUTH = "dondoc:a-long-password"
MAIL_PASSWORD = "mail-secret-of-nobody-else"
DATABASE_PASSWORD = "database-secret-of-nobody-else"
SECRETS_KEY = "5ec2e7" + "0" * 58
KEYS = Keys(Path("/nowhere/secrets.key"), SECRETS_KEY, is_shared=True)


@dataclass(frozen=True)
class Machines:
    """What all machines share."""

    home: Path
    server: PrefectServer
    database_url: str
    mail_port: int

    def environment(self, name: str, **more: str) -> dict[str, str]:
        """What a machine is told; nothing of it is in a file."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DONDOC_", "PREFECT_"))}
        own = {
            "DATA": str(self.home / name),
            "LANGUAGE": "en",
            "DATABASE_URL": self.database_url,
            "SECRETS_KEY": SECRETS_KEY,
            "PREFECT_API_URL": self.server.api_url,
            "PREFECT_AUTH": AUTH,
            "MAIL_MODE": "smtp",
            "MAIL_HOST": "127.0.0.1",
            "MAIL_PORT": str(self.mail_port),
            "MAIL_PASSWORD": MAIL_PASSWORD,
            "TICK_SECONDS": "86400",
        }
        return inherited | {f"DONDOC_{key}": value for key, value in (own | more).items()}

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What Prefect knows, through its API."""
        user, _colon, password = AUTH.partition(":")
        answer = httpx.post(
            f"{self.server.api_url}{path}", json=dict(body or {}), auth=(user, password), timeout=60, trust_env=False
        )
        return answer.raise_for_status().json()

    def forget(self, run_id: str) -> None:
        """Takes a run away before anybody does it."""
        user, _colon, password = AUTH.partition(":")
        gone = httpx.delete(
            f"{self.server.api_url}/flow_runs/{run_id}", auth=(user, password), timeout=60, trust_env=False
        )
        gone.raise_for_status()

    def runs(self, flow: str) -> list[dict[str, Any]]:
        """The runs of a flow, the oldest first."""
        found: list[dict[str, Any]] = self.ask("/flow_runs/filter", {"flows": {"name": {"any_": [flow]}}})
        return sorted(found, key=lambda run: str(run["created"]))

    def command(self, name: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A command on a machine, from its beginning to its end."""
        return subprocess.run(
            [sys.executable, "-c", "import dondoc; dondoc.main()", *words],
            cwd=ROOT,
            env=self.environment(name, **more),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def json(self, name: str, *words: str, **more: str) -> Any:
        done = self.command(name, *words, "--json", **more)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def talking(self, name: str, text: str) -> Iterator[Callable[..., Any]]:
        """A few lines of Python on a machine that answer each line of JSON by one; a process, as Prefect has threads.

        What is asked is given to the function, which returns the answer.
        """
        log = self.home / f"{name}.log"
        with log.open("ab") as errors:
            process = subprocess.Popen(
                [sys.executable, "-c", text],
                cwd=ROOT,
                env=self.environment(name),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert process.stdin is not None and process.stdout is not None
        given, said = process.stdin, process.stdout

        def ask(*words: Any) -> Any:
            print(json.dumps(words), file=given, flush=True)
            answer = said.readline()
            assert answer, log.read_text()
            return json.loads(answer)

        try:
            yield ask
        finally:
            process.kill()
            process.communicate()

    @contextmanager
    def running(self, name: str, *words: str, **more: str) -> Iterator["Machine"]:
        """A command that runs until it is told to stop."""
        (self.home / name).mkdir(exist_ok=True)
        log = self.home / f"{name}.log"
        with log.open("ab") as to:
            process = subprocess.Popen(
                [sys.executable, "-c", "import dondoc; dondoc.main()", *words],
                cwd=ROOT,
                env=self.environment(name, **more),
                stdout=to,
                stderr=to,
            )
        try:
            yield Machine(process, log)
        finally:
            process.kill()
            process.wait()


@dataclass(frozen=True)
class Machine:
    """A running command, and what it says."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self, words: str) -> bool:
        """Whether it has said so, and still runs."""
        assert self.process.poll() is None, self.log.read_text()
        return words in self.log.read_text()

    def stop(self) -> int:
        """Its exit code, once told to stop."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)

    def lose(self, *pids: int) -> None:
        """The machine is gone from one moment to the next, with these processes of its runs."""
        for pid in (self.process.pid, *pids):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
