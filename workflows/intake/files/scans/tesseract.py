"""Find tesseract, the program that reads pictures of pages, and run it within bounds."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from workflows.bounded_process.limits import ROOM, SCAN_PATIENCE, SCAN_SECONDS, Unreadable, damaged

LANGUAGE = "vie"
INSTALL = "apt-get install --no-install-recommends tesseract-ocr tesseract-ocr-vie"
"""On Debian and Ubuntu; a page lying on its side needs `osd`, which the first package brings along."""
_LIST_SECONDS = 10  # seconds


def find_tesseract() -> str | None:
    return shutil.which("tesseract")


def has_language(program: str) -> bool:
    try:
        listing = subprocess.run(
            [program, "--list-langs"], capture_output=True, text=True, timeout=_LIST_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return LANGUAGE in (listing.stdout + listing.stderr).split()


def require_tesseract() -> str:
    """Return tesseract's path. Unreadable, with what to install, where it or its Vietnamese is missing."""
    program = find_tesseract()
    if program is None or not has_language(program):
        raise Unreadable(
            "file {file}: its pages are pictures (a scan), and this server cannot read pictures yet: the administrator"
            " installs what is missing by “{command}”; until then send the .docx, or a PDF with its text",
            command=INSTALL,
        )
    return program


def read_picture(program: str, folder: Path, name: str) -> None:
    """Read the picture `name`.png of a folder. Write its words to `name`.tsv, and as a text layer to `name`.pdf."""
    arguments = [f"{name}.png", name, "-l", LANGUAGE, "--psm", "3", "-c", "textonly_pdf=1", "tsv", "pdf"]
    if _run(program, folder, arguments) != 0 or not (folder / f"{name}.tsv").is_file():
        raise damaged()


def find_turn(program: str, folder: Path, name: str) -> tuple[int, str]:
    """Return the degrees by which a picture must be turned clockwise, and its script ("" for none)."""
    exit_code = _run(program, folder, [f"{name}.png", f"{name}-turn", "-l", "osd", "--psm", "0"])
    report = folder / f"{name}-turn.osd"
    if exit_code != 0 or not report.is_file():
        return 0, ""  # too few letters to tell
    facts = dict(line.split(": ", 1) for line in report.read_text(encoding="utf-8").splitlines() if ": " in line)
    return int(facts.get("Rotate", "0")), facts.get("Script", "")


def _run(program: str, folder: Path, arguments: list[str]) -> int:
    """Run tesseract in a bounded process without the settings of this one, and return its exit code."""
    environment = {"PATH": os.defpath, "HOME": str(folder), "LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
    if "TESSDATA_PREFIX" in os.environ:
        environment["TESSDATA_PREFIX"] = os.environ["TESSDATA_PREFIX"]
    paths = [str(folder / argument) if argument.startswith("page-") else argument for argument in arguments]
    command = [sys.executable, "-m", "workflows.bounded_process", "ocr", program, *paths]
    try:
        completed = subprocess.run(
            command, cwd=ROOM, env=environment, capture_output=True, timeout=SCAN_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise _page_too_slow(SCAN_PATIENCE) from None
    if completed.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise _page_too_slow(SCAN_SECONDS)
    return completed.returncode


def _page_too_slow(seconds: int) -> Unreadable:
    return Unreadable(
        "file {file}: reading one of its pages takes longer than {seconds} seconds; scan it at 300 dpi, in black and"
        " white, and send it again",
        seconds=seconds,
    )
