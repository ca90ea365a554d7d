"""A worker: takes runs from the pool and does each in a process of its own, until it is told to stop.

A process pool of Prefect, with what it leaves open closed: a run's process is told nothing that it does not need, is
out of reach of the terminal's Ctrl-C, and is waited for when the worker ends.
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

# a session of its own: Ctrl-C at the terminal is for the worker, which waits for what is under way
_CHILD = "import os, runpy; os.setsid(); runpy.run_module('prefect.engine', run_name='__main__')"


class _Run(ProcessJobConfiguration):
    """One run's process: this very interpreter, without the workspace that Prefect would prepare for foreign code."""

    def prepare_for_flow_run(self, *given: Any, **named: Any) -> None:
        self.command = self.command or command_to_string([sys.executable, "-P", "-c", _CHILD])
        super().prepare_for_flow_run(*given, **named)


class Worker(ProcessWorker):
    """A worker on a process pool that can be told to take nothing more."""

    job_configuration = _Run
    is_draining = False

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Ask for runs, unless it is about to end."""
        return [] if self.is_draining else await super().get_and_submit_flow_runs()


def work(pool: str, *, limit: int, name: str, heard: Callable[[str], None]) -> None:
    """Work until SIGTERM or SIGINT, then wait for the runs under way; a second signal does not.

    Needs the main thread, and `worker_environment` in force before Prefect was imported. `heard` hears "started",
    "draining" and "stopped".
    """
    asyncio.run(_work(pool, limit, name, heard))


async def _work(pool: str, limit: int, name: str, heard: Callable[[str], None]) -> None:
    worker = Worker(work_pool_name=pool, name=name, limit=limit, create_pool_if_not_found=False)
    asked, loop = asyncio.Queue[int](), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.put_nowait, number)
    working = asyncio.create_task(worker.start(printer=lambda *_words: heard("started")))
    ending = asyncio.create_task(_drained(worker, asked, heard))
    await asyncio.wait((working, ending), return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        ending.cancel()
        working.result()  # it ended by itself: with the reason
    working.cancel()
    await asyncio.wait((working,))
    heard("stopped")


async def _drained(worker: Worker, asked: asyncio.Queue[int], heard: Callable[[str], None]) -> None:
    await asked.get()
    worker.is_draining = True
    heard("draining")
    while worker.limiter.borrowed_tokens and asked.empty():
        await asyncio.sleep(_LOOK_SECONDS)
