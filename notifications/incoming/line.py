"""A line to another server on which every wait ends.

The time-out of a socket counts anew with each byte: a server that sends one now and then outlives it. Here each reply
and each piece sent has a deadline by the monotonic clock, a reply is bounded, and whoever is told to stop stops.
"""

import math
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from notifications.smtp.clocks import CLOCKS, Clocks

CONNECT_SECONDS = 20.0
"""For the connection over all addresses of a host, and for each handshake of TLS."""
LOOK_SECONDS = 0.5
"""Between two questions whether to go on waiting."""
MOST_LINES, MOST_BYTES = 200, 64 * 1024
"""Of one reply. RFC 5321 allows 512 bytes a line and sets no number of lines."""
_PIECE = 8 * 1024


def _goes_on() -> bool:
    return True


@dataclass
class Patience:
    """How long to wait: each step to its own end, and none beyond `until` (on the monotonic clock, seconds).

    `goes_on` is asked about twice a second while somebody waits; False ends the wait.
    """

    clocks: Clocks = CLOCKS
    until: float = math.inf
    goes_on: Callable[[], bool] = field(default=_goes_on)

    def limit(self, seconds: float) -> None:
        """Set the end of everything to so many seconds from now."""
        self.until = self.clocks.monotonic() + seconds

    def end_of(self, seconds: float) -> float:
        """Return when a step that begins now must have ended."""
        return min(self.clocks.monotonic() + seconds, self.until)

    def slice(self, until: float) -> float:
        """Return the seconds of the next wait. Raises TimeoutError at the end, and where nobody waits any more."""
        left = min(until, self.until) - self.clocks.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        if not self.goes_on():
            raise TimeoutError("left, as this program was told to stop")
        return min(left, LOOK_SECONDS)


def dial(host: str, port: int, patience: Patience) -> socket.socket:
    """Connect to the first address of a host that answers; all of them together get `CONNECT_SECONDS`."""
    until, fault = patience.end_of(CONNECT_SECONDS), OSError(f"no address of {host}")
    for family, kind, protocol, _name, address in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
        line = socket.socket(family, kind, protocol)
        try:
            left = until - patience.clocks.monotonic()
            if left <= 0 or not patience.goes_on():
                raise TimeoutError("timed out")
            line.settimeout(left)
            line.connect(address)
        except OSError as error:
            line.close()
            fault = error
        else:
            return line
    raise fault


def send_all(line: Any, data: bytes, patience: Patience, seconds: float) -> None:
    """Hand bytes over, each piece of a few kilobytes within so many seconds. Raises OSError."""
    rest = memoryview(data)
    while rest:
        until, piece = patience.end_of(seconds), rest[:_PIECE]
        while piece:
            line.settimeout(patience.slice(until))
            with suppress(TimeoutError):
                sent = line.send(piece)
                piece, rest = piece[sent:], rest[sent:]


class Replies:
    """What comes in over a line, in place of the file that a library would read from."""

    def __init__(self, line: Any, patience: Patience) -> None:
        self.line = line
        self._patience = patience
        self._read = bytearray()  # large literals come in many pieces
        self._until = 0.0
        self._lines = self._bytes = 0
        self._is_late = False
        self._most_lines, self._most_bytes = MOST_LINES, MOST_BYTES

    def begin(self, seconds: float, *, most_lines: int = MOST_LINES, most_bytes: int = MOST_BYTES) -> None:
        """Begin a reply, which is to be whole within so many seconds."""
        self._until = self._patience.end_of(seconds)
        self._lines = self._bytes = 0
        self._is_late = False
        self._most_lines, self._most_bytes = most_lines, most_bytes

    def readline(self, most: int = -1) -> bytes:
        """Return the next line, or `most` bytes of it; empty where the other side has gone."""
        self._lines += 1
        if self._lines > self._most_lines:
            raise OSError(f"a reply of more than {self._most_lines} lines")
        while (end := self._read.find(b"\n") + 1) == 0 and not 0 < most <= len(self._read):
            if not self._more():
                end = len(self._read)
                break
        end = end or len(self._read)
        return self._take(min(end, most) if most > 0 else end)

    def read(self, size: int) -> bytes:
        """Return so many bytes, fewer where the other side has gone."""
        while len(self._read) < size and self._more():
            pass
        return self._take(min(size, len(self._read)))

    def close(self) -> None:
        """Nothing is to be closed: the line is its owner's."""

    def _take(self, count: int) -> bytes:
        taken = bytes(self._read[:count])
        del self._read[:count]
        return taken

    def _more(self) -> bool:
        if self._bytes > self._most_bytes:
            raise OSError(f"a reply of more than {self._most_bytes} bytes")
        while True:
            try:
                seconds = self._patience.slice(self._until)
            except TimeoutError:
                if self._is_late:
                    raise
                self._is_late, seconds = True, LOOK_SECONDS  # what came while this process stood still is read
            self.line.settimeout(seconds)
            try:
                came = self.line.recv(_PIECE)
            except TimeoutError:
                continue
            finally:
                self.line.settimeout(CONNECT_SECONDS)  # for a handshake, which the library does next
            self._read += came
            self._bytes += len(came)
            return bool(came)
