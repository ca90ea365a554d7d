"""The format of Word 97–2003, through a program of the machine where there is one.

LibreOffice makes a .docx of it, which is then read as any other; antiword, where only that is there, gives plain text.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from workflows.bounded_process.limits import PATIENCE, ROOM, SECONDS, Unreadable, damaged, too_slow

_KILLED = (-signal.SIGKILL, 128 + signal.SIGKILL)
"""How a program ends that has used up its processor time, or its starting script after it."""
_PRINTED = "printed"
_SETTING = '<item oor:path="/org.openoffice.Office.{path}"><prop oor:name="{name}"><value>{value}</value></prop></item>'
_SETTINGS = (
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Writer/Content/Update", "Link", "2"),
)
"""No macro, no active content, nothing fetched that the document only points to."""


def office() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")


def antiword() -> str | None:
    return shutil.which("antiword")


def to_docx(program: str, data: bytes) -> bytes:
    """Convert a .doc with LibreOffice, in a folder of its own that is deleted afterwards."""
    with TemporaryDirectory(prefix="intake-") as name:
        folder = Path(name)
        (folder / "given.doc").write_bytes(data)
        profile = folder / "profile" / "user"
        profile.mkdir(parents=True)
        (profile / "registrymodifications.xcu").write_text(_settings(), encoding="utf-8")
        options = ["--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo"]
        options += [f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
        _run([program, *options, "--convert-to", "docx", "--outdir", name, f"{name}/given.doc"], folder)
        made = folder / "given.docx"
        if not made.is_file():
            raise damaged()
        return made.read_bytes()


def text_of(program: str, data: bytes) -> bytes:
    with TemporaryDirectory(prefix="intake-") as name:
        (Path(name) / "given.doc").write_bytes(data)
        _run([program, "-m", "UTF-8.txt", "-w", "0", f"{name}/given.doc"], Path(name))
        text = (Path(name) / _PRINTED).read_bytes()
        if not text.strip():
            raise damaged()
        return text


def unreadable_here() -> Unreadable:
    return Unreadable(
        "file {file}: it is in the old format of Word 97–2003, which this server cannot read; save it as .docx"
    )


def _run(command: list[str], folder: Path) -> None:
    """Run a program within bounds, without network access where possible. Its output goes into a file."""
    bounds = [sys.executable, "-m", "workflows.bounded_process", "run"]
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LANG": "C.UTF-8"}
    with (
        (folder / _PRINTED).open("wb") as printed,
        subprocess.Popen(
            [*bounds, *command],
            cwd=ROOM,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process,
    ):
        try:
            if process.wait(timeout=PATIENCE) in _KILLED:
                raise too_slow(SECONDS)
        except subprocess.TimeoutExpired:
            raise too_slow(PATIENCE) from None
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # LibreOffice is several processes
                os.killpg(process.pid, signal.SIGKILL)


def _settings() -> str:
    items = "".join(_SETTING.format(path=path, name=name, value=value) for path, name, value in _SETTINGS)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema">{items}</oor:items>'
    )
