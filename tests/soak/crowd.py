"""Several processes that play seeds side by side, each on a stage of its own."""

import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection, wait

from tests.soak.soak import Played, soak
from tests.soak.stage import open_stage

Work = Callable[[], Iterator[Played]]


def share(seeds: Iterable[int], days: int, until: float | None, *, on_postgresql: bool) -> Iterator[Played]:
    """Plays seeds on a stage of their own; begins none after `until` (seconds of the epoch)."""
    with ExitStack() as closing:
        stage = open_stage(closing, on_postgresql=on_postgresql)
        yield from soak(stage, seeds, days, lambda: until is None or time.time() < until)


def side_by_side(works: Sequence[Work]) -> Iterator[Played]:
    """What each of them yields, as it comes. One that fails is told once the others are done."""
    context = multiprocessing.get_context("spawn")
    running = {}
    for work in works:
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(work, there))
        process.start()
        there.close()
        running[here] = process
    left = list(running)
    while left:
        for one in wait(left):
            assert isinstance(one, Connection)
            try:
                yield one.recv()
            except EOFError:
                left.remove(one)
                running[one].join()
    codes = [process.exitcode for process in running.values()]
    if any(codes):
        raise RuntimeError(f"processes ended with {codes}")


def _work(work: Work, there: Connection) -> None:
    for played in work():
        there.send(played)
    there.close()
