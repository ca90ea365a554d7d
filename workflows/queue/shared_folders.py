"""Reads and shares files in folders that other programs use, such as the gateway of the document exchange.

The gateway runs as another user and reads and writes its folder. All other files are readable for us alone
(`dondoc.main`).
"""

import os
import stat
from pathlib import Path
from typing import BinaryIO

DONE = "done"
"""The subfolder that dropped files move to once they are stored."""
_DEFAULT_MODE = "0770"


def open_dropped(path: Path) -> BinaryIO:
    """Open a dropped file. Raises OSError where it has become a link since it was listed.

    Following a link to our own database and closing it would drop all locks of this process on the database.
    """
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")


def make_shared(top: Path, name: str, mode: str | None) -> Path:
    """Make the exchange's folder and the folder `name` in it, set their permissions, and return the inner one.

    `mode` is octal (`edxml.mode`). Without it a folder that exists keeps its permissions, and so does a folder of
    another user. Raises OSError.
    """
    top.parent.mkdir(parents=True, exist_ok=True)
    permissions = int(mode or _DEFAULT_MODE, 8)
    for folder in (top, top / name):
        is_new = not folder.exists()
        folder.mkdir(exist_ok=True)
        status = folder.stat()
        may_change = is_new or (mode is not None and status.st_uid == os.geteuid())
        if may_change and stat.S_IMODE(status.st_mode) != permissions:
            folder.chmod(permissions)
    return top / name


def share(file: Path) -> None:
    """Give a file of ours the permissions of its folder, without execution."""
    file.chmod(file.parent.stat().st_mode & 0o666)
