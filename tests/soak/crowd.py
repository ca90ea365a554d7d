"""Several processes at work side by side."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import TypeVar

Piece = TypeVar("Piece")


def side_by_side(works: Sequence[Callable[[], Iterator[Piece]]]) -> Iterator[Piece]:
    """What each of them yields, as it comes. RuntimeError for one that failed, once the others are done."""
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


def _work(work: Callable[[], Iterator[Piece]], there: Connection) -> None:
    for piece in work():
        there.send(piece)
    there.close()
