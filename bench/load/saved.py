"""A back-up made of the office under load, and brought back into a new place."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import Session

from bench.drill.checks import Check
from bench.keys import KEYS
from bench.results import ROOT
from models.database.session import open_engine, reading
from models.settings import Settings
from workflows.operations.backups.manifest import count_rows

SEND_HOLD = 1
"""Rows that a restore adds: the send hold, among the installation's facts."""
_PIPE = subprocess.PIPE


def ask(*words: str, env: Mapping[str, str], **more: Any) -> "subprocess.Popen[str]":
    """A command of ours, as `env` has its installation and with nothing of this process's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DONDOC_", "PREFECT_"))}
    return subprocess.Popen([sys.executable, "-m", "dondoc", *words], cwd=ROOT, env=kept | dict(env), text=True, **more)


def save(settings: Settings, file: Path) -> "subprocess.Popen[str]":
    """`dondoc backup`, going on beside everything else."""
    return ask("backup", str(file), "--json", env={"DONDOC_DATA": str(settings.data)}, stdout=_PIPE, stderr=_PIPE)


def check_saved(saving: "subprocess.Popen[str]", office: Engine, settings: Settings, file: Path) -> Iterator[Check]:
    """`dondoc restore` and `dondoc verify` in an empty folder, and every row counted there."""
    told, words = saving.communicate()
    yield Check("a back-up is made under load", words.partition("\n")[0], saving.returncode == 0)
    if saving.returncode:
        return
    rows: dict[str, int] = json.loads(told)["rows"]
    place = Settings(data=file.with_name("restored"), mail=settings.mail)
    place.data.mkdir()
    shutil.copy(settings.data / "secrets.key", place.data)  # in no back-up: it is kept elsewhere
    env = {"DONDOC_DATA": str(place.data)}
    for command in (("restore", str(file)), ("verify",)):
        done = ask(*command, env=env, stdout=_PIPE, stderr=subprocess.STDOUT)
        said = done.communicate()[0].partition("\n")[0]
        yield Check(f"`dondoc {command[0]}`", said, done.returncode == 0)
    engine = open_engine(place.url, KEYS)
    with reading(engine) as session, reading(office) as living:
        found = count_rows(session.connection())
        found["installation"] -= SEND_HOLD
        others = {
            name: (rows.get(name), found.get(name)) for name in {*rows, *found} if rows.get(name) != found.get(name)
        }
        yield Check(
            "as many rows came back as were saved",
            f"{sum(found.values()):,} of {len(found)} tables{f', not so: {others}' if others else ''}",
            not others,
        )
        lines = _lines(session)
        yield Check(
            "every line of its history stands in the office that went on",
            f"{len(lines):,} lines",
            len(lines) > 0 and lines <= _lines(living),
        )
    engine.dispose()


def _lines(session: Session) -> set[Any]:
    return set(session.execute(text("SELECT id, recorded_at, task_id, event FROM history")).all())
