"""Files that other programs drop into folders of ours: messages of the exchange, replies, reports of mail servers."""

import os
from pathlib import Path
from typing import BinaryIO

DONE = "done"
"""The folder within such a folder to which files go once they are written down."""


def open_dropped(path: Path) -> BinaryIO:
    """Open one without following a link that it may have become since it was looked at; OSError then.

    A link to our own database, opened and closed, would drop all locks that this process has on it.
    """
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
