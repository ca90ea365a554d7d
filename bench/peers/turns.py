"""The line between the bench and a peer: it says what it is, then answers each line (how many items) with its seconds.

Standard library only: it is imported in the peers' environment too.
"""

import gc
import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

WARM_UP = 20
"""Items before the first turn is answered, so that nobody is timed while importing or connecting."""


def answer_turns(
    packages: list[str], empty: Callable[[], None], start: Callable[[int], None], overdue: Callable[[], int]
) -> None:
    """Answers on standard output until standard input ends; `empty` is not timed."""
    start(WARM_UP)
    assert overdue() == WARM_UP
    _say({"versions": {name: version(name) for name in packages}})
    for line in sys.stdin:
        items = int(line)
        empty()
        gc.collect()
        began = time.perf_counter()
        start(items)
        started = time.perf_counter()
        found = overdue()
        ended = time.perf_counter()
        _say({"start": started - began, "overdue": ended - started, "found": found})


def _say(answer: dict[str, object]) -> None:
    print(json.dumps(answer), flush=True)
