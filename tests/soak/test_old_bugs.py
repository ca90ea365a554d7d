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

FOUND_BY: dict[Bug, set[str]] = {
    bugs.mark_without_fence: {"fence"},
    bugs.forgotten_resend: {"once"},
    bugs.mark_after_data: {"uncertain"},
}


@pytest.mark.parametrize("bug", FOUND_BY, ids=lambda bug: bug.__name__)
def test_an_old_bug_put_back_is_found(stage: Stage, bug: Bug) -> None:
    with bug():
        for seed in range(1, MOST_SEEDS + 1):
            story = write_story(seed, DAYS, harsh=True)
            result = stage.run(seed, story)
            if result.violations:
                break
        assert result.violations, f"{MOST_SEEDS} seeds found nothing"
        assert result.violations[0].kind in FOUND_BY[bug], result.violations
        small = smallest(stage, seed, story, result, runs=12)
        again = stage.run(seed, small)
        told = tell(seed, DAYS, small, story, again.violations)
    assert again.violations, told
    assert not stage.run(seed, small).violations, "without the bug the same story is well"
