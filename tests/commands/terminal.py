"""A way to give commands as a user does, and to see how they end."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from dondoc import app


@dataclass(frozen=True)
class Answer:
    """How a command ended, and what it said where."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON document and nothing else."""
        return json.loads(self.out)


class Cli:
    """Gives commands as a user would; `json` also checks that they succeed."""

    def __call__(self, *args: object) -> Answer:
        sys.modules.pop("typer.rich_utils", None)  # it asks for its words once a process, which has one language
        result = CliRunner().invoke(app, [str(arg) for arg in args])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    def json(self, *args: object) -> Any:
        answer = self(*args, "--json")
        assert answer.code == 0, answer.err
        return answer.json

    def task(self, duty: str) -> Any:
        """The first task of a duty."""
        return self.json("task", "list", "--duty", duty, "--limit", 1)[0]


ROOT = Path(__file__).parents[2]


def shell(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real thing: another process, as `python -m dondoc`."""
    return subprocess.run(
        [sys.executable, "-m", "dondoc", *args],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
