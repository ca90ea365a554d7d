"""The stage of the drill: the first release's code put out, its database made by itself, processes of both releases."""

import json
import os
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

FIRST_RELEASE = "d188ee8"
"""The last commit whose newest migration is 0002."""
HERE = Path(__file__).parents[2]
PATIENCE = 600.0  # seconds, far above what anything here takes


@dataclass
class Stage:
    """Where the drill plays. Each release has a host, which has read its code and forks whoever is to play."""

    folder: Path
    url: str
    smtp: int
    epoch: float = field(default_factory=time.time)
    hosts: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    playing: set[str] = field(default_factory=set)

    def put_out(self) -> None:
        """Both releases, each in its folder, each with its host."""
        packed = subprocess.run(["git", "archive", FIRST_RELEASE], cwd=HERE, capture_output=True, check=True).stdout
        old = self.folder / "first-release"
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            archive.extractall(old, filter="data")
        for release, tree in (("old", old), ("new", HERE)):
            self.ports[release] = _free_port()
            environment = os.environ | {
                "PYTHONPATH": str(tree),
                "DONDOC_DATABASE_URL": self.url,
                "DONDOC_LANGUAGE": "en",
                "DONDOC_DATA": str(self.folder / f"data-{release}"),
            }
            self.hosts[release] = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("actor.py"))],
                stdin=subprocess.PIPE,
                env=environment,
                cwd=tree,
                text=True,
            )

    def start(self, release: str, role: str, *, name: str = "", share: tuple[int, int] = (0, 1)) -> None:
        """A process of a release in a role, until `stop`."""
        self._begin(release, name or f"{release}-{role}", role, share=share)
        if role == "site":
            _until(lambda: _answers(self.ports[release]), "the site")

    def begin(self, release: str, *words: str) -> str:
        """`dondoc` of a release with these words; gives the name by which `end` waits for it."""
        name = f"command-{time.monotonic_ns()}"
        self._begin(release, name, "command", words=words)
        return name

    def end(self, name: str) -> str:
        """What a command said. Raises where it did not succeed."""
        done = self.folder / f"{name}.done"
        _until(lambda: done.exists() and done.read_text(), name)
        self.playing.discard(name)
        told = self._log(name).read_text() if self._log(name).exists() else ""
        fault = Path(f"{self._log(name)}.fault")
        if done.read_text() != "0":
            raise RuntimeError(f"{name}: {done.read_text()}\n{told}\n{fault.read_text() if fault.exists() else ''}")
        return told

    def ask(self, release: str, *words: str) -> Any:
        """The answer of a command as JSON."""
        told = self.end(self.begin(release, *words, "--json"))
        return json.loads(told[told.index("{") : told.rindex("}") + 1])

    def make(self, units: int) -> None:
        """The first release sets the database up, fills a register and launches to all of it."""
        self.end(self.begin("old", "init", "--empty"))
        self._begin("old", "made", "make", units=units)
        self.end("made")

    def at_work(self, *names: str) -> None:
        """Waits until each of them has done something more: on a busy machine that takes a while."""
        before = {name: self._size(name) for name in names}
        for name in names:
            _until(lambda name=name: self._size(name) > before[name], name)  # type: ignore[misc]

    def stop(self, release: str) -> None:
        """Ends all processes of a release, each after the call it is in; the site last."""
        site = f"{release}-site"
        ours = {name for name in self.playing if name.startswith(f"{release}-")}
        for name in ours - {site}:
            (self.folder / f"{name}.stop").touch()
        for name in [*(ours - {site}), *(ours & {site})]:
            (self.folder / f"{name}.stop").touch()
            self.end(name)

    def close(self) -> None:
        """Whatever still plays is told to stop, and the hosts end."""
        for name in self.playing:
            (self.folder / f"{name}.stop").touch()
        for host in self.hosts.values():
            assert host.stdin is not None
            host.stdin.close()
            host.wait(PATIENCE)

    def calls(self) -> list[dict[str, Any]]:
        """Everything that was called, with the release of who called it."""
        return [
            {"release": path.stem.partition("-")[0], **json.loads(line)}
            for release in self.hosts
            for path in sorted(self.folder.glob(f"{release}-*.log"))
            for line in path.read_text().splitlines()
        ]

    def _begin(self, release: str, name: str, role: str, **more: Any) -> None:
        for ending in ("stop", "done"):
            (self.folder / f"{name}.{ending}").unlink(missing_ok=True)
        self.playing.add(name)
        given = {
            "role": role,
            "release": release,
            "log": str(self._log(name)),
            "stop": str(self.folder / f"{name}.stop"),
            "done": str(self.folder / f"{name}.done"),
            "pages": str(self.folder / f"{release}.pages"),
            "epoch": self.epoch,
            "smtp": self.smtp,
            "port": self.ports[release],
            **more,
        }
        host = self.hosts[release]
        assert host.stdin is not None
        host.stdin.write(json.dumps(given) + "\n")
        host.stdin.flush()

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _size(self, name: str) -> int:
        return self._log(name).stat().st_size if self._log(name).exists() else 0


def _until(found: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not found():
        if time.monotonic() > end:
            raise RuntimeError(f"waited {PATIENCE:.0f} s for {what}")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
