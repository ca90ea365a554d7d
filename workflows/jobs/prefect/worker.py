"""A worker: it takes runs from the work pool, and runs each in a process of its own, until it is told to stop.

It changes three things about Prefect's own process worker. A run's process gets only the environment that it needs, the
terminal's Ctrl-C does not reach it, and the worker waits for it at the end.
"""

import asyncio
import signal
import sys
from collections.abc import Callable
from typing import Any

from prefect.client.schemas.objects import FlowRun
from prefect.utilities.processutils import command_to_string
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker

_LOOK_SECONDS = 0.2

# a session of its own: Ctrl-C at the terminal reaches only the worker, which waits for its runs
_CHILD = "import os, runpy; os.setsid(); runpy.run_module('prefect.engine', run_name='__main__')"


class _Run(ProcessJobConfiguration):
    """The process of one run: this interpreter, without the workspace that Prefect prepares for foreign code."""

    def prepare_for_flow_run(self, *given: Any, **named: Any) -> None:
        self.command = self.command or command_to_string([sys.executable, "-P", "-c", _CHILD])
        super().prepare_for_flow_run(*given, **named)


class Worker(ProcessWorker):
    """A process worker that can be told to take no more runs."""

    job_configuration = _Run
    is_draining = False

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Ask for runs, unless the worker is about to end."""
        return [] if self.is_draining else await super().get_and_submit_flow_runs()


def work(pool: str, *, limit: int, name: str, heard: Callable[[str], None]) -> None:
    """Work until SIGTERM or SIGINT, then wait for the runs under way. A second signal ends the wait.

    It needs the main thread, and `worker_environment` must be set before Prefect is imported. `heard` is called with
    "started", "draining" and "stopped".
    """
    asyncio.run(_work(pool, limit, name, heard))


async def _work(pool: str, limit: int, name: str, heard: Callable[[str], None]) -> None:
    worker = Worker(work_pool_name=pool, name=name, limit=limit, create_pool_if_not_found=False)
    signals, loop = asyncio.Queue[int](), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, signals.put_nowait, number)
    working = asyncio.create_task(worker.start(printer=lambda *_words: heard("started")))
    ending = asyncio.create_task(_drain(worker, signals, heard))
    await asyncio.wait((working, ending), return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        ending.cancel()
        working.result()  # raises the error with which the worker ended by itself
    working.cancel()
    await asyncio.wait((working,))
    heard("stopped")


async def _drain(worker: Worker, signals: asyncio.Queue[int], heard: Callable[[str], None]) -> None:
    await signals.get()
    worker.is_draining = True
    heard("draining")
    while worker.limiter.borrowed_tokens and signals.empty():
        await asyncio.sleep(_LOOK_SECONDS)
