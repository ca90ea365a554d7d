"""`python -m tests.fire.every_command TASK`: every command's own example, one after the other, and every job.

What comes of each is not looked at: it may be refused, as long as it opens and closes the database as it does in life.
"""

import shlex
import sys
from collections.abc import Iterator
from typing import Any

from typer.main import get_command
from typer.testing import CliRunner

from dondoc import app
from models.operations.system_job import JobName
from workflows.jobs.system_jobs import written

_GO_ON = {"serve", "demo", "prefect-server", "deploy", "clock", "worker"}
"""Run until they are stopped, or need another server."""
_OTHERWISE = {"backup": "backup saved.tar", "tick": "tick", "doctor": "doctor", "secrets rotate": "secrets list"}
"""Examples that would fail before they open anything, or that live at another time or take the server's key away."""


def every_command(task: str) -> Iterator[list[str]]:
    """The words of each, `task` for the id that stands in examples."""
    for name, command in _leaves(get_command(app)):
        if name not in _GO_ON:
            words = _OTHERWISE.get(name) or command.epilog.partition("dondoc ")[2]
            yield [task if word == "3f9a1c20" else word for word in shlex.split(words)]
    for job in JobName:
        yield ["schedule", "run", written(job)]


def _leaves(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "list_commands"):
        yield name, command
        return
    for one in command.list_commands(None):
        yield from _leaves(command.get_command(None, one), f"{name} {one}".strip())


if __name__ == "__main__":
    for words in every_command(sys.argv[1]):
        done = CliRunner().invoke(app, words)
        sys.stdout.write(f"{done.exit_code} {shlex.join(words)}\n")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
