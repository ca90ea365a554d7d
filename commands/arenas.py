"""Limit the memory that glibc reserves for the threads of a service that runs for months."""

import ctypes
import sys

_M_ARENA_MAX = -8  # of malloc.h
ARENAS = 2


def keep_few_arenas() -> None:
    """Let threads share ARENAS heaps, instead of up to eight for every core. Call it before threads are started.

    A tick runs in threads of its own. glibc gives each a heap and never frees it: these were 84 of the 503 MB that
    `serve` and its Prefect server held after half an hour. Other C libraries are left alone.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "gnu_get_libc_version"):
            libc.mallopt(_M_ARENA_MAX, ARENAS)
