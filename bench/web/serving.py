"""The site in a process of its own, answering as `dondoc serve` has it answer, at a fixed moment."""

import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from sqlalchemy import Engine

from bench.keys import KEYS
from bench.web.register import NOW
from models.database.session import open_engine
from models.settings import MailSettings, Settings
from web.app import create_app
from web.request.request_context import Guest
from web.server import listen, serve_site

EMPTY = "/bench/empty"
"""The layout and nothing in it: what the stack costs by itself."""


def make_app(engine: Engine, data: Path) -> FastAPI:
    """The site as of NOW, with the empty page beside its own."""
    app = create_app(engine, Settings(data=data, mail=MailSettings(mode="local"), requests_per_minute=10**6))
    app.state.site.now = lambda: NOW

    @app.get(EMPTY)
    def empty(visit: Guest) -> HTMLResponse:
        return visit.page("layout.html")

    return app


@contextmanager
def served(url: str, data: Path) -> Iterator[int]:
    """The port on loopback where the installation answers, as long as the context lasts."""
    context = multiprocessing.get_context("spawn")  # nothing of this process is in the other
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(url, data, theirs))
    process.start()
    theirs.close()
    try:
        yield ours.recv()
    finally:
        ours.close()
        process.join()


def _serve(url: str, data: Path, parent: Connection) -> None:
    engine = open_engine(url, KEYS)
    with listen("127.0.0.1", 0) as bound:
        stop = threading.Event()
        parent.send(bound.getsockname()[1])
        threading.Thread(target=_wait_for_end, args=(parent, stop), daemon=True).start()
        serve_site(make_app(engine, data), bound, stop)
    engine.dispose()


def _wait_for_end(parent: Connection, stop: threading.Event) -> None:
    """Until the other end of the pipe is closed, by the parent's will or with it."""
    try:
        parent.recv()
    except EOFError:
        stop.set()
