"""The README's "Use it", typed word for word into an empty folder on today's date."""

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.text.localtime import local_date
from tests.commands.terminal import Cli

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"## Use it\n+```sh\n(.*?)```", re.DOTALL)


def test_the_commands_of_the_readme_work_word_for_word(
    cli: Cli, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = _BLOCK.search((ROOT / "README.md").read_text("utf-8"))
    assert block is not None
    today = str(local_date(datetime.now(UTC)))
    lines = block[1].replace("$(date +%F)", today).replace("--out bao-cao.docx", f"--out {tmp_path / 'bao-cao.docx'}")
    monkeypatch.chdir(ROOT)
    commands = [shlex.split(line, comments=True)[1:] for line in lines.splitlines()]
    assert len(commands) > 12
    for words in commands:
        if words[0] == "serve":
            continue  # tests/serve
        given = [str(cli.task("4")["id"]) if word == "ID" else word for word in words]
        answer = cli(*given)
        is_doctor = words[0] == "doctor"  # which finds that nobody administers it
        assert answer.code == 0 or is_doctor, f"{words}: {answer.err or answer.out}"
