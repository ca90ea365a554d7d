"""The way to a mail server. It can be cut from another thread at any moment, also while it is opened or secured."""

import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from notifications.deadlines import cut_after

CONNECT_SECONDS = 20.0
"""For each address of a host to answer."""


class SmtpLine:
    """The connections of one sender, one after the other. Whoever waits on one that is cut waits no longer."""

    def __init__(self) -> None:
        self.cut_because = ""  # "" while nobody has cut it
        self._socket: socket.socket | None = None

    def open(self, host: str, port: int, context: ssl.SSLContext | None) -> socket.socket:
        """Connect to the first address that answers; with a `context`, TLS begins at once. Raises OSError."""
        fault = OSError(f"no address of {host}")
        for family, kind, protocol, _name, address in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
            found = socket.socket(family, kind, protocol)
            try:
                self._hold(found)
                found.settimeout(CONNECT_SECONDS)
                found.connect(address)
            except OSError as error:
                found.close()
                fault = error
            else:
                # a letter's last packet leaves at once, and not only when the server has acknowledged the one before
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return found if context is None else context.wrap_socket(found, server_hostname=host)
        raise fault

    def _hold(self, opening: socket.socket) -> None:
        """Keep a handle of its own: while TLS begins, the library's own leads nowhere."""
        self.close()
        self._socket = opening.dup()
        if self.cut_because:
            raise TimeoutError(self.cut_because)

    def cut(self, why: str) -> None:
        """End it for whoever waits on it."""
        self.cut_because = self.cut_because or why
        if (held := self._socket) is not None:
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)

    def within(
        self, seconds: float, goes_on: Callable[[], bool] = lambda: True
    ) -> AbstractContextManager[Callable[[float], None]]:
        """Cut it after so many seconds, whatever comes: the time-out of a socket counts anew with each byte.

        Yields what gives it so many seconds from now on.
        """
        return cut_after(seconds, self.cut, goes_on)

    def close(self) -> None:
        held, self._socket = self._socket, None
        if held is not None:
            held.close()
