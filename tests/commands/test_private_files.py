"""What the program writes is for its own user alone, whatever the shell's habit and the folder's permissions."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.terminal import Cli

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]


def run(*words: str, data: Path) -> None:
    """A command as a shell runs it whose files are open to others by habit (umask 022)."""
    done = subprocess.run(
        [sys.executable, "-c", "import dondoc; dondoc.main()", *words],
        cwd=data.parent,
        env=os.environ | {"DONDOC_DATA": str(data), "PYTHONPATH": str(ROOT)},
        umask=0o022,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def open_below(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.stat().st_mode & 0o077]


def test_init_in_an_open_folder_and_restore_leave_nothing_open(tmp_path: Path) -> None:
    data, back = tmp_path / "data", tmp_path / "back"
    data.mkdir(mode=0o755)
    settings = data / "dondoc.toml"
    settings.write_text('language = "en"\n[mail]\npassword = "secret"\n')
    settings.chmod(0o644)
    run("init", data=data)
    assert open_below(data) == []
    run("backup", "saved.tar", data=data)
    assert not (tmp_path / "saved.tar").stat().st_mode & 0o077
    run("restore", "saved.tar", data=back)
    assert {"dondoc.toml", "dondoc.sqlite"} <= {path.name for path in back.iterdir()}
    assert open_below(back) == [] and not back.stat().st_mode & 0o077


def test_init_closes_what_was_left_open_and_says_so(cli: Cli, data: Path) -> None:
    (data / "evidence").mkdir(mode=0o755)
    (data / "dondoc.sqlite").chmod(0o644)
    (data / "secrets.key").chmod(0o600)
    answer = cli("init")
    assert "others on this machine could read dondoc.sqlite, evidence: now they cannot" in answer.err
    assert open_below(data) == []
    assert cli.json("init")["closed_to_others"] == []
