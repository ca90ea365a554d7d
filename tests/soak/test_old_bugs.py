"""Bugs put back on purpose: each is found, and told as a small story."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from tests.soak import bugs
from tests.soak.soak import smallest, tell
from tests.soak.stage import Stage
from tests.soak.story import write_story

DAYS, MOST_SEEDS = 10, 6
Bug = Callable[[], AbstractContextManager[Any]]

FOUND_BY: dict[Bug, tuple[str, int]] = {
    bugs.mark_without_fence: ("fence", 2),
    bugs.forgotten_resend: ("once", 2),
    bugs.mark_after_data: ("uncertain", 1),
    bugs.told_though_over: ("truth", 1),
    bugs.no_last_look: ("truth", 5),
}
"""The invariant, and the seed that the search begins with: to look through those before it takes long."""


@pytest.mark.parametrize("bug", FOUND_BY, ids=lambda bug: bug.__name__)
def test_an_old_bug_put_back_is_found(stage: Stage, bug: Bug) -> None:
    kind, first = FOUND_BY[bug]
    with bug():
        for seed in range(first, first + MOST_SEEDS):
            story = write_story(seed, DAYS, harsh=True)
            result = stage.run(seed, story)
            if result.violations:
                break
        assert result.violations, f"{MOST_SEEDS} seeds found nothing"
        assert result.violations[0].kind == kind, result.violations
        small = smallest(stage, seed, story, result, runs=5)
        again = stage.run(seed, small)
        told = tell(seed, DAYS, small, story, again.violations)
    assert again.violations, told
    assert not stage.run(seed, small).violations, "without the bug the same story is well"
