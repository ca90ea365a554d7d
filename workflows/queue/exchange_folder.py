"""Folders that we share with another maker's program, the gateway of the document exchange.

All else that we write is for us alone (`dondoc.main`); here the gateway reads and writes too, as another user.
"""

import os
import stat
from pathlib import Path

_NEW = "0770"


def make_shared(top: Path, name: str, mode: str | None) -> Path:
    """Make the exchange's folder, and one in it, with the permissions that they are to have; return the latter.

    What is there keeps its permissions, unless a mode is chosen (`edxml.mode`) and it is ours. Raises OSError.
    """
    top.parent.mkdir(parents=True, exist_ok=True)
    wanted = int(mode or _NEW, 8)
    for folder in (top, top / name):
        is_new = not folder.exists()
        folder.mkdir(exist_ok=True)
        found = folder.stat()
        is_ours = is_new or (mode is not None and found.st_uid == os.geteuid())
        if is_ours and stat.S_IMODE(found.st_mode) != wanted:
            folder.chmod(wanted)
    return top / name


def share(file: Path) -> None:
    """Give a file of ours the permissions of its folder, but none to be run."""
    file.chmod(file.parent.stat().st_mode & 0o666)
