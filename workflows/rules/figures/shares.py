"""How many share one piece of work: as many as it is worth starting a process for."""

_ALONE = 2  # batches that one does by itself sooner than another has started


def helpers(found: int, *, batch: int, at_most: int) -> int:
    """Return how many runs beside the one that found `found` items: none for up to two batches, then one for each
    further.

    `at_most` counts all of them, the one that found them too.
    """
    return max(0, min(at_most - 1, -(-found // batch) - _ALONE))
