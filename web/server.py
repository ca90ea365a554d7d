"""Serve the site on a socket until an event says stop."""

import asyncio
import gc
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import uvicorn
from fastapi import FastAPI

from models.errors import Refused

_COLLECT_EVERY = 50_000
"""New objects between two garbage collections. A board creates tens of thousands of objects and no cycle. With the
usual 700 the collector takes a third of its time.
"""
_SHUTDOWN_SECONDS = 5  # for requests under way


@contextmanager
def listen(host: str, port: int) -> Iterator[socket.socket]:
    """Yield the site's socket. Raise Refused if it cannot be opened."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Refused(
            "cannot listen on {host}:{port}: {reason}; another port: `dondoc serve --port …`",
            host=host,
            port=port,
            reason=os.strerror(error.errno) if error.errno and error.errno > 0 else str(error),
        ) from error
    # asyncio sets this only on sockets that name their protocol; without it an answer's second packet waits 40 ms
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with bound:
        yield bound


def serve_site(app: FastAPI, bound: socket.socket, stop: Event) -> None:
    """Answer until `stop` is set. Signals are the caller's to handle."""
    config = uvicorn.Config(
        app,
        log_config=None,  # errors go to models.operations.logs
        log_level="warning",
        access_log=False,  # links in letters are keys, which no log may contain
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    # objects that exist before the first request stay alive, so the collector need not visit them again
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY, 20, 20)
    asyncio.run(_Server(config, stop).serve([bound]))


class _Server(uvicorn.Server):
    """Does not handle signals. Uvicorn would raise them again after the shutdown, which spoils the exit code."""

    def __init__(self, config: uvicorn.Config, stop: Event) -> None:
        super().__init__(config)
        self._stop = stop

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def on_tick(self, counter: int) -> bool:
        return self._stop.is_set() or await super().on_tick(counter)
