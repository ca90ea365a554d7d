"""The stage of the drill: the first release's code put out, its database made by itself, processes of both releases."""

import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import time
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

FIRST_RELEASE = "d188ee8"
"""The last commit whose newest migration is 0002."""
HERE = Path(__file__).parents[2]
_MAKE = """
from bench.register import fill_register
from models.session import open_engine, transaction
from models.settings import Settings
from workflows.calendar import load_calendar
from workflows.launch import default_coordinator, find_directive, launch
from datetime import UTC, date, datetime
engine = open_engine(Settings().url)
fill_register(engine, units={units})
with transaction(engine) as session:
    directive = find_directive(session, "bench")
    done = launch(
        session, directive, on=datetime(2004, 5, 10, 2, 0, tzinfo=UTC), due_on=date(2004, 5, 14),
        coordinator_id=default_coordinator(session, directive), calendar=load_calendar(session),
    )
print(done.created)
"""


@dataclass
class Stage:
    """Where the drill plays."""

    folder: Path
    url: str
    smtp: int
    epoch: float = field(default_factory=time.time)
    trees: dict[str, Path] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def put_out(self) -> None:
        """Both releases, each in its folder."""
        packed = subprocess.run(["git", "archive", FIRST_RELEASE], cwd=HERE, capture_output=True, check=True).stdout
        old = self.folder / "first-release"
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            archive.extractall(old, filter="data")
        self.trees = {"old": old, "new": HERE}
        self.ports = {release: _free_port() for release in self.trees}

    def make(self, units: int) -> int:
        """The first release sets the database up, fills a register and launches to all of it."""
        self.cli("old", "init", "--empty")
        return int(self.run("old", "-c", _MAKE.format(units=units)).strip())

    def run(self, release: str, *words: str) -> str:
        """A Python of a release, to its end. Raises where that was not a good one."""
        done = subprocess.run(
            [sys.executable, *words], env=self._env(release), cwd=self.trees[release],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{release} {words[-3:]}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def cli(self, release: str, *words: str) -> Any:
        """A command of a release, with its answer."""
        return json.loads(self.run(release, "-c", "from dondoc import main; main()", *words, "--json"))

    def begin_cli(self, release: str, *words: str) -> subprocess.Popen[str]:
        """A command that goes on while others do."""
        return subprocess.Popen(
            [sys.executable, "-c", "from dondoc import main; main()", *words], env=self._env(release),
            cwd=self.trees[release], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def start(self, release: str, role: str, *, name: str = "", share: str = "0/1") -> None:
        """A process of a release in a role."""
        name = name or f"{release}-{role}"
        words = [
            role, "--release", release, "--log", str(self.folder / f"{name}.log"), "--stop", str(self.folder / name),
            "--pages", str(self.folder / f"{release}.pages"), "--epoch", str(self.epoch), "--smtp", str(self.smtp),
            "--port", str(self.ports[release]), "--share", share,
        ]  # fmt: skip
        (self.folder / name).unlink(missing_ok=True)
        output = (self.folder / f"{name}.out").open("ab")
        self.running[name] = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("actor.py")), *words],
            env=self._env(release), cwd=self.trees[release], stdout=output, stderr=output,
        )  # fmt: skip
        if role == "site":
            self._wait_for(release)

    def at_work(self, *names: str) -> None:
        """Waits until each of them has done something: on a busy machine that takes a while."""
        logs = {name: self.folder / f"{name}.log" for name in names}
        before = {name: len(log.read_bytes()) if log.exists() else 0 for name, log in logs.items()}
        end = time.monotonic() + 300
        while any(not log.exists() or len(log.read_bytes()) <= before[name] for name, log in logs.items()):
            if time.monotonic() > end:
                raise RuntimeError(f"{', '.join(names)}: nothing done; see {self.folder}")
            time.sleep(0.1)

    def stop(self, release: str) -> None:
        """Ends all processes of a release, each after the call it is in; the site last."""
        ours = {name: one for name, one in self.running.items() if name.startswith(f"{release}-")}
        for name in ours:
            (self.folder / name).touch()
        for name, one in ours.items():
            if name != f"{release}-site":
                one.wait(120)
        site = ours[f"{release}-site"]
        site.send_signal(signal.SIGTERM)
        site.wait(60)
        for name in ours:
            del self.running[name]

    def kill(self) -> None:
        """Whatever still runs, where the drill has failed."""
        for one in self.running.values():
            one.kill()

    def calls(self) -> list[dict[str, Any]]:
        """Everything that was called, with who called it."""
        return [
            {"actor": path.stem, "release": path.stem.partition("-")[0], **json.loads(line)}
            for path in sorted(self.folder.glob("*.log"))
            for line in path.read_text().splitlines()
        ]

    def _env(self, release: str) -> dict[str, str]:
        data = self.folder / f"data-{release}"
        return os.environ | {
            "PYTHONPATH": str(self.trees[release]), "DONDOC_DATABASE_URL": self.url, "DONDOC_DATA": str(data),
            "DONDOC_LANGUAGE": "en",
        }  # fmt: skip

    def _wait_for(self, release: str) -> None:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", self.ports[release]), 1):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"the {release} site did not start: see {self.folder}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
