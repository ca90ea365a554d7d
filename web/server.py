"""The site on its socket: bound first, served until an event says stop."""

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
"""New objects between two collections: a board makes tens of thousands and no cycle, and the usual 700 cost it a third
of its time."""
_LAST_ANSWERS = 5  # seconds that requests under way get to finish


@contextmanager
def listen(host: str, port: int) -> Iterator[socket.socket]:
    """The site's socket. Refused where it cannot be had."""
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
    # asyncio does so itself only where a socket names its protocol; else an answer's second packet waits 40 ms
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with bound:
        yield bound


def serve_site(app: FastAPI, bound: socket.socket, stop: Event) -> None:
    """Answer until `stop` is set; leave signals to whoever called."""
    config = uvicorn.Config(
        app,
        log_config=None,  # its errors go where ours do: models.operations.logs
        log_level="warning",
        access_log=False,  # links in letters are keys: they belong in no log
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=_LAST_ANSWERS,
    )
    # what is there before the first request stays: the collector need not walk through it after every few pages
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY, 20, 20)
    asyncio.run(_Server(config, stop).serve([bound]))


class _Server(uvicorn.Server):
    """Left to itself the library takes the signals, and raises them again when all is done: no clean exit code."""

    def __init__(self, config: uvicorn.Config, stop: Event) -> None:
        super().__init__(config)
        self._stop = stop

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def on_tick(self, counter: int) -> bool:
        return self._stop.is_set() or await super().on_tick(counter)
