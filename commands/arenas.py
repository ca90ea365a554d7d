"""How the C library hands out memory to the threads of a service that runs for months."""

import ctypes
import sys

_M_ARENA_MAX = -8  # of malloc.h
ARENAS = 2


def keep_few_arenas() -> None:
    """Threads share ARENAS heaps from now on, instead of up to eight for every core; nothing without glibc.

    A tick runs in threads of its own, each of which glibc gives a heap that is never handed back: 84 of the
    503 MB that `serve` and its Prefect server held after half an hour. To be called before threads are started.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "gnu_get_libc_version"):
            libc.mallopt(_M_ARENA_MAX, ARENAS)
