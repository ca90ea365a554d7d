"""Makes a failing story small: drops steps, then faults, as long as the same invariant still breaks (ddmin)."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.soak.story import Step

Fails = Callable[[Sequence[Step]], bool]


def shrink(steps: Sequence[Step], fails: Fails, *, runs: int) -> list[Step]:
    """The fewest steps found of which `fails` still says so, asked at most so many times."""
    left = runs
    kept, parts = list(steps), 2
    while len(kept) > 1 and left > 0:
        size = max(1, len(kept) // parts)
        for start in range(0, len(kept), size):
            less = kept[:start] + kept[start + size :]
            left -= 1
            if left < 0:
                return kept
            if less and fails(less):
                kept, parts = less, max(2, parts - 1)
                break
        else:
            if size == 1:
                break
            parts = min(len(kept), parts * 2)
    return _without_faults(kept, fails, left)


def _without_faults(kept: list[Step], fails: Fails, left: int) -> list[Step]:
    for place, step in enumerate(kept):
        if step.fault is not None and left > 0:
            left -= 1
            less = [*kept[:place], replace(step, fault=None), *kept[place + 1 :]]
            if fails(less):
                kept = less
    return kept
