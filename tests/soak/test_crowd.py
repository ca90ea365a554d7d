"""A night's seeds are shared by processes."""

from collections.abc import Iterator
from functools import partial

import pytest

from tests.soak.crowd import side_by_side

pytestmark = pytest.mark.long


def _numbers(first: int) -> Iterator[int]:
    yield first
    if first > 10:
        raise SystemExit(3)
    yield first + 1


def test_what_each_process_finds_comes_together() -> None:
    assert sorted(side_by_side([partial(_numbers, 1), partial(_numbers, 5)])) == [1, 2, 5, 6]


def test_a_process_that_fails_is_told_and_the_work_of_the_others_is_kept() -> None:
    came = list[int]()
    with pytest.raises(RuntimeError, match=r"\[0, 3\]"):
        came.extend(side_by_side([partial(_numbers, 1), partial(_numbers, 11)]))
    assert sorted(came) == [1, 2, 11]
