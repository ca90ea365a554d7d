"""The connection to a mail server. Another thread can cut it at any moment, also while it is opened or secured."""

import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from notifications.connection_deadlines import cut_after

CONNECT_SECONDS = 20.0
"""The time that each address of a host has to answer."""


class SmtpLine:
    """The connections of one sender, one after the other. To cut the line ends every wait on it."""

    def __init__(self) -> None:
        self.cut_reason = ""  # empty while nobody has cut it
        self._socket: socket.socket | None = None

    def open(self, host: str, port: int, context: ssl.SSLContext | None) -> socket.socket:
        """Connect to the first address that answers; with a `context`, TLS begins at once. Raises OSError."""
        fault = OSError(f"no address of {host}")
        for family, kind, protocol, _name, address in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
            connection = socket.socket(family, kind, protocol)
            try:
                self._hold(connection)
                connection.settimeout(CONNECT_SECONDS)
                connection.connect(address)
            except OSError as error:
                connection.close()
                fault = error
            else:
                # without it, a letter's last packet waits until the server has acknowledged the one before
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return connection if context is None else context.wrap_socket(connection, server_hostname=host)
        raise fault

    def _hold(self, connection: socket.socket) -> None:
        """Keep a handle of our own: while TLS begins, the library's own handle leads nowhere."""
        self.close()
        self._socket = connection.dup()
        if self.cut_reason:
            raise TimeoutError(self.cut_reason)

    def cut(self, reason: str) -> None:
        """End every wait on the line. The first reason counts."""
        self.cut_reason = self.cut_reason or reason
        if (connection := self._socket) is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def within(
        self, seconds: float, should_continue: Callable[[], bool] = lambda: True
    ) -> AbstractContextManager[Callable[[float], None]]:
        """Cut the line after these seconds, as `cut_after` does: a socket's time-out counts anew with each byte."""
        return cut_after(seconds, self.cut, should_continue)

    def close(self) -> None:
        connection, self._socket = self._socket, None
        if connection is not None:
            connection.close()
