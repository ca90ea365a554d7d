"""The machines of the drill: network namespaces joined by a bridge, or, where those are not allowed, process groups.

A namespace has its own addresses, ports and routes: what crosses from one to the other crosses a network. As process
groups the machines share loopback and have only their folders for themselves; the drill says which it was.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import psutil

_BRIDGE, _NET = "dondoc-br", "10.77.0"


@dataclass(frozen=True)
class Host:
    """One machine: an address of its own, a folder of its own, and a way to run programs on it."""

    name: str
    address: str
    folder: Path
    prefix: tuple[str, ...] = ()

    def run(self, arguments: Sequence[str], env: Mapping[str, str], log: str) -> "Popen[bytes]":
        """Starts a program in a session of its own; what it says goes into a file of the machine's folder."""
        with (self.folder / log).open("ab") as said:
            return Popen(
                [*self.prefix, *arguments],
                env=dict(env),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )


@contextmanager
def machines(folder: Path, *names: str) -> Iterator[tuple[Host, ...]]:
    """The first is this machine itself (the data's), the others are namespaces of their own where that is allowed."""
    here, there = names[0], names[1:]
    for name in names:
        (folder / name).mkdir(parents=True)
    if not _may_make_namespaces():
        yield tuple(Host(name, "127.0.0.1", folder / name) for name in names)
        return
    _remove(there)
    try:
        _ip("link", "add", _BRIDGE, "type", "bridge")
        _ip("addr", "add", f"{_NET}.1/24", "dev", _BRIDGE)
        _ip("link", "set", _BRIDGE, "up")
        hosts = [Host(here, f"{_NET}.1", folder / here)]
        for number, name in enumerate(there, 10):
            _join(name, f"{_NET}.{number}")
            hosts.append(Host(name, f"{_NET}.{number}", folder / name, ("ip", "netns", "exec", _space(name))))
        yield tuple(hosts)
    finally:
        _remove(there)


def kill_tree(process: "Popen[bytes]") -> int:
    """kill -9 of a process with all it has started, as when a machine loses its power. Returns how many there were."""
    with suppress(psutil.NoSuchProcess):
        whole = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
        for one in whole:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        process.wait()
        return len(whole)
    process.wait()
    return 0


def _may_make_namespaces() -> bool:
    if shutil.which("ip") is None or os.geteuid() != 0:
        return False
    tried = subprocess.run(["ip", "netns", "add", "dondoc-try"], capture_output=True, check=False)
    if tried.returncode == 0:
        _ip("netns", "del", "dondoc-try")
    return tried.returncode == 0


def _join(name: str, address: str) -> None:
    space, outer, inner = _space(name), _outer(name), "eth0"
    _ip("netns", "add", space)
    _ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", space)
    _ip("link", "set", outer, "master", _BRIDGE, "up")
    for command in (
        ("addr", "add", f"{address}/24", "dev", inner),
        ("link", "set", inner, "up"),
        ("link", "set", "lo", "up"),
    ):
        subprocess.run(["ip", "netns", "exec", space, "ip", *command], check=True)


def _remove(names: Sequence[str]) -> None:
    for name in names:
        subprocess.run(["ip", "netns", "del", _space(name)], capture_output=True, check=False)
        subprocess.run(["ip", "link", "del", _outer(name)], capture_output=True, check=False)
    subprocess.run(["ip", "link", "del", _BRIDGE], capture_output=True, check=False)


def _outer(name: str) -> str:
    return f"dd-{name}"[:15]  # the longest name of an interface


def _space(name: str) -> str:
    return f"dondoc-{name}"


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
