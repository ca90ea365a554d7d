"""The files in a winmail.dat, read in a process of its own."""

from base64 import b64decode

from workflows.apart.apart import ask_apart, check_size, named
from workflows.apart.turns import TURNS


def open_winmail(name: str, data: bytes) -> list[tuple[str, bytes]]:
    """BadInput where the winmail.dat (TNEF) cannot be read."""
    with named(name):
        check_size(data)
        with TURNS.take(None):
            found = ask_apart("workflows.replies.tnef.read_files", data)["files"]
        return [(str(one["name"]), b64decode(one["content"])) for one in found]
